//! From an SDP offer to a connection and its answer: what is carried, and what is refused.
//! It must not know whose offer it is, nor what becomes of the connection.

use super::{addresses::Addresses, offer_limits::check_size};
use crate::media::{handle::Refused, packet::Codec};
use data_encoding::HEXLOWER;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, IceCreds, Rtc,
    change::SdpOffer,
    config::{CryptoProvider, DtlsCert},
    crypto::from_feature_flags,
    format::Codec as Format,
    net::TcpType,
    rtp::Extension,
};

/// Packets of pictures that are kept for who asks for them again: most of a second; 1 kB each.
const RESEND_PACKETS: usize = 256;
/// Between reports to publishers, which A/V sync and their own statistics live by.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// What the other side wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Publisher,
    Viewer,
}

/// A connection that waits for its other side.
pub(crate) struct Accepted {
    pub rtc: Rtc,
    /// An SDP, for the other side.
    pub answer: String,
    /// By which the other side's first datagrams name the connection.
    pub ufrag: String,
    /// Codecs of pictures that both know.
    pub codecs: Vec<Codec>,
}

/// Turns offers into connections. One certificate serves them all.
pub(crate) struct Acceptor {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
    addresses: Addresses,
    has_tcp: bool,
}

impl Acceptor {
    /// For connections to these addresses; none where no certificate can be made.
    pub(crate) fn new(addresses: Addresses, has_tcp: bool) -> Option<Self> {
        let crypto = from_feature_flags();
        let certificate = crypto.dtls_provider.generate_certificate()?;
        Some(Self { crypto: Arc::new(crypto), certificate, addresses, has_tcp })
    }

    /// Answers an offer; takes a millisecond or so of computing.
    pub(crate) fn accept(&self, role: Role, offer: &str) -> Result<Accepted, Refused> {
        // The parser has had panics; one must not end the thread.
        let accepted = catch_unwind(AssertUnwindSafe(|| self.try_accept(role, offer)));
        accepted.unwrap_or_else(|_| Err(refused("it cannot be processed")))
    }

    fn try_accept(&self, role: Role, offer: &str) -> Result<Accepted, Refused> {
        let text = with_directions(&without_candidates(offer));
        check_size(&text)?;
        if has_ambiguous_types(&text) {
            return Err(refused("it has one payload type for two formats"));
        }
        let offered = offered_codecs(&text);
        let offer =
            SdpOffer::from_sdp_string(&text).map_err(|_| refused("its lines are not those of an SDP"))?;
        let wanted = carried(role, &offered)?;
        if role == Role::Publisher && !sends(&text) {
            return Err(refused("it offers to send nothing"));
        }
        let credentials = credentials().ok_or(Refused::Unavailable)?;
        let ufrag = credentials.ufrag.clone();
        let mut rtc = self.connection(role, credentials);
        let answer = rtc.sdp_api().accept_offer(offer);
        let answer = answer.map_err(|_| refused("it offers no connection that can be answered"))?;
        let answer = in_stereo(&answer.to_sdp_string());
        let codecs = taken(role, wanted, &answer)?;
        Ok(Accepted { rtc, answer, ufrag, codecs })
    }

    fn connection(&self, role: Role, credentials: IceCreds) -> Rtc {
        let config = Rtc::builder()
            .set_crypto_provider(self.crypto.clone())
            .set_dtls_cert(self.certificate.clone())
            .set_local_ice_credentials(credentials)
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_h264(true)
            .enable_vp8(true)
            .set_rtcp_report_interval_video(REPORT_EVERY)
            .set_rtcp_report_interval_audio(REPORT_EVERY)
            .set_send_buffer_video(RESEND_PACKETS);
        // Nobody estimates what a viewer's network carries, so that nobody need number and report each packet for that.
        let config = match role {
            Role::Publisher => config,
            Role::Viewer => config.clear_extension_map().set_extension(4, Extension::RtpMid),
        };
        let mut rtc = config.build(Instant::now());
        for address in self.addresses.iter() {
            let udp = Candidate::builder().udp().host(address).build();
            let tcp = Candidate::builder().tcp().host(address).tcptype(TcpType::Passive).build();
            for candidate in [Some(udp), self.has_tcp.then_some(tcp)].into_iter().flatten().flatten() {
                rtc.add_local_candidate(candidate);
            }
        }
        rtc
    }
}

/// Never what the parser says: it has addresses of memory in it, and pieces of the offer.
fn refused(why: &str) -> Refused {
    Refused::Sdp(why.to_owned())
}

/// The other side's addresses are learnt from its datagrams; those it names would only cost memory.
fn without_candidates(offer: &str) -> String {
    let is_kept = |line: &&str| !line.starts_with("a=candidate") && !line.starts_with("a=end-of-candidates");
    offer.lines().filter(is_kept).flat_map(|line| [line, "\r\n"]).collect()
}

