//! Roles and rights: who may do what in a room, as data.
//! It must not know of settings or state: rights follow from role and ban alone. Here and nowhere else is said who may see what.

use super::{Visibility, accounts::key::KeyScope, stream::words};

words! {
    /// What somebody is in one room.
    pub Role {
        /// Not signed in: reads what is public.
        Guest = "guest",
        /// An account like any other.
        Viewer = "viewer",
        /// Appointed by the host.
        Moderator = "moderator",
        /// Whose stream it is.
        Host = "host",
        /// Operator of the server.
        Admin = "admin",
    }
}

words! {
    /// Something a client may do; the `can` of the `you` frame.
    pub Right {
        /// Write comments in the room.
        Comment = "comment",
        /// Send reactions of one kind.
        React = "react",
        /// Vote in polls and for questions.
        Vote = "vote",
        /// Ask the host a question.
        Ask = "ask",
        /// Delete others' comments.
        Delete = "delete",
        /// Ban and unban.
        Ban = "ban",
        /// See and decide held comments.
        Review = "review",
        /// Pin and unpin a comment.
        Pin = "pin",
        /// Make announcements to all.
        Announce = "announce",
        /// Open and close polls, mark questions answered.
        Poll = "poll",
        /// Read and change the room's settings and terms.
        Settings = "settings",
        /// Edit, start, end, delete the stream; its moderators and members.
        Manage = "manage",
    }
}

impl Right {
    /// What a key must have for it.
    pub(crate) fn scope(self) -> KeyScope {
        use Right::*;
        match self {
            Comment | React | Vote | Ask => KeyScope::Comment,
            Delete | Ban | Review | Pin | Announce | Poll | Settings => KeyScope::Moderate,
            Manage => KeyScope::Streams,
        }
    }
}

/// What somebody has to do with one stream; all false is a guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub is_signed_in: bool,
    pub is_host: bool,
    /// An operator of the server.
    pub is_admin: bool,
    pub is_moderator: bool,
    /// On the host's list of who may see a private stream.
    pub is_member: bool,
}

impl Standing {
    /// What they are in its room.
    pub(crate) fn role(self) -> Role {
        match self {
            Standing { is_signed_in: false, .. } => Role::Guest,
            Standing { is_host: true, .. } => Role::Host,
            Standing { is_admin: true, .. } => Role::Admin,
            Standing { is_moderator: true, .. } => Role::Moderator,
            _ => Role::Viewer,
        }
    }

    /// Whether they may know of it.
    pub(crate) fn may_see(self, visibility: Visibility) -> bool {
        visibility != Visibility::Private || self.is_member || self.role().is_staff()
    }
}

impl Role {
    /// What this role may do. A ban takes away writing, not reading; it never holds against host or admin.
    pub fn can(self, banned: bool) -> &'static [Right] {
        use Right::*;
        const MANAGER: &[Right] =
            &[Comment, React, Vote, Ask, Delete, Ban, Review, Pin, Announce, Poll, Settings, Manage];
        match self {
            Role::Guest => &[],
            Role::Viewer if banned => &[],
            Role::Viewer => &MANAGER[..4],
            Role::Moderator => &MANAGER[..11],
            Role::Host | Role::Admin => MANAGER,
        }
    }

    /// Whether this role has a right.
    pub fn may(self, right: Right, banned: bool) -> bool {
        self.can(banned).contains(&right)
    }

    /// What is left of it for somebody who may write nowhere on the site: not more than a viewer has. Operators are not barred.
    pub(crate) fn barred(self) -> Role {
        match self {
            Role::Host | Role::Moderator => Role::Viewer,
            Role::Guest | Role::Viewer | Role::Admin => self,
        }
    }

    /// Host, moderators and admins: exempt from rules and limits for the audience.
    pub fn is_staff(self) -> bool {
        matches!(self, Role::Moderator | Role::Host | Role::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_adds_to_the_one_before() {
        assert!(Role::Guest.can(false).is_empty());
        assert_eq!(Role::Viewer.can(false).last(), Some(&Right::Ask));
        assert_eq!(Role::Moderator.can(false).last(), Some(&Right::Settings));
        assert_eq!(Role::Host.can(false).last(), Some(&Right::Manage));
        assert_eq!(Role::Host.can(false), Role::Admin.can(false));
    }

    #[test]
    fn whoever_is_barred_from_the_site_has_no_rights_but_an_operator() {
        for role in Role::ALL {
            assert_eq!(role.barred().can(true).is_empty(), *role != Role::Admin, "{role}");
        }
    }

    #[test]
    fn a_ban_takes_all_rights_of_a_viewer() {
        assert!(Role::Viewer.can(true).is_empty());
    }
}
