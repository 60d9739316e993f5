//! The configuration, resolved and typed: flag over environment over TOML file over default.
//! It must not know who uses it, and it logs nothing: what the operator should hear is in [`Config::notices`].

mod elsewhere;
mod layers;
pub mod limits;
mod media;
mod media_servers;
pub(crate) mod nodes;
pub mod ownership;
mod print;
mod resolve;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod values;

pub use crate::domain::webhook::pace::WebhookPace;
pub use elsewhere::{EmbedOrigins, SecurityContact};
pub use limits::{Cap, Limits};
pub use media::{MediaAddress, RecordingBounds, RtmpListen};
pub use media_servers::{MediaServerApi, PlaybackTemplate};
pub use nodes::RedisUrl;
pub use secret::{SecretKey, SecretOrigin};
pub use settings::{Config, Flags};
pub use values::{DatabaseUrl, FlushWindow, ForwardedHeader, LogFormat, Origin, Registration, StreamsBy};

use std::{
    ffi::OsString,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

/// How often the server pings.
pub const HEARTBEAT: Duration = Duration::from_secs(25);
/// How long a host may be away from a stream on air before it ends by itself.
pub const HOST_AWAY_MAX: Duration = Duration::from_secs(12 * 3600);
/// How long a media server is let wait, which holds its publisher back meanwhile.
pub const HOOK_ANSWER_WITHIN: Duration = Duration::from_millis(900);
/// How long somebody may see a picture without being in the room.
pub const PICTURE_ALONE_MAX: Duration = Duration::from_secs(60);

/// Something to log at the start, once there is a log.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How loud it is said.
    pub level: log::Level,
    /// One sentence without secrets.
    pub text: String,
}

/// What the configuration is resolved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To run on it: the data directory and a secret key are made where they are missing.
    Serve,
    /// To look at it: nothing is written.
    Inspect,
    /// To work on the database: nothing is written, secrets are not even read.
    Operate,
}

/// The one line that stops a start. Secrets are not in it, nor what would move a cursor: a key may be any name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: found {found}; allowed: {allowed}", key.escape_debug())]
pub struct Error {
    /// Which key, and where it was set.
    pub key: String,
    /// What was found, in one line.
    pub found: String,
    /// What would do.
    pub allowed: String,
}

impl Error {
    /// What the process ends with: `EX_CONFIG`.
    pub const EXIT_CODE: u8 = 78;
}

/// An error of the system in one line.
fn one_line(error: &dyn fmt::Display) -> String {
    error.to_string().escape_debug().to_string()
}

impl Config {
    /// Resolves flags, the given environment and the file that they name, and reads the secrets.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        purpose: Purpose,
    ) -> Result<Config, Error> {
        resolve::resolve(&layers::Layers::gather(flags, environment)?, purpose)
    }

    /// A configuration for tests: loopback, ports chosen by the system, SQLite in `data_dir`, a known key.
    pub fn for_tests(data_dir: &Path) -> Config {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Config {
            listen: any_port,
            ops_listen: any_port,
            media_listen: any_port,
            media_addresses: vec![MediaAddress(any_port)],
            rtmp_listen: RtmpListen::At(any_port),
            workers: 2,
            drain: Duration::from_secs(1),
            secret_key: SecretKey::given(secret::OF_TESTS),
            ..Config::of_defaults(data_dir)
        }
    }
}
