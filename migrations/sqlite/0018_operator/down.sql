DROP INDEX audit_by_action;
DROP INDEX audit_by_actor;
DROP INDEX users_pending;
ALTER TABLE users DROP COLUMN pending_since;
DROP TABLE reset_links;
DROP TABLE invitations;
DROP TABLE site_bans;
DELETE FROM counters WHERE name = 'site_bans';
DROP TABLE site_settings;
