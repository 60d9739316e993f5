//! What is around every request, whatever it asks for.
//! It must not know any resource.

pub mod client_address;
pub mod guard;
pub mod headers;
pub mod rate_limits;
pub mod request_id;
pub mod warnings;
