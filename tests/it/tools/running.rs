//! The `livehouse` program as it serves: a process of its own, that can be killed as a power cut kills.

use super::{Client, PATIENCE, Place, Ports, value_in};
pub use rustix::process::Signal;
use std::{
    io::{BufRead, BufReader},
    panic::Location,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

/// Serves from the directory `data`, without limits, on ports that the system chooses.
pub const SERVE: &str = "--listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --media-listen 127.0.0.1:0 \
    --rtmp-listen 127.0.0.1:0 --data-dir data --limits off";

/// How long it may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A server in another process; it ends with its test.
pub struct Running {
    child: Child,
    port: u16,
    log: watch::Sender<Vec<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves from the directory `data` of a place, without limits, and is ready.
    pub fn start(place: &Place, environment: &[(&str, &str)]) -> Running {
        let mut command = place.command(SERVE);
        command.envs(environment.iter().copied());
        Running::begin(command)
    }

    /// The same with so many file descriptors at first, and at most.
    pub fn start_with_descriptors(place: &Place, soft: u64, hard: u64) -> Running {
        Running::begin(place.command_with_descriptors(SERVE, soft, hard))
    }

    /// Whatever serves by this command, ready.
    pub fn begin(mut command: Command) -> Running {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let log = watch::Sender::new(Vec::new());
        let (tell, told) = mpsc::channel();
        let heard = log.clone();
        let listener = thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let port = port_in(&line);
                heard.send_modify(|lines| lines.push(line));
                // The second time nobody waits.
                _ = port.map(|port| tell.send(port));
            }
        });
        let mut running = Running { child, port: 0, log, listener: Some(listener) };
        let port = told.recv_timeout(READY_WITHIN);
        running.port = port.unwrap_or_else(|_| panic!("it is not ready: {:#?}", running.log.borrow()));
        running
    }

    /// A line of `/proc/PID/status` that is a size, in bytes.
    #[cfg(target_os = "linux")]
    pub fn size(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel says so");
        let kib: String = line.chars().filter(char::is_ascii_digit).collect();
        kib.parse::<u64>().expect("a number") * 1024
    }

    /// The port of the site.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port for operators.
    fn ops_port(&self) -> u16 {
        let log = self.log.borrow();
        let address =
            log.iter().find_map(|line| line.split("operators: http://").nth(1)).expect("it is logged");
        address.trim().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// A number that operators read.
    pub async fn metric(&self, name: &str) -> i64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.ops_port());
        let metrics = reqwest::get(url).await.expect("operators are answered");
        value_in(&metrics.text().await.expect("metrics are text"), name)
    }

    /// Waits until it has logged a line with this, and gives the line.
    #[track_caller]
    pub fn says(&self, part: &str) -> impl Future<Output = String> {
        let at = Location::caller();
        async move {
            let is_it = |line: &&String| line.contains(part);
            let mut log = self.log.subscribe();
            match timeout(PATIENCE, log.wait_for(|lines| lines.iter().any(|line| is_it(&line)))).await {
                Ok(Ok(lines)) => lines.iter().find(is_it).cloned().expect("it was just there"),
                _ => panic!("{at}: {part:?} is not in {:#?}", self.log.borrow()),
            }
        }
    }

    /// Somebody without an account.
    pub fn guest(&self) -> Client {
        Client::new(reqwest::Client::new(), Ports::one(self.port))
    }

    /// SIGTERM, as a service manager sends it.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Any signal.
    pub fn signal(&self, signal: Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// Stops it in order. What it had logged.
    pub fn stop(mut self) -> Vec<String> {
        self.terminate();
        assert_eq!(
            self.child.wait().expect("it can be waited for").code(),
            Some(0),
            "{:#?}",
            self.log.borrow()
        );
        self.end();
        self.log.send_replace(Vec::new())
    }

    /// Waits for its end, and gives the exit code.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("it can be waited for").code()
    }

    /// SIGKILL, to this process alone. What it had logged.
    pub fn kill(mut self) -> Vec<String> {
        self.end();
        self.log.send_replace(Vec::new())
    }

    fn end(&mut self) {
        // It may have ended by itself, which the test will find out from what it left.
        _ = self.child.kill();
        _ = self.child.wait();
        if let Some(listener) = self.listener.take() {
            listener.join().expect("the log is text");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn port_in(line: &str) -> Option<u16> {
    let address = line.split("ready: http://").nth(1)?.split(',').next()?;
    address.rsplit(':').next()?.parse().ok()
}
