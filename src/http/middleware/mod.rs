//! What is around every request, or around a whole route.
//! It must not know any resource.

pub(crate) mod guard;
pub(crate) mod headers;
pub(crate) mod rate_limit;
pub(crate) mod request_id;
