//! One file of the page as it is served, plain or packed.
//! It must not know HTTP: whoever asks says which form it takes.

use actix_web::web::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{io::Write, sync::OnceLock};

/// One file as it is served.
pub(super) struct Asset {
    /// Hash of the content, for the ETag.
    pub tag: String,
    /// Its media type.
    pub kind: &'static str,
    pub body: Bytes,
    gzip: OnceLock<Bytes>,
}

impl Asset {
    pub(super) fn new(name: &str, body: Bytes) -> Self {
        Self { tag: hex(&Sha256::digest(&body)), kind: media_type(name), body, gzip: OnceLock::new() }
    }

    /// The body as gzip, packed as small as it gets by whoever asks first: once for all who will load it.
    pub(super) fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| packed(&self.body)).clone()
    }

    /// Whether packing makes it smaller: pictures of pixels are packed already.
    pub(super) fn is_text(&self) -> bool {
        let kinds = ["text/", "application/json", "application/manifest+json", "image/svg+xml"];
        kinds.iter().any(|kind| self.kind.starts_with(kind))
    }
}

fn packed(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().map(Bytes::from).unwrap_or_default()
}

/// The first eight bytes of a hash, in sixteen hex digits.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit(['.', '/']).next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("LICENSE") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
