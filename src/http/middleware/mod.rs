//! What is around every request, whatever it asks for.
//! It must not know any resource.

pub(crate) mod guard;
pub(crate) mod headers;
pub(crate) mod request_id;
