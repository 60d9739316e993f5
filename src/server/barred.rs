//! Who may write nowhere: bans from the site that were made at another node, or by the command, and those that have run out.
//! It must not know what a ban takes away.

use crate::{
    domain::{Millis, UserId},
    logging::Recurring,
    room::{
        barred::Barred,
        front::registry::{Heard, RoomRegistry},
        operations::{Notice, Publication, publish::Hears},
    },
    store::{self, Conn, Store, site::bans},
    wire::view::BanView,
};
use actix::Addr;
use std::{collections::HashMap, time::Duration};
use tokio::time::sleep;

/// Twice within the second in which it must hold everywhere.
const EVERY: Duration = Duration::from_millis(500);

/// As it is at the start.
/// Errors: Those of the store.
pub(super) async fn first(store: &Store) -> store::Result<Barred> {
    let barred = Barred::default();
    if let Some((changes, bans)) = store.read(|conn| read_after(conn, 0)).await? {
        barred.read(changes, bans);
    }
    Ok(barred)
}

/// Looks for as long as the future is polled.
pub(super) async fn look(store: Store, rooms: Addr<RoomRegistry>, barred: Barred, hears: Hears) {
    let fault = Recurring::new("bans from the site cannot be looked for");
    loop {
        sleep(EVERY).await;
        let mut changed = barred.end(Millis::now());
        let seen = barred.changes();
        match store.read(move |conn| read_after(conn, seen)).await {
            Ok(read) => {
                fault.worked();
                changed.extend(read.into_iter().flat_map(|(changes, bans)| barred.read(changes, bans)));
            }
            // What was missed is found by the next look that succeeds.
            Err(error) => fault.failed(error),
        }
        if changed.is_empty() {
            continue;
        }
        let told = told(&barred, changed);
        hears(&told);
        if rooms.send(Heard(told)).await.is_err() {
            return;
        }
    }
}

/// All bans, where there are changes after these; with how many there were.
fn read_after(conn: &mut Conn, seen: i64) -> store::Result<Option<(i64, HashMap<UserId, BanView>)>> {
    let changes = bans::changes(conn)?;
    if changes <= seen {
        return Ok(None);
    }
    let view = |ban: bans::SiteBan| (ban.user.id, BanView { until: ban.until, reason: ban.reason });
    Ok(Some((changes, bans::active(conn, Millis::now())?.into_iter().map(view).collect())))
}

fn told(barred: &Barred, changed: Vec<UserId>) -> Publication {
    let notice = |user| Notice::Barred { change: barred.changes(), user, ban: barred.of(user) };
    Publication { streams: Vec::new(), notices: changed.into_iter().map(notice).collect() }
}
