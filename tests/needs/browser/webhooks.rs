//! Webhooks on the account's page and the administrators': made, shown once, tested, looked at, turned off and on, deleted.

use super::{operator::administrator, scene::Scene};
use crate::{need, tools::Receiver};
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]: a_webhook_lives_its_life_on_the_page]
}

const OPEN_TO_HERE: &[(&str, &str)] = &[("LIVEHOUSE_LIMITS", "off"), ("LIVEHOUSE_WEBHOOKS_INSECURE", "on")];
const LINES: &str =
    "[...document.querySelectorAll('.webhooks .line')].map((l) => l.querySelector('bdi').textContent)";

async fn a_webhook_lives_its_life_on_the_page() {
    let scene = Scene::with(OPEN_TO_HERE, "Webhooks").await;
    let (receiver, tab) = (Receiver::new().await, &scene.host.tab);
    scene.host.go("/account").await;
    tab.until("document.querySelector('.webhooks li')?.textContent === 'You have no webhooks.'").await;

    tab.click("[name='new-webhook']").await;
    tab.write("dialog [name=url]", "https://10.0.0.1/").await;
    tab.click("dialog [type=submit]").await;
    tab.until(
        "document.querySelector('dialog [data-field=url] .problem')?.textContent.includes('may not reach')",
    )
    .await;
    tab.write("dialog [name=url]", &receiver.url()).await;
    tab.click("dialog [name='event.*']").await;
    tab.click("dialog [type=submit]").await;
    tab.until("document.querySelector('dialog .scopes .problem')?.textContent.includes('one event')").await;
    tab.click("dialog [name='event.comment.created']").await;
    tab.click("dialog [type=submit]").await;
    tab.until("document.querySelector('dialog code.key')?.textContent.startsWith('whsec_')").await;
    tab.click("dialog .button.primary").await;
    tab.until(&format!("{LINES}.join() === '{}' && !document.querySelector('dialog')", receiver.url())).await;

    tab.click(".webhooks [name='webhooks.test']").await;
    assert_eq!(receiver.wait_for(1).await[0].kind(), "webhook.test");
    let said = json!({ "content": "over the page" });
    scene.host.api("POST", &format!("/streams/{}/comments", scene.stream), &said).await;
    receiver.wait_for(2).await;
    assert_eq!(receiver.contents(), ["over the page"]);

    tab.click(".webhooks [name='webhooks.deliveries']").await;
    tab.until("document.querySelectorAll('.deliveries .line').length > 0").await;
    let has_both = "[...document.querySelectorAll('.deliveries .tag.good')].length === 2 \
        || (document.querySelector('dialog [name=again]').click(), false)";
    tab.until(has_both).await;
    tab.click(".deliveries .line [name=retry]").await;
    receiver.wait_for(3).await;
    tab.click("dialog [aria-label='Close']").await;

    tab.click(".webhooks [name='webhooks.disable']").await;
    tab.until("document.querySelector('.webhooks .line')?.textContent.includes('You have turned it off.')")
        .await;
    tab.click(".webhooks [name='webhooks.enable']").await;
    tab.until("document.querySelector(\".webhooks [name='webhooks.disable']\")").await;
    tab.click(".webhooks [name='webhooks.delete']").await;
    tab.click("dialog .danger").await;
    tab.until("document.querySelector('.webhooks li')?.textContent === 'You have no webhooks.'").await;

    let root = administrator(&scene.venue).await;
    root.go("/admin#webhooks").await;
    root.tab.click("[name='new-webhook']").await;
    root.tab.write("dialog [name=url]", &receiver.url()).await;
    root.tab.click("dialog [type=submit]").await;
    root.tab.until("document.querySelector('dialog code.key')?.textContent.startsWith('whsec_')").await;
    root.tab.click("dialog .button.primary").await;
    scene.person("newcomer").await;
    let came = receiver.wait_for(4).await;
    assert_eq!(came[3].json()["data"]["user"]["username"], "newcomer");
    root.tab.assert_calm();
}
