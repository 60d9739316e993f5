-- Words of one letter and two are found as beginnings of trigrams: so that each letter begins one, two signs that no text has stand
-- behind every text. And what makes the table short again, merges of what each commit wrote, is no longer done within the commits,
-- but beside them: by the server, which says when.
DROP TRIGGER search_comment_goes;
DROP TRIGGER search_comment_changes;
DROP TRIGGER search_comment_comes;
DROP TRIGGER search_big_stream_ends;
DROP TRIGGER search_little_stream_ends;
DROP TABLE comment_trigrams;

CREATE VIRTUAL TABLE comment_trigrams USING fts5(
    text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
-- Which comments have which trigram, by the trigram.
CREATE VIRTUAL TABLE comment_letters USING fts5vocab('comment_trigrams', 'instance');
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('secure-delete', 1);
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('automerge', 0);
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('usermerge', 16);
-- Where the server could not keep up, or another program wrote: better a long commit than a slow search.
INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES ('crisismerge', 512);

INSERT INTO comment_trigrams (rowid, text)
SELECT (number << 32) | seq, search_key || char(1, 1) FROM search_streams JOIN comments USING (stream_id)
WHERE seq IS NOT NULL AND search_key <> '' ORDER BY number, seq;
INSERT INTO comment_trigrams (comment_trigrams) VALUES ('optimize');

-- Before, because afterwards nobody knows the number any more.
CREATE TRIGGER search_stream_ends BEFORE DELETE ON streams BEGIN
    DELETE FROM comments WHERE stream_id = old.id;
END;

CREATE TRIGGER search_comment_comes AFTER INSERT ON comments WHEN new.seq IS NOT NULL BEGIN
    INSERT INTO comment_trigrams (rowid, text)
    SELECT (number << 32) | new.seq, new.search_key || char(1, 1) FROM search_streams WHERE stream_id = new.stream_id;
END;

CREATE TRIGGER search_comment_changes AFTER UPDATE OF seq, search_key ON comments
WHEN old.seq IS NOT new.seq OR old.search_key <> new.search_key BEGIN
    INSERT INTO comment_trigrams (comment_trigrams, rowid, text)
    SELECT 'delete', (number << 32) | old.seq, old.search_key || char(1, 1) FROM search_streams
    WHERE stream_id = old.stream_id AND old.seq IS NOT NULL AND old.search_key <> '';
    INSERT INTO comment_trigrams (rowid, text)
    SELECT (number << 32) | new.seq, new.search_key || char(1, 1) FROM search_streams
    WHERE stream_id = new.stream_id AND new.seq IS NOT NULL AND new.search_key <> '';
END;

CREATE TRIGGER search_comment_goes AFTER DELETE ON comments WHEN old.seq IS NOT NULL AND old.search_key <> '' BEGIN
    INSERT INTO comment_trigrams (comment_trigrams, rowid, text)
    SELECT 'delete', (number << 32) | old.seq, old.search_key || char(1, 1) FROM search_streams WHERE stream_id = old.stream_id;
END;
