//! The hooks of SRS (`srs_app_http_hooks.cpp`): JSON, in which older versions count clients and newer ones name them.
//! It must not know what becomes of it.

use super::said::{Asked, Said, address, key_in, named, plain, stream, unknown};
use crate::{
    domain::stream::picture::{IngestProtocol, MediaServer},
    services::picture::servers::publishers::RemoteClient,
    wire::{Refusal, read as json},
};
use serde::Deserialize;

/// Whose hook it is, for people.
const NAME: &str = "SRS";

#[derive(Deserialize)]
struct Hook {
    action: String,
    #[serde(default)]
    client_id: ClientId,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    stream: String,
    #[serde(default)]
    param: String,
    #[serde(default, rename = "tcUrl")]
    tc_url: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ClientId {
    Name(String),
    Number(u64),
}

impl Default for ClientId {
    fn default() -> Self {
        ClientId::Name(String::new())
    }
}

/// What a hook says.
/// Errors: `bad_request`; `invalid_field`.
pub(super) fn read(body: &[u8]) -> Result<Said, Refusal> {
    let hook: Hook = json::text(body)?;
    let id = match &hook.client_id {
        ClientId::Name(name) => name.clone(),
        ClientId::Number(number) => number.to_string(),
    };
    match hook.action.as_str() {
        "on_publish" => asked(&hook, &id).map(Said::Begins),
        "on_unpublish" => {
            Ok(Said::Ends { stream: stream("stream", &hook.stream)?, client: named("client_id", &id)? })
        }
        "" => Err(unknown(NAME)),
        _ => Ok(Said::Nothing),
    }
}

fn asked(hook: &Hook, id: &str) -> Result<Asked, Refusal> {
    let client = RemoteClient {
        server: MediaServer::Srs,
        id: named("client_id", id)?,
        protocol: protocol(&hook.tc_url),
        app: plain("app", &hook.app)?,
        name: hook.stream.clone(),
    };
    Ok(Asked {
        stream: stream("stream", &hook.stream)?,
        key: key_in(&hook.param),
        from: address(&hook.ip),
        client,
        agent: None,
    })
}

/// As the address begins that somebody connected to; versions before 5 do not say it, and know RTMP before all.
fn protocol(tc_url: &str) -> IngestProtocol {
    match tc_url.split_once("://").map_or("rtmp", |(scheme, _)| scheme) {
        "rtmp" | "rtmps" => IngestProtocol::Rtmp,
        "srt" => IngestProtocol::Srt,
        "webrtc" | "rtc" | "http" | "https" => IngestProtocol::Whip,
        _ => IngestProtocol::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const ID: &str = "01990000-0000-7000-8000-000000000001";

    fn hook(action: &str, client_id: &str) -> String {
        format!(
            r#"{{"server_id":"vid-0a1b2c3","service_id":"q8r5t1","action":"{action}","client_id":{client_id},"ip":"192.0.2.7","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://media.example/live","stream":"{ID}","param":"?key=lh_a","stream_url":"/live/{ID}","stream_id":"vid-9z8y7x6"}}"#
        )
    }

    #[test]
    fn a_publish_is_read_as_srs_writes_it() {
        let Said::Begins(asked) = read(hook("on_publish", "\"k3p8w2s1\"").as_bytes()).unwrap() else {
            panic!("it begins")
        };
        assert_eq!((asked.stream.to_string().as_str(), asked.client.id.as_str()), (ID, "k3p8w2s1"));
        assert_eq!((asked.key.as_deref(), asked.from), (Some("lh_a"), Some(IpAddr::from([192, 0, 2, 7]))));
        let Said::Begins(asked) = read(hook("on_publish", "108").as_bytes()).unwrap() else {
            panic!("it begins")
        };
        assert_eq!((asked.client.id.as_str(), asked.client.protocol), ("108", IngestProtocol::Rtmp));
    }

    #[test]
    fn an_end_names_who_is_gone_and_others_say_nothing() {
        let end = read(hook("on_unpublish", "\"k3p8w2s1\"").as_bytes()).unwrap();
        assert!(matches!(end, Said::Ends { client, .. } if client == "k3p8w2s1"));
        assert_eq!(read(hook("on_play", "\"a\"").as_bytes()).unwrap(), Said::Nothing);
    }

    #[test]
    fn what_is_no_hook_is_refused() {
        for bad in ["", "0", "{}", "[]", r#"{"action":""}"#, r#"{"action":"on_publish","stream":"mine"}"#] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(read(hook("on_publish", "\"\"").as_bytes()).is_err(), "nobody in particular");
        assert!(read(hook("on_publish", "[1]").as_bytes()).is_err());
    }

    #[test]
    fn a_protocol_is_how_the_address_begins() {
        for (url, protocol_is) in [
            ("", IngestProtocol::Rtmp),
            ("rtmps://a/live", IngestProtocol::Rtmp),
            ("srt://a/live", IngestProtocol::Srt),
            ("webrtc://a/live", IngestProtocol::Whip),
            ("gb://a", IngestProtocol::Other),
        ] {
            assert_eq!(protocol(url), protocol_is, "{url}");
        }
    }
}
