//! One's avatar and cover, and the logo of the site, chosen on a page, looked at, kept and taken away.

use super::{operator, scene::Venue, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        an_account_gets_an_avatar_and_a_cover_and_loses_them,
        the_site_gets_a_logo_that_stands_at_the_head_of_its_pages,
    ]
}

/// Puts a file into the chooser, as a person does: a picture of one colour, or what a script gives.
async fn choose(who: &Visitor, kind: &str, file: &str) {
    let script = format!(
        "(async () => {{ const canvas = new OffscreenCanvas(300, 200); const pen = canvas.getContext('2d'); \
         pen.fillStyle = 'red'; pen.fillRect(0, 0, 300, 200); const picture = await canvas.convertToBlob(); \
         const chooser = document.querySelector('[name={kind}]'); const files = new DataTransfer(); \
         files.items.add({file}); chooser.files = files.files; \
         chooser.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    );
    who.tab.value(&script).await;
}

/// Waits until an image is on the page, and there for the eye.
async fn sees(who: &Visitor, image: &str) {
    who.tab.until(&format!("document.querySelector('{image}')?.naturalWidth > 0")).await;
}

async fn an_account_gets_an_avatar_and_a_cover_and_loses_them() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    ana.go("/account").await;
    ana.tab.until("document.querySelector('[name=cover]')").await;
    for (file, word) in [
        ("new File(['x'], 'x.gif', {type: 'image/gif'})", "JPEG, PNG or WebP"),
        ("new File([new Uint8Array(2097153)], 'x.png', {type: 'image/png'})", "at most 2 MB"),
    ] {
        choose(&ana, "avatar", file).await;
        let problem = "document.getElementById('avatar-problem').textContent";
        ana.tab.until(&format!("{problem}.includes('{word}')")).await;
    }
    choose(&ana, "avatar", "new File(['no picture'], 'x.png', {type: 'image/png'})").await;
    ana.tab.click("[name=avatar-save]").await;
    let problem = "document.getElementById('avatar-problem').textContent";
    ana.tab.until(&format!("{problem}.includes('cannot be read')")).await;
    for kind in ["avatar", "cover"] {
        choose(&ana, kind, "new File([picture], 'x.png', {type: 'image/png'})").await;
        sees(&ana, &format!(".image-shown img.{kind}[src^=\"data:\"]")).await;
        ana.tab.click(&format!("[name={kind}-save]")).await;
        sees(&ana, &format!(".image-shown img.{kind}[src^=\"/api/v1/users/ana/{kind}?v=\"]")).await;
    }
    sees(&ana, ".settings-head img.avatar").await;
    sees(&ana, ".avatar-button img.avatar").await;
    let guest = venue.visitor("/u/ana").await;
    sees(&guest, ".profile-head img.avatar").await;
    sees(&guest, ".profile-banner img.cover").await;

    for kind in ["avatar", "cover"] {
        ana.tab.click(&format!("[name={kind}-remove]")).await;
        ana.tab.until(&format!("!document.querySelector('.image-shown img.{kind}')")).await;
    }
    ana.tab.until("document.querySelector('.avatar-button span.avatar')?.textContent === 'A'").await;
    let me = ana.tab.with_module("core/api.js", "m.get('/users/me')").await;
    assert_eq!((&me["avatar_url"], &me["cover_url"]), (&json!(null), &json!(null)));
    guest.tab.assert_calm();
}

async fn the_site_gets_a_logo_that_stands_at_the_head_of_its_pages() {
    let venue = Venue::open().await;
    let root = operator::administrator(&venue).await;
    let guest = venue.visitor("/").await;
    guest.tab.until("document.querySelector('.brand svg.mark')").await;
    root.go("/admin#settings").await;
    root.tab.until("document.querySelector('[name=logo]')").await;
    choose(&root, "logo", "new File([picture], 'x.png', {type: 'image/png'})").await;
    sees(&root, ".image-shown img.logo[src^=\"data:\"]").await;
    root.tab.click("[name=logo-save]").await;
    sees(&root, ".image-shown img.logo[src^=\"/api/v1/site/logo?v=\"]").await;
    guest.go("/").await;
    sees(&guest, ".brand img.logo").await;
    // From then on it stands there before the site has been asked.
    let kept = guest.tab.value("JSON.parse(localStorage.getItem('livehouse.brand')).logo").await;
    assert!(kept.as_str().is_some_and(|logo| logo.starts_with("/api/v1/site/logo?v=")), "{kept}");

    root.tab.click("[name=logo-remove]").await;
    root.tab.until("!document.querySelector('.image-shown img.logo')").await;
    guest.go("/").await;
    guest.tab.until("document.querySelector('.brand svg.mark')").await;
    guest.tab.assert_calm();
}
