//! A visitor of the page, whose methods are what people do there.

use super::cdp::Tab;
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody at a tab.
pub struct Visitor {
    pub tab: Tab,
    site: String,
}

impl Visitor {
    /// At a tab that shows a page of `site`.
    pub fn at(tab: Tab, site: String) -> Self {
        Self { tab, site }
    }

    /// The same person at another tab, with nothing in it yet.
    pub async fn beside(&self) -> Self {
        Self::at(self.tab.beside("about:blank").await, self.site.clone())
    }

    /// Goes to an address of the site.
    pub async fn go(&self, path: &str) {
        self.tab.go(&format!("{}{path}", self.site)).await;
    }

    /// Registers by the dialog.
    pub async fn register(&self, username: &str) {
        self.open_dialog().await;
        self.tab.click(".login .tab:nth-child(2)").await;
        self.tab.write(".login [name=username]", username).await;
        self.tab.write(".login [name=password]", PASSWORD).await;
        self.tab.click(".login [type=submit]").await;
        self.tab.until("document.querySelector('.avatar-button')").await;
    }

    /// Logs in by the dialog.
    pub async fn log_in(&self, username: &str) {
        self.open_dialog().await;
        self.tab.write(".login [name=username]", username).await;
        self.tab.write(".login [name=password]", PASSWORD).await;
        self.tab.click(".login [type=submit]").await;
        self.tab.until("document.querySelector('.avatar-button')").await;
    }

    async fn open_dialog(&self) {
        self.tab.click(".top-actions .button.quiet").await;
        self.tab.until("document.querySelector('.login[open]')").await;
    }

    /// Makes a stream by the dialog and goes live from its studio, without a picture; gives its id.
    pub async fn go_live(&self, title: &str) -> String {
        let stream = self.create(title).await;
        self.tab.click(".studio-head [name=start]").await;
        self.tab.until("document.querySelector('.studio-head .badge.live')").await;
        stream
    }

    /// Makes a stream by the dialog, which leads to its studio; gives its id.
    pub async fn create(&self, title: &str) -> String {
        self.tab.click(".top-actions .button.primary").await;
        self.tab.write("dialog [name=title]", title).await;
        self.tab.click("dialog [type=submit]").await;
        self.tab.until("location.pathname.endsWith('/studio')").await;
        let path = self.tab.value("location.pathname").await;
        path.as_str().and_then(|path| path.split('/').nth(2)).expect("an id").to_owned()
    }

    /// Opens the room and waits until it is joined.
    pub async fn enter(&self, stream: &str) {
        self.go(&format!("/s/{stream}")).await;
        self.tab
            .until("document.querySelector('.chat .bars > .bar')?.hidden && document.querySelector('.log')")
            .await;
        self.tab.until("document.querySelector('.stage-badges .viewers')?.textContent").await;
    }

    /// Writes a comment and waits until it is confirmed.
    pub async fn say(&self, text: &str) {
        self.tab.write(".write", text).await;
        self.tab.enter().await;
        self.sees(text).await;
        self.tab.until("!document.querySelector('.comment.pending')").await;
    }

    /// Waits until a comment stands in the list, letter for letter.
    pub async fn sees(&self, text: &str) {
        self.tab.until(&format!("{} > 0", count(text))).await;
    }

    /// What the page shows as text, all of it.
    pub async fn text(&self) -> String {
        self.tab.value("document.body.textContent").await.as_str().expect("text").to_owned()
    }

    /// A call of the API as this visitor.
    pub async fn api(&self, method: &str, path: &str, body: &Value) -> Value {
        let call = format!("m.call({}, {}, {body})", json!(method), json!(path));
        self.tab.with_module("core/api.js", &call).await
    }

    /// Waits until no such comment stands in the list.
    pub async fn no_longer_sees(&self, text: &str) {
        self.tab.until(&format!("{} === 0", count(text))).await;
    }

    /// How often a comment stands in the list.
    pub async fn times(&self, text: &str) -> u64 {
        self.tab.value(&count(text)).await.as_u64().expect("a number")
    }

    /// Opens the menu of a comment and chooses by its label.
    pub async fn choose(&self, comment: &str, label: &str) {
        let row = format!(
            "[...document.querySelectorAll('.log .comment')].find((c) => c.querySelector('.text').textContent === {})",
            json!(comment)
        );
        let item = format!(
            "[...document.querySelectorAll('.menu-item')].find((i) => i.textContent === {})",
            json!(label)
        );
        // One that is not stored yet has other choices, and a row that is drawn anew closes its menu: asked again until it is there.
        let opened = "dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, cancelable: true}))";
        self.tab.until(&format!("{item} || ({row}?.{opened}, false)")).await;
        self.tab.value(&format!("{item}.click()")).await;
    }
}

fn count(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('.log .comment .text')].filter((t) => t.textContent === {}).length",
        json!(text)
    )
}
