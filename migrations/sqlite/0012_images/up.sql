-- Avatars and covers, as they are served: small, and only by their account. Which one an account has stands with the account,
-- so that whoever shows it need not read the image.
CREATE TABLE images (
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    bytes BLOB NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind)
);
ALTER TABLE users ADD COLUMN avatar_version TEXT;
ALTER TABLE users ADD COLUMN cover_version TEXT;
