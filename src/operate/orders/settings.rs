//! What the site is called and whom it lets in: decided for all nodes.
//! It must not know what a flag says.

use super::{By, Result};
use crate::store::{
    Tx,
    site::settings::{self, Decided, Decision},
};

/// Decides anew; what was decided then.
pub(crate) fn decide(tx: &mut Tx<'_>, by: &By, decision: &Decision) -> Result<Decided> {
    by.record(tx, "site.settings", decision.members().join(" "))?;
    Ok(settings::decide(tx, decision)?)
}
