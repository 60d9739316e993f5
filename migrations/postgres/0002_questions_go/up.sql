-- A question that is taken away is emptied, and so are the events that showed it.
ALTER TABLE questions ADD COLUMN deleted_at BIGINT;
ALTER TABLE events ADD COLUMN question_id TEXT; -- whose deletion turns this event into a tombstone
UPDATE events SET question_id = payload::json -> 'question' ->> 'id' WHERE kind IN ('question.created', 'question.answered');
CREATE INDEX events_by_question ON events (question_id) WHERE question_id IS NOT NULL;
CREATE INDEX questions_by_user ON questions (user_id, stream_id);
