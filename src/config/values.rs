//! The types of single settings, and how each is read from text: `Err` says what would have been allowed.
//! They must not know where the text came from.

use super::secret::MASK;
use crate::domain::stream::words;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use url::Url;

/// What a reader answers: the value, or what is allowed.
pub(super) type Read<T> = Result<T, String>;

words! {
    /// Whether strangers may register.
    pub Registration {
        /// Anyone may register.
        Open = "open",
        /// Whoever has an invitation.
        Invite = "invite",
        /// Anyone may, and waits for an operator to let them in.
        Approval = "approval",
        /// Accounts are made by operators alone.
        Closed = "closed",
    }
}

words! {
    /// Who may create streams.
    pub StreamsBy {
        /// Every account may.
        Everyone = "everyone",
        /// Accounts that an admin has allowed to host.
        Granted = "granted",
    }
}

words! {
    /// How log records are written.
    pub LogFormat {
        /// A text for people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

words! {
    /// The header in which proxies say where a client is.
    pub ForwardedHeader {
        /// The usual one.
        XForwardedFor = "x-forwarded-for",
        /// The header of RFC 7239.
        Forwarded = "forwarded",
        /// One address, as nginx writes it.
        XRealIp = "x-real-ip",
    }
}

/// How long a room gathers before it writes to its viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushWindow {
    /// By the room's own clock, which follows the cost of the last fan-out.
    Auto,
    /// Always this long; zero writes at once.
    Fixed(Duration),
}

/// Of `::ffff:0:0/96`, where IPv6 keeps the IPv4 addresses.
const MAPPED_PREFIX: u8 = 96;
/// The embedded database, in the data directory.
const DATABASE_FILE: &str = "livehouse.db";
/// Longest fixed flush window, in milliseconds.
const FLUSH_WINDOW_MAX_MS: u64 = 10_000;

/// Where the database is.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
    /// A server; the URL may hold a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// The embedded one of a data directory.
    pub(super) fn in_directory(data_dir: &Path) -> DatabaseUrl {
        DatabaseUrl::Sqlite(data_dir.join(DATABASE_FILE))
    }

    /// As the store takes it, password and all.
    pub fn expose(&self) -> String {
        match self {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.expose_secret().to_owned(),
        }
    }

    /// As it may be shown: without password.
    pub fn masked(&self) -> String {
        match self {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => mask_url(url.expose_secret()),
        }
    }
}

/// The origin of a page: scheme, host and port as browsers write them, `https://live.example`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of a URL with a host.
    pub fn of(url: &Url) -> Origin {
        Origin(url.origin().ascii_serialization())
    }
}

impl FromStr for Origin {
    type Err = String;
    fn from_str(text: &str) -> Read<Origin> {
        let url = web_url(text).filter(|_| !text.ends_with('/'));
        url.map(|url| Origin::of(&url))
            .ok_or_else(|| "origins such as https://live.example, separated by commas".into())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Host names are resolved here, once; an IPv4 address is preferred, for that is what `localhost` is tried as.
pub(super) fn listen(text: &str) -> Read<SocketAddr> {
    let found: Vec<SocketAddr> = text.to_socket_addrs().map(Iterator::collect).unwrap_or_default();
    let best = found.iter().find(|address| address.is_ipv4()).or(found.first()).copied();
    best.ok_or_else(|| {
        "HOST:PORT, such as 127.0.0.1:8080 or [::]:8080, with a host that resolves here".into()
    })
}

pub(super) fn path(text: &str) -> Read<PathBuf> {
    match text {
        "" => Err("the path of a directory".into()),
        text => Ok(PathBuf::from(text)),
    }
}

pub(super) fn database_url(text: &str) -> Read<DatabaseUrl> {
    if text.contains(MASK) {
        return Err("the URL itself, not as it is shown".into());
    }
    let allowed = || "sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE".to_owned();
    let (scheme, rest) = text.split_once(':').ok_or_else(allowed)?;
    match scheme {
        "sqlite" => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_file = !path.is_empty() && !path.contains(['?', '\0']) && path != ":memory:";
            is_file
                .then(|| DatabaseUrl::Sqlite(path.into()))
                .ok_or_else(|| "sqlite:FILE, without parameters".into())
        }
        "postgres" | "postgresql" if !rest.starts_with("//") => Err(allowed()),
        "postgres" | "postgresql" if cfg!(feature = "postgres") => Ok(DatabaseUrl::Postgres(text.into())),
        "postgres" | "postgresql" => {
            Err("sqlite:FILE in this build; for PostgreSQL build with `--features postgres`".into())
        }
        _ => Err(allowed()),
    }
}

/// Settings are printed, in messages and by `livehouse config`; none has a use for what moves a cursor.
pub(super) fn plain(text: &str) -> Read<&str> {
    match text.contains(char::is_control) {
        true => Err("text without control characters".into()),
        false => Ok(text),
    }
}

/// A value as a message may show it: what stands before an `@` may be a password.
pub(super) fn mask_credentials(text: &str) -> String {
    let masked = |item: &str| match item.rsplit_once('@') {
        None => item.to_owned(),
        Some((before, rest)) => {
            let scheme = before.find("://").map_or("", |end| &before[..end + 3]);
            format!("{scheme}{MASK}@{rest}")
        }
    };
    text.split(',').map(masked).collect::<Vec<_>>().join(",")
}

/// The scheme and what follows the credentials. What is not understood is masked whole, but for paths.
pub(super) fn mask_url(text: &str) -> String {
    let (scheme, _) = text.split_once(':').unwrap_or_default();
    let is_path = scheme.is_empty() && !text.contains(['=', '@', ' ']);
    if is_path || scheme == "sqlite" {
        return text.to_owned();
    }
    let Some(mut url) = Url::parse(text).ok().filter(Url::has_host) else {
        return format!("{scheme}:***");
    };
    let masked = url.password().is_none() || url.set_password(Some("***")).is_ok();
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.set_fragment(None);
    if masked { url.to_string() } else { format!("{scheme}:***") }
}

pub(super) fn public_url(text: &str) -> Read<Option<Url>> {
    web_url(text).map(Some).ok_or_else(|| {
        "http:// or https:// with a host and nothing after it, such as https://live.example".into()
    })
}

/// A URL that is an origin and no more.
fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    (is_web && is_bare && !has_credentials && !text.contains('*')).then_some(url)
}

