//! A real server in this process: its own thread, ports chosen by the system, its own database. Dropping it stops it and
//! asserts that nothing was left behind.

use super::{Client, PATIENCE, Place, User};
use livehouse::{
    config::{Cap, Config},
    internals::{Keys, Store, users},
    server::{self, Left, Stopper},
};
use std::{
    panic::Location,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// What every test account has.
pub const PASSWORD: &str = "a stage of one's own";

pub struct TestServer {
    pub port: u16,
    pub ops_port: u16,
    stopper: Stopper,
    thread: Option<JoinHandle<Left>>,
    http: reqwest::Client,
    config: Config,
    place: Place,
    /// What those who come have at hand.
    pub stream: String,
}

impl TestServer {
    /// A server as it is out of the box, but that one address may register and log in as often as it likes.
    pub fn spawn() -> TestServer {
        TestServer::spawn_with(|_| {})
    }

    /// The same with something changed.
    pub fn spawn_with(change: impl FnOnce(&mut Config)) -> TestServer {
        let place = Place::new();
        let mut config = Config::for_tests(&place.path("data"));
        config.drain = Duration::ZERO;
        config.limits.registrations_per_ip = Cap::LIFTED;
        config.limits.logins_per_ip = Cap::LIFTED;
        database::choose(&mut config);
        change(&mut config);
        TestServer::run(config, place)
    }

    fn run(config: Config, place: Place) -> TestServer {
        let (tell, told) = mpsc::channel();
        let kept = config.clone();
        let thread = thread::spawn(move || {
            actix::System::new().block_on(async move {
                let server = server::bind(config).await.expect("the server starts");
                let ops_port = server.ops_port().expect("a port of its own");
                tell.send((server.port(), ops_port, server.stopper())).expect("the test waits");
                server.run().await.expect("the server stops in order")
            })
        });
        let (port, ops_port, stopper) = told.recv().expect("the server starts");
        TestServer {
            port,
            ops_port,
            stopper,
            thread: Some(thread),
            http: reqwest::Client::new(),
            config: kept,
            place,
            stream: String::new(),
        }
    }

    /// Stops it and starts another on the same data, on other ports.
    pub fn restart(mut self) -> TestServer {
        assert_eq!(self.stop(), Left::default());
        let place = std::mem::replace(&mut self.place, Place::new());
        let mut server = TestServer::run(self.config.clone(), place);
        server.stream.clone_from(&self.stream);
        server
    }

    /// `http://127.0.0.1:port` and the path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same on the operators' listener.
    pub fn ops_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ops_port)
    }

    /// Somebody without an account.
    pub fn guest(&self) -> Client {
        Client::new(self.http.clone(), self.port).at(&self.stream)
    }

    /// A new account, logged in.
    #[track_caller]
    pub fn register(&self, username: &str) -> impl Future<Output = User> + use<> {
        User::register(self.guest(), username)
    }

    /// The keys with which it signs tokens.
    pub fn keys(&self) -> Keys {
        Keys::new(&self.config.secret_key, None)
    }

    /// Runs `livehouse` beside it, on its database, and gives what it prints.
    pub fn operate(&self, arguments: &str) -> String {
        let url = self.config.database_url.expose();
        self.place.run_with(arguments, &[("LIVEHOUSE_DATABASE_URL", url.as_str())], "").ok()
    }

    /// What is on record, as an operator reads it.
    pub fn record(&self) -> Vec<String> {
        self.operate("admin audit --last 100000").lines().map(str::to_owned).collect()
    }

    /// Waits until an entry has all of these, and gives it.
    #[track_caller]
    pub fn on_record(&self, parts: &[&str]) -> impl Future<Output = String> {
        let at = Location::caller();
        async move {
            let begun = Instant::now();
            loop {
                // A process of its own each time, so that this is no busy loop.
                let record = self.record();
                let is_it = |line: &&String| parts.iter().all(|part| line.contains(part));
                if let Some(line) = record.iter().find(is_it) {
                    return line.clone();
                }
                assert!(begun.elapsed() < PATIENCE, "{at}: {parts:?} is not on record: {record:#?}");
            }
        }
    }

    /// The metrics, as operators read them.
    pub async fn metrics(&self) -> String {
        let answer = self.http.get(self.ops_url("/metrics")).send().await.expect("operators are answered");
        answer.text().await.expect("metrics are text")
    }

    /// One of them.
    pub async fn metric(&self, name: &str) -> i64 {
        value_in(&self.metrics().await, name)
    }

    /// Its database, opened beside it.
    pub fn store(&self) -> Store {
        Store::open(&self.config.database_url.expose()).expect("the database opens")
    }

    /// Makes somebody an operator.
    pub fn promote(&self, user: &User) {
        let id = user.id.parse().expect("an id");
        self.store().write_blocking(|tx| users::set_admin(tx, id, true)).expect("an admin is made");
    }

    /// The directory of its data.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether it says that it is ready.
    pub async fn is_ready(&self) -> bool {
        let answer = self.http.get(self.url("/health/ready")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Tells it to stop, and does not wait.
    pub fn begin_to_stop(&self) {
        self.stopper.stop();
    }

    fn stop(&mut self) -> Left {
        self.stopper.stop();
        let thread = self.thread.take().expect("it is stopped once");
        thread.join().expect("the server does not panic")
    }
}

/// A number among metrics.
#[track_caller]
pub fn value_in(metrics: &str, name: &str) -> i64 {
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().expect("a number")
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if self.thread.is_none() {
            return;
        }
        if thread::panicking() {
            return self.stopper.stop();
        }
        assert_eq!(self.stop(), Left::default(), "something was left behind");
    }
}

/// SQLite in the test's directory, or a schema of its own in `LIVEHOUSE_TEST_POSTGRES_URL`.
mod database {
    use livehouse::config::Config;

    #[cfg(not(feature = "postgres"))]
    pub fn choose(_: &mut Config) {}

    #[cfg(feature = "postgres")]
    pub fn choose(config: &mut Config) {
        use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
        use livehouse::config::DatabaseUrl;

        let Ok(url) = std::env::var("LIVEHOUSE_TEST_POSTGRES_URL") else {
            let required = std::env::var("LIVEHOUSE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "LIVEHOUSE_REQUIRE_POSTGRES is set and LIVEHOUSE_TEST_POSTGRES_URL is not");
            return;
        };
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut conn = PgConnection::establish(&url).expect("LIVEHOUSE_TEST_POSTGRES_URL answers");
        sql_query(format!("CREATE SCHEMA {schema}")).execute(&mut conn).expect("a schema can be made");
        let sign = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{sign}options=-csearch_path%3D{schema}");
        config.database_url = DatabaseUrl::Postgres(url.into());
    }
}
