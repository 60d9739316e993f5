//! What must hold of any bytes at all, for the fuzz targets and the tests: chunks, sessions and tags of FLV.
//! It must not know what the bytes should mean.

use super::{
    Refusal,
    chunks::{ChunkReader, Message, guard::Guard},
    flv::{Demuxer, Piece},
    session::{Event, Session},
};
use crate::media::sample::Sample;
use bytes::{Bytes, BytesMut};

/// Small enough for random bytes to reach it.
const PICTURE_BYTES: usize = 300;
/// No answer of ours is longer, for each byte that came. A chunk of one byte that ends a ping is answered by 18.
const ANSWER_BYTES: usize = 2048;

/// Reads chunks in one piece and byte by byte: the same comes of them, and no more is kept than came.
///
/// # Panics
/// When that does not hold.
pub fn withstand_chunks(bytes: &[u8]) {
    for is_admitted in [false, true] {
        let read = |size: usize| {
            let mut guard = Guard::new();
            if is_admitted {
                guard.admit(PICTURE_BYTES);
            }
            let mut reader = ChunkReader::new(guard);
            in_pieces(bytes, size, |input| {
                let message = reader.read(input);
                assert!(reader.guard().buffered() <= bytes.len());
                message
            })
        };
        let whole: (Vec<Message>, Option<Refusal>) = read(bytes.len().max(1));
        assert_eq!(read(1), whole, "byte by byte");
    }
}

/// Has a conversation, in which every key is right, in one piece and byte by byte. The first byte says whether what follows
/// comes behind a handshake, a `connect`, and a `publish` that are whole.
///
/// # Panics
/// When the same does not come of it, or more is answered than is reasonable.
pub fn withstand_session(bytes: &[u8]) {
    let Some((&begin, rest)) = bytes.split_first() else { return };
    let bytes = match begin % 3 {
        0 => rest.to_vec(),
        1 => [&[3][..], &[0; 3072], rest].concat(),
        _ => [&[3][..], &[0; 3072], CONNECT_AND_PUBLISH, rest].concat(),
    };
    let have = |size: usize| {
        let mut session = Session::new(PICTURE_BYTES);
        in_pieces(&bytes, size, |input| {
            let event = session.read(input);
            match &event {
                Ok(Some(Event::Publish { .. })) => session.admit(),
                Ok(_) => {}
                Err(refusal) => session.refuse(refusal),
            }
            let answered = session.take_output().len();
            assert!(answered <= 3073 + ANSWER_BYTES + 32 * bytes.len(), "{answered}");
            event
        })
    };
    assert_eq!(have(1), have(bytes.len().max(1)), "byte by byte");
}

