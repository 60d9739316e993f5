//! A redis-server of one's own, on a free port of the loopback; it ends with its value. It must not know what is kept there.

use crate::config::RedisUrl;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub(crate) struct Server {
    child: Child,
    port: u16,
    directory: PathBuf,
}

impl Server {
    pub(crate) fn start() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let directory = std::env::temp_dir().join(format!("livehouse-redis-{free}"));
        std::fs::create_dir_all(&directory).unwrap();
        let child = spawn(free, &directory);
        Self { child, port: free, directory }
    }

    pub(crate) fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// It takes connections and answers nothing.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// At once, without a word to anybody.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Again at the same port, and it has forgotten all.
    pub(crate) fn return_empty(&mut self) {
        self.child = spawn(self.port, &self.directory);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        _ = self.child.kill();
        _ = self.child.wait();
        _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn spawn(port: u16, directory: &PathBuf) -> Child {
    let port_text = port.to_string();
    let arguments = ["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let child =
        Command::new("redis-server").args(arguments).current_dir(directory).stdout(Stdio::null()).spawn();
    let child = child.expect("a redis-server in PATH");
    let begun = Instant::now();
    while answer(port).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the redis-server does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn answer(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut pong = [0; 7];
    stream.read_exact(&mut pong).ok()?;
    (&pong == b"+PONG\r\n").then_some(())
}
