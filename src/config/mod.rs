//! The configuration, resolved and typed: flag over environment over TOML file over default.
//! It must not know who uses it, and it logs nothing: what the operator should hear is in [`Config::notices`].

mod flags;
mod kubernetes;
mod layers;
pub mod limits;
pub mod ownership;
mod print;
mod resolve;
mod secret;
#[cfg(test)]
mod tests;
mod values;

pub use flags::Flags;
pub use limits::{Cap, Limits};
pub use secret::{SecretKey, SecretOrigin};
pub use values::{DatabaseUrl, FlushWindow, ForwardedHeader, LogFormat, Origin, Registration, StreamsBy};

use ipnet::IpNet;
use secrecy::SecretString;
use std::{
    ffi::OsString,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// How often the server pings.
pub const HEARTBEAT: Duration = Duration::from_secs(25);
/// How long a host may be away from a stream on air before it ends by itself.
pub const HOST_AWAY_MAX: Duration = Duration::from_secs(12 * 3600);
/// How long somebody may see a picture without being in the room.
pub const PICTURE_ALONE_MAX: Duration = Duration::from_secs(60);

/// Everything an operator can decide. Secrets show neither in `Debug` nor in [`Config::to_toml`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the site listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where `/metrics` and health listen, for operators alone.
    pub ops_listen: SocketAddr,
    /// Directory of the embedded database and of the generated secret key.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// The bus between nodes; always `None` in this version, which serves one node.
    pub redis_url: Option<SecretString>,
    /// Where pictures come in and go out by WebRTC, over UDP and TCP alike.
    pub media_listen: SocketAddr,
    /// What clients are told to reach that at; port 0 is the one bound. Empty: the addresses of the interfaces.
    pub media_addresses: Vec<SocketAddr>,
    /// Where encoders send by RTMP, if they may.
    pub rtmp_listen: Option<SocketAddr>,
    /// The relay that browsers may use who reach nothing else.
    pub turn: Option<Turn>,
    /// How long somebody may see a picture without being in the room; no setting, tests alone are in a hurry.
    pub picture_alone_max: Duration,
    /// Worker threads of the HTTP server, at least 1.
    pub workers: usize,
    /// How the site is reached from outside; decides links, the Secure flag of cookies and HSTS.
    pub public_url: Option<Url>,
    /// Origins of pages on other sites that may use the API and open sockets.
    pub allowed_origins: Vec<Origin>,
    /// Address ranges whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header of theirs that counts.
    pub forwarded_header: ForwardedHeader,
    /// Whether strangers may register.
    pub registration: Registration,
    /// Who may create streams.
    pub streams_by: StreamsBy,
    /// How long a room gathers before it writes to its viewers.
    pub flush_window: FlushWindow,
    /// How often a socket is pinged; no setting, tests alone are in a hurry.
    pub heartbeat: Duration,
    /// How long a host may be away from a stream on air; no setting, tests alone are in a hurry.
    pub host_away_max: Duration,
    /// How long a stopping server spreads its goodbyes.
    pub drain: Duration,
    /// Refuses generated and weak secrets.
    pub production: bool,
    /// From which the keys of tokens are derived.
    pub secret_key: SecretKey,
    /// The secret before the last change: what it signed is still accepted.
    pub secret_key_previous: Option<SecretKey>,
    /// Which records are logged, in env_logger's syntax.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// The limits of the contract.
    pub limits: Limits,
    /// What the log should say at the start.
    pub notices: Vec<Notice>,
}

/// A TURN server, and the secret that it shares with this one.
#[derive(Clone, Debug)]
pub struct Turn {
    /// As browsers take it: `turn:turn.example.net:3478?transport=udp`.
    pub url: String,
    /// Of which time-limited credentials are made.
    pub secret: SecretString,
}

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
            data_dir: data_dir.to_path_buf(),
            database_url: DatabaseUrl::Sqlite(data_dir.join(resolve::DATABASE_FILE)),
            redis_url: None,
            media_listen: any_port,
            media_addresses: vec![any_port],
            rtmp_listen: Some(any_port),
            turn: None,
            picture_alone_max: PICTURE_ALONE_MAX,
            workers: 2,
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
            registration: Registration::Open,
            streams_by: StreamsBy::Everyone,
            flush_window: FlushWindow::Auto,
            heartbeat: HEARTBEAT,
            host_away_max: HOST_AWAY_MAX,
            drain: Duration::from_secs(1),
            production: false,
            secret_key: SecretKey::given(secret::OF_TESTS),
            secret_key_previous: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            limits: Limits::default(),
            notices: Vec::new(),
        }
    }
}
