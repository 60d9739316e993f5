//! The page: one shell for every address, its modules and styles, embedded in the binary.
//! It must not know rooms, users or the database: all it shows it asks of the API, as any client does.

mod asset;
mod book;
mod modules;
mod site;
#[cfg(test)]
mod tests;

use crate::{
    http::{Error, extract::etag},
    wire::documents::{Markup, OwnParts},
};
use actix_web::http::{
    Method, StatusCode,
    header::{self, AcceptEncoding, ETag, Encoding, EntityTag, Header, HeaderValue},
};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use asset::Asset;
use futures_util::future::LocalBoxFuture;
use site::{EMBED, MANIFEST, OVERLAY, Page, Site};
use std::sync::LazyLock;

/// Addresses that answer the shell, and the module that the router in it will draw each by.
const PAGES: [(&str, &str); 10] = [
    (HOME, "pages/home.js"),
    ("/s/{id}/studio", "studio/page.js"),
    ("/u/{name}", "pages/profile.js"),
    ("/account", "pages/account.js"),
    ("/admin", "admin/page.js"),
    ("/reset", "pages/reset.js"),
    ("/invitation", "pages/invitation.js"),
    ("/docs", "pages/docs.js"),
    ("/setup", "pages/setup.js"),
    ("/pop/{id}", "pages/pop.js"),
];
const HOME: &str = "/";
/// Those that have something of their own.
const ROOM: (&str, &str) = ("/s/{id}", "room/page.js");
/// What a room asks for once its picture is seen.
const CHAT: &str = "room/chat.js";
const CHANNEL: (&str, &str) = ("/@{name}", "pages/channel.js");
/// What stands where nothing is.
const LOST: &str = "pages/lost.js";
/// Those that are documents of their own: a frame on pages of other sites, and comments over somebody's picture.
const FRAME: &str = "/embed/{id}";
const OVER: &str = "/overlay/{id}";
/// A page of the book.
const BOOK: &str = "/docs/{page}";
/// Files that others look for at these addresses, and where they are.
const FILES: [(&str, &str); 4] = [
    ("/favicon.ico", "icons/favicon.ico"),
    ("/apple-touch-icon.png", "icons/apple-touch.png"),
    ("/card.png", "icons/card.png"),
    ("/manifest.webmanifest", MANIFEST),
];
/// Where no page ever is.
const NO_PAGES: [&str; 3] = ["/api/", "/assets/", "/health/"];
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
const HTML: &str = "text/html; charset=utf-8";

/// All workers serve the same.
static SITE: LazyLock<web::Data<Site>> = LazyLock::new(|| web::Data::new(site()));

/// What the page that a request asks for has of its own.
pub(crate) type Parts = fn(&HttpRequest) -> LocalBoxFuture<'static, OwnParts>;

/// Who knows that, for each address that has anything.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    /// The room of a stream.
    pub room: Parts,
    /// The permanent address of a host.
    pub channel: Parts,
    /// A stream in a frame.
    pub embed: Parts,
}

/// Registers the pages and `/assets/{build}/{file}`.
pub(crate) fn configure(own: Own) -> impl FnOnce(&mut web::ServiceConfig) {
    move |cfg| {
        cfg.app_data(SITE.clone());
        for ((address, page), parts) in [(ROOM, own.room), (CHANNEL, own.channel)] {
            let dressed = move |req, site| dressed(req, site, page, parts);
            cfg.service(web::resource(address).route(web::get().to(dressed)).route(web::head().to(dressed)));
        }
        let embed = move |req, site| embed(req, site, own.embed);
        cfg.service(web::resource(FRAME).route(web::get().to(embed)).route(web::head().to(embed)));
        cfg.service(web::resource(OVER).route(web::get().to(overlay)).route(web::head().to(overlay)));
        for (address, page) in PAGES {
            let shell = move |req, site: web::Data<Site>| async move { shell(&req, &site, page) };
            cfg.service(web::resource(address).route(web::get().to(shell)).route(web::head().to(shell)));
        }
        cfg.service(web::resource(BOOK).route(web::get().to(book)).route(web::head().to(book)));
        let addresses =
            PAGES.iter().chain(&[ROOM, CHANNEL]).map(|(address, _)| *address).chain([FRAME, OVER, BOOK]);
        for address in addresses.filter(|address| *address != HOME) {
            let slashed = web::resource(format!("{address}{{slashes:/+}}"));
            cfg.service(slashed.route(web::get().to(without_slash)).route(web::head().to(without_slash)));
        }
        for (address, name) in FILES {
            let file = move |req, site: web::Data<Site>| async move { whole(&req, &site, name, ASK_AGAIN) };
            cfg.service(web::resource(address).route(web::get().to(file)).route(web::head().to(file)));
        }
        let assets = web::resource("/assets/{build}/{file:.*}");
        cfg.service(assets.route(web::get().to(asset)).route(web::head().to(asset)));
    }
}

fn site() -> Site {
    let modules = PAGES.iter().chain(&[ROOM, CHANNEL]).map(|(_, module)| *module).chain([LOST]);
    Site::embedded(modules.map(|module| Page { module, later: if module == ROOM.1 { &[CHAT] } else { &[] } }))
}

