-- What was said in a stretch of a stream, however long its log is: a replay asks for that all the time.
CREATE INDEX comments_by_offset ON comments (stream_id, offset_ms, seq);
