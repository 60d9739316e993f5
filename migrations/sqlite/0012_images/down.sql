ALTER TABLE users DROP COLUMN cover_version;
ALTER TABLE users DROP COLUMN avatar_version;
DROP TABLE images;
