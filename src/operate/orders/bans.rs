//! Bans from the whole site.
//! It must not know what a ban takes away.

use super::{By, Error, Result, accounts::named};
use crate::{
    domain::Millis,
    room::operations::{Notice, Publication},
    store::{
        Tx,
        site::bans::{self, NewSiteBan},
    },
    wire::view::BanView,
};

/// A ban that somebody wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Seconds from now; none is for good.
    pub duration_s: Option<i64>,
    pub reason: Option<String>,
}

/// Bans somebody from writing anywhere; what others must hear of it.
/// Errors: [`Error::NoAccount`]; [`Error::AdminBanned`]; [`crate::store::Conflict::TooMany`].
pub(crate) fn put(tx: &mut Tx<'_>, by: &By, name: &str, wanted: &Wanted, now: Millis) -> Result<Publication> {
    let user = named(tx, name)?;
    if user.is_admin {
        return Err(Error::AdminBanned);
    }
    let until = wanted.duration_s.map(|seconds| now.plus_s(seconds));
    let reason = wanted.reason.clone();
    let new = NewSiteBan { user_id: user.id, until, reason: reason.clone(), banned_by: by.account() };
    let change = bans::put(tx, &new, now)?;
    by.record(tx, "site.ban", user.id.to_string())?;
    Ok(Notice::Barred { change, user: user.id, ban: Some(BanView { until, reason }) }.into())
}

/// Lifts the ban of somebody; what others must hear of it.
/// Errors: [`Error::NoAccount`].
pub(crate) fn lift(tx: &mut Tx<'_>, by: &By, name: &str, now: Millis) -> Result<Publication> {
    let user = named(tx, name)?;
    let Some(change) = bans::delete(tx, user.id, now)? else { return Ok(Publication::default()) };
    by.record(tx, "site.unban", user.id.to_string())?;
    Ok(Notice::Barred { change, user: user.id, ban: None }.into())
}
