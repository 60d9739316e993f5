//! What host and moderators may read of a room: who is here, what was done, how it went.
//! It must not change anything.

use crate::{
    domain::{Millis, Role, StreamId, UserId, cursor::Cursor},
    http::{
        Answer, Services,
        extract::{
            Identity, Path, Query,
            list::{self, Key, List, OfStream, Paging},
        },
    },
    room::operations::{Access, Fault},
    store::{
        Conn, Page,
        accounts::users,
        interactions::reactions,
        moderation::audit::{self, Entry},
        streams::stats::{self, Minute},
    },
    wire::view::{Reactions, UserRef},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Minutes of a graph: two days.
const MINUTES_MAX: usize = 2 * 24 * 60;

/// Somebody who watches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViewerView {
    /// Who it is.
    #[serde(flatten)]
    pub user: UserRef,
    /// What they are here.
    pub role: Role,
}

/// A page of those who watch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Viewers {
    /// Accounts that are here.
    items: Vec<ViewerView>,
    /// What to ask for the next page with; null at the end.
    next_cursor: Option<Cursor>,
    /// Guests, by socket.
    guests: u64,
    /// Whether those on other nodes are missing, which could not be asked; absent where not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    partial: bool,
}

/// An act of moderation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// What names it for good.
    id: String,
    /// When it happened.
    at: Millis,
    /// By whom; null for the server itself.
    actor: Option<UserRef>,
    /// What, as in `comment.delete`.
    action: String,
    /// To whom or what: an id.
    target: Option<String>,
    /// Who that is, where it is an account.
    target_user: Option<UserRef>,
    /// What came of it.
    outcome: String,
    /// Why, where somebody said so.
    reason: Option<String>,
}

/// A minute of a stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MinuteView {
    /// When it began.
    minute: Millis,
    /// The most viewers at once.
    viewers: i64,
    /// Comments that were written.
    comments: i64,
}

/// How a stream goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// Who is here now.
    viewers: u64,
    /// The most there ever were.
    peak_viewers: i64,
    /// Comments that can be read.
    comment_count: i64,
    /// Totals by kind.
    #[schema(value_type = HashMap<String, i64>)]
    reactions: Reactions,
    /// The last two days, by minute; those without viewers and comments are left out.
    minutes: Vec<MinuteView>,
}

/// Who watches now.
#[utoipa::path(get, operation_id = "listViewers", path = "/api/v1/streams/{id}/viewers", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of viewers", body = Viewers)), security(("bearer" = [])))]
pub(crate) async fn viewers(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    paging: Query<Paging>,
) -> Answer {
    let id = id.0;
    services.streams.read_as(id, Some(account.account()), |_, access| Ok(access.require_staff()?)).await?;
    let after: Option<UserId> = list::after(paging.0.cursor.as_ref())?;
    let watching = services.streams.viewers(id, after, paging.0.limit.count()).await?;
    let accounts = watching.accounts.into_iter();
    Ok(HttpResponse::Ok().json(Viewers {
        items: accounts.map(|(user, role)| ViewerView { user, role }).collect(),
        next_cursor: watching.next.map(Key::cursor),
        guests: watching.guests,
        partial: watching.is_partial,
    }))
}

/// What moderators did, latest first.
#[utoipa::path(get, operation_id = "listAudit", path = "/api/v1/streams/{id}/audit", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of acts", body = List<AuditView>)), security(("bearer" = [])))]
pub(crate) async fn audit(asked: OfStream) -> Answer {
    let read = |conn: &mut _, access: &Access, after: Option<String>, limit| {
        let page = audit::list(conn, access.stream.id, after.as_deref(), limit)?;
        with_names(conn, page)
    };
    list::of_stream(asked, Access::require_staff, read).await
}

fn with_names(conn: &mut Conn, page: Page<Entry, String>) -> Result<Page<AuditView, String>, Fault> {
    let names = names(conn, &page.items)?;
    Ok(page.map(|entry| AuditView::new(entry, &names)))
}

/// The names of those who did something, or to whom it was done.
pub(crate) fn names(conn: &mut Conn, entries: &[Entry]) -> Result<HashMap<UserId, UserRef>, Fault> {
    let mut ids: Vec<UserId> =
        entries.iter().flat_map(|entry| [entry.actor_id, target_of(entry)]).flatten().collect();
    ids.sort();
    ids.dedup();
    Ok(users::by_ids(conn, &ids)?.into_iter().map(|person| (person.id, person.into())).collect())
}

fn target_of(entry: &Entry) -> Option<UserId> {
    entry.target.as_deref()?.parse().ok()
}

impl AuditView {
    /// An act with the names of those in it.
    pub(crate) fn new(entry: Entry, names: &HashMap<UserId, UserRef>) -> Self {
        Self {
            actor: entry.actor_id.and_then(|id| names.get(&id).cloned()),
            target_user: target_of(&entry).and_then(|id| names.get(&id).cloned()),
            id: entry.id,
            at: entry.at,
            action: entry.action,
            target: entry.target,
            outcome: entry.outcome,
            reason: entry.reason,
        }
    }
}

/// How the stream goes, with a graph by minute.
#[utoipa::path(get, operation_id = "getStats", path = "/api/v1/streams/{id}/stats", tag = "moderation", params(("id" = StreamId, Path)),
    responses((status = 200, description = "Counters and minutes", body = Stats)), security(("bearer" = [])))]
pub(crate) async fn stats(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let id = id.0;
    let viewers = services.streams.viewer_counts.of(id).await;
    let stats = services.streams.read_as(id, Some(account.account()), move |conn, access| {
        access.require_staff()?;
        let totals = reactions::totals(conn, &[id])?.remove(&id).unwrap_or_default();
        let minutes = stats::minutes(conn, id, MINUTES_MAX)?;
        Ok(Stats {
            viewers,
            peak_viewers: access.stream.peak_viewers.max(viewers as i64),
            comment_count: access.stream.comment_count,
            reactions: totals.into_iter().collect(),
            minutes: minutes.into_iter().map(MinuteView::from).collect(),
        })
    });
    Ok(HttpResponse::Ok().json(stats.await?))
}

impl From<Minute> for MinuteView {
    fn from(row: Minute) -> Self {
        Self { minute: Millis(row.minute * 60_000), viewers: row.viewers, comments: row.comments }
    }
}
