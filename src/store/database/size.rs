//! How large the database is, and its disk. It must not know what is done about it.

use crate::store::{connection::Conn, error::Result};
use diesel::{prelude::*, sql_query, sql_types::BigInt};
use std::path::Path;

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// In bytes, with what is free in it.
pub(crate) fn bytes(conn: &mut Conn) -> Result<u64> {
    let sql = match conn {
        Conn::Sqlite(_) => {
            "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => "SELECT pg_database_size(current_database()) AS bytes",
    };
    Ok(sql_query(sql).get_result::<Size>(conn)?.bytes as u64)
}

/// How full a disk is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disk {
    /// What this program may still fill of it.
    pub free_bytes: u64,
    /// All of it.
    pub bytes: u64,
}

/// The disk of a directory, or of the nearest one above it that is there; none where the system does not say.
pub(crate) fn disk(dir: &Path) -> Option<Disk> {
    let found = dir.ancestors().find_map(|dir| rustix::fs::statvfs(dir).ok())?;
    Some(Disk { free_bytes: found.f_bavail * found.f_frsize, bytes: found.f_blocks * found.f_frsize })
}
