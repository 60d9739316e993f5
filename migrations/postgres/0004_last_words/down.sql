CREATE INDEX CONCURRENTLY IF NOT EXISTS comments_by_user ON comments (user_id, stream_id);
DROP INDEX CONCURRENTLY IF EXISTS comments_last_words;
