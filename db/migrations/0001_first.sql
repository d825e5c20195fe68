-- Ids are UUID version 7 as text, times are microseconds since 1970 UTC (0: never), documents are JSON as text.

CREATE TABLE meta (
	one        INTEGER PRIMARY KEY CHECK (one = 1),
	generation BIGINT NOT NULL
);
INSERT INTO meta (one, generation) VALUES (1, 1);

CREATE TABLE settings (
	name       TEXT PRIMARY KEY,
	value      TEXT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE TABLE customers (
	id            TEXT PRIMARY KEY,
	slug          TEXT NOT NULL,
	name          TEXT NOT NULL,
	name_key      TEXT NOT NULL,
	callcenter_id TEXT,
	enabled       BOOLEAN NOT NULL,
	notes         TEXT NOT NULL,
	version       BIGINT NOT NULL,
	created_at    BIGINT NOT NULL,
	updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX customers_slug ON customers (slug);
CREATE UNIQUE INDEX customers_callcenter ON customers (callcenter_id);
CREATE INDEX customers_name ON customers (name_key, id);

CREATE TABLE integrations (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL,
	label       TEXT NOT NULL,
	type        TEXT NOT NULL,
	description TEXT NOT NULL,
	customer_id TEXT REFERENCES customers (id),
	enabled     BOOLEAN NOT NULL,
	revision    BIGINT NOT NULL,
	document    TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX integrations_name ON integrations (name);
CREATE INDEX integrations_customer ON integrations (customer_id);

CREATE TABLE integration_revisions (
	integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
	n              BIGINT NOT NULL,
	document       TEXT NOT NULL,
	author         TEXT NOT NULL,
	parts          TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (integration_id, n)
);

CREATE TABLE endpoints (
	id             TEXT PRIMARY KEY,
	integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
	name           TEXT NOT NULL,
	label          TEXT NOT NULL,
	type           TEXT NOT NULL,
	method         TEXT NOT NULL,
	enabled        BOOLEAN NOT NULL,
	position       BIGINT NOT NULL
);
CREATE UNIQUE INDEX endpoints_name ON endpoints (integration_id, name);

CREATE TABLE integrators (
	id              TEXT PRIMARY KEY,
	integration_id  TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
	customer_id     TEXT NOT NULL REFERENCES customers (id),
	label           TEXT NOT NULL,
	description     TEXT NOT NULL,
	callcenter_id   TEXT,
	host            TEXT NOT NULL,
	base_url        TEXT NOT NULL,
	allow_http      BOOLEAN NOT NULL,
	auth            TEXT NOT NULL,
	fields          TEXT NOT NULL,
	info            TEXT NOT NULL,
	iframe          TEXT NOT NULL,
	policy          TEXT NOT NULL,
	enabled         BOOLEAN NOT NULL,
	version         BIGINT NOT NULL,
	last_success_at BIGINT NOT NULL DEFAULT 0,
	last_failure_at BIGINT NOT NULL DEFAULT 0,
	last_run_id     TEXT NOT NULL DEFAULT '',
	last_cause      TEXT NOT NULL DEFAULT '',
	created_at      BIGINT NOT NULL,
	updated_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX integrators_callcenter ON integrators (integration_id, callcenter_id);
CREATE INDEX integrators_pair ON integrators (integration_id, customer_id);
CREATE INDEX integrators_customer ON integrators (customer_id);

CREATE TABLE secrets (
	owner_table TEXT NOT NULL,
	owner_id    TEXT NOT NULL,
	name        TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	key_id      TEXT NOT NULL,
	sealed      BYTEA NOT NULL,
	hint        TEXT NOT NULL,
	set_at      BIGINT NOT NULL,
	PRIMARY KEY (owner_table, owner_id, name)
);

CREATE TABLE variables (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	value       TEXT NOT NULL,
	encrypted   BOOLEAN NOT NULL,
	version     BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX variables_name ON variables (name, customer_id);

CREATE TABLE allow_entries (
	id          TEXT PRIMARY KEY,
	customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
	target      TEXT NOT NULL,
	ports       TEXT NOT NULL,
	reason      TEXT NOT NULL,
	added_by    TEXT NOT NULL,
	created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX allow_entries_target ON allow_entries (customer_id, target, ports);

CREATE TABLE users (
	id            TEXT PRIMARY KEY,
	email         TEXT NOT NULL,
	email_key     TEXT NOT NULL,
	name          TEXT NOT NULL,
	role          TEXT NOT NULL,
	password_hash TEXT NOT NULL,
	enabled       BOOLEAN NOT NULL,
	version       BIGINT NOT NULL,
	created_at    BIGINT NOT NULL,
	updated_at    BIGINT NOT NULL,
	last_login_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email_key);

-- A customer's id stays in this list when the customer is deleted: an emptied list would mean every customer.
CREATE TABLE user_customers (
	user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	customer_id TEXT NOT NULL,
	PRIMARY KEY (user_id, customer_id)
);

CREATE TABLE sessions (
	hash       TEXT PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	address    TEXT NOT NULL,
	agent      TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE links (
	hash       TEXT PRIMARY KEY,
	purpose    TEXT NOT NULL,
	user_id    TEXT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL
);

CREATE TABLE api_keys (
	id           TEXT PRIMARY KEY,
	name         TEXT NOT NULL,
	hash         TEXT NOT NULL,
	hint         TEXT NOT NULL,
	role         TEXT NOT NULL,
	created_by   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	last_used_at BIGINT NOT NULL,
	revoked_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

-- As with user_customers, a deleted customer's id stays.
CREATE TABLE api_key_customers (
	api_key_id  TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
	customer_id TEXT NOT NULL,
	PRIMARY KEY (api_key_id, customer_id)
);

CREATE TABLE audit_entries (
	id          TEXT PRIMARY KEY,
	at          BIGINT NOT NULL,
	actor_kind  TEXT NOT NULL,
	actor_id    TEXT NOT NULL,
	actor_name  TEXT NOT NULL,
	address     TEXT NOT NULL,
	action      TEXT NOT NULL,
	subject     TEXT NOT NULL,
	subject_id  TEXT NOT NULL,
	name        TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	changes     TEXT NOT NULL,
	words       TEXT NOT NULL
);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id, id);
CREATE INDEX audit_entries_customer ON audit_entries (customer_id, id);

-- What ended in each hour for each integrator: health, the picture of runs per hour, and the cut of retention.
CREATE TABLE run_hours (
	hour           BIGINT NOT NULL,
	integrator_id  TEXT NOT NULL,
	customer_id    TEXT NOT NULL,
	integration_id TEXT NOT NULL,
	runs           BIGINT NOT NULL,
	ok             BIGINT NOT NULL,
	failed         BIGINT NOT NULL,
	bytes          BIGINT NOT NULL,
	bodies         BIGINT NOT NULL,
	PRIMARY KEY (hour, integrator_id)
);
