//! Peer connections by WebRTC: offers and answers, datagrams, packets.
//! It must not know streams, nor who publishes or views what.

mod addresses;
mod demux;
pub(crate) mod fuzz_harness;
mod layers;
mod offer;
mod offer_limits;
mod path;
mod peer;
mod table;
mod tcp;
mod udp;

pub(crate) use addresses::Addresses;
pub(crate) use offer::{Accepted, Acceptor, Role, random_hex};
pub(crate) use table::{Happened, PeerTable};
pub(crate) use tcp::{Tcp, TcpEvent, bind as bind_tcp};
pub(crate) use udp::{Udp, bind as bind_udp};
