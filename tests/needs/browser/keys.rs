//! The keys of an account on its page: made, shown once, used, deleted; and the mark of what bots write.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_key_is_made_shown_once_and_deleted_on_the_page,
        what_a_bot_writes_is_marked_in_the_chat,
    ]
}

const LINES: &str =
    "[...document.querySelectorAll('.keys .line')].map((l) => l.querySelector('bdi').textContent)";

async fn a_key_is_made_shown_once_and_deleted_on_the_page() {
    let scene = Scene::live("Keys").await;
    let Scene { host: ana, .. } = &scene;
    ana.go("/account").await;
    ana.tab.until("document.querySelector('.keys li')?.textContent === 'You have no keys.'").await;
    let says = "[...document.querySelectorAll('.panel')].some((p) => /go on working after a new password/.test(p.textContent))";
    assert_eq!(
        ana.tab.value(says).await,
        json!(true),
        "a new password does not end them, and the page says so"
    );

    ana.tab.click("[name='new-key']").await;
    ana.tab.click("dialog [name='scope.read']").await;
    ana.tab.write("dialog [name=name]", "Jukebox").await;
    ana.tab.click("dialog [type=submit]").await;
    ana.tab
        .until("document.querySelector('dialog .scopes .problem')?.textContent.includes('one scope')")
        .await;
    for choice in ["scope.read", "scope.comment", "bot"] {
        ana.tab.click(&format!("dialog [name='{choice}']")).await;
    }
    ana.tab.click("dialog [type=submit]").await;
    ana.tab.until("document.querySelector('dialog code.key')?.textContent.startsWith('lhk_')").await;
    let key = ana.tab.value("document.querySelector('dialog code.key').textContent").await;
    let has_focus = "document.activeElement?.getAttribute('aria-label') === 'Copy the key'";
    assert_eq!(ana.tab.value(has_focus).await, json!(true), "the button that copies it has the focus");
    ana.tab.click("dialog .button.primary").await;
    ana.tab.until(&format!("{LINES}.join() === 'Jukebox' && !document.querySelector('dialog')")).await;
    let is_gone = format!("!document.body.textContent.includes({key})");
    assert_eq!(ana.tab.value(&is_gone).await, json!(true), "it is shown once");

    let whoami = format!(
        "fetch('/api/v1/users/me', {{ headers: {{ authorization: 'Bearer ' + {key} }} }}).then((a) => a.status)"
    );
    assert_eq!(ana.tab.value(&whoami).await, json!(200));
    ana.tab.click(".keys .line button").await;
    ana.tab.click("dialog .danger").await;
    ana.tab.until("document.querySelector('.keys li')?.textContent === 'You have no keys.'").await;
    assert_eq!(ana.tab.value(&whoami).await, json!(401));
}

async fn what_a_bot_writes_is_marked_in_the_chat() {
    let scene = Scene::joined("Bots").await;
    let Scene { host: ana, stream, .. } = &scene;
    let wanted = json!({ "name": "Jukebox", "scopes": ["read", "comment"], "bot": true });
    let made = ana.api("POST", "/users/me/keys", &wanted).await;
    let say = format!(
        "fetch('/api/v1/streams/{stream}/comments', {{ method: 'POST', body: JSON.stringify({{ content: 'beep' }}), \
            headers: {{ 'content-type': 'application/json', authorization: 'Bearer ' + {} }} }}).then((a) => a.status)",
        made["key"]
    );
    assert_eq!(ana.tab.value(&say).await, json!(201));
    ana.sees("beep").await;
    ana.say("by hand").await;
    ana.sees("by hand").await;
    let marks = "[...document.querySelectorAll('.log .comment')].map((row) => \
        [row.querySelector('.text').textContent, row.querySelector('.role.bot')?.textContent ?? null])";
    let shown: Value = ana.tab.value(marks).await;
    assert_eq!(shown, json!([["beep", "Bot"], ["by hand", null]]));
    ana.tab.assert_calm();
}
