//! What is handed to be kept: each part once, as it is cut.

use super::made::{BEGIN, Source, opus, video};
use crate::{
    domain::{StreamId, UserId},
    media::hls::{Limits, Muxer},
    recordings::{Fragment, Recorder},
    store::recordings::Wanted,
};

/// A source, and what comes of it that is to be kept.
struct Kept<F> {
    source: Source,
    recorder: Recorder,
    stream: StreamId,
    came: F,
}

fn source() -> Kept<impl FnMut() -> Vec<Fragment>> {
    let ((recorder, came), stream) = (Recorder::dry(), StreamId::new());
    let (mut muxer, reader) = Muxer::new(Limits::default(), recorder.taps(stream).open());
    muxer.push(video(640), BEGIN);
    muxer.push(opus(), BEGIN);
    Kept { source: Source::of(muxer, reader), recorder, stream, came }
}

impl<F> Kept<F> {
    fn is_wanted(&self, is_it: bool) {
        let wanted = Wanted { stream: self.stream, host: UserId::new(), started_at: BEGIN };
        self.recorder.want(is_it.then_some(wanted).into_iter().collect());
    }
}

fn ticks(fragments: &[Fragment]) -> u32 {
    fragments.iter().map(|fragment| fragment.ticks).sum()
}

#[test]
fn each_part_is_handed_on_as_soon_as_it_is_cut_and_once() {
    let mut kept = source();
    kept.is_wanted(true);
    kept.source.pictures(16);
    let mut all = (kept.came)();
    assert!(ticks(&all) >= 90_000 / 4, "half a second has come, and a part is half as long");
    assert!(all[0].is_key && all[0].begins_segment && all[0].date == BEGIN);
    kept.source.pictures(4 * 30 - 16);
    kept.source.muxer.end();
    all.extend((kept.came)());
    assert_eq!(ticks(&all), 4 * 90_000);
    let mut at = 0;
    for fragment in &all {
        assert_eq!(fragment.date, BEGIN + i64::from(at / 90));
        assert_eq!(fragment.begins_segment, at % 180_000 == 0, "at {at}");
        assert_eq!(fragment.is_key, fragment.begins_segment);
        at += fragment.ticks;
    }
}

#[test]
fn who_wants_it_in_the_middle_of_a_segment_gets_it_from_its_beginning() {
    let mut kept = source();
    kept.source.seconds(3);
    assert!((kept.came)().is_empty(), "nobody wants it");
    kept.is_wanted(true);
    kept.source.pictures(16);
    let came = (kept.came)();
    assert!(came[0].begins_segment && came[0].date == BEGIN + 2000);
    assert!(ticks(&came) > 90_000);
    kept.is_wanted(false);
    kept.source.seconds(1);
    assert!((kept.came)().is_empty(), "nobody wants it any more");
}
