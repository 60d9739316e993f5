//! The migrations of both databases make the same tables.

/// What a migration says, without comments, spacing, and the clause that SQLite does not need.
fn statements(sql: &str) -> Vec<String> {
    let code: String =
        sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect::<Vec<_>>().join(" ");
    let code = code.replace(r#" COLLATE "C""#, "");
    code.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn both_databases_get_the_same_tables_columns_and_indices() {
    let sqlite = statements(include_str!("../../../migrations/sqlite/0001_house/up.sql"));
    let postgres = statements(include_str!("../../../migrations/postgres/0001_house/up.sql"));
    assert!(sqlite.len() > 40, "{} statements", sqlite.len());
    assert_eq!(sqlite, postgres);
    let questions_go = statements(include_str!("../../../migrations/sqlite/0002_questions_go/up.sql"));
    let in_postgres = include_str!("../../../migrations/postgres/0002_questions_go/up.sql")
        .replace("payload::json -> 'question' ->> 'id'", "json_extract(payload, '$.question.id')");
    assert_eq!(questions_go, statements(&in_postgres));
    let numbers = statements(include_str!("../../../migrations/sqlite/0005_revocation_numbers/up.sql"));
    let in_postgres = include_str!("../../../migrations/postgres/0005_revocation_numbers/up.sql");
    assert_eq!(numbers, statements(in_postgres));
    let ingest = statements(include_str!("../../../migrations/sqlite/0007_ingest/up.sql"));
    assert_eq!(ingest, statements(include_str!("../../../migrations/postgres/0007_ingest/up.sql")));
    let news = statements(include_str!("../../../migrations/sqlite/0008_news/up.sql"));
    assert_eq!(news, statements(include_str!("../../../migrations/postgres/0008_news/up.sql")));
    let nodes = statements(include_str!("../../../migrations/sqlite/0009_nodes/up.sql"));
    assert_eq!(nodes, statements(include_str!("../../../migrations/postgres/0009_nodes/up.sql")));
    let pictures = statements(include_str!("../../../migrations/sqlite/0010_pictures/up.sql"));
    assert_eq!(pictures, statements(include_str!("../../../migrations/postgres/0010_pictures/up.sql")));
    let channels = statements(include_str!("../../../migrations/sqlite/0011_channels/up.sql"));
    assert_eq!(channels, statements(include_str!("../../../migrations/postgres/0011_channels/up.sql")));
    let images = statements(include_str!("../../../migrations/sqlite/0012_images/up.sql"));
    let in_postgres =
        include_str!("../../../migrations/postgres/0012_images/up.sql").replace("BYTEA", "BLOB");
    assert_eq!(images, statements(&in_postgres));
    let offsets = statements(include_str!("../../../migrations/sqlite/0013_offsets/up.sql"));
    assert_eq!(offsets, statements(include_str!("../../../migrations/postgres/0013_offsets/up.sql")));
    let keys = statements(include_str!("../../../migrations/sqlite/0016_keys/up.sql"));
    assert_eq!(keys, statements(include_str!("../../../migrations/postgres/0016_keys/up.sql")));
    let operator = statements(include_str!("../../../migrations/sqlite/0018_operator/up.sql"));
    assert_eq!(operator, statements(include_str!("../../../migrations/postgres/0018_operator/up.sql")));
    let webhooks = statements(include_str!("../../../migrations/sqlite/0019_webhooks/up.sql"));
    assert_eq!(webhooks, statements(include_str!("../../../migrations/postgres/0019_webhooks/up.sql")));
    let logo = statements(include_str!("../../../migrations/sqlite/0020_logo/up.sql"));
    let in_postgres = include_str!("../../../migrations/postgres/0020_logo/up.sql").replace("BYTEA", "BLOB");
    assert_eq!(logo, statements(&in_postgres));
    let recordings = statements(include_str!("../../../migrations/sqlite/0021_recordings/up.sql"));
    assert_eq!(recordings, statements(include_str!("../../../migrations/postgres/0021_recordings/up.sql")));
}

#[test]
fn the_way_back_is_the_same_for_both() {
    let sqlite = statements(include_str!("../../../migrations/sqlite/0001_house/down.sql"));
    let postgres = statements(include_str!("../../../migrations/postgres/0001_house/down.sql"));
    assert_eq!(sqlite, postgres);
    let sqlite = include_str!("../../../migrations/sqlite/0002_questions_go/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0002_questions_go/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0005_revocation_numbers/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0005_revocation_numbers/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0007_ingest/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0007_ingest/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0008_news/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0008_news/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0009_nodes/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0009_nodes/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0010_pictures/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0010_pictures/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0011_channels/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0011_channels/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0012_images/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0012_images/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0013_offsets/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0013_offsets/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0016_keys/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0016_keys/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0018_operator/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0018_operator/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0019_webhooks/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0019_webhooks/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0020_logo/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0020_logo/down.sql"));
    let sqlite = include_str!("../../../migrations/sqlite/0021_recordings/down.sql");
    assert_eq!(sqlite, include_str!("../../../migrations/postgres/0021_recordings/down.sql"));
}
