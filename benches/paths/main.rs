//! The pure paths of a comment, each by itself: from the bytes of a frame to the bytes that all viewers read.
//! `cargo bench --profile dist` measures them, `-- NAME` one of them; nothing here knows a socket, a clock or a database.

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use flate2::{Compress, Compression, FlushCompress};
use futures_util::{FutureExt, StreamExt, stream};
use livehouse::internals::{
    Content, FrameLimits, Term, TermAction, TermList, clean, incoming, parse,
    rooms::{Compressed, Flushed, gather, is_published},
    skeleton,
};

fn main() {
    divan::main();
}

const PLAIN: &str = "that was the best solo of the whole evening, who wrote this song?";
const MIXED: &str = "ｓｏ ｇｏｏｄ!! 最高の演奏でした 🎸🎸 b.r.a.v.o — привет из Берлина";
const OP: &str = r#"{"op":"comment","ref":"c-1729","content":"that was the best solo of the whole evening"}"#;
const PAYLOAD: &str = r##"{"comment":{"id":"01932f5c-7a3e-7c11-9b52-6f0d4c1e8a77","stream_id":"01932f5c-0000-7c11-9b52-6f0d4c1e8a00","user":{"id":"01932f5c-1111-7c11-9b52-6f0d4c1e8a11","username":"viewer1729","display_name":null,"color":"#3366cc","avatar_url":null},"content":"that was the best solo of the whole evening","created_at":"2026-11-27T10:00:00.000Z","offset_ms":123456,"style":null,"reply_to":null,"role":"viewer","state":"published"}}"##;

/// As a client sends it: masked, in one frame, again and again.
fn frames(first: u8, payload: &[u8], count: usize) -> Bytes {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut frame = vec![first, 0x80 | payload.len() as u8];
    assert!(payload.len() < 126, "the short form of a length");
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame.repeat(count).into()
}

/// As a client compresses it.
fn deflated(text: &str) -> Vec<u8> {
    let mut compress = Compress::new(Compression::default(), false);
    let mut message = Vec::with_capacity(text.len() + 100);
    compress.compress_vec(text.as_bytes(), &mut message, FlushCompress::Sync).expect("it compresses");
    message.truncate(message.len() - 4);
    message
}

fn terms(count: usize) -> TermList {
    let term = |n: usize| Term {
        text: format!("badword{n}").parse().expect("a term"),
        action: [TermAction::Mask, TermAction::Hold, TermAction::Reject][n % 3],
    };
    TermList::compile(&(0..count).map(term).collect::<Vec<_>>()).expect("a list")
}

/// A hundred frames through the guard and the codec, to texts.
#[divan::bench]
fn read_100_frames(bencher: Bencher) {
    let bytes = frames(0x81, OP.as_bytes(), 100);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let payload = stream::iter([Ok(black_box(&bytes).clone())]);
        let texts = incoming(payload, FrameLimits::text(16_384), || {}).count();
        assert_eq!(texts.now_or_never(), Some(101), "a hundred texts, and the end");
    });
}

/// The same, each compressed.
#[divan::bench]
fn inflate_100_frames(bencher: Bencher) {
    let bytes = frames(0xc1, &deflated(OP), 100);
    let limits = FrameLimits { deflate: true, ..FrameLimits::text(16_384) };
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let payload = stream::iter([Ok(black_box(&bytes).clone())]);
        let texts = incoming(payload, limits, || {}).count();
        assert_eq!(texts.now_or_never(), Some(101), "a hundred texts, and the end");
    });
}

#[divan::bench]
fn parse_an_op() {
    black_box(parse(black_box(OP)));
}

#[divan::bench(args = [PLAIN, MIXED])]
fn clean_and_count(text: &str) {
    black_box(Content::parse(black_box(text)).expect("a comment"));
}

#[divan::bench(args = [PLAIN, MIXED])]
fn clean_alone(text: &str) -> String {
    clean(black_box(text), false)
}

#[divan::bench(args = [PLAIN, MIXED])]
fn fold(text: &str) -> String {
    skeleton(black_box(text))
}

/// By how many terms there are.
#[divan::bench(args = [0, 100, 10_000])]
fn judge(bencher: Bencher, count: usize) {
    let terms = terms(count);
    bencher.bench(|| assert!(is_published(black_box(&terms), black_box(PLAIN))));
}

/// By how many comments a flush says.
#[divan::bench(args = [1, 20, 200])]
fn encode_a_flush(comments: i64) -> usize {
    gather(comments, black_box(PAYLOAD))
}

/// By how many comments a flush says, and whether there is time to do it well.
#[divan::bench(args = [1, 20, 200], consts = [false, true])]
fn compress_a_flush<const HAS_TIME: bool>(bencher: Bencher, comments: i64) {
    let mut flush = Compressed::new(comments, PAYLOAD, HAS_TIME);
    let plain = flush.plain();
    bencher.counter(BytesCount::new(plain)).bench_local(|| assert!((1..plain).contains(&flush.compress())));
}

/// Twenty comments, by how many viewers are offered them.
#[divan::bench(args = [1, 1_000])]
fn read_the_ring(bencher: Bencher, viewers: usize) {
    let ring = Flushed::new(20, PAYLOAD);
    bencher.bench_local(|| black_box(ring.read(black_box(viewers))));
}
