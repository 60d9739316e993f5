//! Pins, announcements, polls, questions and reactions: over REST, seen by sockets.

use crate::tools::{Scene, id_of, on_one_node};
use serde_json::json;

#[tokio::test]
async fn one_comment_is_pinned_at_a_time() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let (one, two) = (bo.comment("one").await, bo.comment("two").await);
    let mut viewer = bo.join().await;
    bo.put("pin", json!({"comment_id": one["id"]})).await.refused(403, "forbidden");
    host.put("pin", json!({"comment_id": "01890000-0000-7000-8000-000000000000"}))
        .await
        .refused(404, "not_found");
    for comment in [&one, &one, &two] {
        assert_eq!(host.put("pin", json!({"comment_id": comment["id"]})).await.status, 204);
    }
    assert_eq!(viewer.expect("comment.pinned").await["comment"], one);
    assert_eq!(viewer.expect("comment.pinned").await["comment"], two);
    for _ in 0..2 {
        assert_eq!(host.delete("pin").await.status, 204);
    }
    viewer.expect("comment.unpinned").await;
    let kinds = host.get("events?after=3").await.ok();
    assert_eq!(kinds["items"].as_array().unwrap().len(), 3, "{kinds}");
    viewer.leave().await;
}

#[tokio::test]
async fn the_last_announcement_is_in_the_snapshot() {
    let Scene { host, bo, .. } = &Scene::live().await;
    bo.post("announcements", json!({"content": "x"})).await.refused(403, "forbidden");
    host.post("announcements", json!({"content": "first"})).await.ok();
    let said = host.post("announcements", json!({"content": "second"})).await;
    assert_eq!(said.status, 201);
    let said = said.ok();
    assert_eq!((&said["content"], &said["user"]["username"]), (&json!("second"), &json!("ana")));
    let viewer = bo.join().await;
    assert_eq!(viewer.opening["announcement"], said);
    viewer.leave().await;
}

#[tokio::test]
async fn an_announcement_is_taken_down_and_its_text_with_it() {
    let Scene { server, host, bo } = Scene::live().await;
    let before = host.post("announcements", json!({"content": "an earlier one"})).await.ok();
    let said = host.post("announcements", json!({"content": "a canary"})).await.ok();
    let own = format!("announcements/{}", id_of(&said));
    let mut viewer = bo.join().await;
    bo.delete(&own).await.refused(403, "forbidden");
    server.guest().delete(&own).await.refused(401, "unauthenticated");
    host.delete(&format!("announcements/{}", host.stream)).await.refused(404, "not_found");
    let other = host.go_live("two").await;
    other.delete(&own).await.refused(404, "not_found");

    assert_eq!(host.delete(&own).await.status, 204);
    assert_eq!(viewer.expect("announcement.removed").await["announcement_id"], said["id"]);
    host.delete(&own).await.refused(404, "not_found");
    let mut resumed = bo.rejoin(0).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(resumed.next_event().await);
    }
    let (log, _) = host.log().await;
    let newcomer = bo.join().await;
    assert_eq!(newcomer.opening["announcement"], json!(null), "the earlier one had its time");
    for events in [&seen, &log] {
        assert_eq!(events[1]["announcement"], before);
        assert_eq!(
            (&events[2]["type"], &events[2]["announcement_id"]),
            (&json!("announcement.tombstone"), &said["id"])
        );
        assert!(!format!("{events:?}").contains("canary"), "{events:?}");
    }
    for viewer in [viewer, resumed, newcomer] {
        viewer.leave().await;
    }
    let server = server.restart();
    let again = server.guest().join().await;
    assert_eq!(again.opening["announcement"], json!(null));
    again.leave().await;
}

#[tokio::test]
async fn an_announcement_that_is_no_longer_the_last_is_taken_down_alone() {
    let Scene { host, .. } = &Scene::live().await;
    let first = host.post("announcements", json!({"content": "first"})).await.ok();
    let second = host.post("announcements", json!({"content": "second"})).await.ok();
    let viewer = host.join().await;
    assert_eq!(host.delete(&format!("announcements/{}", id_of(&first))).await.status, 204);
    host.post("end", json!({})).await.ok();
    let after = host.join().await;
    assert_eq!(after.opening["announcement"], second);
    assert_eq!(
        host.delete(&format!("announcements/{}", id_of(&second))).await.status,
        204,
        "after the end, too"
    );
    viewer.leave().await;
    after.leave().await;
}

