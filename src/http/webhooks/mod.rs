//! Webhooks: made, listed, edited and deleted by who is logged in, and what they were told lately.
//! It must not know how anything is sent.

pub(crate) mod deliveries;

use super::{
    Answer, ClientAddress, Error, Services,
    extract::{
        Identity, Json, Path,
        list::{self, List, Paging},
        patch::Change,
    },
    moderation::record,
};
use crate::{
    domain::{
        Millis, WebhookId,
        webhook::{self, DisabledReason, EventName, Preset, WEBHOOKS_MAX, WantedEvents, WebhookScope},
    },
    store::{
        self, Conflict, User,
        moderation::audit::{self, NewEntry},
        webhooks::{self, NewWebhook, Patch, Webhook},
    },
    wire::{Code, Refusal},
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The limit that is counted where somebody has all the webhooks they may have.
const LIMIT: &str = "WEBHOOKS_PER_USER";

/// A webhook to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhookBody {
    /// Where it is sent: https, no name and password, no fragment, and no address inside.
    url: String,
    /// Names of events, or `["*"]` for all.
    events: WantedEvents,
    /// `channel`, or `site` for administrators.
    scope: WebhookScope,
    /// Whose words it speaks; the server's own where nothing is said.
    #[serde(default)]
    preset: Option<Preset>,
}

/// What to change of a webhook: an absent member keeps its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false)]
    url: Change<String>,
    #[serde(default)]
    #[schema(value_type = Option<WantedEvents>, nullable = false)]
    events: Change<WantedEvents>,
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    enabled: Change<bool>,
}

/// A webhook, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// What names it for good.
    id: WebhookId,
    /// Where it is sent.
    url: String,
    /// Names of events, or `["*"]` for all.
    events: WantedEvents,
    /// How far it hears.
    scope: WebhookScope,
    /// Whose words it speaks; null for the server's own.
    preset: Option<Preset>,
    /// Whether it is at work. What happens while it is not is not sent later.
    enabled: bool,
    /// Why it is not; null where it is.
    disabled_reason: Option<DisabledReason>,
    /// Since when it fails, and holds back what is behind; null where it does not.
    failing_since: Option<Millis>,
    /// While it fails: when it is tried again.
    next_at: Option<Millis>,
    /// When it was made.
    created_at: Millis,
}

/// A webhook with a secret that is new.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookWithSecret {
    /// All else of it.
    #[serde(flatten)]
    view: WebhookView,
    /// What its messages are signed with (`whsec_…`), shown this once.
    secret: String,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            events: webhook.events,
            scope: webhook.scope,
            preset: webhook.preset,
            enabled: webhook.enabled,
            disabled_reason: webhook.disabled_reason,
            failing_since: webhook.failing_since,
            next_at: webhook.next_at,
            created_at: webhook.created_at,
        }
    }
}

/// Makes a webhook. It hears what happens from now on. At most 20 an account, then it is a `conflict`.
#[utoipa::path(post, operation_id = "createWebhook", path = "/api/v1/webhooks", tag = "webhooks", security(("bearer" = [])), request_body = NewWebhookBody, responses(
    (status = 201, description = "Made; `secret` is shown this once", body = WebhookWithSecret),
))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Json(body): Json<NewWebhookBody>,
) -> Answer {
    may_have(&account.user, body.scope)?;
    may_hear(&body.events, body.scope)?;
    let new = NewWebhook {
        id: WebhookId::new(),
        owner_id: account.user.id,
        url: url(&services, &body.url)?,
        events: body.events,
        scope: body.scope,
        preset: body.preset,
    };
    let entry = record::of(&account, address, "webhook.create");
    let made = services.store.write::<_, store::Error>(move |tx| {
        let now = Millis::now();
        let made = webhooks::create(tx, &new, now)?;
        audit::append(tx, &NewEntry { target: Some(made.id.to_string()), ..entry.clone() }, now)?;
        Ok(made)
    });
    let made = made.await.map_err(|error| refused(&services, error))?;
    services.webhooks.hints.webhooks_changed();
    Ok(HttpResponse::Created().json(with_secret(&services, made)))
}

fn with_secret(services: &Services, webhook: Webhook) -> WebhookWithSecret {
    let secret = services.keys.webhook_secret(webhook.id, webhook.secret_version);
    WebhookWithSecret { view: webhook.into(), secret }
}

fn may_have(user: &User, scope: WebhookScope) -> Result<(), Refusal> {
    match webhooks::is_right_of(user, scope) {
        true => Ok(()),
        false => Err(Refusal::new(Code::Forbidden, "Webhooks of the site are for administrators.")),
    }
}

fn may_hear(events: &WantedEvents, scope: WebhookScope) -> Result<(), Refusal> {
    match scope == WebhookScope::Channel && events.names(EventName::UserRegistered) {
        true => Err(Refusal::invalid_field("events", "out_of_range", "user.registered is of the site alone")),
        false => Ok(()),
    }
}

