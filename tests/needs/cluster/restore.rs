//! A database that is restored from a backup, while clients know what came after it: they begin anew, and no number that was
//! given twice is taken for the first one.

use super::house::{House, Meet};
use crate::{
    need,
    tools::{Client, Story, Viewer},
};
use libtest_mimic::Trial;
use serde_json::Value;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]:
        a_restored_database_begins_anew,
        a_restored_database_begins_anew_though_nobody_says_so,
        one_that_is_restored_in_its_place_begins_anew_though_nobody_says_so,
        one_that_tells_less_of_itself_begins_anew_though_nobody_says_so,
        one_that_is_recovered_begins_anew_though_nobody_says_so,
        a_house_that_starts_again_on_its_own_database_goes_on,
    ];
    let redis = need::tests![[Postgres, Redis]: a_restored_database_begins_anew_where_redis_is_there];
    [alone, redis].into_iter().flatten().collect()
}

/// How a database becomes again what it was.
#[derive(Clone, Copy)]
enum Restored {
    /// From a dump, in a new database.
    Anew,
    /// From a dump, in the database that is there.
    InPlace,
    /// From a copy of its files and what was written meanwhile.
    Recovered,
}

/// What an operator is to do then, before the start.
const NEW_EPOCH: &str = "admin new-epoch";

/// Comments before the backup, after it, and after it was restored: more than were lost.
const KEPT: i64 = 5;
const LOST: i64 = 5;
const NEW: i64 = 10;

async fn a_restored_database_begins_anew() {
    begins_anew(House::open(2, Meet::Alone).await, Restored::Anew, Some(NEW_EPOCH)).await;
}

async fn a_restored_database_begins_anew_where_redis_is_there() {
    begins_anew(House::open(2, Meet::Redis).await, Restored::Anew, Some(NEW_EPOCH)).await;
}

async fn a_restored_database_begins_anew_though_nobody_says_so() {
    begins_anew(House::open(2, Meet::Alone).await, Restored::Anew, None).await;
}

async fn one_that_is_restored_in_its_place_begins_anew_though_nobody_says_so() {
    begins_anew(House::open(2, Meet::Alone).await, Restored::InPlace, None).await;
}

/// As where only some may ask which server it is.
const SAY_LESS: &str = "ALTER FUNCTION pg_control_system() RENAME TO hidden_control_system";

async fn one_that_tells_less_of_itself_begins_anew_though_nobody_says_so() {
    begins_anew(House::open_behind(SAY_LESS, 2).await, Restored::InPlace, None).await;
}

async fn one_that_is_recovered_begins_anew_though_nobody_says_so() {
    begins_anew(House::open(2, Meet::Alone).await, Restored::Recovered, None).await;
}

async fn begins_anew(mut house: House, how: Restored, then: Option<&str>) {
    let host = house.on_air().await;
    say(&host, "kept", KEPT).await;
    let dump = house.postgres.dump();
    house.postgres.copy_files();
    let (stories, lost) = tell(&house, &host, "lost", LOST).await;
    stop_both(&mut house);
    match how {
        Restored::Anew => house.postgres.restore_anew(&dump),
        Restored::InPlace => house.postgres.restore(&dump),
        Restored::Recovered => house.postgres.recover().await,
    }
    then.map(|order| house.operate(order));
    start_both(&mut house);
    let host = &house.at(&host, 0);

    let snapshots = all_come_back(&house, host, &stories, "snapshot").await;
    for snapshot in &snapshots {
        assert_ne!(snapshot["epoch"], stories[0].epoch.as_str());
        assert_eq!(contents(snapshot), (0..KEPT).map(|n| format!("kept {n}")).collect::<Vec<_>>());
    }
    let (_, head) = tell(&house, host, "new", NEW).await;
    assert!(head > lost, "the numbers that were lost are given again");
    all_come_back(&house, host, &stories, "snapshot").await;
    assert_eq!(begun_epochs(&house), 1, "of the nodes one has begun it");
    house.assert_calm();
}

/// Where nothing was restored all go on where they were.
async fn a_house_that_starts_again_on_its_own_database_goes_on() {
    let mut house = House::open(2, Meet::Alone).await;
    let host = house.on_air().await;
    let (stories, _) = tell(&house, &host, "kept", KEPT).await;
    stop_both(&mut house);
    start_both(&mut house);
    let host = &house.at(&host, 0);
    all_come_back(&house, host, &stories, "resumed").await;
    assert_eq!(begun_epochs(&house), 0);
}

fn stop_both(house: &mut House) {
    (0..2).for_each(|node| house.stop(node));
}

fn start_both(house: &mut House) {
    (0..2).for_each(|node| house.start(node));
}

async fn say(client: &Client, word: &str, count: i64) {
    for n in 0..count {
        client.comment(&format!("{word} {n}")).await;
    }
}

/// Comments are made while somebody watches at each node: what they saw, which is the log, and its end.
async fn tell(house: &House, host: &Client, word: &str, count: i64) -> (Vec<Story>, i64) {
    let mut viewers = [house.at(&host.guest(), 0).join().await, house.at(&host.guest(), 1).join().await];
    for n in 0..count {
        house.at(host, (n % 2) as usize).comment(&format!("{word} {n}")).await;
    }
    let (log, head) = house.at(host, 0).log().await;
    let seqs: Vec<i64> = log.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
    let mut stories = Vec::new();
    for viewer in &mut viewers {
        let mut story = Story::begin(viewer);
        story.read_to(viewer, head).await;
        story.compare(&log);
        stories.push(story);
    }
    (stories, head)
}

/// All come back at both nodes with the last they know: the frame that tells them how they go on.
async fn all_come_back(house: &House, host: &Client, stories: &[Story], how: &str) -> Vec<Value> {
    let mut openings = Vec::new();
    for story in stories {
        for node in 0..2 {
            let viewer: Viewer = house.at(&host.guest(), node).join_with(&story.query()).await;
            assert_eq!(viewer.opening["type"], how, "{}", viewer.opening);
            openings.push(viewer.opening.clone());
            viewer.leave().await;
        }
    }
    openings
}

fn contents(snapshot: &Value) -> Vec<String> {
    let comments = snapshot["comments"].as_array().expect("a list");
    comments.iter().map(|comment| comment["content"].as_str().expect("a text").to_owned()).collect()
}

/// How many new epochs are on record.
fn begun_epochs(house: &House) -> usize {
    house.operate("admin audit --last 1000").lines().filter(|line| line.contains("epoch.new")).count()
}
