//! What an account may go on doing that is barred from the site, route by route: the one place that says so. A route that is not
//! here and does not only read is refused, a new one, too. It must not know how a ban comes or goes.

use super::key_scopes::BASE;
use crate::{
    domain::Millis,
    identity::Account,
    room::operations::{Fault, access::refuse_barred},
    store::Store,
};
use actix_web::http::Method;

/// Fails where somebody may write nowhere on the site, and the route is none that they may use all the same.
/// Errors: `banned`; those of the store.
pub(crate) async fn check(
    store: &Store,
    who: Account,
    method: &Method,
    route: Option<&str>,
) -> Result<(), Fault> {
    if is_open(method, route.unwrap_or_default()) {
        return Ok(());
    }
    store.read(move |conn| refuse_barred(conn, &who, Millis::now())).await
}

/// Whether a ban leaves a route alone, by its method and the path with the names of its variable parts.
fn is_open(method: &Method, route: &str) -> bool {
    let path = route.strip_prefix(BASE).unwrap_or(route);
    match (method.as_str(), path) {
        ("GET" | "HEAD", _) => true,
        // The account itself, and what it is reached with.
        ("PUT", "/users/me/password")
        | (
            "DELETE",
            "/users/me" | "/users/me/keys/{id}" | "/sessions" | "/sessions/current" | "/sessions/{id}",
        ) => true,
        // Of whom it wants to read, which nobody else is shown.
        ("DELETE", "/users/{username}/follow") | ("PUT" | "DELETE", "/users/me/ignored/{username}") => true,
        // Seeing a picture is reading, whatever the method.
        ("POST", "/streams/{id}/whep") | ("DELETE", "/media/{session}") => true,
        _ => false,
    }
}
