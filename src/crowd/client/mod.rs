//! One socket of the crowd: how it gets in, what it hears and says, and whether that is right.
//! It must not know how many there are.

pub mod cache;
pub mod commenter;
pub mod context;
pub mod frame;
pub mod frames;
pub mod handshake;
pub mod ledger;
pub mod link;
pub mod reactions;
pub mod slow;
pub mod socket;
pub mod stamp;
