-- The trigrams of what is shown, so that a text is found however long the log is. Which comment it is, is the number of its stream
-- and its own; all comments of a stream lie side by side, in their order. What is deleted leaves the pages, too.
CREATE TABLE search_streams (
    number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    stream_id TEXT NOT NULL UNIQUE REFERENCES streams (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE comment_trigrams USING fts5(
    search_key, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('secure-delete', 1);
-- At 10,000 comments a second, twice the usual 4 halves the longest waits for a commit.
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('automerge', 8);

INSERT INTO search_streams (stream_id) SELECT id FROM streams ORDER BY created_at, id;
INSERT INTO comment_trigrams (rowid, search_key)
SELECT (number << 32) | seq, search_key FROM search_streams JOIN comments USING (stream_id)
WHERE seq IS NOT NULL AND search_key <> '' ORDER BY number, seq;

CREATE TRIGGER search_stream_begins AFTER INSERT ON streams BEGIN
    INSERT INTO search_streams (stream_id) VALUES (new.id);
END;

-- Before, because afterwards nobody knows the number any more. To take a comment out of the pages takes 0.4 ms, to write all of them
-- anew 6 us for each that is left: so one by one, or, where a 64th or more of all goes, together.
CREATE TRIGGER search_little_stream_ends BEFORE DELETE ON streams
WHEN old.comment_count * 64 < (SELECT sum(comment_count) FROM streams) BEGIN
    DELETE FROM comments WHERE stream_id = old.id;
END;
CREATE TRIGGER search_big_stream_ends BEFORE DELETE ON streams
WHEN old.comment_count * 64 >= (SELECT sum(comment_count) FROM streams) BEGIN
    INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('secure-delete', 0);
    DELETE FROM comments WHERE stream_id = old.id;
    INSERT INTO comment_trigrams (comment_trigrams) VALUES ('optimize');
    INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('secure-delete', 1);
END;

CREATE TRIGGER search_comment_comes AFTER INSERT ON comments WHEN new.seq IS NOT NULL BEGIN
    INSERT INTO comment_trigrams (rowid, search_key)
    SELECT (number << 32) | new.seq, new.search_key FROM search_streams WHERE stream_id = new.stream_id;
END;

CREATE TRIGGER search_comment_changes AFTER UPDATE OF seq, search_key ON comments
WHEN old.seq IS NOT new.seq OR old.search_key <> new.search_key BEGIN
    INSERT INTO comment_trigrams (comment_trigrams, rowid, search_key)
    SELECT 'delete', (number << 32) | old.seq, old.search_key FROM search_streams
    WHERE stream_id = old.stream_id AND old.seq IS NOT NULL AND old.search_key <> '';
    INSERT INTO comment_trigrams (rowid, search_key)
    SELECT (number << 32) | new.seq, new.search_key FROM search_streams
    WHERE stream_id = new.stream_id AND new.seq IS NOT NULL AND new.search_key <> '';
END;

CREATE TRIGGER search_comment_goes AFTER DELETE ON comments WHEN old.seq IS NOT NULL AND old.search_key <> '' BEGIN
    INSERT INTO comment_trigrams (comment_trigrams, rowid, search_key)
    SELECT 'delete', (number << 32) | old.seq, old.search_key FROM search_streams WHERE stream_id = old.stream_id;
END;
