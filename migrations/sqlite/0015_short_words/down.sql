DROP TRIGGER search_comment_goes;
DROP TRIGGER search_comment_changes;
DROP TRIGGER search_comment_comes;
DROP TRIGGER search_stream_ends;
DROP TABLE comment_letters;
DROP TABLE comment_trigrams;
CREATE VIRTUAL TABLE comment_trigrams USING fts5(
    search_key, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('secure-delete', 1);
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('automerge', 8);

INSERT INTO comment_trigrams (rowid, search_key)
SELECT (number << 32) | seq, search_key FROM search_streams JOIN comments USING (stream_id)
WHERE seq IS NOT NULL AND search_key <> '' ORDER BY number, seq;

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
