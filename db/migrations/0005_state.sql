-- What calls remember for later calls of the same endpoint for the same integrator: a JSON text under each key.
-- There are no foreign keys: an endpoint's row is written anew with every revision, and a run that ends while its
-- integrator is deleted is still a run.

CREATE TABLE state (
	integrator_id TEXT NOT NULL,
	endpoint_id   TEXT NOT NULL,
	state_key     TEXT NOT NULL,
	value         TEXT NOT NULL,
	updated_at    BIGINT NOT NULL,
	expires_at    BIGINT NOT NULL,
	PRIMARY KEY (integrator_id, endpoint_id, state_key)
);
CREATE INDEX state_keys ON state (state_key);
CREATE INDEX state_expiry ON state (expires_at) WHERE expires_at > 0;
