//! Lists as clients page through them.
//! It must not know what is listed.

use super::{Identity, Path, Query};
use crate::{
    domain::{
        CommentId, DeliveryId, InvitationId, KeyId, Millis, Seq, SessionId, StreamId, UserId, WebhookId,
        cursor::{Cursor, Limit},
    },
    http::{Answer, Error, Services},
    room::operations::{Access, Fault},
    store::{self, Conn, Page},
    wire::Refusal,
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// Its entries; never empty while there is more.
    pub items: Vec<T>,
    /// What to ask for the next page with; null at the end.
    pub next_cursor: Option<Cursor>,
}

impl<T> List<T> {
    /// A page of the store, with its key as a cursor.
    pub(crate) fn new(page: Page<T, impl Key>) -> Self {
        Self { items: page.items, next_cursor: page.next.map(Key::cursor) }
    }

    /// A list that has but one page.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// The query of a list that knows nothing but pages.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: Limit,
    /// Where to go on.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// What a list of the store goes on behind, as its cursor carries it.
pub(crate) trait Key: Sized {
    /// The cursor of this key.
    fn cursor(self) -> Cursor;

    /// The key of a cursor; none where it is one of another list.
    fn read(cursor: &Cursor) -> Option<Self>;
}

/// The place in a list that a cursor names.
/// Errors: `invalid_field` where it is a cursor of another list.
pub(crate) fn after<K: Key>(cursor: Option<&Cursor>) -> Result<Option<K>, Refusal> {
    let Some(cursor) = cursor else { return Ok(None) };
    match K::read(cursor) {
        Some(key) => Ok(Some(key)),
        None => Err(Refusal::invalid_field("cursor", "malformed", "not a cursor of this list")),
    }
}

impl Key for Seq {
    fn cursor(self) -> Cursor {
        Cursor::new(self.0, "")
    }

    fn read(cursor: &Cursor) -> Option<Self> {
        // One with an id is of a list that is sorted by something else.
        cursor.id.is_empty().then_some(Seq(cursor.key))
    }
}

impl<I: ToString + FromStr> Key for (Millis, I) {
    fn cursor(self) -> Cursor {
        Cursor::new(self.0.0, self.1)
    }

    fn read(cursor: &Cursor) -> Option<Self> {
        Some((Millis(cursor.key), cursor.id.parse().ok()?))
    }
}

macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Key for $id {
            fn cursor(self) -> Cursor {
                Cursor::new(0, self)
            }

            fn read(cursor: &Cursor) -> Option<Self> {
                cursor.id.parse().ok()
            }
        }
    )+};
}
ids!(CommentId, SessionId, KeyId, UserId, InvitationId, WebhookId, DeliveryId, String);

/// A request for a page of what belongs to whoever asks.
pub(crate) type OfCaller = (web::Data<Services>, Identity, Query<Paging>);

/// A page of what belongs to whoever asks, each row as a view.
/// Errors: Where the cursor is of another list; those of the store.
pub(crate) async fn of_caller<K: Key + Send + 'static, R: Send + 'static, V: From<R> + Serialize>(
    (services, account, paging): OfCaller,
    read: impl FnOnce(&mut Conn, UserId, Option<K>, usize) -> store::Result<Page<R, K>> + Send + 'static,
) -> Result<List<V>, Error> {
    let after = after(paging.0.cursor.as_ref())?;
    let (user, limit) = (account.user.id, paging.0.limit.count());
    let page = services.store.read(move |conn| read(conn, user, after, limit)).await?;
    Ok(List::new(page.map(V::from)))
}

/// A request for a page of what a stream has.
pub(crate) type OfStream = (web::Data<Services>, Identity, Path<StreamId>, Query<Paging>);

/// A page of what a stream has, for those who `may` see it.
/// Errors: Where they may not, or the stream is none that they may know of, or the cursor is of another list.
pub(crate) async fn of_stream<K: Key, V: Serialize + Send + 'static>(
    (services, account, id, paging): OfStream,
    may: impl FnOnce(&Access) -> Result<(), Refusal> + Send + 'static,
    read: impl FnOnce(&mut Conn, &Access, Option<K>, usize) -> Result<Page<V, K>, Fault> + Send + 'static,
) -> Answer {
    let listed = services.streams.read_as(id.0, Some(account.account()), move |conn, access| {
        may(access)?;
        let after = after(paging.0.cursor.as_ref())?;
        Ok(List::new(read(conn, access, after, paging.0.limit.count())?))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}
