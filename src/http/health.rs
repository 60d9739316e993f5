//! What operators and their machines ask: is it alive, is it ready, what has it counted.
//! It must not tell a stranger anything else.

use super::{Answer, App};
use crate::{
    metrics::Exposition,
    wire::problem::{Code, Refusal},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    status: &'static str,
    /// Whether `--limits off` has lifted the limits: never silently.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    limits_off: bool,
}

/// Whether the process answers.
#[utoipa::path(get, operation_id = "checkLive", path = "/health/live", tag = "operations", responses(
    (status = 200, description = "It does", body = Health),
))]
pub async fn live(app: web::Data<App>) -> Answer {
    Ok(fine(&app))
}

/// Whether requests should be sent here: whether a write would be taken. Tried at most once in two seconds, however many ask.
#[utoipa::path(get, operation_id = "checkReady", path = "/health/ready", tag = "operations", responses(
    (status = 200, description = "They should", body = Health),
    (status = 503, description = "Draining, or the database takes no writes", body = super::error::Problem,
        content_type = "application/problem+json"),
))]
pub async fn ready(app: web::Data<App>) -> Answer {
    app.draining.refuse()?;
    match app.desk.store.takes_writes().await {
        true => Ok(fine(&app)),
        false => {
            let text = "The database takes no writes.";
            Err(Refusal::new(Code::Unavailable, text).retry_after(1000).into())
        }
    }
}

/// What was counted, for Prometheus; on the operators' listener alone.
pub async fn metrics(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let lines = request.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
    let format = Exposition::accepted(&lines.collect::<Vec<_>>().join(","));
    app.metrics.db_wal_bytes.set(app.desk.store.wal_bytes().unwrap_or(0) as i64);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::VARY, "Accept"))
        .body(app.metrics.encode(format))
}

fn fine(app: &App) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", limits_off: app.config.limits.lifted })
}
