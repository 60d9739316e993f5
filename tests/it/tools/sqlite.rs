//! An SQLite database as another program sees it.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_types::Text,
};
use std::path::Path;

/// A connection of one's own.
pub struct Sqlite(SqliteConnection);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Sqlite {
    pub fn open(path: &Path) -> Sqlite {
        Sqlite(SqliteConnection::establish(path.to_str().expect("a plain name")).expect("the file opens"))
    }

    pub fn run(&mut self, sql: &str) {
        self.0.batch_execute(sql).expect("the database does it");
    }

    /// The column `value` of each row.
    pub fn values(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut self.0).expect("the database answers");
        rows.into_iter().map(|row| row.value).collect()
    }

    #[track_caller]
    pub fn assert_whole(&mut self) {
        let found = self.values("SELECT integrity_check AS value FROM pragma_integrity_check");
        assert_eq!(found, ["ok"]);
    }
}
