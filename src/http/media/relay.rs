//! The relay that browsers may use where nothing else comes through, as each of them takes it.
//! It must not know whom it is for.

use crate::{auth::picture::relay::credentials, config::Config, domain::Millis};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

/// A server for `RTCPeerConnection`'s `iceServers`.
#[derive(Serialize, ToSchema)]
pub(crate) struct IceServer {
    /// Where it is.
    urls: String,
    /// Ends with its time.
    username: String,
    /// Made of the name and a secret.
    credential: String,
}

/// With credentials that are good for some hours; none where the operator has no relay.
pub(crate) fn ice_servers(config: &Config) -> Vec<IceServer> {
    let server = |(url, secret): (&String, &SecretString)| {
        let made = credentials(secret, Millis::by_the_system());
        IceServer { urls: url.clone(), username: made.username, credential: made.credential }
    };
    config.turn_url.iter().zip(&config.turn_secret).map(server).collect()
}

/// The same as a `Link` header (RFC 9725, section 4.6).
pub(crate) fn link(config: &Config) -> Option<String> {
    let IceServer { urls, username, credential } = ice_servers(config).pop()?;
    Some(format!(
        "<{urls}>; rel=\"ice-server\"; username=\"{username}\"; credential=\"{credential}\"; credential-type=\"password\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_relay_is_told_with_its_credentials_and_none_without() {
        let mut config = Config::for_tests(Path::new("unused"));
        assert_eq!(link(&config), None);
        config.turn_url = Some("turn:turn.example.net:3478?transport=udp".to_owned());
        config.turn_secret = Some("north".into());
        let link = link(&config).unwrap();
        assert!(
            link.starts_with("<turn:turn.example.net:3478?transport=udp>; rel=\"ice-server\"; username=\"")
        );
        assert!(link.ends_with("; credential-type=\"password\"") && !link.contains("north"), "{link}");
        assert_eq!(ice_servers(&config).len(), 1);
    }
}
