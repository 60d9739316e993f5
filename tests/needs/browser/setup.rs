//! The first administrator, made on the page that the log names.

use super::{scene::Venue, visitor::PASSWORD};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]: the_first_administrator_is_made_at_the_address_in_the_log]
}

async fn the_first_administrator_is_made_at_the_address_in_the_log() {
    let venue = Venue::open().await;
    let log = venue.house.log();
    let (_, rest) = log.split_once("/setup?token=").expect("the log shows where");
    let token = rest.split(',').next().unwrap();

    let lost = venue.visitor("/setup").await;
    lost.tab.until("document.querySelector('.empty')?.textContent.includes('log of the server')").await;

    let ana = venue.visitor(&format!("/setup?token={token}")).await;
    ana.tab.until("document.querySelector('[name=username]')").await;
    let address = "location.pathname + location.search";
    assert_eq!(ana.tab.value(address).await, json!("/setup"), "it leaves the address at once");
    ana.tab.write("[name=username]", "ana").await;
    ana.tab.write("[name=password]", "short").await;
    ana.tab.click("form [type=submit]").await;
    ana.tab.until("document.querySelector('[data-field=password] .problem').textContent !== ''").await;
    ana.tab.write("[name=password]", PASSWORD).await;
    ana.tab.click("form [type=submit]").await;
    ana.tab.until("document.querySelector('.avatar-button') && location.pathname === '/'").await;

    let late = venue.visitor(&format!("/setup?token={token}")).await;
    late.tab.until("document.querySelector('[name=username]')").await;
    late.tab.write("[name=username]", "eve").await;
    late.tab.write("[name=password]", PASSWORD).await;
    late.tab.click("form [type=submit]").await;
    late.tab
        .until("[...document.querySelectorAll('form .problem')].some((it) => it.textContent !== '')")
        .await;
}
