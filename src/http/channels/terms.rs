//! The terms of all streams of a host; they add up with those of each.
//! It must not know how a term is matched.

use super::asked::{self, OfChannel};
use crate::{
    domain::{Right, terms::Term},
    http::{Answer, extract::Json, moderation::terms::TermsBody},
    room::{
        core::Part,
        operations::{ChannelAct, ChannelEffects, ChannelOf, Effects, Fault},
    },
    store::moderation::terms,
};
use actix_web::HttpResponse;
use std::sync::Arc;

/// The terms of a channel, in the host's order.
#[utoipa::path(get, operation_id = "getChannelTerms", path = "/api/v1/channels/{username}/terms", tag = "channels",
    params(("username" = String, Path)),
    responses((status = 200, description = "The terms", body = TermsBody)), security(("bearer" = [])))]
pub(crate) async fn read(asked: OfChannel) -> Answer {
    let terms = asked::read(asked, asked::has(Right::Settings), |conn, host| {
        Ok(TermsBody { terms: terms::of_channel::list(conn, host)? })
    });
    Ok(HttpResponse::Ok().json(terms.await?))
}

/// Puts these terms in the place of all others of the channel; those of single streams stay.
#[utoipa::path(put, operation_id = "replaceChannelTerms", path = "/api/v1/channels/{username}/terms", tag = "channels",
    request_body = TermsBody, params(("username" = String, Path)),
    responses((status = 200, description = "The terms", body = TermsBody)), security(("bearer" = [])))]
pub(crate) async fn replace((services, account, name): OfChannel, body: Json<TermsBody>) -> Answer {
    let (terms, _) = body.0.compiled().await?;
    let terms: Arc<[Term]> = terms.into();
    let kept = terms.clone();
    let (actor, of) = (account.account(), ChannelOf::Host(name.0));
    services.streams.act_in_channel(Right::Settings, actor, of, move |act| put(act, &terms)).await?;
    Ok(HttpResponse::Ok().json(TermsBody { terms: kept.to_vec() }))
}

fn put(act: &mut ChannelAct<'_, '_>, new: &[Term]) -> Result<ChannelEffects<()>, Fault> {
    terms::of_channel::replace(act.tx, act.host, new)?;
    act.record("terms.replace", None, Some(format!("{} terms", new.len())))?;
    let reads_again = |id| (id, Effects::none(()).refreshing(&[Part::Terms]));
    let streams = act.streams.iter().copied().map(reads_again).collect();
    Ok(ChannelEffects { value: (), streams, concerns_ended: false })
}
