//! What administrators do on their page, from people to graphs: twenty-two things, each a step with a name of its own.

use super::{
    scene::{Scene, Venue},
    visitor::{PASSWORD, Visitor},
};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        administrators_look_after_people,
        administrators_look_after_rooms,
        administrators_decide_who_comes_in,
    ]
}

/// Makes the first administrator, "root", by the address in the log.
pub async fn administrator(venue: &Venue) -> Visitor {
    let log = venue.house.log();
    let (_, rest) = log.split_once("/setup?token=").expect("the log shows where");
    let token = rest.split(',').next().unwrap();
    let root = venue.visitor(&format!("/setup?token={token}")).await;
    root.tab.write("[name=username]", "root").await;
    root.tab.write("[name=password]", PASSWORD).await;
    root.tab.click("main form [type=submit]").await;
    root.tab.until("document.querySelector('.avatar-button') && location.pathname === '/'").await;
    root
}

async fn administrators_look_after_people() {
    let venue = Venue::open().await;
    let root = administrator(&venue).await;
    let bob = venue.person("bobby").await;
    let _carol = venue.person("carol").await;
    strangers_are_told_that_it_is_not_theirs(&venue, &bob).await;
    the_account_leads_to_the_page(&root, &bob).await;
    people_are_listed_newest_first(&root).await;
    somebody_is_found_by_name(&root).await;
    hosting_is_allowed_and_taken_back(&root).await;
    an_administrator_is_made_and_found_and_is_none_again(&root).await;
    the_last_administrator_is_told_that_they_stay(&root).await;
    somebody_is_disabled_and_enabled_again(&root).await;
    all_sessions_of_somebody_are_ended(&root, &bob).await;
    a_link_sets_a_new_password(&venue, &root).await;
    root.tab.assert_calm();
}

async fn administrators_look_after_rooms() {
    let venue = Venue::open().await;
    let root = administrator(&venue).await;
    let scene = Scene::at(venue, "Friday night jam").await;
    let bob = scene.person("bobby").await;
    a_stream_is_found_among_all(&root).await;
    what_was_reported_may_stay_or_goes(&root, &scene, &bob).await;
    somebody_is_banned_everywhere_and_sees_why(&root, &bob).await;
    the_ban_is_lifted(&root, &bob).await;
    a_stream_is_ended(&root, &scene).await;
    a_stream_is_deleted(&root).await;
    the_record_is_searched(&root).await;
    graphs_say_what_goes_on(&root).await;
    root.tab.assert_calm();
}

async fn administrators_decide_who_comes_in() {
    let venue = Venue::open().await;
    let root = administrator(&venue).await;
    the_site_gets_a_name_and_rules(&venue, &root).await;
    somebody_signs_up_by_an_invitation(&venue, &root).await;
    an_invitation_is_taken_back(&root).await;
    somebody_waits_and_is_let_in(&venue, &root).await;
    root.tab.assert_calm();
}

async fn strangers_are_told_that_it_is_not_theirs(venue: &Venue, bob: &Visitor) {
    let guest = venue.visitor("/admin").await;
    guest
        .tab
        .until("document.querySelector('.empty')?.textContent.includes('Log in as an administrator')")
        .await;
    bob.go("/admin").await;
    bob.tab.until("document.querySelector('.empty')?.textContent.includes('for the administrators')").await;
    assert_eq!(bob.tab.value("document.querySelector('.studio-nav')").await, Value::Null);
}

async fn the_account_leads_to_the_page(root: &Visitor, bob: &Visitor) {
    bob.go("/account").await;
    bob.tab.until("document.querySelector('.settings-page .keys')").await;
    root.go("/account").await;
    root.tab.click("a[href='/admin']").await;
    root.tab.until("location.pathname === '/admin' && document.querySelector('.people .line')").await;
    assert_eq!(bob.tab.value("document.querySelector('a[href=\"/admin\"]')").await, Value::Null);
}

async fn people_are_listed_newest_first(root: &Visitor) {
    open(root, "people").await;
    shows(root, "people", &["carol", "bobby", "root"]).await;
}

async fn somebody_is_found_by_name(root: &Visitor) {
    root.tab.write("main [name=q]", "OBB").await;
    root.tab.click("main form [type=submit]").await;
    shows(root, "people", &["bobby"]).await;
}

async fn hosting_is_allowed_and_taken_back(root: &Visitor) {
    act(root, "bobby", "Allow to host").await;
    row_says(root, "people", "bobby", "may host").await;
    act(root, "bobby", "Take hosting back").await;
    root.tab.until(&format!("!{}.textContent.includes('may host')", row("people", "bobby"))).await;
}

