ALTER TABLE audit DROP COLUMN key_id;
ALTER TABLE questions DROP COLUMN by_bot;
ALTER TABLE announcements DROP COLUMN by_bot;
ALTER TABLE comments DROP COLUMN by_bot;
DROP TABLE account_keys;
