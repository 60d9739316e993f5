//! The program under a system clock that is set while it runs (libfaketime bends it; the clock that nobody can set stays
//! true): nobody notices but its log.

use crate::{
    need::{self, Need},
    tools::{PASSWORD, Place, Running, User, Viewer},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

const REVOKED: u16 = 4401;

pub fn tests() -> Vec<Trial> {
    need::tests![[Faketime]:
        a_clock_that_is_set_back_an_hour_is_not_noticed,
        a_clock_that_is_set_back_three_seconds_is_not_noticed,
        a_clock_that_is_set_ahead_thirteen_hours_is_not_noticed,
        another_date_is_taken_over_at_once,
    ]
}

/// The system's clock, as the program sees it.
pub struct SystemClock {
    file: PathBuf,
}

impl SystemClock {
    /// So many seconds beside the true one.
    pub fn beside(place: &Place, seconds: i64) -> SystemClock {
        let clock = SystemClock { file: place.path("clock") };
        clock.set(seconds);
        clock
    }

    /// What a program needs in its environment to go by it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", Need::Faketime.found().expect("libfaketime")),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().expect("a plain path").to_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    /// Sets it so many seconds beside the true one.
    pub fn set(&self, seconds: i64) {
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n")).expect("a file for a test");
        fs::rename(&next, &self.file).expect("a file for a test");
    }
}

/// A program that runs by a clock of its own.
pub struct Bent {
    pub place: Place,
    pub clock: SystemClock,
    pub running: Running,
}

impl Bent {
    pub fn start(seconds: i64) -> Bent {
        let place = Place::new();
        let clock = SystemClock::beside(&place, seconds);
        let environment = clock.environment();
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let running = Running::start(&place, &environment);
        Bent { place, clock, running }
    }

    /// Sets the clock, and waits until the program has seen it.
    pub async fn set(&self, seconds: i64) -> String {
        self.clock.set(seconds);
        self.running.says("the system's clock was set").await
    }

    /// An operator's command beside it, by the same clock.
    fn command(&self, arguments: &str) -> String {
        let environment = self.clock.environment();
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.place.run_with(arguments, &environment, "").ok()
    }
}

async fn a_clock_that_is_set_back_an_hour_is_not_noticed() {
    let told = is_not_noticed(-3600).await;
    assert!(
        told.contains("set back by 3600.0 s; this server's time is") && told.contains("slower"),
        "{told}"
    );
}

async fn a_clock_that_is_set_back_three_seconds_is_not_noticed() {
    let told = is_not_noticed(-3).await;
    assert!(told.contains("set back by 3.0 s"), "{told}");
}

async fn a_clock_that_is_set_ahead_thirteen_hours_is_not_noticed() {
    let told = is_not_noticed(13 * 3600).await;
    assert!(
        told.contains("set ahead by 46800.0 s; this server's time is") && told.contains("faster"),
        "{told}"
    );
}

/// Sets the clock under people in a room; gives what the log says of it.
async fn is_not_noticed(seconds: i64) -> String {
    let bent = Bent::start(0);
    let mut ana = User::on_air(bent.running.guest(), "ana").await;
    let bo = User::register(ana.guest(), "bob").await;
    let (mut anas, mut bos) = (ana.join().await, bo.join().await);
    let before = said(&mut bos, &mut anas, "before").await;
    let told = bent.set(seconds).await;

    // Tokens of before are good, and so are those of after.
    assert!(ana.is_signed_in().await && bo.is_signed_in().await, "{seconds}");
    ana.refresh().await.ok();
    assert!(ana.is_signed_in().await, "{seconds}");
    let again = ana.log_in_again().await;
    assert!(again.is_signed_in().await, "{seconds}");
    bos.ask(json!({"op": "auth", "token": bo.token})).await;

    // The room goes on: what is said comes later than what was said, and pulses come.
    let after = said(&mut bos, &mut anas, "after").await;
    assert!(after["created_at"].as_str() > before["created_at"].as_str(), "{before} {after}");
    let _third = ana.guest().join().await;
    anas.expect_where("pulse", |pulse| pulse["viewers"] == 3).await;
    let seen = ana.get("").await.ok();
    assert_eq!(seen["status"], "live");

    // Another hand, whose clock is the new one, ends a session: its socket closes.
    bent.command(&format!("admin sessions revoke bob {}", bo.session_id));
    bos.expect_close().await.says(REVOKED);
    let ended = ana.post("end", json!({})).await.ok();
    assert!(ended["ended_at"].as_str() > ended["started_at"].as_str(), "{ended}");
    told
}

/// Says something, and gives it as another one hears it.
async fn said(from: &mut Viewer, to: &mut Viewer, content: &str) -> Value {
    let answer = from.comment(content).await;
    assert_eq!(answer["type"], "ack", "{answer}");
    to.expect_comment(content).await["comment"].clone()
}

/// A board without a clock of its own begins in 1970, until it has asked somebody for the time.
async fn another_date_is_taken_over_at_once() {
    let true_time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let bent = Bent::start(100_000 - true_time.as_secs() as i64);
    let mut ana = User::register(bent.running.guest(), "ana").await;
    ana.stream = ana.create_stream("Early").await.stream;
    let early = ana.comment("early").await;
    assert!(early["created_at"].as_str().expect("a time").starts_with("1970-"), "{early}");
    let told = bent.set(0).await;
    assert!(told.contains("set ahead") && told.contains("goes by it at once"), "{told}");
    // The token of 1970 has ended; the password is for ever.
    ana.get("/users/me").await.refused(401, "token_expired");
    let login = json!({"username": "ana", "password": PASSWORD});
    let session = bent.running.guest().post("/sessions", login).await.ok()["session"].clone();
    let late = ana.with_token(session["access_token"].as_str().expect("a token")).comment("late").await;
    assert!(late["created_at"].as_str().expect("a time").starts_with("20"), "{late}");
}
