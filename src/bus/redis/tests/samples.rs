//! A Redis for unit tests: the one that `LIVEHOUSE_TEST_REDIS_URL` names, with a house for each test.

use crate::bus::redis::{COMMAND_MAX, Commands, address::Address, names::Names, probe::Patience};
use redis::pipe;
use uuid::Uuid;

/// A house of its own.
pub(crate) struct TestRedis(Commands);

/// None where no Redis is named, unless `LIVEHOUSE_REQUIRE_REDIS=1` says that one must be.
pub(crate) fn redis() -> Option<TestRedis> {
    let Ok(url) = std::env::var("LIVEHOUSE_TEST_REDIS_URL") else {
        let is_required = std::env::var("LIVEHOUSE_REQUIRE_REDIS").is_ok_and(|required| required == "1");
        assert!(!is_required, "LIVEHOUSE_TEST_REDIS_URL names none");
        return None;
    };
    let address = Address::Server(redis::Client::open(url).expect("a URL of Redis").into());
    let house = Uuid::now_v7().simple().to_string().split_off(24);
    let (commands, keep) = Commands::new(address, Names::of(&house), Patience::default());
    tokio::spawn(keep);
    Some(TestRedis(commands))
}

impl TestRedis {
    /// What asks it; clones share one connection.
    pub(crate) fn commands(&self) -> Commands {
        self.0.clone()
    }

    /// As if Redis had come back empty.
    pub(crate) async fn forget_all(&self) {
        let mut asked = pipe();
        asked.cmd("KEYS").arg(self.0.names().key("*"));
        let (keys,): (Vec<String>,) = self.0.pipeline(&asked, COMMAND_MAX).await.expect("the keys");
        let mut asked = pipe();
        asked.del(keys).ignore();
        self.0.pipeline::<()>(&asked, COMMAND_MAX).await.expect("they are gone");
    }
}
