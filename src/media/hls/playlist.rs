//! Playlists as text (RFC 8216bis).
//! It must not know who asks for them.

use super::window::{Head, Segment, Ticks, Window};
use std::{fmt::Write, sync::Arc};

/// How far behind the end players keep at least, in seconds; also no less than three parts (RFC 8216bis, 4.4.3.8).
const HOLD_BACK_LEAST: f64 = 0.75;
/// Of this many target durations before the end, the parts are listed (4.4.4.9).
const TARGETS_WITH_PARTS: u64 = 3;

/// The playlist of a window; empty before the first whole segment, since players take one of parts alone for a mistake.
pub(super) fn live(window: &Window) -> String {
    let mut text = String::new();
    // A `String` takes whatever is written to it.
    let _ = write_live(&mut text, window);
    text
}

fn write_live(text: &mut String, window: &Window) -> std::fmt::Result {
    let Some(first) = window.listed().next() else { return Ok(()) };
    let part_target = window.part_target().seconds();
    let hold_back = HOLD_BACK_LEAST.max(3.0 * ceiled(part_target));
    writeln!(text, "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{}", window.target)?;
    writeln!(text, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold_back:.3}")?;
    writeln!(text, "#EXT-X-PART-INF:PART-TARGET={:.3}", ceiled(part_target))?;
    writeln!(text, "#EXT-X-MEDIA-SEQUENCE:{}", first.n)?;
    let before_first = first.discontinuity - u64::from(first.is_discontinuous);
    writeln!(text, "#EXT-X-DISCONTINUITY-SEQUENCE:{before_first}")?;
    let mut left = window.all().map(|segment| segment.length().0).sum();
    let mut run = None;
    for segment in window.all() {
        begin(text, segment, run.replace(segment.head.run))?;
        if Ticks(left).seconds() <= (TARGETS_WITH_PARTS * window.target) as f64 {
            parts(text, segment)?;
        }
        left -= segment.length().0;
        if !segment.whole.is_empty() {
            writeln!(text, "#EXTINF:{:.5},", segment.length().seconds())?;
            writeln!(text, "{}/{}.m4s", segment.head.run, segment.n)?;
        }
    }
    match (&window.running, window.has_ended) {
        (_, true) => writeln!(text, "#EXT-X-ENDLIST"),
        (Some(head), false) => hint(text, window, head),
        // Whatever follows is another run. Without a line behind the last segment, hls.js takes that for the next one as well.
        (None, false) => writeln!(text, "#EXT-X-DISCONTINUITY"),
    }
}

/// Up to the millisecond that is not shorter.
fn ceiled(seconds: f64) -> f64 {
    (seconds * 1000.0 - 1e-6).ceil() / 1000.0
}

/// What stands before a segment; `before` is the run of the one before.
fn begin(text: &mut String, segment: &Segment, before: Option<u64>) -> std::fmt::Result {
    if segment.is_discontinuous {
        writeln!(text, "#EXT-X-DISCONTINUITY")?;
    }
    if before != Some(segment.head.run) {
        writeln!(text, "#EXT-X-MAP:URI=\"{}/init.mp4\"", segment.head.run)?;
    }
    writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", segment.date)
}

fn parts(text: &mut String, segment: &Segment) -> std::fmt::Result {
    let (run, n) = (segment.head.run, segment.n);
    for (k, part) in segment.parts.iter().enumerate() {
        write!(text, "#EXT-X-PART:DURATION={:.5},URI=\"{run}/{n}.{k}.m4s\"", part.length.seconds())?;
        writeln!(text, "{}", if part.is_independent { ",INDEPENDENT=YES" } else { "" })?;
    }
    Ok(())
}

/// The part that comes next, which can be asked for already.
fn hint(text: &mut String, window: &Window, head: &Arc<Head>) -> std::fmt::Result {
    let (run, n, k) = (head.run, window.next, window.open_parts());
    writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{run}/{n}.{k}.m4s\"")
}

/// The playlist that names the one above, with what a player must know before it opens that; none before that is there.
pub(super) fn master(window: &Window) -> Option<String> {
    let last = window.listed().last()?;
    let rates: Vec<f64> =
        window.listed().map(|whole| whole.bytes() as f64 * 8.0 / whole.length().seconds()).collect();
    let peak = rates.iter().copied().fold(0.0, f64::max);
    let average = rates.iter().sum::<f64>() / rates.len() as f64;
    let pictures = window.listed().map(|whole| f64::from(whole.pictures()) / whole.length().seconds());
    let Head { codecs, width, height, .. } = last.head.as_ref();
    Some(format!(
        "#EXTM3U\n#EXT-X-VERSION:9\n\
         #EXT-X-STREAM-INF:BANDWIDTH={peak:.0},AVERAGE-BANDWIDTH={average:.0},CODECS=\"{codecs}\",\
         RESOLUTION={width}x{height},FRAME-RATE={:.3}\nlive.m3u8\n",
        pictures.fold(0.0, f64::max)
    ))
}
