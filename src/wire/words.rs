//! What travels between nodes: an envelope in JSON, then the frames of events as viewers read them, in one run.
//! It must not know what an envelope holds.

use super::{Numbered, framing};
use bytes::{Bytes, BytesMut};
use serde::{Serialize, de::DeserializeOwned};

/// One run of an envelope and these frames.
pub(crate) fn write(envelope: &impl Serialize, events: &[Numbered]) -> Bytes {
    let envelope =
        serde_json::to_string(envelope).expect("envelopes have string keys and whole numbers only");
    let mut words = BytesMut::with_capacity(envelope.len() + events.iter().map(size).sum::<usize>() + 10);
    framing::push_text(&mut words, &envelope);
    events.iter().for_each(|numbered| framing::push_text(&mut words, &numbered.frame));
    words.freeze()
}

/// What an event takes in a run, in bytes, at the most.
pub(crate) fn size(numbered: &Numbered) -> usize {
    numbered.frame.len() + 10
}

/// Reads back what [`write()`] made. None where it is something else, as a later version may write it.
pub(crate) fn read<E: DeserializeOwned>(words: &[u8]) -> Option<(E, Vec<Numbered>)> {
    let mut texts = framing::texts(words);
    let envelope = serde_json::from_str(texts.next()?).ok()?;
    let events = texts.map(Numbered::of_frame).collect::<Option<_>>()?;
    Some((envelope, events))
}
