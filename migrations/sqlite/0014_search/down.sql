DROP TRIGGER search_comment_goes;
DROP TRIGGER search_comment_changes;
DROP TRIGGER search_comment_comes;
DROP TRIGGER search_big_stream_ends;
DROP TRIGGER search_little_stream_ends;
DROP TRIGGER search_stream_begins;
DROP TABLE comment_trigrams;
DROP TABLE search_streams;
