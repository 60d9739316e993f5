//! Who belongs to a stream beside its host: what members, moderators and the banned have in common.
//! It must not know what belonging opens or takes away.

use crate::{
    domain::{Millis, Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Path},
    },
    room::operations::{Access, Effects, Fault, account_named, acts},
    store::{Tx, User, person::Belonging},
    wire::view::UserRef,
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who belongs to a stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BelongingView {
    /// Who it is.
    #[serde(flatten)]
    pub user: UserRef,
    /// Since when it is so.
    pub added_at: Millis,
}

impl From<Belonging> for BelongingView {
    fn from(row: Belonging) -> Self {
        Self { user: row.user.into(), added_at: row.created_at }
    }
}

/// A request about an account in a stream.
pub(crate) type Named = (web::Data<Services>, Identity, Path<(StreamId, String)>);

/// Changes what an account is in a stream and puts that on record, for who has the right. `change` gives what is to be
/// told, or none where all was so before.
/// Errors: Where they have not the right, nobody has that name, or `change` refuses.
pub(crate) async fn change(
    (services, account, path): Named,
    right: Right,
    action: &'static str,
    mut change: impl FnMut(&mut Tx<'_>, &Access, &User, Millis) -> Result<Option<Effects<()>>, Fault>
    + Send
    + 'static,
) -> Answer {
    let ((id, username), actor) = (path.0, account.account());
    let changed = services.streams.act(id, move |tx, now| {
        let access = Access::of(tx, id, Some(&actor), now)?;
        access.require(right)?;
        let user = account_named(tx, &username)?;
        let Some(done) = change(tx, &access, &user, now)? else { return Ok(Effects::none(())) };
        acts::record(tx, id, &actor, action, user.id, None, now)?;
        Ok(done)
    });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}
