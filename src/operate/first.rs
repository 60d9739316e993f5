//! The first administrator of a house that is only being made, by a configuration that is resolved already.
//! It must not know whose house it is.

use super::orders::{By, accounts};
use crate::{
    config::Config,
    domain::{
        Millis, Username,
        accounts::{display_name::DisplayName, password::Password},
    },
    store::Store,
};
use anyhow::anyhow;

/// Makes the database, and an account that may do everything in it.
///
/// # Errors
/// Where name or password follow no rule, and where there is such an account already.
pub(crate) fn make_administrator(config: &Config, username: &str, password: &str) -> anyhow::Result<()> {
    let username = Username::parse(username).map_err(|refused| anyhow!("username: {refused}"))?;
    let password = Password::parse(password).map_err(|refused| anyhow!("password: {refused}"))?;
    let display_name = DisplayName::from(&username);
    let new = accounts::new_admin(username, display_name, &password, Millis::now())?;
    let store = Store::open(&config.database_url.expose())?;
    accounts::create(&store, &By::command(), &new)?;
    Ok(())
}
