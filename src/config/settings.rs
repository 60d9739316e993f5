//! The table of settings: a row each, from which follow the flags, the keys of environment and file, the fields of [`Config`],
//! their defaults, and what `config print` shows. It must not know where a value was given.

use super::{
    DatabaseUrl, EmbedOrigins, FlushWindow, ForwardedHeader, HEARTBEAT, HOOK_ANSWER_WITHIN, HOST_AWAY_MAX,
    Limits, LogFormat, MediaAddress, MediaServerApi, Notice, Origin, PICTURE_ALONE_MAX, PlaybackTemplate,
    RecordingBounds, RedisUrl, Registration, RtmpListen, SecretKey, SecurityContact, StreamsBy, WebhookPace,
    elsewhere, media, media_servers, nodes,
    print::Print,
    values::{self, Read},
};
use ipnet::IpNet;
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use url::Url;

/// A row is: one line of help, for the flag and the field; where there is a flag, how clap takes it; the key, with the type of
/// the flag; then the field, its type, its default and what reads it from text. What has no reader is read in `resolve`; what
/// has no field is another way to give the row before.
macro_rules! settings {
    (|$data_dir:ident| $(
        #[doc = $doc:tt]
        $(#[arg($($arg:tt)+)])?
        $key:ident $(: $flag:ty)? $(=> $field:ident: $type:ty = $default:expr $(, $read:expr)?)?;
    )+) => {
        /// What was given on the command line, as text. No secret has a flag of its own: arguments can be seen by others.
        #[derive(clap::Args, Clone, Default)]
        #[command(next_help_heading = "Configuration")]
        pub struct Flags {
            /// TOML file with the keys below, written with underscores [env: LIVEHOUSE_CONFIG]
            #[arg(long, value_name = "FILE")]
            pub config: Option<PathBuf>,
            $($(#[doc = $doc] #[arg($($arg)+)] pub $key: $flag,)?)+
        }

        /// Keys of flag (`--ops-listen`), environment (`LIVEHOUSE_OPS_LISTEN`) and file (`ops_listen`); limits aside.
        pub(super) const KEYS: &[&str] = &[$(stringify!($key)),+];

        impl Flags {
            /// The flags that were given, by key.
            pub(super) fn given(&self) -> BTreeMap<String, String> {
                let all = [$($((stringify!($key), Vec::from_iter(<&$flag>::into_iter(&self.$key).cloned())),)?)+];
                let given = all.into_iter().filter(|(_, texts)| !texts.is_empty());
                given.map(|(key, texts)| (key.to_owned(), texts.join(","))).collect()
            }
        }

        /// Everything an operator can decide. Secrets show neither in `Debug` nor in [`Config::to_toml`].
        #[derive(Clone, Debug)]
        pub struct Config {
            $($(#[doc = $doc] pub $field: $type,)?)+
            /// How often a socket is pinged; no setting, tests alone are in a hurry.
            pub heartbeat: Duration,
            /// How long a host may be away from a stream on air; no setting, tests alone are in a hurry.
            pub host_away_max: Duration,
            /// How long somebody may see a picture without being in the room; no setting, tests alone are in a hurry.
            pub picture_alone_max: Duration,
            /// How long a media server is let wait for an answer; no setting, tests alone are patient.
            pub hook_answer_within: Duration,
            /// How much is kept of pictures; no setting, tests alone have less.
            pub recording_bounds: RecordingBounds,
            /// How long a webhook is waited for, and when it is tried again; no setting, tests alone are in a hurry.
            pub webhook_pace: WebhookPace,
            /// What the log should say at the start.
            pub notices: Vec<Notice>,
        }

        impl Config {
            /// What holds where nothing but the data directory is given.
            pub(super) fn of_defaults($data_dir: &Path) -> Config {
                Config {
                    $($($field: $default,)?)+
                    heartbeat: HEARTBEAT,
                    host_away_max: HOST_AWAY_MAX,
                    picture_alone_max: PICTURE_ALONE_MAX,
                    hook_answer_within: HOOK_ANSWER_WITHIN,
                    recording_bounds: RecordingBounds::default(),
                    webhook_pace: WebhookPace::default(),
                    notices: Vec::new(),
                }
            }

            /// Sets each field that has a reader by `take`, which is given its key and what sets it from text.
            pub(super) fn set<E>(
                &mut self,
                take: impl Fn(&str, &mut dyn FnMut(&str) -> Read<()>) -> Result<(), E>,
            ) -> Result<(), E> {
                $($($(take(stringify!($key), &mut |text| {
                    self.$field = $read(text)?;
                    Ok(())
                })?;)?)?)+
                Ok(())
            }

            /// One key a line, in the order of the table; a configuration file that gives the same but for the secrets.
            pub fn to_toml(&self) -> String {
                [$($(self.$field.under(stringify!($key)),)?)+].concat()
            }
        }
    };
}

settings! { |data_dir|
    /// Where the site listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String> => listen: SocketAddr = loopback(8080), values::listen;

    /// Where /metrics and health listen, for operators alone [default: 127.0.0.1:8081]
    #[arg(long, value_name = "HOST:PORT")]
    ops_listen: Option<String> => ops_listen: SocketAddr = loopback(8081), values::listen;

    /// Directory of the database and the generated key [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String> => data_dir: PathBuf = data_dir.to_path_buf();

    /// sqlite:FILE or postgres://…; with a password, better LIVEHOUSE_DATABASE_URL or its file
    #[arg(long, value_name = "URL")]
    database_url: Option<String> => database_url: DatabaseUrl = DatabaseUrl::in_directory(data_dir);
    /// File that holds the database URL
    #[arg(long, value_name = "FILE")]
    database_url_file: Option<String>;

    /// Connections to PostgreSQL [default: 10]
    #[arg(long, value_name = "N")]
    database_connections: Option<String> => database_connections: u32 = 10, values::number(2..=1000);

    /// Redis or Valkey between the nodes of one house; with a password, better LIVEHOUSE_REDIS_URL or its file
    #[arg(long, value_name = "URL")]
    redis_url: Option<String> => redis_url: Option<RedisUrl> = None;
    /// File that holds the URL of Redis
    redis_url_file;

    /// What this node is called among the others; its host name and port where nothing is said
    #[arg(long, value_name = "NAME")]
    node: Option<String> => node: Option<String> = None, nodes::node;

    /// Where the other nodes reach this one, for pictures that come in here; without it they do not show them
    #[arg(long, value_name = "URL")]
    node_url: Option<String> => node_url: Option<Url> = None, nodes::node_url;

    /// Where pictures come and go by WebRTC, over UDP and TCP alike; beside --listen where nothing is said [default: 127.0.0.1:8082]
    #[arg(long, value_name = "HOST:PORT")]
    media_listen: Option<String> => media_listen: SocketAddr = loopback(8082), values::listen;

    /// What clients reach that at, IP or IP:PORT, separated by commas; the interfaces' where nothing is said
    #[arg(long, value_name = "ADDRESSES")]
    media_addresses: Vec<String> => media_addresses: Vec<MediaAddress> = Vec::new(), media::addresses;

    /// Where encoders send by RTMP, or off; beside --listen where nothing is said [default: 127.0.0.1:1935]
    #[arg(long, value_name = "HOST:PORT")]
    rtmp_listen: Option<String> => rtmp_listen: RtmpListen = RtmpListen::At(loopback(1935)), media::rtmp_listen;

    /// A TURN server for who reaches nothing else, such as turn:turn.example.net:3478?transport=udp
    #[arg(long, value_name = "URL")]
    turn_url: Option<String> => turn_url: Option<String> = None, media::turn_url;
    /// The secret that it shares with this server
    turn_secret => turn_secret: Option<SecretString> = None;
    /// File that holds the secret of the TURN server
    #[arg(long, value_name = "FILE")]
    turn_secret_file: Option<String>;

    /// The secret in the addresses at which media servers ask and tell: without it there are none
    media_hook_secret => media_hook_secret: Option<SecretString> = None;
    /// File that holds the secret of media servers
    #[arg(long, value_name = "FILE")]
    media_hook_secret_file: Option<String>;

    /// Address at which a media server shows what it takes in, with {id} or {name} in place of the stream's
    #[arg(long, value_name = "URL")]
    media_playback_template: Option<String> =>
        media_playback_template: Option<PlaybackTemplate> = None, media_servers::playback_template;

    /// The API of the media server, which sends publishers away; with a password, better LIVEHOUSE_MEDIA_SERVER_API or its file
    #[arg(long, value_name = "URL")]
    media_server_api: Option<String> => media_server_api: Option<MediaServerApi> = None;
    /// File that holds the URL of that API
    media_server_api_file;

    /// Gigabytes of recordings that are kept on this node's disk; 0 turns recording off [default: 20]
    #[arg(long, value_name = "GB")]
    recordings_max_gb: Option<String> => recordings_max_gb: u32 = 20, values::number(0..=1_000_000);

    /// Days after which recordings go [default: 30]
    #[arg(long, value_name = "DAYS")]
    recordings_days: Option<String> => recordings_days: u32 = 30, values::number(1..=36_500);

    /// Worker threads [default: number of cores]
    #[arg(long, value_name = "N")]
    workers: Option<String> => workers: usize = cores(), values::number(1..=1024);

    /// How the site is reached from outside, for links, secure cookies and HSTS: https and a host name
    #[arg(long, value_name = "URL")]
    public_url: Option<String> => public_url: Option<Url> = None, values::public_url;

    /// Origins of other sites that may use the API, separated by commas
    #[arg(long, value_name = "ORIGINS")]
    allowed_origins: Vec<String> => allowed_origins: Vec<Origin> = Vec::new(), values::origins;

    /// Origins of sites whose pages may show /embed in a frame, separated by commas, or * for every site
    #[arg(long, value_name = "ORIGINS")]
    embed_origins: Vec<String> => embed_origins: EmbedOrigins = EmbedOrigins::Nobody, elsewhere::embed_origins;

    /// Address ranges whose forwarding headers count, separated by commas
    #[arg(long, value_name = "RANGES")]
    trusted_proxies: Vec<String> => trusted_proxies: Vec<IpNet> = Vec::new(), values::networks;

    /// The one header that counts from them: x-forwarded-for, forwarded or x-real-ip [default: x-forwarded-for]
    #[arg(long, value_name = "NAME")]
    forwarded_header: Option<String> =>
        forwarded_header: ForwardedHeader = ForwardedHeader::XForwardedFor, values::forwarded_header;

    /// open, invite, approval or closed: who may register, whatever administrators set; they begin with open
    #[arg(long, value_name = "WORD")]
    registration: Option<String> =>
        registration: Option<Registration> = None, values::given(Registration::ALL);

    /// everyone or granted: who may create streams, whatever administrators set; they begin with everyone
    #[arg(long, value_name = "WORD")]
    streams_by: Option<String> => streams_by: Option<StreamsBy> = None, values::given(StreamsBy::ALL);

    /// auto, or milliseconds a room gathers before it writes [default: auto]
    #[arg(long, value_name = "MS")]
    flush_window_ms: Option<String> => flush_window: FlushWindow = FlushWindow::Auto, values::flush_window;

    /// on, or off: compresses what rooms say, for clients that offer to take it so [default: on]
    #[arg(long, value_name = "WORD")]
    deflate: Option<String> => deflate: bool = true, values::switch;

    /// Let webhooks go to http addresses, and to this machine: for development
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "on", require_equals = true)]
    webhooks_insecure: Option<String> => webhooks_insecure: bool = false, values::switch;

    /// Address ranges inside that webhooks may reach, separated by commas
    #[arg(long, value_name = "RANGES")]
    webhooks_allow: Vec<String> => webhooks_allow: Vec<IpNet> = Vec::new(), values::networks;

    /// Where to tell of a hole in the site: mailto:, https:// or tel:; fills /.well-known/security.txt
    #[arg(long, value_name = "URI")]
    security_contact: Option<String> =>
        security_contact: Option<SecurityContact> = None, elsewhere::security_contact;

    /// Seconds over which a stopping server spreads its goodbyes [default: 5]
    #[arg(long, value_name = "S")]
    drain_s: Option<String> => drain: Duration = Duration::from_secs(5), values::seconds(0..=3600);

    /// Refuse generated and weak secrets
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "on", require_equals = true)]
    production: Option<String> => production: bool = false, values::switch;

    /// The secret from which the keys of tokens are derived
    secret_key => secret_key: SecretKey = SecretKey::missing();
    /// File that holds the secret key, at least 32 random bytes
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<String>;

    /// The secret before the last change: what it signed is still accepted
    secret_key_previous => secret_key_previous: Option<SecretKey> = None;
    /// File that holds the secret before the last change
    secret_key_previous_file;

    /// What is logged, in env_logger's syntax [default: info]
    #[arg(long, value_name = "FILTER")]
    log: Option<String> => log: String = "info".to_owned(), values::log_filter;

    /// text or json [default: text]
    #[arg(long, value_name = "WORD")]
    log_format: Option<String> => log_format: LogFormat = LogFormat::Text, values::word(LogFormat::ALL);

    /// on, or off: lifts every limit but those in bytes [default: on]
    #[arg(long, value_name = "WORD")]
    limits: Option<String> => limits: Limits = Limits::default();
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get())
}

impl Config {
    /// The same where the site has this port: other nodes find it there, too, if they were told port 0, and it is named by it.
    pub(crate) fn reached_at(mut self, port: u16) -> Self {
        if let Some(url) = self.node_url.as_mut().filter(|url| url.port() == Some(0)) {
            // It has a host, so that it can have a port.
            _ = url.set_port(Some(port));
        }
        self.node.get_or_insert_with(|| nodes::default_name(port));
        self
    }

    /// What this node is called: as its operator says, or by its machine and the site's port.
    pub(crate) fn node_name(&self) -> String {
        self.node.clone().unwrap_or_else(|| nodes::default_name(self.listen.port()))
    }
}
