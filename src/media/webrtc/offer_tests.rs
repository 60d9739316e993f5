//! Tests of which offers are answered, and how.

use super::*;
use crate::media::webrtc::offer_limits::check_lines;

fn acceptor() -> Acceptor {
    let addresses = Addresses::new(&[], "127.0.0.1:8082".parse().unwrap()).unwrap();
    Acceptor::new(addresses, true).unwrap()
}

/// An offer as a browser writes it, of pictures in these codecs and of sound.
fn offer(direction: &str, codecs: &[&str], more: &str) -> String {
    let pts: Vec<String> = (0..codecs.len()).map(|n| (100 + n).to_string()).collect();
    let transport = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\na=setup:actpass\r\n\
        a=fingerprint:sha-256 11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00\r\n\
        a=rtcp-mux\r\n";
    let mut text = format!(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{transport}a=mid:0\r\na={direction}\r\n\
         a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF {}\r\n{transport}a=mid:1\r\na={direction}\r\n",
        pts.join(" ")
    );
    for (pt, codec) in pts.iter().zip(codecs) {
        text.push_str(&format!("a=rtpmap:{pt} {codec}/90000\r\na=rtcp-fb:{pt} nack pli\r\n"));
        if *codec == "H264" {
            let fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
            text.push_str(&format!("a=fmtp:{pt} {fmtp}\r\n"));
        }
    }
    text + more
}

fn accept(role: Role, offer: &str) -> Result<Accepted, Refused> {
    acceptor().accept(role, offer)
}

#[test]
fn an_answer_has_our_addresses_and_both_channels() {
    let accepted = accept(Role::Viewer, &offer("recvonly", &["VP8", "H264", "AV1"], "")).unwrap();
    assert_eq!(accepted.codecs, [Codec::H264, Codec::Vp8]);
    assert_eq!(accepted.ufrag.len(), 24);
    for expected in
        ["a=ice-lite", " udp ", " tcp ", "tcptype passive", "127.0.0.1 8082", ";stereo=1", "a=sendonly"]
    {
        assert!(accepted.answer.contains(expected), "{expected} is not in {}", accepted.answer);
    }
    assert!(accepted.answer.contains(&format!("a=ice-ufrag:{}", accepted.ufrag)));
    assert!(!accepted.answer.contains("AV1"));
}

#[test]
fn codecs_that_are_not_carried_are_refused() {
    let refused = |role, codecs: &[&str]| accept(role, &offer("sendonly", codecs, "")).err();
    assert_eq!(refused(Role::Publisher, &["H265", "rtx"]), Some(Refused::Codec("H265".to_owned())));
    assert_eq!(refused(Role::Publisher, &["AV1"]), Some(Refused::Codec("AV1".to_owned())));
    assert_eq!(refused(Role::Publisher, &["<b>"]), Some(Refused::Codec("this codec".to_owned())));
    assert_eq!(refused(Role::Viewer, &["AV1", "VP9"]), Some(Refused::NoCommonCodec));
    assert_eq!(refused(Role::Publisher, &["AV1", "H264"]), None);
}

/// Forms of H.264 that cannot be answered, beside what is left of the offer.
#[test]
fn a_codec_in_a_form_that_is_not_carried_is_as_good_as_none() {
    let fmtp = "a=fmtp:100 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";
    let other = |profile: &str| fmtp.replace("42e01f", profile);
    for form in [other("640c1f"), other("f4001f")] {
        let only = offer("sendrecv", &["H264"], "").replace(fmtp, &form);
        assert_eq!(accept(Role::Viewer, &only).err(), Some(Refused::NoCommonCodec), "{form}");
        assert_eq!(
            accept(Role::Publisher, &only).err(),
            Some(Refused::Codec("this form of it".to_owned())),
            "{form}"
        );
        let beside = offer("recvonly", &["H264", "VP8"], "").replace(fmtp, &form);
        assert_eq!(accept(Role::Viewer, &beside).unwrap().codecs, [Codec::Vp8], "{form}");
    }
}

#[test]
fn a_publisher_who_offers_to_send_nothing_is_refused() {
    for direction in ["recvonly", "inactive"] {
        assert_eq!(why(Role::Publisher, &offer(direction, &["H264"], "")), "it offers to send nothing");
    }
    accept(Role::Publisher, &offer("sendrecv", &["H264"], "")).unwrap();
    let sound_alone =
        offer("sendonly", &["H264"], "").replacen("mid:1\r\na=sendonly", "mid:1\r\na=inactive", 1);
    accept(Role::Publisher, &sound_alone).unwrap();
}

#[test]
fn a_direction_is_that_of_all_parts_or_both_ways_where_a_part_names_none() {
    let bare = offer("sendonly", &["H264"], "").replace("a=sendonly\r\n", "");
    let of_all = |direction: &str| bare.replacen("t=0 0\r\n", &format!("t=0 0\r\na={direction}\r\n"), 1);
    for good in [&bare, &of_all("sendonly"), &of_all("sendrecv")] {
        assert!(accept(Role::Publisher, good).is_ok(), "{good}");
    }
    for silent in ["recvonly", "inactive"] {
        assert_eq!(why(Role::Publisher, &of_all(silent)), "it offers to send nothing");
    }
    let with_data = bare.clone() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";
    assert!(!with_directions(&with_data).contains("a=mid:2\r\na=sendrecv"), "that part has none");
}

