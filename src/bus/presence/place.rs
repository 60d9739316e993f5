//! Who of this node is in a room, which of it the others do not know yet, and how many are there over all nodes.
//! It must not send anything.

use super::sum::{Sum, Total};
use crate::domain::{StreamId, UserId};
use parking_lot::Mutex;
use std::collections::HashSet;

/// Accounts that are told of at once: a call keeps all others waiting for so long.
pub(super) const AT_ONCE: usize = 500;

/// A room, as this node has it.
#[derive(Debug)]
pub(super) struct Place {
    pub stream: StreamId,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    accounts: HashSet<UserId>,
    guests: u64,
    /// Accounts of whom is to be said whether they are here.
    unsaid: HashSet<UserId>,
    /// Whether anything is to be said.
    is_due: bool,
    /// Guards that keep it open.
    guards: u32,
    sum: Sum,
}

/// What is to be said of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saying {
    pub come: Vec<UserId>,
    pub gone: Vec<UserId>,
    pub guests: u64,
    /// Whether the rest of a long list follows.
    pub has_more: bool,
    /// How many are here, once all up to this is said.
    pub viewers: u64,
}

impl State {
    fn viewers(&self) -> u64 {
        self.accounts.len() as u64 + self.guests
    }
}

impl Place {
    pub(super) fn new(stream: StreamId) -> Self {
        Self { stream, state: Mutex::default() }
    }

    /// Kept open once more.
    pub(super) fn enter(&self) {
        self.state.lock().guards += 1;
    }

    /// Once less; at the last, all who are here are gone. True where something is to be said.
    pub(super) fn leave(&self) -> bool {
        let state = &mut *self.state.lock();
        state.guards = state.guards.saturating_sub(1);
        if state.guards > 0 || state.viewers() == 0 {
            return false;
        }
        state.unsaid.extend(state.accounts.drain());
        state.guests = 0;
        state.is_due = true;
        true
    }

    /// Whether nobody keeps it open and all is said.
    pub(super) fn is_over(&self) -> bool {
        let state = self.state.lock();
        state.guards == 0 && !state.is_due
    }

