//! Who is here, over a real Redis of its own for each test: `cargo test --lib bus:: -- --ignored` runs them.

mod model;
mod nodes;
