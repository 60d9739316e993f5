//! Packets on a stream of bytes, each behind its length in two bytes (RFC 4571, which ICE over TCP takes over by RFC 6544).
//! It must not know sockets, nor what is in a packet.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// No packet of WebRTC is larger: STUN, DTLS and RTP keep below what a network carries.
const PACKET_MAX: usize = 2048;

/// A length that no packet of ours has: what comes is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPacket;

/// Takes the next whole packet out of what has come; none before all of it is there.
pub(super) fn next(received: &mut BytesMut) -> Result<Option<Bytes>, NoPacket> {
    let Some(&[high, low]) = received.first_chunk() else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > PACKET_MAX {
        return Err(NoPacket);
    }
    if received.len() < 2 + length {
        return Ok(None);
    }
    received.advance(2);
    Ok(Some(received.split_to(length).freeze()))
}

/// Adds a packet to what is sent next.
pub(super) fn put(packet: &[u8], to: &mut BytesMut) {
    if let Ok(length) = u16::try_from(packet.len()) {
        to.reserve(2 + packet.len());
        to.put_u16(length);
        to.put_slice(packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_however_they_are_cut() {
        let mut sent = BytesMut::new();
        let packets = [vec![1; 20], vec![], vec![2; PACKET_MAX]];
        packets.iter().for_each(|packet| put(packet, &mut sent));
        for cut in 0..sent.len() {
            let (mut received, mut found) = (BytesMut::new(), Vec::new());
            for piece in [&sent[..cut], &sent[cut..]] {
                received.extend_from_slice(piece);
                while let Some(packet) = next(&mut received).unwrap() {
                    found.push(packet.to_vec());
                }
            }
            assert_eq!(found, packets, "cut at {cut}");
            assert!(received.is_empty());
        }
    }

    #[test]
    fn what_is_no_packet_is_seen_by_its_length() {
        assert_eq!(next(&mut BytesMut::from(&b"GET / HTTP/1.1"[..])), Err(NoPacket));
        let mut one_too_many = BytesMut::from(&[8, 1][..]);
        assert_eq!(next(&mut one_too_many), Err(NoPacket));
    }
}
