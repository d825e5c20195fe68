-- user_id is '' for a view that everybody sees, customer_id where its filter names no customer.
CREATE TABLE saved_views (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL,
	name_key    TEXT NOT NULL,
	query       TEXT NOT NULL,
	user_id     TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (user_id, name_key);
