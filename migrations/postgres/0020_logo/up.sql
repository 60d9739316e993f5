-- The site's own logo, as it is served: at most one. Which one it is stands with what else was decided for the site, so that whoever
-- shows it need not read the image.
CREATE TABLE site_images (
    kind TEXT COLLATE "C" PRIMARY KEY NOT NULL,        -- always 'logo'
    bytes BYTEA NOT NULL,
    updated_at BIGINT NOT NULL
);
ALTER TABLE site_settings ADD COLUMN logo_version TEXT;
