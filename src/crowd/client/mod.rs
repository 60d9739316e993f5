//! One socket of the crowd: how it gets in, what it hears and says, and whether that is right.
//! It must not know how many there are.

pub(super) mod cache;
pub(super) mod commenter;
pub(super) mod context;
pub(super) mod frames;
pub(super) mod handover;
pub(super) mod ledger;
pub(super) mod reactions;
pub(super) mod reader;
pub(super) mod slow;
pub(super) mod socket;
