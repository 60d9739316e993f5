-- Counts the changes of what comments are judged by: a comment judged before the last of them is judged again.
ALTER TABLE streams ADD COLUMN rules_version BIGINT NOT NULL DEFAULT 0;
