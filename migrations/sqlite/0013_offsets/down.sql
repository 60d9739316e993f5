DROP INDEX comments_by_offset;
