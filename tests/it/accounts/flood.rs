//! Five hundred logins at once, beside a chat that goes on. `measured.rs` has its times.

use crate::tools::{Answer, Client, Place, Running, User};
use futures_util::future::{join, join_all};
use serde_json::json;

const LOGINS: usize = 500;

/// Logins that wait at most, beside those whose password is being checked.
const QUEUE: usize = 64;
/// What one check takes.
#[cfg(target_os = "linux")]
const HASH_BYTES: u64 = 19 << 20;
/// For five hundred connections, their requests and their answers.
#[cfg(target_os = "linux")]
const SLACK_BYTES: u64 = 48 << 20;

#[cfg(target_os = "linux")]
fn threads() -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get());
    (cores / 2).max(1) as u64
}

/// Somebody tries many names at once; every answer.
pub async fn try_logins(guest: &Client) -> Vec<Answer> {
    let tries = (0..LOGINS).map(|n| {
        let body = json!({"username": format!("nobody{n}"), "password": "not the password"});
        async move { guest.post("/sessions", body).await }
    });
    join_all(tries).await
}

/// The program is started with all limits lifted: how many may wait for a hash is none of those.
#[tokio::test]
async fn five_hundred_logins_at_once_are_answered_or_refused_while_the_chat_goes_on() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let guest = running.guest();
    let mut viewer = User::on_air(guest.clone(), "ana").await.join().await;
    viewer.comment("quiet").await;
    #[cfg(target_os = "linux")]
    let before = running.size("VmRSS:");

    let chat = async {
        for n in 0..50 {
            assert_eq!(viewer.comment(&format!("{n}")).await["type"], "ack");
            viewer.expect_comment(&format!("{n}")).await;
        }
    };
    let (answers, ()) = join(try_logins(&guest), chat).await;

    let (refused, checked): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 503);
    assert!(checked.len() >= QUEUE, "{} were checked", checked.len());
    assert!(!refused.is_empty(), "the queue has no bound");
    checked.into_iter().for_each(|answer| drop(answer.refused(401, "invalid_credentials")));
    for answer in refused {
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1, "{answer:?}");
        answer.refused(503, "overloaded");
    }
    #[cfg(target_os = "linux")]
    {
        let (most, allowed) = (running.size("VmHWM:"), before + threads() * HASH_BYTES + SLACK_BYTES);
        assert!(most <= allowed, "{} MiB of {}", most >> 20, allowed >> 20);
    }
    viewer.leave().await;
}
