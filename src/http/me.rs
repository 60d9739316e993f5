//! The caller's own account: its shown name, its password, its end.
//! It must not know what rooms do with what they are told.

use super::{
    Answer, App, ClientAddress, Error,
    extract::{Account, Json},
    passwords,
    patch::Change,
    sessions::logged_out,
    trail,
    users::{check_password, refuse_taken},
};
use crate::{
    domain::{
        display_name::DisplayName,
        ids::UserId,
        password::{LoginPassword, Password},
        time::Millis,
        username::Username,
    },
    room::{
        acts,
        desk::row,
        lobby::StreamGone,
        message::{AboutUser, Numbered, Stored},
    },
    store::{
        audit,
        log::NewEvent,
        sessions,
        users::{self, Deleted},
    },
    wire::{
        event::CommentsPurged,
        frame::Close,
        view::{UserRef, UserView},
    },
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// What can be changed of one's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// What others see; null for the username.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    pub display_name: Change<DisplayName>,
}

/// What it takes to delete one's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Farewell {
    /// The password once more.
    pub password: LoginPassword,
}

/// What it takes to change one's password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one in force.
    pub current_password: LoginPassword,
    /// The one to come.
    pub new_password: Password,
}

/// The caller's own account.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
pub async fn read(account: Account) -> Answer {
    Ok(HttpResponse::Ok().json(UserView::from(account.user)))
}

/// Changes what others see.
#[utoipa::path(patch, path = "/api/v1/users/me", tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
pub async fn update(app: web::Data<App>, account: Account, Json(patch): Json<AccountPatch>) -> Answer {
    let plain = DisplayName::from(&username(&account)?);
    let Some(name) = patch.display_name.or_cleared(plain) else { return read(account).await };
    let id = account.user.id;
    let renamed = app.desk.store.writing(move |tx| {
        refuse_taken(tx, Some(&name.key()), id)?;
        users::update_display_name(tx, id, name.as_str())
    });
    let user = renamed.await?;
    tell(&app, AboutUser::Renamed(UserRef::from(&user))).await;
    Ok(HttpResponse::Ok().json(UserView::from(user)))
}

/// Changes the password; every other session dies.
#[utoipa::path(put, path = "/api/v1/users/me/password", tag = "accounts", security(("bearer" = [])), responses(
    (status = 204, description = "Changed; every other session is dead"),
))]
pub async fn change_password(
    app: web::Data<App>,
    account: Account,
    address: ClientAddress,
    Json(body): Json<NewPassword>,
) -> Answer {
    check_password(&body.new_password, &username(&account)?, "new_password")?;
    passwords::confirm(&app, &account, &body.current_password, address, "current_password").await?;
    let password_hash = app.hasher.hash(&body.new_password).await?;
    let (user, kept) = (account.user.id, account.session.id);
    let entry = trail::of(&account, address, "password.change");
    let changed = app.desk.store.writing(move |tx| {
        let now = Millis::now();
        users::set_password_hash(tx, user, &password_hash)?;
        audit::append(tx, &entry, now)?;
        sessions::revoke_all(tx, user, Some(kept), now)
    });
    changed.await?;
    app.connections.close_user(user, Some(kept), Close::Revoked);
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the account: its streams go, its comments are purged, its name stays taken.
#[utoipa::path(delete, path = "/api/v1/users/me", tag = "accounts", security(("bearer" = [])), responses(
    (status = 204, description = "Gone"),
))]
pub async fn delete(
    app: web::Data<App>,
    account: Account,
    address: ClientAddress,
    Json(body): Json<Farewell>,
) -> Answer {
    passwords::confirm(&app, &account, &body.password, address, "password").await?;
    let user = account.user.id;
    let entry = trail::of(&account, address, "account.delete");
    let purged = purge_of(user);
    let at_work = app.clone();
    // It goes on to its end even when the caller goes away: rooms must hear what was stored.
    let whole = actix_web::rt::spawn(async move {
        let deleted = at_work.desk.store.writing(move |tx| {
            let now = Millis::now();
            audit::append(tx, &entry, now)?;
            users::delete_account(tx, user, now, &purged, &acts::tombstone_of(now))
        });
        let deleted = deleted.await?;
        at_work.connections.close_user(user, None, Close::Revoked);
        tell_rooms(&at_work, deleted).await;
        Ok::<_, Error>(())
    });
    whole.await.map_err(Error::internal)??;
    Ok(logged_out(&app))
}

fn purge_of(user_id: UserId) -> NewEvent {
    row(&CommentsPurged { user_id }.into())
}

async fn tell_rooms(app: &App, deleted: Deleted) {
    for stream in deleted.removed {
        if app.desk.lobby.send(StreamGone(stream)).await.is_err() {
            log::warn!("the lobby is gone; the sockets of stream {stream} stay");
        }
    }
    for (stream_id, logged) in deleted.purged {
        let events = Numbered::read(&logged).into_iter().collect();
        app.desk.tell(Stored { stream_id, events, stale: Vec::new() }).await;
    }
}

async fn tell(app: &App, about: AboutUser) {
    if app.desk.lobby.send(about).await.is_err() {
        log::warn!("the lobby is gone; rooms were not told of a new name");
    }
}

/// The name of an account as it was registered.
fn username(account: &Account) -> Result<Username, Error> {
    Username::parse(&account.user.username).map_err(Error::internal)
}
