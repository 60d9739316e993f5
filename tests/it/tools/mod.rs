//! What the tests are made of: servers, people and sockets whose methods are verbs. It knows no story.

pub mod client;
pub mod lossy;
pub mod program;
pub mod raw_socket;
pub mod running;
pub mod server;
pub mod sqlite;
pub mod story;
pub mod viewer;
pub mod writer;

pub use client::{Answer, Client, User};
pub use lossy::LossyDisk;
pub use program::{Ended, Place};
pub use raw_socket::{Raw, RawFrame};
pub use running::{Running, SERVE, Signal};
pub use server::{PASSWORD, TestServer};
pub use sqlite::Sqlite;
pub use story::{Dice, Story};
pub use viewer::{PATIENCE, Viewer};
pub use writer::{Acked, Pace, Writer};
