//! Pages of long lists, by the key of the last row, so that nothing is lost or repeated while rows are being added.
//! It must not know how a key is written for clients.

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T, K> {
    pub items: Vec<T>,
    /// What to ask for the following part with; `None` exactly at the end.
    pub next: Option<K>,
}

/// How many rows to read for a page: one more tells whether that was all.
pub(crate) fn one_more(limit: usize) -> i64 {
    limit as i64 + 1
}

impl<T, K> Page<T, K> {
    /// Cuts rows that were read with [`one_more`].
    pub(crate) fn cut(mut rows: Vec<T>, limit: usize, key: impl FnOnce(&T) -> K) -> Self {
        let there_is_more = rows.len() > limit;
        rows.truncate(limit);
        let next = if there_is_more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    /// The same page of something made from each row.
    pub(crate) fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, K> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// A LIKE pattern for texts that contain `part`, to be used with [`ESCAPE`].
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// What makes `%` and `_` ordinary in a pattern.
pub(crate) const ESCAPE: char = '\\';