async fn an_administrator_is_made_and_found_and_is_none_again(root: &Visitor) {
    open(root, "people").await;
    act(root, "carol", "Make an administrator").await;
    sure(root).await;
    row_says(root, "people", "carol", "Admin").await;
    choose(root, "state", "admin").await;
    root.tab.click("main form [type=submit]").await;
    shows(root, "people", &["carol", "root"]).await;
    act(root, "carol", "No administrator any more").await;
    sure(root).await;
    shows(root, "people", &["root"]).await;
}

async fn the_last_administrator_is_told_that_they_stay(root: &Visitor) {
    act(root, "root", "No administrator any more").await;
    sure(root).await;
    root.tab.until("document.body.textContent.includes('The last administrator stays one')").await;
}

async fn somebody_is_disabled_and_enabled_again(root: &Visitor) {
    open(root, "people").await;
    act(root, "carol", "Disable").await;
    sure(root).await;
    row_says(root, "people", "carol", "Disabled").await;
    act(root, "carol", "Enable").await;
    root.tab.until(&format!("!{}.textContent.includes('Disabled')", row("people", "carol"))).await;
}

async fn all_sessions_of_somebody_are_ended(root: &Visitor, bob: &Visitor) {
    act(root, "bobby", "End all sessions").await;
    sure(root).await;
    root.tab.until("!document.querySelector('dialog[open]')").await;
    let is_out = "m.call('GET', '/users/me').then(() => false, (error) => error.status === 401)";
    let deadline = std::time::Instant::now() + super::cdp::PATIENCE;
    while bob.tab.with_module("core/api.js", is_out).await != json!(true) {
        assert!(std::time::Instant::now() < deadline, "the session goes on");
    }
}

async fn a_link_sets_a_new_password(venue: &Venue, root: &Visitor) {
    act(root, "bobby", "Link for a new password").await;
    root.tab.until("document.querySelector('dialog code.key')?.textContent.includes('/reset#token=')").await;
    let url = root.tab.value("document.querySelector('dialog code.key').textContent").await;
    let (_, path) = url.as_str().unwrap().split_once("/reset").unwrap();
    root.tab.click("dialog .button.primary").await;
    let page = format!("/reset{path}");
    let bob = venue.visitor(&page).await;
    bob.tab.until("document.querySelector('[name=new_password]')").await;
    let address = bob.tab.value("location.pathname + location.hash").await;
    assert_eq!(address, json!("/reset"), "the token leaves the address at once");
    bob.tab.write("[name=new_password]", "another stage of mine").await;
    bob.tab.click("main form [type=submit]").await;
    bob.tab.until("document.querySelector('.login[open]')").await;
    bob.tab.write(".login [name=username]", "bobby").await;
    bob.tab.write(".login [name=password]", "another stage of mine").await;
    bob.tab.click(".login [type=submit]").await;
    bob.tab.until("document.querySelector('.avatar-button')").await;
    let late = venue.visitor(&page).await;
    late.tab.write("[name=new_password]", "another stage of mine").await;
    late.tab.click("main form [type=submit]").await;
    late.tab.until("document.querySelector('.empty')?.textContent.includes('not good any more')").await;
}

async fn a_stream_is_found_among_all(root: &Visitor) {
    let secret = json!({ "title": "For friends", "visibility": "private" });
    root.api("POST", "/streams", &secret).await;
    open(root, "streams").await;
    root.tab.until("document.querySelectorAll('.streams .line').length === 2").await;
    root.tab.write("main [name=q]", "jam").await;
    root.tab.click("main form [type=submit]").await;
    root.tab.until("document.querySelectorAll('.streams .line').length === 1").await;
    root.tab.until("document.querySelector('.streams .line').textContent.includes('Friday night jam')").await;
}

async fn what_was_reported_may_stay_or_goes(root: &Visitor, scene: &Scene, bob: &Visitor) {
    for text in ["harmless", "harmful"] {
        let path = format!("/streams/{}/comments", scene.stream);
        let comment = bob.api("POST", &path, &json!({ "content": text })).await;
        let report = format!("{path}/{}/report", comment["id"].as_str().unwrap());
        root.api("POST", &report, &json!({ "reason": "spam" })).await;
    }
    open(root, "reports").await;
    root.tab.until("document.querySelectorAll('.held-item').length === 2").await;
    root.tab.click(".held-item:first-child [name=approve]").await;
    root.tab.until("document.querySelectorAll('.held-item').length === 1").await;
    root.tab.click(".held-item [name=reject]").await;
    root.tab.until("!document.querySelector('.held-item')").await;
    bob.sees("harmless").await;
    bob.no_longer_sees("harmful").await;
}

