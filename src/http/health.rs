//! What operators and their machines ask: is it alive, is it ready, what has it counted.
//! It must not tell a stranger anything else.

use super::{Answer, Services};
use crate::{
    metrics::Exposition,
    store::database::size,
    wire::{Code, Refusal},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` where other nodes are not heard at once: then what they say is shown a little later.
    status: &'static str,
    /// Whether other nodes are heard at once: `sure`, `unsure`, or `none` where there is no way but the database.
    bus: &'static str,
    /// How many servers work on the database, with this one, as this one has found within the last seconds.
    #[schema(minimum = 1)]
    nodes: i64,
    /// Whether `--limits off` has lifted the limits: never silently.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    limits_off: bool,
}

/// Whether the process answers.
#[utoipa::path(get, operation_id = "checkLive", path = "/health/live", tag = "operations", responses(
    (status = 200, description = "It does", body = Health),
))]
pub(crate) async fn live(services: web::Data<Services>) -> Answer {
    Ok(fine(&services))
}

/// Whether requests should be sent here: whether a write would be taken. Tried at most once in two seconds, however many ask.
#[utoipa::path(get, operation_id = "checkReady", path = "/health/ready", tag = "operations", responses(
    (status = 200, description = "They should", body = Health),
    (status = 503, description = "Draining, or the database takes no writes", body = super::error::Problem,
        content_type = "application/problem+json"),
))]
pub(crate) async fn ready(services: web::Data<Services>) -> Answer {
    services.draining.refuse()?;
    match services.store.takes_writes().await {
        true => Ok(fine(&services)),
        false => {
            let text = "The database takes no writes.";
            Err(Refusal::new(Code::Unavailable, text).retry_after(1000).into())
        }
    }
}

/// What was counted, for Prometheus; on the operators' listener alone.
pub(crate) async fn metrics(services: web::Data<Services>, request: HttpRequest) -> HttpResponse {
    let lines = request.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
    let format = Exposition::accepted(&lines.collect::<Vec<_>>().join(","));
    look_at_disk(&services).await;
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::VARY, "Accept"))
        .body(services.metrics.encode(format))
}

/// Measures what nobody counts: beside the workers, since a disk may keep whoever asks.
async fn look_at_disk(services: &Services) {
    let (store, dir) = (services.store.clone(), services.config.data_dir.clone());
    let Ok((wal_bytes, disk)) = web::block(move || (store.wal_bytes(), size::disk(&dir))).await else {
        return;
    };
    let level = |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64);
    services.metrics.db_wal_bytes.set(wal_bytes.unwrap_or(0) as i64);
    services.metrics.disk_free_bytes.set(level(disk.map(|disk| disk.free_bytes)));
    services.metrics.disk_bytes.set(level(disk.map(|disk| disk.bytes)));
}

fn fine(services: &Services) -> HttpResponse {
    let (status, bus) = match (services.bus.has_others(), services.bus.is_sure()) {
        (false, _) => ("ok", "none"),
        (true, true) => ("ok", "sure"),
        (true, false) => ("degraded", "unsure"),
    };
    // Before its first look it knows of itself alone.
    let nodes = services.metrics.nodes_alive.get().max(1);
    HttpResponse::Ok().json(Health { status, bus, nodes, limits_off: services.config.limits.lifted })
}
