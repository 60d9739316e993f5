//! How accounts stand, as whoever looks after them asks for it.
//! It must not know what follows from it.

use crate::domain::stream::words;

words! {
    /// Which accounts to list.
    pub(crate) AccountsWanted {
        /// Those that can log in.
        Active = "active",
        /// Those that wait to be let in.
        Pending = "pending",
        /// Those that were disabled.
        Disabled = "disabled",
        /// Those that look after the site.
        Admin = "admin",
    }
}
