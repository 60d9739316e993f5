//! The terms of a room, and a dry run of them against what was said before.
//! It must not know how a term is matched.

use crate::{
    domain::{
        Right, Seq, StreamId, TermList,
        terms::{MAX_TERMS, MAX_TOTAL_BYTES, Term, TermAction},
    },
    http::{
        Answer, Services,
        extract::{
            Identity, Json, Path, Query,
            list::{self, List, Paging},
        },
    },
    room::{
        core::Part,
        operations::{Effects, Fault},
    },
    store::{
        Comment, Conn, Page,
        comments::{self, Filter},
        moderation::terms,
    },
    wire::{Refusal, view::CommentView},
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Room for the JSON around every term, and for characters that are written as escapes.
pub(crate) const BODY_MAX_BYTES: usize = 2 * MAX_TOTAL_BYTES + 64 * MAX_TERMS;
/// Comments that a dry run reads at once.
const SCAN: usize = 1000;

/// All terms of a room.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TermsBody {
    /// At most 10,000, of 1 MiB together.
    #[schema(max_items = 10_000)]
    pub(crate) terms: Vec<Term>,
}

impl TermsBody {
    /// Compiled off the event loop: this takes time at the limits.
    pub(crate) async fn compiled(self) -> Result<(Vec<Term>, TermList), crate::http::Error> {
        let compiled = web::block(move || TermList::compile(&self.terms).map(|list| (self.terms, list)));
        let compiled = compiled.await.map_err(crate::http::Error::internal)?;
        Ok(compiled.map_err(|invalid| Refusal::invalid_field("terms", invalid.code, invalid.detail))?)
    }
}

/// A past comment that terms touch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Touched {
    /// The comment it is about.
    comment: CommentView,
    /// What would become of it.
    action: TermAction,
    /// How it would read, where terms mask it.
    masked: Option<String>,
}

/// The terms, in the host's order.
#[utoipa::path(get, operation_id = "getTerms", path = "/api/v1/streams/{id}/terms", tag = "moderation", params(("id" = StreamId, Path)),
    responses((status = 200, description = "The terms", body = TermsBody)), security(("bearer" = [])))]
pub(crate) async fn read(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let terms = services.streams.read_as(id.0, Some(account.account()), |conn, access| {
        access.require(Right::Settings)?;
        Ok(TermsBody { terms: terms::of_stream::list(conn, access.stream.id)? })
    });
    Ok(HttpResponse::Ok().json(terms.await?))
}

/// Puts these terms in the place of all others.
#[utoipa::path(put, operation_id = "replaceTerms", path = "/api/v1/streams/{id}/terms", tag = "moderation", request_body = TermsBody,
    params(("id" = StreamId, Path)),
    responses((status = 200, description = "The terms", body = TermsBody)), security(("bearer" = [])))]
pub(crate) async fn replace(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<TermsBody>,
) -> Answer {
    let (id, actor) = (id.0, account.account());
    let (terms, _) = body.0.compiled().await?;
    let terms: Arc<[Term]> = terms.into();
    let kept = terms.clone();
    let replaced = services.streams.act_as(Right::Settings, actor, id, move |act| {
        terms::of_stream::replace(act.tx, id, &terms)?;
        act.record("terms.replace", id, Some(format!("{} terms", terms.len())))?;
        Ok(Effects::none(()).refreshing(&[Part::Terms]))
    });
    replaced.await?;
    Ok(HttpResponse::Ok().json(TermsBody { terms: kept.to_vec() }))
}

/// Which past comments these terms would touch, newest first.
#[utoipa::path(post, operation_id = "testTerms", path = "/api/v1/streams/{id}/terms/test", tag = "moderation", request_body = TermsBody,
    params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of comments", body = List<Touched>)), security(("bearer" = [])))]
pub(crate) async fn test(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    paging: Query<Paging>,
    body: Json<TermsBody>,
) -> Answer {
    let (_, list) = body.0.compiled().await?;
    let touched = services.streams.read_as(id.0, Some(account.account()), move |conn, access| {
        access.require(Right::Settings)?;
        let before = list::after(paging.0.cursor.as_ref())?;
        touched(conn, access.stream.id, &list, before, paging.0.limit.count())
    });
    Ok(HttpResponse::Ok().json(touched.await?))
}

/// One more than asked for tells whether that was all.
fn touched(
    conn: &mut Conn,
    id: StreamId,
    list: &TermList,
    mut before: Option<Seq>,
    limit: usize,
) -> Result<List<Touched>, Fault> {
    let mut found: Vec<(Seq, Touched)> = Vec::new();
    loop {
        let page = comments::list(conn, id, &Filter::default(), before, SCAN)?;
        found.extend(page.items.into_iter().filter_map(|comment| judged(list, comment)));
        before = page.next;
        if before.is_none() || found.len() > limit {
            break;
        }
    }
    let there_is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| there_is_more).map(|(seq, _)| *seq);
    Ok(List::new(Page { items: found, next }.map(|(_, touched)| touched)))
}

fn judged(list: &TermList, comment: Comment) -> Option<(Seq, Touched)> {
    let verdict = list.judge(&comment.content);
    let seq = comment.seq?;
    Some((seq, Touched { action: verdict.action?, masked: verdict.masked, comment: comment.into() }))
}
