//! A stream and what is done in it: comments, pins, polls, questions, its log.

mod abandoned;
mod comments;
mod events;
mod export;
mod play;
mod questions;
pub mod sse;
mod stream;
mod visibility;