fn url(services: &Services, text: &str) -> Result<String, Refusal> {
    let parsed = webhook::url::parse(text, &services.webhooks.allowed);
    parsed.map(String::from).map_err(|invalid| Refusal::invalid_field("url", invalid.code, invalid.detail))
}

fn refused(services: &Services, error: store::Error) -> Error {
    let store::Error::Conflict(Conflict::TooMany) = error else { return error.into() };
    services.metrics.limit_hits.of(LIMIT).inc();
    Error::new(
        Code::Conflict,
        format!("You have {WEBHOOKS_MAX} webhooks, and more cannot be kept. Delete one."),
    )
}

/// The caller's webhooks, latest first.
#[utoipa::path(get, operation_id = "listWebhooks", path = "/api/v1/webhooks", tag = "webhooks", security(("bearer" = [])), params(Paging), responses(
    (status = 200, description = "A page of the list", body = List<WebhookView>),
))]
pub(crate) async fn list(asked: list::OfCaller) -> Answer {
    let listed: List<WebhookView> = list::of_caller(asked, webhooks::list).await?;
    Ok(HttpResponse::Ok().json(listed))
}

/// One of the caller's webhooks.
#[utoipa::path(get, operation_id = "getWebhook", path = "/api/v1/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook")), responses(
    (status = 200, description = "All but its secret", body = WebhookView),
))]
pub(crate) async fn read(
    services: web::Data<Services>,
    account: Identity,
    Path(id): Path<WebhookId>,
) -> Answer {
    let user = account.user.id;
    let found = services.store.read(move |conn| webhooks::one(conn, user, id)).await?;
    Ok(HttpResponse::Ok().json(WebhookView::from(found.ok_or_else(Error::not_found)?)))
}

/// Edits a webhook. One that is enabled again hears what happens from then on.
#[utoipa::path(patch, operation_id = "updateWebhook", path = "/api/v1/webhooks/{id}", tag = "webhooks", security(("bearer" = [])), request_body = WebhookPatchBody,
    params(("id" = WebhookId, Path, description = "The webhook")), responses(
    (status = 200, description = "As it is now", body = WebhookView),
))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    account: Identity,
    Path(id): Path<WebhookId>,
    Json(body): Json<WebhookPatchBody>,
) -> Answer {
    let text = body.url.required("url")?;
    let patch = Patch {
        url: text.map(|text| url(&services, &text)).transpose()?,
        events: body.events.required("events")?,
        enabled: body.enabled.required("enabled")?,
    };
    let owner = account.user.clone();
    let edited = services.streams.act_anywhere(move |tx| {
        let before = webhooks::one(tx, owner.id, id)?.ok_or_else(Refusal::not_found)?;
        if let Some(events) = &patch.events {
            may_hear(events, before.scope)?;
        }
        if patch.enabled == Some(true) {
            may_have(&owner, before.scope)?;
        }
        Ok((webhooks::edit(tx, owner.id, id, &patch)?, Default::default()))
    });
    let edited = edited.await?;
    services.webhooks.hints.webhooks_changed();
    Ok(HttpResponse::Ok().json(WebhookView::from(edited)))
}

/// Deletes a webhook, with all that waits for it.
#[utoipa::path(delete, operation_id = "deleteWebhook", path = "/api/v1/webhooks/{id}", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook")), responses(
    (status = 204, description = "Nothing more is sent to it"),
))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(id): Path<WebhookId>,
) -> Answer {
    let entry = NewEntry { target: Some(id.to_string()), ..record::of(&account, address, "webhook.delete") };
    let user = account.user.id;
    let deleted = services.store.write::<_, store::Error>(move |tx| {
        webhooks::delete(tx, user, id)?;
        audit::append(tx, &entry, Millis::now())
    });
    deleted.await?;
    services.webhooks.hints.webhooks_changed();
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a webhook another secret. For 24 hours its messages are signed with the one before, too.
#[utoipa::path(post, operation_id = "rotateWebhookSecret", path = "/api/v1/webhooks/{id}/rotate-secret", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook")), responses(
    (status = 200, description = "`secret` is shown this once", body = WebhookWithSecret),
))]
pub(crate) async fn rotate(
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    Path(id): Path<WebhookId>,
) -> Answer {
    let entry = NewEntry { target: Some(id.to_string()), ..record::of(&account, address, "webhook.rotate") };
    let user = account.user.id;
    let rotated = services.store.write::<_, store::Error>(move |tx| {
        let now = Millis::now();
        let rotated = webhooks::rotate_secret(tx, user, id, now)?;
        audit::append(tx, &entry, now)?;
        Ok(rotated)
    });
    Ok(HttpResponse::Ok().json(with_secret(&services, rotated.await?)))
}
