//! Leaving and coming back: whatever is being posted meanwhile, nobody misses an event, and nobody sees one twice.

use crate::tools::{
    Client, Dice, Pace, Scene, Story, TestServer, User, Viewer, Writer, id_of, register_all, viewer::refusal,
    without_limits,
};
use futures_util::future::join_all;
use livehouse::config::Cap;
use serde_json::json;
use tokio::sync::{
    mpsc::unbounded_channel,
    watch::{self, Receiver},
};

const WRITERS: usize = 10;
const WANDERERS: u64 = 50;
const COMMENTS_EACH: usize = 60;
/// More events than a room keeps in memory.
const MORE_THAN_MEMORY: usize = 2_100;

/// Writes comments with many hands, and gives the head of the log afterwards.
async fn write(writers: &[User], each: usize, window: usize) -> i64 {
    let (tell, mut told) = unbounded_channel();
    let join = async |user: &User| Writer::join(user, &user.username, Pace::unhurried(window)).await;
    let joined = join_all(writers.iter().map(join)).await;
    join_all(joined.into_iter().map(|writer| writer.write(each, tell.clone()))).await;
    drop(tell);
    let mut head = 0;
    while let Some(ack) = told.recv().await {
        head = head.max(ack.seq);
    }
    head
}

async fn writers(server: &TestServer, count: usize) -> Vec<User> {
    register_all(server, (0..count).map(|n| format!("writer{n}"))).await
}

/// Comes, stays for some events, goes without a word or politely, and comes back, until the log has ended.
async fn wander(client: Client, seed: u64, head: Receiver<Option<i64>>) -> Vec<Story> {
    let mut dice = Dice::new(seed);
    let mut stories: Vec<Story> = Vec::new();
    loop {
        let remembers = dice.below(5) > 0;
        let mut viewer = match stories.last().filter(|_| remembers) {
            Some(story) => {
                let viewer = client.join_with(&story.query()).await;
                story.go_on(&viewer);
                viewer
            }
            None => {
                let viewer = client.join().await;
                stories.push(Story::begin(&viewer));
                viewer
            }
        };
        let story = stories.last_mut().expect("one was just begun");
        if stay(story, &mut viewer, dice.below(120), head.clone()).await {
            return stories;
        }
        match dice.below(2) {
            0 => drop(viewer),
            _ => viewer.leave().await,
        }
    }
}

/// True where the log has ended and all of it was seen.
async fn stay(story: &mut Story, viewer: &mut Viewer, events: u64, mut head: Receiver<Option<i64>>) -> bool {
    for _ in 0..events {
        tokio::select! {
            event = viewer.next_event() => story.note(event),
            end = the_end(&mut head) => {
                story.read_to(viewer, end).await;
                return true;
            }
        }
    }
    false
}

async fn the_end(head: &mut Receiver<Option<i64>>) -> i64 {
    let head = *head.wait_for(Option::is_some).await.expect("the test lives");
    head.expect("it was waited for")
}

/// Deletes every seventh comment that it sees, over its socket and by request in turns. How many.
async fn moderate(host: &Client, mut viewer: Viewer, comments: usize) -> usize {
    let (mut seen, mut deleted) = (0, 0);
    while seen < comments {
        let event = viewer.next_event().await;
        if event["type"] != "comment.created" {
            continue;
        }
        seen += 1;
        if seen % 7 > 0 {
            continue;
        }
        let id = event["comment"]["id"].as_str().expect("an id");
        if seen % 2 == 0 {
            host.delete(&format!("comments/{id}")).await.ok();
        } else {
            let answer = viewer.ask(json!({"op": "delete", "comment_id": id})).await;
            assert_eq!(answer["type"], "ack", "{answer}");
        }
        deleted += 1;
    }
    deleted
}

#[tokio::test]
async fn fifty_who_come_and_go_see_every_event_once_and_in_order() {
    let Scene { server, host, .. } = &Scene::scheduled_with(without_limits).await;
    let writers = writers(server, WRITERS).await;
    let (end, ended) = watch::channel(None);
    let wandering: Vec<_> =
        (0..WANDERERS).map(|seed| tokio::spawn(wander(server.guest(), seed, ended.clone()))).collect();

    let comments = WRITERS * COMMENTS_EACH;
    // On one node, which knows what it has deleted; and there before the first comment is.
    let moderator = &host.at_port(host.ports.any());
    let watching = moderator.join().await;
    let moderating = moderate(moderator, watching, comments);
    let (_, deleted) = tokio::join!(write(&writers, COMMENTS_EACH, 1), moderating);
    let (log, head) = host.log().await;
    assert_eq!((log.len(), head), (comments + deleted, (comments + deleted) as i64));
    end.send(Some(head)).expect("they wait for it");

    let mut visits = 0;
    for stories in join_all(wandering).await {
        let stories = stories.expect("no wanderer complains");
        stories.iter().for_each(|story| story.compare(&log));
        assert_eq!(stories.last().map(Story::last), Some(head));
        visits += stories.len();
    }
    println!("{visits} stories, {comments} comments, {deleted} deletions");
}

