//! What a frame says, in each dialect the crowd understands: Livehouse's, a bare relay's, Socket.IO's.
//! It must not know sockets, nor who is listening.

use super::reactions;
use crate::crowd::{net::target::Dialect, stamp::Stamp};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One frame, understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Welcome,
    Snapshot {
        seq: u64,
        epoch: String,
    },
    Resumed {
        from: u64,
        epoch: String,
    },
    Event {
        seq: u64,
        stamp: Option<Stamp>,
    },
    Lagged {
        from: u64,
        to: u64,
        missed: u64,
    },
    Ack {
        number: u64,
        seq: u64,
    },
    Held {
        number: u64,
    },
    Refused {
        number: Option<u64>,
        code: String,
    },
    /// A reaction was answered: counted or not.
    Reacted {
        counted: bool,
    },
    Pulse {
        viewers: u64,
        /// Of all kinds together.
        reactions: u64,
    },
    Bye {
        code: u64,
        retry: bool,
        retry_after_ms: u64,
    },
    /// A comment that a peer passed on; it has no number of the server's.
    Relay(Option<Stamp>),
    /// A peer wants this text back.
    Answer(&'static str),
    /// A peer without snapshots lets this socket in.
    Admitted,
    Other,
}

impl Dialect {
    pub(crate) fn read(self, text: &[u8]) -> Result<Heard, String> {
        match self {
            Self::Livehouse => livehouse(text),
            Self::Raw => Ok(Heard::Relay(Stamp::find(text))),
            Self::Socketio => Ok(socketio(text)),
        }
    }

    /// The text that posts a comment; `number` comes back on its answer.
    pub(crate) fn comment(self, number: u64, content: &str) -> String {
        match self {
            Self::Livehouse => format!(r#"{{"op":"comment","ref":"{number}","content":"{content}"}}"#),
            Self::Raw => content.to_owned(),
            Self::Socketio => format!(r#"42["m","{content}"]"#),
        }
    }

    /// Whether the socket is in the room as soon as it is open.
    pub(crate) fn admits_at_once(self) -> bool {
        self == Self::Raw
    }
}

fn socketio(text: &[u8]) -> Heard {
    match text {
        [b'0', ..] => Heard::Answer("40"),
        [b'2', ..] => Heard::Answer("3"),
        [b'4', b'0', ..] => Heard::Admitted,
        [b'4', b'2', ..] => Heard::Relay(Stamp::find(text)),
        _ => Heard::Other,
    }
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "ref", borrow, default)]
    reference: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    op: Option<Cow<'a, str>>,
    seq: Option<u64>,
    epoch: Option<Value>,
    from: Option<u64>,
    to: Option<u64>,
    missed: Option<u64>,
    viewers: Option<u64>,
    #[serde(borrow, default)]
    reactions: BTreeMap<Cow<'a, str>, u64>,
    code: Option<Value>,
    retry: Option<bool>,
    retry_after_ms: Option<u64>,
    #[serde(borrow, default)]
    comment: Option<Comment<'a>>,
}

#[derive(Deserialize)]
struct Comment<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
}

fn livehouse(text: &[u8]) -> Result<Heard, String> {
    let frame: Frame<'_> = serde_json::from_slice(text)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(text)))?;
    let absent = |member: &str| format!("{} without {member}", frame.kind);
    let number = || frame.reference.as_ref().and_then(|reference| reference.parse().ok());
    Ok(match &*frame.kind {
        "welcome" => Heard::Welcome,
        "snapshot" => Heard::Snapshot { seq: frame.seq.ok_or(absent("seq"))?, epoch: epoch(&frame.epoch) },
        "resumed" => Heard::Resumed { from: frame.from.ok_or(absent("from"))?, epoch: epoch(&frame.epoch) },
        "lagged" => Heard::Lagged {
            from: frame.from.ok_or(absent("from"))?,
            to: frame.to.ok_or(absent("to"))?,
            missed: frame.missed.ok_or(absent("missed"))?,
        },
        "ack" | "error" if reactions::is_answered_by(frame.reference.as_deref()) => {
            Heard::Reacted { counted: frame.kind == "ack" }
        }
        "ack" if frame.op.as_deref() == Some("comment") => {
            Heard::Ack { number: number().ok_or(absent("ref"))?, seq: frame.seq.ok_or(absent("seq"))? }
        }
        "held" => number().map_or(Heard::Other, |number| Heard::Held { number }),
        "error" => Heard::Refused { number: number(), code: plain(&frame.code) },
        "pulse" => frame.viewers.map_or(Heard::Other, |viewers| Heard::Pulse {
            viewers,
            reactions: frame.reactions.values().sum(),
        }),
        "bye" => Heard::Bye {
            code: frame.code.as_ref().and_then(Value::as_u64).unwrap_or(0),
            retry: frame.retry.unwrap_or(false),
            retry_after_ms: frame.retry_after_ms.unwrap_or(0),
        },
        _ => match frame.seq {
            Some(seq) => {
                let stamp =
                    frame.comment.as_ref().and_then(|comment| Stamp::find(comment.content.as_bytes()));
                Heard::Event { seq, stamp }
            }
            None => Heard::Other,
        },
    })
}

