-- What a host keeps from stream to stream. A row of channels is made when it is first needed, and held by whoever changes
-- what holds in all streams of the host; null is what the host has not set.
CREATE TABLE channels (
    host_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
    bio TEXT NOT NULL,
    comments_by TEXT,
    slow_mode_s INTEGER,
    min_account_age_s INTEGER,
    repeat_window_s INTEGER,
    links TEXT,
    hold_all BOOLEAN,
    news BIGINT NOT NULL DEFAULT 0         -- changes of what holds in streams that have ended, too
);

CREATE TABLE channel_links (
    host_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (host_id, position)
);

CREATE TABLE channel_moderators (
    host_id TEXT NOT NULL REFERENCES users (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, user_id)
);
CREATE INDEX channel_moderators_by_user ON channel_moderators (user_id);

CREATE TABLE channel_bans (
    host_id TEXT NOT NULL REFERENCES users (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    until BIGINT,                          -- null is for good
    reason TEXT,
    banned_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, user_id)
);
CREATE INDEX channel_bans_by_user ON channel_bans (user_id);

CREATE TABLE channel_terms (
    host_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (host_id, position)
);

-- Whose comments an account does not want to see.
CREATE TABLE ignored (
    user_id TEXT NOT NULL REFERENCES users (id),
    ignored_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, ignored_id)
);
CREATE INDEX ignored_by_ignored ON ignored (ignored_id);

-- Which of its settings a stream has of its own, by their names with commas between; the others are the channel's.
ALTER TABLE streams ADD COLUMN own_settings TEXT NOT NULL DEFAULT '';
CREATE INDEX stream_moderators_by_user ON stream_moderators (user_id);
CREATE INDEX follows_by_host ON follows (host_id);
