//! All comments of a stream in one file.

use crate::tools::{Scene, id_of};
use livehouse::config::Cap;
use serde_json::{Value, json};

#[tokio::test]
async fn every_comment_is_a_line_in_order_over_all_pages() {
    let Scene { server, host, .. } =
        &Scene::live_with(|config| config.limits.frames_per_connection = Cap::LIFTED).await;
    let mut viewer = host.join().await;
    for number in 0..510 {
        viewer.say(json!({"op": "comment", "content": format!("c{number}")})).await;
        if number % 30 == 29 {
            viewer.expect_comment(&format!("c{number}")).await;
        }
    }
    viewer.leave().await;
    let file = server.guest().get("comments/export").await;
    assert_eq!(file.header("content-type"), "application/x-ndjson; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let contents: Vec<_> =
        lines.iter().map(|comment| comment["content"].as_str().unwrap().to_owned()).collect();
    assert_eq!(contents, (0..510).map(|number| format!("c{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn danmaku_xml_escapes_what_is_said() {
    let Scene { server, host, .. } = &Scene::live().await;
    let body = json!({"content": "</d><script>&\u{fffe}", "style": {"mode": "bottom", "color": "#00ff00", "size": "small"}});
    let comment = host.post("comments", body).await.ok();
    let file = server.guest().get("comments/export?format=xml").await;
    assert_eq!(file.header("content-type"), "application/xml; charset=utf-8");
    assert!(file.text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<i>"), "{}", file.text);
    assert!(file.text.ends_with("</i>\n"), "{}", file.text);
    assert!(file.text.contains(",4,18,65280,"), "{}", file.text);
    assert!(
        file.text.contains(&format!(",{}\">&lt;/d&gt;&lt;script&gt;&amp;</d>", id_of(&comment))),
        "{}",
        file.text
    );
}

#[tokio::test]
async fn another_format_is_refused_and_an_empty_stream_is_an_empty_file() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    bo.get("comments/export?format=csv").await.refused(422, "invalid_field");
    assert_eq!(bo.get("comments/export").await.text, "");
    assert!(bo.get("comments/export?format=xml").await.text.ends_with("</i>\n"));
}
