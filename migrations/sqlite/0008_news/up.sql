-- Counts the changes of what is not in the log: a server that has not heard of one finds it out by this number.
ALTER TABLE streams ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
