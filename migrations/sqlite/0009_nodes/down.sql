DROP INDEX questions_last_words;
DROP TABLE nodes;
