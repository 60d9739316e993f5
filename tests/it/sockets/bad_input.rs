//! Bad input over sockets: each mistake has its coded answer, each that closes has its goodbye, and the house stands.

use crate::tools::{Scene, TestServer};
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// Of the 20 bad frames that close a socket, how many are sent on one.
const A_SOCKET: usize = 15;

/// Sends each text and expects an `error` of this code.
async fn are_refused(texts: &[String], code: &str) {
    let Scene { bo, .. } = &Scene::scheduled().await;
    for texts in texts.chunks(A_SOCKET) {
        let mut viewer = bo.join().await;
        for text in texts {
            viewer.send(Message::text(text.clone())).await;
            let error = viewer.expect("error").await;
            assert_eq!(error["code"], code, "{text:.200}: {error}");
            assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        }
        viewer.is_heard().await;
        assert_eq!(viewer.comment("still here").await["type"], "ack");
    }
}

fn frame(bytes: impl Into<Vec<u8>>, kind: Data, is_last: bool) -> Message {
    Message::Frame(Frame::message(bytes.into(), OpCode::Data(kind), is_last))
}

#[tokio::test]
async fn what_is_not_json_is_a_bad_request() {
    let texts = [
        String::new(),
        "{".into(),
        "nul".into(),
        "{\"op\":\"ping\"} x".into(),
        "{\"op\":\"ping\",}".into(),
        "{'op':'ping'}".into(),
        "{\"op\":\"ping\"".into(),
        "{\"op\":\"pi\u{0}ng\"}".into(),
        "{\"op\":\"comment\",\"content\":\"\u{0}\"}".into(),
        r#"{"op":"comment","content":"\ud800"}"#.into(),
        r#"{"op":"comment","content":"\udc00\ud800"}"#.into(),
        r#"{"op":"comment","content":"\x41"}"#.into(),
        r#"{"op":"react","kind":"like","count":1e999}"#.into(),
        r#"{"op":"react","kind":"like","count":NaN}"#.into(),
        r#"{"op":"react","kind":"like","count":01}"#.into(),
        "[".repeat(16_000),
        format!("{{\"op\":{}", "{\"a\":".repeat(3_000)),
        format!("{}1{}", "[".repeat(8_000), "]".repeat(8_000)),
        "\u{feff}{\"op\":\"ping\"}".into(),
    ];
    are_refused(&texts, "bad_request").await;
}

