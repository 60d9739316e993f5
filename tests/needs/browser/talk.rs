//! What people who chat expect: names and emoji that complete themselves, commands, what is new since they looked.

use super::{scene::Scene, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_name_is_completed_and_stands_out_to_whom_it_names,
        commands_do_what_they_say_and_are_never_said,
        what_came_while_one_looked_away_stands_below_a_line,
        equal_comments_are_folded_where_that_is_wanted_alone,
    ]
}

/// The list of what would complete what is typed is open.
const OFFERED: &str = "!document.querySelector('.suggestions').hidden";

async fn a_name_is_completed_and_stands_out_to_whom_it_names() {
    let scene = Scene::joined("Names").await;
    let host = &scene.host;
    let bob = scene.person("bobby").await;
    bob.say("hello").await;
    host.sees("hello").await;
    host.tab.write(".write", "hi @bo").await;
    host.tab.until(OFFERED).await;
    let of_input_method = "document.querySelector('.write').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }))";
    assert_eq!(host.tab.value(of_input_method).await, json!(true), "it is left to the input method");
    host.tab.enter().await;
    assert_eq!(written(host).await, "hi @bobby ");
    host.tab.call("Input.insertText", json!({ "text": ":fi" })).await;
    host.tab.until(OFFERED).await;
    host.tab.enter().await;
    assert_eq!(written(host).await, "hi @bobby 🔥");
    host.tab.enter().await;
    bob.sees("hi @bobby 🔥").await;
    bob.tab.until("document.querySelector('.comment.to-me .named.me')?.textContent === '@bobby'").await;
    host.tab.until("document.querySelector('.comment.mine .named:not(.me)')").await;
    bob.tab.write(".write", "/me bows").await;
    bob.tab.enter().await;
    host.tab.until("document.querySelector('.comment.action .text')?.textContent === 'bows'").await;
    host.tab.assert_calm();
    bob.tab.assert_calm();
}

async fn commands_do_what_they_say_and_are_never_said() {
    let scene = Scene::joined("Commands").await;
    let host = &scene.host;
    let bob = scene.person("bob").await;
    command(host, "/timeout @bob 1 h 30 calm down").await;
    bob.tab.until("document.querySelector('.gate').textContent.includes('calm down')").await;
    command(host, "/unban bob").await;
    bob.tab.until("document.querySelector('.gate').hidden").await;
    command(host, "/slow 2 min").await;
    bob.tab.until("document.querySelector('.wait').textContent.includes('2 minutes')").await;
    command(host, "/slow off").await;
    bob.tab.until("!document.querySelector('.wait').textContent").await;
    for wrong in ["/slow 3 parsecs", "/nothing at all"] {
        host.tab.write(".write", wrong).await;
        host.tab.enter().await;
        host.tab.until("document.querySelector('.toast.bad')").await;
        assert_eq!(written(host).await, wrong, "it can be mended");
    }
    bob.tab.write(".write", "/ban ana").await;
    bob.tab.enter().await;
    bob.tab.until("document.querySelector('.toast.bad')").await;
    bob.say("only this was said").await;
    host.sees("only this was said").await;
    assert_eq!(host.tab.value("document.querySelectorAll('.log .comment').length").await, json!(1));
    command(&bob, "/clear").await;
    bob.no_longer_sees("only this was said").await;
    host.tab.assert_calm();
    bob.tab.assert_calm();
}

async fn what_came_while_one_looked_away_stands_below_a_line() {
    let scene = Scene::joined("Away").await;
    let host = &scene.host;
    let bob = scene.person("bob").await;
    host.say("before").await;
    bob.sees("before").await;
    bob.tab.value(&hide(true)).await;
    host.say("first new one").await;
    host.say("second new one").await;
    bob.tab.value(&hide(false)).await;
    bob.sees("second new one").await;
    let line = "document.querySelector('.news')";
    bob.tab.until(&format!("{line}.nextElementSibling.textContent.includes('first new one')")).await;
    bob.tab.until(&format!("{line}.previousElementSibling.textContent.includes('before')")).await;
    bob.say("back").await;
    bob.tab.until("!document.querySelector('.news')").await;
    bob.tab.assert_calm();
}

fn hide(hidden: bool) -> String {
    format!(
        "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), \
         document.dispatchEvent(new Event('visibilitychange')), 0"
    )
}

async fn equal_comments_are_folded_where_that_is_wanted_alone() {
    let scene = Scene::joined("Fold").await;
    let [plain, folding] = [scene.guest().await, scene.guest().await];
    folding.tab.click(".chat-tools > :last-child").await;
    folding.tab.click("[name=fold]").await;
    for name in ["bob", "carl"] {
        scene.person(name).await.say("wow").await;
    }
    folding.tab.until("document.querySelector('.times')?.textContent === '×2'").await;
    plain.tab.until("document.querySelectorAll('.log .comment').length === 2").await;
    folding.tab.click("[name=fold]").await;
    folding.tab.until("document.querySelectorAll('.log .comment').length === 2").await;
    folding.tab.assert_calm();
}

async fn written(visitor: &Visitor) -> String {
    let value = visitor.tab.value("document.querySelector('.write').value").await;
    value.as_str().expect("text").to_owned()
}

/// Writes a command and waits until it was taken.
async fn command(visitor: &Visitor, text: &str) {
    visitor.tab.write(".write", text).await;
    visitor.tab.enter().await;
    visitor.tab.until("document.querySelector('.write').value === ''").await;
}
