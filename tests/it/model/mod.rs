//! Random acts of many people, against the real server and against a model of it: after each act the answers agree, and
//! every so often all that can be seen.
//!
//! `LIVEHOUSE_MODEL_ACTS` says how many acts (150), `LIVEHOUSE_MODEL_SEEDS` with how many seeds (3), `LIVEHOUSE_MODEL_SEED`
//! with which one first (1). A failure prints its seed and all that was done.

mod acts;
mod channel;
mod house;
mod look;
mod world;

use crate::tools::Dice;
use acts::Who;
use house::House;

/// How many acts on a stream that is over, before there is another one.
const AFTERGLOW: usize = 15;

#[tokio::test]
async fn whatever_many_people_do_the_server_and_the_model_agree() {
    let first = number("LIVEHOUSE_MODEL_SEED", 1);
    for seed in first..first + number("LIVEHOUSE_MODEL_SEEDS", 3) {
        perform(seed, number("LIVEHOUSE_MODEL_ACTS", 150)).await;
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn perform(seed: u64, acts: u64) {
    let mut script = Script { seed, lines: Vec::new() };
    let mut dice = Dice::new(seed);
    let mut house = House::open().await;
    let mut since_the_end = 0;
    for number in 0..acts as usize {
        match dice.below(40) {
            0 => {
                script.note("the server restarts", None);
                house.restart(&mut dice).await;
            }
            1..4 => house.coming_and_going(&mut dice, &mut script).await,
            _ => {}
        }
        let (who, act) = acts::next(&mut dice, &house.world, number);
        let by_socket = dice.below(2) == 0;
        script.note(&format!("{act:?}{}", if by_socket { " by socket, if there is one" } else { "" }), who);
        house.carry_out(who, &act, by_socket).await;
        if dice.below(12) == 0 {
            house.look_around(&mut dice).await;
        }
        since_the_end += usize::from(house.world.status == "ended");
        if since_the_end > AFTERGLOW {
            script.note("a new stream", None);
            house.look_around(&mut dice).await;
            house.next_stream().await;
            since_the_end = 0;
        }
    }
    house.look_around(&mut dice).await;
    house.close().await;
}

/// What was done so far; told when the test fails.
pub struct Script {
    seed: u64,
    lines: Vec<String>,
}

impl Script {
    fn note(&mut self, what: &str, who: Who) {
        let who = who.map_or("-".to_owned(), |who| format!("u{who}"));
        self.lines.push(format!("{:4} {who} {what}", self.lines.len()));
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, after\n{}", self.seed, self.lines.join("\n"));
        }
    }
}
