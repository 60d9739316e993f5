DROP INDEX users_ended;
DROP INDEX sessions_revoked;
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX users_disabled ON users (disabled_at) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;
ALTER TABLE users DROP COLUMN ended_no;
ALTER TABLE sessions DROP COLUMN revoked_no;
DROP TABLE counters;
