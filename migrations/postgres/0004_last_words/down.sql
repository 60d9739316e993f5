CREATE INDEX comments_by_user ON comments (user_id, stream_id);
DROP INDEX comments_last_words;
