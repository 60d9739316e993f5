DROP INDEX IF EXISTS comments_by_trigrams;
