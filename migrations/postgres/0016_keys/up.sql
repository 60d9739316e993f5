-- Keys of accounts, for programs. Of a key itself nothing is kept but its hash and its first letters. One that was deleted
-- stays for a while, without its hash, so that every server hears of it; revoked_no is its number among all that was ended.
CREATE TABLE account_keys (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,                  -- words with commas between
    is_bot BOOLEAN NOT NULL,
    beginning TEXT NOT NULL,
    hash TEXT COLLATE "C",                 -- SHA-256; null once it is deleted
    created_at BIGINT NOT NULL,
    expires_at BIGINT,                     -- null is never
    last_used_at BIGINT,
    revoked_at BIGINT,
    revoked_no BIGINT
);
CREATE UNIQUE INDEX account_keys_by_hash ON account_keys (hash);
CREATE INDEX account_keys_by_user ON account_keys (user_id, id);
CREATE INDEX account_keys_revoked ON account_keys (revoked_no) WHERE revoked_no IS NOT NULL;

-- Whether it was written with the key of a bot.
ALTER TABLE comments ADD COLUMN by_bot BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE announcements ADD COLUMN by_bot BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE questions ADD COLUMN by_bot BOOLEAN NOT NULL DEFAULT FALSE;

-- With which key an act was done, where it was none of a session.
ALTER TABLE audit ADD COLUMN key_id TEXT COLLATE "C";
