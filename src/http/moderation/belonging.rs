//! Who belongs to a stream beside its host: what members, moderators and the banned have in common.
//! It must not know what belonging opens or takes away.

use crate::{
    domain::{Millis, Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Path},
    },
    room::operations::{Act, Effects, Fault, account_named},
    store::{User, person::Belonging},
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
    mut change: impl FnMut(&mut Act<'_, '_>, &User) -> Result<Option<Effects<()>>, Fault> + Send + 'static,
) -> Answer {
    let (id, username) = path.0;
    let changed = services.streams.act_as(right, account.account(), id, move |act| {
        let user = account_named(act.tx, &username)?;
        let Some(done) = change(act, &user)? else { return Ok(Effects::none(())) };
        act.record(action, user.id, None)?;
        Ok(done)
    });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}
