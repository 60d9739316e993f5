//! What handlers take: bodies, queries and paths as domain types, and who is calling.
//! Bad input ends here, with a code; a handler sees none.

mod body;
mod caller;
pub(crate) mod client_address;
pub(crate) mod etag;
pub(crate) mod list;
mod optional;
pub(crate) mod patch;
pub(crate) mod position;
pub(crate) mod query;
mod url;

pub(crate) use crate::identity::Identity;
pub(crate) use body::{BodyLimit, Json, Optional, bytes, image, sdp};
pub(crate) use caller::{Caller, Proved, bearer, prove};
pub(crate) use optional::MaybeJson;
pub(crate) use url::{Path, Query};

use super::Services;
use actix_web::{HttpRequest, web};

/// The parts of the server that this request came to.
pub(crate) fn services(request: &HttpRequest) -> &web::Data<Services> {
    request.app_data::<web::Data<Services>>().expect("the server gives its parts to every worker")
}
