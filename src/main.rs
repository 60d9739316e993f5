//! The command line: parse it, hand over. It must not know how anything is done.
fn main() {}
