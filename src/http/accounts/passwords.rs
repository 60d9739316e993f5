//! Proof by password: throttled, and the same work whether or not there is such an account.
//! It must not know what the proof is for.

use crate::{
    auth::{self, Verdict},
    domain::accounts::{
        password::{LoginPassword, Password},
        username::NameKeys,
    },
    http::{ClientAddress, Error, Services, extract::Identity, moderation::record},
    store::{User, accounts::users},
    wire::{Code, Refusal},
};
use std::time::Instant;

/// The active account of this folded name, if the password is its own.
/// Errors: `invalid_credentials` for an unknown name and a wrong password alike, `rate_limited`, `overloaded`.
pub(crate) async fn prove(
    services: &Services,
    name: &NameKeys,
    password: &LoginPassword,
    address: ClientAddress,
) -> Result<User, Error> {
    let _permit = services.hasher.permit().inspect_err(|_| {
        services.metrics.logins.of("busy").inc();
        services.audit_queue.note(record::refused(record::from(address, "password"), "busy"));
    })?;
    let keys = name.clone();
    let found = services.store.read(move |conn| users::by_name_key(conn, &keys)).await?;
    let active = found.filter(User::is_active);
    let name_key = active.as_ref().map_or(&name.folded, |user| &user.name_key);
    let proved = check(services, name_key, active.as_ref(), password, address).await?;
    active
        .filter(|_| proved)
        .ok_or_else(|| Error::new(Code::InvalidCredentials, "Wrong user name or password."))
}

/// Whether whoever holds the caller's token knows the password, too.
/// Errors: `invalid_field` where not, `rate_limited`, `overloaded`.
pub(crate) async fn confirm(
    services: &Services,
    account: &Identity,
    password: &LoginPassword,
    address: ClientAddress,
    field: &'static str,
) -> Result<(), Error> {
    match check(services, &account.user.name_key, Some(&account.user), password, address).await? {
        true => Ok(()),
        false => Err(Refusal::invalid_field(field, "wrong", "this is not the current password").into()),
    }
}

async fn check(
    services: &Services,
    name_key: &str,
    user: Option<&User>,
    password: &LoginPassword,
    address: ClientAddress,
) -> Result<bool, Error> {
    let tried = services.tries.login(name_key, address.0, Instant::now()).await;
    let attempt = tried.map_err(|too_many| {
        services.metrics.logins.of("throttled").inc();
        note(services, user, address, "throttled");
        services.limit_reached(too_many)
    })?;
    let verdict = verify(services, password, user.map(|user| user.password_hash.as_str())).await;
    let verdict = verdict.inspect_err(|_| {
        services.metrics.logins.of("busy").inc();
        note(services, user, address, "busy");
    })?;
    if !verdict.ok {
        attempt.failed(Instant::now()).await;
        services.metrics.logins.of("wrong").inc();
        note(services, user, address, "wrong");
        return Ok(false);
    }
    attempt.succeeded().await;
    services.metrics.logins.of("ok").inc();
    if let (true, Some(user)) = (verdict.needs_rehash, user) {
        rehash(services, user, password).await;
    }
    Ok(true)
}

/// A password kept as it was typed, before all were kept in one form, is hashed anew once it has been proved.
async fn verify(
    services: &Services,
    password: &LoginPassword,
    hash: Option<&str>,
) -> Result<Verdict, auth::Error> {
    let verdict = services.hasher.verify(password, hash).await?;
    let Some(typed) = password.as_typed().filter(|_| !verdict.ok) else { return Ok(verdict) };
    let verdict = services.hasher.verify(&typed, hash).await?;
    Ok(Verdict { needs_rehash: verdict.ok, ..verdict })
}

/// The parameters have risen since the password was set. A password that may not be set any more stays as it is.
async fn rehash(services: &Services, user: &User, password: &LoginPassword) {
    let Ok(password) = Password::parse(password.expose()) else { return };
    let Ok(hash) = services.hasher.hash(&password).await else { return };
    let id = user.id;
    if let Err(error) = services.store.write(move |tx| users::set_password_hash(tx, id, &hash)).await {
        log::warn!("a password was not hashed anew: {error}");
    }
}

fn note(services: &Services, user: Option<&User>, address: ClientAddress, reason: &'static str) {
    services.audit_queue.note(match user {
        Some(user) => record::refused(record::by(user.id, None, address, "password"), reason),
        None => record::refused(record::from(address, "password"), format!("{reason}: no such account")),
    });
}
