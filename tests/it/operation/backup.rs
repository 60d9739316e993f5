//! What a copy of the database holds: after a clean stop, after a crash, and made beside a running server; and that a
//! restored one is noticed.

use crate::tools::{Acked, Client, PATIENCE, Pace, Place, Running, Sqlite, User, Viewer, Writer};
use std::{collections::HashSet, fs, os::unix::fs::PermissionsExt, path::Path};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

/// A stream with some comments.
async fn written(guest: Client) -> (User, String) {
    let ana = User::register(guest, "ana").await;
    let stream = ana.go_live("Kept").await;
    for number in 0..20 {
        ana.comment(&stream, &format!("comment {number}")).await;
    }
    (ana, stream)
}

/// Copies files of a database to the data directory of another place.
fn copy(from: &Place, to: &Place, names: &[&str]) {
    fs::create_dir_all(to.path("data")).expect("a directory for a test");
    for name in names {
        fs::copy(from.path("data").join(name), to.path("data").join(name)).expect("it is there");
    }
}

async fn epoch(client: &Client, stream: &str) -> String {
    let page = client.get(&format!("/streams/{stream}/events")).await.ok();
    page["epoch"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn after_a_clean_stop_the_one_file_has_everything() {
    let (place, other) = (Place::new(), Place::new());
    let running = Running::start(&place, &[]);
    let (_, stream) = written(running.guest()).await;
    running.stop();
    copy(&place, &other, &["livehouse.db"]);
    let left = place.path("data/livehouse.db-wal").metadata().map_or(0, |found| found.len());
    assert_eq!(left, 0, "nothing is beside it");
    let restored = Running::start(&other, &[]);
    assert_eq!(restored.guest().log_of(&stream).await.1, 21);
}

#[tokio::test]
async fn after_a_crash_the_file_and_its_log_have_everything() {
    let (place, other) = (Place::new(), Place::new());
    let running = Running::start(&place, &[]);
    let (_, stream) = written(running.guest()).await;
    running.kill();
    copy(&place, &other, &["livehouse.db", "livehouse.db-wal"]);
    let restored = Running::start(&other, &[]);
    assert_eq!(restored.guest().log_of(&stream).await.1, 21);
}

const WRITERS: usize = 4;
const COMMENTS_EACH: usize = 150;

/// Waits for as many acks.
async fn acks(told: &mut UnboundedReceiver<Acked>, count: usize) -> Vec<Acked> {
    let mut acked = Vec::new();
    while acked.len() < count {
        acked.push(timeout(PATIENCE, told.recv()).await.expect("acks come").expect("writers write"));
    }
    acked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_writers_is_whole_and_holds_what_was_acked_before_it_began() {
    let (place, other) = (Place::new(), Place::new());
    let running = Running::start(&place, &[]);
    let ana = User::register(running.guest(), "ana").await;
    let stream = ana.go_live("Under way").await;
    let (tell, mut told) = unbounded_channel();
    for number in 0..WRITERS {
        let name = format!("writer{number}");
        let user = User::register(running.guest(), &name).await;
        let writer = Writer::join(&user, &stream, &name, Pace::unhurried(8)).await;
        tokio::spawn(writer.write(COMMENTS_EACH, tell.clone()));
    }
    let before = acks(&mut told, 200).await;
    let file = place.path("copy.db");
    let made = tokio::task::block_in_place(|| place.run("admin backup copy.db"));
    assert!(made.stderr.contains("data/livehouse.db"), "it names the database: {made:?}");
    made.ok();
    acks(&mut told, WRITERS * COMMENTS_EACH - before.len()).await;

    assert_eq!(file.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(names_in(&place), ["copy.db", "data"], "nothing is left beside it");
    let kept = fs::read(&file).expect("it is there");
    let refused = place.run("admin backup copy.db").refused(78);
    assert!(refused.contains("copy.db"), "{refused}");
    assert_eq!(fs::read(&file).expect("it is there"), kept, "an existing file is kept");

    let mut sqlite = Sqlite::open(&file);
    sqlite.assert_whole();
    let held: HashSet<String> = sqlite.values("SELECT id AS value FROM comments").into_iter().collect();
    let missing = before.iter().filter(|ack| !held.contains(&ack.comment_id)).count();
    assert_eq!(missing, 0);
    drop(sqlite);

    fs::create_dir(other.path("data")).expect("a directory for a test");
    fs::copy(&file, other.path("data/livehouse.db")).expect("it is there");
    let restored = Running::start(&other, &[]);
    assert_ne!(epoch(&restored.guest(), &stream).await, epoch(&ana, &stream).await);
}

fn names_in(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("")).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort_unstable();
    names
}

/// Where clients have seen what the database does not hold, their places in the log mean nothing.
async fn assert_noticed(place: &Place, stream: &str, old_epoch: &str) {
    let again = Running::start(place, &[]);
    let log = again.log();
    assert!(log.iter().any(|line| line.contains("a new epoch begins")), "{log:#?}");
    let guest = again.guest();
    assert_ne!(epoch(&guest, stream).await, old_epoch);
    let query = format!("?since=3&epoch={old_epoch}");
    let viewer = Viewer::join(guest.port, None, stream, &query).await;
    assert_eq!(viewer.opening["type"], "snapshot", "{}", viewer.opening);
    viewer.leave().await;
    let once = epoch(&guest, stream).await;
    again.stop();
    let once_more = Running::start(place, &[]);
    assert_eq!(epoch(&once_more.guest(), stream).await, once, "it is noticed once");
}

/// A stream in a database that was stopped in order, copied to `old.db`, and written to since. And its epoch.
async fn moved_on(place: &Place) -> (String, String) {
    let running = Running::start(place, &[]);
    let (_, stream) = written(running.guest()).await;
    running.stop();
    let database = place.path("data/livehouse.db");
    fs::copy(&database, place.path("old.db")).expect("it is there");
    let running = Running::start(place, &[]);
    let epoch = epoch(&running.guest(), &stream).await;
    assert!(!running.log().iter().any(|line| line.contains("a new epoch begins")), "a restart is none");
    User::register(running.guest(), "bob").await.comment(&stream, "since then").await;
    running.kill();
    (stream, epoch)
}

fn put_back(place: &Place, how: impl Fn(&Path, &Path)) {
    let database = place.path("data/livehouse.db");
    for beside in ["-wal", "-shm"] {
        fs::remove_file(place.path(&format!("data/livehouse.db{beside}"))).expect("it is there");
    }
    how(&place.path("old.db"), &database);
}

#[tokio::test]
async fn an_older_file_over_the_database_begins_a_new_epoch() {
    let place = Place::new();
    let (stream, epoch) = moved_on(&place).await;
    put_back(&place, |old, database| fs::write(database, fs::read(old).expect("a file")).expect("a file"));
    assert_noticed(&place, &stream, &epoch).await;
}

#[tokio::test]
async fn another_file_in_place_of_the_database_begins_a_new_epoch() {
    let place = Place::new();
    let (stream, epoch) = moved_on(&place).await;
    put_back(&place, |old, database| fs::rename(old, database).expect("a file"));
    assert_noticed(&place, &stream, &epoch).await;
}
