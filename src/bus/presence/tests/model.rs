//! Four nodes say at random who is in their rooms, die, and are cleared; after each step Redis and a small model of it agree.

use super::super::{
    calls::Calls,
    place::{AT_ONCE, Saying},
};
use crate::{
    bus::redis::samples,
    domain::{BootId, StreamId, UserId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const NODES: usize = 4;
const ACCOUNTS: usize = 25;
const STEPS: usize = 1_500;
/// None dies of its own in this test.
const LIFE: Duration = Duration::from_secs(600);

/// Numbers that look random and are the same for the same seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize % end
    }

    fn some_of<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        (0..self.below(4)).map(|_| all[self.below(all.len())]).collect()
    }
}

/// Who a node has said is in a room.
#[derive(Default)]
struct Share {
    accounts: BTreeSet<UserId>,
    guests: u64,
}

type Shares = BTreeMap<BootId, BTreeMap<StreamId, Share>>;

struct World {
    calls: Calls,
    random: Random,
    accounts: Vec<UserId>,
    rooms: [StreamId; 2],
    living: Vec<BootId>,
    dead: Vec<BootId>,
    shares: Shares,
}

impl World {
    async fn is_born(&mut self) {
        let node = BootId::new();
        let beat = self.calls.beat(node, "{}", LIFE, true).await.unwrap().expect("it lives");
        self.living.push(node);
        assert_eq!(beat.living as usize, self.living.len() + self.dead.len(), "none is late yet");
    }

    async fn step(&mut self) {
        match self.random.below(20) {
            0 => self.dies().await,
            1 | 2 => self.is_cleared().await,
            3 => self.clears_a_living_one().await,
            _ => self.says().await,
        }
    }

    async fn says(&mut self) {
        let node = self.living[self.random.below(NODES)];
        let stream = self.rooms[self.random.below(2)];
        let come = self.random.some_of(&self.accounts);
        let mut gone = self.random.some_of(&self.accounts);
        gone.retain(|account| !come.contains(account));
        let guests = self.random.below(4) as u64;
        let share = self.shares.entry(node).or_default().entry(stream).or_default();
        share.accounts.extend(&come);
        share.accounts.retain(|account| !gone.contains(account));
        share.guests = guests;
        let saying = Saying { come, gone, guests, ..Saying::default() };
        let total = self.calls.say(node, None, stream, &saying).await.unwrap().expect("it lives");
        assert_eq!(total.viewers, self.viewers(stream));
    }

    async fn dies(&mut self) {
        let node = self.living.swap_remove(self.random.below(NODES));
        self.calls.die(node).await.unwrap();
        self.dead.push(node);
        assert_eq!(self.calls.beat(node, "{}", LIFE, false).await.unwrap(), None);
        let saying = Saying { guests: 9, ..Saying::default() };
        assert_eq!(self.calls.say(node, None, self.rooms[0], &saying).await.unwrap(), None);
        self.is_born().await;
    }

    async fn is_cleared(&mut self) {
        let Some(&node) = self.dead.first() else { return };
        let rooms = self.calls.rooms_of(node).await.unwrap();
        let shares = self.shares.entry(node).or_default();
        shares.retain(|_, share| !share.accounts.is_empty() || share.guests > 0);
        let left: BTreeSet<String> = shares.keys().map(StreamId::to_string).collect();
        assert_eq!(rooms.iter().cloned().collect::<BTreeSet<_>>(), left);
        match rooms.first() {
            Some(room) => {
                assert_eq!(self.calls.clear(node, room).await.unwrap(), Some(0));
                shares.remove(&room.parse::<StreamId>().unwrap());
            }
            None => {
                self.calls.forget(node).await.unwrap();
                self.dead.remove(0);
            }
        }
    }

    async fn clears_a_living_one(&mut self) {
        let node = self.living[self.random.below(NODES)];
        assert_eq!(self.calls.clear(node, &self.rooms[0].to_string()).await.unwrap(), None);
    }

