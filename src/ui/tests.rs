//! The page as a browser asks for it.

use super::*;
use crate::domain::webhook::EventName;
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
async fn every_page_answers_the_same_shell_but_for_the_modules_that_it_names() {
    let (_, _, home) = ask(test::TestRequest::get().uri("/")).await;
    let named = |page: &str| -> Vec<String> {
        page.lines().filter(|line| line.contains("modulepreload")).map(str::to_owned).collect()
    };
    let names_modules = |line: &&str| line.contains("modulepreload") || line.contains("\"later\"");
    let rest = |page: &str| -> String { page.lines().filter(|line| !names_modules(line)).collect() };
    for (page, own) in [
        ("/", "/pages/home.js"),
        ("/s/0198", "/room/page.js"),
        ("/s/0198/studio", "/studio/page.js"),
        ("/u/ana", "/pages/profile.js"),
        ("/@bo", "/pages/channel.js"),
        ("/pop/0198", "/pages/pop.js"),
        ("/account", "/pages/account.js"),
        ("/docs", "/pages/docs.js"),
        ("/setup?token=0", "/pages/setup.js"),
    ] {
        let (status, headers, body) = ask(test::TestRequest::get().uri(page)).await;
        assert_eq!((status, rest(&body)), (StatusCode::OK, rest(&home)), "{page}");
        for module in ["/app.js\"", "/core/i18n.js\"", &format!("{own}\"")] {
            assert_eq!(
                named(&body).iter().filter(|link| link.contains(module)).count(),
                1,
                "{page} {module}"
            );
        }
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
    let (_, headers, other) = ask(test::TestRequest::get().uri("/@bo")).await;
    let (status, own, body) = ask(test::TestRequest::get().uri("/@ana")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!own.contains_key(header::CONTENT_SECURITY_POLICY), "that of every page is set around it");
    assert_ne!(own.get(header::ETAG), headers.get(header::ETAG));
    let usual =
        "<title>Livehouse</title>\n<meta name=\"description\" content=\"Live streams, rooms and comments.\">";
    assert_eq!(body, other.replace(usual, "<title>&lt;Ana&gt;</title>\n"));
    assert_ne!(body, other);
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

/// A room comes in two goes, its picture and its chat: what only their parts import is named, too, and all of it is there.
#[core::prelude::v1::test]
fn a_page_names_every_module_that_it_is_made_of() {
    let site = site();
    let shell = String::from_utf8_lossy(&site.shell(ROOM.1)).into_owned();
    let links = shell.lines().filter(|line| line.contains("modulepreload"));
    let links = links.map(|line| line.rsplit_once(site.build()).unwrap().1.trim_matches(['/', '"', '>']));
    let later =
        shell.split("name=\"later\" content=\"").nth(1).unwrap().split('"').next().unwrap().split(' ');
    let (first, later): (Vec<&str>, Vec<&str>) = (links.collect(), later.collect());
    let whole = [first.as_slice(), &later].concat();
    for module in &whole {
        let file = site.file(module).unwrap_or_else(|| panic!("{module}"));
        let text = String::from_utf8_lossy(&file.body).into_owned();
        for line in text.lines().filter(|line| line.starts_with("import ") || line.contains(" from '")) {
            let name = line.rsplit('/').next().unwrap().trim_end_matches("';");
            assert!(whole.iter().any(|module| module.ends_with(name)), "{module}: {line}");
        }
    }
    let first_of = |name: &str| first.iter().position(|module| *module == name);
    assert!(first_of("core/i18n.js") < first_of("room/stage.js"), "{first:?}");
    assert!(first.len() > 40 && later.len() > 20 && later.iter().all(|module| !first.contains(module)));
    assert!(later.contains(&CHAT) && !whole.contains(&"studio/page.js"), "{whole:?}");
}

#[core::prelude::v1::test]
fn the_markup_has_no_inline_script_or_style() {
    let site = site();
    for document in [site.shell(ROOM.1), site.document(site::EMBED), site.document(site::OVERLAY)] {
        let text = String::from_utf8_lossy(&document).into_owned();
        assert!(text.starts_with("<!doctype html>") && !text.contains("{{"), "{text}");
        assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains("<script>"));
        assert!(!text.contains(" on"), "no event attribute");
    }
}

#[core::prelude::v1::test]
fn a_document_asks_for_all_its_styles_at_once_in_their_order() {
    let site = site();
    for (document, name) in [(site.shell(ROOM.1), "index"), (site.document(site::EMBED), "embed")] {
        let text = String::from_utf8_lossy(&document).into_owned();
        let links: Vec<&str> = text.lines().filter(|line| line.contains("\"stylesheet\"")).collect();
        let style = format!("css/of-{name}.css");
        assert!(links.len() == 1 && links[0].contains(&format!("{}/{style}\"", site.build())), "{links:?}");
        let of = |name: &str| String::from_utf8_lossy(&site.file(name).expect("there").body).into_owned();
        let joined = of(&style);
        let places = ["tokens", "base", "shell", "chat", "outside"]
            .map(|part| joined.find(&of(&format!("css/{part}.css"))));
        assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
    }
}

/// The SHA-256 of `dist/hls.light.min.mjs` and `LICENSE` of hls.js 1.7.4, as its package has them.
const VENDORED: [(&str, &str); 2] = [
    ("vendor/hls/LICENSE", "ca8773cf798c7ed997d4dd7c8e23c348699f8d5b7462636694cc14de6cda12db"),
    ("vendor/hls/hls.light.min.mjs", "3d82a88cf9ae0d9aaab3cbe9ff6ecbb64bb89c54a399c34ae9bf8b559baeb20f"),
];

#[core::prelude::v1::test]
fn what_others_wrote_is_as_they_published_it_with_its_licence() {
    let site = site();
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
    let site = site();
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
    let site = site();
    let text = String::from_utf8_lossy(&site.file("core/endings.js").expect("listed").body).into_owned();
    let listed: Vec<&str> = text.split('`').nth(1).expect("a list").split_whitespace().collect();
    let unknown: Vec<_> = listed.iter().filter(|ending| !tld::exist(ending)).collect();
    assert_eq!(unknown, Vec::<&&str>::new());
    assert_eq!(listed.len(), tld::TLD.len(), "as many as the server has");
}

#[actix_web::test]
async fn the_book_is_a_document_for_each_of_its_pages_and_asked_for_again() {
    for (page, title) in [("/docs/book", "About this book"), ("/docs/protocol", "The protocol")] {
        let (status, headers, body) = ask(test::TestRequest::get().uri(page)).await;
        assert_eq!(
            (status, headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap()),
            (StatusCode::OK, HTML)
        );
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), ASK_AGAIN);
        assert!(
            body.contains(&format!("<title>{title} · Livehouse</title>")) && !body.contains("{{"),
            "{body}"
        );
        let known = (header::IF_NONE_MATCH, headers.get(header::ETAG).unwrap().clone());
        let (status, _, body) = ask(test::TestRequest::get().uri(page).insert_header(known)).await;
        assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{page}");
        let packed = test::TestRequest::get().uri(page).insert_header((header::ACCEPT_ENCODING, "gzip"));
        assert_eq!(ask(packed).await.1.get(header::CONTENT_ENCODING).unwrap(), "gzip");
    }
    let (status, _, shell) = ask(test::TestRequest::get().uri("/docs")).await;
    assert!(
        status == StatusCode::OK && shell.contains("/pages/docs.js"),
        "the page of calls is one of the shell"
    );
    let page = test::TestRequest::get().uri("/docs/nothing").insert_header((header::ACCEPT, "text/html"));
    let (status, _, lost) = ask(page).await;
    assert!(status == StatusCode::NOT_FOUND && lost.contains("/pages/lost.js"), "{lost}");
    assert_eq!(ask(test::TestRequest::get().uri("/docs/nothing")).await.0, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_document_without_scripts_has_the_dark_tokens_by_the_system() {
    let site = site();
    let css =
        site.file("css/of-book.css").map(|file| String::from_utf8_lossy(&file.body).into_owned()).unwrap();
    let (_, dark) = css.split_once("@media (prefers-color-scheme: dark) {").unwrap();
    assert!(dark.split_once('}').is_some_and(|(dark, _)| dark.contains("--ground: #0f1014;")), "{dark}");
}

#[actix_web::test]
async fn the_page_offers_every_event_that_a_webhook_can_want_and_no_other() {
    let site = site();
    let file = site.file("components/webhooks/making.js").expect("it is a file of the site");
    let text = String::from_utf8_lossy(&file.body).into_owned();
    let (_, list) = text.split_once("const EVENTS = [").expect("a list");
    let (list, _) = list.split_once(']').expect("its end");
    let mut offered: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    let mut wanted: Vec<&str> = EventName::ALL.iter().map(|event| event.as_str()).collect();
    offered.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(offered, wanted);
}