/// The library that answers would panic.
#[test]
fn one_payload_type_for_two_formats_is_refused() {
    let ambiguous = offer("sendrecv", &["H264"], "").replace("111", "100");
    for role in [Role::Publisher, Role::Viewer] {
        assert_eq!(why(role, &ambiguous), "it has one payload type for two formats");
    }
}

#[test]
fn all_layers_are_answered() {
    let layers = "a=rid:0 send\r\na=rid:1 send\r\na=rid:2 send\r\na=simulcast:send 0;1;2\r\n\
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n";
    let accepted = accept(Role::Publisher, &offer("sendonly", &["H264"], layers)).unwrap();
    assert!(accepted.answer.contains("a=simulcast:recv 0;1;2"), "{}", accepted.answer);
    let five = "a=rid:0 send\r\n".repeat(5);
    assert!(matches!(accept(Role::Publisher, &offer("sendonly", &["H264"], &five)), Err(Refused::Sdp(_))));
}

#[test]
fn what_is_no_offer_is_refused() {
    let good = offer("sendonly", &["H264"], "");
    for cut in (0..good.len()).step_by(97) {
        let _ = accept(Role::Publisher, &good[..cut]);
    }
    let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n";
    for bad in
        ["", "v=0", "garbage\r\n", &format!("{good}{data}"), &good.replace("a=fingerprint", "a=finger")]
    {
        let refused = accept(Role::Publisher, bad).err();
        assert!(matches!(refused, Some(Refused::Sdp(_))), "{refused:?} for {bad}");
    }
}

#[test]
fn candidates_of_an_offer_are_not_kept() {
    let candidates = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n".repeat(1000);
    let stripped = without_candidates(&offer("sendonly", &["H264"], &candidates));
    assert!(!stripped.contains("candidate"));
    accept(Role::Publisher, &offer("sendonly", &["H264"], &candidates)).unwrap();
}

fn why(role: Role, offer: &str) -> String {
    match accept(role, offer) {
        Err(Refused::Sdp(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it is accepted"),
    }
}

/// What the parser says has addresses of memory, ends of lines and pieces of the offer in it.
#[test]
fn what_cannot_be_read_is_refused_in_words_of_ours() {
    let good = offer("sendonly", &["H264"], "");
    let cut = (0..good.len()).step_by(61).map(|at| good[..at].to_owned());
    let broken = [
        "hello <b>".to_owned(),
        good.replace("m=video", "m=<b>"),
        good.replace("a=mid:", "a=mid:\u{0}"),
        good.replace("a=fingerprint:sha-256", "a=fingerprint:<b>"),
        good.replace("a=ice-ufrag", "a=<b>"),
        good.replace("SAVPF 111", "SAVPF 99999999999"),
    ];
    for bad in broken.into_iter().chain(cut) {
        for role in [Role::Publisher, Role::Viewer] {
            let Err(Refused::Sdp(why)) = accept(role, &bad) else { continue };
            for never in ["0x", "\n", "\r", "<b>", "(", "{"] {
                assert!(!why.contains(never), "{why} for {bad}");
            }
        }
    }
    assert!(!why(Role::Viewer, "hello").is_empty());
}

/// An offer whose three parts have so many lines.
fn long(session: usize, audio: usize, video: usize) -> String {
    let plain = offer("recvonly", &["H264"], "");
    let (before, sound) = plain.split_once("m=audio").unwrap();
    let (sound, picture) = sound.split_once("m=video").unwrap();
    let filled = |part: String, lines: usize| {
        let more = lines - part.lines().count();
        part + &"a=x:1\r\n".repeat(more)
    };
    let (sound, picture) = (format!("m=audio{sound}"), format!("m=video{picture}"));
    filled(before.to_owned(), session) + &filled(sound, audio) + &filled(picture, video)
}

#[test]
fn an_offer_has_only_so_many_lines_in_a_part_and_in_all() {
    for taken in [long(20, 280, 300), long(300, 20, 20), long(10, 290, 300)] {
        assert!(accept(Role::Viewer, &taken).is_ok());
    }
    for refused in [long(10, 20, 301), long(10, 301, 20), long(301, 20, 20), long(20, 281, 300)] {
        assert!(why(Role::Viewer, &refused).contains("lines"));
    }
}

#[test]
fn a_line_of_an_offer_is_only_so_long() {
    let with = |length: usize| offer("recvonly", &["H264"], &format!("a=x:{}\r\n", "1".repeat(length - 4)));
    assert!(accept(Role::Viewer, &with(2048)).is_ok());
    assert!(why(Role::Viewer, &with(2049)).contains("line"));
}

#[test]
fn what_browsers_and_encoders_offer_is_half_of_what_is_taken_at_most() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sdp_offer");
    for file in std::fs::read_dir(corpus).unwrap() {
        let offer = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let copies = |line: &str| if line.starts_with("m=") { 1 } else { 2 };
        let twice: String = offer.lines().map(|line| format!("{line}\n").repeat(copies(line))).collect();
        assert_eq!(check_lines(&twice), Ok(()), "{offer}");
    }
}
