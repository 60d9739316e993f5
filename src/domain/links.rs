//! Whether a text holds a link. It must not know what becomes of it.

/// Whether a text holds something that people would follow.
pub fn has_link(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("http://") || text.contains("https://") || text.contains("www.")
}
