//! Why something was not done to a stream: it may not be, or it could not be.
//! It must not know what it was.

use crate::{
    store::{self, Failure},
    wire::Refusal,
};

/// Why something was not done.
#[derive(Debug)]
pub enum Fault {
    /// It may not be done.
    Refused(Refusal),
    /// It could not be done.
    Store(store::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal)
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Fault::Store(error)
    }
}

impl Failure for Fault {
    fn as_store(&self) -> Option<&store::Error> {
        match self {
            Fault::Refused(_) => None,
            Fault::Store(error) => Some(error),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => refusal,
            Fault::Store(store::Error::NotFound) => Refusal::not_found(),
            Fault::Store(error) => Refusal::database_away(&error),
        }
    }
}
