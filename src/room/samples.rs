//! Samples for unit tests.

use crate::{
    domain::{ids::*, role::Role, stream::Seq, time::Millis},
    wire::view::{Author, CommentView},
};

/// A comment that says this.
pub fn comment(content: &str) -> CommentView {
    CommentView {
        id: CommentId::new(),
        seq: Some(Seq(1)),
        stream_id: StreamId::new(),
        user: Author {
            id: UserId::new(),
            username: "ana".into(),
            display_name: "Ana".into(),
            role: Role::Viewer,
        },
        content: content.into(),
        style: None,
        reply_to: None,
        client_id: None,
        offset_ms: None,
        created_at: Millis(0),
    }
}
