DROP INDEX follows_by_host;
DROP INDEX stream_moderators_by_user;
ALTER TABLE streams DROP COLUMN own_settings;
DROP TABLE ignored;
DROP TABLE channel_terms;
DROP TABLE channel_bans;
DROP TABLE channel_moderators;
DROP TABLE channel_links;
DROP TABLE channels;
