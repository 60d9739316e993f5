//! What MediaMTX asks (`internal/auth/manager.go`, `authenticateHTTP`), and what a command of its configuration tells, since it
//! has no hook for an end: the same address, with the path and the source behind a question mark and no body.
//! It must not know what becomes of it.

use super::said::{Asked, Said, address, agent, key_in, named, stream, unknown};
use crate::{
    domain::stream::picture::{IngestProtocol, MediaServer},
    services::picture::servers::publishers::RemoteClient,
    wire::{Refusal, read as json},
};
use serde::Deserialize;
use std::borrow::Cow;
use url::form_urlencoded;

/// Whose question it is, for people.
const NAME: &str = "MediaMTX";

#[derive(Deserialize)]
struct Question {
    action: String,
    path: String,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    protocol: String,
    id: Option<String>,
    #[serde(default)]
    query: String,
    #[serde(default, rename = "userAgent")]
    user_agent: String,
}

/// What a request says.
/// Errors: `bad_request`; `invalid_field`.
pub(super) fn read(body: &[u8], query: &str) -> Result<Said, Refusal> {
    if body.is_empty() {
        return end(query);
    }
    let question: Question = json::text(body)?;
    match question.action.as_str() {
        "publish" => asked(&question),
        "read" | "playback" => Ok(Said::Reads(stream("path", &question.path)?)),
        "" => Err(unknown(NAME)),
        // Its API and its metrics are its operator's, who leaves them out of what is asked here.
        _ => Ok(Said::Never),
    }
}

/// Whoever only looks whether a page may be opened has no session yet.
fn asked(question: &Question) -> Result<Said, Refusal> {
    let id = question.id.as_deref().unwrap_or_default();
    let client = RemoteClient {
        server: MediaServer::Mediamtx,
        id: super::said::plain("id", id)?,
        protocol: protocol(&question.protocol),
        app: String::new(),
        name: question.path.clone(),
    };
    let asked = Asked {
        stream: stream("path", &question.path)?,
        key: key(question),
        from: address(&question.ip),
        client,
        agent: agent(&question.user_agent),
    };
    Ok(if id.is_empty() { Said::Might(asked) } else { Said::Begins(asked) })
}

/// In the address, where encoders write one; else as a bearer token or a password.
fn key(question: &Question) -> Option<String> {
    let shown = [&question.token, &question.password].into_iter().find(|text| !text.is_empty());
    key_in(&question.query).or_else(|| shown.cloned())
}

fn protocol(word: &str) -> IngestProtocol {
    match word {
        "rtmp" => IngestProtocol::Rtmp,
        "rtsp" => IngestProtocol::Rtsp,
        "srt" => IngestProtocol::Srt,
        "webrtc" => IngestProtocol::Whip,
        _ => IngestProtocol::Other,
    }
}

fn end(query: &str) -> Result<Said, Refusal> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
    let first = |name: &str| pairs.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
    Ok(Said::Ends { stream: stream("path", first("path"))?, client: named("id", first("id"))? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const ID: &str = "01990000-0000-7000-8000-000000000001";
    const CLIENT: &str = "7b0f6a52-3c1e-4a0e-9d0c-0a6f6a1c2d3e";

    fn question(action: &str, token: &str, id: &str, query: &str) -> String {
        format!(
            r#"{{"ip":"192.0.2.7","user":"","password":"","token":"{token}","action":"{action}","path":"live/{ID}","protocol":"webrtc","id":{id},"query":"{query}","userAgent":"OBS"}}"#
        )
    }

    fn publish(token: &str, id: &str, query: &str) -> Said {
        read(question("publish", token, id, query).as_bytes(), "").unwrap()
    }

    #[test]
    fn a_publish_is_read_as_mediamtx_writes_it() {
        let id = format!("\"{CLIENT}\"");
        let Said::Begins(asked) = publish("lh_b", &id, "key=lh_a") else { panic!("it begins") };
        assert_eq!((asked.stream.to_string().as_str(), asked.client.id.as_str()), (ID, CLIENT));
        assert_eq!((asked.key.as_deref(), asked.from), (Some("lh_a"), Some(IpAddr::from([192, 0, 2, 7]))));
        assert_eq!((asked.client.protocol, asked.agent.as_deref()), (IngestProtocol::Whip, Some("OBS")));
        let Said::Begins(asked) = publish("lh_b", &id, "") else { panic!("it begins") };
        assert_eq!(asked.key.as_deref(), Some("lh_b"));
        let Said::Begins(asked) = publish("", &id, "") else { panic!("it begins") };
        assert_eq!(asked.key, None);
    }

    #[test]
    fn who_has_no_session_yet_only_looks() {
        assert!(matches!(publish("lh_b", "null", ""), Said::Might(_)));
    }

    #[test]
    fn readers_name_a_stream_and_the_rest_is_not_for_them() {
        let read_it = |action: &str| read(question(action, "", "null", "").as_bytes(), "").unwrap();
        assert!(matches!(read_it("read"), Said::Reads(stream) if stream.to_string() == ID));
        assert!(matches!(read_it("playback"), Said::Reads(_)));
        assert_eq!(read_it("api"), Said::Never);
    }

    #[test]
    fn an_end_is_told_without_a_body() {
        let end = read(b"", &format!("path=live/{ID}&id={CLIENT}")).unwrap();
        assert!(matches!(end, Said::Ends { client, .. } if client == CLIENT));
        for bad in ["", &format!("path={ID}"), "path=x&id=y"] {
            assert!(read(b"", bad).is_err(), "{bad}");
        }
    }
}
