//! What happens to a stream inside one database transaction, whoever asks, and how it is told afterwards.
//! It must not know of actors' states, requests or sockets.

pub(crate) mod access;
pub(crate) mod acts;
pub(crate) mod bans;
pub(crate) mod channel;
pub(crate) mod effects;
pub(crate) mod fault;
pub(crate) mod load;
pub(crate) mod publish;
pub(crate) mod transaction;
pub(crate) mod words;

pub(crate) use access::{Access, Act, account_named};
pub(crate) use channel::{ChannelAct, ChannelEffects, ChannelOf};
pub(crate) use effects::{Effects, Notice, Publication, SignedOut, Stored};
pub(crate) use fault::Fault;
pub(crate) use transaction::Transactions;
