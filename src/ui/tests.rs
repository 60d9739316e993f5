//! The page as a browser asks for it.

use super::*;
use actix_web::http::StatusCode;
use actix_web::{App, test};
use sha2::{Digest, Sha256};

async fn ask(request: test::TestRequest) -> (StatusCode, header::HeaderMap, String) {
    let app = test::init_service(App::new().configure(configure(Own {
        room: parts,
        channel: parts,
        embed: parts,
    })))
    .await;
    let res = test::call_service(&app, request.to_request()).await;
    let (status, headers) = (res.status(), res.headers().clone());
    let body = test::read_body(res).await;
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

/// One room has a policy of its own here, and one channel a head.
fn parts(request: &HttpRequest) -> LocalBoxFuture<'static, OwnParts> {
    let policy =
        (request.path().ends_with("/elsewhere")).then(|| "connect-src https://cdn.example".to_owned());
    let head = (request.path() == "/@ana").then(|| Markup::default().text("title", "<Ana>"));
    Box::pin(async { OwnParts { policy, head } })
}

/// The address of an asset as the shell names it.
async fn address(name: &str) -> String {
    let (_, _, shell) = ask(test::TestRequest::get().uri("/")).await;
    let at = shell.find(name).expect("the shell names it");
    let start = shell[..at].rfind('"').expect("in an attribute") + 1;
    shell[start..at + name.len()].to_owned()
}

#[actix_web::test]
async fn every_page_answers_the_same_shell() {
    let (_, _, home) = ask(test::TestRequest::get().uri("/")).await;
    for page in ["/s/0198", "/s/0198/studio", "/u/ana", "/@bo", "/pop/0198", "/account", "/docs"] {
        let (status, headers, body) = ask(test::TestRequest::get().uri(page)).await;
        assert_eq!((status, &body), (StatusCode::OK, &home), "{page}");
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), ASK_AGAIN, "{page}");
    }
    assert!(!home.contains("{{"), "addresses are filled in");
}

#[actix_web::test]
async fn an_asset_of_this_build_is_kept_forever() {
    let (status, headers, body) = ask(test::TestRequest::get().uri(&address("app.js").await)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), FOREVER);
    assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "text/javascript; charset=utf-8");
    assert!(body.contains("import"));
}

#[actix_web::test]
async fn an_asset_of_another_build_is_asked_for_again() {
    let (status, headers, _) = ask(test::TestRequest::get().uri("/assets/older/app.js")).await;
    assert_eq!(
        (status, headers.get(header::CACHE_CONTROL).unwrap()),
        (StatusCode::OK, &header::HeaderValue::from_static(ASK_AGAIN))
    );
}

#[actix_web::test]
async fn what_the_browser_has_is_not_sent_again() {
    for uri in ["/".to_owned(), address("app.js").await] {
        let (_, headers, _) = ask(test::TestRequest::get().uri(&uri)).await;
        let tag = headers.get(header::ETAG).unwrap().clone();
        let (status, _, body) =
            ask(test::TestRequest::get().uri(&uri).insert_header((header::IF_NONE_MATCH, tag))).await;
        assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{uri}");
        let other = (header::IF_NONE_MATCH, "\"other\"");
        assert_eq!(
            ask(test::TestRequest::get().uri(&uri).insert_header(other)).await.0,
            StatusCode::OK,
            "{uri}"
        );
    }
}

#[actix_web::test]
async fn a_room_with_a_policy_of_its_own_is_another_document() {
    let (_, other, home) = ask(test::TestRequest::get().uri("/s/0198")).await;
    assert!(!other.contains_key(header::CONTENT_SECURITY_POLICY), "that of every page is set around it");
    let (status, headers, body) = ask(test::TestRequest::get().uri("/s/elsewhere")).await;
    assert_eq!((status, &body), (StatusCode::OK, &home));
    assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY).unwrap(), "connect-src https://cdn.example");
    let [tag, of_others] = [headers, other].map(|headers| headers.get(header::ETAG).unwrap().clone());
    let again = async |tag| {
        ask(test::TestRequest::get().uri("/s/elsewhere").insert_header((header::IF_NONE_MATCH, tag))).await.0
    };
    assert_eq!((again(tag).await, again(of_others).await), (StatusCode::NOT_MODIFIED, StatusCode::OK));
}

#[actix_web::test]
async fn a_page_that_says_what_it_is_is_another_document_with_the_same_body() {
    let (_, headers, home) = ask(test::TestRequest::get().uri("/")).await;
    let (status, own, body) = ask(test::TestRequest::get().uri("/@ana")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!own.contains_key(header::CONTENT_SECURITY_POLICY), "that of every page is set around it");
    assert_ne!(own.get(header::ETAG), headers.get(header::ETAG));
    let usual =
        "<title>Livehouse</title>\n<meta name=\"description\" content=\"Live streams, rooms and comments.\">";
    assert_eq!(body, home.replace(usual, "<title>&lt;Ana&gt;</title>\n"));
    assert_ne!(body, home);
}

