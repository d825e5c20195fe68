-- What was read from a foreign description of an API: operations that can be picked as endpoints. Without an
-- integration it belongs to whoever sent it, and goes when its time is over.

CREATE TABLE catalogues (
	id             TEXT PRIMARY KEY,
	integration_id TEXT REFERENCES integrations (id) ON DELETE CASCADE,
	owner          TEXT NOT NULL,
	title          TEXT NOT NULL,
	head           TEXT NOT NULL,
	operations     INTEGER NOT NULL,
	created_at     BIGINT NOT NULL,
	expires_at     BIGINT NOT NULL
);
CREATE INDEX catalogues_integration ON catalogues (integration_id);
CREATE INDEX catalogues_expires ON catalogues (expires_at);

CREATE TABLE catalogue_operations (
	catalogue_id TEXT NOT NULL REFERENCES catalogues (id) ON DELETE CASCADE,
	n            INTEGER NOT NULL,
	category     TEXT NOT NULL,
	name         TEXT NOT NULL,
	method       TEXT NOT NULL,
	path         TEXT NOT NULL,
	body         BOOLEAN NOT NULL,
	paginated    BOOLEAN NOT NULL,
	words        TEXT NOT NULL,
	operation    BYTEA NOT NULL,
	PRIMARY KEY (catalogue_id, n)
);
