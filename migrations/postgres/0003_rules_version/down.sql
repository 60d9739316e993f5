ALTER TABLE streams DROP COLUMN rules_version;