async fn somebody_is_banned_everywhere_and_sees_why(root: &Visitor, bob: &Visitor) {
    open(root, "bans").await;
    root.tab.write("[name=username]", "@bobby").await;
    root.tab.write("[name=reason]", "Enough of that.").await;
    root.tab.click("main form [type=submit]").await;
    row_says(root, "bans", "bobby", "Enough of that.").await;
    bob.tab.until("document.querySelector('.chat').textContent.includes('Enough of that.')").await;
}

async fn the_ban_is_lifted(root: &Visitor, bob: &Visitor) {
    root.tab.click(".bans [name=unban]").await;
    root.tab.until("!document.querySelector('.bans .line')").await;
    bob.tab.until("!document.querySelector('.chat').innerText.includes('Enough of that.')").await;
    bob.say("back again").await;
}

async fn a_stream_is_ended(root: &Visitor, scene: &Scene) {
    open(root, "streams").await;
    root.tab.click(".streams [name=end]").await;
    sure(root).await;
    root.tab.until("!document.querySelector('.streams [name=end]')").await;
    let stream = get(root, &format!("/streams/{}", scene.stream)).await;
    assert_eq!(stream["status"], "ended");
}

async fn a_stream_is_deleted(root: &Visitor) {
    root.tab.until("document.querySelectorAll('.streams .line').length === 2").await;
    root.tab.click(".streams .line:first-child [name=delete]").await;
    sure(root).await;
    root.tab.until("document.querySelectorAll('.streams .line').length === 1").await;
}

async fn the_record_is_searched(root: &Visitor) {
    open(root, "audit").await;
    root.tab.until("document.querySelectorAll('.table tbody tr').length > 3").await;
    root.tab.write("[name=action]", "site.").await;
    root.tab.write("[name=actor]", "root").await;
    root.tab.click("main form [type=submit]").await;
    let acts = "[...document.querySelectorAll('.table tbody code')].map((code) => code.textContent).join()";
    root.tab.until(&format!("{acts} === 'site.unban,site.ban'")).await;
}

async fn graphs_say_what_goes_on(root: &Visitor) {
    open(root, "graphs").await;
    root.tab.until("document.querySelectorAll('.admin-graph svg[aria-label]').length === 7").await;
    root.tab
        .until("document.querySelector('[data-figure=database_bytes] strong').textContent.includes('B')")
        .await;
    root.tab.until("document.querySelector('.nodes .line')").await;
}

async fn the_site_gets_a_name_and_rules(venue: &Venue, root: &Visitor) {
    open(root, "settings").await;
    root.tab.write("[name=name]", "The Barn").await;
    root.tab.write("[name=rules]", "Be kind to the goats.").await;
    let chosen = "void ((box) => { box.value = '#0055aa'; box.dispatchEvent(new Event('input')); })(document.querySelector('[name=accent]'))";
    root.tab.value(chosen).await;
    root.tab.click("main form [type=submit]").await;
    let guest = venue.visitor("/").await;
    let deadline = std::time::Instant::now() + super::cdp::PATIENCE;
    while get(&guest, "/site").await["name"] != "The Barn" {
        assert!(std::time::Instant::now() < deadline, "the name does not hold");
    }
    guest.go("/").await;
    guest.tab.until("document.querySelector('.brand-name').textContent === 'The Barn'").await;
    guest.tab.until("document.title === 'The Barn'").await;
    let color = "getComputedStyle(document.documentElement).getPropertyValue('--accent')";
    guest.tab.until(&format!("{color} === '#0055aa'")).await;
    guest.tab.click(".top-actions .button.primary").await;
    guest.tab.until("document.querySelector('.login').textContent.includes('Be kind to the goats.')").await;
}