fn shell(req: &HttpRequest, site: &Site, page: &str) -> HttpResponse {
    answer(req, site.build(), HTML, ASK_AGAIN, site.shell(page))
}

/// The same document with a head of its own, under another tag where that or its policy is another: a browser that has it keeps
/// that policy, too.
async fn dressed(req: HttpRequest, site: web::Data<Site>, page: &str, parts: Parts) -> HttpResponse {
    let own = parts(&req).await;
    if own == OwnParts::default() {
        return shell(&req, &site, page);
    }
    let policy = own.policy.as_deref().unwrap_or_default();
    let head = own.head.as_ref().map_or("", Markup::as_str);
    let body =
        own.head.as_ref().map_or_else(|| site.shell(page), |head| site.shell_with(page, head.as_str()));
    let answer = answer(&req, &site.tag_with(&[policy, head]), HTML, ASK_AGAIN, body);
    under(own.policy, answer)
}

/// Shows a stream on pages of other sites: it knows no session.
async fn embed(req: HttpRequest, site: web::Data<Site>, parts: Parts) -> HttpResponse {
    let own = parts(&req).await;
    let tag = site.tag_with(&[EMBED, own.policy.as_deref().unwrap_or_default()]);
    under(own.policy, answer(&req, &tag, HTML, ASK_AGAIN, site.document(EMBED)))
}

/// Shows comments and nothing else, for whoever lays it over a picture.
async fn overlay(req: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    answer(&req, &site.tag_with(&[OVERLAY]), HTML, ASK_AGAIN, site.document(OVERLAY))
}

/// A page of the book.
async fn book(req: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    match site.page_of_book(req.match_info().get("page").unwrap_or_default()) {
        Some(page) => sent(&req, page, ASK_AGAIN),
        None => lost(&req).unwrap_or_else(|| Error::not_found().error_response()),
    }
}

/// A page with a policy of its own, where there is one.
fn under(policy: Option<String>, mut page: HttpResponse) -> HttpResponse {
    if let Some(policy) = policy.and_then(|policy| HeaderValue::try_from(policy).ok()) {
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    page
}

/// An address with a slash too many leads to the page that was meant.
async fn without_slash(req: HttpRequest) -> HttpResponse {
    let page = req.uri().path().trim_end_matches('/');
    let query = req.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{page}{query}"))).finish()
}

/// What a browser shows at an address that is nobody's; none for whoever does not read pages, or asks for no page.
pub(crate) fn lost(req: &HttpRequest) -> Option<HttpResponse> {
    let reads_pages =
        req.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok()).any(|line| {
            let kinds = line.split(',').filter_map(|range| range.split(';').next());
            kinds.map(str::trim).any(|kind| kind.eq_ignore_ascii_case("text/html"))
        });
    let is_page = !NO_PAGES.iter().any(|place| req.path().starts_with(place));
    if !(reads_pages && is_page && matches!(*req.method(), Method::GET | Method::HEAD)) {
        return None;
    }
    let site = req.app_data::<web::Data<Site>>()?;
    let mut answer = HttpResponse::NotFound();
    answer.insert_header((header::CACHE_CONTROL, ASK_AGAIN)).insert_header((header::VARY, "accept"));
    Some(answer.insert_header((header::CONTENT_TYPE, HTML)).body(site.shell(LOST)))
}

/// An address with an older build still answers, with today's file, which must then not be kept.
async fn asset(req: HttpRequest, site: web::Data<Site>, path: web::Path<(String, String)>) -> HttpResponse {
    let (build, name) = path.into_inner();
    let keep = if build == site.build() { FOREVER } else { ASK_AGAIN };
    whole(&req, &site, &name, keep)
}

fn whole(req: &HttpRequest, site: &Site, name: &str, keep: &str) -> HttpResponse {
    site.file(name).map_or_else(|| HttpResponse::NotFound().finish(), |file| sent(req, file, keep))
}

fn sent(req: &HttpRequest, file: &Asset, keep: &str) -> HttpResponse {
    let is_packed = file.is_text() && takes_gzip(req);
    let body = if is_packed { file.gzip() } else { file.body.clone() };
    let mut answer = answer(req, &file.tag, file.kind, keep, body);
    if file.is_text() {
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_packed && answer.status() == StatusCode::OK {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

/// Whether the client takes gzip, and likes it no less than the plain bytes.
fn takes_gzip(req: &HttpRequest) -> bool {
    let known = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(req).ok().and_then(|takes| takes.negotiate(known.iter())) == Some(Encoding::gzip())
}

fn answer(req: &HttpRequest, tag: &str, kind: &str, keep: &str, body: web::Bytes) -> HttpResponse {
    // Weak, because the same answer may leave compressed or not.
    let tag = EntityTag::new_weak(tag.to_owned());
    let is_known = etag::is_known(req, &tag);
    let mut res = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    res.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, keep));
    if is_known {
        return res.finish();
    }
    res.insert_header((header::CONTENT_TYPE, kind)).body(body)
}
