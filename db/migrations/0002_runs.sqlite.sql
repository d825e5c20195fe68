-- What runs are looked for by has a column; what lists show beside it is in shown (see codec.shown in the code).
-- seq is made from the run's id and sorts as it does (see seqOf in the code); here it is the rowid.
CREATE TABLE runs (
	seq            INTEGER PRIMARY KEY,
	id             TEXT NOT NULL,
	status         TEXT NOT NULL,
	cause          TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	endpoint_id    TEXT NOT NULL,
	integrator_id  TEXT NOT NULL,
	customer_id    TEXT NOT NULL,
	test           BOOLEAN NOT NULL,
	created_at     BIGINT NOT NULL,
	dismissed_at   BIGINT NOT NULL,
	note           TEXT NOT NULL,
	bytes          BIGINT NOT NULL,
	shown          BYTEA NOT NULL
);
CREATE INDEX runs_customer ON runs (customer_id, status, seq);
CREATE INDEX runs_endpoint ON runs (endpoint_id, status, seq);
CREATE INDEX runs_integration ON runs (integration_id, status, seq);
CREATE INDEX runs_trouble ON runs (status, seq) WHERE status <> 'succeeded';
CREATE INDEX runs_cause ON runs (cause, seq) WHERE cause <> '';

CREATE TABLE run_details (
	seq     INTEGER PRIMARY KEY,
	details BYTEA NOT NULL,
	bodies  BYTEA
);

-- The words are cut by our own code (see words in the code), so the simplest tokenizer and no positions do.
CREATE VIRTUAL TABLE run_search USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
