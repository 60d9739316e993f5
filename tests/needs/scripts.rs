//! The tests of the page's modules that need no browser: node's own test runner over `tests/js`.

use crate::need::{self, Need};
use libtest_mimic::Trial;
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    need::tests![[Node]: the_scripts_of_the_page_keep_their_word]
}

async fn the_scripts_of_the_page_keep_their_word() {
    let node = Need::Node.found().expect("a node");
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/js");
    let output = Command::new(node).args(["--test", "--test-reporter=tap"]).current_dir(tests).output();
    let output = output.expect("node starts");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = !output.status.success() || !told.contains("# fail 0") || told.contains("# pass 0");
    assert!(!failed, "{told}");
}
