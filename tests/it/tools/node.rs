//! One server in this process: its own thread, ports chosen by the system. It knows no other.

use livehouse::{
    config::Config,
    server::{self, Left, Stopper},
};
use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
};

pub struct Node {
    pub port: u16,
    pub ops_port: u16,
    stopper: Stopper,
    thread: JoinHandle<Left>,
}

impl Node {
    /// Starts a server, and is back when it answers.
    pub fn start(config: Config) -> Node {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix::System::new().block_on(async move {
                let server = server::bind(config).await.expect("the server starts");
                let ops_port = server.ops_port().expect("a port of its own");
                tell.send((server.port(), ops_port, server.stopper())).expect("the test waits");
                server.run().await.expect("the server stops in order")
            })
        });
        let (port, ops_port, stopper) = told.recv().expect("the server starts");
        Node { port, ops_port, stopper, thread }
    }

    /// Tells it to stop, and does not wait.
    pub fn begin_to_stop(&self) {
        self.stopper.stop();
    }

    /// Waits until it has stopped: what was left behind.
    pub fn join(self) -> Left {
        self.thread.join().expect("the server does not panic")
    }
}
