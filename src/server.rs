//! Start-up and shut-down: `bind(config)`, then `run_until_stopped()`. (Being built: the signatures stand.)
//! It must not know what its parts do.

pub mod admin;
pub mod revocations;

use crate::config::Config;
use anyhow::bail;

/// A server that is bound and not yet running.
pub struct Server {
    port: u16,
}

/// Binds both listeners and starts the actors.
pub async fn bind(config: Config) -> anyhow::Result<Server> {
    bail!("there is no server yet that could listen on {}", config.listen)
}

impl Server {
    /// The port of the site, also where 0 was asked for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until a signal comes.
    pub async fn run_until_stopped(self) -> anyhow::Result<()> {
        Ok(())
    }
}
