//! Several nodes as real processes, which are killed, frozen and cut off while people write and read on all of them. No
//! test hangs on how long something takes: they wait with a deadline, and print what they measured (`figure: …`).
//!
//! `LIVEHOUSE_TEST_KILLS` is how often a node is killed (3), and `LIVEHOUSE_TEST_OLD_BINARY` is the program that is upgraded. Each
//! test has a PostgreSQL and a Redis of its own.

mod acts;
mod author;
mod away;
mod bans;
mod channels;
mod counts;
mod deaths;
mod ends;
mod faults;
pub mod figures;
pub mod house;
mod load;
mod notes;
mod proxy;
mod reader;
mod restore;
mod services;
mod tries;
mod upgrades;
mod ways;

use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    let tests = [
        acts::tests(),
        away::tests(),
        bans::tests(),
        channels::tests(),
        counts::tests(),
        deaths::tests(),
        ends::tests(),
        faults::tests(),
        restore::tests(),
        tries::tests(),
        upgrades::tests(),
        ways::tests(),
    ];
    tests.into_iter().flatten().collect()
}
