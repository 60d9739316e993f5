//! What a copy of the database holds: after a clean stop, after a crash, and made beside a running server; and that a
//! restored one is noticed.

use crate::tools::{Acked, Client, PATIENCE, Pace, Place, Running, Sqlite, User, Writer};
use std::{collections::HashSet, fs, os::unix::fs::PermissionsExt, path::Path};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

/// A stream with some comments.
async fn written(guest: Client) -> Client {
    let ana = User::on_air(guest, "ana").await;
    for number in 0..20 {
        ana.comment(&format!("comment {number}")).await;
    }
    ana.guest()
}

/// Copies files of a database to the data directory of another place.
fn copy(from: &Place, to: &Place, names: &[&str]) {
    fs::create_dir_all(to.path("data")).expect("a directory for a test");
    for name in names {
        fs::copy(from.path("data").join(name), to.path("data").join(name)).expect("it is there");
    }
}

async fn epoch(client: &Client) -> String {
    let page = client.get("events").await.ok();
    page["epoch"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn after_a_clean_stop_the_one_file_has_everything() {
    let (place, other) = (Place::new(), Place::new());
    let running = Running::start(&place, &[]);
    let guest = written(running.guest()).await;
    running.stop();
    copy(&place, &other, &["livehouse.db"]);
    let left = place.path("data/livehouse.db-wal").metadata().map_or(0, |found| found.len());
    assert_eq!(left, 0, "nothing is beside it");
    let restored = Running::start(&other, &[]);
    assert_eq!(guest.at_port(restored.port()).log().await.1, 21);
}

#[tokio::test]
async fn after_a_crash_the_file_and_its_log_have_everything() {
    let (place, other) = (Place::new(), Place::new());
    let running = Running::start(&place, &[]);
    let guest = written(running.guest()).await;
    running.kill();
    copy(&place, &other, &["livehouse.db", "livehouse.db-wal"]);
    let restored = Running::start(&other, &[]);
    assert_eq!(guest.at_port(restored.port()).log().await.1, 21);
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
    let ana = User::on_air(running.guest(), "ana").await;
    let (tell, mut told) = unbounded_channel();
    for number in 0..WRITERS {
        let name = format!("writer{number}");
        let user = User::register(ana.guest(), &name).await;
        let writer = Writer::join(&user, &name, Pace::unhurried(8)).await;
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
    assert_ne!(epoch(&ana.guest().at_port(restored.port())).await, epoch(&ana).await);
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
async fn assert_noticed(place: &Place, guest: &Client, old_epoch: &str) {
    let again = Running::start(place, &[]);
    let log = again.log();
    assert!(log.iter().any(|line| line.contains("a new epoch begins")), "{log:#?}");
    let guest = guest.at_port(again.port());
    assert_ne!(epoch(&guest).await, old_epoch);
    let viewer = guest.join_with(&format!("?since=3&epoch={old_epoch}")).await;
    assert_eq!(viewer.opening["type"], "snapshot", "{}", viewer.opening);
    viewer.leave().await;
    let once = epoch(&guest).await;
    again.stop();
    let once_more = Running::start(place, &[]);
    assert_eq!(epoch(&guest.at_port(once_more.port())).await, once, "it is noticed once");
}

/// A stream in a database that was stopped in order, copied to `old.db`, and written to since. And its epoch.
async fn moved_on(place: &Place) -> (Client, String) {
    let running = Running::start(place, &[]);
    let guest = written(running.guest()).await;
    running.stop();
    let database = place.path("data/livehouse.db");
    fs::copy(&database, place.path("old.db")).expect("it is there");
    let running = Running::start(place, &[]);
    let guest = guest.at_port(running.port());
    let epoch = epoch(&guest).await;
    assert!(!running.log().iter().any(|line| line.contains("a new epoch begins")), "a restart is none");
    User::register(guest.clone(), "bob").await.comment("since then").await;
    running.kill();
    (guest, epoch)
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
    let (guest, epoch) = moved_on(&place).await;
    put_back(&place, |old, database| fs::write(database, fs::read(old).expect("a file")).expect("a file"));
    assert_noticed(&place, &guest, &epoch).await;
}

#[tokio::test]
async fn another_file_in_place_of_the_database_begins_a_new_epoch() {
    let place = Place::new();
    let (guest, epoch) = moved_on(&place).await;
    put_back(&place, |old, database| fs::rename(old, database).expect("a file"));
    assert_noticed(&place, &guest, &epoch).await;
}