#[tokio::test]
async fn those_who_join_in_a_storm_miss_nothing_that_is_being_posted() {
    let Scene { server, host, .. } = &Scene::scheduled_with(without_limits).await;
    let writers = writers(server, 4).await;
    let (end, ended) = watch::channel(None);
    let join = async |_| {
        let mut viewer = server.guest().join().await;
        let mut story = Story::begin(&viewer);
        let shown = viewer.opening["comments"].as_array().expect("a list").last().cloned();
        assert!(stay(&mut story, &mut viewer, u64::MAX, ended.clone()).await);
        (story, shown)
    };
    let writing = async {
        end.send(Some(write(&writers, 100, 2).await)).expect("they wait for it");
    };
    let (stories, ()) = tokio::join!(join_all((0..120).map(join)), writing);

    let (log, _) = host.log().await;
    for (story, shown) in stories {
        story.compare(&log);
        // Only comments were written, so the last one shown is the event at the snapshot's head.
        assert_eq!(shown.map_or(0, |comment| comment["seq"].as_i64().expect("a number")), story.begins);
    }
}

#[tokio::test]
async fn who_missed_more_than_memory_holds_reads_the_log_while_others_go_on_writing() {
    let Scene { server, host, .. } = &Scene::scheduled_with(without_limits).await;
    let writers = writers(server, 10).await;
    let viewer = server.guest().join().await;
    let mut story = Story::begin(&viewer);
    viewer.leave().await;
    let far = write(&writers[..5], MORE_THAN_MEMORY / 5, 20).await;
    assert!(far >= MORE_THAN_MEMORY as i64);

    let coming_back = async {
        let mut viewer = server.guest().join_with(&story.query()).await;
        story.go_on(&viewer);
        story.read_to(&mut viewer, far).await;
        viewer
    };
    let (mut viewer, head) = tokio::join!(coming_back, write(&writers[5..], 100, 2));
    story.read_to(&mut viewer, head).await;
    let (log, _) = host.log().await;
    assert_eq!(story.events.len(), log.len());
    story.compare(&log);
}

#[tokio::test]
async fn who_resumes_after_a_deletion_finds_tombstones_in_memory_and_in_the_log() {
    let Scene { server, host, .. } = Scene::scheduled_with(without_limits).await;
    let kept_open = host.join().await;
    let comment = host.comment("to be forgotten").await;
    let id = id_of(&comment);
    host.put("pin", json!({"comment_id": id})).await.ok();
    host.delete(&format!("comments/{id}")).await.ok();

    let check = async |client: &Client| {
        let mut viewer = client.rejoin(0).await;
        assert_eq!(viewer.opening["type"], "resumed");
        let mut kinds = Vec::new();
        for seq in 1..=4 {
            let event = viewer.next_event().await;
            assert_eq!(event["seq"], seq);
            assert!(!event.to_string().contains("to be forgotten"), "{event}");
            kinds.push(event["type"].as_str().expect("a text").to_owned());
        }
        kinds.sort();
        // Deleting a pinned comment unpins it; both events that held it are tombstones.
        let expected = ["comment.deleted", "comment.tombstone", "comment.tombstone", "comment.unpinned"];
        assert_eq!(kinds, expected);
    };
    check(&server.guest()).await;
    kept_open.leave().await;
    check(&server.restart().guest()).await;
}

#[tokio::test]
async fn a_place_that_means_nothing_here_is_answered_with_a_snapshot() {
    let Scene { host, .. } = &Scene::scheduled_with(without_limits).await;
    host.comment("one").await;
    host.comment("two").await;
    for query in ["?since=3", "?since=99999999999999999999", "?since=1&epoch=another", "?epoch=another"] {
        let viewer = host.join_with(query).await;
        assert_eq!(viewer.opening["type"], "snapshot", "{query}");
        assert_eq!(viewer.opening["seq"], 2, "{query}");
    }
    for query in ["?since=0", "?since=1", "?since=2"] {
        assert_eq!(host.join_with(query).await.opening["type"], "resumed", "{query}");
    }
}

#[tokio::test]
async fn a_place_that_is_no_number_is_refused_before_the_upgrade() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    for query in ["?since=-1", "?since=x", "?since=1.5", "?since=", "?since=1e3", "?since=%00"] {
        assert_eq!(refusal(bo.upgrade(query)).await, 422, "{query}");
    }
}

#[tokio::test]
async fn who_is_further_behind_than_allowed_gets_a_snapshot() {
    let Scene { host, .. } = &Scene::scheduled_with(|config| config.limits.resume_events = Cap::new(3)).await;
    for n in 0..5 {
        host.comment(&format!("{n}")).await;
    }
    assert_eq!(host.rejoin(2).await.opening["type"], "resumed");
    assert_eq!(host.rejoin(1).await.opening["type"], "snapshot");
}

#[tokio::test]
async fn a_room_that_was_closed_comes_back_from_the_tables_and_counts_on() {
    let scene = Scene::scheduled().await;
    let host = &scene.host;
    let mut viewer = host.join().await;
    for n in 0..3 {
        assert_eq!(viewer.comment(&format!("{n}")).await["seq"], n + 1);
    }
    let before = host.join().await.opening;
    viewer.leave().await;

    // Nothing of a room outlives its server, so this is what a closed room comes back from.
    let Scene { host, .. } = &scene.restart();
    let mut viewer = host.rejoin(1).await;
    assert_eq!(
        (viewer.next_event().await["seq"].clone(), viewer.next_event().await["seq"].clone()),
        (2.into(), 3.into())
    );
    assert_eq!(viewer.comment("3").await["seq"], 4);
    let after = host.join().await.opening;
    assert_eq!(before["epoch"], after["epoch"]);
    assert_eq!(after["seq"], 4);
    let shown = |snapshot: &serde_json::Value| snapshot["comments"].as_array().expect("a list").clone();
    assert_eq!(shown(&before), shown(&after)[..3]);
}
