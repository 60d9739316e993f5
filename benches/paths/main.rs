//! The pure paths of a comment, each by itself: from the bytes of a frame to the bytes that all viewers read.
//! `cargo bench --profile dist` measures them, `-- NAME` one of them; nothing here knows a socket, a clock or a database.

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use futures_util::{FutureExt, StreamExt, stream};
use livehouse::internals::{
    Content, FrameLimits, Term, TermAction, TermList, clean, incoming, parse,
    rooms::{Flushed, gather, is_published},
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
fn frames(count: usize) -> Bytes {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut frame = vec![0x81, 0x80 | OP.len() as u8];
    assert!(OP.len() < 126, "the short form of a length");
    frame.extend(mask);
    frame.extend(OP.bytes().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame.repeat(count).into()
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
    let bytes = frames(100);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let payload = stream::iter([Ok(black_box(&bytes).clone())]);
        let texts = incoming(payload, FrameLimits::text(16_384), || {}).count();
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

/// Twenty comments, by how many viewers are offered them.
#[divan::bench(args = [1, 1_000])]
fn read_the_ring(bencher: Bencher, viewers: usize) {
    let ring = Flushed::new(20, PAYLOAD);
    bencher.bench_local(|| black_box(ring.read(black_box(viewers))));
}
