-- Ids are UUIDv7 text, times are milliseconds since 1970; nothing defaults on the side of the database.
-- Ids compare byte by byte (COLLATE "C"), as they do in SQLite, whatever the locale of the database.

CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    username TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,         -- folded: look-alikes are the same name; kept when the account is deleted
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    may_host BOOLEAN NOT NULL,
    disabled_at BIGINT,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    generation INTEGER NOT NULL,           -- counts refreshes; the compare-and-set of a rotation
    refresh_hash TEXT NOT NULL,            -- SHA-256 of the refresh token in force
    rotated_at BIGINT NOT NULL,
    refresh_expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
-- Each server looks twice a second for what was ended; these hold only what was.
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX users_disabled ON users (disabled_at) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_deleted ON users (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE follows (
    follower_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    host_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (follower_id, host_id)
);

CREATE TABLE streams (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    host_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    search_key TEXT NOT NULL,              -- folded title and description
    visibility TEXT NOT NULL,
    status TEXT NOT NULL,
    scheduled_for BIGINT,
    playback_url TEXT,
    started_at BIGINT,
    ended_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,               -- the ETag: counts PATCH, start and end
    host_seen_at BIGINT NOT NULL,          -- a stream whose host stays away ends by itself
    last_seq BIGINT NOT NULL,              -- head of the event log
    comment_count BIGINT NOT NULL,
    peak_viewers BIGINT NOT NULL,
    pinned_comment_id TEXT COLLATE "C",
    comments_by TEXT NOT NULL,             -- from here on: the host's settings of the room
    slow_mode_s INTEGER NOT NULL,
    min_account_age_s INTEGER NOT NULL,
    repeat_window_s INTEGER NOT NULL,
    links TEXT NOT NULL,
    hold_all BOOLEAN NOT NULL
);
CREATE INDEX streams_listed ON streams (visibility, created_at, id);
CREATE INDEX streams_by_host ON streams (host_id, created_at, id);
CREATE INDEX streams_by_status ON streams (status, host_seen_at);

CREATE TABLE stream_tags (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag TEXT NOT NULL,
    tag_key TEXT NOT NULL,
    PRIMARY KEY (stream_id, position)
);
CREATE INDEX stream_tags_by_key ON stream_tags (tag_key, stream_id);

CREATE TABLE stream_members (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (stream_id, user_id)
);

CREATE TABLE stream_moderators (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (stream_id, user_id)
);

CREATE TABLE bans (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    until BIGINT,                          -- null is for good
    reason TEXT,
    banned_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (stream_id, user_id)
);

-- A comment is its own log event: comment.created at its seq. Held and rejected ones have no seq.
CREATE TABLE comments (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    seq BIGINT,
    logged_at BIGINT,                      -- ts of the event; differs from created_at where a moderator approved
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    search_key TEXT NOT NULL,
    style_mode TEXT,
    style_color INTEGER,
    style_size TEXT,
    reply_to TEXT COLLATE "C",
    client_id TEXT,                                    -- cleared with deletion: kept as long as the comment
    offset_ms BIGINT,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL,                   -- visible, held, rejected
    deleted_at BIGINT
);
CREATE UNIQUE INDEX comments_by_seq ON comments (stream_id, seq);
CREATE UNIQUE INDEX comments_by_client_id ON comments (stream_id, user_id, client_id);
CREATE INDEX comments_by_user ON comments (user_id, stream_id);
CREATE INDEX comments_held ON comments (stream_id, state, id);

-- All that is numbered and not a comment's creation. The payload is the frame's members after seq and ts, as JSON.
CREATE TABLE events (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    ts BIGINT NOT NULL,
    kind TEXT NOT NULL,
    comment_id TEXT COLLATE "C",                       -- whose deletion turns this event into a tombstone
    payload TEXT NOT NULL,
    PRIMARY KEY (stream_id, seq)
);
CREATE INDEX events_by_comment ON events (comment_id);

CREATE TABLE reports (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    stream_id TEXT COLLATE "C" NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    PRIMARY KEY (comment_id, user_id)
);
CREATE INDEX reports_open ON reports (stream_id, resolved_at);

CREATE TABLE terms (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (stream_id, position)
);

CREATE TABLE announcements (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX announcements_by_stream ON announcements (stream_id, id);

CREATE TABLE polls (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX polls_by_stream ON polls (stream_id, id);
-- One open poll a stream, whatever two hosts' windows do at once.
CREATE UNIQUE INDEX polls_open ON polls (stream_id) WHERE closed_at IS NULL;

CREATE TABLE poll_options (
    poll_id TEXT COLLATE "C" NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (poll_id, position)
);

CREATE TABLE poll_votes (
    poll_id TEXT COLLATE "C" NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (poll_id, user_id)
);
CREATE INDEX poll_votes_by_option ON poll_votes (poll_id, position);

CREATE TABLE questions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX questions_by_stream ON questions (stream_id, id);

CREATE TABLE question_votes (
    question_id TEXT COLLATE "C" NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (question_id, user_id)
);

CREATE TABLE reactions (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (stream_id, kind)
);

CREATE TABLE stream_minutes (
    stream_id TEXT COLLATE "C" NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    minute BIGINT NOT NULL,                -- minutes since 1970
    viewers BIGINT NOT NULL,               -- the most in that minute
    comments BIGINT NOT NULL,
    PRIMARY KEY (stream_id, minute)
);

-- Append-only. No foreign keys: what was done stays on record when its object is gone.
CREATE TABLE audit (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor_id TEXT COLLATE "C",
    session_id TEXT COLLATE "C",
    ip TEXT,
    action TEXT NOT NULL,
    stream_id TEXT COLLATE "C",
    target TEXT,
    outcome TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX audit_by_stream ON audit (stream_id, id);
