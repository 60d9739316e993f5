//! What is measured, not tested: times, on a quiet machine and with a release build.
//! `LIVEHOUSE_TEST_BINARY=$PWD/target/dist/livehouse cargo test --test it measured -- --ignored --nocapture --test-threads 1`

use crate::{
    accounts::flood::try_logins,
    tools::{Client, Place, Running, User, Viewer},
};
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use tokio::time::interval;

/// Tries for each of two medians that are compared.
const TRIES: usize = 100;
/// Comments of one measurement, and the time between two.
const COMMENTS: usize = 300;
const PACE: Duration = Duration::from_millis(20);

fn quantile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share).ceil() as usize]
}

async fn time_of_login(guest: &Client, username: &str) -> Duration {
    let begun = Instant::now();
    guest.log_in(username, "not the password").await.refused(401, "invalid_credentials");
    begun.elapsed()
}

#[tokio::test]
#[ignore = "a measurement"]
async fn known_and_unknown_names_take_the_same_time_within_a_tenth() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let guest = running.guest();
    for n in 0..TRIES {
        User::register(guest.clone(), &format!("known{n}")).await;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..TRIES {
        known.push(time_of_login(&guest, &format!("known{n}")).await);
        unknown.push(time_of_login(&guest, &format!("other{n}")).await);
    }
    let (known, unknown) = (quantile(&mut known, 0.5), quantile(&mut unknown, 0.5));
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    println!("median of {TRIES} known names {known:?}, of as many unknown {unknown:?}: {ratio:.3}");
    assert!((0.9..=1.1).contains(&ratio), "{ratio}");
}

/// From when each comment was to be said until its author sees it.
async fn chat(viewer: &mut Viewer, what: &str) -> Vec<Duration> {
    let mut ticks = interval(PACE);
    let mut times = Vec::with_capacity(COMMENTS);
    for n in 0..COMMENTS {
        let due = ticks.tick().await;
        let content = format!("{what} {n}");
        viewer.say(json!({"op": "comment", "content": content})).await;
        viewer.expect_comment(&content).await;
        times.push(due.elapsed());
    }
    times
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "a measurement"]
async fn five_hundred_logins_at_once_cost_the_chat_no_more_than_one_hash() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let mut viewer = User::on_air(running.guest(), "ana").await.join().await;
    let mut hashes = Vec::new();
    for _ in 0..20 {
        hashes.push(time_of_login(&running.guest(), "ana").await);
    }
    let hash = quantile(&mut hashes, 0.5);
    let rss = running.size("VmRSS:");
    let quiet = quantile(&mut chat(&mut viewer, "quiet").await, 0.99);

    let is_over = AtomicBool::new(false);
    let (mut flooded, (tried, refused)) = thread::scope(|scope| {
        let flooding = scope.spawn(|| run(flood(&running, &is_over)));
        let flooded = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(chat(&mut viewer, "flooded"))
        });
        is_over.store(true, Ordering::Relaxed);
        (flooded, flooding.join().expect("the flood is answered"))
    });
    let flooded = quantile(&mut flooded, 0.99);
    let most = running.size("VmHWM:");
    println!("one hash {hash:?}; p99 of the chat: quiet {quiet:?}, flooded {flooded:?}");
    println!("{tried} logins, {refused} refused; RSS before {} MiB, at most {} MiB", rss >> 20, most >> 20);
    assert!(flooded <= quiet + hash, "{flooded:?} > {quiet:?} + {hash:?}");
}

/// Wave after wave, each as soon as the one before is answered. How many were tried, and how many refused.
#[cfg(target_os = "linux")]
async fn flood(running: &Running, is_over: &AtomicBool) -> (usize, usize) {
    let guest = running.guest();
    let (mut tried, mut refused) = (0, 0);
    while !is_over.load(Ordering::Relaxed) {
        let answers = try_logins(&guest).await;
        tried += answers.len();
        refused += answers.iter().filter(|answer| answer.status == 503).count();
    }
    (tried, refused)
}

/// On a thread that steps back: the attacker's own work is no part of what is measured, but shares this machine's cores.
#[cfg(target_os = "linux")]
fn run<T>(work: impl Future<Output = T>) -> T {
    rustix::process::nice(15).expect("Linux lets one step back");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}
