//! The flags of the command line, as text. They must not know what is allowed: `resolve` says that in one
//! voice for flags, environment and file.

use std::path::PathBuf;

/// What was given on the command line. No secret has a flag of its own: arguments can be seen by others.
#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "Configuration")]
pub struct Flags {
    /// TOML file with the keys below, written with underscores [env: LIVEHOUSE_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the site listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Where /metrics and health listen, for operators alone [default: 127.0.0.1:8081]
    #[arg(long, value_name = "HOST:PORT")]
    pub ops_listen: Option<String>,
    /// Directory of the database and the generated key [default: ./data]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// sqlite:FILE or postgres://…; with a password, better LIVEHOUSE_DATABASE_URL or its file
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// File that holds the database URL
    #[arg(long, value_name = "FILE")]
    pub database_url_file: Option<String>,
    /// Redis between nodes (not supported by this version)
    #[arg(long, value_name = "URL")]
    pub redis_url: Option<String>,
    /// Worker threads [default: number of cores]
    #[arg(long, value_name = "N")]
    pub workers: Option<String>,
    /// How the site is reached from outside, for links, secure cookies and HSTS: https and a host name
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Origins of other sites that may use the API, separated by commas
    #[arg(long, value_name = "ORIGINS")]
    pub allowed_origins: Vec<String>,
    /// Address ranges whose forwarding headers count, separated by commas
    #[arg(long, value_name = "RANGES")]
    pub trusted_proxies: Vec<String>,
    /// The one header that counts from them: x-forwarded-for, forwarded or x-real-ip [default: x-forwarded-for]
    #[arg(long, value_name = "NAME")]
    pub forwarded_header: Option<String>,
    /// open or closed [default: open]
    #[arg(long, value_name = "WORD")]
    pub registration: Option<String>,
    /// everyone or granted: who may create streams [default: everyone]
    #[arg(long, value_name = "WORD")]
    pub streams_by: Option<String>,
    /// auto, or milliseconds a room gathers before it writes [default: auto]
    #[arg(long, value_name = "MS")]
    pub flush_window_ms: Option<String>,
    /// Seconds over which a stopping server spreads its goodbyes [default: 5]
    #[arg(long, value_name = "S")]
    pub drain_s: Option<String>,
    /// Refuse generated and weak secrets
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "on", require_equals = true)]
    pub production: Option<String>,
    /// File that holds the secret key, at least 32 random bytes
    #[arg(long, value_name = "FILE")]
    pub secret_key_file: Option<String>,
    /// What is logged, in env_logger's syntax [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// text or json [default: text]
    #[arg(long, value_name = "WORD")]
    pub log_format: Option<String>,
    /// on, or off: lifts every limit but those in bytes [default: on]
    #[arg(long, value_name = "WORD")]
    pub limits: Option<String>,
}

impl Flags {
    /// The flags that were given, by key.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let list = |items: &[String]| (!items.is_empty()).then(|| items.join(","));
        let all = [
            ("listen", self.listen.clone()),
            ("ops_listen", self.ops_listen.clone()),
            ("data_dir", self.data_dir.clone()),
            ("database_url", self.database_url.clone()),
            ("database_url_file", self.database_url_file.clone()),
            ("redis_url", self.redis_url.clone()),
            ("workers", self.workers.clone()),
            ("public_url", self.public_url.clone()),
            ("allowed_origins", list(&self.allowed_origins)),
            ("trusted_proxies", list(&self.trusted_proxies)),
            ("forwarded_header", self.forwarded_header.clone()),
            ("registration", self.registration.clone()),
            ("streams_by", self.streams_by.clone()),
            ("flush_window_ms", self.flush_window_ms.clone()),
            ("drain_s", self.drain_s.clone()),
            ("production", self.production.clone()),
            ("secret_key_file", self.secret_key_file.clone()),
            ("log", self.log.clone()),
            ("log_format", self.log_format.clone()),
            ("limits", self.limits.clone()),
        ];
        all.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }
}
