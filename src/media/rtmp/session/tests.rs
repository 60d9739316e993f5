//! Sessions as encoders have them: what they are answered, and where they are refused.

use super::{
    Event, Session,
    samples::{command, connect, handshake, publish, up_to_publish},
};
use crate::media::rtmp::{
    amf0::{self, Value},
    chunks::{ChunkReader, guard::Guard, samples::message},
    refusal::{Reason, Refusal},
};
use bytes::BytesMut;

const PICTURE_BYTES: usize = 100_000;

fn session() -> Session {
    Session::new(PICTURE_BYTES)
}

fn read(session: &mut Session, bytes: &[u8]) -> Result<Vec<Event>, Refusal> {
    let mut input = BytesMut::from(bytes);
    let mut events = Vec::new();
    while let Some(event) = session.read(&mut input)? {
        events.push(event);
    }
    Ok(events)
}

/// One whose key is accepted, and that has been answered so far.
fn publishing() -> Session {
    let mut session = session();
    read(&mut session, &up_to_publish("lh_key")).unwrap();
    session.admit();
    session.take_output();
    session
}

/// The messages of an answer: the kind of each, and the values of those that have values.
fn answers(output: &[u8]) -> Vec<(u8, Vec<Value>)> {
    let mut reader = ChunkReader::new(Guard::new());
    let mut input = BytesMut::from(output);
    let mut answers = Vec::new();
    while let Some(message) = reader.read(&mut input).unwrap() {
        let values = if message.kind == 20 { amf0::decode(&message.body).unwrap() } else { Vec::new() };
        answers.push((message.kind, values));
    }
    assert!(input.is_empty());
    answers
}

/// The names of commands, each with the code it tells.
fn told(output: &[u8]) -> Vec<(String, String)> {
    let commands = answers(output).into_iter().filter(|(kind, _)| *kind == 20);
    let told = commands.map(|(_, values)| {
        let code = values.iter().find_map(|value| value.property("code")).and_then(Value::as_text);
        (values[0].as_text().unwrap().to_owned(), code.unwrap_or_default().to_owned())
    });
    told.collect()
}

