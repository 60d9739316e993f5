//! The store, tried on a real database of each kind: a database of its own for each test.
//! It must not know the SQL behind the functions.

mod accounts;
mod hosting;
mod ingest;
mod listing;
mod logins;
mod moderation;
mod nodes;
mod numbering;
mod play;
mod pool;
mod search;
mod tables;
mod writing;

use super::{
    Comment, Person,
    accounts::{follows, sessions, users},
    comments::{Appended, Fate, NewComment},
    database::meta,
    interactions::{announcements, pins, polls, questions, reactions},
    moderation::{audit, bans, relations, review, terms},
    pool::Options,
    streams::stats,
    *,
};
use crate::domain::{
    CommentId, Millis, Role, RulesVersion, StreamId, UserId, Username, Visibility,
    accounts::username::NameKeys,
};
use std::path::PathBuf;

/// Runs functions that take a [`TestDatabase`] as tests over SQLite and over PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(&crate::store::tests::TestDatabase::sqlite()); })+
        }
        mod postgres {
            $(
                #[test]
                #[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
                fn $name() { super::$name(&crate::store::tests::TestDatabase::postgres()); }
            )+
        }
    };
}
pub(crate) use on_both;

/// When it is in these tests, unless time matters.
pub(crate) const NOW: Millis = Millis(1_700_000_000_000);

/// A store over a database that is gone with it.
pub(crate) struct TestDatabase {
    pub(crate) store: Store,
    pub(crate) url: String,
    _leave: Leave,
}

/// What to clean up.
enum Leave {
    Directory(PathBuf),
    #[cfg(feature = "postgres")]
    Schema {
        server: String,
        name: String,
    },
}

impl TestDatabase {
    pub(crate) fn sqlite() -> Self {
        let directory = std::env::temp_dir().join(format!("livehouse-store-{}", UserId::new()));
        let url = format!("sqlite:{}", directory.join("database.db").display());
        let store = Store::open(&url).unwrap();
        TestDatabase { store, url, _leave: Leave::Directory(directory) }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        use diesel::{Connection, connection::SimpleConnection};
        let server = std::env::var("LIVEHOUSE_TEST_POSTGRES_URL")
            .expect("LIVEHOUSE_TEST_POSTGRES_URL names a PostgreSQL for tests");
        let name = format!("house_{}", UserId::new().0.simple());
        let mut conn = diesel::PgConnection::establish(&server).unwrap();
        conn.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-csearch_path%3D{name}");
        let store = Store::open(&url).unwrap();
        TestDatabase { store, url, _leave: Leave::Schema { server, name } }
    }

    #[cfg(not(feature = "postgres"))]
    pub(crate) fn postgres() -> Self {
        panic!("this build has no PostgreSQL")
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> T {
        self.store.read_blocking(f).unwrap()
    }

    pub(crate) fn write<T>(&self, f: impl FnMut(&mut Tx) -> Result<T>) -> T {
        self.store.write_blocking(f).unwrap()
    }

    pub(crate) fn user(&self, name: &str) -> Person {
        let user = self.write(|tx| users::create(tx, &new_user(name)));
        Person { id: user.id, username: user.username, display_name: user.display_name }
    }

    pub(crate) fn stream(&self, host: &Person) -> StreamId {
        self.write(|tx| streams::create(tx, &new_stream(host.id, "A title"), NOW)).id
    }

    /// Stores a comment that is shown.
    pub(crate) fn says(&self, stream_id: StreamId, author: &Person, content: &str) -> Comment {
        match self.posts(stream_id, vec![new_comment(author, content)]).pop() {
            Some(Appended::New(Fate::Visible(comment))) => *comment,
            other => panic!("not stored: {other:?}"),
        }
    }

    /// Stores a comment that waits for a moderator.
    pub(crate) fn mutters(&self, stream_id: StreamId, author: &Person, content: &str) -> CommentId {
        let held = NewComment { held: true, ..new_comment(author, content) };
        match self.posts(stream_id, vec![held]).pop() {
            Some(Appended::New(Fate::Held(id))) => id,
            other => panic!("not held: {other:?}"),
        }
    }

    pub(crate) fn posts(&self, stream_id: StreamId, new: Vec<NewComment>) -> Vec<Appended> {
        self.write(|tx| append(tx, stream_id, &new))
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        match self {
            Leave::Directory(path) => {
                let _ = std::fs::remove_dir_all(path);
            }
            #[cfg(feature = "postgres")]
            Leave::Schema { server, name } => {
                use diesel::{Connection, connection::SimpleConnection};
                if let Ok(mut conn) = diesel::PgConnection::establish(server) {
                    let _ = conn.batch_execute(&format!("DROP SCHEMA {name} CASCADE"));
                }
            }
        }
    }
}

pub(crate) fn named(name: &str) -> NameKeys {
    Username::key_of(name)
}

pub(crate) fn new_user(name: &str) -> users::NewUser {
    users::NewUser {
        id: UserId::new(),
        username: name.to_owned(),
        name_key: name.to_lowercase(),
        display_name: name.to_uppercase(),
        password_hash: "$argon2id$".into(),
        is_admin: false,
        may_host: false,
        created_at: NOW,
        pending_since: None,
    }
}

pub(crate) fn new_stream(host_id: UserId, title: &str) -> streams::NewStream {
    streams::NewStream {
        id: StreamId::new(),
        host_id,
        title: title.to_owned(),
        description: String::new(),
        search_key: title.to_lowercase(),
        tags: Vec::new(),
        visibility: Visibility::Public,
        scheduled_for: None,
        playback_url: None,
    }
}

/// Stores comments as the journal does.
pub(crate) fn append(tx: &mut Tx, stream_id: StreamId, new: &[NewComment]) -> Result<Vec<Appended>> {
    let authors = comments::lock_authors(tx, new.iter())?;
    comments::append(tx, stream_id, NOW, &new.iter().collect::<Vec<_>>(), &authors)
        .map(|(_, answers)| answers)
}

pub(crate) fn new_comment(author: &Person, content: &str) -> NewComment {
    NewComment {
        id: CommentId::new(),
        author: author.clone(),
        by_bot: false,
        role: Role::Viewer,
        content: content.to_owned(),
        search_key: content.to_lowercase(),
        style: None,
        reply_to: None,
        client_id: None,
        created_at: NOW,
        held: false,
        rules: RulesVersion::default(),
        fences: None,
    }
}
