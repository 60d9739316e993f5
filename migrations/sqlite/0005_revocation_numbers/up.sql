-- What ends a session or an account is numbered, so that a server that looks for it needs no clock.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('revocations', 0);
ALTER TABLE sessions ADD COLUMN revoked_no BIGINT;
ALTER TABLE users ADD COLUMN ended_no BIGINT;
DROP INDEX sessions_revoked;
DROP INDEX users_disabled;
DROP INDEX users_deleted;
CREATE INDEX sessions_revoked ON sessions (revoked_no) WHERE revoked_no IS NOT NULL;
CREATE INDEX users_ended ON users (ended_no) WHERE ended_no IS NOT NULL;