#[tokio::test]
async fn a_poll_counts_one_vote_an_account_by_rest_and_socket_alike() {
    let Scene { server, host, bo } = &Scene::live().await;
    let cy = server.register("cyd").await;
    let mut viewer = bo.join().await;
    let body = json!({"question": "which?", "options": ["a", "b"], "duration_s": 60});
    bo.post("polls", body.clone()).await.refused(403, "forbidden");
    let opened = host.post("polls", body.clone()).await;
    assert_eq!(opened.status, 201);
    let opened = opened.ok();
    let poll = id_of(&opened);
    assert_eq!(opened["tally"], json!([0, 0]));
    assert_eq!(viewer.expect("poll.opened").await["poll"], opened);
    host.post("polls", body).await.refused(409, "conflict");

    let vote = format!("polls/{poll}/vote");
    assert_eq!(viewer.ask(json!({"op": "vote", "poll_id": poll, "option": 0})).await["type"], "ack");
    assert_eq!(bo.put(&vote, json!({"option": 1})).await.status, 204);
    assert_eq!(cy.put(&vote, json!({"option": 1})).await.status, 204);
    bo.put(&vote, json!({"option": 2})).await.refused(422, "invalid_field");
    let by_socket = viewer.ask(json!({"op": "vote", "poll_id": poll, "option": 2})).await;
    assert_eq!(by_socket["code"], "invalid_field");
    server.guest().put(&vote, json!({"option": 1})).await.refused(401, "unauthenticated");
    viewer.expect_where("pulse", |pulse| pulse["tally"] == json!([0, 2])).await;

    let close = format!("polls/{poll}/close");
    bo.post(&close, json!({})).await.refused(403, "forbidden");
    assert_eq!(host.post(&close, json!({})).await.ok()["tally"], json!([0, 2]));
    assert_eq!(viewer.expect("poll.closed").await["poll"]["tally"], json!([0, 2]));
    host.post(&close, json!({})).await.refused(409, "conflict");
    bo.put(&vote, json!({"option": 0})).await.refused(409, "conflict");
    let by_socket = viewer.ask(json!({"op": "vote", "poll_id": poll, "option": 0})).await;
    assert_eq!(by_socket["code"], "conflict");
    viewer.leave().await;
}

#[tokio::test]
async fn a_vote_by_one_hand_is_known_in_the_other() {
    let Scene { host, bo, .. } = &Scene::live_with(on_one_node).await;
    let body = json!({"question": "which?", "options": ["a", "b"], "duration_s": 60});
    let opened = host.post("polls", body.clone()).await.ok();
    let poll = id_of(&opened);
    let (mut one, mut other) = (bo.join().await, bo.join().await);
    assert_eq!(one.welcome["you"]["vote"], json!(null));

    bo.put(&format!("polls/{poll}/vote"), json!({"option": 1})).await.ok();
    for socket in [&mut one, &mut other] {
        assert_eq!(socket.expect("you").await["vote"], 1);
    }
    assert_eq!(one.ask(json!({"op": "vote", "poll_id": poll, "option": 0})).await["type"], "ack");
    assert_eq!(other.expect("you").await["vote"], 0);
    host.put("bans/bob", json!({"duration_s": 60})).await.ok();
    let banned = one.expect_where("you", |you| you["ban"].is_object()).await;
    assert_eq!(banned["vote"], 0, "a later `you` is right, too");

    host.post(&format!("polls/{poll}/close"), json!({})).await.ok();
    host.post("polls", body).await.ok();
    one.told("you");
    host.delete("bans/bob").await.ok();
    let free = one.expect_where("you", |you| you["ban"].is_null()).await;
    assert_eq!(free["vote"], json!(null), "that was another poll");
    one.leave().await;
    other.leave().await;
}

