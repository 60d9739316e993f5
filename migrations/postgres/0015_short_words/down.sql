-- Words of one letter and two are found by SQLite alone; pg_trgm has nothing to find them by.
SELECT 1;
