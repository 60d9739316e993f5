//! What is compressed is what was said, in as many frames, with the same places in the log.

use super::*;
use crate::{
    domain::{Millis, Seq},
    room::fanout::batch::{Batch, Form, PendingBatch},
    wire::{Frame, event},
};
use flate2::{Decompress, FlushDecompress};

fn comments(count: i64) -> Batch {
    let mut pending = PendingBatch::new(Seq(0));
    for seq in 1..=count {
        let payload = format!(r#"{{"id":{},"content":"hello number {seq} of all"}}"#, seq * 7919 % 1_000_003);
        pending.event(Seq(seq), &event::encode("comment.created", Seq(seq), Millis(seq), &payload));
    }
    pending.frame(&Frame::Pong { reference: None });
    pending.take()
}

/// Whatever time that takes.
fn deflated(plain: &Run, level: Level) -> Run {
    Compressor::new().run(plain, level).expect("it compresses")
}

/// Whoever keeps one context over all they read.
struct Reader(Decompress);

impl Reader {
    fn texts(&mut self, frames: &[u8]) -> Vec<String> {
        let payloads = framing::payloads(frames);
        payloads.map(|(payload, _)| self.text(&[payload, &DEFLATE_TAIL].concat())).collect()
    }

    fn text(&mut self, message: &[u8]) -> String {
        let mut text = Vec::with_capacity(1 << 20);
        self.0.decompress_vec(message, &mut text, FlushDecompress::Sync).expect("compressed data");
        String::from_utf8(text).expect("text")
    }
}

#[test]
fn who_keeps_a_context_reads_batch_after_batch_what_was_said() {
    let mut reader = Reader(Decompress::new(false));
    let mut compressor = Compressor::new();
    for (count, level) in [(3, Level::Fast), (1, Level::Thorough), (40, Level::Fast), (300, Level::Thorough)]
    {
        let batch = comments(count);
        let deflated = compressor.run(&batch.plain, level).expect("it compresses");
        assert_eq!(deflated.frames[0], 0xc1, "the first frame says that it is compressed");
        let said: Vec<_> = framing::texts(&batch.plain.frames).collect();
        assert_eq!(reader.texts(&deflated.frames), said);
        assert!(deflated.frames.len() < batch.plain.frames.len() * 9 / 10);
    }
}

#[test]
fn a_place_in_the_compressed_frames_is_the_same_place_in_the_log() {
    let mut batch = comments(5);
    batch.deflated = Some(deflated(&batch.plain, Level::Fast));
    let ends = |form| framing::payloads(&batch.run(form).frames).map(|(_, end)| end).collect::<Vec<_>>();
    let plain = ends(Form::Plain).into_iter().map(|end| batch.head_after(Form::Plain, end));
    let deflated = ends(Form::Deflated).into_iter().map(|end| batch.head_after(Form::Deflated, end));
    assert_eq!(plain.collect::<Vec<_>>(), deflated.clone().collect::<Vec<_>>());
    assert_eq!(deflated.flatten().map(|head| head.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 5]);
}

#[test]
fn what_is_small_or_cannot_be_compressed_stays_plain_and_is_counted() {
    let metrics = Metrics::new();
    let mut deflater = Deflater::new(metrics.clone());
    let mut pending = PendingBatch::new(Seq(0));
    pending.frame(&Frame::Pong { reference: None });
    assert_eq!(deflater.deflate(&pending.take().plain), None);
    let mut state = 1u32;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b'!' + (state % 90) as u8)
    });
    pending.event(Seq(1), &noise.take(WORTH_BYTES).collect::<String>());
    let noise = pending.take().plain;
    assert!(deflater.deflate(&noise).is_none());
    assert!(deflater.deflate(&comments(3).plain).is_some());
    assert_eq!((metrics.fanout_deflated.get(), metrics.fanout_not_deflated.get()), (1, 2));
}

#[test]
fn without_time_nothing_is_compressed() {
    let (mut deflater, batch) = (Deflater::new(Metrics::new()), comments(300));
    while deflater.deflate(&batch.plain).is_some() {}
    assert!(deflater.budget.level(1 << 30, Instant::now()).is_none());
}
