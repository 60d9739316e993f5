//! Who may not write anywhere on the site, as far as this server has seen: one list for all rooms, since a copy in each would be
//! as many. It must not know the tables, nor what is taken from whom.

use crate::{
    domain::{Millis, UserId},
    wire::view::BanView,
};
use parking_lot::RwLock;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// The list. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Barred(Arc<RwLock<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// How many changes the table had when the list was read.
    changes: i64,
    bans: HashMap<UserId, BanView>,
    /// What was heard of later changes, by their numbers; each has the list read again, so that these are few.
    heard: BTreeMap<i64, (UserId, Option<BanView>)>,
}

impl Seen {
    fn put(&mut self, user: UserId, ban: Option<BanView>) {
        match ban {
            Some(ban) => drop(self.bans.insert(user, ban)),
            None => drop(self.bans.remove(&user)),
        }
    }
}

impl Barred {
    /// As read, after so many changes, with what was heard of later ones; whose ban has changed.
    pub(crate) fn read(&self, changes: i64, bans: HashMap<UserId, BanView>) -> Vec<UserId> {
        let mut seen = self.0.write();
        let heard = seen.heard.split_off(&(changes + 1));
        let was = std::mem::replace(&mut *seen, Seen { changes, bans, heard: heard.clone() });
        heard.into_values().for_each(|(user, ban)| seen.put(user, ban));
        let all = was.bans.keys().chain(seen.bans.keys().filter(|user| !was.bans.contains_key(user)));
        all.filter(|user| was.bans.get(user) != seen.bans.get(user)).copied().collect()
    }

    /// A change by this server or another: the ban of somebody, or none any more. What comes out of turn undoes nothing later.
    pub(crate) fn hear(&self, change: i64, user: UserId, ban: Option<BanView>) {
        let mut seen = self.0.write();
        if change <= seen.changes {
            return;
        }
        let is_late = seen.heard.range(change..).any(|(_, (other, _))| *other == user);
        seen.heard.insert(change, (user, ban.clone()));
        if !is_late {
            seen.put(user, ban);
        }
    }

    /// How many changes the table had when the list was read.
    pub(crate) fn changes(&self) -> i64 {
        self.0.read().changes
    }

    /// Whether somebody may write nowhere.
    pub(crate) fn has(&self, user: UserId) -> bool {
        self.of(user).is_some()
    }

    /// The ban of somebody that is in force.
    pub(crate) fn of(&self, user: UserId) -> Option<BanView> {
        let ban = self.0.read().bans.get(&user).cloned()?;
        (!has_ended(&ban, Millis::now())).then_some(ban)
    }

    /// Forgets those that have run out, and says whose they were.
    pub(crate) fn end(&self, now: Millis) -> Vec<UserId> {
        if !self.0.read().bans.values().any(|ban| has_ended(ban, now)) {
            return Vec::new();
        }
        let mut seen = self.0.write();
        seen.bans.extract_if(|_, ban| has_ended(ban, now)).map(|(user, _)| user).collect()
    }
}

fn has_ended(ban: &BanView, now: Millis) -> bool {
    ban.until.is_some_and(|until| until <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: BanView = BanView { until: None, reason: None };

    #[test]
    fn what_is_heard_counts_until_the_table_has_been_read() {
        let (barred, user) = (Barred::default(), UserId::new());
        barred.hear(1, user, Some(GOOD));
        assert!(barred.has(user));
        assert_eq!(barred.read(2, HashMap::new()), [user]);
        barred.hear(1, user, Some(GOOD));
        assert!(!barred.has(user), "said before what was read");
        barred.hear(3, user, Some(GOOD));
        assert_eq!(barred.of(user), Some(GOOD));
    }

    #[test]
    fn what_was_read_before_a_change_does_not_undo_it() {
        let (barred, user) = (Barred::default(), UserId::new());
        barred.read(1, HashMap::from([(user, GOOD)]));
        barred.hear(3, user, None);
        barred.hear(2, user, Some(GOOD));
        assert!(!barred.has(user), "the later one holds, whichever comes first");
        assert!(barred.read(1, HashMap::from([(user, GOOD)])).is_empty());
        assert!(!barred.has(user), "the table was read before the ban was lifted");
        barred.read(3, HashMap::new());
        assert!(barred.0.read().heard.is_empty());
    }

    #[test]
    fn those_whose_ban_has_changed_are_named_and_no_others() {
        let (barred, [new, same, gone]) = (Barred::default(), [(); 3].map(|()| UserId::new()));
        barred.read(1, HashMap::from([(same, GOOD), (gone, GOOD)]));
        let mut changed = barred.read(2, HashMap::from([(same, GOOD), (new, GOOD)]));
        changed.sort();
        let mut expected = [new, gone];
        expected.sort();
        assert_eq!(changed, expected);
    }

    #[test]
    fn one_that_has_run_out_holds_no_longer_also_where_nobody_has_looked() {
        let (barred, user) = (Barred::default(), UserId::new());
        barred.hear(1, user, Some(BanView { until: Some(Millis::now()), reason: None }));
        assert!(!barred.has(user));
        assert_eq!(barred.of(user), None);
    }

    #[test]
    fn one_that_has_run_out_ends_once() {
        let (barred, user) = (Barred::default(), UserId::new());
        barred.hear(1, user, Some(BanView { until: Some(Millis(1000)), reason: None }));
        assert!(barred.end(Millis(999)).is_empty());
        assert_eq!(barred.end(Millis(1000)), [user]);
        assert!(barred.end(Millis(1000)).is_empty());
        assert!(!barred.has(user));
    }
}
