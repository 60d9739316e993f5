//! A house of several nodes: real processes on one PostgreSQL, each with ways of its own to it and to Redis.

use super::{
    proxy::{Proxy, Way},
    services::{Postgres, Redis},
};
use crate::{
    need::Need,
    tools::{Client, Place, Ports, Running, SERVE, Signal, User, until},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

const SECRET_KEY: &str = "9f2c61d07be3a845cc1097f3ab5de240617fd93c88b2e05a";

/// What nodes meet by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meet {
    /// PostgreSQL alone.
    Alone,
    /// PostgreSQL and Redis.
    Redis,
}

/// One node: its process, while there is one, and its ways.
pub struct Member {
    place: Place,
    running: Option<Running>,
    pub to_postgres: Proxy,
    pub to_redis: Option<Proxy>,
}

pub struct House {
    pub members: Vec<Member>,
    pub doors: Doors,
    arguments: String,
    /// What they run, where it is not the program that is tested.
    program: Option<String>,
    /// Variables that each of them is started with.
    environment: Vec<(String, String)>,
    /// Whether nodes tell each other where they are reached.
    says_where: bool,
    pub redis: Option<Redis>,
    // Last, so that it is there until all nodes are gone.
    pub postgres: Postgres,
}

/// Where the nodes are that answer now. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Doors(Arc<Mutex<Vec<Option<u16>>>>);

impl Doors {
    /// The port of a node; none while it is gone.
    pub fn of(&self, node: usize) -> Option<u16> {
        self.0.lock().expect("nobody panics here")[node]
    }

    /// A node and its port: this one, or the next that is there.
    pub fn from(&self, node: usize) -> Option<(usize, u16)> {
        let doors = self.0.lock().expect("nobody panics here");
        let nodes = (0..doors.len()).map(|n| (node + n) % doors.len());
        nodes.into_iter().find_map(|node| Some((node, doors[node]?)))
    }

    /// Whether somebody's own node is there again, who is at another one.
    pub fn is_back(&self, home: usize, node: usize) -> bool {
        home != node && self.of(home).is_some()
    }

    /// The home of somebody whom a node did not keep: another one where that runs and will not have them, as where
    /// somebody looks which nodes are ready.
    pub fn next_home(&self, home: usize, node: usize) -> usize {
        let nodes = self.0.lock().expect("nobody panics here").len();
        if home == node && self.of(node).is_some() { (node + 1) % nodes } else { home }
    }

    fn make(&self, nodes: usize) {
        self.0.lock().expect("nobody panics here").resize(nodes, None);
    }

    fn set(&self, node: usize, port: Option<u16>) {
        self.0.lock().expect("nobody panics here")[node] = port;
    }
}

impl House {
    /// Without limits.
    pub async fn open(nodes: usize, meet: Meet) -> House {
        House::open_with(nodes, meet, SERVE).await
    }

    /// The same with other arguments.
    pub async fn open_with(nodes: usize, meet: Meet, arguments: &str) -> House {
        House::open_as(nodes, meet, arguments, true).await
    }

    /// Nodes that meet by PostgreSQL alone and do not say where they are reached.
    pub async fn open_unreachable(nodes: usize) -> House {
        House::open_as(nodes, Meet::Alone, SERVE, false).await
    }

    /// Nodes that are told by variables how they meet.
    pub async fn open_by(nodes: usize, environment: &[(&str, &str)]) -> House {
        let mut house = House::open_as(0, Meet::Alone, SERVE, true).await;
        let owned = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        house.environment = owned.collect();
        house.grow(nodes).await;
        house
    }

    /// The same on a database in which something was done before they come.
    pub async fn open_behind(sql: &str, nodes: usize) -> House {
        let mut house = House::open_as(0, Meet::Alone, SERVE, true).await;
        house.postgres.rows(sql);
        house.grow(nodes).await;
        house
    }

    /// The same of another program, until it is upgraded.
    pub async fn open_of(program: String, nodes: usize, meet: Meet) -> House {
        let mut house = House::open_as(0, meet, SERVE, true).await;
        house.program = Some(program);
        house.grow(nodes).await;
        house
    }

    /// From now on nodes that start are of the program that is tested.
    pub fn upgrade(&mut self) {
        self.program = None;
    }

    async fn open_as(nodes: usize, meet: Meet, arguments: &str, says_where: bool) -> House {
        let bin = PathBuf::from(Need::Postgres.found().expect("it was looked for"));
        let postgres = Postgres::start(&bin).await;
        let redis = match meet {
            Meet::Alone => None,
            Meet::Redis => Some(Redis::start(&PathBuf::from(Need::Redis.found().expect("a Redis"))).await),
        };
        let mut house = House {
            members: Vec::new(),
            doors: Doors::default(),
            arguments: arguments.to_owned(),
            program: None,
            environment: Vec::new(),
            says_where,
            redis,
            postgres,
        };
        house.grow(nodes).await;
        house
    }

