//! The black-box suite's other part: tests that need what a machine may lack. Whether it is there is looked up when they
//! run, so a missing thing is reported as `ignored`, and as a failure where it is required.
#![allow(clippy::unwrap_used)] // a test that finds nothing fails where it looks

mod browser;
#[allow(dead_code)] // shared with the suite that needs nothing
#[path = "../it/client.rs"]
mod client;
mod clock;
mod metrics;
mod need;
#[allow(dead_code)] // shared with the suite that needs nothing
#[path = "../it/program.rs"]
mod program;
#[allow(dead_code)] // shared with the suite that needs nothing
#[path = "../it/running.rs"]
mod running;
mod scripts;
#[allow(dead_code)] // shared with the suite that needs nothing
#[path = "../it/server.rs"]
mod server;
#[allow(dead_code)] // shared with the suite that needs nothing
#[path = "../it/viewer.rs"]
mod viewer;

use libtest_mimic::{Arguments, run};

fn main() {
    let tests = [browser::tests(), clock::tests(), metrics::tests(), scripts::tests()];
    run(&Arguments::from_args(), tests.into_iter().flatten().collect()).exit();
}
