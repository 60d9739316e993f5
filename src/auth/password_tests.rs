//! Hashing for real, and the queue at its limit.

use super::*;
use futures_util::FutureExt;
use std::{sync::mpsc, time::Duration};

fn hasher(queue: usize) -> (Hasher, Metrics) {
    let metrics = Metrics::new();
    (Hasher::with_threads(1, queue, &metrics), metrics)
}

fn new(text: &str) -> Password {
    Password::parse(text).unwrap()
}

fn given(text: &str) -> LoginPassword {
    LoginPassword::parse(text).unwrap()
}

#[tokio::test]
async fn a_password_is_known_again_and_another_is_not() {
    let (hasher, _) = hasher(4);
    let hash = hasher.hash(&new("correct horse")).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let verdict = hasher.verify(&given("correct horse"), Some(&hash)).await.unwrap();
    assert_eq!(verdict, Verdict { ok: true, needs_rehash: false });
    assert!(!hasher.verify(&given("correct horsf"), Some(&hash)).await.unwrap().ok);
    assert_ne!(hash, hasher.hash(&new("correct horse")).await.unwrap(), "each has its salt");
}

#[tokio::test]
async fn passwords_that_differ_in_their_last_character_alone_do_not_match() {
    let (hasher, _) = hasher(4);
    for length in [72, 100, 1024] {
        let long = "p".repeat(length - 1);
        let hash = hasher.hash(&new(&format!("{long}1"))).await.unwrap();
        assert!(!hasher.verify(&given(&format!("{long}2")), Some(&hash)).await.unwrap().ok, "{length}");
    }
    let hash = hasher.hash(&new("before\0after")).await.unwrap();
    assert!(!hasher.verify(&given("before\0other"), Some(&hash)).await.unwrap().ok);
}

#[tokio::test]
async fn a_hash_of_lower_cost_still_opens_and_asks_to_be_made_anew() {
    let (hasher, _) = hasher(4);
    let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
    let old = weaker.hash_password(b"correct horse").unwrap().to_string();
    let verdict = hasher.verify(&given("correct horse"), Some(&old)).await.unwrap();
    assert_eq!(verdict, Verdict { ok: true, needs_rehash: true });
    let verdict = hasher.verify(&given("wrong horse"), Some(&old)).await.unwrap();
    assert_eq!(verdict, Verdict { ok: false, needs_rehash: false });
}

#[tokio::test]
async fn nobody_and_what_is_no_hash_are_never_right() {
    let (hasher, _) = hasher(4);
    for stored in
        [None, Some(""), Some("plain text"), Some("$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5"), Some(NOBODY)]
    {
        for password in ["", "plain text", "nobody has this"] {
            assert!(!hasher.verify(&given(password), stored).await.unwrap().ok, "{stored:?} {password:?}");
        }
    }
}

#[test]
fn nobody_costs_what_a_new_hash_costs() {
    let hash = Phc::new(&hash("correct horse").unwrap()).unwrap();
    assert!(is_current(&hash));
    assert_eq!(hash.salt.unwrap().as_ref().len(), nobody().salt.unwrap().as_ref().len());
    assert_eq!(hash.hash.unwrap().as_bytes().len(), nobody().hash.unwrap().as_bytes().len());
}

/// A hasher whose one thread is held up until the sender is used or dropped.
async fn held_up(queue: usize) -> (Hasher, Metrics, mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (hasher, metrics) = hasher(queue);
    let (release, held) = mpsc::channel::<()>();
    let (started, has_started) = oneshot::channel();
    let holder = hasher.clone();
    let task = tokio::spawn(async move {
        let hold = move || {
            started.send(()).unwrap();
            let _released = held.recv();
        };
        holder.run(hold).await.unwrap();
    });
    has_started.await.unwrap();
    (hasher, metrics, release, task)
}

async fn until_waiting(count: i64, metrics: &Metrics) {
    let reached = async {
        while metrics.login_queue.get() != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reached).await.expect("the queue to change");
}

#[tokio::test]
async fn one_more_than_the_queue_holds_is_told_to_come_again() {
    let (hasher, metrics, release, task) = held_up(2).await;
    let waiting: Vec<_> = (0..2)
        .map(|number| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.run(move || number).await })
        })
        .collect();
    until_waiting(2, &metrics).await;
    let refused = hasher.hash(&new("correct horse")).await;
    assert_eq!(refused, Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS }));
    assert_eq!(metrics.login_queue.get(), 2, "who was refused does not wait");
    drop(release);
    task.await.unwrap();
    for (number, answer) in waiting.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap(), Ok(number));
    }
    assert_eq!(metrics.login_queue.get(), 0);
}

#[tokio::test]
async fn there_is_a_permit_for_each_thread_and_each_that_waits_until_it_is_given_back() {
    let (hasher, _) = hasher(2);
    let mut permits: Vec<_> = (0..3).map(|_| hasher.permit().unwrap()).collect();
    assert_eq!(hasher.permit().unwrap_err(), Error::Busy { retry_after_ms: RETRY_AFTER_MS });
    permits.pop();
    assert!(hasher.permit().is_ok());
}

#[tokio::test]
async fn callers_who_went_away_leave_their_place_and_cost_no_hash() {
    let (hasher, metrics, release, task) = held_up(2).await;
    let (ran, was_run) = mpsc::channel();
    for _ in 0..2 {
        let ran = ran.clone();
        let gone = hasher.run(move || ran.send(())).now_or_never();
        assert!(gone.is_none(), "polled once, then dropped");
    }
    assert_eq!(metrics.login_queue.get(), 2);
    drop((ran, release));
    task.await.unwrap();
    until_waiting(0, &metrics).await;
    assert_eq!(hasher.run(|| 1).await, Ok(1), "the thread is free again");
    assert!(was_run.recv().is_err(), "nobody waited for what they asked");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_thread_lives() {
    let (hasher, _) = hasher(2);
    let answer = hasher.run(|| -> i32 { panic!("in a test, on purpose") }).await;
    assert!(matches!(answer, Err(Error::Failed(_))), "{answer:?}");
    assert_eq!(hasher.run(|| 1).await, Ok(1));
}