#[actix_web::test]
async fn frames_and_overlays_are_documents_of_their_own() {
    let (_, _, home) = ask(test::TestRequest::get().uri("/")).await;
    for (page, script) in [("/embed/elsewhere", "outside/embed.js"), ("/overlay/0198", "outside/overlay.js")]
    {
        let (status, headers, body) = ask(test::TestRequest::get().uri(page)).await;
        assert!(status == StatusCode::OK && body != home && body.contains(script), "{page}");
        assert!(
            body.contains("<meta name=\"robots\" content=\"noindex\">") && !body.contains("app.js"),
            "{page}"
        );
        assert_eq!(headers.contains_key(header::CONTENT_SECURITY_POLICY), page == "/embed/elsewhere");
    }
}

#[actix_web::test]
async fn only_files_of_the_site_are_served() {
    for uri in [
        "/assets/x/index.html",
        "/assets/x/embed.html",
        "/assets/x/overlay.html",
        "/assets/x/nothing.js",
        "/assets/x/../mod.rs",
        "/assets/x/%2e%2e/mod.rs",
    ] {
        assert_eq!(ask(test::TestRequest::get().uri(uri)).await.0, StatusCode::NOT_FOUND, "{uri}");
    }
}

#[actix_web::test]
async fn pictures_are_where_others_look_for_them() {
    for (address, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/apple-touch-icon.png", "image/png"),
        ("/card.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ] {
        let (status, headers, body) = ask(test::TestRequest::get().uri(address)).await;
        assert_eq!(
            (status, headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap()),
            (StatusCode::OK, kind)
        );
        assert!(!body.is_empty(), "{address}");
    }
}

#[actix_web::test]
async fn head_is_answered_as_get() {
    let head = test::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/account");
    assert_eq!(ask(head).await.0, StatusCode::OK);
}

#[core::prelude::v1::test]
fn the_markup_has_no_inline_script_or_style() {
    let site = Site::embedded();
    for document in [site.shell(), site.document(site::EMBED), site.document(site::OVERLAY)] {
        let text = String::from_utf8_lossy(&document).into_owned();
        assert!(text.starts_with("<!doctype html>") && !text.contains("{{"), "{text}");
        assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains("<script>"));
        assert!(!text.contains(" on"), "no event attribute");
    }
}

/// The SHA-256 of `dist/hls.light.min.mjs` and `LICENSE` of hls.js 1.7.4, as its package has them.
const VENDORED: [(&str, &str); 2] = [
    ("vendor/hls/LICENSE", "ca8773cf798c7ed997d4dd7c8e23c348699f8d5b7462636694cc14de6cda12db"),
    ("vendor/hls/hls.light.min.mjs", "3d82a88cf9ae0d9aaab3cbe9ff6ecbb64bb89c54a399c34ae9bf8b559baeb20f"),
];

#[core::prelude::v1::test]
fn what_others_wrote_is_as_they_published_it_with_its_licence() {
    let site = Site::embedded();
    let there: Vec<_> = site.names().filter(|name| name.starts_with("vendor/")).collect();
    assert_eq!(there, VENDORED.map(|(name, _)| name));
    for (name, hash) in VENDORED {
        let file = site.file(name).expect("listed");
        let found: String = Sha256::digest(&file.body).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, hash, "{name}");
        assert!(file.kind.starts_with("text/"), "{name}");
    }
}

#[core::prelude::v1::test]
fn no_module_parses_markup() {
    let site = Site::embedded();
    for name in site.names().filter(|name| name.ends_with(".js")) {
        let text = String::from_utf8_lossy(&site.file(name).expect("listed").body).into_owned();
        for sink in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
        {
            assert!(!text.contains(sink), "{name} uses {sink}");
        }
    }
}

#[core::prelude::v1::test]
fn the_page_has_the_endings_of_the_root_zone() {
    let site = Site::embedded();
    let text = String::from_utf8_lossy(&site.file("core/endings.js").expect("listed").body).into_owned();
    let listed: Vec<&str> = text.split('`').nth(1).expect("a list").split_whitespace().collect();
    let unknown: Vec<_> = listed.iter().filter(|ending| !tld::exist(ending)).collect();
    assert_eq!(unknown, Vec::<&&str>::new());
    assert_eq!(listed.len(), tld::TLD.len(), "as many as the server has");
}
