//! The settings of several nodes that are one house, and how each is read from text: `Err` says what would have been allowed.
//! They must not know where the text came from, nor what nodes say to each other.

use super::values::{self, Read};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Sentinels listen here where nothing else is said.
const SENTINEL_PORT: u16 = 26_379;
/// More characters than a host name may have are no name of a node.
const NODE_NAME_CHARS_MAX: usize = 253;

/// Where Redis, or Valkey, is: its own address, or those of sentinels, which know it.
#[derive(Clone, Debug)]
pub struct RedisUrl {
    /// As it was given; it may hold a password.
    given: SecretString,
    /// `redis://`, `rediss://`, `valkey://` or `valkeys://`, with a host; of sentinels, one each and with a port.
    servers: Vec<SecretString>,
    /// What sentinels call the one that is written to.
    master: Option<String>,
}

impl RedisUrl {
    /// As it may be shown: without password.
    pub fn masked(&self) -> String {
        values::mask_url(self.given.expose_secret())
    }

    /// URLs of one server, or of all sentinels, password and all.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().map(ExposeSecret::expose_secret)
    }

    /// What sentinels call it; none where it is reached directly.
    pub(crate) fn master(&self) -> Option<&str> {
        self.master.as_deref()
    }
}

impl std::str::FromStr for RedisUrl {
    type Err = String;
    fn from_str(text: &str) -> Read<RedisUrl> {
        redis_url(text)
    }
}

pub(super) fn redis_url(text: &str) -> Read<RedisUrl> {
    let read = match text.strip_prefix("redis+sentinel://") {
        Some(rest) => sentinels(rest).map(|(servers, master)| (servers, Some(master))),
        None => is_server(text).then(|| (vec![text.into()], None)),
    };
    let (servers, master) = read.ok_or(
        "redis://USER:PASSWORD@HOST/NUMBER, the same with rediss (TLS), valkey or valkeys, or \
         redis+sentinel://USER:PASSWORD@HOST,HOST/MASTER",
    )?;
    Ok(RedisUrl { given: text.into(), servers, master })
}

/// Whether it is the URL of one server, and asks nothing of the connection: that is ours to choose.
fn is_server(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let is_number = url.path().trim_matches('/').bytes().all(|byte| byte.is_ascii_digit());
        let is_known = matches!(url.scheme(), "redis" | "rediss" | "valkey" | "valkeys");
        is_known && url.has_host() && is_number && url.query().is_none() && url.fragment().is_none()
    })
}

/// `USER:PASSWORD@HOST:PORT,HOST:PORT/MASTER`; user and password are for the server that they name.
fn sentinels(text: &str) -> Option<(Vec<SecretString>, String)> {
    let (rest, master) = text.rsplit_once('/').filter(|(_, master)| !master.is_empty())?;
    let (credentials, hosts) = rest.rsplit_once('@').map_or(("", rest), |(before, hosts)| (before, hosts));
    let server = |host: &str| {
        let mut url = Url::parse(&format!("redis://{credentials}@{host}")).ok()?;
        let is_host = url.has_host() && url.path().is_empty() && url.query().is_none();
        url.set_port(url.port().or(Some(SENTINEL_PORT))).ok()?;
        (is_host && url.fragment().is_none()).then(|| SecretString::from(String::from(url)))
    };
    let servers = hosts.split(',').map(server).collect::<Option<Vec<_>>>()?;
    Some((servers, master.to_owned()))
}

/// It stands in lists of nodes and in the log.
pub(super) fn node(text: &str) -> Read<Option<String>> {
    let is_name = !text.is_empty()
        && text.len() <= NODE_NAME_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    is_name
        .then(|| Some(text.to_owned()))
        .ok_or_else(|| "a name of letters, digits and .-_:[], such as node-1 or live1.example:8080".into())
}

/// Plain HTTP: it is for the network between the nodes. Port 0 is the port that is bound.
pub(super) fn node_url(text: &str) -> Read<Option<Url>> {
    let is_origin = |url: &Url| {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        url.scheme() == "http"
            && url.has_host()
            && is_bare
            && url.username().is_empty()
            && url.password().is_none()
    };
    let url = Url::parse(text).ok().filter(is_origin);
    url.map(Some).ok_or_else(|| "http://HOST:PORT, as the other nodes reach this one".into())
}

/// What a node is called that was given no name: its machine, and where it listens there.
pub(crate) fn default_name(port: u16) -> String {
    format!("{}:{port}", rustix::system::uname().nodename().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_reached_at_an_origin_of_plain_http() {
        let url = node_url("http://10.0.0.7:8080").unwrap().unwrap();
        assert_eq!(url.as_str(), "http://10.0.0.7:8080/");
        for bad in
            ["", "10.0.0.7", "https://a.example", "http://a.example/x", "http://u:p@a.example", "http://a?x"]
        {
            assert!(node_url(bad).unwrap_err().starts_with("http://HOST:PORT"), "{bad}");
        }
    }

    fn servers(text: &str) -> Vec<String> {
        redis_url(text).unwrap().servers().map(str::to_owned).collect()
    }

    #[test]
    fn one_server_is_named_by_its_url() {
        for good in [
            "redis://cache.example",
            "redis://:hunter2@127.0.0.1:6380/3",
            "rediss://ana:hunter2@cache.example/",
            "valkey://[::1]:6379",
            "valkeys://cache.example",
        ] {
            let url = redis_url(good).unwrap();
            assert_eq!((servers(good), url.master()), (vec![good.to_owned()], None));
            assert!(!format!("{url:?}{}", url.masked()).contains("hunter2"), "{url:?}");
        }
        for bad in [
            "cache.example",
            "redis:cache.example",
            "redis://",
            "redis://cache.example/x",
            "redis://cache.example?protocol=resp2",
            "rediss://cache.example#insecure",
            "redis+unix:///run/redis.sock",
            "http://cache.example",
        ] {
            assert!(redis_url(bad).unwrap_err().starts_with("redis://USER"), "{bad}");
        }
    }

    #[test]
    fn sentinels_are_named_with_what_they_call_the_server() {
        let text = "redis+sentinel://ana:hunter%402@one.example,two.example:7,[::1]/house";
        assert_eq!(
            servers(text),
            [
                "redis://ana:hunter%402@one.example:26379",
                "redis://ana:hunter%402@two.example:7",
                "redis://ana:hunter%402@[::1]:26379"
            ]
        );
        let url = redis_url(text).unwrap();
        assert_eq!(url.master(), Some("house"));
        assert!(!format!("{url:?}{}", url.masked()).contains("hunter"), "{}", url.masked());
        assert_eq!(servers("redis+sentinel://one.example/m"), ["redis://one.example:26379"]);
        for bad in ["one.example", "one.example/", "/m", "one.example,/m", "a/b/m", "one.example:x/m"] {
            assert!(redis_url(&format!("redis+sentinel://{bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_name_of_a_node_is_a_word() {
        assert_eq!(node("live1.example:8080").unwrap().as_deref(), Some("live1.example:8080"));
        for bad in ["", "two words", "a\"b", &"x".repeat(254)] {
            assert!(node(bad).is_err(), "{bad}");
        }
        assert!(node(&default_name(8080)).is_ok(), "{}", default_name(8080));
    }
}
