-- Addresses that are told what happens in a channel, or on the whole site. Their secrets are made of the server's own.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    url TEXT NOT NULL,
    events TEXT NOT NULL,                  -- words with commas between, or *
    scope TEXT NOT NULL,
    preset TEXT,
    enabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    secret_version BIGINT NOT NULL,
    previous_until BIGINT,                 -- how long the secret before signs, too
    created_at BIGINT NOT NULL,
    failing_since BIGINT,
    failures BIGINT NOT NULL,              -- in a row
    next_at BIGINT,                        -- while it fails: not before
    node TEXT COLLATE "C",                 -- which run of a server delivers
    node_until BIGINT
);
CREATE INDEX webhooks_by_owner ON webhooks (owner_id, id);
CREATE INDEX webhooks_by_scope ON webhooks (scope);

-- How far a webhook is in a stream's log. A stream without a row: at the beginning.
CREATE TABLE webhook_cursors (
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, stream_id)
);
CREATE INDEX webhook_cursors_by_stream ON webhook_cursors (stream_id);

-- What a webhook is told that stands in no log, until it is delivered. Nothing of a comment or a stream is copied.
CREATE TABLE webhook_notices (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    once BOOLEAN NOT NULL,                 -- a test, or asked for again: tried at once, and once
    message TEXT NOT NULL,                 -- its id for whoever gets it
    kind TEXT NOT NULL,
    stream_id TEXT COLLATE "C",
    seq BIGINT,
    comment_id TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    payload TEXT
);
CREATE INDEX webhook_notices_by_webhook ON webhook_notices (webhook_id, once, at, id);
CREATE INDEX webhook_notices_by_stream ON webhook_notices (stream_id);

-- What a webhook was told lately, to look at, and to be told again.
CREATE TABLE webhook_deliveries (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    stream_id TEXT COLLATE "C",
    seq BIGINT,
    comment_id TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    payload TEXT,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_status BIGINT,
    last_error TEXT,
    next_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_deliveries_by_message ON webhook_deliveries (webhook_id, message);
CREATE INDEX webhook_deliveries_by_stream ON webhook_deliveries (stream_id);

-- Whether it says what holds in the whole channel, and stands in the logs of all its streams.
ALTER TABLE events ADD COLUMN of_channel BOOLEAN NOT NULL DEFAULT FALSE;
