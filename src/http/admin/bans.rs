//! Bans from the whole site: who may not write anywhere.
//! It must not know what a ban takes away.

use super::Asked;
use crate::{
    domain::{Millis, UserId, text::Reason},
    http::{
        Answer, Services,
        extract::{
            Json, Path, Query,
            list::{self, List, Paging},
        },
        moderation::bans::DurationS,
    },
    operate::orders::bans::{self as orders, Wanted},
    store::{
        self,
        site::bans::{self, SiteBan},
    },
    wire::view::UserRef,
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A ban to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteBanBody {
    /// Seconds from now; null, or nothing said, is for good.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    duration_s: Option<DurationS>,
    /// Shown to the banned.
    #[serde(default)]
    reason: Option<Reason>,
}

impl SiteBanBody {
    fn wanted(self) -> Wanted {
        Wanted {
            duration_s: self.duration_s.map(DurationS::seconds),
            reason: self.reason.map(String::from).filter(|reason| !reason.is_empty()),
        }
    }
}

/// A ban in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteBanView {
    /// Whose it is.
    user: UserRef,
    /// Its end; null is for good.
    until: Option<Millis>,
    /// Why, where somebody said so.
    reason: Option<String>,
    /// Who did it; null for the command of an operator.
    banned_by: Option<UserId>,
    /// Since when it is so.
    created_at: Millis,
}

impl From<SiteBan> for SiteBanView {
    fn from(ban: SiteBan) -> Self {
        Self {
            user: ban.user.into(),
            until: ban.until,
            reason: ban.reason,
            banned_by: ban.banned_by,
            created_at: ban.created_at,
        }
    }
}

/// The bans in force, earliest first.
#[utoipa::path(get, operation_id = "listSiteBans", path = "/api/v1/admin/bans", tag = "operator", params(Paging),
    responses((status = 200, description = "A page of bans", body = List<SiteBanView>)), security(("bearer" = [])))]
pub(crate) async fn list(services: web::Data<Services>, asked: Asked<Query<Paging>>) -> Answer {
    let Asked(_, Query(paging)) = asked;
    let after = list::after(paging.cursor.as_ref())?;
    let page = services
        .store
        .read::<_, store::Error>(move |conn| bans::list(conn, Millis::now(), after, paging.limit.count()));
    Ok(HttpResponse::Ok().json(List::new(page.await?.map(SiteBanView::from))))
}

/// Bans somebody from writing anywhere, for some time or for good: they read, and are no host or moderator meanwhile.
/// Administrators cannot be banned.
#[utoipa::path(put, operation_id = "banFromSite", path = "/api/v1/admin/bans/{username}", tag = "operator",
    request_body = SiteBanBody, params(("username" = String, Path)),
    responses((status = 204, description = "They are banned")), security(("bearer" = [])))]
pub(crate) async fn put(
    services: web::Data<Services>,
    asked: Asked<(Path<String>, Json<SiteBanBody>)>,
) -> Answer {
    let Asked(operator, (Path(username), Json(body))) = asked;
    let (by, wanted) = (operator.by(), body.wanted());
    let banned = services
        .streams
        .act_anywhere(move |tx| Ok(((), orders::put(tx, &by, &username, &wanted, Millis::now())?)));
    banned.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lifts a ban from the site; those of rooms and channels stay.
#[utoipa::path(delete, operation_id = "unbanFromSite", path = "/api/v1/admin/bans/{username}", tag = "operator",
    params(("username" = String, Path)),
    responses((status = 204, description = "They are not banned from the site")), security(("bearer" = [])))]
pub(crate) async fn delete(services: web::Data<Services>, asked: Asked<Path<String>>) -> Answer {
    let Asked(operator, Path(username)) = asked;
    let by = operator.by();
    let lifted =
        services.streams.act_anywhere(move |tx| Ok(((), orders::lift(tx, &by, &username, Millis::now())?)));
    lifted.await?;
    Ok(HttpResponse::NoContent().finish())
}
