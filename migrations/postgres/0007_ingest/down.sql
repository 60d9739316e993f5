DROP TABLE ingest_keys;
ALTER TABLE users DROP COLUMN ingest_generation;
ALTER TABLE streams DROP COLUMN record;
ALTER TABLE streams DROP COLUMN auto_start;
ALTER TABLE streams DROP COLUMN ingest_generation;
