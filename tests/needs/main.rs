//! The black-box suite's other part: tests that need what a machine may lack. Whether it is there is looked up when they
//! run, so a missing thing is reported as `ignored`, and as a failure where it is required.
#![allow(clippy::unwrap_used)] // a test that finds nothing fails where it looks

mod browser;
mod clock;
mod cluster;
mod deploy;
mod metrics;
mod need;
mod picture;
mod scripts;
#[allow(dead_code, unused_imports)] // shared with the suite that needs nothing
#[path = "../it/tools/mod.rs"]
mod tools;

use libtest_mimic::{Arguments, run};
use tools::program;

fn main() {
    let tests = [
        browser::tests(),
        clock::tests(),
        cluster::tests(),
        deploy::tests(),
        metrics::tests(),
        picture::tests(),
        scripts::tests(),
    ];
    run(&Arguments::from_args(), tests.into_iter().flatten().collect()).exit();
}