/// Reads tags, each behind a byte that says its kind, four of its time, and one of its length: times grow, and what is told is
/// within its limits.
///
/// # Panics
/// When that does not hold.
pub fn withstand_tags(bytes: &[u8]) {
    let mut demuxer = Demuxer::new(PICTURE_BYTES);
    let mut last = Last::default();
    let mut rest = bytes;
    while let [kind, a, b, c, d, length, behind @ ..] = rest {
        let (body, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = behind;
        let (time, body) = (u32::from_be_bytes([*a, *b, *c, *d]), Bytes::copy_from_slice(body));
        let pieces = if kind % 2 == 0 { demuxer.video(time, body) } else { demuxer.audio(time, body) };
        let Ok(pieces) = pieces else { return };
        pieces.iter().for_each(|piece| last.check(piece));
    }
}

/// `connect` to `live` and `publish` of a key, in chunks of a byte less than 128.
const CONNECT_AND_PUBLISH: &[u8] = b"\x03\0\0\0\0\0\x23\x14\0\0\0\0\
    \x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\x03app\x02\0\x04live\0\0\x09\
    \x03\0\0\0\0\0\x18\x14\0\0\0\0\
    \x02\0\x07publish\0\x40\x14\0\0\0\0\0\0\x05\x02\0\x01k";

/// What was told last of a run.
#[derive(Default)]
struct Last {
    has_run: bool,
    has_key: bool,
    picture: Option<i64>,
    sound_end: Option<i64>,
}

impl Last {
    fn check(&mut self, piece: &Piece) {
        assert!(self.has_run || *piece == Piece::RunBegins, "{piece:?} before a run");
        match piece {
            Piece::RunBegins => *self = Last { has_run: true, ..Last::default() },
            Piece::Agent(_) => panic!("a tag told a program"),
            Piece::Sample(Sample::VideoConfig(_)) => self.has_key = false,
            // Another clock may begin.
            Piece::Sample(Sample::AudioConfig(_)) => self.sound_end = None,
            Piece::Sample(Sample::Picture(picture)) => {
                self.has_key |= picture.is_key;
                assert!(self.has_key && picture.nals.len() <= PICTURE_BYTES);
                assert!(picture.at >= 0 && self.picture.is_none_or(|last| last < picture.at));
                self.picture = Some(picture.at);
            }
            Piece::Sample(Sample::Sound(sound)) => {
                assert!(sound.at >= 0 && self.sound_end.is_none_or(|end| end <= sound.at));
                self.sound_end = Some(sound.at + i64::from(sound.length));
            }
        }
    }
}

/// Offers bytes in pieces of so many, until they end or are refused: what came of them, and the refusal.
fn in_pieces<T>(
    bytes: &[u8],
    size: usize,
    mut read: impl FnMut(&mut BytesMut) -> Result<Option<T>, Refusal>,
) -> (Vec<T>, Option<Refusal>) {
    let mut input = BytesMut::new();
    let mut came = Vec::new();
    for piece in bytes.chunks(size) {
        input.extend_from_slice(piece);
        loop {
            match read(&mut input) {
                Ok(Some(item)) => came.push(item),
                Ok(None) => break,
                Err(refusal) => return (came, Some(refusal)),
            }
        }
    }
    (came, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Headers of chunks that are worth more than their share of random bytes.
    fn chunky() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            (any::<u8>(), 0..400_u16, 0..23_u8, prop::collection::vec(any::<u8>(), 0..130)).prop_map(
                |(first, length, kind, body)| {
                    let head =
                        [first & 0xC7, 0, 0, 9, 0, (length >> 8) as u8, length as u8, kind, 0, 0, 0, 0];
                    [&head[..], &body].concat()
                }
            ),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn tags() -> impl Strategy<Value = Vec<u8>> {
        const BEGINNINGS: [&[u8]; 6] = [
            &[0x17, 0, 0, 0, 0, 1, 66, 0, 30, 0xff, 0xe1, 0, 1],
            &[0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 1],
            &[0x27, 1, 0, 0, 9, 0, 0, 0, 1, 0x41],
            &[0xaf, 0, 0x11, 0x90],
            &[0xaf, 1, 1, 2, 3],
            &[0x90, b'h'],
        ];
        let tag = (0..6_usize, 0..40_000_u32, prop::collection::vec(any::<u8>(), 0..20)).prop_map(
            |(beginning, time, more)| {
                let body = [BEGINNINGS[beginning], &more].concat();
                [&[u8::from(beginning > 2)][..], &time.to_be_bytes(), &[body.len() as u8], &body].concat()
            },
        );
        prop::collection::vec(tag, 0..30).prop_map(|tags| tags.concat())
    }

    proptest! {
        #[test]
        fn any_chunks_are_withstood(bytes in chunky()) {
            withstand_chunks(&bytes);
        }

        #[test]
        fn any_conversation_is_withstood(begin in 0..3_u8, bytes in chunky()) {
            withstand_session(&[&[begin], &bytes[..]].concat());
        }

        #[test]
        fn any_tags_are_withstood(bytes in tags()) {
            withstand_tags(&bytes);
        }
    }

    #[test]
    fn a_conversation_that_begins_whole_is_let_in() {
        let mut session = Session::new(PICTURE_BYTES);
        let mut input = BytesMut::from(&[&[3][..], &[0; 3072], CONNECT_AND_PUBLISH].concat()[..]);
        let key = "k".to_owned();
        assert_eq!(session.read(&mut input), Ok(Some(Event::Publish { key, agent: None })));
        assert!(input.is_empty());
    }
}
