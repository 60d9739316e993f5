//! Each piece of operator work: what it changes in its transaction, and what came of it, as values. Whoever has it done, by the
//! command line or by REST, has it done here. It must not know where its arguments come from, nor how its results are shown.

pub(crate) mod accounts;
pub(crate) mod bans;
pub(super) mod house;
pub(crate) mod invitations;
pub(crate) mod settings;

use crate::{
    auth,
    domain::{SessionId, UserId},
    logging,
    room::operations::Fault,
    store::{
        self, Failure, Tx,
        moderation::audit::{self, NewEntry},
    },
    wire::{Code, Refusal},
};

/// Why a piece of work was not done. The store kept nothing of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No account has this name.
    #[error("there is no account {}", logging::one_line(.0))]
    NoAccount(String),
    /// The name of an account to be is another's.
    #[error("the name is taken; `livehouse admin promote` makes an admin of an account")]
    NameTaken,
    /// The account of this name has no such session.
    #[error("{} has no session {session} in force", logging::one_line(.account))]
    NoSession { account: String, session: SessionId },
    /// The site would have nobody to look after it.
    #[error("this is the last administrator")]
    LastAdmin,
    /// Who looks after the site is not banned from it.
    #[error("administrators cannot be banned")]
    AdminBanned,
    /// An account that waits or is disabled can set no password by a link.
    #[error("{} cannot log in", logging::one_line(.0))]
    NotActive(String),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] auth::Error),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Failure for Error {
    fn as_store(&self) -> Option<&store::Error> {
        match self {
            Error::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NoAccount(_) | Error::NoSession { .. } => Refusal::not_found().into(),
            Error::NameTaken => Fault::Store(store::Error::Conflict(store::Conflict::UsernameTaken)),
            Error::LastAdmin => {
                Refusal::new(Code::Conflict, "The last administrator stays one, and can log in.").into()
            }
            Error::AdminBanned => Refusal::new(Code::Forbidden, "Administrators cannot be banned.").into(),
            Error::NotActive(_) => {
                Refusal::new(Code::Conflict, "This account cannot log in: let it in first.").into()
            }
            Error::Password(error) => {
                log::error!("{error}");
                Refusal::internal().into()
            }
            Error::Store(error) => Fault::Store(error),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// By whose hand something is done.
#[derive(Clone, Debug)]
pub(crate) struct By {
    /// What the record says of them.
    entry: NewEntry,
}

impl By {
    /// By an administrator, as the record knows them.
    pub(crate) fn administrator(entry: NewEntry) -> Self {
        Self { entry }
    }

    /// By the command itself: an operator who has the machine has no account.
    pub(super) fn command() -> Self {
        let reason = Some("livehouse admin".to_owned());
        Self { entry: NewEntry { outcome: "ok", reason, ..NewEntry::default() } }
    }

    /// Who it is; none where it is the command.
    fn account(&self) -> Option<UserId> {
        self.entry.actor_id
    }

    /// Puts something on record that was done to somebody or something.
    fn record(
        &self,
        tx: &mut Tx<'_>,
        action: &'static str,
        target: impl Into<Option<String>>,
    ) -> store::Result<()> {
        let now = crate::domain::Millis::now();
        audit::append(tx, &NewEntry { action, target: target.into(), ..self.entry.clone() }, now)
    }
}
