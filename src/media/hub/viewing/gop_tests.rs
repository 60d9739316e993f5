//! Tests of the packets that are kept for who joins.

use super::*;

fn packet(seq: u64, at: u32, arrived: Instant) -> Packet {
    Packet { codec: Codec::H264, seq, at, marker: false, payload: vec![0; 100].into(), arrived, report: None }
}

fn seqs(gop: &Gop) -> Vec<u64> {
    gop.packets.iter().map(|kept| kept.packet.seq).collect()
}

#[test]
fn it_begins_anew_with_each_keyframe_and_its_parameters() {
    let (now, mut gop) = (Instant::now(), Gop::new(10_000));
    gop.push(packet(1, 0, now), false);
    assert!(gop.first().is_none(), "nothing can be decoded");
    gop.push(packet(2, 3000, now), false);
    let began = gop.push(packet(3, 3000, now), true).unwrap();
    assert!(began.is_new_keyframe);
    assert_eq!(seqs(&gop), [2, 3], "what came before in the same picture belongs to it");
    assert!(!gop.push(packet(4, 3000, now), true).unwrap().is_new_keyframe, "another slice of the same");
    gop.push(packet(5, 6000, now), false);
    assert_eq!(seqs(&gop), [2, 3, 4, 5]);
    gop.push(packet(6, 9000, now), true);
    assert_eq!(seqs(&gop), [6]);
    assert_eq!(gop.bytes, 100);
}

#[test]
fn late_and_repeated_packets_find_their_places() {
    let (now, mut gop) = (Instant::now(), Gop::new(10_000));
    gop.push(packet(1, 0, now), true);
    gop.push(packet(4, 6000, now), false);
    let late = gop.push(packet(3, 3000, now), false).unwrap();
    assert!(!late.goes_back, "it was only late");
    assert_eq!(gop.push(packet(2, 0, now), false).map(|pushed| pushed.picture), Some(0));
    gop.push(packet(4, 6000, now), false);
    assert_eq!(seqs(&gop), [1, 2, 3, 4]);
    gop.push(packet(5, 9000, now), true);
    assert_eq!(gop.push(packet(0, 90, now), false), None, "from before all that is known");
    gop.push(packet(2, 0, now), false);
    assert_eq!(seqs(&gop), [5], "of a picture before the keyframe");
}

#[test]
fn too_much_or_too_old_is_forgotten_until_the_next_keyframe() {
    let (now, mut gop) = (Instant::now(), Gop::new(250));
    gop.push(packet(1, 0, now), true);
    gop.push(packet(2, 3000, now), false);
    assert!(gop.first().is_some());
    gop.push(packet(3, 6000, now), false);
    assert!(gop.first().is_none(), "300 bytes of 250");
    gop.push(packet(4, 9000, now), true);
    assert_eq!(seqs(&gop), [4]);
    gop.push(packet(5, 12_000, now + AGE_MAX + Duration::from_millis(1)), false);
    assert!(gop.first().is_none());
    gop.push(packet(6, 15_000, now), false);
    assert_eq!(seqs(&gop), [6], "the newest picture alone, for it may be a keyframe");
}

#[test]
fn readers_walk_by_sequence_number() {
    let (now, mut gop) = (Instant::now(), Gop::new(10_000));
    gop.push(packet(1, 0, now), true);
    gop.push(packet(3, 0, now), false);
    let next = |seq| gop.after(seq).map(|kept| kept.packet.seq);
    assert_eq!((next(0), next(1), next(2), next(3)), (Some(1), Some(3), Some(3), None));
}

#[test]
fn a_picture_that_is_shown_before_one_that_came_earlier_goes_back() {
    let (now, mut gop) = (Instant::now(), Gop::new(10_000));
    let goes_back = |gop: &mut Gop, seq, at| gop.push(packet(seq, at, now), seq == 1).unwrap().goes_back;
    let found =
        [(1, 0), (2, 9000), (3, 3000), (4, 6000), (5, 12_000)].map(|(seq, at)| goes_back(&mut gop, seq, at));
    assert_eq!(found, [false, false, true, false, false]);
}

#[test]
fn a_time_that_steps_far_back_is_no_picture_that_is_shown_earlier() {
    let (now, mut gop) = (Instant::now(), Gop::new(10_000));
    for (seq, at) in [(1, 3_000_000), (2, 3_003_000), (3, 1_203_000), (4, 1_206_000)] {
        assert!(!gop.push(packet(seq, at, now), seq == 1).unwrap().goes_back, "{seq}");
    }
}
