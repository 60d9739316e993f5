//! Lists as clients page through them.
//! It must not know what is listed.

use crate::{
    domain::cursor::{Cursor, Limit},
    store::Page,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// Its entries; never empty while there is more.
    pub items: Vec<T>,
    /// What to ask for the next page with; null at the end.
    pub next_cursor: Option<Cursor>,
}

impl<T> List<T> {
    /// A page of the store, with its key as a cursor.
    pub fn new<K>(page: Page<T, K>, cursor: impl FnOnce(K) -> Cursor) -> Self {
        Self { items: page.items, next_cursor: page.next.map(cursor) }
    }

    /// A list that has but one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// The query of a list that knows nothing but pages.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Entries of a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: Limit,
    /// Where to go on.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}