async fn somebody_signs_up_by_an_invitation(venue: &Venue, root: &Visitor) {
    register_by(root, "invite").await;
    open(root, "invitations").await;
    root.tab.click("main form [type=submit]").await;
    root.tab.until("document.querySelector('.invitations code.key')").await;
    let url = root.tab.value("document.querySelector('.invitations code.key').textContent").await;
    let (_, path) = url.as_str().unwrap().split_once("/invitation").unwrap();
    let bob = venue.visitor(&format!("/invitation{path}")).await;
    bob.tab.until("document.querySelector('.login[open] [name=invitation]')?.value.length === 32").await;
    bob.tab.write(".login [name=username]", "bobby").await;
    bob.tab.write(".login [name=password]", PASSWORD).await;
    bob.tab.click(".login [type=submit]").await;
    bob.tab.until("document.querySelector('.avatar-button') && location.pathname === '/'").await;
    let late = venue.visitor(&format!("/invitation{path}")).await;
    late.tab.write(".login [name=username]", "carol").await;
    late.tab.write(".login [name=password]", PASSWORD).await;
    late.tab.click(".login [type=submit]").await;
    late.tab.until("document.querySelector('.login').textContent.includes('Registration is closed')").await;
}

async fn an_invitation_is_taken_back(root: &Visitor) {
    open(root, "invitations").await;
    root.tab.until("document.querySelector('.invitations .muted')").await;
    root.tab.click("main form [type=submit]").await;
    root.tab.click(".invitations [name=take-back]").await;
    root.tab.until("!document.querySelector('.invitations .line')").await;
}

async fn somebody_waits_and_is_let_in(venue: &Venue, root: &Visitor) {
    register_by(root, "approval").await;
    let dora = venue.visitor("/").await;
    // The name of the site moves what stands beside it: not before all is where it stays.
    dora.tab.until("document.body.innerText.includes('The Barn') && document.querySelector('.step[aria-current] h3')").await;
    dora.tab.click(".top-actions .button.primary").await;
    dora.tab.write(".login [name=username]", "dora").await;
    dora.tab.write(".login [name=password]", PASSWORD).await;
    dora.tab.click(".login [type=submit]").await;
    dora.tab
        .until("document.querySelector('.login [role=status]')?.textContent.includes('let you in')")
        .await;
    open(root, "people").await;
    row_says(root, "people", "dora", "Waiting").await;
    root.tab.click(".people [name=approve]").await;
    root.tab.until("!document.querySelector('.people [name=approve]')").await;
    dora.go("/").await;
    dora.log_in("dora").await;
}

/// Opens a tab of the page.
async fn open(root: &Visitor, section: &str) {
    // By another address first, so that it is drawn anew.
    root.go("/docs").await;
    root.go(&format!("/admin#{section}")).await;
    root.tab
        .until(&format!("document.querySelector('.studio-nav [aria-current=page]')?.hash === '#{section}'"))
        .await;
}

/// Who may sign up from now on.
async fn register_by(root: &Visitor, way: &str) {
    open(root, "settings").await;
    root.tab.until("document.querySelector('[name=registration]')").await;
    choose(root, "registration", way).await;
    root.tab.click("main form [type=submit]").await;
    root.tab.until("document.querySelector('.toast')").await;
}

async fn choose(root: &Visitor, name: &str, value: &str) {
    root.tab.value(&format!("void (document.querySelector('[name={name}]').value = '{value}')")).await;
}

/// Waits until a list shows these names alone, in this order.
async fn shows(root: &Visitor, list: &str, names: &[&str]) {
    let shown = format!(
        "[...document.querySelectorAll('.{list} .line')].map((line) => line.querySelector('.muted bdi').textContent).join()"
    );
    root.tab.until(&format!("{shown} === '{}'", names.join(","))).await;
}

/// The line of somebody.
fn row(list: &str, name: &str) -> String {
    format!(
        "[...document.querySelectorAll('.{list} .line')].find((line) => line.querySelector('.muted bdi').textContent === '{name}')"
    )
}

async fn row_says(root: &Visitor, list: &str, name: &str, text: &str) {
    root.tab.until(&format!("{}.textContent.includes('{text}')", row(list, name))).await;
}

/// Chooses from the menu of somebody's line.
async fn act(root: &Visitor, name: &str, label: &str) {
    let line = row("people", name);
    root.tab.until(&line).await;
    root.tab.value(&format!("{line}.querySelector('[name=acts]').click()")).await;
    let item = format!(
        "[...document.querySelectorAll('.menu-item')].find((i) => i.textContent === {})",
        json!(label)
    );
    root.tab.until(&item).await;
    root.tab.value(&format!("{item}.click()")).await;
}

/// Says that it is meant.
async fn sure(root: &Visitor) {
    root.tab.click("dialog[open] .button.danger").await;
}

async fn get(visitor: &Visitor, path: &str) -> Value {
    visitor.tab.with_module("core/api.js", &format!("m.get({})", json!(path))).await
}
