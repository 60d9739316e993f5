//! Where Redis is, and how a connection to it is made: one server, or the one that sentinels name.
//! It must not know what a connection is for.

use crate::config::RedisUrl;
use redis::{
    AsyncConnectionConfig, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisError, RedisResult,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use std::{io, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};

/// Where one can connect to. Clones are the same place.
#[derive(Clone)]
pub(super) enum Address {
    Server(Box<redis::Client>),
    /// They are asked anew for each connection, for they may have named another server meanwhile.
    Sentinels(Arc<Mutex<SentinelClient>>),
}

impl Address {
    /// Errors: where the URL is none that the client takes.
    pub(super) fn new(url: &RedisUrl) -> RedisResult<Self> {
        let servers = url.servers().map(IntoConnectionInfo::into_connection_info);
        let servers = servers.collect::<RedisResult<Vec<_>>>()?;
        match (url.master(), servers.first()) {
            (Some(master), Some(first)) => {
                Ok(Self::Sentinels(Arc::new(Mutex::new(sentinels(&servers, first, master)?))))
            }
            (None, Some(server)) => Ok(Self::Server(redis::Client::open(prepared(server))?.into())),
            (_, None) => Err((redis::ErrorKind::InvalidClientConfig, "an address of nothing").into()),
        }
    }

    /// Connects, in this time or not at all. A connection has no time-outs of its own.
    pub(super) async fn connect(
        &self,
        config: AsyncConnectionConfig,
        within: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        let config = config.set_connection_timeout(None).set_response_timeout(None);
        let connecting = async {
            match self {
                Self::Server(client) => client.get_multiplexed_async_connection_with_config(&config).await,
                Self::Sentinels(client) => {
                    client.lock().await.get_async_connection_with_config(&config).await
                }
            }
        };
        timeout(within, connecting).await.unwrap_or_else(|_| Err(no_answer()))
    }
}

/// What did not come in its time.
pub(super) fn no_answer() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// What is said to several listens on one connection, which RESP3 alone can (Redis 6, Valkey).
fn prepared(server: &ConnectionInfo) -> ConnectionInfo {
    let redis = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    server.clone().set_redis_settings(redis).set_tcp_settings(watched())
}

/// The one that they call `master`; user and password are for it.
fn sentinels(all: &[ConnectionInfo], first: &ConnectionInfo, master: &str) -> RedisResult<SentinelClient> {
    let addresses = all.iter().map(|sentinel| sentinel.addr().clone());
    let mut builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_tcp_settings(watched())
        .set_client_to_sentinel_tcp_settings(watched());
    if let Some(username) = first.redis_settings().username() {
        builder = builder.set_client_to_redis_username(username);
    }
    if let Some(password) = first.redis_settings().password() {
        builder = builder.set_client_to_redis_password(password);
    }
    builder.build()
}

/// What has vanished is noticed by the system, too, also on a connection that nobody probes.
fn watched() -> TcpSettings {
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(5)).with_interval(Duration::from_secs(2));
    TcpSettings::default().set_nodelay(true).set_keepalive(keepalive)
}
