//! The program itself, run on a port of its own, so that it can be stopped and started again under a page.
//! It must not know the page.

use super::cdp::PATIENCE;
use crate::program::Place;
use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The file of what it says.
const LOG: &str = "log";

/// A running Livehouse; ends when dropped.
pub struct House {
    place: Place,
    address: SocketAddr,
    settings: &'static [(&'static str, &'static str)],
    child: Child,
}

impl House {
    /// Opens one with its own data and these settings.
    pub async fn open(settings: &'static [(&'static str, &'static str)]) -> Self {
        let address = TcpListener::bind((own_host(), 0)).and_then(|l| l.local_addr()).expect("a free port");
        let place = Place::new();
        let child = start(&place, address, settings);
        let house = Self { place, address, settings, child };
        house.ready().await;
        house
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it has logged since it was opened.
    pub fn log(&self) -> String {
        fs::read_to_string(self.place.path(LOG)).expect("its log is text")
    }

    /// Ends it as a crash does.
    pub fn crash(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ends");
    }

    /// Starts it again over the same data, at the same address.
    pub async fn restart(&mut self) {
        self.child = start(&self.place, self.address, self.settings);
        self.ready().await;
    }

    async fn ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        let url = self.url("/health/ready");
        while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(Instant::now() < deadline, "the server did not become ready");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.log());
        }
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A host of its own on the loopback where it has many: pictures have ports that are always the same.
fn own_host() -> Ipv4Addr {
    match cfg!(target_os = "linux") {
        true => {
            let [.., a, b, c] = uuid::Uuid::now_v7().into_bytes();
            Ipv4Addr::new(127, a, b, c.clamp(1, 254))
        }
        false => Ipv4Addr::LOCALHOST,
    }
}

fn start(place: &Place, address: SocketAddr, settings: &[(&str, &str)]) -> Child {
    let arguments =
        format!("serve --listen {address} --ops-listen 127.0.0.1:0 --data-dir data --workers 1 --log info");
    let mut command = place.command(&arguments);
    let log = File::options().create(true).append(true).open(place.path(LOG)).expect("a file for its log");
    command.envs(settings.iter().copied()).stdin(Stdio::null()).stderr(log);
    command.spawn().expect("the program starts")
}
