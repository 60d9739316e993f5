//! The caller's own account: its shown name, its password, its end.
//! It must not know what rooms do with what they are told.

use super::{
    passwords,
    sessions::logged_out,
    users::{check_password, refuse_taken},
};
use crate::{
    domain::{
        Millis, UserId, Username,
        accounts::{
            display_name::DisplayName,
            password::{LoginPassword, Password},
        },
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Identity, Json, patch::Change},
        moderation::record,
    },
    operate::orders::accounts::keep_an_admin,
    room::{
        hooks,
        operations::{Notice, Publication, SignedOut, Stored, acts, transaction::row},
    },
    store::{
        account_end,
        account_end::Deleted,
        accounts::{reset_links, sessions, users},
        events::NewEvent,
        moderation::audit,
        streams,
    },
    wire::{
        Event, Numbered,
        event::CommentsPurged,
        view::{UserRef, UserView},
    },
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// What can be changed of one's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    /// What others see; null for the username.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    pub display_name: Change<DisplayName>,
}

/// What it takes to delete one's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Farewell {
    /// The password once more.
    pub password: LoginPassword,
}

/// What it takes to change one's password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The one in force.
    pub current_password: LoginPassword,
    /// The one to come.
    pub new_password: Password,
}

/// The caller's own account.
#[utoipa::path(get, operation_id = "getMe", path = "/api/v1/users/me", tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
pub(crate) async fn read(account: Identity) -> Answer {
    Ok(HttpResponse::Ok().json(UserView::from(account.user)))
}

/// Changes what others see.
#[utoipa::path(patch, operation_id = "updateMe", path = "/api/v1/users/me", tag = "accounts", request_body = AccountPatch, security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
pub(crate) async fn update(
    services: web::Data<Services>,
    account: Identity,
    Json(patch): Json<AccountPatch>,
) -> Answer {
    let plain = DisplayName::from(&username(&account)?);
    let Some(name) = patch.display_name.or_cleared(plain) else { return read(account).await };
    let id = account.user.id;
    let renamed = services.streams.act_anywhere(move |tx| {
        refuse_taken(tx, Some(&name), id)?;
        let user = users::update_display_name(tx, id, name.as_str())?;
        let notice = Notice::Renamed(UserRef::from(&user));
        Ok((user, notice.into()))
    });
    let user = renamed.await?;
    Ok(HttpResponse::Ok().json(UserView::from(user)))
}

/// Changes the password; every other session dies.
#[utoipa::path(put, operation_id = "changePassword", path = "/api/v1/users/me/password", tag = "accounts", request_body = NewPassword, security(("bearer" = [])), responses(
    (status = 204, description = "Changed; every other session is dead"),
))]
pub(crate) async fn change_password(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Json(body): Json<NewPassword>,
) -> Answer {
    check_password(&body.new_password, &username(&account)?, "new_password")?;
    passwords::confirm(&services, &account, &body.current_password, address, "current_password").await?;
    let password_hash = services.hasher.hash(&body.new_password).await?;
    let (user, kept) = (account.user.id, account.session()?);
    let entry = record::of(&account, address, "password.change");
    let changed = services.streams.act_anywhere(move |tx| {
        let now = Millis::now();
        users::set_password_hash(tx, user, &password_hash)?;
        reset_links::void(tx, user)?;
        audit::append(tx, &entry, now)?;
        sessions::revoke_all(tx, user, Some(kept), now)?;
        Ok(((), SignedOut::Sessions { user, kept: Some(kept) }.into()))
    });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the account: its streams go, its comments are purged, its name stays taken. The last administrator stays: 409 `conflict`.
#[utoipa::path(delete, operation_id = "deleteMe", path = "/api/v1/users/me", tag = "accounts", request_body = Farewell, security(("bearer" = [])), responses(
    (status = 204, description = "Gone"),
))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Json(body): Json<Farewell>,
) -> Answer {
    passwords::confirm(&services, &account, &body.password, address, "password").await?;
    let (user, is_admin) = (account.user.id, account.user.is_admin);
    let entry = record::of(&account, address, "account.delete");
    let nameless = UserRef { display_name: String::new(), ..UserRef::from(&account.user) };
    let purged = purge_of(user);
    let deleted = services.streams.act_anywhere(move |tx| {
        if is_admin {
            keep_an_admin(tx, user)?;
        }
        let now = streams::now(tx)?;
        audit::append(tx, &entry, now)?;
        let (tombstone, without_name) = (acts::tombstone_of(now), Event::without_name);
        hooks::streams_deleted(tx, user, now)?;
        let deleted = account_end::delete_account(tx, user, now, &purged, &tombstone, &without_name)?;
        Ok(((), what_went(nameless.clone(), deleted)))
    });
    deleted.await?;
    Ok(logged_out(&services))
}

fn purge_of(user_id: UserId) -> NewEvent {
    row(&CommentsPurged { user_id }.into())
}

/// What must be told of a deleted account, which is shown by no name from now on.
fn what_went(nameless: UserRef, deleted: Deleted) -> Publication {
    let signed_out = SignedOut::Account(nameless.id);
    let rooms = deleted.removed.into_iter().map(Notice::RoomGone).chain([Notice::Renamed(nameless)]);
    let purged = deleted.purged.into_iter().map(|(stream_id, logged)| Stored {
        stream_id,
        events: vec![Numbered::read(&logged)],
        stale: Vec::new(),
        rules: None,
        news: None,
        reactions: Default::default(),
    });
    Publication {
        notices: std::iter::once(Notice::SignedOut(signed_out)).chain(rooms).collect(),
        streams: purged.collect(),
    }
}

/// The name of an account as it was registered.
fn username(account: &Identity) -> Result<Username, Error> {
    Username::parse(&account.user.username).map_err(Error::internal)
}
