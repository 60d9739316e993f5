//! What a webhook was told lately: listed, tried again, and a test. It must not know what an event says.

use crate::{
    domain::{DeliveryId, Millis, WebhookId, webhook::DeliveryStatus},
    http::{
        Answer, Error, Services,
        extract::{
            Identity, Path, Query,
            list::{self, List, Paging},
        },
    },
    store::{
        self,
        webhooks::{
            self, Subject,
            deliveries::{self, Delivery},
        },
    },
    wire::{
        Code, Refusal,
        webhook::{Test, members},
    },
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::time::Instant;
use utoipa::ToSchema;

/// The type of what a test sends.
const TEST: &str = "webhook.test";

/// One event as one webhook was told of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// What names it for good.
    id: DeliveryId,
    /// The `webhook-id` of its message.
    message_id: String,
    /// The `type` of what was sent.
    event: String,
    /// What became of it.
    status: DeliveryStatus,
    /// How often it was tried.
    attempts: i64,
    /// The status of the last answer; null where none came.
    last_status: Option<i64>,
    /// Why none came, in a word; null where one did.
    last_error: Option<String>,
    /// When it is tried again; null where it is not.
    next_at: Option<Millis>,
    /// When it was first tried.
    created_at: Millis,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            message_id: delivery.message,
            event: delivery.kind,
            status: delivery.status,
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            next_at: delivery.next_at,
            created_at: delivery.created_at,
        }
    }
}

/// What a webhook was told lately, latest first: its last 100 deliveries.
#[utoipa::path(get, operation_id = "listDeliveries", path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook"), Paging), responses(
    (status = 200, description = "A page of the list", body = List<DeliveryView>),
))]
pub(crate) async fn list(
    services: web::Data<Services>,
    account: Identity,
    Path(id): Path<WebhookId>,
    Query(paging): Query<Paging>,
) -> Answer {
    let after = list::after(paging.cursor.as_ref())?;
    let (user, limit) = (account.user.id, paging.limit.count());
    let page = services.store.read::<_, store::Error>(move |conn| {
        webhooks::one(conn, user, id)?.ok_or(store::Error::NotFound)?;
        deliveries::list(conn, id, after, limit)
    });
    Ok(HttpResponse::Ok().json(List::new(page.await?.map(DeliveryView::from))))
}

/// Sends a message of the type `webhook.test` to a webhook that is enabled, at once and once, also while it fails. 10 a minute.
#[utoipa::path(post, operation_id = "testWebhook", path = "/api/v1/webhooks/{id}/test", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook")), responses(
    (status = 202, description = "It will be sent; its delivery says what became of it", body = DeliveryView),
))]
pub(crate) async fn test(
    services: web::Data<Services>,
    account: Identity,
    Path(id): Path<WebhookId>,
) -> Answer {
    let user = account.user.id;
    let tried = services.tries.webhook_test(user, Instant::now());
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let told = services.streams.act_anywhere(move |tx| {
        must_be_enabled(tx, user, id)?;
        let now = Millis::now();
        let message = format!("test_{}", DeliveryId::new().0.simple());
        let subject = Subject::named(message, TEST, now).saying(members(&Test { webhook_id: id }));
        Ok((deliveries::tell_once(tx, id, subject, now)?, Default::default()))
    });
    accepted(&services, told.await?)
}

/// Has a delivery be tried at once: one that waits where its turn is, one that is over once more. It counts as a test: 10 a minute.
#[utoipa::path(post, operation_id = "retryDelivery", path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}/retry", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path, description = "The webhook"), ("delivery_id" = DeliveryId, Path, description = "The delivery")), responses(
    (status = 202, description = "It will be sent", body = DeliveryView),
))]
pub(crate) async fn retry(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(WebhookId, DeliveryId)>,
) -> Answer {
    let ((id, delivery), user) = (path.0, account.user.id);
    let tried = services.tries.webhook_test(user, Instant::now());
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let told = services.streams.act_anywhere(move |tx| {
        must_be_enabled(tx, user, id)?;
        Ok((deliveries::retry(tx, id, delivery, Millis::now())?, Default::default()))
    });
    accepted(&services, told.await?)
}

fn must_be_enabled(
    conn: &mut store::Conn,
    user: crate::domain::UserId,
    id: WebhookId,
) -> Result<(), crate::room::operations::Fault> {
    let webhook = webhooks::one(conn, user, id)?.ok_or_else(Refusal::not_found)?;
    match webhook.enabled {
        true => Ok(()),
        false => Err(Refusal::new(Code::Conflict, "This webhook is disabled. Enable it first.").into()),
    }
}

fn accepted(services: &Services, delivery: Delivery) -> Result<HttpResponse, Error> {
    // Also one that fails is tried at once.
    services.webhooks.hints.webhooks_changed();
    Ok(HttpResponse::Accepted().json(DeliveryView::from(delivery)))
}
