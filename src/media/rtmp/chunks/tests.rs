//! Chunks and their guard: what is put together, and at which byte each limit refuses.

use super::{
    ChunkReader, Message,
    guard::Guard,
    samples::{basic, header, message, message_in_chunks},
};
use crate::media::rtmp::refusal::Refusal;
use bytes::BytesMut;

const VIDEO: u8 = 9;

fn read(reader: &mut ChunkReader, bytes: &[u8]) -> Result<Vec<Message>, Refusal> {
    let mut input = BytesMut::from(bytes);
    let mut messages = Vec::new();
    while let Some(message) = reader.read(&mut input)? {
        messages.push(message);
    }
    Ok(messages)
}

fn read_new(bytes: &[u8]) -> Result<Vec<Message>, Refusal> {
    read(&mut ChunkReader::new(Guard::new()), bytes)
}

fn admitted(message_bytes: usize) -> ChunkReader {
    let mut reader = ChunkReader::new(Guard::new());
    reader.admit(message_bytes);
    reader
}

fn set_chunk_size(bytes: u32) -> Vec<u8> {
    message(2, 0, 1, &bytes.to_be_bytes())
}

#[test]
fn a_message_in_many_chunks_between_those_of_another_is_put_together() {
    let (one, other) = (vec![1; 300], vec![2; 200]);
    let mut one_chunks = message_in_chunks(4, 5, 8, &one, 128);
    let other_chunks = message_in_chunks(70, 9, VIDEO, &other, 128);
    // After the first chunk of the one comes all of the other.
    let rest = one_chunks.split_off(12 + 128);
    let messages = read_new(&[one_chunks, other_chunks, rest].concat()).unwrap();
    let expected =
        [(9, VIDEO, other), (5, 8, one)].map(|(time, kind, body)| Message { time, kind, body: body.into() });
    assert_eq!(messages, expected);
}

#[test]
fn times_are_told_whole_by_difference_and_not_at_all() {
    let whole = message(4, 0x10, VIDEO, &[0]);
    let by_difference = [&basic(1, 4)[..], &[0, 0, 40, 0, 0, 2, 8], &[1, 1]].concat();
    let shorter = [&basic(2, 4)[..], &[0, 0, 2], &[2, 2]].concat();
    let repeated = [&basic(3, 4)[..], &[3, 3]].concat();
    let messages = read_new(&[whole, by_difference, shorter, repeated].concat()).unwrap();
    let seen: Vec<_> = messages.iter().map(|message| (message.time, message.kind, message.body[0])).collect();
    assert_eq!(seen, [(16, 9, 0), (56, 8, 1), (58, 8, 2), (60, 8, 3)]);
}

#[test]
fn a_time_of_four_bytes_is_repeated_in_each_chunk() {
    let extended = 0x0100_0001_u32.to_be_bytes();
    let mut bytes = header(4, 0xFF_FFFF, VIDEO, 130);
    bytes.extend(extended);
    bytes.extend([7; 128]);
    bytes.extend(basic(3, 4));
    bytes.extend(extended);
    bytes.extend([7; 2]);
    let messages = read_new(&bytes).unwrap();
    assert_eq!(messages, [Message { time: 0x0100_0001, kind: VIDEO, body: vec![7; 130].into() }]);
}

#[test]
fn an_abandoned_message_is_forgotten() {
    let mut reader = ChunkReader::new(Guard::new());
    let begun = [header(4, 0, VIDEO, 200), vec![1; 128]].concat();
    assert_eq!(read(&mut reader, &begun), Ok(vec![]));
    assert_eq!(reader.guard().buffered(), 128);
    assert_eq!(read(&mut reader, &message(2, 0, 2, &4_u32.to_be_bytes())), Ok(vec![]));
    assert_eq!(reader.guard().buffered(), 0);
    assert_eq!(read(&mut reader, &message(4, 0, VIDEO, &[5])).unwrap().len(), 1);
}

#[test]
fn a_new_message_over_one_under_way_is_refused() {
    let begun = [header(4, 0, VIDEO, 200), vec![1; 128]].concat();
    assert!(matches!(read_new(&[begun, header(4, 0, VIDEO, 1)].concat()), Err(Refusal::Protocol(_))));
}

#[test]
fn a_chunk_stream_may_not_begin_without_a_length() {
    for format in [2, 3] {
        assert!(matches!(read_new(&[basic(format, 9), vec![0; 3]].concat()), Err(Refusal::Protocol(_))));
    }
    let ack = [&basic(1, 2)[..], &[0, 0, 0, 0, 0, 4, 3], &[0, 0, 0, 1]].concat();
    assert_eq!(read_new(&ack).unwrap().len(), 1);
}

