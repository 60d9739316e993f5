//! What handlers take: bodies, queries and paths as domain types, and who is calling.
//! Bad input ends here, with a code; a handler sees none.

mod body;
mod caller;
pub mod etag;
pub mod list;
mod optional;
pub mod patch;
pub mod query;
mod url;

pub use body::{BodyLimit, Json, Optional};
pub use caller::{Account, Caller};
pub(crate) use caller::{Proved, bearer};
pub use optional::MaybeJson;
pub use url::{Path, Query};

use super::App;
use actix_web::{HttpRequest, web};

/// The parts of the server that this request came to.
pub fn app(request: &HttpRequest) -> &web::Data<App> {
    request.app_data::<web::Data<App>>().expect("the server gives its parts to every worker")
}