    fn accounts_in(&self, stream: StreamId) -> BTreeSet<UserId> {
        let shares = self.shares.values().filter_map(|rooms| rooms.get(&stream));
        shares.flat_map(|share| share.accounts.iter().copied()).collect()
    }

    fn guests_in(&self, stream: StreamId) -> u64 {
        self.shares.values().filter_map(|rooms| rooms.get(&stream)).map(|share| share.guests).sum()
    }

    fn viewers(&self, stream: StreamId) -> u64 {
        self.accounts_in(stream).len() as u64 + self.guests_in(stream)
    }

    async fn agrees(&mut self) {
        let expected = self.rooms.map(|room| self.viewers(room));
        let looked = self.calls.look(&self.rooms).await.unwrap();
        assert_eq!(looked.iter().map(|total| total.viewers).collect::<Vec<_>>(), expected);

        let mut top: Vec<_> =
            self.rooms.into_iter().zip(expected).filter(|(_, viewers)| *viewers > 0).collect();
        top.sort_by_key(|&(room, viewers)| std::cmp::Reverse((viewers, room.to_string())));
        assert_eq!(self.calls.top(10).await.unwrap(), top);

        for room in self.rooms {
            let (mut found, mut after) = (BTreeSet::new(), None);
            loop {
                let page = self.calls.page(room, after, 4).await.unwrap();
                assert_eq!(page.guests, self.guests_in(room));
                assert!(
                    page.accounts.is_sorted()
                        && page.accounts.first().is_none_or(|first| Some(*first) > after)
                );
                let Some(&last) = page.accounts.last() else { break };
                found.extend(page.accounts);
                after = Some(last);
            }
            assert_eq!(found, self.accounts_in(room));
        }
    }
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn redis_has_what_all_nodes_have_said_after_each_step() {
    for seed in 1..=3 {
        let redis = samples::redis();
        let calls = Calls::new(redis.commands(), BootId::new());
        let mut world = World {
            calls,
            random: Random(seed),
            accounts: std::iter::repeat_with(UserId::new).take(ACCOUNTS).collect(),
            rooms: [StreamId::new(), StreamId::new()],
            living: Vec::new(),
            dead: Vec::new(),
            shares: Shares::new(),
        };
        for _ in 0..NODES {
            world.is_born().await;
        }
        for step in 0..STEPS {
            world.step().await;
            if step % 5 == 0 {
                world.agrees().await;
            }
        }
        assert!(world.shares.len() > NODES, "seed {seed}: some have died");
    }
}

#[actix::test]
#[ignore = "needs redis-server"]
async fn what_a_dead_node_has_left_goes_in_parts_and_counts_until_the_last_is_gone() {
    let redis = samples::redis();
    let calls = Calls::new(redis.commands(), BootId::new());
    let (dead, other, room) = (BootId::new(), BootId::new(), StreamId::new());
    for node in [dead, other] {
        calls.beat(node, "{}", LIFE, true).await.unwrap();
    }
    let come: Vec<UserId> = std::iter::repeat_with(UserId::new).take(AT_ONCE).collect();
    for come in [come, vec![UserId::new()]] {
        calls.say(dead, None, room, &Saying { come, ..Saying::default() }).await.unwrap();
    }
    calls.say(other, None, room, &Saying { guests: 1, ..Saying::default() }).await.unwrap();

    calls.die(dead).await.unwrap();
    assert_eq!(calls.clear(dead, &room.to_string()).await.unwrap(), Some(1));
    assert_eq!(calls.look(&[room]).await.unwrap()[0].viewers, AT_ONCE as u64 + 2, "not by halves");
    assert_eq!(calls.clear(dead, &room.to_string()).await.unwrap(), Some(0));
    assert_eq!(calls.look(&[room]).await.unwrap()[0].viewers, 1);
}
