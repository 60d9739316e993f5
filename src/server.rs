//! Start-up and shut-down: `bind(config)`, then `run_until_stopped()`. Parts start in the order in which they need each
//! other, and stop in the reverse. It must not know what its parts do.

mod barred;
mod chores;
pub mod connection_limiter;
mod heads;
mod listeners;
mod nodes;
mod parts;
mod picture;
pub mod revocations;
mod socket_options;
mod stopping;
mod supervision;
mod upgraded;

pub use stopping::{Left, Stopper};

use crate::{config::Config, metrics::descriptors, store::ServerLock};
use actix_web::dev::ServerHandle;
use listeners::{Bound, Running};
use parts::Parts;
use secrecy::{ExposeSecret, SecretString};
use std::net::SocketAddr;
use stopping::Signals;
use supervision::Threads;

/// A server that is bound and answers, until it is told to stop.
pub struct Server {
    parts: Parts,
    site: Running,
    operators: Option<Running>,
    stopper: Stopper,
    signals: Signals,
    threads: Threads,
    /// Given back last, when nothing writes any more.
    _lock: ServerLock,
}

/// Binds both listeners and starts everything.
///
/// # Errors
/// Where another server has the database, the site's address is taken, the database is out of reach or will not migrate.
pub async fn bind(config: Config) -> anyhow::Result<Server> {
    // Before all else, so that a second server on the same data says this and nothing else.
    let lock = ServerLock::take(&config.database_url.expose())?;
    descriptors::raise_limit();
    let site = Bound::site(&config)?;
    let operators = Bound::operators(&config);
    let parts = Parts::start(config.reached_at(site.port())).await?;
    // Before it says that it is ready: from then on whoever stops it expects a goodbye.
    let signals = Signals::listen()?;
    let threads = Threads::default();
    let site = site.serve(&parts, &threads)?;
    let operators = operators.map(|bound| bound.serve_operators(&parts)).transpose()?;
    let server =
        Server { parts, site, operators, stopper: Stopper::default(), signals, threads, _lock: lock };
    server.say_ready();
    supervision::ready();
    Ok(server)
}

impl Server {
    /// The port of the site, also where 0 was asked for.
    pub fn port(&self) -> u16 {
        self.site.address.port()
    }

    /// The port of the operators' listener; none where its address was taken.
    pub fn ops_port(&self) -> Option<u16> {
        self.operators.as_ref().map(|operators| operators.address.port())
    }

    /// By what the first administrator is made; none where there is one.
    pub(crate) fn setup_token(&self) -> Option<&SecretString> {
        self.parts.setup_shown.as_ref()
    }

    /// A handle to stop it from elsewhere.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until a signal comes, then says goodbye to all; a second signal cuts that short.
    ///
    /// # Errors
    /// Where a listener fails.
    pub async fn run_until_stopped(self) -> anyhow::Result<()> {
        self.run().await.map(drop)
    }

    /// The same; says what was left when it had stopped, for tests.
    ///
    /// # Errors
    /// As [`Server::run_until_stopped`].
    pub async fn run(mut self) -> anyhow::Result<Left> {
        let listening = self.listening();
        let chores = chores::start(&mut self.parts, &listening, self.threads.clone());
        tokio::select! {
            () = self.signals.next() => log::info!("stopping; a second signal stops at once"),
            () = self.stopper.pressed() => log::info!("stopping"),
            ended = &mut self.site.ended => return Err(ended_early(ended)),
        }
        supervision::stopping();
        let drained = tokio::select! {
            drained = stopping::drain(&self.parts) => Some(drained),
            () = self.signals.next() => None,
        };
        let heartbeat = chores.stop();
        let graceful = drained.is_some();
        let handles = [Some(&self.site.handle), self.operators.as_ref().map(|operators| &operators.handle)];
        futures_util::future::join_all(handles.into_iter().flatten().map(|handle| stop(handle, graceful)))
            .await;
        heartbeat.end().await;
        let left = stopping::close(self.parts, graceful).await;
        log::info!("stopped");
        Ok(left)
    }

    /// Where it listens.
    fn listening(&self) -> Vec<SocketAddr> {
        let config = &self.parts.services.config;
        let operators = self.operators.as_ref().map(|operators| operators.address);
        let media = [Some(config.media_listen), config.rtmp_listen.address()];
        [Some(self.site.address), operators].into_iter().chain(media).flatten().collect()
    }

    fn say_ready(&self) {
        let operators = match &self.operators {
            Some(operators) => format!("http://{}", operators.address),
            None => "nowhere".to_owned(),
        };
        let setup = match &self.parts.setup_shown {
            Some(token) => format!(", to make its administrator: {}", self.setup_address(token)),
            None => String::new(),
        };
        log::info!("ready: http://{}{setup}, for operators: {operators}", self.site.address);
    }

    /// The one secret that a log may show: it is worth nothing once there is an administrator, or the server has ended.
    fn setup_address(&self, token: &SecretString) -> String {
        let page = format!("/setup?token={}", token.expose_secret());
        match &self.parts.services.config.public_url {
            Some(site) => site.join(&page).map_or_else(|_| page, String::from),
            None => format!("http://{}{page}", self.site.address),
        }
    }
}

async fn stop(handle: &ServerHandle, graceful: bool) {
    handle.stop(graceful).await;
}

fn ended_early(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("the listener ended by itself"),
        Ok(Err(error)) => error.into(),
        Err(error) => error.into(),
    }
}