#[tokio::test]
async fn json_that_is_no_op_is_an_invalid_field() {
    let comment = |members: &str| format!(r#"{{"op":"comment",{members}}}"#);
    let texts = [
        "null".into(),
        "true".into(),
        "7".into(),
        "\"ping\"".into(),
        "[]".into(),
        "[{\"op\":\"ping\"}]".into(),
        "{}".into(),
        r#"{"op":null}"#.into(),
        r#"{"op":7}"#.into(),
        r#"{"op":"fly"}"#.into(),
        r#"{"op":"PING"}"#.into(),
        r#"{"op":"ping\u0000"}"#.into(),
        r#"{"op":"ping","x":1}"#.into(),
        r#"{"op":"ping","ref":7}"#.into(),
        format!(r#"{{"op":"ping","ref":"{}"}}"#, "r".repeat(65)),
        r#"{"op":"auth"}"#.into(),
        r#"{"op":"auth","token":7}"#.into(),
        r#"{"op":"delete"}"#.into(),
        r#"{"op":"delete","comment_id":"1"}"#.into(),
        r#"{"op":"delete","comment_id":{"id":"x"}}"#.into(),
        r#"{"op":"react","kind":"bow"}"#.into(),
        r#"{"op":"react","kind":"like","count":0}"#.into(),
        r#"{"op":"react","kind":"like","count":21}"#.into(),
        r#"{"op":"react","kind":"like","count":-1}"#.into(),
        r#"{"op":"react","kind":"like","count":1.5}"#.into(),
        r#"{"op":"react","kind":"like","count":99999999999999999999999999}"#.into(),
        r#"{"op":"vote","poll_id":"x","option":0}"#.into(),
        r#"{"op":"vote","poll_id":"01890a5d-ac96-774b-bcce-b302099a8057","option":-1}"#.into(),
        r#"{"op":"vote","poll_id":"01890a5d-ac96-774b-bcce-b302099a8057","option":4294967296}"#.into(),
        r#"{"op":"comment"}"#.into(),
        comment(r#""content":null"#),
        comment(r#""content":7"#),
        comment(r#""content":["a"]"#),
        comment(r#""content":"""#),
        comment(r#""content":" \n\t ""#),
        comment(r#""content":"\u0000\u0007\u202e""#),
        comment(&format!(r#""content":"{}""#, "é".repeat(501))),
        comment(&format!(r#""content":"{}""#, "👩‍🚀".repeat(400))),
        comment(r#""content":"a","author":"host""#),
        comment(r#""content":"a","client_id":"""#),
        comment(r#""content":"a","client_id":7"#),
        comment(&format!(r#""content":"a","client_id":"{}""#, "c".repeat(65))),
        comment(r#""content":"a","style":"scroll""#),
        comment(r#""content":"a","style":{"mode":"fly"}"#),
        comment(r##""content":"a","style":{"color":"#12345"}"##),
        comment(r#""content":"a","style":{"size":"huge"}"#),
        comment(r#""content":"a","style":{"font":"serif"}"#),
        comment(r#""content":"a","reply_to":"x""#),
        comment(r#""content":"a","reply_to":1e3"#),
    ];
    are_refused(&texts, "invalid_field").await;
}

#[tokio::test]
async fn the_ref_comes_back_on_the_refusal() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    for op in [json!({"op": "fly"}), json!({"op": "comment"}), json!({"op": "comment", "content": 7})] {
        assert_eq!(viewer.ask(op).await["code"], "invalid_field");
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_deleted_or_voted_on() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    let nothing = "01890a5d-ac96-774b-bcce-b302099a8057";
    for op in [
        json!({"op": "delete", "comment_id": nothing}),
        json!({"op": "vote", "poll_id": nothing, "option": 0}),
    ] {
        assert_eq!(viewer.ask(op.clone()).await["code"], "not_found", "{op}");
    }
    viewer.is_heard().await;
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    viewer.send(Message::binary(b"{\"op\":\"ping\"}".to_vec())).await;
    viewer.expect_close().await.says(1003);
}

#[tokio::test]
async fn text_that_is_not_utf_8_closes_with_1007() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let surrogate = b"{\"op\":\"comment\",\"content\":\"\xed\xa0\x80\"}";
    let overlong = b"{\"op\":\"ping\xc0\x80\"}";
    let cut = b"{\"op\":\"ping\"}\xf0\x9f";
    for bytes in [&surrogate[..], overlong, cut, b"\xff"] {
        let mut viewer = bo.join().await;
        viewer.send(frame(bytes, Data::Text, true)).await;
        viewer.expect_close().await.says(1007);
    }
}

#[tokio::test]
async fn a_message_that_is_too_big_closes_with_1009() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    let ping = |length: usize| format!("{:<length$}", r#"{"op":"ping"}"#);
    viewer.send(Message::text(ping(16_384))).await;
    viewer.expect("pong").await;
    viewer.send(Message::text(ping(16_385))).await;
    viewer.expect_close().await.says(1009);

    let mut in_parts = bo.join().await;
    in_parts.send(frame(vec![b' '; 10_000], Data::Text, false)).await;
    in_parts.send(frame(vec![b' '; 10_000], Data::Continue, true)).await;
    in_parts.expect_close().await.says(1009);

    let mut in_crumbs = bo.join().await;
    in_crumbs.send(frame(b"{", Data::Text, false)).await;
    for _ in 0..64 {
        in_crumbs.send(frame(b" ", Data::Continue, false)).await;
    }
    in_crumbs.expect_close().await.says(1009);
}

#[tokio::test]
async fn what_no_websocket_says_closes_with_1002() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    for message in [frame(b"{}", Data::Reserved(3), true), frame(b"{}", Data::Continue, true)] {
        let mut viewer = bo.join().await;
        viewer.send(message).await;
        viewer.expect_close().await.says(1002);
    }
}

#[tokio::test]
async fn the_20th_bad_frame_closes_with_4400_and_each_before_is_answered() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    for _ in 0..19 {
        viewer.say(json!({"op": "fly"})).await;
        viewer.expect("error").await;
    }
    viewer.say(json!({"op": "fly"})).await;
    viewer.expect_close().await.says(4400);
}

#[tokio::test]
async fn too_many_frames_close_with_4429_and_say_when_to_come_back() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    for _ in 0..80 {
        viewer.say(json!({"op": "ping"})).await;
    }
    let bye = viewer.expect_close().await.says(4429);
    assert!(bye["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{bye}");
}

#[tokio::test]
async fn the_third_refused_token_closes_with_4401() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    let long = "x".repeat(5_000);
    for token in ["", "no token", &long] {
        let error = viewer.ask(json!({"op": "auth", "token": token})).await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("unauthenticated")));
    }
    viewer.expect_close().await.says(4401);
}

#[tokio::test]
async fn a_refused_token_changes_nothing() {
    let Scene { bo, .. } = &Scene::scheduled().await;
    let mut viewer = bo.join().await;
    assert_eq!(viewer.ask(json!({"op": "auth", "token": "no token"})).await["type"], "error");
    assert_eq!(viewer.comment("still me").await["comment"]["user"]["username"], "bob");
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_404_before_the_upgrade() {
    let server = TestServer::spawn();
    for id in ["01890a5d-ac96-774b-bcce-b302099a8057", "x", "%00", "%ff"] {
        assert_eq!(server.guest().at(id).refusal().await, 404, "{id}");
    }
}
