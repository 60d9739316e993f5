//! Feeds of public streams, newest first, in Atom (RFC 4287): the site's and each host's.
//! They must not know who reads them.

use super::{SITE_NAME, addresses, answer, head};
use crate::{
    domain::{Millis, Username},
    http::{Answer, Services, accounts::users::named, extract::Path, media::addresses::Base},
    room::operations::Fault,
    store::{
        Stream,
        streams::{self, Filter, Sort},
    },
    wire::documents::Markup,
};
use actix_web::{HttpRequest, web};

/// Streams in a feed.
const ENTRIES_MAX: usize = 50;
const KIND: &str = "application/atom+xml; charset=utf-8";
const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// What a feed is of.
struct Feed<'a> {
    /// What names it for ever.
    id: String,
    title: &'a str,
    /// Where it is.
    address: String,
    /// The page that it is the feed of.
    page: String,
    /// When something changed, where there is nothing in it.
    since: Millis,
}

/// The newest public streams, in Atom.
#[utoipa::path(get, operation_id = "getFeed", path = "/feed.xml", tag = "elsewhere",
    responses((status = 200, description = "The newest 50", content_type = "application/atom+xml", body = String)))]
pub(crate) async fn of_site(request: HttpRequest, services: web::Data<Services>) -> Answer {
    let base = Base::of(&request, &services.config);
    let streams = services.store.read::<_, Fault>(|conn| newest(conn, Filter::default())).await?;
    let address = base.url("/feed.xml");
    let feed = Feed {
        id: address.clone(),
        title: SITE_NAME,
        address,
        page: base.url("/"),
        since: Millis::default(),
    };
    Ok(answer::document(&request, KIND, feed.written(&streams, &base)))
}

/// A host's newest public streams, in Atom.
#[utoipa::path(get, operation_id = "getChannelFeed", path = "/@{username}/feed.xml", tag = "elsewhere",
    params(("username" = String, Path, description = "In any case")),
    responses((status = 200, description = "The newest 50", content_type = "application/atom+xml", body = String)))]
pub(crate) async fn of_channel(
    request: HttpRequest,
    services: web::Data<Services>,
    Path(username): Path<Username>,
) -> Answer {
    let base = Base::of(&request, &services.config);
    let read = services.store.read::<_, Fault>(move |conn| {
        let user = named(conn, &username)?;
        let streams = newest(conn, Filter { host_id: Some(user.id), ..Filter::default() })?;
        Ok((user, streams))
    });
    let (user, streams) = read.await?;
    let feed = Feed {
        id: format!("urn:uuid:{}", user.id),
        title: &format!("{} · {SITE_NAME}", user.display_name),
        address: addresses::channel(&base, &user.username, "/feed.xml"),
        page: addresses::channel(&base, &user.username, ""),
        since: user.created_at,
    };
    Ok(answer::document(&request, KIND, feed.written(&streams, &base)))
}

fn newest(conn: &mut crate::store::Conn, filter: Filter) -> Result<Vec<Stream>, Fault> {
    Ok(streams::list(conn, &filter, Sort::Created, None, ENTRIES_MAX)?.items)
}

impl Feed<'_> {
    fn written(&self, streams: &[Stream], base: &Base) -> String {
        let updated = streams.iter().map(|stream| stream.updated_at).max().unwrap_or(self.since);
        let feed = Markup::default()
            .text("id", &self.id)
            .text("title", self.title)
            .text("updated", &updated.to_string())
            .text("icon", &base.url("/favicon.ico"))
            .empty("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", &self.address)])
            .empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &self.page)]);
        let feed = streams.iter().fold(feed, |feed, stream| feed.element("entry", &[], entry(stream, base)));
        Markup::xml().element("feed", &[("xmlns", NAMESPACE)], feed).into_string()
    }
}

fn entry(stream: &Stream, base: &Base) -> Markup {
    let author = Markup::default()
        .text("name", &stream.host.display_name)
        .text("uri", &addresses::channel(base, &stream.host.username, ""));
    let room = addresses::room(base, stream.id);
    let entry = Markup::default()
        .text("id", &format!("urn:uuid:{}", stream.id))
        .text("title", &stream.title)
        .text("published", &stream.created_at.to_string())
        .text("updated", &stream.updated_at.to_string())
        .empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &room)])
        .element("author", &[], author)
        .text("summary", &head::summary_of(stream));
    stream.tags.iter().fold(entry, |entry, tag| entry.empty("category", &[("term", tag)]))
}
