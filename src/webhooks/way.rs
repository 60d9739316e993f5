//! The way to a webhook: a POST to an address that may be reached, which is judged when it is connected to. No redirect is
//! followed, no proxy of the environment used, and of an answer the status alone is looked at. It must not know what is sent.

use crate::{
    domain::webhook::{
        address::Allowed,
        url::{self, literal},
    },
    outgoing,
};
use ::url::Url;
use reqwest::{
    Client, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::lookup_host, time::timeout};
use tokio_rustls::rustls::RootCertStore;

/// How long an open connection is kept for the next message.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// How long a short body is waited for; then its connection is closed.
const BODY_WITHIN: Duration = Duration::from_millis(200);
/// Bytes of an answer's body that are passed over to keep its connection; with more it is closed.
const BODY_MAX: u64 = 4096;

/// What all ways of a server have in common.
pub(crate) struct Ways {
    judge: Judge,
    authorities: Arc<RootCertStore>,
    within: Duration,
}

/// The way to one webhook. Its connection is kept for the next message.
#[derive(Default)]
pub(super) struct Way(Option<(u16, Client)>);

/// Tells which addresses may be reached.
#[derive(Clone)]
struct Judge {
    allowed: Arc<Allowed>,
    /// Where this server listens: no webhook may come back to it, unless the operator has named the range.
    own: Arc<[SocketAddr]>,
}

impl Judge {
    fn lets(&self, address: SocketAddr) -> bool {
        let ip = address.ip();
        self.allowed.names(ip) || (self.allowed.lets(ip) && !self.comes_back(address))
    }

    fn comes_back(&self, address: SocketAddr) -> bool {
        let of_this_machine =
            |own: &SocketAddr| own.ip().is_unspecified() && is_of_this_machine(address.ip());
        let mut at_port = self.own.iter().filter(|own| own.port() == address.port());
        at_port.any(|own| own.ip() == address.ip() || of_this_machine(own))
    }
}

fn is_of_this_machine(address: IpAddr) -> bool {
    let own = if_addrs::get_if_addrs().unwrap_or_default();
    address.is_loopback() || own.iter().any(|interface| interface.ip() == address)
}

/// Resolves a name to those of its addresses that may be reached at a port: what is connected to is what was judged.
struct Judged(Judge, u16);

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let (judge, port) = (self.0.clone(), self.1);
        Box::pin(async move {
            let found = lookup_host((name.as_str(), port)).await?;
            let may: Vec<SocketAddr> = found.filter(|address| judge.lets(*address)).collect();
            if may.is_empty() {
                return Err(Inside.into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

/// Where a name leads nobody may be sent.
#[derive(Debug, thiserror::Error)]
#[error("an address that webhooks may not reach")]
struct Inside;

impl Ways {
    /// Ways to what an operator allows, but not back to where the server is `listening`; each try takes at most so long.
    pub(crate) fn new(allowed: Arc<Allowed>, listening: Vec<SocketAddr>, within: Duration) -> Self {
        let (judge, authorities) = (Judge { allowed, own: listening.into() }, outgoing::authorities());
        if authorities.is_empty() {
            log::info!("this machine has no certificates of authorities: webhooks reach no https address");
        }
        Self { judge, authorities, within }
    }

    /// The address and its port; none where it may not be gone to, as far as can be seen.
    fn parse(&self, url: &str) -> Option<(Url, u16)> {
        let url = url::parse(url, &self.judge.allowed).ok()?;
        let port = url.port_or_known_default()?;
        let lets = |ip| self.judge.lets(SocketAddr::new(ip, port));
        literal(&url).is_none_or(lets).then_some((url, port))
    }

    fn client(&self, port: u16) -> reqwest::Result<Client> {
        outgoing::trusting(self.authorities.clone())
            .dns_resolver(Arc::new(Judged(self.judge.clone(), port)))
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(1)
            .timeout(self.within)
            .user_agent(concat!("livehouse/", env!("CARGO_PKG_VERSION")))
            .build()
    }
}

/// What is sent, with its headers.
pub(super) struct Post {
    pub url: String,
    pub id: String,
    /// Seconds since 1970.
    pub timestamp: i64,
    pub signatures: String,
    pub body: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was taken.
    Taken(u16),
    /// The other side answered, but took it not.
    Refused(u16),
    /// No answer came, for a reason in a word.
    None(&'static str),
}

impl Way {
    /// Sends, and says what came of it.
    pub(super) async fn send(&mut self, ways: &Ways, post: Post) -> Answer {
        let Some((url, port)) = ways.parse(&post.url) else { return Answer::None("not_allowed") };
        let client = match self.client(ways, port) {
            Ok(client) => client,
            Err(error) => return Answer::None(reason(&error)),
        };
        let sent = client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", post.id)
            .header("webhook-timestamp", post.timestamp)
            .header("webhook-signature", post.signatures)
            .body(post.body);
        match sent.send().await {
            Ok(answer) => {
                let status = answer.status();
                pass_over(answer).await;
                judged(status)
            }
            Err(error) => Answer::None(reason(&error)),
        }
    }

    fn client(&mut self, ways: &Ways, port: u16) -> reqwest::Result<&Client> {
        let kept = self.0.take().filter(|(of, _)| *of == port);
        let client = kept.map_or_else(|| ways.client(port), |(_, client)| Ok(client))?;
        Ok(&self.0.insert((port, client)).1)
    }
}

fn judged(status: StatusCode) -> Answer {
    match status.is_success() {
        true => Answer::Taken(status.as_u16()),
        false => Answer::Refused(status.as_u16()),
    }
}

/// A short body is read and dropped, so that its connection serves again.
async fn pass_over(answer: reqwest::Response) {
    if answer.content_length().is_some_and(|length| length <= BODY_MAX) {
        _ = timeout(BODY_WITHIN, answer.bytes()).await;
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.is::<Inside>() {
            return "not_allowed";
        }
        source = error.source();
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => "timeout",
        (false, true) => "no_connection",
        (false, false) => "no_answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(is_insecure: bool, ranges: &[&str], own: &[&str]) -> Judge {
        let ranges = ranges.iter().map(|range| range.parse().unwrap()).collect();
        let own = own.iter().map(|address| address.parse().unwrap()).collect();
        Judge { allowed: Arc::new(Allowed { is_insecure, ranges }), own }
    }

    #[test]
    fn no_webhook_comes_back_to_the_server_unless_its_range_is_named() {
        let lets = |judge: &Judge, address: &str| judge.lets(address.parse().unwrap());
        let strict = judge(false, &[], &["8.8.8.8:8080", "0.0.0.0:8081"]);
        assert!(lets(&strict, "8.8.8.8:443") && !lets(&strict, "8.8.8.8:8080"));
        assert!(lets(&strict, "9.9.9.9:8081") && !lets(&strict, "127.0.0.1:8081"));
        let insecure = judge(true, &[], &["0.0.0.0:8081"]);
        assert!(lets(&insecure, "127.0.0.1:80") && !lets(&insecure, "127.0.0.1:8081"));
        assert!(lets(&judge(false, &["127.0.0.0/8"], &["0.0.0.0:8081"]), "127.0.0.1:8081"));
    }

    #[tokio::test]
    async fn a_name_is_resolved_to_what_may_be_reached_alone() {
        let resolve = |judge: Judge| Judged(judge, 443).resolve("localhost".parse().unwrap());
        assert!(resolve(judge(false, &[], &[])).await.is_err_and(|error| error.is::<Inside>()));
        assert!(resolve(judge(true, &[], &[])).await.is_ok_and(|mut found| found.next().is_some()));
    }
}
