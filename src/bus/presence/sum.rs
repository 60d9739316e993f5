//! How many watch a room over all nodes, as far as one of them knows: the last total it has heard, and how many more or fewer
//! are here than that one counts. It must not ask anybody, nor read the clock.

use crate::wire::read;
use serde::Deserialize;

/// What all nodes have in a room at one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Total {
    /// Each account once, on however many nodes it is, and each guest's socket.
    pub viewers: u64,
    /// Counts the changes of all rooms of the house: the greater, the later.
    pub turn: u64,
}

impl Total {
    /// Whether words of another node say this, and nothing that was stored: they begin with a brace then.
    pub(crate) fn is_in(words: &[u8]) -> bool {
        words.first() == Some(&b'{')
    }

    /// As the script has written it. None where it is something else, as a later version may write it.
    pub(crate) fn read(words: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
            #[serde(flatten)]
            total: Total,
        }
        read::text::<Versioned>(words).ok().filter(|read| read.v == 1).map(|read| read.total)
    }
}

/// The last total, and how many of this node are in it.
#[derive(Debug, Default)]
pub(super) struct Sum {
    total: Option<Total>,
    /// How many of this node are in the total.
    counted: u64,
    /// From when something is said here until that is answered: whether it is in what is heard meanwhile, nobody can tell.
    is_saying: bool,
    /// The latest that was heard meanwhile.
    heard: Option<Total>,
    /// How many totals were believed so far.
    believed: u64,
}

impl Sum {
    /// What is shown where so many are here: never fewer.
    pub(super) fn shown(&self, here: u64) -> u64 {
        let Some(total) = self.total else { return here };
        (total.viewers + here).saturating_sub(self.counted).max(here)
    }

    /// Something is being said of who is here.
    pub(super) fn say(&mut self) {
        self.is_saying = true;
    }

    /// It has been said, and with it that so many are here; the total has them. Till then it may be tried often.
    pub(super) fn said(&mut self, counted: u64, total: Total) {
        self.is_saying = false;
        self.counted = counted;
        self.believe(total);
        if let Some(heard) = self.heard.take() {
            self.believe(heard);
        }
    }

    /// Another node has changed the total.
    pub(super) fn hear(&mut self, total: Total) {
        match self.is_saying {
            true => self.heard = self.heard.filter(|heard| heard.turn > total.turn).or(Some(total)),
            false => self.believe(total),
        }
    }

    fn believe(&mut self, total: Total) {
        if self.total.is_none_or(|known| known.turn < total.turn) {
            self.total = Some(total);
            self.believed += 1;
        }
    }

    /// Where it stands now, for [`Sum::look`].
    pub(super) fn mark(&self) -> u64 {
        self.believed
    }

    /// The total was looked for from `mark` on. It holds whatever its turn, for turns begin anew where Redis does; but not where
    /// something was heard since, which may be later.
    pub(super) fn look(&mut self, total: Total, mark: u64) {
        if !self.is_saying && self.believed == mark {
            self.total = Some(total);
        }
    }

    /// All must be said again, and turns may begin anew. The last total is shown till that is answered.
    pub(super) fn begin_anew(&mut self) {
        self.is_saying = true;
        self.heard = None;
        self.total = self.total.map(|total| Total { turn: 0, ..total });
    }

    /// The last total is too old to be shown.
    pub(super) fn forget(&mut self) {
        (self.total, self.heard) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(viewers: u64, turn: u64) -> Total {
        Total { viewers, turn }
    }

    /// Three are here and five elsewhere, all of whom are known everywhere.
    fn known() -> Sum {
        let mut sum = Sum::default();
        sum.say();
        sum.said(3, total(8, 10));
        sum
    }

    #[test]
    fn words_of_another_version_are_none() {
        assert_eq!(Total::read(br#"{"v":1,"viewers":8,"turn":10,"else":[]}"#), Some(total(8, 10)));
        for other in [r#"{"v":2,"viewers":8,"turn":10}"#, r#"{"v":1,"viewers":-1,"turn":10}"#, "{", "{}"] {
            assert_eq!(Total::read(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_node_that_heard_nothing_shows_its_own() {
        assert_eq!(Sum::default().shown(3), 3);
    }

    #[test]
    fn who_comes_and_goes_here_is_shown_at_once() {
        let sum = known();
        assert_eq!([sum.shown(3), sum.shown(5), sum.shown(2)], [8, 10, 7]);
    }

    #[test]
    fn it_is_never_below_those_who_are_here() {
        let mut sum = known();
        sum.hear(total(1, 11));
        assert_eq!(sum.shown(3), 3, "what was heard is of a moment before");
        assert_eq!(sum.shown(0), 0);
    }

    #[test]
    fn what_is_heard_while_something_is_being_said_counts_nobody_twice() {
        let mut sum = known();
        sum.say();
        sum.hear(total(11, 13));
        sum.hear(total(10, 12));
        assert_eq!(sum.shown(5), 10, "two came, and it is not known whether they are in it");
        sum.said(5, total(10, 12));
        assert_eq!(sum.shown(5), 11, "they are, and one more came elsewhere");
    }

    #[test]
    fn an_answer_that_is_late_does_not_undo_what_was_heard() {
        let mut sum = known();
        sum.hear(total(9, 12));
        sum.hear(total(7, 11));
        assert_eq!(sum.shown(3), 9);
        sum.say();
        sum.said(4, total(9, 11));
        assert_eq!(sum.shown(4), 9);
    }

    #[test]
    fn a_look_finds_what_was_not_heard_also_where_turns_began_anew() {
        let mut sum = known();
        sum.look(total(6, 1), sum.mark());
        assert_eq!(sum.shown(3), 6);
        sum.hear(total(7, 2));
        assert_eq!(sum.shown(3), 7);
    }

    #[test]
    fn a_look_does_not_undo_what_was_heard_since_it_began() {
        let mut sum = known();
        let mark = sum.mark();
        sum.hear(total(9, 11));
        sum.look(total(8, 10), mark);
        assert_eq!(sum.shown(3), 9);
        sum.say();
        sum.look(total(20, 12), sum.mark());
        assert_eq!(sum.shown(3), 9, "nobody knows who of this node is in it");
    }

    #[test]
    fn who_is_taken_for_dead_shows_what_it_knew_until_all_is_said_again() {
        let mut sum = known();
        sum.begin_anew();
        sum.hear(total(5, 1));
        assert_eq!(sum.shown(4), 9);
        sum.said(4, total(9, 2));
        assert_eq!(sum.shown(4), 9);
        sum.hear(total(10, 3));
        assert_eq!(sum.shown(4), 10);
    }

    #[test]
    fn what_is_too_old_is_shown_no_more() {
        let mut sum = known();
        sum.forget();
        assert_eq!(sum.shown(3), 3);
    }
}
