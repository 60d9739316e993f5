//! Terms of all streams of a host; they add up with those of each.

use crate::tools::Scene;
use serde_json::{Value, json};

fn terms(text: &str, action: &str) -> Value {
    json!({"terms": [{"text": text, "action": action}]})
}

#[tokio::test]
async fn terms_of_the_channel_and_of_the_stream_hold_both() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let second = host.go_live("two").await;
    let mut viewers = [bo.join().await, bo.at(&second.stream).join().await];
    host.put("terms", terms("plum", "reject")).await.ok();
    assert_eq!(
        host.put("/channels/ana/terms", terms("rhubarb", "reject")).await.ok(),
        terms("rhubarb", "reject")
    );
    for viewer in &mut viewers {
        assert_eq!(viewer.comment("rhubarb").await["code"], "term_not_allowed");
    }
    assert_eq!(viewers[0].comment("a plum").await["code"], "term_not_allowed");
    assert_eq!(viewers[1].comment("a plum").await["type"], "ack");
    assert_eq!(host.get("terms").await.ok(), terms("plum", "reject"), "each has its own list");
    assert_eq!(host.get("/channels/ana/terms").await.ok(), terms("rhubarb", "reject"));

    let next = bo.at(&host.go_live("three").await.stream);
    next.post("comments", json!({"content": "rhubarb"})).await.refused(422, "term_not_allowed");
    host.put("/channels/ana/terms", json!({"terms": []})).await.ok();
    for viewer in &mut viewers {
        assert_eq!(viewer.comment("rhubarb pie").await["type"], "ack");
    }
    for viewer in viewers {
        viewer.leave().await;
    }
}

#[tokio::test]
async fn of_two_terms_the_more_severe_counts_wherever_it_stands() {
    let Scene { host, bo, .. } = &Scene::live().await;
    for (own, of_channel) in [("mask", "hold"), ("hold", "mask")] {
        host.put("terms", terms("plum", own)).await.ok();
        host.put("/channels/ana/terms", terms("plum", of_channel)).await.ok();
        assert_eq!(bo.post("comments", json!({"content": format!("plum {own}")})).await.status, 202);
    }
}

#[tokio::test]
async fn a_full_list_of_each_holds_together() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let many = |word: &str| {
        let term = |number| json!({"text": format!("{word}{number}"), "action": "reject"});
        json!({"terms": (0..10_000).map(term).collect::<Vec<_>>()})
    };
    host.put("terms", many("plum")).await.ok();
    host.put("/channels/ana/terms", many("rhubarb")).await.ok();
    for word in ["plum9999", "rhubarb0"] {
        bo.post("comments", json!({"content": word})).await.refused(422, "term_not_allowed");
    }
    let mut one_more = many("plum");
    one_more["terms"].as_array_mut().unwrap().push(json!({"text": "pear", "action": "mask"}));
    let refused = host.put("/channels/ana/terms", one_more).await.refused(422, "invalid_field");
    assert_eq!(refused["errors"][0]["field"], "terms");
}
