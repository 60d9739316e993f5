//! Invitations, for a site that takes nobody without one.
//! It must not know when one is needed.

use super::Asked;
use crate::{
    auth::shown_once,
    domain::{InvitationId, Millis, invalid::Invalid},
    http::{
        Answer, Error, Services,
        extract::{
            Json, Path, Query,
            list::{self, List, Paging},
        },
        media::addresses::Base,
    },
    operate::orders::invitations::{self as orders, EXPIRES_MAX_S, USES_MAX, Wanted},
    room::operations::Publication,
    store::{
        self,
        site::invitations::{self, Invitation},
    },
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    /// How many may register with it; null, or nothing said, is one.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 100)]
    uses: Uses,
    /// Seconds from now for which it is good; null, or nothing said, is for good.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    expires_in_s: Option<ExpiresInS>,
}

/// How many may register with an invitation.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Option<i64>")]
struct Uses(i32);

impl Default for Uses {
    fn default() -> Self {
        Self(1)
    }
}

impl TryFrom<Option<i64>> for Uses {
    type Error = Invalid;

    fn try_from(uses: Option<i64>) -> Result<Self, Invalid> {
        let Some(uses) = uses else { return Ok(Self::default()) };
        let uses = i32::try_from(uses).ok().filter(|uses| (1..=USES_MAX).contains(uses));
        uses.map(Self).ok_or_else(|| Invalid::out_of_range(format!("from 1 to {USES_MAX}")))
    }
}

/// For how long an invitation is good.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct ExpiresInS(i64);

impl TryFrom<i64> for ExpiresInS {
    type Error = Invalid;

    fn try_from(seconds: i64) -> Result<Self, Invalid> {
        match seconds {
            1..=EXPIRES_MAX_S => Ok(Self(seconds)),
            _ => Err(Invalid::out_of_range(format!("from 1 to {EXPIRES_MAX_S} seconds, or null for good"))),
        }
    }
}

/// An invitation that is good.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    id: InvitationId,
    /// What `POST /users` takes.
    code: String,
    /// The page to register on, with the code in its fragment.
    url: String,
    /// How many more may register with it.
    uses_left: i32,
    created_at: Millis,
    /// When it ends; null is never.
    expires_at: Option<Millis>,
}

impl InvitationView {
    fn new(invitation: Invitation, base: &Base) -> Self {
        Self {
            id: invitation.id,
            url: base.url(&format!("/invitation#code={}", invitation.code)),
            code: invitation.code,
            uses_left: invitation.uses_left,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// The invitations that are good, newest first.
#[utoipa::path(get, operation_id = "listInvitations", path = "/api/v1/admin/invitations", tag = "operator", params(Paging),
    responses((status = 200, description = "A page of invitations", body = List<InvitationView>)), security(("bearer" = [])))]
pub(crate) async fn list(
    request: HttpRequest,
    services: web::Data<Services>,
    asked: Asked<Query<Paging>>,
) -> Answer {
    let Asked(_, Query(paging)) = asked;
    let (after, base) = (list::after(paging.cursor.as_ref())?, Base::of(&request, &services.config));
    let page = services.store.read::<_, store::Error>(move |conn| {
        invitations::list(conn, Millis::now(), after, paging.limit.count())
    });
    let page = page.await?.map(|invitation| InvitationView::new(invitation, &base));
    Ok(HttpResponse::Ok().json(List::new(page)))
}

/// Makes an invitation.
#[utoipa::path(post, operation_id = "createInvitation", path = "/api/v1/admin/invitations", tag = "operator",
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation", body = InvitationView)), security(("bearer" = [])))]
pub(crate) async fn create(
    request: HttpRequest,
    services: web::Data<Services>,
    asked: Asked<Json<NewInvitation>>,
) -> Answer {
    let Asked(operator, Json(body)) = asked;
    let code = shown_once::random().map_err(Error::internal)?;
    let expires_in_s = body.expires_in_s.map(|seconds| seconds.0);
    let (by, wanted) = (operator.by(), Wanted { code, uses: body.uses.0, expires_in_s });
    let made = services.streams.act_anywhere(move |tx| {
        Ok((orders::create(tx, &by, &wanted, Millis::now())?, Publication::default()))
    });
    let view = InvitationView::new(made.await?, &Base::of(&request, &services.config));
    Ok(HttpResponse::Created().json(view))
}

/// Takes an invitation back.
#[utoipa::path(delete, operation_id = "deleteInvitation", path = "/api/v1/admin/invitations/{id}", tag = "operator",
    params(("id" = InvitationId, Path)),
    responses((status = 204, description = "Nobody can register with it any more")), security(("bearer" = [])))]
pub(crate) async fn delete(services: web::Data<Services>, asked: Asked<Path<InvitationId>>) -> Answer {
    let Asked(operator, Path(id)) = asked;
    let by = operator.by();
    let deleted =
        services.streams.act_anywhere(move |tx| Ok((orders::delete(tx, &by, id)?, Publication::default())));
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}
