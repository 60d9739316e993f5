//! What every exchange promises, tried on each kind of them. It must not know which kind it is given.

use super::{Exchange, Heard, Topic, ear::Ear};
use crate::domain::{BootId, StreamId};
use bytes::Bytes;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::timeout;

/// One node, as a test has it.
pub(crate) struct Node {
    pub exchange: Arc<dyn Exchange>,
    pub ear: Ear,
    pub boot: BootId,
}

impl Node {
    pub(crate) fn say(&self, topic: Topic, text: &str) {
        self.exchange.say(topic, Bytes::copy_from_slice(text.as_bytes()));
    }

    /// What is heard next, of whatever kind.
    pub(crate) async fn next(&mut self) -> Heard {
        let next = timeout(Duration::from_secs(20), self.ear.next()).await;
        next.expect("nothing is heard").expect("nobody can say anything any more")
    }

    /// The next words.
    pub(crate) async fn words(&mut self) -> (Topic, BootId, String) {
        loop {
            if let Heard::Words { topic, from, words } = self.next().await {
                return (topic, from, String::from_utf8(words.to_vec()).unwrap());
            }
        }
    }

    /// All words up to these, which are said to the house.
    pub(crate) async fn words_until(&mut self, last: &str) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let (_, _, words) = self.words().await;
            if words == last {
                return all;
            }
            all.push(words);
        }
    }

    pub(crate) async fn becomes(&mut self, standing: Heard) {
        while self.next().await != standing {}
    }
}

/// Who listens hears it, from whom it is; the others do not, nor does who says it.
pub(crate) async fn who_listens_hears_it_and_nobody_else([mut a, mut b, mut c]: [Node; 3]) {
    let stream = StreamId::new();
    let (mut at_a, mut at_b) = (a.exchange.listen(stream), b.exchange.listen(stream));
    let mut elsewhere = c.exchange.listen(StreamId::new());
    at_a.begun().await;
    at_b.begun().await;
    elsewhere.begun().await;
    a.say(Topic::Stream(stream), "to the stream");
    a.say(Topic::House, "to all");
    assert_eq!(b.words().await, (Topic::Stream(stream), a.boot, "to the stream".to_owned()));
    assert_eq!(b.words().await, (Topic::House, a.boot, "to all".to_owned()));
    assert_eq!(c.words().await, (Topic::House, a.boot, "to all".to_owned()));
    b.say(Topic::House, "back");
    assert_eq!(a.words().await, (Topic::House, b.boot, "back".to_owned()));
}

/// What one node says is heard in its order.
pub(crate) async fn one_speaker_is_heard_in_order([a, mut b, _]: [Node; 3]) {
    let stream = StreamId::new();
    let mut listening = b.exchange.listen(stream);
    listening.begun().await;
    let said: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    said.iter().for_each(|words| a.say(Topic::Stream(stream), words));
    for words in &said {
        assert_eq!(b.words().await.2, *words);
    }
}

/// Nothing from before the listening has begun, and nothing from behind its end.
pub(crate) async fn nothing_from_before_and_nothing_from_behind([a, mut b, _]: [Node; 3]) {
    let stream = StreamId::new();
    let topic = Topic::Stream(stream);
    a.say(topic, "before");
    a.say(Topic::House, "first");
    assert_eq!(b.words_until("first").await, [""; 0]);
    let mut listening = b.exchange.listen(stream);
    listening.begun().await;
    a.say(topic, "meanwhile");
    a.say(Topic::House, "second");
    assert_eq!(b.words_until("second").await, ["meanwhile"]);
    drop(listening);
    a.say(topic, "behind");
    a.say(Topic::House, "third");
    assert_eq!(b.words_until("third").await, [""; 0]);
}

/// One of two who listen at one node goes.
pub(crate) async fn it_ends_with_the_last_listener([a, mut b, _]: [Node; 3]) {
    let stream = StreamId::new();
    let (mut one, mut other) = (b.exchange.listen(stream), b.exchange.listen(stream));
    one.begun().await;
    other.begun().await;
    drop(one);
    a.say(Topic::Stream(stream), "still heard");
    assert_eq!(b.words().await.2, "still heard");
}

/// Where words are lost, repeated and swapped: nothing is heard that was not said, nor by who does not listen.
pub(crate) async fn with_faults_nothing_is_made_up([a, mut b, _]: [Node; 3]) {
    let (stream, other) = (StreamId::new(), StreamId::new());
    let mut listening = b.exchange.listen(stream);
    listening.begun().await;
    let said: BTreeSet<String> = (0..400).map(|number| number.to_string()).collect();
    for words in &said {
        a.say(Topic::Stream(stream), words);
        a.say(Topic::Stream(other), "not for these");
    }
    let end = async {
        loop {
            a.say(Topic::House, "end");
            tokio::task::yield_now().await;
        }
    };
    let heard = tokio::select! {
        heard = b.words_until("end") => heard,
        () = end => unreachable!("it has no end"),
    };
    let different = BTreeSet::from_iter(heard.clone());
    assert!(different.is_subset(&said), "{heard:?}");
    assert!(different.len() < said.len() && different.len() < heard.len(), "some were lost, some came twice");
    assert!(!heard.is_sorted(), "some came late");
}

mod memory {
    use super::*;
    use crate::{
        bus::memory::{Faulty, Neighbours},
        metrics::Metrics,
    };

    fn nodes() -> [Node; 3] {
        let neighbours = Neighbours::default();
        std::array::from_fn(|_| {
            let boot = BootId::new();
            let (exchange, ear) = neighbours.join(boot, Metrics::new());
            Node { exchange, ear, boot }
        })
    }

    fn faulty() -> [Node; 3] {
        nodes().map(|node| Node { exchange: Faulty::over(node.exchange, 42), ..node })
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        who_listens_hears_it_and_nobody_else(nodes()).await;
        one_speaker_is_heard_in_order(nodes()).await;
        nothing_from_before_and_nothing_from_behind(nodes()).await;
        it_ends_with_the_last_listener(nodes()).await;
    }

    #[tokio::test]
    async fn with_faults_it_makes_nothing_up() {
        with_faults_nothing_is_made_up(faulty()).await;
    }

    #[tokio::test]
    async fn a_full_ear_becomes_sure_again() {
        let [a, mut b, _] = nodes();
        (0..5_000).for_each(|number| a.say(Topic::House, &number.to_string()));
        b.becomes(Heard::Sure).await;
        b.becomes(Heard::Sure).await;
    }
}
