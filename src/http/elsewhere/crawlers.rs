//! What search engines are told: what they may read, and which pages there are.
//! It must not know what a page says.

use super::{addresses, answer};
use crate::{
    http::{Answer, Services, media::addresses::Base},
    room::operations::Fault,
    store::streams::{self, PublicPage},
    wire::documents::Markup,
};
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::BTreeMap;

/// Streams on the map, the newest; the format allows 50,000 addresses.
const STREAMS_MAX: usize = 5_000;
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// Pages that say nothing to who is not somebody. What the others show they ask of the API, so that must stay open.
const CLOSED: [&str; 8] =
    ["/account", "/admin", "/setup", "/reset", "/s/*/studio", "/pop/", "/overlay/", "/embed/"];

/// What search engines may read.
pub(crate) async fn robots(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let base = Base::of(&request, &services.config);
    let closed: String = CLOSED.iter().map(|place| format!("Disallow: {place}\n")).collect();
    let text = format!("User-agent: *\n{closed}\nSitemap: {}\n", base.url("/sitemap.xml"));
    answer::document(&request, "text/plain; charset=utf-8", text)
}

/// The pages of the newest public streams and of their hosts.
pub(crate) async fn sitemap(request: HttpRequest, services: web::Data<Services>) -> Answer {
    let base = Base::of(&request, &services.config);
    let pages = services.store.read::<_, Fault>(|conn| Ok(streams::public_pages(conn, STREAMS_MAX)?)).await?;
    Ok(answer::document(&request, "application/xml; charset=utf-8", map(&pages, &base)))
}

fn map(pages: &[PublicPage], base: &Base) -> String {
    let mut hosts = BTreeMap::new();
    for page in pages {
        let changed = hosts.entry(page.host.as_str()).or_insert(page.updated_at);
        *changed = page.updated_at.max(*changed);
    }
    let entry = |map: Markup, address: &str, changed: Option<String>| {
        let entry = Markup::default().text("loc", address);
        let entry = changed.iter().fold(entry, |entry, changed| entry.text("lastmod", changed));
        map.element("url", &[], entry)
    };
    let map = entry(Markup::default(), &base.url("/"), None);
    let map = hosts.iter().fold(map, |map, (host, changed)| {
        entry(map, &addresses::channel(base, host, ""), Some(changed.to_string()))
    });
    let map = pages.iter().fold(map, |map, page| {
        entry(map, &addresses::room(base, page.id), Some(page.updated_at.to_string()))
    });
    Markup::xml().element("urlset", &[("xmlns", NAMESPACE)], map).into_string()
}