#[tokio::test]
async fn what_is_said_by_the_host_has_a_length_too() {
    let Scene { host, .. } = &Scene::live().await;
    let poll = |question: usize, option: usize| {
        let options = ["b".repeat(option), "c".to_owned()];
        json!({"question": "a".repeat(question), "options": options, "duration_s": 9})
    };
    let said = |length: usize| json!({"content": "ä".repeat(length)});
    for (path, fits, exceeds) in [
        ("polls", poll(200, 100), vec![poll(201, 1), poll(1, 101), poll(0, 1), poll(1, 0)]),
        ("announcements", said(500), vec![said(501), said(0)]),
        ("questions", said(500), vec![said(501), said(0)]),
    ] {
        for body in exceeds {
            host.post(path, body).await.refused(422, "invalid_field");
        }
        assert_eq!(host.post(path, fits).await.status, 201, "{path}");
    }
    let cleaned = host.post("questions", json!({"content": " why\n\u{202e}now?\u{7} "})).await.ok();
    assert_eq!(cleaned["content"], "why now?");
}

#[tokio::test]
async fn a_poll_has_2_to_6_options_and_closes_by_itself() {
    let Scene { host, .. } = &Scene::live().await;
    let poll = |options: usize, duration_s: i64| {
        let options: Vec<_> = (0..options).map(|n| format!("o{n}")).collect();
        json!({"question": "?", "options": options, "duration_s": duration_s})
    };
    for bad in [poll(1, 9), poll(7, 9), poll(2, 0), poll(2, 86_401)] {
        host.post("polls", bad).await.refused(422, "invalid_field");
    }
    let mut viewer = host.join().await;
    let first = host.post("polls", poll(6, 1)).await.ok();
    assert_eq!(viewer.expect("poll.closed").await["poll"]["id"], first["id"]);
    let second = host.post("polls", poll(2, 60)).await.ok();
    host.post("end", json!({})).await.ok();
    assert_eq!(viewer.expect("poll.closed").await["poll"]["id"], second["id"], "it ends with the stream");
    viewer.leave().await;
}

#[tokio::test]
async fn questions_are_wanted_once_an_account_and_answered_once() {
    let Scene { server, host, bo } = &Scene::live().await;
    let mut viewer = bo.join().await;
    server.guest().post("questions", json!({"content": "why?"})).await.refused(401, "unauthenticated");
    let asked = bo.post("questions", json!({"content": "why?"})).await;
    assert_eq!(asked.status, 201);
    let asked = asked.ok();
    assert_eq!((&asked["votes"], &asked["answered"]), (&json!(0), &json!(false)));
    assert_eq!(viewer.expect("question.created").await["question"], asked);
    let one = format!("questions/{}", id_of(&asked));
    for _ in 0..2 {
        assert_eq!(host.put(&format!("{one}/vote"), json!({})).await.status, 204);
    }
    let late = host.join().await;
    assert_eq!(late.opening["questions"][0]["votes"], 1);
    bo.post(&format!("{one}/answered"), json!({})).await.refused(403, "forbidden");
    for _ in 0..2 {
        assert_eq!(host.post(&format!("{one}/answered"), json!({})).await.ok()["answered"], true);
    }
    assert_eq!(viewer.expect("question.answered").await["question"]["votes"], 1);
    host.put(&format!("{one}/vote"), json!({})).await.refused(409, "conflict");
    late.leave().await;
    viewer.leave().await;
}

#[tokio::test]
async fn reactions_add_up_over_rest_and_sockets() {
    let Scene { server, host, bo } = &Scene::live().await;
    let mut viewer = bo.join().await;
    assert_eq!(bo.post("reactions", json!({"kind": "fire", "count": 3})).await.status, 204);
    assert_eq!(viewer.ask(json!({"op": "react", "kind": "fire", "count": 2})).await["type"], "ack");
    viewer.expect_where("pulse", |pulse| pulse["reactions"]["fire"] == 5).await;
    assert_eq!(host.get("").await.ok()["reactions"], json!({"fire": 5}));
    for bad in
        [json!({"kind": "boo"}), json!({"kind": "like", "count": 0}), json!({"kind": "like", "count": 21})]
    {
        bo.post("reactions", bad).await.refused(422, "invalid_field");
    }
    server.guest().post("reactions", json!({"kind": "like"})).await.refused(401, "unauthenticated");
    viewer.leave().await;
}
