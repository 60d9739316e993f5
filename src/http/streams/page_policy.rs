//! What the page of a room may reach besides the site: where the picture of its stream is, if that is elsewhere.
//! It must not know what the page does with it.

use crate::{
    domain::StreamId,
    http::{Services, middleware::headers},
};
use actix_web::{HttpRequest, http::header::HeaderValue, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use url::Url;

/// The policy of the page at `/s/{id}`: that of every page, and the origin of the stream's picture for scripts, since HLS
/// is fetched by one. None where there is no such picture, or where not everybody may know of the stream: who asks for a
/// page says not yet who they are.
pub(crate) fn of_room(request: &HttpRequest) -> LocalBoxFuture<'static, Option<HeaderValue>> {
    let services = request.app_data::<web::Data<Services>>().cloned();
    let id = request.match_info().get("id").and_then(|id| id.parse::<StreamId>().ok());
    async move {
        let services = services?;
        let read = services.streams.read_as(id?, None, |_, access| Ok(access.stream.playback_url.clone()));
        let url = Url::parse(&read.await.ok()??).ok()?;
        headers::content_security_policy(&url.origin())
    }
    .boxed_local()
}
