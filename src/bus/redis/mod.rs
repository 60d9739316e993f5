//! The bus over Redis or Valkey: pub/sub between the nodes, and commands for what they count together.
//! It must not know what the words mean, nor what is counted.

mod address;
mod backoff;
pub(crate) mod commands;
pub(super) mod message;
pub(crate) mod names;
mod probe;
#[cfg(test)]
pub(crate) mod samples;

pub(crate) use commands::{Away, COMMAND_MAX, Commands};
