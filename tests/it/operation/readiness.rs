//! Ready means that a write would be taken; what cannot be kept is not acknowledged.

use crate::tools::{Client, Place, Running, Scene, Sqlite, User, on_sqlite, until};
use serde_json::json;
use std::{fs, path::Path, process::Command};

/// Asks until the answer has this status.
#[track_caller]
fn becomes(guest: &Client, status: u16) -> impl Future<Output = ()> {
    until("it is as ready as that", async move || guest.get("//health/ready").await.status == status)
}

/// Writes a comment that must be refused and not be there afterwards.
async fn assert_refused(user: &User) {
    let answer = user.post("comments", json!({"content": "is this kept?"})).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
}

#[tokio::test]
async fn a_lock_of_another_program_is_noticed_and_its_end_too() {
    let Scene { server, host, .. } = &Scene::live_with(on_sqlite).await;
    becomes(host, 200).await;
    let mut other = Sqlite::open(&server.place().path("data/livehouse.db"));
    other.run("BEGIN IMMEDIATE");
    becomes(host, 503).await;
    host.get("//health/ready").await.refused(503, "unavailable");
    host.get("//health/live").await.ok();
    other.run("COMMIT");
    becomes(host, 200).await;
    host.comment("again").await;
}

#[tokio::test]
async fn a_comment_to_files_that_are_gone_is_refused_and_taken_when_they_are_back() {
    let Scene { server, host, .. } = &Scene::live_with(on_sqlite).await;
    host.comment("before").await;
    let (data, away) = (server.place().path("data"), server.place().path("away"));
    let names = ["livehouse.db", "livehouse.db-wal", "livehouse.db-shm"];
    fs::create_dir(&away).expect("a directory for a test");
    let take = |from: &Path, to: &Path| {
        names.iter().for_each(|name| fs::rename(from.join(name), to.join(name)).expect("it is there"));
    };
    take(&data, &away);
    assert_refused(host).await;
    becomes(host, 503).await;
    take(&away, &data);
    becomes(host, 200).await;
    host.comment("after").await;
    let kept = host.get("comments").await.ok();
    assert_eq!(kept["items"].as_array().expect("a list").len(), 2, "{kept}");

    for name in names {
        fs::remove_file(data.join(name)).expect("it is there");
        assert_refused(host).await;
    }
    assert!(!data.join("livehouse.db").exists(), "none is made in its place");
}

/// A file system of two megabytes, gone at the end of its test.
struct SmallDisk<'a>(&'a Place);

impl SmallDisk<'_> {
    fn at_data(place: &Place) -> SmallDisk<'_> {
        fs::create_dir(place.path("data")).expect("a directory for a test");
        run("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs", &text(place)]);
        SmallDisk(place)
    }

    fn fill(&self) {
        let hundred_megabytes = vec![7; 100 << 20];
        fs::write(self.0.path("data/fill"), hundred_megabytes).expect_err("it is full before that");
    }

    fn free(&self) {
        fs::remove_file(self.0.path("data/fill")).expect("it is there");
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        run("umount", &["-l", &text(self.0)]);
    }
}

fn text(place: &Place) -> String {
    place.path("data").to_str().expect("a plain name").to_owned()
}

fn run(program: &str, arguments: &[&str]) {
    assert!(
        Command::new(program).args(arguments).status().expect("it runs").success(),
        "{program} {arguments:?}"
    );
}

#[tokio::test]
#[ignore = "needs root, who may mount"]
async fn a_full_disk_is_noticed_and_nothing_acknowledged_is_lost() {
    let place = Place::new();
    let disk = SmallDisk::at_data(&place);
    let running = Running::start(&place, &[]);
    let ana = User::on_air(running.guest(), "ana").await;
    disk.fill();
    let mut acked = 0;
    let body = |number: i64| json!({"content": format!("{number} {}", "la ".repeat(150))});
    while ana.post("comments", body(acked)).await.status == 201 {
        acked += 1;
    }
    becomes(&ana, 503).await;
    disk.free();
    becomes(&ana, 200).await;
    ana.comment("room again").await;
    running.kill();
    let again = Running::start(&place, &[]);
    let kept = ana.at_port(again.port()).get("").await.ok();
    assert_eq!(kept["comment_count"], acked + 1);
    drop(again);
}
