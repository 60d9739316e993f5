-- What the operator decides while the server runs: one row. Null is what holds where nobody has decided. The version counts the
-- changes, so that a server never goes back to an older one.
CREATE TABLE site_settings (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,          -- always 'site'
    version BIGINT NOT NULL,
    name TEXT,
    description TEXT,
    accent TEXT COLLATE "C",
    rules TEXT,
    registration TEXT COLLATE "C",
    streams_by TEXT COLLATE "C"
);
INSERT INTO site_settings (id, version) VALUES ('site', 0);

-- Who may not write anywhere.
CREATE TABLE site_bans (
    user_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES users (id),
    until BIGINT,                          -- null is for good
    reason TEXT,
    banned_by TEXT COLLATE "C" REFERENCES users (id),              -- null is the command of an operator
    created_at BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('site_bans', 0);
CREATE INDEX site_bans_by_time ON site_bans (created_at, user_id);

-- What lets somebody register where that takes an invitation. A code is no secret of an account, and is shown again.
CREATE TABLE invitations (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    uses_left INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT                      -- null is never
);
CREATE UNIQUE INDEX invitations_by_code ON invitations (code);

-- Links by which somebody sets a new password: one an account. Of a link nothing is kept but its hash.
CREATE TABLE reset_links (
    user_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES users (id),
    hash TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX reset_links_by_hash ON reset_links (hash);

-- Since when an account waits for an operator to let it in; null is not.
ALTER TABLE users ADD COLUMN pending_since BIGINT;
CREATE INDEX users_pending ON users (pending_since) WHERE pending_since IS NOT NULL;

-- What is on record by whom, and of which kind.
CREATE INDEX audit_by_actor ON audit (actor_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
