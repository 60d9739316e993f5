//! Operator work on the database, also while a server runs on it: the server looks for what was revoked twice a second.
//! It must not know of HTTP, and it never takes a password as an argument, where every process could read it.

mod command;
pub(crate) mod orders;
mod password;
mod show;

pub use command::{AdminArgs, exit_code, run};
