-- What an account wrote last in a stream, without sorting all it ever wrote there. Serves all that the old index did.
CREATE INDEX comments_last_words ON comments (user_id, stream_id, created_at);
DROP INDEX comments_by_user;
