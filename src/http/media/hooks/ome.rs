//! The admission webhooks of OvenMediaEngine (`admission_webhooks.cpp`): JSON with a signature, and answers that it reads.
//! It must not know what becomes of it.

use super::said::{Asked, Said, address, agent, key_in, plain, stream, unknown};
use crate::{
    domain::stream::picture::{IngestProtocol, MediaServer},
    services::picture::servers::publishers::RemoteClient,
    wire::{Refusal, read as json},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha1::Sha1;
use url::Url;

/// Whose hook it is, for people.
const NAME: &str = "OvenMediaEngine";

#[derive(Deserialize)]
struct Hook {
    client: Client,
    request: Request,
}

#[derive(Deserialize)]
struct Client {
    #[serde(default)]
    address: String,
    #[serde(default)]
    port: u16,
    #[serde(default)]
    real_ip: String,
    #[serde(default)]
    user_agent: String,
}

#[derive(Deserialize)]
struct Request {
    direction: String,
    protocol: String,
    status: String,
    url: String,
}

/// Whether the body is of whoever knows the secret.
pub(super) fn is_signed(secret: &SecretString, body: &[u8], signature: &str) -> bool {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')) else { return false };
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// What a hook says.
/// Errors: `bad_request`; `invalid_field`.
pub(super) fn read(body: &[u8]) -> Result<Said, Refusal> {
    let Hook { client, request } = json::text(body)?;
    match (request.direction.as_str(), request.status.as_str()) {
        ("incoming", "opening") => asked(&client, &request).map(Said::Begins),
        ("incoming", "closing") => Ok(Said::Ends { stream: place(&request)?.stream, client: id(&client)? }),
        ("outgoing", "opening") => Ok(Said::Reads(place(&request)?.stream)),
        ("outgoing", "closing") => Ok(Said::Nothing),
        _ => Err(unknown(NAME)),
    }
}

struct Place {
    stream: crate::domain::StreamId,
    app: String,
    name: String,
    key: Option<String>,
}

/// `scheme://host/app/stream/file?key=…`: what is behind the stream is of no consequence.
fn place(request: &Request) -> Result<Place, Refusal> {
    let malformed = || Refusal::invalid_field("request.url", "malformed", "scheme://host/app/stream");
    let url = Url::parse(&request.url).map_err(|_| malformed())?;
    let mut parts = url.path().split('/').filter(|part| !part.is_empty());
    let (app, name) = parts.next().zip(parts.next()).ok_or_else(malformed)?;
    Ok(Place {
        stream: stream("request.url", name)?,
        app: plain("request.url", app)?,
        name: name.to_owned(),
        key: url.query().and_then(key_in),
    })
}

/// It names nobody: a connection is where it comes from.
fn id(client: &Client) -> Result<String, Refusal> {
    match client.address.as_str() {
        "" => Err(Refusal::invalid_field("client.address", "missing", "where the client is")),
        address => plain("client.address", &format!("{address}:{}", client.port)),
    }
}

fn asked(client: &Client, request: &Request) -> Result<Asked, Refusal> {
    let Place { stream, app, name, key } = place(request)?;
    let remote = RemoteClient {
        server: MediaServer::Ome,
        id: id(client)?,
        protocol: protocol(&request.protocol),
        app,
        name,
    };
    // What stands before a proxy is of whoever is behind it.
    let from = address(&client.real_ip).or_else(|| address(&client.address));
    Ok(Asked { stream, key, from, client: remote, agent: agent(&client.user_agent) })
}

fn protocol(word: &str) -> IngestProtocol {
    match word.to_ascii_lowercase().as_str() {
        "rtmp" => IngestProtocol::Rtmp,
        "webrtc" => IngestProtocol::Whip,
        "srt" => IngestProtocol::Srt,
        "rtsp" | "rtspc" => IngestProtocol::Rtsp,
        _ => IngestProtocol::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const ID: &str = "01990000-0000-7000-8000-000000000001";

    fn hook(direction: &str, status: &str) -> String {
        format!(
            r#"{{"client":{{"address":"192.0.2.1","port":29291,"real_ip":"192.0.2.7","user_agent":"OBS"}},"request":{{"direction":"{direction}","protocol":"WebRTC","status":"{status}","time":"2026-11-28T12:00:00.000Z","url":"ws://media.example:3333/app/{ID}?direction=whip&key=lh_a"}}}}"#
        )
    }

    #[test]
    fn an_opening_is_read_as_the_server_writes_it() {
        let Said::Begins(asked) = read(hook("incoming", "opening").as_bytes()).unwrap() else {
            panic!("it begins")
        };
        assert_eq!((asked.stream.to_string().as_str(), asked.key.as_deref()), (ID, Some("lh_a")));
        assert_eq!((asked.client.id.as_str(), asked.client.app.as_str()), ("192.0.2.1:29291", "app"));
        assert_eq!(asked.from, Some(IpAddr::from([192, 0, 2, 7])));
        assert_eq!((asked.client.protocol, asked.agent.as_deref()), (IngestProtocol::Whip, Some("OBS")));
    }

    #[test]
    fn a_closing_names_the_same_and_who_sees_a_stream() {
        let end = read(hook("incoming", "closing").as_bytes()).unwrap();
        assert!(matches!(end, Said::Ends { client, .. } if client == "192.0.2.1:29291"));
        assert!(matches!(read(hook("outgoing", "opening").as_bytes()).unwrap(), Said::Reads(_)));
        assert_eq!(read(hook("outgoing", "closing").as_bytes()).unwrap(), Said::Nothing);
        assert!(read(hook("sideways", "opening").as_bytes()).is_err());
    }

    #[test]
    fn a_signature_is_of_the_body_and_the_secret() {
        // printf %s body | openssl dgst -sha1 -hmac north -binary | base64 | tr +/ -_
        let secret = SecretString::from("north");
        let made = "LPlzou0akperGmqmLS9Cjw0Q_MI";
        let right = {
            let mut mac = Hmac::<Sha1>::new_from_slice(b"north").unwrap();
            mac.update(b"body");
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        };
        assert_eq!(right, made);
        assert!(is_signed(&secret, b"body", &right) && is_signed(&secret, b"body", &format!("{right}=")));
        assert!(!is_signed(&secret, b"Body", &right) && !is_signed(&"south".into(), b"body", &right));
        assert!(!is_signed(&secret, b"body", "") && !is_signed(&secret, b"body", "?"));
    }
}
