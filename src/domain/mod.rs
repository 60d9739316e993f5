//! Words of the trade as types that parse at the edge: what exists here is valid everywhere.
//! It must not know of databases, sockets or HTTP; of clocks, `clock` alone does.

pub(crate) mod accounts;
pub(crate) mod channel;
pub(crate) mod client_id;
pub(crate) mod cursor;
pub(crate) mod ids;
pub(crate) mod invalid;
pub(crate) mod key_form;
mod parsed;
pub(crate) mod rate;
pub(crate) mod role;
pub(crate) mod stream;
pub(crate) mod terms;
pub(crate) mod text;
pub(crate) mod time;
mod web_address;
pub(crate) mod webhook;

pub use accounts::username::Username;
pub(crate) use accounts::{key::KeyScope, login::Login};
pub(crate) use ids::{
    AnnouncementId, BootId, CommentId, ConnectionId, DeliveryId, InvitationId, KeyId, NoticeId, QuestionId,
    WebhookId,
};
pub use ids::{PollId, SessionId, StreamId, UserId};
pub(crate) use role::{Right, Role};
pub(crate) use stream::{
    News, RulesVersion, Seq, Status, Visibility, reaction::ReactionKind, settings::Settings,
};
pub use terms::TermList;
pub use text::Content;
pub use time::Millis;
pub(crate) use time::now::Now;
