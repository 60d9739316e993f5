//! The bodies of the fuzz targets, without a fuzzer.

#[path = "../../../fuzz/bodies.rs"]
mod bodies;
mod corpus;
mod generated;
