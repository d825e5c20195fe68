-- seq is made from the run's id and sorts as it does (see seqOf in the code).
CREATE TABLE runs (
	seq                BIGINT PRIMARY KEY,
	id                 TEXT NOT NULL,
	status             TEXT NOT NULL,
	cause              TEXT NOT NULL,
	summary            TEXT NOT NULL,
	result             TEXT,
	result_note        TEXT NOT NULL,
	integration_id     TEXT NOT NULL,
	integration        TEXT NOT NULL,
	revision           BIGINT NOT NULL,
	endpoint_id        TEXT NOT NULL,
	endpoint           TEXT NOT NULL,
	method             TEXT NOT NULL,
	integrator_id      TEXT NOT NULL,
	integrator_version BIGINT NOT NULL,
	integrator         TEXT NOT NULL,
	customer_id        TEXT NOT NULL,
	customer           TEXT NOT NULL,
	source             TEXT NOT NULL,
	test               BOOLEAN NOT NULL,
	run_key            TEXT NOT NULL,
	record_type        TEXT NOT NULL,
	record_id          TEXT NOT NULL,
	http_status        BIGINT NOT NULL,
	records            BIGINT NOT NULL,
	duration           BIGINT NOT NULL,
	created_by         TEXT NOT NULL,
	created_at         BIGINT NOT NULL,
	finished_at        BIGINT NOT NULL,
	dismissed_at       BIGINT NOT NULL,
	note               TEXT NOT NULL,
	bytes              BIGINT NOT NULL
);
CREATE INDEX runs_customer ON runs (customer_id, status, seq);
CREATE INDEX runs_endpoint ON runs (endpoint_id, status, seq);
CREATE INDEX runs_integration ON runs (integration_id, status, seq);
CREATE INDEX runs_trouble ON runs (status, seq) WHERE status <> 'succeeded';
CREATE INDEX runs_cause ON runs (cause, seq) WHERE cause <> '';

CREATE TABLE run_details (
	seq     BIGINT PRIMARY KEY,
	details BYTEA NOT NULL,
	bodies  BYTEA
);
ALTER TABLE run_details ALTER COLUMN details SET STORAGE EXTERNAL;
ALTER TABLE run_details ALTER COLUMN bodies SET STORAGE EXTERNAL;

-- The words are cut by our own code (see words in the code) and are stored as they are.
CREATE TABLE run_search (
	seq   BIGINT PRIMARY KEY,
	words TSVECTOR NOT NULL
);
CREATE INDEX run_search_words ON run_search USING GIN (words) WITH (gin_pending_list_limit = 256);
