//! What waits for moderators in all rooms, and what is on record of the whole site.
//! It must not change anything.

use super::Asked;
use crate::{
    domain::{
        StreamId, Username,
        cursor::{Cursor, Limit},
    },
    http::{
        Answer, Services,
        extract::{
            Query,
            list::{self, List, Paging},
        },
        moderation::held::WaitingView,
        streams::reports::{AuditView, names},
    },
    room::operations::Fault,
    store::{
        self, Page,
        accounts::users,
        moderation::{audit, review},
    },
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of the record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// What was done by this username.
    actor: Option<String>,
    /// This act, as in `comment.delete`; or all that begin so, as in `comment.`.
    action: Option<String>,
    /// What this came of it: `ok`, `refused`.
    outcome: Option<String>,
    /// What was done in this stream.
    stream_id: Option<StreamId>,
    /// What was done to this: an id.
    target: Option<String>,
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// An act on record, with where it was done, and from where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// The act itself.
    #[serde(flatten)]
    entry: AuditView,
    /// In which stream; null for the site.
    stream_id: Option<StreamId>,
    /// From which address; null for the command or the server itself.
    ip: Option<String>,
}

/// What waits for moderators in all rooms, oldest first: held comments, and visible ones that were reported.
#[utoipa::path(get, operation_id = "listReports", path = "/api/v1/admin/reports", tag = "operator", params(Paging),
    responses((status = 200, description = "A page of comments", body = List<WaitingView>)), security(("bearer" = [])))]
pub(crate) async fn reports(services: web::Data<Services>, asked: Asked<Query<Paging>>) -> Answer {
    let Asked(_, Query(paging)) = asked;
    let after = list::after(paging.cursor.as_ref())?;
    let page = services
        .store
        .read::<_, store::Error>(move |conn| review::held(conn, None, after, paging.limit.count()));
    Ok(HttpResponse::Ok().json(List::new(page.await?.map(WaitingView::from))))
}

/// What is on record, latest first.
#[utoipa::path(get, operation_id = "listRecord", path = "/api/v1/admin/audit", tag = "operator", params(RecordQuery),
    responses((status = 200, description = "A page of acts", body = List<RecordView>)), security(("bearer" = [])))]
pub(crate) async fn audit(services: web::Data<Services>, asked: Asked<Query<RecordQuery>>) -> Answer {
    let Asked(_, Query(wanted)) = asked;
    let after: Option<String> = list::after(wanted.cursor.as_ref())?;
    let page = services.store.read::<_, Fault>(move |conn| {
        let actor = match &wanted.actor {
            None => None,
            Some(name) => match users::by_name_key(conn, &Username::key_of(name))? {
                Some(actor) => Some(actor.id),
                None => return Ok(Page { items: Vec::new(), next: None }),
            },
        };
        let filter = audit::Filter {
            actor,
            action: wanted.action,
            outcome: wanted.outcome,
            stream_id: wanted.stream_id,
            target: wanted.target,
        };
        let page = audit::search(conn, &filter, after.as_deref(), wanted.limit.count())?;
        let names = names(conn, &page.items)?;
        Ok(page.map(|entry| RecordView {
            stream_id: entry.stream_id,
            ip: entry.ip.clone(),
            entry: AuditView::new(entry, &names),
        }))
    });
    Ok(HttpResponse::Ok().json(List::new(page.await?)))
}
