//! Why an encoder by RTMP is sent away: a reason to count, and words for whoever set it up.
//! It must not know how they are told.

/// What the house has against a publisher, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// For counting, and for programs: of a fixed set.
    pub code: &'static str,
    /// For whoever set the encoder up.
    pub words: String,
}

/// Why a connection is closed from here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this is not RTMP as it is spoken here: {0}")]
    Protocol(&'static str),
    #[error("more than may be sent before a key is accepted: {0}")]
    BeforeKey(&'static str),
    #[error("more than is taken at once: {0}")]
    TooBig(&'static str),
    #[error("too many values inside each other")]
    TooDeep,
    #[error("no key was given in time")]
    Slow,
    #[error("nothing was sent for too long")]
    Idle,
    #[error("too many connections wait for their key to be accepted")]
    TooMany,
    #[error("only `live` is served here: the address ends with /live")]
    Application,
    #[error("only sending is served here, not playing")]
    Play,
    /// The key is not let in.
    #[error("{}", .0.words)]
    Key(Reason),
    #[error("{0} is not carried: send H.264 with AAC")]
    Codec(String),
    /// What is of a codec that is carried, but cannot be taken.
    #[error("what was sent cannot be taken: {0}")]
    Media(String),
    /// Whoever takes the samples has ended it.
    #[error("{}", .0.words)]
    Cut(Reason),
}

impl Refusal {
    /// A short word for counting, of a fixed set.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Refusal::Protocol(_) => "protocol",
            Refusal::BeforeKey(_) => "before_key",
            Refusal::TooBig(_) => "too_big",
            Refusal::TooDeep => "too_deep",
            Refusal::Slow => "slow",
            Refusal::Idle => "idle",
            Refusal::TooMany => "too_many",
            Refusal::Application => "application",
            Refusal::Play => "play",
            Refusal::Codec(_) => "codec",
            Refusal::Media(_) => "media",
            Refusal::Key(reason) | Refusal::Cut(reason) => reason.code,
        }
    }
}
