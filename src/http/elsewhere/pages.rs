//! What the page at an address has of its own: its head, and what it may reach besides the site. Who asks for a page says not
//! yet who they are, so a private stream is as if it were not there. It must not know what the page does with it.

use super::{addresses, head};
use crate::{
    config::EmbedOrigins,
    domain::{Millis, StreamId, Username},
    http::{Services, accounts::users::named, media::addresses::Base, middleware::headers},
    room::operations::Fault,
    store::{Person, Stream, channels::front},
    wire::documents::OwnParts,
};
use actix_web::{HttpRequest, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use url::{Origin, Url};

/// The page at `/s/{id}`.
pub(crate) fn room(request: &HttpRequest) -> LocalBoxFuture<'static, OwnParts> {
    let asked = Asked::of(request, "id");
    async move { asked?.room().await }.map(Option::unwrap_or_default).boxed_local()
}

/// The page at `/@{name}`.
pub(crate) fn channel(request: &HttpRequest) -> LocalBoxFuture<'static, OwnParts> {
    let asked = Asked::of(request, "name");
    async move { asked?.channel().await }.map(Option::unwrap_or_default).boxed_local()
}

/// The page at `/embed/{id}`, which some may show in a frame, whether there is such a stream or not.
pub(crate) fn embed(request: &HttpRequest) -> LocalBoxFuture<'static, OwnParts> {
    let asked = Asked::of(request, "id");
    async move { Some(asked?.embed().await) }.map(Option::unwrap_or_default).boxed_local()
}

struct Asked {
    services: web::Data<Services>,
    base: Base,
    /// What the address names.
    name: String,
}

impl Asked {
    fn of(request: &HttpRequest, part: &str) -> Option<Self> {
        let services = request.app_data::<web::Data<Services>>()?.clone();
        let base = Base::of(request, &services.config);
        let name = request.match_info().get(part)?.to_owned();
        Some(Self { services, base, name })
    }

    async fn room(self) -> Option<OwnParts> {
        let id: StreamId = self.name.parse().ok()?;
        let stream = visible(&self.services, id).await.ok()?;
        let feeds = head::feeds_of(&stream.host, &self.base);
        let head = head::of_stream(&stream, &self.base, &addresses::room(&self.base, id)).and(feeds);
        Some(OwnParts { policy: policy(&stream), head: Some(head) })
    }

    async fn channel(self) -> Option<OwnParts> {
        let username = Username::parse(&self.name).ok()?;
        let (host, stream) = at_channel(&self.services, username).await.ok()?;
        let address = addresses::channel(&self.base, &host.username, "");
        let head = match &stream {
            Some(stream) => head::of_stream(stream, &self.base, &address),
            None => head::of_host(&host, &self.base),
        };
        let head = Some(head.and(head::feeds_of(&host, &self.base)));
        Some(OwnParts { policy: stream.as_ref().and_then(policy), head })
    }

    async fn embed(self) -> OwnParts {
        let stream = match self.name.parse() {
            Ok(id) => visible(&self.services, id).await.ok(),
            Err(_) => None,
        };
        let picture = stream.as_ref().and_then(picture_elsewhere);
        let policy = headers::content_security_policy(picture.as_ref(), &self.services.config.embed_origins);
        OwnParts { policy: Some(policy), head: None }
    }
}

/// A stream that everybody may see who knows its id.
/// Errors: `not_found`; those of the store.
pub(super) async fn visible(services: &Services, id: StreamId) -> Result<Stream, Fault> {
    services.streams.read_as(id, None, |_, access| Ok(access.stream.clone())).await
}

/// Who is at a permanent address, and which stream is shown there.
/// Errors: `not_found`; those of the store.
pub(super) async fn at_channel(
    services: &Services,
    username: Username,
) -> Result<(Person, Option<Stream>), Fault> {
    let found = services.store.read::<_, Fault>(move |conn| {
        let user = named(conn, &username)?;
        let stream = front::shown(conn, user.id, Millis::now())?;
        let host = Person { id: user.id, username: user.username, display_name: user.display_name };
        Ok((host, stream))
    });
    found.await
}

/// That of every page, and the origin of the stream's picture for scripts, since HLS is fetched by one. None where there is no
/// such picture.
fn policy(stream: &Stream) -> Option<String> {
    let picture = picture_elsewhere(stream)?;
    Some(headers::content_security_policy(Some(&picture), &EmbedOrigins::Nobody))
}

fn picture_elsewhere(stream: &Stream) -> Option<Origin> {
    Some(Url::parse(stream.playback_url.as_deref()?).ok()?.origin())
}
