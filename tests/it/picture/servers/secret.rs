//! Who may call at all: whoever knows the secret, which stands in no log; and of OvenMediaEngine, what is signed with it.

use super::double::{ALL, Kind, Publisher, SECRET, ask, hooks, key_of, path, picture_is, signed, yes};
use crate::tools::{Scene, Setup, on_one_node};
use serde_json::json;

#[tokio::test]
async fn without_a_secret_there_is_no_such_call() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    for kind in ALL {
        let told = Publisher::new(kind, &host.stream, &key_of(host).await).publish(server).await;
        assert_eq!(told.status, 404, "{kind:?}: {told:?}");
    }
    host.post("/hooks/media//nginx", json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn with_another_secret_there_is_none_either() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for wrong in ["0123456789abcdef012345678", "x", "0123456789abcdef0123456789a"] {
        host.post(&format!("/hooks/media/{wrong}/nginx"), json!({})).await.refused(404, "not_found");
    }
    host.post(&format!("/hooks/media/{SECRET}/wowza"), json!({})).await.refused(404, "not_found");
    let record = server.record();
    assert!(!record.iter().any(|line| line.contains("0123456789")), "{record:?}");
}

#[tokio::test]
async fn what_is_not_signed_changes_nothing() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let publisher = Publisher::new(Kind::Ome, &host.stream, &key_of(host).await);
    let right = String::from_utf8(publisher.of_ome("incoming", "opening")).expect("a text");
    let (_, body) = right.split_once("\r\n\r\n").expect("a body");
    assert_eq!(ask(server, &signed(body, "another secret")).await.status, 403);
    let unsigned =
        format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", path("ome"), body.len());
    assert_eq!(ask(server, unsigned.as_bytes()).await.status, 403);
    picture_is(host, "none").await;
    yes(Kind::Ome, ask(server, right.as_bytes()).await);
    picture_is(host, "live").await;
    let record = server.record();
    assert!(!record.iter().any(|line| line.contains(SECRET)), "it is masked: {record:?}");
}

#[tokio::test]
async fn what_is_no_hook_and_what_is_too_large_is_refused() {
    let small = |setup: &mut Setup| {
        hooks(setup);
        setup.limits.body_bytes = 2048;
    };
    let Scene { server, .. } = &Scene::live_with(small).await;
    for (server_name, body) in
        [("srs", "{"), ("srs", "{}"), ("mediamtx", "[]"), ("nginx", "&&=%"), ("nginx", "call=x%ff")]
    {
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
            path(server_name),
            body.len()
        );
        let told = ask(server, format!("{head}{body}").as_bytes()).await;
        let is_right = [400, 422].contains(&told.status) || (server_name == "nginx" && told.status == 204);
        assert!(is_right, "{server_name} {body}: {told:?}");
    }
    let body = "a".repeat(2049);
    let head = format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 2049\r\n\r\n", path("nginx"));
    assert_eq!(ask(server, format!("{head}{body}").as_bytes()).await.status, 413);
}