fn named(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(name, code)| ((*name).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn an_encoder_is_answered_up_to_its_key_and_after_it() {
    let mut session = session();
    let events = read(&mut session, &up_to_publish("lh_key?bandwidth=1")).unwrap();
    let agent = Some("FMLE/3.0 (compatible; FMSc/1.0)".to_owned());
    assert_eq!(events, [Event::Publish { key: "lh_key".into(), agent }]);
    let output = session.take_output();
    assert_eq!(output[0], 3);
    assert_eq!(output[1537..3073], [0; 1536]);
    let expected =
        [("_result", "NetConnection.Connect.Success"), ("_result", ""), ("_result", ""), ("_result", "")];
    assert_eq!(told(&output[3073..]), named(&expected));
    let stream = answers(&output[3073..]).pop().unwrap().1;
    assert_eq!(stream[1..], [Value::Number(4.0), Value::Null, Value::Number(1.0)]);

    session.admit();
    let expected = [("onFCPublish", "NetStream.Publish.Start"), ("onStatus", "NetStream.Publish.Start")];
    assert_eq!(told(&session.take_output()), named(&expected));
}

#[test]
fn the_same_comes_of_a_conversation_byte_by_byte() {
    let mut session = session();
    let mut input = BytesMut::new();
    let mut events = Vec::new();
    for byte in up_to_publish("lh_key") {
        input.extend_from_slice(&[byte]);
        events.extend(session.read(&mut input).unwrap());
    }
    assert_eq!(events.len(), 1);
    session.admit();
    for byte in [message(4, 7, 9, b"picture"), message(4, 8, 8, b"sound")].concat() {
        input.extend_from_slice(&[byte]);
        events.extend(session.read(&mut input).unwrap());
    }
    let picture = Event::Video { time: 7, body: "picture".into() };
    assert_eq!(events[1..], [picture, Event::Audio { time: 8, body: "sound".into() }]);
}

#[test]
fn nothing_is_read_while_a_key_is_looked_at() {
    let mut session = session();
    let mut input = BytesMut::from(&[up_to_publish("lh_key"), message(4, 0, 9, &[0])].concat()[..]);
    assert!(session.read(&mut input).unwrap().is_some());
    assert_eq!((session.read(&mut input), input.len()), (Ok(None), 13));
    session.admit();
    assert!(matches!(session.read(&mut input), Ok(Some(Event::Video { .. }))));
}

#[test]
fn pictures_before_a_key_is_accepted_are_refused() {
    let early = [handshake(), connect("live"), message(4, 0, 9, &[0])].concat();
    assert!(matches!(read(&mut session(), &early), Err(Refusal::Protocol(_))));
}

#[test]
fn another_application_is_refused_with_words() {
    for application in ["live", "/live/", "live?token=1"] {
        assert_eq!(read(&mut session(), &[handshake(), connect(application)].concat()), Ok(vec![]));
    }
    for application in ["", "lives", "live/a", "app"] {
        let mut session = session();
        let refusal = read(&mut session, &[handshake(), connect(application)].concat()).unwrap_err();
        assert_eq!(refusal, Refusal::Application);
        session.take_output();
        session.refuse(&refusal);
        let (_, values) = answers(&session.take_output()).pop().unwrap();
        assert_eq!(values[0], Value::text("_error"));
        let words = values[3].property("description").and_then(Value::as_text).unwrap();
        assert!(words.contains("/live"), "{words}");
    }
}

#[test]
fn a_wrong_key_is_refused_with_words() {
    let mut session = session();
    read(&mut session, &up_to_publish("wrong")).unwrap();
    session.take_output();
    session.refuse(&Refusal::Key(Reason { code: "key", words: "there is no such key".into() }));
    let [(_, values)] = &answers(&session.take_output())[..] else { panic!("one answer") };
    let told = |name| values[3].property(name).and_then(Value::as_text).unwrap();
    assert_eq!(values[0], Value::text("onStatus"));
    assert_eq!(
        [told("level"), told("code"), told("description")],
        ["error", "NetStream.Publish.BadName", "there is no such key"]
    );
}

#[test]
fn playing_is_refused() {
    let play = command("play", 5.0, &[Value::Null, Value::text("lh_key")]);
    let conversation = [handshake(), connect("live"), play].concat();
    assert_eq!(read(&mut session(), &conversation), Err(Refusal::Play));
}

#[test]
fn commands_out_of_order_are_refused() {
    for conversation in
        [[handshake(), publish("key")].concat(), [handshake(), connect("live"), connect("live")].concat()]
    {
        assert!(matches!(read(&mut session(), &conversation), Err(Refusal::Protocol(_))));
    }
    assert!(matches!(read(&mut publishing(), &publish("key")), Err(Refusal::Protocol(_))));
}

#[test]
fn whatever_ends_a_stream_ends_it() {
    for name in ["FCUnpublish", "deleteStream", "closeStream"] {
        let end = command(name, 6.0, &[Value::Null, Value::Number(1.0)]);
        assert_eq!(read(&mut publishing(), &end), Ok(vec![Event::Ended]));
    }
    assert_eq!(read(&mut publishing(), &command("_checkbw", 6.0, &[Value::Null])), Ok(vec![]));
}

#[test]
fn the_program_that_sends_is_told_by_its_metadata() {
    let mut body = BytesMut::new();
    let encoder = Value::text("obs-output module\n (libobs version 30.0.0) ");
    let metadata = Value::Object(vec![("width".into(), Value::Number(1.0)), ("encoder".into(), encoder)]);
    for value in [Value::text("@setDataFrame"), Value::text("onMetaData"), metadata] {
        amf0::encode(&value, &mut body);
    }
    let agent = Event::Agent("obs-output module (libobs version 30.0.0)".into());
    assert_eq!(read(&mut publishing(), &message(4, 0, 18, &body)), Ok(vec![agent]));
}

#[test]
fn a_command_has_16_kb_also_after_the_key() {
    let long = |bytes: usize| {
        let name = Value::text("x".repeat(bytes - 3));
        let mut body = BytesMut::new();
        amf0::encode(&name, &mut body);
        [message(2, 0, 1, &65_536_u32.to_be_bytes()), message(3, 0, 20, &body)].concat()
    };
    assert_eq!(read(&mut publishing(), &long(16 << 10)), Ok(vec![]));
    assert_eq!(read(&mut publishing(), &long((16 << 10) + 1)), Err(Refusal::TooBig("a command of 16 kB")));
}

#[test]
fn a_ping_is_answered() {
    let mut session = publishing();
    read(&mut session, &message(2, 0, 4, &[0, 6, 1, 2, 3, 4])).unwrap();
    let output = session.take_output();
    assert!(output.ends_with(&[0, 7, 1, 2, 3, 4]), "{output:?}");
}

#[test]
fn a_peer_hears_how_much_came_when_it_wants_to_but_not_at_every_byte() {
    let mut session = publishing();
    let heard_of = read(&mut session, &message(2, 0, 5, &1_u32.to_be_bytes()));
    assert_eq!((heard_of, session.take_output().len()), (Ok(vec![]), 0));
    let picture = [message(2, 0, 1, &65_536_u32.to_be_bytes()), message(4, 0, 9, &[0; 60_000])].concat();
    let mut acknowledged = 0;
    for _ in 0..10 {
        read(&mut session, &picture).unwrap();
        acknowledged += answers(&session.take_output()).iter().filter(|(kind, _)| *kind == 3).count();
    }
    // 600 kB by steps of at least 128.
    assert!((3..=4).contains(&acknowledged), "{acknowledged}");
}

#[test]
fn what_is_no_rtmp_is_refused_at_its_first_byte() {
    assert!(matches!(read(&mut session(), b"GET / HTTP/1.1\r\n"), Err(Refusal::Protocol(_))));
    let tls = read(&mut session(), &[0x16, 3, 1]).unwrap_err().to_string();
    assert!(tls.contains("TLS"), "{tls}");
    let mut session = session();
    session.refuse(&Refusal::Slow);
    assert!(session.take_output().is_empty());
}

#[test]
fn the_handshake_counts_among_the_64_kb() {
    // The byte after the last is within a body: of a header nothing is taken until it is whole.
    let sent = message(2, 0, 3, &[0; 23]).repeat(2000);
    let room = (64 << 10) - 3073;
    assert!(read(&mut session(), &[&handshake()[..], &sent[..room]].concat()).is_ok());
    let one_more = [&handshake()[..], &sent[..=room]].concat();
    assert_eq!(read(&mut session(), &one_more), Err(Refusal::BeforeKey("64 kB in all")));
}
