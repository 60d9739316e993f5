//! Invitations, for a site that takes nobody without one.
//! It must not know how one reaches whoever is invited.

use super::{By, Result};
use crate::{
    domain::{InvitationId, Millis},
    store::{
        Tx,
        site::invitations::{self, Invitation},
    },
};

/// The most that may register with one.
pub(crate) const USES_MAX: i32 = 100;
/// How long one is good at most, in seconds: a year.
pub(crate) const EXPIRES_MAX_S: i64 = 366 * 24 * 3600;

/// An invitation to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// What whoever registers shows.
    pub code: String,
    /// How many may register with it.
    pub uses: i32,
    /// How long it is good, in seconds; none is for good.
    pub expires_in_s: Option<i64>,
}

/// Makes one.
/// Errors: [`crate::store::Conflict::TooMany`].
pub(crate) fn create(tx: &mut Tx<'_>, by: &By, wanted: &Wanted, now: Millis) -> Result<Invitation> {
    let new = Invitation {
        id: InvitationId::new(),
        code: wanted.code.clone(),
        uses_left: wanted.uses,
        created_at: now,
        expires_at: wanted.expires_in_s.map(|seconds| now.plus_s(seconds)),
    };
    invitations::create(tx, &new, now)?;
    by.record(tx, "invitation.create", new.id.to_string())?;
    Ok(new)
}

/// Takes one back.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn delete(tx: &mut Tx<'_>, by: &By, id: InvitationId) -> Result<()> {
    invitations::delete(tx, id)?;
    Ok(by.record(tx, "invitation.delete", id.to_string())?)
}