    /// Starts so many nodes, and gives each its ways.
    async fn grow(&mut self, nodes: usize) {
        self.doors.make(nodes);
        for node in 0..nodes {
            let to_postgres = Proxy::before(self.postgres.port()).await;
            let to_redis = match &self.redis {
                Some(redis) => Some(Proxy::before(redis.port()).await),
                None => None,
            };
            self.members.push(Member { place: Place::new(), running: None, to_postgres, to_redis });
            self.start(node);
        }
    }

    /// Starts a node that is not there.
    pub fn start(&mut self, node: usize) {
        let member = &mut self.members[node];
        let mut command = match &self.program {
            Some(program) => member.place.command_of(program.as_ref(), &self.arguments),
            None => member.place.command(&self.arguments),
        };
        let database = format!("postgres://postgres@127.0.0.1:{}/postgres", member.to_postgres.port());
        command.env("LIVEHOUSE_DATABASE_URL", database).env("LIVEHOUSE_SECRET_KEY", SECRET_KEY);
        if !self.arguments.contains("--limits off") {
            // Who tries as fast as they can is not to be closed for it.
            command.env("LIVEHOUSE_LIMITS_FRAMES_PER_CONNECTION", "0");
        }
        if let Some(redis) = &member.to_redis {
            command.env("LIVEHOUSE_REDIS_URL", format!("redis://127.0.0.1:{}", redis.port()));
            command.env("LIVEHOUSE_NODE", format!("node-{node}"));
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if self.says_where {
            command.env("LIVEHOUSE_NODE_URL", "http://127.0.0.1:0");
        }
        let running = Running::begin(command);
        self.doors.set(node, Some(running.port()));
        member.running = Some(running);
    }

    /// SIGKILL.
    pub fn kill(&mut self, node: usize) {
        self.doors.set(node, None);
        let log = self.members[node].running.take().expect("it runs").kill();
        assert!(log.iter().all(|line| !line.contains("panicked")), "{log:#?}");
    }

    /// SIGTERM, and waits until it has ended in order.
    pub fn stop(&mut self, node: usize) {
        self.doors.set(node, None);
        let log = self.members[node].running.take().expect("it runs").stop();
        assert!(log.iter().all(|line| !line.contains("panicked")), "{log:#?}");
    }

    /// A signal to a node.
    pub fn signal(&self, node: usize, signal: Signal) {
        self.running(node).signal(signal);
    }

    pub fn running(&self, node: usize) -> &Running {
        self.members[node].running.as_ref().expect("it runs")
    }

    /// The way from a node, or from all, to Redis becomes so.
    pub fn to_redis(&self, nodes: impl IntoIterator<Item = usize>, way: Way) {
        for node in nodes {
            self.members[node].to_redis.as_ref().expect("there is a Redis").becomes(way);
        }
    }

    /// Whether a node hears the others at once, by its own word: `sure`, `unsure` or `none`.
    pub async fn bus_of(&self, node: usize) -> String {
        let health = self.guest_at(node).get("//health/ready").await.ok();
        health["bus"].as_str().expect("a word").to_owned()
    }

    /// Waits until all nodes say this of it.
    pub async fn until_buses_are(&self, wanted: &str) {
        for node in 0..self.members.len() {
            until(&format!("the bus of node {node} is {wanted}"), async || self.bus_of(node).await == wanted)
                .await;
        }
    }

    /// Somebody without an account, who asks one node.
    pub fn guest_at(&self, node: usize) -> Client {
        self.running(node).guest()
    }

    /// Somebody who asks any node that is there now.
    pub fn guest(&self) -> Client {
        let ports = (0..self.members.len()).filter_map(|node| self.doors.of(node)).collect();
        Client::new(reqwest::Client::new(), Ports::of(ports))
    }

    /// The same account, asking one node.
    pub fn at(&self, client: &Client, node: usize) -> Client {
        client.at_port(self.doors.of(node).expect("it is there"))
    }

    /// A host with a stream on air, asking any node.
    pub async fn on_air(&self) -> User {
        User::on_air(self.guest(), "host").await
    }

    /// Runs `livehouse` on the database, and gives what it prints.
    pub fn operate(&self, arguments: &str) -> String {
        let database = format!("postgres://postgres@127.0.0.1:{}/postgres", self.postgres.port());
        self.members[0].place.run_with(arguments, &[("LIVEHOUSE_DATABASE_URL", &database)], "").ok()
    }

    /// Nothing that a node has logged speaks of a panic.
    pub fn assert_calm(&self) {
        for running in self.members.iter().filter_map(|member| member.running.as_ref()) {
            let log = running.log();
            assert!(log.iter().all(|line| !line.contains("panicked")), "{log:#?}");
        }
    }
}
