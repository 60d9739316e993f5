//! What a node writes on a request that it sends on to another: from whom it is. Only nodes have the key, so it is believed, and
//! such a request goes no further. It must not know what is asked.

use crate::{auth::keys::Keys, domain::Millis};
use std::net::{IpAddr, Ipv6Addr};

/// How long it is good for, in milliseconds: the clocks of two nodes may differ.
const TTL_MS: i64 = 5 * 60 * 1000;
/// No other message under this key begins so.
const KIND: &[u8; 9] = b"forwarded";
/// The kind, the address, and when it ends.
const MESSAGE_BYTES: usize = 9 + 16 + 8;

impl Keys {
    /// Says that a request came from this address.
    pub(crate) fn write_forwarded(&self, from: IpAddr, now: Millis) -> String {
        let address = match from {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        let ends_at = (now + TTL_MS).0.to_be_bytes();
        self.write_signed(&[&KIND[..], &address.octets(), &ends_at].concat())
    }

    /// From where a request came to the node that sent it on; none where no node wrote that, or long ago.
    pub(crate) fn read_forwarded(&self, text: &str, now: Millis) -> Option<IpAddr> {
        let message = self.read_signed::<MESSAGE_BYTES>(text)?;
        let (address, ends_at) = message.strip_prefix(KIND)?.split_first_chunk::<16>()?;
        let ends_at = Millis(i64::from_be_bytes(ends_at.try_into().ok()?));
        (now < ends_at).then(|| Ipv6Addr::from(*address).to_canonical())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretKey;

    fn keys(secret: &str) -> Keys {
        Keys::new(&SecretKey::given(secret.to_owned()), None)
    }

    #[test]
    fn a_node_believes_another_for_a_while() {
        let keys = keys("one");
        for from in ["192.0.2.7", "2001:db8::7"] {
            let from: IpAddr = from.parse().unwrap();
            let text = keys.write_forwarded(from, Millis(1_000));
            assert_eq!(keys.read_forwarded(&text, Millis(TTL_MS + 999)), Some(from));
            assert_eq!(keys.read_forwarded(&text, Millis(TTL_MS + 1_000)), None);
        }
    }

    #[test]
    fn what_no_node_wrote_is_not_believed() {
        let text = keys("one").write_forwarded(IpAddr::from([192, 0, 2, 7]), Millis(0));
        assert_eq!(keys("two").read_forwarded(&text, Millis(1)), None);
        for place in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(keys("one").read_forwarded(&forged, Millis(1)), None, "at {place}");
        }
        assert_eq!(keys("one").read_forwarded("", Millis(1)), None);
    }
}