/// Row 19 of the attacks: thousands of chunk streams, each of which announces as much as it can.
#[test]
fn chunk_streams_that_announce_much_are_refused_before_anything_is_kept_for_them() {
    let flood: Vec<u8> = (0..10_000).flat_map(|n| header(64 + n, 0, VIDEO, 0xFF_FFFF)).collect();
    assert_eq!(read_new(&flood), Err(Refusal::BeforeKey("a message of 16 kB")));
    let mut modest = ChunkReader::new(Guard::new());
    let flood: Vec<u8> =
        (0..10_000).flat_map(|n| [header(64 + n, 0, VIDEO, 129), vec![0; 128]].concat()).collect();
    assert_eq!(read(&mut modest, &flood), Err(Refusal::BeforeKey("8 chunk streams")));
    assert_eq!(modest.guard().buffered(), 8 * 128);
    // What is kept grows by what came, also for whoever may send much.
    let mut admitted = admitted(2 << 20);
    assert_eq!(read(&mut admitted, &header(4, 0, VIDEO, 2 << 20)), Ok(vec![]));
    assert_eq!((admitted.guard().buffered(), admitted.kept_bytes()), (0, 0));
}

#[test]
fn before_the_key_eight_chunk_streams_are_taken_and_no_ninth() {
    let streams = |count: u32| (0..count).flat_map(|n| message(3 + n, 0, 20, &[0])).collect::<Vec<_>>();
    assert_eq!(read_new(&streams(8)).unwrap().len(), 8);
    assert_eq!(read_new(&streams(9)), Err(Refusal::BeforeKey("8 chunk streams")));
    assert_eq!(read(&mut admitted(100), &streams(32)).unwrap().len(), 32);
    assert_eq!(read(&mut admitted(100), &streams(33)), Err(Refusal::TooBig("32 chunk streams")));
}

#[test]
fn before_the_key_a_message_has_16_kb_and_no_byte_more() {
    let long = |bytes: usize| message_in_chunks(3, 0, 20, &vec![0; bytes], 128);
    assert_eq!(read_new(&long(16_384)).unwrap()[0].body.len(), 16_384);
    assert_eq!(read_new(&long(16_385)), Err(Refusal::BeforeKey("a message of 16 kB")));
}

#[test]
fn after_the_key_a_message_has_what_a_picture_may_have_and_no_byte_more() {
    let sent =
        |bytes: usize| [set_chunk_size(65_536), message_in_chunks(4, 0, 9, &vec![0; bytes], 65_536)].concat();
    assert_eq!(read(&mut admitted(100_000), &sent(100_000)).unwrap()[0].body.len(), 100_000);
    let too_long = Refusal::TooBig("a message longer than a picture may be");
    assert_eq!(read(&mut admitted(100_000), &sent(100_001)), Err(too_long));
}

#[test]
fn before_the_key_64_kb_are_taken_in_all_and_no_byte_more() {
    // A message of 1,024 bytes in one chunk has a header of 12.
    let size = set_chunk_size(1012);
    let bytes = [size.clone(), message(3, 0, 20, &[0; 1012]).repeat(64)].concat();
    let all = &bytes[..64 << 10];
    assert!(read_new(all).is_ok());
    let one_more = &bytes[..(64 << 10) + 1];
    assert_eq!(read_new(one_more), Err(Refusal::BeforeKey("64 kB in all")));
    assert!(read(&mut admitted(2000), &bytes).is_ok());
}

#[test]
fn chunks_have_64_kb_and_no_byte_more() {
    assert!(read_new(&set_chunk_size(65_536)).is_ok());
    assert_eq!(read_new(&set_chunk_size(65_537)), Err(Refusal::TooBig("a chunk size over 64 kB")));
    assert!(matches!(read_new(&set_chunk_size(0)), Err(Refusal::Protocol(_))));
}

#[test]
fn messages_that_have_not_ended_have_4_mb_together_and_no_byte_more() {
    let mut reader = admitted(2 << 20);
    read(&mut reader, &set_chunk_size(65_536)).unwrap();
    // Three of 1.4 MB, of which each lacks its end.
    let begun = |stream: u32, chunks: usize| {
        let body = message_in_chunks(stream, 0, VIDEO, &vec![0; 2 << 20], 65_536);
        body[..12 + 65_536 + (chunks - 1) * 65_537].to_vec()
    };
    for stream in [4, 5] {
        assert_eq!(read(&mut reader, &begun(stream, 31)), Ok(vec![]));
    }
    assert_eq!(read(&mut reader, &begun(6, 2)), Ok(vec![]));
    assert_eq!(reader.guard().buffered(), 4 << 20);
    let one_more = [&basic(3, 6)[..], &[0]].concat();
    assert_eq!(read(&mut reader, &one_more), Err(Refusal::TooBig("4 MB in messages that have not ended")));
}
