//! The rate limit of a route: each route that changes something names it, and the answers of some say what is left.
//! It must not count anything: who refuses does.

use crate::{
    auth::Quota,
    config::limits::COMMENTS_WINDOW_MS,
    http::{ClientAddress, Error, extract::services, rate_limits::Governing},
};
use actix_web::{
    HttpRequest, Resource, Route,
    body::BoxBody,
    dev::ServiceResponse,
    middleware::{Next, from_fn},
};
use std::time::Instant;

/// The rate limit of a route.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RateLimit {
    /// `REGISTRATIONS_PER_IP`; every answer says what is left.
    Registrations,
    /// `LOGINS_PER_IP`, for all that checks a password; every answer says what is left.
    Logins,
    /// `COMMENTS_PER_USER`, counted by the room; every answer names it, and a refusal says when there is more.
    Comments,
    /// The same number of questions, counted by the room; only a refusal speaks of it.
    Questions,
    /// `REACTIONS_PER_CONNECTION`, counted by the room, which takes no notice of what is beyond.
    Reactions,
    /// `MEDIA_OFFERS_PER_IP`, counted by the picture's thread; only a refusal speaks of it.
    MediaOffers,
    /// `IMAGES_PER_USER`; only a refusal speaks of it.
    Images,
    /// 10 tests of webhooks a minute, an account; only a refusal speaks of it.
    WebhookTests,
    /// None of its own: who has the right may use it as often as they like.
    Unlimited,
}

/// How a route is written that changes something: never without its limit.
pub(crate) trait Within {
    /// The resource with this route.
    fn within(self, limit: RateLimit, route: Route) -> Self;
}

impl Within for Resource {
    fn within(self, limit: RateLimit, route: Route) -> Self {
        use RateLimit::*;
        match limit {
            Registrations | Logins | Comments => self.route(telling(limit, route)),
            Questions | Reactions | MediaOffers | Images | WebhookTests | Unlimited => self.route(route),
        }
    }
}

/// A route whose answers, refusals or not, say how their asker stands with the limit.
fn telling(limit: RateLimit, route: Route) -> Route {
    route.wrap(from_fn(move |request, next: Next<BoxBody>| async move {
        let mut answer: ServiceResponse = next.call(request).await?;
        let refused = answer.response().error().and_then(|error| error.as_error()).map(Error::code);
        if let Some(governing) = limit.governing(answer.request()) {
            governing.say(refused, answer.headers_mut());
        }
        Ok(answer)
    }))
}

impl RateLimit {
    /// None where the limit is lifted, and for those that answers do not speak of.
    fn governing(self, request: &HttpRequest) -> Option<Governing> {
        let services = services(request);
        let address = || ClientAddress::from((request, &*services.config)).0;
        match self {
            RateLimit::Registrations => by_address(
                "registrations_per_ip",
                services.tries.registrations_left(address(), Instant::now()),
            ),
            RateLimit::Logins => {
                by_address("logins_per_ip", services.tries.logins_left(address(), Instant::now()))
            }
            RateLimit::Comments => Some(Governing {
                name: "comments_per_user",
                quota: services.config.limits.comments_per_user.limit()?,
                window_ms: COMMENTS_WINDOW_MS,
                left: None,
            }),
            RateLimit::Questions
            | RateLimit::Reactions
            | RateLimit::MediaOffers
            | RateLimit::Images
            | RateLimit::WebhookTests
            | RateLimit::Unlimited => None,
        }
    }
}

fn by_address(name: &'static str, quota: Option<Quota>) -> Option<Governing> {
    let Quota { limit, window_ms, left, reset_ms } = quota?;
    Some(Governing { name, quota: limit, window_ms, left: Some((left, reset_ms)) })
}
