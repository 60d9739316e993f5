//! What a page does when the ground moves: the server restarts, the session is revoked elsewhere.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_crash_of_the_server_leaves_no_seam,
        a_session_that_is_revoked_elsewhere_becomes_a_guest,
    ]
}

async fn a_crash_of_the_server_leaves_no_seam() {
    let mut scene = Scene::joined("Through the storm").await;
    let guest = scene.venue.visitor(&scene.room("")).await;
    let Scene { venue, host, .. } = &mut scene;
    host.say("before").await;
    guest.sees("before").await;

    venue.house.crash();
    guest.tab.until("document.querySelector('.bar').textContent.includes('Reconnecting')").await;
    // Written while nobody listens: it waits, and is posted once.
    host.tab.write(".write", "while away").await;
    host.tab.enter().await;
    host.tab.until("document.querySelector('.comment.pending')").await;
    venue.house.restart().await;

    for visitor in [&*host, &guest] {
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
    let scene = Scene::joined("Lost phone").await;
    let Scene { host: phone, .. } = &scene;
    phone.say("from the phone").await;

    let laptop = scene.venue.visitor("/account").await;
    laptop.log_in("ana").await;
    laptop.tab.until("document.querySelectorAll('.device').length === 2").await;
    let end = "[...document.querySelectorAll('.line')].find((l) => l.querySelector('.device') && !l.querySelector('.tag')).querySelector('button').click()";
    laptop.tab.value(end).await;

    phone.tab.until("!document.querySelector('.avatar-button')").await;
    phone.tab.until("!document.querySelector('.gate').hidden").await;
    phone.tab.until("document.querySelector('.bar').hidden").await;
    phone.sees("from the phone").await;
    phone.log_in("ana").await;
    phone.say("back again").await;
    phone.tab.assert_calm();
}
