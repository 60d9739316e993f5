//! The API of a media server: whether somebody still sends there, and that they may not any more; one form for each kind, as its
//! own source has it. It must not know why.

use super::publishers::RemoteClient;
use crate::{
    config::MediaServerApi,
    domain::stream::picture::{IngestProtocol, MediaServer},
    outgoing,
    wire::read,
};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// A server that is asked for so many publishers at once takes a while; one that is gone is known to be soon.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
const CONNECT_WITHIN: Duration = Duration::from_millis(500);
/// No answer that is read is longer.
const ANSWER_BYTES: u64 = 64 * 1024;

/// The way to it; where its operator has not said where it is, nothing is known or done there. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServerApi {
    client: reqwest::Client,
    base: Option<Url>,
}

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is there; or, where it was to be sent away, it was.
    Here,
    /// It is not there, as far as the server knows.
    Gone,
    /// The server does not say.
    Unsaid,
    /// The server does not answer.
    Silent,
}

/// What SRS says of a client.
#[derive(Deserialize)]
struct OfSrs {
    code: i64,
}

impl ServerApi {
    /// At this address.
    /// Errors: No client could be made.
    pub(crate) fn new(api: Option<&MediaServerApi>) -> reqwest::Result<Self> {
        let builder = match api {
            Some(_) => outgoing::trusting(outgoing::authorities()),
            None => outgoing::within_the_house(),
        };
        let client = builder.connect_timeout(CONNECT_WITHIN).timeout(ANSWER_WITHIN).build()?;
        Ok(Self { client, base: api.map(MediaServerApi::url) })
    }

    /// Whether there is one.
    pub(crate) fn is_known(&self) -> bool {
        self.base.is_some()
    }

    /// Whether somebody still sends there.
    pub(crate) async fn has(&self, client: &RemoteClient) -> Answer {
        let paths: Vec<Vec<&str>> = match client.server {
            MediaServer::Srs => vec![vec!["api", "v1", "clients", &client.id]],
            MediaServer::Mediamtx => {
                kinds(client.protocol).iter().map(|kind| vec!["v3", kind, "get", &client.id]).collect()
            }
            MediaServer::Ome => vec![of_ome(client)],
            MediaServer::Nginx => return self.is_up().await,
        };
        self.first(Method::GET, &paths, client).await
    }

    /// nginx's statistics are for people, in XML, and that somebody goes on it tells by itself; but it can be gone as a whole.
    async fn is_up(&self) -> Answer {
        let Some(base) = self.base.clone() else { return Answer::Unsaid };
        match self.client.get(base).send().await {
            Ok(_) => Answer::Unsaid,
            Err(_) => Answer::Silent,
        }
    }

    /// Sends somebody away.
    pub(crate) async fn kick(&self, client: &RemoteClient) -> Answer {
        let (method, paths) = match client.server {
            MediaServer::Srs => (Method::DELETE, vec![vec!["api", "v1", "clients", &client.id]]),
            MediaServer::Mediamtx => {
                let paths = kinds(client.protocol).iter().map(|kind| vec!["v3", kind, "kick", &client.id]);
                (Method::POST, paths.collect())
            }
            MediaServer::Ome => (Method::DELETE, vec![of_ome(client)]),
            MediaServer::Nginx => (Method::GET, vec![vec!["control", "drop", "publisher"]]),
        };
        self.first(method, &paths, client).await
    }

    /// The answer of the first of these places that knows of it.
    async fn first(&self, method: Method, paths: &[Vec<&str>], client: &RemoteClient) -> Answer {
        let mut last = Answer::Unsaid;
        for path in paths {
            last = self.ask(method.clone(), path, client).await;
            if last != Answer::Gone {
                break;
            }
        }
        last
    }

    async fn ask(&self, method: Method, path: &[&str], client: &RemoteClient) -> Answer {
        let Some(url) = self.base.clone().and_then(|base| below(base, path)) else { return Answer::Unsaid };
        let url = if client.server == MediaServer::Nginx { with_names(url, client) } else { url };
        match self.client.request(method, url).send().await {
            Ok(answer) => read_answer(client.server, answer).await,
            // Its text has the address in it, and that perhaps a password.
            Err(error) => {
                log::debug!("the media server does not answer: {}", error.without_url());
                Answer::Silent
            }
        }
    }
}

fn below(mut base: Url, path: &[&str]) -> Option<Url> {
    base.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(base)
}

/// A number of a connection is of one run of nginx, so the name goes with it.
fn with_names(mut url: Url, client: &RemoteClient) -> Url {
    let names = [("app", &client.app), ("name", &client.name), ("clientid", &client.id)];
    url.query_pairs_mut().extend_pairs(names);
    url
}

fn of_ome(client: &RemoteClient) -> Vec<&str> {
    vec!["apps", &client.app, "streams", &client.name]
}

/// MediaMTX lists who comes encrypted by themselves.
fn kinds(protocol: IngestProtocol) -> &'static [&'static str] {
    match protocol {
        IngestProtocol::Rtmp => &["rtmpconns", "rtmpsconns"],
        IngestProtocol::Rtsp => &["rtspsessions", "rtspssessions"],
        IngestProtocol::Srt => &["srtconns"],
        IngestProtocol::Whip => &["webrtcsessions"],
        IngestProtocol::Other => &["moqsessions"],
    }
}

async fn read_answer(server: MediaServer, answer: reqwest::Response) -> Answer {
    match (answer.status(), server) {
        (StatusCode::NOT_FOUND, _) => Answer::Gone,
        (status, MediaServer::Srs) if status.is_success() => match text(answer).await {
            Some(text) => of_srs(&text),
            None => Answer::Unsaid,
        },
        // How many it has sent away.
        (status, MediaServer::Nginx) if status.is_success() => match text(answer).await.as_deref() {
            Some(b"0") => Answer::Gone,
            Some(_) => Answer::Here,
            None => Answer::Unsaid,
        },
        (status, _) if status.is_success() => Answer::Here,
        (status, _) => {
            log::warn!("the media server says {status} where it is asked for a publisher");
            Answer::Unsaid
        }
    }
}

/// It says everything with 200.
fn of_srs(text: &[u8]) -> Answer {
    match read::text::<OfSrs>(text) {
        Ok(OfSrs { code: 0 }) => Answer::Here,
        Ok(_) => Answer::Gone,
        Err(_) => Answer::Unsaid,
    }
}

async fn text(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(piece) = answer.chunk().await.ok()? {
        text.extend_from_slice(&piece);
        if text.len() as u64 > ANSWER_BYTES {
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_path_before_that_of_the_api() {
        let url = |base: &str| below(base.parse().unwrap(), &["apps", "a b", "streams", "x/y"]).unwrap();
        assert_eq!(url("http://a").as_str(), "http://a/apps/a%20b/streams/x%2Fy");
        assert_eq!(
            url("http://a/v1/vhosts/default/").as_str(),
            "http://a/v1/vhosts/default/apps/a%20b/streams/x%2Fy"
        );
    }

    #[test]
    fn srs_says_in_its_answer_whether_it_knows_somebody() {
        assert_eq!(of_srs(br#"{"code":0,"server":"vid-1","client":{"id":"7"}}"#), Answer::Here);
        assert_eq!(of_srs(br#"{"code":2049}"#), Answer::Gone);
        assert_eq!(of_srs(b"0"), Answer::Unsaid);
    }
}
