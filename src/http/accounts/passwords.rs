//! Proof by password: throttled, and the same work whether or not there is such an account.
//! It must not know what the proof is for.

use crate::{
    auth::{self, Throttled, Verdict},
    domain::accounts::{
        password::{LoginPassword, Password},
        username::NameKeys,
    },
    http::{App, ClientAddress, Error, extract::Account, moderation::record},
    store::accounts::users::{self, User},
    wire::problem::{Code, Refusal},
};
use std::time::Instant;

/// The active account of this folded name, if the password is its own.
///
/// # Errors
/// `invalid_credentials` for an unknown name and a wrong password alike, `rate_limited`, `overloaded`.
pub async fn prove(
    app: &App,
    name: &NameKeys,
    password: &LoginPassword,
    address: ClientAddress,
) -> Result<User, Error> {
    let _place = app.hasher.place().inspect_err(|_| {
        app.metrics.logins.of("busy").inc();
        app.trail.note(record::refused(record::from(address, "password"), "busy"));
    })?;
    let keys = name.clone();
    let found = app.desk.store.reading(move |conn| users::by_name_key(conn, &keys)).await?;
    let active = found.filter(User::is_active);
    let name_key = active.as_ref().map_or(&name.folded, |user| &user.name_key);
    let proved = check(app, name_key, active.as_ref(), password, address).await?;
    active
        .filter(|_| proved)
        .ok_or_else(|| Error::new(Code::InvalidCredentials, "Wrong user name or password."))
}

/// Whether whoever holds the caller's token knows the password, too.
///
/// # Errors
/// `invalid_field` where not, `rate_limited`, `overloaded`.
pub async fn confirm(
    app: &App,
    account: &Account,
    password: &LoginPassword,
    address: ClientAddress,
    field: &'static str,
) -> Result<(), Error> {
    match check(app, &account.user.name_key, Some(&account.user), password, address).await? {
        true => Ok(()),
        false => Err(Refusal::invalid_field(field, "wrong", "this is not the current password").into()),
    }
}

async fn check(
    app: &App,
    name_key: &str,
    user: Option<&User>,
    password: &LoginPassword,
    address: ClientAddress,
) -> Result<bool, Error> {
    let attempt = app.throttle.login(name_key, address.0, Instant::now()).map_err(|too_many| {
        app.metrics.logins.of("throttled").inc();
        note(app, user, address, "throttled");
        throttled(app, too_many)
    })?;
    let verdict = verify(app, password, user.map(|user| user.password_hash.as_str())).await;
    let verdict = verdict.inspect_err(|_| {
        app.metrics.logins.of("busy").inc();
        note(app, user, address, "busy");
    })?;
    if !verdict.ok {
        attempt.failed(Instant::now());
        app.metrics.logins.of("wrong").inc();
        note(app, user, address, "wrong");
        return Ok(false);
    }
    attempt.succeeded();
    app.metrics.logins.of("ok").inc();
    if let (true, Some(user)) = (verdict.needs_rehash, user) {
        rehash(app, user, password).await;
    }
    Ok(true)
}

/// A password kept as it was typed, before all were kept in one form, is hashed anew once it has been proved.
async fn verify(app: &App, password: &LoginPassword, hash: Option<&str>) -> Result<Verdict, auth::Error> {
    let verdict = app.hasher.verify(password, hash).await?;
    let Some(typed) = password.as_typed().filter(|_| !verdict.ok) else { return Ok(verdict) };
    let verdict = app.hasher.verify(&typed, hash).await?;
    Ok(Verdict { needs_rehash: verdict.ok, ..verdict })
}

/// The parameters have risen since the password was set. A password that may not be set any more stays as it is.
async fn rehash(app: &App, user: &User, password: &LoginPassword) {
    let Ok(password) = Password::parse(password.expose()) else { return };
    let Ok(hash) = app.hasher.hash(&password).await else { return };
    let id = user.id;
    if let Err(error) = app.desk.store.writing(move |tx| users::set_password_hash(tx, id, &hash)).await {
        log::warn!("a password was not hashed anew: {error}");
    }
}

fn note(app: &App, user: Option<&User>, address: ClientAddress, reason: &'static str) {
    app.trail.note(match user {
        Some(user) => record::refused(record::by(user.id, None, address, "password"), reason),
        None => record::refused(record::from(address, "password"), format!("{reason}: no such account")),
    });
}

/// Counts that a limit was reached, and says so to whoever reached it.
pub fn throttled(app: &App, too_many: Throttled) -> Error {
    app.metrics.limit_hits.of(too_many.limit).inc();
    too_many.into()
}
