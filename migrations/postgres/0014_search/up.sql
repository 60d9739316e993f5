-- The trigrams of what is shown, so that a text is found however long the log is. SQLite has a table of its own for that.
-- Where the extension is not installed or not allowed, a search reads the stream: the same answers, later. The extension is one for
-- the whole database; in the schema that everybody has, none of those who share it takes it along when it goes.
DO $$
DECLARE
    home TEXT;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN
        IF to_regnamespace('public') IS NOT NULL AND has_schema_privilege('public', 'CREATE') THEN
            CREATE EXTENSION pg_trgm SCHEMA public;
        ELSE
            CREATE EXTENSION pg_trgm;
        END IF;
    END IF;
    SELECT nspname INTO home FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    EXECUTE format(
        'CREATE INDEX comments_by_trigrams ON comments USING gin (search_key %I.gin_trgm_ops) WHERE seq IS NOT NULL AND deleted_at IS NULL',
        home
    );
EXCEPTION WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
    RAISE WARNING 'searches read whole streams: %', SQLERRM;
END
$$;
