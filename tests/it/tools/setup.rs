//! What a house of a test is made of: how its servers are configured, and how many they are. It starts nothing.

use livehouse::config::{Cap, Config, DatabaseUrl, RedisUrl};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    time::Duration,
};

/// A configuration, and how many servers have it.
pub struct Setup {
    config: Config,
    nodes: usize,
}

impl Setup {
    /// As it is out of the box, but that one address may register and log in as often as it likes. On SQLite in the
    /// test's directory, or a schema of its own in `LIVEHOUSE_TEST_POSTGRES_URL`, there with as many nodes as
    /// `LIVEHOUSE_TEST_NODES` says, which meet by `LIVEHOUSE_TEST_REDIS_URL`, or by their database alone.
    pub fn below(data_dir: &Path) -> Setup {
        let mut config = Config::for_tests(data_dir);
        config.drain = Duration::ZERO;
        config.limits.registrations_per_ip = Cap::LIFTED;
        config.limits.logins_per_ip = Cap::LIFTED;
        let is_shared = database::choose(&mut config);
        let nodes = nodes_wanted();
        assert!(nodes == 1 || is_shared, "LIVEHOUSE_TEST_NODES needs LIVEHOUSE_TEST_POSTGRES_URL");
        if nodes > 1 {
            config.redis_url = redis();
            config.node_url = Some("http://127.0.0.1:0".parse().expect("a URL"));
        }
        Setup { config, nodes }
    }

    /// There is one server, also where the suite runs over several: for what is a server's own by contract. That is what
    /// guards it (its connections, in all and of an address or account; wrong keys of encoders), what it measures and
    /// merges for the record, its own address in answers, and what holds at once instead of within a second (where a host
    /// was seen last, within a minute). Also for what a limit lets through to the last one: where Redis does not answer
    /// within its 100 ms, each server goes by its own count. Counts of several have their tests in `needs`.
    pub fn on_one_node(&mut self) -> &mut Setup {
        (self.nodes, self.config.redis_url) = (1, None);
        self
    }

    /// The same where no Redis is there: without it each server counts who watches for itself, and who wrote a held
    /// comment is told by their own server alone that it was rejected.
    pub fn on_one_node_without_redis(&mut self) -> &mut Setup {
        if self.redis_url.is_none() {
            self.nodes = 1;
        }
        self
    }

    /// For what is about files, also where the suite runs over PostgreSQL.
    pub fn on_sqlite(&mut self) {
        self.config.database_url = DatabaseUrl::Sqlite(self.config.data_dir.join("livehouse.db"));
        self.on_one_node();
    }

    /// The configuration of each server; they differ in their directories.
    pub fn configs(self) -> Vec<Config> {
        let mut configs = vec![self.config; self.nodes];
        for (n, config) in configs.iter_mut().enumerate().skip(1) {
            config.data_dir.set_file_name(format!("data{n}"));
        }
        configs
    }
}

impl Deref for Setup {
    type Target = Config;
    fn deref(&self) -> &Config {
        &self.config
    }
}

impl DerefMut for Setup {
    fn deref_mut(&mut self) -> &mut Config {
        &mut self.config
    }
}

fn nodes_wanted() -> usize {
    std::env::var("LIVEHOUSE_TEST_NODES")
        .map_or(1, |text| text.parse().expect("LIVEHOUSE_TEST_NODES is a number"))
}

/// The Redis of all houses with several servers; they use names of their own there.
fn redis() -> Option<RedisUrl> {
    let text = std::env::var("LIVEHOUSE_TEST_REDIS_URL").ok()?;
    Some(text.parse().expect("LIVEHOUSE_TEST_REDIS_URL is one"))
}

mod database {
    use livehouse::config::Config;

    #[cfg(not(feature = "postgres"))]
    pub fn choose(_: &mut Config) -> bool {
        false
    }

    /// Whether others may have it, too.
    #[cfg(feature = "postgres")]
    pub fn choose(config: &mut Config) -> bool {
        use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
        use livehouse::config::DatabaseUrl;

        let Ok(url) = std::env::var("LIVEHOUSE_TEST_POSTGRES_URL") else {
            let required = std::env::var("LIVEHOUSE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "LIVEHOUSE_REQUIRE_POSTGRES is set and LIVEHOUSE_TEST_POSTGRES_URL is not");
            return false;
        };
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut conn = PgConnection::establish(&url).expect("LIVEHOUSE_TEST_POSTGRES_URL answers");
        sql_query(format!("CREATE SCHEMA {schema}")).execute(&mut conn).expect("a schema can be made");
        let sign = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{sign}options=-csearch_path%3D{schema}");
        config.database_url = DatabaseUrl::Postgres(url.into());
        true
    }
}
