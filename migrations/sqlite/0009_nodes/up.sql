-- Which servers work on this database: each says again and again that it is here, by the clock of the database.
CREATE TABLE nodes (
    boot TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);
-- What an account asked last in a stream, without reading all that was asked there.
CREATE INDEX questions_last_words ON questions (user_id, stream_id, created_at);