pub(super) fn origins(text: &str) -> Read<Vec<Origin>> {
    list(text).map(str::parse).collect()
}

pub(super) fn networks(text: &str) -> Read<Vec<IpNet>> {
    let network = |item: &str| {
        let one = || item.parse::<IpAddr>().map(IpNet::from);
        item.parse::<IpNet>().or_else(|_| one()).map(canonical)
    };
    list(text)
        .map(network)
        .collect::<Result<_, _>>()
        .map_err(|_| "addresses and ranges such as 10.0.0.0/8, separated by commas".into())
}

/// IPv4 addresses that are written as IPv6 ones are those IPv4 addresses, as they are where a client is told from another.
fn canonical(net: IpNet) -> IpNet {
    let net = net.trunc();
    let mapped = |v6: Ipv6Net| {
        let prefix = v6.prefix_len().checked_sub(MAPPED_PREFIX)?;
        Ipv4Net::new(v6.network().to_ipv4_mapped()?, prefix).ok()
    };
    match net {
        IpNet::V6(v6) => mapped(v6).map_or(net, IpNet::V4),
        IpNet::V4(_) => net,
    }
}

pub(super) fn forwarded_header(text: &str) -> Read<ForwardedHeader> {
    word(ForwardedHeader::ALL)(&text.to_ascii_lowercase())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// One of a closed set.
pub(super) fn word<T: FromStr + fmt::Display>(all: &[T]) -> impl Fn(&str) -> Read<T> {
    let words = || all.iter().map(T::to_string).collect::<Vec<_>>().join(" or ");
    move |text| text.parse().map_err(|_| words())
}

/// The same where it makes a difference whether it was given.
pub(super) fn given<T: FromStr + fmt::Display>(all: &[T]) -> impl Fn(&str) -> Read<Option<T>> {
    let word = word(all);
    move |text| word(text).map(Some)
}

pub(super) fn switch(text: &str) -> Read<bool> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("on or off".into()),
    }
}

/// A whole number without sign, within bounds.
pub(super) fn number<T: FromStr + PartialOrd + fmt::Display>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Read<T> {
    move |text| {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = text.parse().ok().filter(|value| is_plain && range.contains(value));
        value.ok_or_else(|| format!("a whole number from {} to {}", range.start(), range.end()))
    }
}

pub(super) fn seconds(range: RangeInclusive<u64>) -> impl Fn(&str) -> Read<Duration> {
    move |text| number(range.clone())(text).map(Duration::from_secs)
}

pub(super) fn flush_window(text: &str) -> Read<FlushWindow> {
    if text == "auto" {
        return Ok(FlushWindow::Auto);
    }
    let ms = number(0..=FLUSH_WINDOW_MAX_MS)(text).map_err(|numbers| format!("auto, or {numbers}"))?;
    Ok(FlushWindow::Fixed(Duration::from_millis(ms)))
}

/// env_logger's syntax; a lone word that is no level must look like a module, or a typo would silence the log.
pub(super) fn log_filter(text: &str) -> Read<String> {
    let directives = text.split('/').next().unwrap_or_default();
    if list(directives).all(is_directive) && !text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    Err("env_logger's syntax, such as info or warn,crate::room=debug".into())
}

fn is_directive(directive: &str) -> bool {
    let is_level = |level: &str| level.parse::<log::LevelFilter>().is_ok();
    match directive.split_once('=') {
        Some((target, level)) => !target.is_empty() && is_level(level),
        None => is_level(directive) || directive == "livehouse" || directive.contains("::"),
    }
}
