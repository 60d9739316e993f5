//! What a test of the page begins with: a browser, a running server, and mostly a host who is live there.

use super::{
    cdp::{Browser, browser},
    house::House,
    visitor::Visitor,
};

type Settings = &'static [(&'static str, &'static str)];
const NO_LIMITS: Settings = &[("LIVEHOUSE_LIMITS", "off")];

/// A browser and a server, and nobody there yet.
pub struct Venue {
    pub browser: Browser,
    pub house: House,
}

impl Venue {
    /// One without limits.
    pub async fn open() -> Self {
        Self::with(NO_LIMITS).await
    }

    /// One with these settings.
    pub async fn with(settings: Settings) -> Self {
        Self { browser: browser().await, house: House::open(settings).await }
    }

    /// Somebody new, at an address of the page.
    pub async fn visitor(&self, path: &str) -> Visitor {
        Visitor::at(self.browser.visit(&self.house.url(path)).await, self.house.url(""))
    }

    /// Somebody who has registered.
    pub async fn person(&self, username: &str) -> Visitor {
        let visitor = self.visitor("/").await;
        visitor.register(username).await;
        visitor
    }
}

/// A venue with a stream that is live.
pub struct Scene {
    pub venue: Venue,
    /// Whose stream it is: `ana`, at her studio.
    pub host: Visitor,
    /// Its id.
    pub stream: String,
}

impl Scene {
    /// One without limits.
    pub async fn live(title: &str) -> Self {
        Self::with(NO_LIMITS, title).await
    }

    /// One with these settings.
    pub async fn with(settings: Settings, title: &str) -> Self {
        Self::at(Venue::with(settings).await, title).await
    }

    /// One at a venue where people may be already.
    pub async fn at(venue: Venue, title: &str) -> Self {
        let host = venue.person("ana").await;
        let stream = host.go_live(title).await;
        Self { venue, host, stream }
    }

    /// The same, with the host in the room.
    pub async fn joined(title: &str) -> Self {
        let scene = Self::live(title).await;
        scene.host.enter(&scene.stream).await;
        scene
    }

    /// The address of the room, or of what lies below it.
    pub fn room(&self, rest: &str) -> String {
        format!("/s/{}{rest}", self.stream)
    }

    /// Somebody without an account, in the room.
    pub async fn guest(&self) -> Visitor {
        let guest = self.venue.visitor("/").await;
        guest.enter(&self.stream).await;
        guest
    }

    /// Somebody who has registered, in the room.
    pub async fn person(&self, username: &str) -> Visitor {
        let person = self.venue.person(username).await;
        person.enter(&self.stream).await;
        person
    }
}