    /// Whether nobody keeps it open.
    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().guards == 0
    }

    /// Whether this account is here. True where that is to be said.
    pub(super) fn set_account(&self, account: UserId, is_here: bool) -> bool {
        let state = &mut *self.state.lock();
        let changes = match is_here {
            true => state.accounts.insert(account),
            false => state.accounts.remove(&account),
        };
        if changes {
            state.unsaid.insert(account);
            state.is_due = true;
        }
        changes
    }

    /// How many guests are here. True where that is to be said.
    pub(super) fn set_guests(&self, guests: u64) -> bool {
        let state = &mut *self.state.lock();
        let changes = state.guests != guests;
        state.guests = guests;
        state.is_due |= changes;
        changes
    }

    /// What is to be said next, if anything.
    pub(super) fn next(&self) -> Option<Saying> {
        let state = &mut *self.state.lock();
        if !state.is_due {
            return None;
        }
        let said: Vec<UserId> = state.unsaid.iter().take(AT_ONCE).copied().collect();
        said.iter().for_each(|account| _ = state.unsaid.remove(account));
        let (come, gone) = said.into_iter().partition(|account| state.accounts.contains(account));
        let has_more = !state.unsaid.is_empty();
        state.is_due = has_more;
        state.sum.say();
        Some(Saying { come, gone, guests: state.guests, has_more, viewers: state.viewers() })
    }

    /// It could not be said, or nobody knows whether it was: it must be said again.
    pub(super) fn say_again(&self, saying: Saying) {
        let state = &mut *self.state.lock();
        state.unsaid.extend(saying.come.into_iter().chain(saying.gone));
        state.is_due = true;
    }

    /// All was said, and the total has it. True where another number is shown now.
    pub(super) fn said(&self, viewers: u64, total: Total) -> bool {
        self.change(|sum| sum.said(viewers, total))
    }

    /// All must be said again: nothing of this node is known any more.
    pub(super) fn say_all(&self) {
        let state = &mut *self.state.lock();
        state.unsaid = state.accounts.clone();
        state.is_due = true;
        state.sum.begin_anew();
    }

    /// The total as another node has changed it.
    pub(super) fn hear(&self, total: Total) {
        self.state.lock().sum.hear(total);
    }

    /// For [`Place::look`], before the question.
    pub(super) fn mark(&self) -> u64 {
        self.state.lock().sum.mark()
    }

    /// The total as it was found. True where another number is shown now.
    pub(super) fn look(&self, total: Total, mark: u64) -> bool {
        self.change(|sum| sum.look(total, mark))
    }

    /// What was heard is too old to be shown. True where another number is shown now.
    pub(super) fn forget(&self) -> bool {
        self.change(Sum::forget)
    }

    fn change(&self, change: impl FnOnce(&mut Sum)) -> bool {
        let state = &mut *self.state.lock();
        let (here, before) = (state.viewers(), state.sum.shown(state.viewers()));
        change(&mut state.sum);
        state.sum.shown(here) != before
    }

    /// How many are shown, where so many are here.
    pub(super) fn shown(&self, here: u64) -> u64 {
        self.state.lock().sum.shown(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let place = Place::new(StreamId::new());
        place.enter();
        place
    }

    #[test]
    fn only_what_changes_is_said_and_once() {
        let (place, ana) = (place(), UserId::new());
        assert_eq!(place.next(), None);
        assert!(place.set_account(ana, true) && !place.set_account(ana, true));
        assert!(place.set_guests(2) && !place.set_guests(2));
        let expected = Saying { come: vec![ana], guests: 2, viewers: 3, ..Saying::default() };
        assert_eq!(place.next(), Some(expected));
        assert_eq!(place.next(), None);
    }

    #[test]
    fn who_came_and_went_before_it_was_said_is_said_to_be_gone() {
        let (place, ana) = (place(), UserId::new());
        place.set_account(ana, true);
        place.set_account(ana, false);
        let said = place.next().unwrap();
        assert_eq!((said.come, said.gone, said.viewers), (vec![], vec![ana], 0));
    }

    #[test]
    fn what_was_not_answered_is_said_again_as_it_is_by_then() {
        let (place, ana, bo) = (place(), UserId::new(), UserId::new());
        place.set_account(ana, true);
        let lost = place.next().unwrap();
        place.set_account(ana, false);
        place.set_account(bo, true);
        place.say_again(lost);
        let said = place.next().unwrap();
        assert_eq!((said.come, said.gone), (vec![bo], vec![ana]));
    }

    #[test]
    fn a_long_list_is_said_in_parts_and_the_last_one_has_all() {
        let place = place();
        (0..=AT_ONCE).for_each(|_| _ = place.set_account(UserId::new(), true));
        let (first, last) = (place.next().unwrap(), place.next().unwrap());
        assert_eq!((first.come.len(), first.has_more), (AT_ONCE, true));
        assert_eq!((last.come.len(), last.has_more, last.viewers), (1, false, AT_ONCE as u64 + 1));
        assert_eq!(place.next(), None);
    }

    #[test]
    fn all_that_is_here_is_said_again_also_where_that_is_nothing() {
        let (place, ana) = (place(), UserId::new());
        place.say_all();
        assert_eq!(place.next(), Some(Saying::default()));
        place.set_account(ana, true);
        place.next();
        place.say_all();
        assert_eq!(place.next().unwrap().come, [ana]);
    }

    #[test]
    fn a_room_that_ends_takes_along_all_who_are_here() {
        let (place, ana) = (place(), UserId::new());
        place.set_account(ana, true);
        place.set_guests(1);
        place.next();
        assert!(!place.is_over());
        assert!(place.leave());
        assert!(place.is_closed() && !place.is_over());
        let said = place.next().unwrap();
        assert_eq!((said.gone, said.guests, said.viewers), (vec![ana], 0, 0));
        assert!(place.is_over());
    }
}
