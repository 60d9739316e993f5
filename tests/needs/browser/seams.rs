//! What a page does when the ground moves: the server restarts, the session is revoked elsewhere.

use super::{cdp::browser, house::House, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_crash_of_the_server_leaves_no_seam,
        a_session_that_is_revoked_elsewhere_becomes_a_guest,
    ]
}

async fn a_crash_of_the_server_leaves_no_seam() {
    let browser = browser().await;
    let mut house = House::open().await;
    let host = Visitor::at(browser.visit(&house.url("/")).await);
    host.register("ana").await;
    let stream = host.go_live("Through the storm").await;
    host.enter(&house, &stream).await;
    let guest = Visitor::at(browser.visit(&house.url(&format!("/s/{stream}"))).await);
    host.say("before").await;
    guest.sees("before").await;

    house.crash();
    guest.tab.until("document.querySelector('.bar').textContent.includes('Reconnecting')").await;
    // Written while nobody listens: it waits, and is posted once.
    host.tab.write(".write", "while away").await;
    host.tab.enter().await;
    host.tab.until("document.querySelector('.comment.pending')").await;
    house.restart().await;

    for visitor in [&host, &guest] {
        visitor.sees("while away").await;
        visitor.tab.until("document.querySelector('.bar').hidden").await;
        assert_eq!(visitor.times("before").await, 1, "nothing is shown twice");
        assert_eq!(visitor.times("while away").await, 1, "nothing is posted twice");
    }
    host.say("after").await;
    guest.sees("after").await;
    host.tab.assert_calm();
    guest.tab.assert_calm();
}

async fn a_session_that_is_revoked_elsewhere_becomes_a_guest() {
    let browser = browser().await;
    let house = House::open().await;
    let phone = Visitor::at(browser.visit(&house.url("/")).await);
    phone.register("ana").await;
    let stream = phone.go_live("Lost phone").await;
    phone.enter(&house, &stream).await;
    phone.say("from the phone").await;

    let desk = Visitor::at(browser.visit(&house.url("/account")).await);
    desk.log_in("ana").await;
    desk.tab.until("document.querySelectorAll('.device').length === 2").await;
    let end = "[...document.querySelectorAll('.line')].find((l) => l.querySelector('.device') && !l.querySelector('.tag')).querySelector('button').click()";
    desk.tab.value(end).await;

    phone.tab.until("!document.querySelector('.avatar-button')").await;
    phone.tab.until("!document.querySelector('.gate').hidden").await;
    phone.tab.until("document.querySelector('.bar').hidden").await;
    phone.sees("from the phone").await;
    phone.log_in("ana").await;
    phone.say("back again").await;
    phone.tab.assert_calm();
}
