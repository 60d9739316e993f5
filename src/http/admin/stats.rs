//! How the server goes: figures of now and of the last hour.
//! It must not know how they are counted.

use super::Asked;
use crate::{
    domain::Millis,
    http::{Answer, Services},
    services::course::Minute,
    store::{
        self,
        database::{nodes, size},
    },
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How the server goes that has answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteStats {
    /// Which node it is.
    node: String,
    /// All nodes of the house.
    nodes: Vec<NodeView>,
    /// What has come since the last whole minute.
    now: MinuteOfSite,
    /// The last hour, oldest first.
    minutes: Vec<MinuteOfSite>,
    /// What is free on the disk of the data directory; null where that cannot be read.
    disk_free_bytes: Option<u64>,
    /// How large that disk is.
    disk_bytes: Option<u64>,
}

/// A server of the house.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeView {
    /// What its operator calls it.
    name: String,
    /// Of the program.
    version: String,
    /// When it was last seen; null for the only one.
    seen_at: Option<Millis>,
}

/// How a minute went, at this node.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MinuteOfSite {
    /// When it ended.
    at: Millis,
    /// Rooms that were open.
    rooms: u64,
    /// Who watched or read.
    viewers: u64,
    /// Comments that were made durable.
    comments_per_s: f64,
    /// Frames that were handed to viewers.
    deliveries_per_s: f64,
    /// What a commit of the journal took on average.
    journal_ms: f64,
    /// What a batch waited on average until it was handed to sockets.
    flush_ms: f64,
    /// The size of the database.
    database_bytes: u64,
}

impl From<Minute> for MinuteOfSite {
    fn from(minute: Minute) -> Self {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        Self {
            at: minute.at,
            rooms: minute.rooms,
            viewers: minute.viewers,
            comments_per_s: rounded(minute.comments_per_s),
            deliveries_per_s: rounded(minute.deliveries_per_s),
            journal_ms: rounded(minute.journal_ms),
            flush_ms: rounded(minute.flush_ms),
            database_bytes: minute.database_bytes,
        }
    }
}

/// How the server goes that answers, now and in the last hour, minute by minute.
#[utoipa::path(get, operation_id = "getSiteStats", path = "/api/v1/admin/stats", tag = "operator",
    responses((status = 200, description = "Figures of now and of the last hour", body = SiteStats)), security(("bearer" = [])))]
pub(crate) async fn read(services: web::Data<Services>, _asked: Asked<()>) -> Answer {
    let is_shared = services.store.is_shared();
    let found = services.store.read::<_, store::Error>(move |conn| {
        Ok((size::bytes(conn)?, if is_shared { nodes::list(conn)? } else { Vec::new() }))
    });
    let (bytes, found) = found.await?;
    let config = &services.config;
    let node = config.node_name();
    let alone =
        || NodeView { name: node.clone(), version: env!("CARGO_PKG_VERSION").to_owned(), seen_at: None };
    let mut nodes: Vec<NodeView> = found
        .into_iter()
        .map(|node| NodeView { name: node.name, version: node.version, seen_at: Some(node.seen_at) })
        .collect();
    if nodes.is_empty() {
        nodes.push(alone());
    }
    let (minutes, now) = services.course.look(bytes);
    let disk = size::disk(&config.data_dir);
    Ok(HttpResponse::Ok().json(SiteStats {
        node,
        nodes,
        now: now.into(),
        minutes: minutes.into_iter().map(MinuteOfSite::from).collect(),
        disk_free_bytes: disk.map(|disk| disk.free_bytes),
        disk_bytes: disk.map(|disk| disk.bytes),
    }))
}
