//! What must hold of any offer at all, for the fuzz target and the tests.
//! It must not know what an offer should say.

use super::{Acceptor, Addresses, Role};
use crate::media::handle::Refused;
use std::net::{Ipv4Addr, SocketAddr};

/// Longer than an offer by no more than this: our addresses, our names and the codecs of ours.
const ANSWER_BYTES: usize = 8192;

/// Answers an offer of a publisher and of a viewer, or refuses it in words that do not repeat it. Nothing of it gets further.
///
/// # Panics
/// When that does not hold.
pub fn withstand_offer(offer: &str) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let addresses = Addresses::new(&[], address).expect("one address is enough");
    let acceptor = Acceptor::new(addresses, true).expect("a certificate can be made");
    for role in [Role::Publisher, Role::Viewer] {
        match acceptor.accept(role, offer) {
            Ok(accepted) => {
                assert!(accepted.answer.contains(&format!("a=ice-ufrag:{}", accepted.ufrag)));
                assert!(accepted.answer.len() <= offer.len() * 2 + ANSWER_BYTES, "{}", accepted.answer);
                assert_eq!(
                    accepted.answer.matches("a=candidate:").count() % 2,
                    0,
                    "ours alone, by UDP and TCP"
                );
            }
            Err(Refused::Sdp(why) | Refused::Codec(why)) => {
                assert!(why.len() < 80 && !why.contains("0x") && !why.contains('\n'), "{why}");
            }
            Err(Refused::NoCommonCodec) => {}
            Err(refused) => panic!("{refused:?}"),
        }
    }
}
