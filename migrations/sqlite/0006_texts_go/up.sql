-- What is taken away leaves no text behind: neither in the events that showed it, nor in what was said about it.
ALTER TABLE events ADD COLUMN user_id TEXT; -- whose name this event shows: it goes with the account
UPDATE events SET user_id = json_extract(payload, '$.user.id') WHERE kind IN ('moderator.added', 'moderator.removed');
UPDATE events SET user_id = json_extract(payload, '$.announcement.user.id') WHERE kind = 'announcement.created';
CREATE INDEX events_by_user ON events (user_id) WHERE user_id IS NOT NULL;

-- What earlier versions have left.
UPDATE events SET payload = json_set(payload, '$.user.display_name', '')
    WHERE kind IN ('moderator.added', 'moderator.removed') AND user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL);
UPDATE events SET payload = json_set(payload, '$.announcement.user.display_name', '')
    WHERE kind = 'announcement.created' AND user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL);
UPDATE events SET payload = '{}' WHERE comment_id IN (SELECT id FROM comments WHERE deleted_at IS NOT NULL);
UPDATE comments SET content = '', search_key = '' WHERE state = 'rejected';
UPDATE reports SET reason = NULL
    WHERE comment_id IN (SELECT id FROM comments WHERE deleted_at IS NOT NULL)
    OR user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL);
