//! Client ops: what a viewer may ask over the socket, read from one text frame.
//! It must not decide whether the op is allowed.

use super::{Refusal, read};
use crate::domain::{Content, KeyScope, ReactionKind, client_id::ClientId, ids::*, text::style::Style};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Longest `ref`, in characters.
const REF_MAX_CHARS: usize = 64;

/// A comment to be written: the body of the REST call and the members of the op alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentBody {
    /// The text, cleaned and measured as it is read (`domain::text`).
    pub content: Content,
    /// One's own id for it: a repeat is answered with the first one's fate.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// How it flies.
    #[serde(default)]
    pub style: Option<Style>,
    /// What it answers.
    #[serde(default)]
    pub reply_to: Option<CommentId>,
}

/// The access token to go on with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthBody {
    /// An access token.
    pub token: String,
}

/// The comment to delete.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteBody {
    /// Which one is meant.
    pub comment_id: CommentId,
}

/// A reaction, or several of one kind at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactBody {
    /// Which kind it is.
    pub kind: ReactionKind,
    /// How many, 1 to 20.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 20)]
    pub count: ReactionCount,
}

/// How many reactions at once: 1 to 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Option<u8>")]
pub struct ReactionCount(pub u8);

impl Default for ReactionCount {
    fn default() -> Self {
        Self(1)
    }
}

impl TryFrom<Option<u8>> for ReactionCount {
    type Error = &'static str;
    fn try_from(count: Option<u8>) -> Result<Self, Self::Error> {
        match count.unwrap_or(1) {
            count @ 1..=20 => Ok(Self(count)),
            _ => Err("1 to 20 are allowed"),
        }
    }
}

/// A vote in a poll.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteBody {
    /// Which poll it is.
    pub poll_id: PollId,
    /// Which option, counting from 0.
    pub option: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// What a viewer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sign in, or renew the token.
    Auth(AuthBody),
    /// Ask for a `pong`.
    Ping,
    /// What the room carries out.
    Room(RoomOp),
}

/// What a viewer asks of the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomOp {
    Comment(CommentBody),
    Delete(DeleteBody),
    React(ReactBody),
    Vote(VoteBody),
}

impl RoomOp {
    /// What a key must have for it.
    pub(crate) fn scope(&self) -> KeyScope {
        match self {
            RoomOp::Comment(_) | RoomOp::React(_) | RoomOp::Vote(_) => KeyScope::Comment,
            RoomOp::Delete(_) => KeyScope::Moderate,
        }
    }
}

/// A frame as read: its `ref`, kept even where the rest is refused, and the op.
#[derive(Debug)]
pub struct Asked {
    /// Comes back on the answer.
    pub reference: Option<String>,
    /// The op, or why there is none.
    pub op: Result<Op, Refusal>,
}

/// Reads one text frame.
pub fn parse(text: &str) -> Asked {
    let mut members = match members(text) {
        Ok(members) => members,
        Err(refusal) => return Asked { reference: None, op: Err(refusal) },
    };
    let reference = match members.remove("ref") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() <= REF_MAX_CHARS => Some(text),
        Some(_) => {
            let refusal =
                Refusal::invalid_field("ref", "invalid", "ref is a string of at most 64 characters");
            return Asked { reference: None, op: Err(refusal) };
        }
    };
    Asked { op: op(members), reference }
}

/// What is no JSON is that first, and only then no object.
fn members(text: &str) -> Result<Map<String, Value>, Refusal> {
    match read::text(text.as_bytes())? {
        Value::Object(members) => Ok(members),
        _ => Err(Refusal::invalid_field("body", "wrong_type", "a frame is one JSON object")),
    }
}

fn op(mut members: Map<String, Value>) -> Result<Op, Refusal> {
    let Some(Value::String(name)) = members.remove("op") else {
        return Err(Refusal::invalid_field("op", "missing", "a frame has an op, a string"));
    };
    let members = Value::Object(members);
    let op = match name.as_str() {
        "auth" => return read::value(members).map(Op::Auth),
        "ping" => return read::value::<NoBody>(members).map(|NoBody {}| Op::Ping),
        "comment" => read::value(members).map(RoomOp::Comment),
        "delete" => read::value(members).map(RoomOp::Delete),
        "react" => read::value(members).map(RoomOp::React),
        "vote" => read::value(members).map(RoomOp::Vote),
        _ => Err(Refusal::invalid_field(
            "op",
            "unknown",
            "the ops are auth, comment, delete, react, vote and ping",
        )),
    };
    op.map(Op::Room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Code;

    #[test]
    fn an_op_is_read_with_its_ref() {
        let asked = parse(r#"{"op":"ping","ref":"a"}"#);
        assert_eq!((asked.reference.as_deref(), asked.op.unwrap()), (Some("a"), Op::Ping));
    }

    #[test]
    fn the_ref_comes_back_even_where_the_op_is_refused() {
        for frame in
            [r#"{"ref":"a","op":"fly"}"#, r#"{"ref":"a"}"#, r#"{"ref":"a","op":"comment","content":7}"#]
        {
            let asked = parse(frame);
            assert_eq!(asked.reference.as_deref(), Some("a"), "{frame}");
            assert_eq!(asked.op.unwrap_err().code, Code::InvalidField, "{frame}");
        }
    }

    #[test]
    fn a_ref_has_at_most_64_characters() {
        let frame = |n| format!(r#"{{"op":"ping","ref":"{}"}}"#, "é".repeat(n));
        assert!(parse(&frame(64)).op.is_ok());
        assert!(parse(&frame(65)).op.is_err());
    }

    #[test]
    fn reactions_are_1_to_20() {
        let react = |count: &str| parse(&format!(r#"{{"op":"react","kind":"like","count":{count}}}"#)).op;
        assert!(react("1").is_ok() && react("20").is_ok() && react("null").is_ok());
        for bad in ["0", "21", "-1", "1.5", "\"1\"", "1e400"] {
            assert!(react(bad).is_err(), "{bad}");
        }
    }
}
