//! The event log by REST.

use crate::tools::Scene;
use serde_json::json;

#[tokio::test]
async fn the_log_is_numbered_without_holes_and_read_in_parts() {
    let Scene { server, host, .. } = &Scene::live().await;
    for number in 0..4 {
        host.comment(&format!("c{number}")).await;
    }
    host.post("announcements", json!({"content": "listen"})).await.ok();
    let (mut after, mut kinds) = (0, Vec::new());
    loop {
        let part = server.guest().get(&format!("events?after={after}&limit=2")).await.ok();
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
async fn a_place_that_is_none_is_refused_and_one_beyond_the_head_is_empty() {
    let Scene { host, .. } = &Scene::scheduled().await;
    for bad in ["after=-1", "after=x", "after=9007199254740992", "limit=0", "limit=101"] {
        host.get(&format!("events?{bad}")).await.refused(422, "invalid_field");
    }
    let beyond = host.get("events?after=99").await.ok();
    assert_eq!((&beyond["items"], &beyond["head"]), (&json!([]), &json!(0)));
}
