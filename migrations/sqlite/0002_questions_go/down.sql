DROP INDEX questions_by_user;
DROP INDEX events_by_question;
ALTER TABLE events DROP COLUMN question_id;
ALTER TABLE questions DROP COLUMN deleted_at;
