//! Asks the server of a configuration whether it is ready, as containers and scripts do.
//! It must not know anything of that server but its address.

use crate::{config::Config, outgoing};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

/// How long an answer may take: a busy server answers late.
const WITHIN: Duration = Duration::from_secs(5);

/// Succeeds where the server is ready; else says in a line what is wrong.
pub async fn run(config: &Config) -> ExitCode {
    let url = format!("http://{}/health/ready", reached_at(config.listen));
    let wrong = match ask(&url).await {
        Ok(status) if status.is_success() => return ExitCode::SUCCESS,
        Ok(status) => status.to_string(),
        Err(error) => format!("{:#}", anyhow::Error::from(error.without_url())),
    };
    eprintln!("livehouse: {url}: {wrong}");
    ExitCode::FAILURE
}

async fn ask(url: &str) -> reqwest::Result<reqwest::StatusCode> {
    Ok(outgoing::within_the_house().timeout(WITHIN).build()?.get(url).send().await?.status())
}

/// A server that listens on all addresses is reached by the loopback's.
fn reached_at(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_the_loopback() {
        for (listen, asked) in
            [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:8080", "[::1]:8080"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(reached_at(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
