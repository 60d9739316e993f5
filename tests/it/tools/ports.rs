//! Where a house answers: at one server, or at several, of which each call takes one by chance. It knows no call.
//!
//! What one node has answered holds there from then on, and on the others within a second: whoever goes elsewhere with the
//! next call gives them that second, as the contract does.

use super::Dice;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// In which what one node has done holds on all.
const EVERYWHERE_WITHIN: Duration = Duration::from_secs(1);
/// One call of so many goes elsewhere although it has to wait for that.
const PATIENT: u64 = 4;

/// Cheap to clone; all clones throw the same dice.
#[derive(Clone, Debug)]
pub struct Ports(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ports: Vec<u16>,
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    /// When each answered last that it has changed something.
    changed: HashMap<u16, Instant>,
}

impl Ports {
    /// One server's.
    pub fn one(port: u16) -> Ports {
        Ports::of(vec![port])
    }

    /// Those of all servers of a house. `LIVEHOUSE_TEST_NODES_SEED` repeats what a failure printed.
    pub fn of(ports: Vec<u16>) -> Ports {
        let given = std::env::var("LIVEHOUSE_TEST_NODES_SEED");
        let seed = given.map_or_else(
            |_| uuid::Uuid::now_v7().as_u64_pair().1 % 1_000_000,
            |text| text.parse().expect("LIVEHOUSE_TEST_NODES_SEED is a number"),
        );
        let state = Mutex::new(State { dice: Dice::new(seed), changed: HashMap::new() });
        Ports(Arc::new(Inner { ports, seed, state }))
    }

    /// The port of any of them, which may not know yet what another one has just answered.
    pub fn any(&self) -> u16 {
        self.0.any(&mut self.state())
    }

    /// The port of any of them, once it knows what others have answered.
    pub async fn settled(&self) -> u16 {
        let (port, wait) = self.choose();
        sleep(wait).await;
        port
    }

    /// Waits until one of them knows what others have answered.
    pub async fn settle(&self, port: u16) {
        let wait = self.state().wait_of(port);
        sleep(wait).await;
    }

    fn choose(&self) -> (u16, Duration) {
        let mut state = self.state();
        let port = self.0.any(&mut state);
        let is_settled = |port: &&u16| state.wait_of(**port).is_zero();
        let settled = self.all().iter().find(is_settled).copied();
        match settled {
            Some(settled) if !state.wait_of(port).is_zero() && state.dice.below(PATIENT) > 0 => {
                (settled, Duration::ZERO)
            }
            _ => (port, state.wait_of(port)),
        }
    }

    /// One of them has answered something that changed the house.
    pub fn changed(&self, port: u16) {
        self.state().changed.insert(port, Instant::now());
    }

    /// All of them.
    pub fn all(&self) -> &[u16] {
        &self.0.ports
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nobody panics with the dice in hand")
    }
}

impl State {
    /// How long it takes until a node knows what all others have answered.
    fn wait_of(&self, port: u16) -> Duration {
        let others = self.changed.iter().filter(|(changed, _)| **changed != port);
        others.map(|(_, at)| EVERYWHERE_WITHIN.saturating_sub(at.elapsed())).max().unwrap_or_default()
    }
}

impl Inner {
    fn any(&self, state: &mut State) -> u16 {
        match self.ports[..] {
            [port] => port,
            _ => self.ports[state.dice.below(self.ports.len() as u64) as usize],
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if std::thread::panicking() && self.ports.len() > 1 {
            eprintln!("nodes at {:?}: LIVEHOUSE_TEST_NODES_SEED={}", self.ports, self.seed);
        }
    }
}
