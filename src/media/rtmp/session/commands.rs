//! The commands of encoders, as far as anything comes of them.
//! It must not know what was said before.

use crate::media::rtmp::{amf0::Value, refusal::Refusal};

/// What the address of this server ends with.
const APPLICATION: &str = "live";
/// What is kept of a program's name, in characters.
const AGENT_LENGTH: usize = 100;

/// A command that anything comes of.
#[derive(Debug)]
pub(super) enum Command {
    Connect(Connect),
    /// Sending is near: `releaseStream`, `FCPublish`.
    Announce,
    CreateStream,
    Publish {
        key: String,
    },
    Play,
    End,
}

/// What `connect` says.
#[derive(Debug)]
pub(super) struct Connect {
    application: String,
    pub agent: Option<String>,
}

impl Command {
    /// The command with the number of its answer; none where it needs none.
    pub(super) fn of(values: &[Value]) -> Result<Option<(Self, f64)>, Refusal> {
        let Some(name) = values.first().and_then(Value::as_text) else {
            return Err(Refusal::Protocol("a command without a name"));
        };
        let command = match name {
            "connect" => Command::Connect(Connect::of(values.get(2).unwrap_or(&Value::Null))),
            "releaseStream" | "FCPublish" => Command::Announce,
            "createStream" => Command::CreateStream,
            "publish" => Command::Publish { key: key(values.get(3)) },
            "play" | "play2" => Command::Play,
            "FCUnpublish" | "deleteStream" | "closeStream" => Command::End,
            _ => return Ok(None),
        };
        let transaction = match values.get(1) {
            Some(Value::Number(number)) => *number,
            _ => 0.0,
        };
        Ok(Some((command, transaction)))
    }
}

impl Connect {
    fn of(properties: &Value) -> Self {
        let text = |name| properties.property(name).and_then(Value::as_text);
        Connect {
            application: text("app").unwrap_or_default().to_owned(),
            agent: text("flashVer").and_then(agent),
        }
    }

    /// Whether the address is the one that is served.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let path = self.application.split('?').next().unwrap_or_default();
        if path.trim_matches('/') == APPLICATION { Ok(()) } else { Err(Refusal::Application) }
    }
}

/// The key is the name that is published under, without what an encoder adds behind it.
fn key(name: Option<&Value>) -> String {
    let name = name.and_then(Value::as_text).unwrap_or_default();
    name.split('?').next().unwrap_or_default().to_owned()
}

/// The name of a program as it can be shown; none where nothing is left of it.
pub(super) fn agent(text: &str) -> Option<String> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(AGENT_LENGTH).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}