/// Names in each part of sound or pictures the direction that holds there, which the parser wants: the one that is named
/// before all parts, else both ways (RFC 8866, 6.7).
fn with_directions(offer: &str) -> String {
    let mut parts = offer.split("\r\nm=");
    let session = parts.next().unwrap_or_default();
    let of_all = session.lines().find(is_direction).unwrap_or("a=sendrecv");
    let mut text: Vec<String> =
        vec![session.lines().filter(|line| !is_direction(line)).collect::<Vec<_>>().join("\r\n")];
    for part in parts.map(str::trim_end) {
        let is_media = part.starts_with("audio ") || part.starts_with("video ");
        let is_silent = is_media && !part.lines().any(|line| is_direction(&line));
        text.push(format!("m={part}{}", if is_silent { format!("\r\n{of_all}") } else { String::new() }));
    }
    text.join("\r\n") + "\r\n"
}

fn is_direction(line: &&str) -> bool {
    ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"].contains(line)
}

/// Whether one payload type stands for two formats: all of them come by one connection (RFC 8843, 7.1.3).
fn has_ambiguous_types(offer: &str) -> bool {
    let mut known: HashMap<&str, &str> = HashMap::new();
    let mut formats = offer.lines().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' '));
    formats
        .any(|(pt, format)| known.insert(pt, format).is_some_and(|other| !other.eq_ignore_ascii_case(format)))
}

/// Names of the codecs of pictures in an offer; none where it has no m-line of pictures.
fn offered_codecs(offer: &str) -> Option<Vec<&str>> {
    let mut lines = offer.lines().skip_while(|line| !line.starts_with("m=video"));
    lines.next()?;
    let section = lines.take_while(|line| !line.starts_with("m="));
    let names = section.filter_map(|line| line.strip_prefix("a=rtpmap:")?.split([' ', '/']).nth(1));
    let is_codec =
        |name: &&str| !["rtx", "red", "ulpfec", "flexfec-03"].iter().any(|no| name.eq_ignore_ascii_case(no));
    Some(names.filter(is_codec).collect())
}

/// Whether anything is offered to be sent, where each part names its direction.
fn sends(offer: &str) -> bool {
    let is_other_way = |line: &str| ["a=recvonly", "a=inactive"].contains(&line);
    offer.split("\r\nm=").skip(1).any(|part| !part.lines().any(is_other_way))
}

/// The codecs of pictures that this server carries, too.
fn carried(role: Role, offered: &Option<Vec<&str>>) -> Result<Vec<Codec>, Refused> {
    let Some(offered) = offered else { return Ok(Vec::new()) };
    let codecs = known(offered);
    match (role, codecs.is_empty()) {
        (_, false) => Ok(codecs),
        (Role::Viewer, true) => Err(Refused::NoCommonCodec),
        (Role::Publisher, true) => {
            let named = offered.first().map_or("no codec", |name| known_name(name));
            Err(Refused::Codec(named.to_owned()))
        }
    }
}

/// Those of them that the answer takes: there are forms of a codec that are not carried, such as other profiles of H.264.
fn taken(role: Role, wanted: Vec<Codec>, answer: &str) -> Result<Vec<Codec>, Refused> {
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let is_rejected = answer.lines().any(|line| line.starts_with("m=video 0 "));
    let codecs =
        offered_codecs(answer).filter(|_| !is_rejected).map(|names| known(&names)).unwrap_or_default();
    match (role, codecs.is_empty()) {
        (_, false) => Ok(codecs),
        (Role::Viewer, true) => Err(Refused::NoCommonCodec),
        (Role::Publisher, true) => Err(Refused::Codec("this form of it".to_owned())),
    }
}

fn known(names: &[&str]) -> Vec<Codec> {
    let both = [("H264", Codec::H264), ("VP8", Codec::Vp8)];
    let has = |name: &str| names.iter().any(|named| named.eq_ignore_ascii_case(name));
    both.into_iter().filter_map(|(name, codec)| has(name).then_some(codec)).collect()
}

/// Nothing that a client sends is repeated to it.
fn known_name(name: &str) -> &'static str {
    const KNOWN: [&str; 5] = ["H265", "H266", "AV1", "VP9", "HEVC"];
    KNOWN.into_iter().find(|known| name.eq_ignore_ascii_case(known)).unwrap_or("this codec")
}

/// Random ones of our own, by whose first part datagrams find their connection.
fn credentials() -> Option<IceCreds> {
    Some(IceCreds { ufrag: random_hex(12)?, pass: random_hex(16)? })
}

/// So many random bytes, in hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Option<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).ok()?;
    Some(HEXLOWER.encode(&random))
}

/// Browsers send, and play, one channel unless both are asked for by name (RFC 7587, 6.1).
fn in_stereo(answer: &str) -> String {
    let pt = answer.lines().find_map(|line| {
        let (pt, codec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        codec.to_ascii_lowercase().starts_with("opus/").then(|| format!("a=fmtp:{pt} "))
    });
    let is_of_opus = |line: &str| pt.as_ref().is_some_and(|start| line.starts_with(start));
    let written = answer.lines().map(|line| match is_of_opus(line) && !line.contains("stereo=") {
        true => format!("{line};stereo=1;sprop-stereo=1\r\n"),
        false => format!("{line}\r\n"),
    });
    written.collect()
}

/// The codec of a payload format, if it is carried.
pub(super) fn codec(format: Format) -> Option<Codec> {
    match format {
        Format::H264 => Some(Codec::H264),
        Format::Vp8 => Some(Codec::Vp8),
        Format::Opus => Some(Codec::Opus),
        _ => None,
    }
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
