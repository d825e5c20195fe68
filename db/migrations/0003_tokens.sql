-- Tokens that vendors gave integrators; their sealed values are among the secrets. Whoever renews one holds a
-- lease, which ends by itself when its holder dies.
CREATE TABLE auth_tokens (
	integrator_id TEXT PRIMARY KEY REFERENCES integrators (id) ON DELETE CASCADE,
	customer_id   TEXT NOT NULL,
	settings      TEXT NOT NULL DEFAULT '',
	serial        BIGINT NOT NULL DEFAULT 0,
	obtained_at   BIGINT NOT NULL DEFAULT 0,
	expires_at    BIGINT NOT NULL DEFAULT 0,
	refreshed_at  BIGINT NOT NULL DEFAULT 0,
	failed_at     BIGINT NOT NULL DEFAULT 0,
	failure       TEXT NOT NULL DEFAULT '',
	lease_owner   TEXT NOT NULL,
	lease_until   BIGINT NOT NULL
);

-- People who are on their way to a vendor to agree.
CREATE TABLE connections (
	hash          TEXT PRIMARY KEY,
	session       TEXT NOT NULL,
	integrator_id TEXT NOT NULL REFERENCES integrators (id) ON DELETE CASCADE,
	settings      TEXT NOT NULL,
	redirect      TEXT NOT NULL,
	verifier      BYTEA NOT NULL,
	expires_at    BIGINT NOT NULL
);