fn epoch(value: &Option<Value>) -> String {
    plain(value)
}

fn plain(value: &Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Heard {
        Dialect::Livehouse.read(text.as_bytes()).unwrap()
    }

    #[test]
    fn members_are_found_wherever_they_stand() {
        let stamp = Stamp { crowd: 7, number: 8, intended_us: 9 };
        let content = stamp.text(60);
        let first =
            format!(r#"{{"type":"comment.created","seq":5,"comment":{{"content":"{content}","seq":5}}}}"#);
        let last = format!(
            r#"{{"comment":{{"id":"x","content":"{content}"}},"new":[1],"seq":5,"type":"comment.created"}}"#
        );
        for text in [first, last] {
            assert_eq!(read(&text), Heard::Event { seq: 5, stamp: Some(stamp) });
        }
    }

    #[test]
    fn an_event_of_a_kind_nobody_knows_still_counts_by_its_number() {
        assert_eq!(read(r#"{"type":"moon.rose","seq":3,"ts":"x"}"#), Heard::Event { seq: 3, stamp: None });
        assert_eq!(read(r#"{"type":"moon.sets"}"#), Heard::Other);
    }

    #[test]
    fn a_code_may_be_a_word_or_a_number() {
        let refused = Heard::Refused { number: Some(4), code: "too_fast".into() };
        assert_eq!(read(r#"{"type":"error","ref":"4","code":"too_fast","message":"m"}"#), refused);
        let bye = Heard::Bye { code: 1012, retry: true, retry_after_ms: 250 };
        assert_eq!(read(r#"{"type":"bye","code":1012,"reason":"r","retry":true,"retry_after_ms":250}"#), bye);
    }

    #[test]
    fn an_ack_of_a_comment_names_its_number() {
        let ack = r#"{"type":"ack","ref":"12","op":"comment","id":"i","seq":9,"duplicate":false,"comment":{"content":"x"}}"#;
        assert_eq!(read(ack), Heard::Ack { number: 12, seq: 9 });
        assert_eq!(read(r#"{"type":"ack","ref":"12","op":"vote"}"#), Heard::Other);
    }

    #[test]
    fn a_reaction_is_counted_or_not_and_a_pulse_has_the_sum() {
        assert_eq!(read(r#"{"type":"ack","ref":"r12","op":"react"}"#), Heard::Reacted { counted: true });
        let refused = r#"{"type":"error","ref":"r12","code":"rate_limited","message":"m"}"#;
        assert_eq!(read(refused), Heard::Reacted { counted: false });
        let pulse = r#"{"type":"pulse","viewers":3,"reactions":{"fire":4,"like":5}}"#;
        assert_eq!(read(pulse), Heard::Pulse { viewers: 3, reactions: 9 });
    }

    #[test]
    fn what_is_not_json_is_said_so() {
        assert!(Dialect::Livehouse.read(b"hello").is_err());
        assert!(Dialect::Livehouse.read(br#"{"type":"snapshot"}"#).is_err());
    }

    #[test]
    fn socketio_is_answered_as_its_protocol_asks() {
        assert_eq!(socketio(br#"0{"sid":"x"}"#), Heard::Answer("40"));
        assert_eq!(socketio(b"2"), Heard::Answer("3"));
        assert_eq!(socketio(br#"40{"sid":"x"}"#), Heard::Admitted);
    }
}
