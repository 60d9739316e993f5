//! The rooms of this node, and those of which something is to be said to the others.
//! It must not say it.

use super::{place::Place, sum::Total};
use crate::domain::{StreamId, UserId};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Notify;

/// All rooms of this node.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: Mutex<HashMap<StreamId, Arc<Place>>>,
    /// Those of which something is to be said.
    due: Mutex<HashMap<StreamId, Arc<Place>>>,
    has_due: Notify,
}

impl Places {
    /// Of this room something is to be said.
    pub(super) fn make_due(&self, place: &Arc<Place>) {
        self.due.lock().insert(place.stream, place.clone());
        self.has_due.notify_one();
    }

    /// Resolves when something is to be said.
    pub(super) async fn due(&self) {
        self.has_due.notified().await;
    }

    /// The rooms of which something is to be said; whoever takes them says it, or makes them due again.
    pub(super) fn take_due(&self) -> Vec<Arc<Place>> {
        self.due.lock().drain().map(|(_, place)| place).collect()
    }

    /// All rooms, as they are now.
    pub(super) fn all(&self) -> Vec<Arc<Place>> {
        self.all.lock().values().cloned().collect()
    }

    /// Forgets a room that nobody keeps open, once all is said of it.
    pub(super) fn let_go(&self, place: &Place) {
        let mut all = self.all.lock();
        if place.is_over() {
            all.remove(&place.stream);
        }
    }

    /// All of this node must be said again, by another name. What is over is not.
    pub(super) fn say_all(&self) {
        self.forget_closed();
        for place in self.all() {
            place.say_all();
            self.make_due(&place);
        }
    }

    /// Forgets rooms that nobody keeps open: those who were in them are taken away together with this node.
    pub(super) fn forget_closed(&self) {
        let mut all = self.all.lock();
        all.retain(|_, place| !place.is_closed());
        self.due.lock().retain(|stream, _| all.contains_key(stream));
    }
}

/// A room is open here for as long as somebody holds this.
#[derive(Debug)]
pub(crate) struct Here(Option<(Arc<Places>, Arc<Place>)>);

impl Here {
    /// There are no other nodes.
    pub(super) fn alone() -> Self {
        Self(None)
    }

    pub(super) fn enter(places: &Arc<Places>, stream: StreamId) -> Self {
        let mut all = places.all.lock();
        let place = all.entry(stream).or_insert_with(|| Arc::new(Place::new(stream))).clone();
        place.enter();
        Self(Some((places.clone(), place)))
    }

    /// Whether an account is here.
    pub(crate) fn set_account(&self, account: UserId, is_here: bool) {
        self.change(|place| place.set_account(account, is_here));
    }

    /// How many guests are here.
    pub(crate) fn set_guests(&self, guests: u64) {
        self.change(|place| place.set_guests(guests));
    }

    fn change(&self, change: impl FnOnce(&Place) -> bool) {
        if let Some((places, place)) = &self.0
            && change(place)
        {
            places.make_due(place);
        }
    }

    /// Another node has changed how many there are.
    pub(crate) fn hear(&self, total: Total) {
        if let Some((_, place)) = &self.0 {
            place.hear(total);
        }
    }

    /// How many to show where so many are here: those of other nodes with them, as far as they are known.
    pub(crate) fn shown(&self, here: u64) -> u64 {
        self.0.as_ref().map_or(here, |(_, place)| place.shown(here))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let Some((places, place)) = &self.0 else { return };
        match place.leave() {
            true => places.make_due(place),
            false => places.let_go(place),
        }
    }
}
