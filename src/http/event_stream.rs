//! The event log, live: server-sent events.
//! (The live part comes with the feed.)

use super::{Answer, App, Error, events::Position, extract::Caller};
use crate::{domain::ids::StreamId, wire::problem::Code};
use actix_web::{HttpRequest, web};

/// Opens the stream.
pub async fn open(
    _app: web::Data<App>,
    _caller: Caller,
    _id: StreamId,
    _after: Option<Position>,
    _request: HttpRequest,
) -> Answer {
    Err(Error::new(Code::Unavailable, "Not yet."))
}
