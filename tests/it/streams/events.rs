//! The event log by REST.

use crate::tools::TestServer;
use serde_json::json;

#[tokio::test]
async fn the_log_is_numbered_without_holes_and_read_in_parts() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let id = host.go_live("one").await;
    for number in 0..4 {
        host.comment(&id, &format!("c{number}")).await;
    }
    host.post(&format!("/streams/{id}/announcements"), json!({"content": "listen"})).await.ok();
    let (mut after, mut kinds) = (0, Vec::new());
    loop {
        let part = server.guest().get(&format!("/streams/{id}/events?after={after}&limit=2")).await.ok();
        assert_eq!(part["head"], 6);
        assert!(part["epoch"].is_string());
        for event in part["items"].as_array().unwrap() {
            assert_eq!(event["seq"], after + 1);
            after += 1;
            kinds.push(event["type"].as_str().unwrap().to_owned());
        }
        if part["items"].as_array().unwrap().is_empty() {
            break;
        }
    }
    let mut expected = vec!["stream.started"];
    expected.extend(["comment.created"; 4]);
    expected.push("announcement.created");
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn the_log_has_the_frames_that_sockets_get() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let id = host.go_live("one").await;
    let mut viewer = host.join(&id).await;
    host.comment(&id, "hello").await;
    let frame = viewer.expect_comment("hello").await;
    let log = host.get(&format!("/streams/{id}/events?after=1")).await.ok();
    assert_eq!(log["items"], json!([frame]));
    viewer.leave().await;
}

#[tokio::test]
async fn a_place_that_is_none_is_refused_and_one_beyond_the_head_is_empty() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let id = host.create_stream("one").await;
    for bad in ["after=-1", "after=x", "after=9007199254740992", "limit=0", "limit=101"] {
        host.get(&format!("/streams/{id}/events?{bad}")).await.refused(422, "invalid_field");
    }
    let beyond = host.get(&format!("/streams/{id}/events?after=99")).await.ok();
    assert_eq!((&beyond["items"], &beyond["head"]), (&json!([]), &json!(0)));
}
