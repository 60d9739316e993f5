//! The way to the other nodes of the house, as the configuration has it: none, or over Redis.
//! It must not know what is said or counted.

use crate::{
    bus::{
        Bus,
        ear::Ear,
        redis::{self, Commands, Started, Tasks, names::Names, probe::Patience},
    },
    config::Config,
    domain::BootId,
    metrics::Metrics,
};
use anyhow::Context;

/// What there is to reach others by.
pub(in crate::server) struct Way {
    pub bus: Bus,
    /// What is heard.
    pub ear: Option<Ear>,
    /// To ask Redis itself.
    pub commands: Option<Commands>,
    /// What works for all of it, for as long as it lives.
    pub tasks: Option<Tasks>,
}

impl Way {
    /// Begins to listen, for a house of this id. A Redis that is not there is no reason not to start.
    pub(in crate::server) fn open(
        config: &Config,
        house: Option<&str>,
        boot: BootId,
        metrics: &Metrics,
    ) -> anyhow::Result<Way> {
        let (Some(url), Some(house)) = (&config.redis_url, house) else {
            return Ok(Way { bus: Bus::alone(), ear: None, commands: None, tasks: None });
        };
        let started = redis::start(url, Names::of(house), boot, Patience::default(), metrics.clone());
        let Started { bus, ear, commands, tasks } =
            started.with_context(|| format!("the Redis {}", url.masked()))?;
        log::info!("other nodes of house {house} are heard by {}", url.masked());
        Ok(Way { bus, ear: Some(ear), commands: Some(commands), tasks: Some(tasks) })
    }
}
