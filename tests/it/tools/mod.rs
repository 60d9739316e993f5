//! What the tests are made of: servers, people and sockets whose methods are verbs. It knows no story.

pub mod client;
pub mod lossy;
pub mod node;
pub mod ports;
pub mod program;
pub mod raw_socket;
pub mod receiver;
pub mod running;
pub mod scene;
pub mod server;
pub mod setup;
pub mod sqlite;
pub mod story;
pub mod viewer;
pub mod waiting;
pub mod writer;

pub use client::{Answer, Client, User, id_of};
pub use lossy::LossyDisk;
pub use ports::Ports;
pub use program::{Ended, Place};
pub use raw_socket::{Raw, RawFrame};
pub use receiver::{Came, Manner, Receiver};
pub use running::{Running, SERVE, Signal};
pub use scene::{
    Scene, on_one_node, on_one_node_without_redis, on_sqlite, races, register_all, without_limits,
};
pub use server::{PASSWORD, TestServer, value_in};
pub use setup::Setup;
pub use sqlite::Sqlite;
pub use story::{Dice, Story};
pub use viewer::{Goodbye, Viewer};
pub use waiting::{PATIENCE, until};
pub use writer::{Acked, Pace, Writer};
