//! The edges of HTTP: what any request may be, and what any answer says.

mod document;
mod edges;
mod observed;
mod old;
mod own_pages;
mod rate_limits;
mod raw;
