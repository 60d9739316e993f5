-- What encoders send with: which key is in force, what happens when a picture comes, and where each key that was shown leads.
ALTER TABLE streams ADD COLUMN ingest_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN auto_start BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE streams ADD COLUMN record BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN ingest_generation BIGINT NOT NULL DEFAULT 0;
CREATE TABLE ingest_keys (
    digest TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    stream_id TEXT COLLATE "C" REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ingest_keys_stream ON ingest_keys (stream_id) WHERE stream_id IS NOT NULL;
CREATE INDEX ingest_keys_user ON ingest_keys (user_id) WHERE user_id IS NOT NULL;
