//! A Redis for unit tests of what asks one, with a server of its own for each. It must not know what is asked.

use super::server::Server;
use crate::bus::redis::{COMMAND_MAX, Commands, address::Address, names::Names, probe::Patience};
use redis::pipe;

/// A house of its own, on a server of its own.
pub(crate) struct TestRedis {
    commands: Commands,
    _server: Server,
}

/// Needs a `redis-server`: who asks for it is ignored, unless it is asked for.
pub(crate) fn redis() -> TestRedis {
    let server = Server::start();
    let address = Address::new(&server.url()).expect("a URL of Redis");
    let (commands, keep) = Commands::new(address, Names::of("house"), Patience::default());
    tokio::spawn(keep);
    TestRedis { commands, _server: server }
}

impl TestRedis {
    /// What asks it; clones share one connection.
    pub(crate) fn commands(&self) -> Commands {
        self.commands.clone()
    }

    /// As if Redis had come back empty.
    pub(crate) async fn forget_all(&self) {
        let mut asked = pipe();
        asked.cmd("KEYS").arg(self.commands.names().key("*"));
        let (keys,): (Vec<String>,) = self.commands.pipeline(&asked, COMMAND_MAX).await.expect("the keys");
        let mut asked = pipe();
        asked.del(keys).ignore();
        self.commands.pipeline::<()>(&asked, COMMAND_MAX).await.expect("they are gone");
    }
}
