//! The migrations of both databases make the same tables, and take them away again.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each database does in its own way: to change JSON, and to find a text.
const APART: [&str; 3] = ["0006_texts_go", "0014_search", "0015_short_words"];

fn of(database: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database)
}

/// The names of all migrations of a database, in their order.
fn names(database: &str) -> Vec<String> {
    let folders = fs::read_dir(of(database)).expect("migrations").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a migration says, without comments and spacing, in the words of SQLite.
fn statements(database: &str, name: &str, way: &str) -> Vec<String> {
    let sql = fs::read_to_string(of(database).join(name).join(way)).expect("a migration");
    let code: String =
        sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect::<Vec<_>>().join(" ");
    let code = code.replace(r#" COLLATE "C""#, "").replace("BYTEA", "BLOB");
    let code = code.replace("payload::json -> 'question' ->> 'id'", "json_extract(payload, '$.question.id')");
    code.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn both_databases_get_the_same_tables_columns_and_indices_and_lose_them_alike() {
    let names_of_both = names("sqlite");
    assert_eq!(names_of_both, names("postgres"));
    assert!(statements("sqlite", &names_of_both[0], "up.sql").len() > 40);
    for name in names_of_both.iter().filter(|name| !APART.contains(&name.as_str())) {
        for way in ["up.sql", "down.sql"] {
            assert_eq!(statements("sqlite", name, way), statements("postgres", name, way), "{name}/{way}");
        }
    }
}
