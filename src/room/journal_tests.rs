//! The journal over a real database: a bad row fails alone, and a database that is away fails a batch at once.

use super::*;
use crate::{
    domain::{CommentId, Role, UserId, Visibility},
    store::{
        Person,
        accounts::users::{self, NewUser},
        comments::Fate,
        pool::Options,
        streams::NewStream,
    },
};
use std::sync::mpsc;

/// A room that keeps what it is told.
struct Told(mpsc::Sender<(u64, Outcome)>);

impl Actor for Told {
    type Context = Context<Self>;
}

impl Handler<Committed> for Told {
    type Result = ();
    fn handle(&mut self, committed: Committed, _: &mut Self::Context) {
        committed.outcomes.into_iter().for_each(|outcome| self.0.send(outcome).unwrap());
    }
}

struct Scene {
    store: Store,
    metrics: Metrics,
    author: Person,
    stream_id: StreamId,
    directory: std::path::PathBuf,
}

impl Scene {
    fn new() -> Scene {
        let directory = std::env::temp_dir().join(format!("livehouse-journal-{}", uuid::Uuid::now_v7()));
        let url = format!("sqlite:{}/livehouse.db", directory.display());
        let options = Options { connections: 1, wait: Duration::from_millis(200) };
        let metrics = Metrics::new();
        let store = Store::open_with(&url, &options).unwrap().counting(metrics.clone());
        let (author, stream_id) = store.write_blocking(author_and_stream).unwrap();
        Scene { store, metrics, author, stream_id, directory }
    }

    fn comment(&self, content: &str) -> NewComment {
        NewComment {
            id: CommentId::new(),
            author: self.author.clone(),
            by_bot: false,
            role: Role::Viewer,
            content: content.to_owned(),
            search_key: content.to_owned(),
            style: None,
            reply_to: None,
            client_id: None,
            created_at: Millis(0),
            held: false,
            rules: RulesVersion::default(),
            fences: None,
        }
    }

    /// Hands these over and waits for what becomes of them, by ticket.
    fn write(&self, comments: Vec<NewComment>) -> Vec<(u64, Outcome)> {
        let (tell, told) = mpsc::channel();
        let (journal, _thread) =
            Journal::start(self.store.clone(), self.metrics.clone(), Default::default()).unwrap();
        let count = comments.len();
        let arbiter = Arbiter::new();
        let room = Told::start_in_arbiter(&arbiter.handle(), move |_| Told(tell)).recipient();
        for (ticket, comment) in (1..).zip(comments) {
            let what = What::Comment(Box::new(comment));
            journal.write(Entry { stream_id: self.stream_id, what, ticket, room: room.clone() }).unwrap();
        }
        let patience = Duration::from_secs(30);
        let mut all: Vec<_> = (0..count).map(|_| told.recv_timeout(patience).expect("an answer")).collect();
        all.sort_by_key(|(ticket, _)| *ticket);
        all
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn author_and_stream(tx: &mut store::Tx<'_>) -> store::Result<(Person, StreamId)> {
    let new = NewUser {
        id: UserId::new(),
        username: "ana".into(),
        name_key: "ana".into(),
        display_name: "ana".into(),
        password_hash: "x".into(),
        is_admin: false,
        may_host: false,
        created_at: Millis(0),
        pending_since: None,
    };
    let user = users::create(tx, &new)?;
    let new = NewStream {
        id: StreamId::new(),
        host_id: user.id,
        title: "t".into(),
        description: String::new(),
        search_key: String::new(),
        tags: Vec::new(),
        visibility: Visibility::Public,
        scheduled_for: None,
        playback_url: None,
    };
    let stream = streams::create(tx, &new, Millis(0))?.id;
    Ok((Person { id: user.id, username: user.username, display_name: user.display_name }, stream))
}

fn on_actix(test: impl FnOnce()) {
    actix::System::new().block_on(async { test() });
}

#[test]
fn a_bad_row_fails_alone() {
    on_actix(|| {
        let scene = Scene::new();
        let twice = scene.comment("the same id twice");
        let comments = vec![scene.comment("one"), twice.clone(), twice, scene.comment("two")];
        let outcomes = scene.write(comments);
        let is_stored = |(_, outcome): &(u64, Outcome)| {
            matches!(outcome, Outcome::Comment(Appended::New(Fate::Visible(_))))
        };
        assert_eq!(
            outcomes.iter().map(is_stored).collect::<Vec<_>>(),
            [true, true, false, true],
            "{outcomes:?}"
        );
    });
}

#[test]
fn a_database_that_is_away_is_asked_once_a_batch_and_not_once_an_entry() {
    on_actix(|| {
        let scene = Scene::new();
        let (leave, left) = mpsc::channel::<()>();
        let (entered, inside) = mpsc::channel();
        let store = scene.store.clone();
        let other = thread::spawn(move || {
            store.write_blocking::<_, store::Error>(|_| {
                entered.send(()).unwrap();
                left.recv().unwrap();
                Ok(())
            })
        });
        inside.recv().unwrap();
        let outcomes = scene.write((0..100).map(|n| scene.comment(&n.to_string())).collect());
        leave.send(()).unwrap();
        other.join().unwrap().unwrap();
        let is_busy = |(_, outcome): &(u64, Outcome)| matches!(outcome, Outcome::Failed(error) if matches!(**error, store::Error::Busy));
        assert!(outcomes.iter().all(is_busy), "{outcomes:?}");
        let tries = scene.metrics.db_errors.get();
        assert!(
            tries <= 3,
            "a hundred entries came in a few batches, but the database was tried {tries} times"
        );
    });
}
