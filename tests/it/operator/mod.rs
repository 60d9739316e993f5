//! What administrators do by REST.

mod accounts;
mod bans;
mod barred;
mod command;
mod lists;
mod logo;
mod registration;
mod rights;
mod settings;

use crate::tools::{TestServer, User};

/// The account "root", which looks after the site.
pub async fn administrator(server: &TestServer) -> User {
    let root = server.register("root").await;
    server.promote(&root);
    root
}
