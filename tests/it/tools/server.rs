//! A real server in this process, or several with one database: each on its own thread, at ports chosen by the system.
//! Dropping it stops them and asserts that nothing was left behind.

use super::{Client, PATIENCE, Place, Ports, Setup, User, node::Node};
use futures_util::future::join_all;
use livehouse::{
    config::Config,
    internals::{Keys, Store, users},
    server::Left,
};
use std::{panic::Location, thread, time::Instant};

/// What every test account has.
pub const PASSWORD: &str = "a stage of one's own";

pub struct TestServer {
    /// The first one's ports.
    pub port: u16,
    pub ops_port: u16,
    nodes: Vec<Node>,
    ports: Ports,
    http: reqwest::Client,
    configs: Vec<Config>,
    place: Place,
    /// What those who come have at hand.
    pub stream: String,
}

impl TestServer {
    /// A server as it is out of the box, but that one address may register and log in as often as it likes; as many as
    /// `LIVEHOUSE_TEST_NODES` says.
    pub fn spawn() -> TestServer {
        TestServer::spawn_with(|_| {})
    }

    /// The same with something changed.
    pub fn spawn_with(change: impl FnOnce(&mut Setup)) -> TestServer {
        let place = Place::new();
        let mut setup = Setup::below(&place.path("data"));
        change(&mut setup);
        TestServer::run(setup.configs(), place)
    }

    /// Another server on the same PostgreSQL, beside this one.
    pub fn beside(&self, change: impl FnOnce(&mut Setup)) -> TestServer {
        let database_url = self.configs[0].database_url.clone();
        TestServer::spawn_with(|setup| {
            change(setup);
            setup.on_one_node().database_url = database_url;
        })
    }

    fn run(configs: Vec<Config>, place: Place) -> TestServer {
        let nodes: Vec<Node> = configs.iter().cloned().map(Node::start).collect();
        TestServer {
            port: nodes[0].port,
            ops_port: nodes[0].ops_port,
            ports: Ports::of(nodes.iter().map(|node| node.port).collect()),
            nodes,
            http: reqwest::Client::new(),
            configs,
            place,
            stream: String::new(),
        }
    }

    /// Stops it and starts another on the same data, on other ports.
    pub fn restart(mut self) -> TestServer {
        self.stop();
        let place = std::mem::replace(&mut self.place, Place::new());
        let mut server = TestServer::run(self.configs.clone(), place);
        server.stream.clone_from(&self.stream);
        server
    }

    /// Where any of its servers answers.
    pub fn ports(&self) -> &Ports {
        &self.ports
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
        Client::new(self.http.clone(), self.ports.clone()).at(&self.stream)
    }

    /// A new account, logged in.
    #[track_caller]
    pub fn register(&self, username: &str) -> impl Future<Output = User> + use<> {
        User::register(self.guest(), username)
    }

    /// The keys with which it signs tokens.
    pub fn keys(&self) -> Keys {
        Keys::new(&self.configs[0].secret_key, None)
    }

    /// Runs `livehouse` beside it, on its database, and gives what it prints.
    pub fn operate(&self, arguments: &str) -> String {
        let url = self.configs[0].database_url.expose();
        self.place.run_with(arguments, &[("LIVEHOUSE_DATABASE_URL", url.as_str())], "").ok()
    }

    /// The same for what is refused; gives why.
    pub fn misoperate(&self, arguments: &str) -> String {
        let url = self.configs[0].database_url.expose();
        self.place.run_with(arguments, &[("LIVEHOUSE_DATABASE_URL", url.as_str())], "").refused(1)
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
        self.metrics_at(self.ops_port).await
    }

    async fn metrics_at(&self, port: u16) -> String {
        let asking = self.http.get(format!("http://127.0.0.1:{port}/metrics")).send();
        asking.await.expect("operators are answered").text().await.expect("metrics are text")
    }

    /// One of them; that of a house is the sum of its servers', of which not each has counted everything.
    pub async fn metric(&self, name: &str) -> i64 {
        let all = join_all(self.nodes.iter().map(|node| self.metrics_at(node.ops_port))).await;
        let found: Vec<_> = all.iter().filter_map(|metrics| find_value(metrics, name)).collect();
        assert!(!found.is_empty(), "no {name} in {all:?}");
        found.into_iter().sum()
    }

    /// Its database, opened beside it.
    pub fn store(&self) -> Store {
        Store::open(&self.configs[0].database_url.expose()).expect("the database opens")
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

    /// Whether it says that it is ready; a house of several is when any of them is.
    pub async fn is_ready(&self) -> bool {
        let asking = self.ports.all().iter().map(|port| async move {
            let answer = self.http.get(format!("http://127.0.0.1:{port}/health/ready")).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        });
        join_all(asking).await.contains(&true)
    }

    /// Tells it to stop, and does not wait.
    pub fn begin_to_stop(&self) {
        self.nodes.iter().for_each(Node::begin_to_stop);
    }

    fn stop(&mut self) {
        self.begin_to_stop();
        for node in self.nodes.drain(..) {
            assert_eq!(node.join(), Left::default(), "something was left behind");
        }
    }
}

/// A number among metrics.
#[track_caller]
pub fn value_in(metrics: &str, name: &str) -> i64 {
    find_value(metrics, name).unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

fn find_value(metrics: &str, name: &str) -> Option<i64> {
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(value.parse().expect("a number"))
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if thread::panicking() {
            return self.begin_to_stop();
        }
        self.stop();
    }
}
