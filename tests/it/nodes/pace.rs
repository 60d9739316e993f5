//! Who writes on two servers in turn is held to the limits of one: slow mode, the rule against repeats, the pace.

use super::two_servers;
use crate::tools::{Setup, TestServer, User, Viewer, without_limits};
use livehouse::config::Cap;
use serde_json::{Value, json};

/// A stream on air, its host, and somebody who is in it by both servers.
struct Scene {
    servers: [TestServer; 2],
    host: User,
    bo: [Viewer; 2],
}

impl Scene {
    async fn with(settings: Value, change: impl Fn(&mut Setup)) -> Scene {
        let servers = two_servers(change);
        let mut host = servers[0].register("host").await;
        host.stream = host.go_live("Two doors").await.stream;
        host.patch("settings", settings).await.ok();
        let bo = servers[0].register("bob").await.at(&host.stream);
        let bo = [bo.join().await, bo.at_port(servers[1].port).join().await];
        Scene { servers, host, bo }
    }

    /// The answer to a comment on one of the servers: its `type`, or its code where it is refused.
    async fn says(&mut self, server: usize, content: &str) -> String {
        let answer = self.bo[server].ask(json!({"op": "comment", "content": content})).await;
        let code = answer.get("code").unwrap_or(&answer["type"]);
        code.as_str().expect("a text").to_owned()
    }

    /// Writes in turn, each time something else, until so many are stored: what the others were refused for.
    async fn writes_until_stored(&mut self, count: usize) -> Vec<String> {
        let (mut stored, mut refused) = (0, Vec::new());
        for n in 0.. {
            match self.says(n % 2, &format!("word{n}")).await.as_str() {
                "ack" => stored += 1,
                code => refused.push(code.to_owned()),
            }
            if stored == count {
                break;
            }
        }
        refused
    }

    /// When comments were written, by the log.
    async fn written_at(&self) -> Vec<i64> {
        let (log, _) = self.host.log().await;
        let comments = log.iter().filter(|event| event["type"] == "comment.created");
        let at = comments.map(|event| event["comment"]["created_at"].as_str().expect("a time").to_owned());
        at.map(|at| at.parse::<jiff::Timestamp>().expect("a time").as_millisecond()).collect()
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn slow_mode_is_one_over_two_servers() {
    let mut scene = Scene::with(json!({"slow_mode_s": 1}), without_limits).await;
    let refused = scene.writes_until_stored(4).await;
    assert!(!refused.is_empty() && refused.iter().all(|code| code == "slow_mode"), "{refused:?}");
    let at = scene.written_at().await;
    assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= 1000), "{at:?}");
    let mut fenced = 0;
    for server in &scene.servers {
        let metrics = server.metrics().await;
        fenced += usize::from(metrics.contains("livehouse_fences_total{code=\"slow_mode\"}"));
    }
    assert!(fenced > 0, "the fence is counted");
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn the_pace_is_one_over_two_servers() {
    let five = |config: &mut Setup| {
        without_limits(config);
        config.limits.comments_per_user = Cap::new(5);
    };
    let mut scene = Scene::with(json!({}), five).await;
    let refused = scene.writes_until_stored(7).await;
    assert!(!refused.is_empty() && refused.iter().all(|code| code == "too_fast"), "{refused:?}");
    let at = scene.written_at().await;
    assert!(at.windows(6).all(|six| six[5] - six[0] >= 5000), "{at:?}");
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn what_was_said_on_one_server_is_a_repeat_on_the_other() {
    let mut scene = Scene::with(json!({"repeat_window_s": 3600}), without_limits).await;
    assert_eq!(scene.says(0, "Hello").await, "ack");
    assert_eq!(scene.says(1, "hello").await, "repeated");
    assert_eq!(scene.says(1, "goodbye").await, "ack");
    assert_eq!(scene.says(0, "goodbye").await, "repeated");
}
