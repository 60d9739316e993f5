//! Accounts, as administrators look after them.
//! It must not know what a change of one means.

use super::Asked;
use crate::{
    auth::shown_once,
    domain::{
        Millis, UserId,
        accounts::standing::AccountsWanted,
        cursor::{Cursor, Limit},
        stream::words,
        text::{SearchQuery, fold::skeleton},
    },
    http::{
        Answer, Error, Services,
        extract::{
            Json, Path, Query,
            list::{self, List},
        },
        media::addresses::Base,
    },
    operate::orders::accounts::{self as orders, RESET_LINK_S, Wanted},
    room::operations::Publication,
    store::{self, User, accounts::directory},
    wire::{Refusal, view::UserView},
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

words! {
    /// How an account stands.
    pub(crate) AccountState {
        /// It can log in.
        Active = "active",
        /// It waits to be let in.
        Pending = "pending",
        /// It was disabled.
        Disabled = "disabled",
    }
}

/// An account, as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// The account as others see it.
    #[serde(flatten)]
    user: UserView,
    /// How it stands.
    state: AccountState,
    /// Whether it can not log in.
    disabled: bool,
    /// Whether it was granted the right to host.
    can_host: bool,
    /// Whether it looks after the site.
    is_admin: bool,
    /// Whether it was let in; `false` while it waits for that.
    approved: bool,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        let state = match (user.disabled_at, user.pending_since) {
            (Some(_), _) => AccountState::Disabled,
            (None, Some(_)) => AccountState::Pending,
            (None, None) => AccountState::Active,
        };
        Self {
            state,
            disabled: user.disabled_at.is_some(),
            can_host: user.may_host,
            is_admin: user.is_admin,
            approved: user.pending_since.is_none(),
            user: user.into(),
        }
    }
}

/// The query of this list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountsQuery {
    /// Those whose name contains this.
    #[param(value_type = Option<String>)]
    q: Option<SearchQuery>,
    /// Those that stand so.
    state: Option<AccountsWanted>,
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// What to change of an account; an absent member keeps its value.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatchBody {
    /// Whether it can not log in; its sessions end thereby.
    #[serde(default)]
    disabled: Option<bool>,
    /// Whether it is granted the right to host, where not everybody has it.
    #[serde(default)]
    can_host: Option<bool>,
    /// Whether it looks after the site; where not any more, its sessions end.
    #[serde(default)]
    is_admin: Option<bool>,
    /// `true` lets it in, where it waits for that.
    #[serde(default)]
    approved: Option<bool>,
}

impl AccountPatchBody {
    /// Errors: `invalid_field` where who was let in is to wait again.
    fn wanted(self) -> Result<Wanted, Refusal> {
        if self.approved == Some(false) {
            let why = "who was let in cannot wait again; disable the account";
            return Err(Refusal::invalid_field("approved", "out_of_range", why));
        }
        Ok(Wanted {
            disabled: self.disabled,
            may_host: self.can_host,
            is_admin: self.is_admin,
            approved: self.approved.is_some(),
        })
    }
}

/// A link by which somebody sets a new password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResetLink {
    /// The page to open, shown once.
    url: String,
    /// Until when it is good.
    expires_at: Millis,
}

/// Accounts, newest first.
#[utoipa::path(get, operation_id = "listAccounts", path = "/api/v1/admin/users", tag = "operator", params(AccountsQuery),
    responses((status = 200, description = "A page of accounts", body = List<AccountView>)), security(("bearer" = [])))]
pub(crate) async fn list(services: web::Data<Services>, asked: Asked<Query<AccountsQuery>>) -> Answer {
    let Asked(_, Query(wanted)) = asked;
    let after: Option<UserId> = list::after(wanted.cursor.as_ref())?;
    let page = services.store.read::<_, store::Error>(move |conn| {
        let key = wanted.q.as_ref().map(|q| skeleton(q.as_str()));
        let sought = wanted.q.as_ref().zip(key.as_deref()).map(|(q, key)| (key, q.as_str()));
        directory::list(conn, sought, wanted.state, after, wanted.limit.count())
    });
    Ok(HttpResponse::Ok().json(List::new(page.await?.map(AccountView::from))))
}

/// Changes what an account may do, and whether it can come in. The last administrator stays one: 409 `conflict`.
#[utoipa::path(patch, operation_id = "updateAccount", path = "/api/v1/admin/users/{username}", tag = "operator",
    request_body = AccountPatchBody, params(("username" = String, Path)),
    responses((status = 200, description = "As it is now", body = AccountView)), security(("bearer" = [])))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    asked: Asked<(Path<String>, Json<AccountPatchBody>)>,
) -> Answer {
    let Asked(operator, (Path(username), Json(body))) = asked;
    let (by, wanted) = (operator.by(), body.wanted()?);
    let changed = services.streams.act_anywhere(move |tx| {
        let changed = orders::change(tx, &by, &username, &wanted, Millis::now())?;
        let publication = changed.publication();
        Ok((changed.user, publication))
    });
    Ok(HttpResponse::Ok().json(AccountView::from(changed.await?)))
}

/// Logs an account out everywhere.
#[utoipa::path(delete, operation_id = "endAccountSessions", path = "/api/v1/admin/users/{username}/sessions", tag = "operator",
    params(("username" = String, Path)),
    responses((status = 204, description = "All its sessions have ended")), security(("bearer" = [])))]
pub(crate) async fn end_sessions(services: web::Data<Services>, asked: Asked<Path<String>>) -> Answer {
    let Asked(operator, Path(username)) = asked;
    let by = operator.by();
    let ended = services.streams.act_anywhere(move |tx| {
        let changed = orders::revoke_sessions(tx, &by, &username, Millis::now())?;
        Ok(((), changed.publication()))
    });
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a link by which somebody sets a new password, good for a day; a link from before is void.
#[utoipa::path(post, operation_id = "createResetLink", path = "/api/v1/admin/users/{username}/reset-link", tag = "operator",
    params(("username" = String, Path)),
    responses((status = 201, description = "The link, shown once", body = ResetLink)), security(("bearer" = [])))]
pub(crate) async fn reset_link(
    request: HttpRequest,
    services: web::Data<Services>,
    asked: Asked<Path<String>>,
) -> Answer {
    let Asked(operator, Path(username)) = asked;
    let token = shown_once::random().map_err(Error::internal)?;
    let (by, hash, expires_at) =
        (operator.by(), shown_once::hash(&token), Millis::now().plus_s(RESET_LINK_S));
    let made = services.streams.act_anywhere(move |tx| {
        orders::reset_link(tx, &by, &username, &hash, expires_at)?;
        Ok(((), Publication::default()))
    });
    made.await?;
    let url = Base::of(&request, &services.config).url(&format!("/reset#token={token}"));
    Ok(HttpResponse::Created().json(ResetLink { url, expires_at }))
}
