ALTER TABLE events DROP COLUMN of_channel;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_notices;
DROP TABLE webhook_cursors;
DROP TABLE webhooks;
