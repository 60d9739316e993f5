//! Tests of what a viewer is sent, and when.

use super::*;

/// A source of pictures of two packets each, 30 a second, with what it keeps.
struct Source {
    gop: Gop,
    seq: u64,
    at: u32,
    now: Instant,
    bytes: usize,
}

impl Source {
    fn new() -> Self {
        Self { gop: Gop::new(1 << 20), seq: 70_000, at: 1_000_000, now: Instant::now(), bytes: 1000 }
    }

    fn picture(&mut self, is_key: bool, viewer: &mut Viewer, sent: &mut Vec<Packet>) {
        for marker in [false, true] {
            let packet = Packet {
                codec: Codec::H264,
                seq: self.seq,
                at: self.at,
                marker,
                payload: vec![0; self.bytes].into(),
                arrived: self.now,
                report: None,
            };
            let pushed = self.gop.push(packet.clone(), is_key).unwrap();
            viewer.video(&Numbered { picture: pushed.picture, packet }, self.now, &mut |packet| {
                sent.push(packet)
            });
            self.seq += 1;
        }
        self.at += 3000;
        self.now += Duration::from_millis(33);
    }
}

fn burst(viewer: &mut Viewer, source: &Source, sent: &mut Vec<Packet>) {
    viewer.burst(&source.gop, source.now, &mut |packet| sent.push(packet));
}

#[test]
fn who_joins_gets_all_since_the_keyframe_in_squeezed_time_and_then_what_comes() {
    let (mut source, mut nobody, mut sent) = (Source::new(), Viewer::new(Instant::now()), Vec::new());
    source.picture(true, &mut nobody, &mut sent);
    (0..9).for_each(|_| source.picture(false, &mut nobody, &mut sent));
    assert!(sent.is_empty(), "nobody has begun");

    let mut viewer = Viewer::new(source.now);
    burst(&mut viewer, &source, &mut sent);
    assert!(!viewer.is_bursting() && !viewer.is_waiting());
    source.picture(false, &mut viewer, &mut sent);
    let seqs: Vec<u64> = sent.iter().map(|packet| packet.seq).collect();
    assert_eq!(seqs, (1000..1022).collect::<Vec<_>>());
    let times: Vec<i64> = sent.iter().map(|packet| i64::from(packet.at) - 1_000_000).collect();
    let newest = 9 * 3000;
    let expected: Vec<i64> = (0..10)
        .map(|picture| newest - 90 * (9 - picture))
        .chain([10 * 3000])
        .flat_map(|at| [at, at])
        .collect();
    assert_eq!(times, expected);
    assert!(sent.is_sorted_by_key(|packet| packet.arrived));
}

#[test]
fn a_large_cache_is_given_piece_by_piece_while_more_comes() {
    let (mut source, mut nobody, mut sent) = (Source::new(), Viewer::new(Instant::now()), Vec::new());
    source.bytes = 10_000;
    source.picture(true, &mut nobody, &mut sent);
    (0..9).for_each(|_| source.picture(false, &mut nobody, &mut sent));
    let mut viewer = Viewer::new(source.now);
    burst(&mut viewer, &source, &mut sent);
    assert_eq!(sent.len(), 7, "64 KiB");
    source.picture(false, &mut viewer, &mut sent);
    assert_eq!(sent.len(), 7, "in its turn");
    (0..3).for_each(|_| burst(&mut viewer, &source, &mut sent));
    source.picture(false, &mut viewer, &mut sent);
    assert_eq!(sent.len(), 24);
    assert!(sent.is_sorted_by_key(|packet| packet.seq) && sent.is_sorted_by_key(|packet| packet.at));
}

#[test]
fn a_keyframe_during_the_burst_is_jumped_to_without_a_hole() {
    let (mut source, mut nobody, mut sent) = (Source::new(), Viewer::new(Instant::now()), Vec::new());
    source.bytes = 10_000;
    source.picture(true, &mut nobody, &mut sent);
    (0..9).for_each(|_| source.picture(false, &mut nobody, &mut sent));
    let mut viewer = Viewer::new(source.now);
    burst(&mut viewer, &source, &mut sent);
    source.picture(true, &mut viewer, &mut sent);
    burst(&mut viewer, &source, &mut sent);
    let seqs: Vec<u64> = sent.iter().map(|packet| packet.seq).collect();
    assert_eq!(seqs, (1000..1009).collect::<Vec<_>>(), "seven of the old, two of the new");
    assert!(!viewer.is_bursting());
}

#[test]
fn another_source_is_waited_for_and_continues_the_numbers() {
    let (mut source, mut sent) = (Source::new(), Vec::new());
    let mut viewer = Viewer::new(source.now);
    source.picture(true, &mut viewer, &mut sent);
    burst(&mut viewer, &source, &mut sent);
    let sound = |seq, at| Packet {
        codec: Codec::Opus,
        seq,
        at,
        marker: false,
        payload: vec![0; 10].into(),
        arrived: Instant::now(),
        report: None,
    };
    viewer.audio(&sound(90_000, 960), source.now, &mut |packet| sent.push(packet));
    viewer.change_source();
    assert!(viewer.is_waiting());
    let mut other = Source { seq: 3, at: 77, now: source.now, ..Source::new() };
    other.picture(false, &mut viewer, &mut sent);
    burst(&mut viewer, &other, &mut sent);
    assert_eq!(sent.len(), 3);
    other.picture(true, &mut viewer, &mut sent);
    burst(&mut viewer, &other, &mut sent);
    viewer.audio(&sound(5, 1), other.now, &mut |packet| sent.push(packet));
    let numbers: Vec<_> = sent.iter().map(|packet| (packet.codec.is_video(), packet.seq)).collect();
    let expected = [(true, 1000), (true, 1001), (false, 1000), (true, 1002), (true, 1003), (false, 1001)];
    assert_eq!(numbers, expected);
    assert!(sent[3].at > sent[1].at);
}
