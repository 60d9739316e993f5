ALTER TABLE site_settings DROP COLUMN logo_version;
DROP TABLE site_images;
