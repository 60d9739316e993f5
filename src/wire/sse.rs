//! Server-sent events of what the server says: the log's events with their number, and goodbyes.
//! It must not know who reads it.

use super::{Frame, frame::Bye};
use bytes::{BufMut, BytesMut};
use serde::Deserialize;
use std::borrow::Cow;

/// A line that says nothing but that the connection lives.
pub(crate) const COMMENT: &[u8] = b":\n\n";

/// What of a frame decides how it is sent.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    seq: Option<i64>,
}

/// Appends a frame: an event of the log, or a snapshot, under its place in it; `lagged` without one. Latest values are for
/// sockets alone.
pub(crate) fn push_frame(out: &mut BytesMut, epoch: &str, frame: &str) {
    let Ok(head) = serde_json::from_str::<Head>(frame) else { return };
    match head.seq {
        Some(seq) => push(out, Some((epoch, seq)), &head.kind, frame),
        None if head.kind == "lagged" => push(out, None, &head.kind, frame),
        None => {}
    }
}

/// Appends the last event: why the connection ends, and when to come back.
pub(crate) fn push_bye(out: &mut BytesMut, bye: Bye) {
    if let Some(ms) = bye.retry_after_ms {
        out.put_slice(format!("retry: {ms}\n").as_bytes());
    }
    push(out, None, "bye", &Frame::Bye(bye).encode());
}

/// JSON has no line breaks outside of escapes, so one `data` line holds a frame.
fn push(out: &mut BytesMut, id: Option<(&str, i64)>, kind: &str, frame: &str) {
    if let Some((epoch, seq)) = id {
        out.put_slice(format!("id: {epoch}:{seq}\n").as_bytes());
    }
    out.put_slice(format!("event: {kind}\ndata: ").as_bytes());
    out.put_slice(frame.as_bytes());
    out.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Millis, Seq},
        wire::{
            Close, Event,
            event::{self, CommentUnpinned},
            frame::Pulse,
        },
    };

    fn sent(frame: &str) -> String {
        let mut out = BytesMut::new();
        push_frame(&mut out, "e1", frame);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn an_event_of_the_log_goes_under_its_number_and_type() {
        let event = Event::from(CommentUnpinned {});
        let frame = event::encode(event.kind(), Seq(7), Millis(0), &event.payload());
        assert_eq!(sent(&frame), format!("id: e1:7\nevent: comment.unpinned\ndata: {frame}\n\n"));
    }

    #[test]
    fn latest_values_are_left_out_and_gaps_are_told() {
        assert_eq!(sent(&Frame::Pulse(Pulse::default()).encode()), "");
        let lagged = Frame::Lagged { from: Seq(1), to: Seq(2), missed: 1 }.encode();
        assert_eq!(sent(&lagged), format!("event: lagged\ndata: {lagged}\n\n"));
    }

    #[test]
    fn the_goodbye_says_when_to_come_back() {
        let mut out = BytesMut::new();
        push_bye(&mut out, Close::Restart { retry_after_ms: 700 }.bye());
        let text = String::from_utf8(out.to_vec()).unwrap();
        assert!(text.starts_with("retry: 700\nevent: bye\ndata: {\"type\":\"bye\",\"code\":1012"), "{text}");
    }
}
