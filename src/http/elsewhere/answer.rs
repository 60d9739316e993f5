//! A document that others ask for again and again, and get once.
//! It must not know what it says.

use crate::http::extract::etag;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, CacheControl, CacheDirective, ETag, EntityTag},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes of a hash that tell two documents apart.
const TAG_BYTES: usize = 16;

/// The document under the hash of what it says, or that the caller has it already. It must be asked for again each time,
/// since what it names may be gone the moment after.
pub(super) fn document(request: &HttpRequest, kind: &'static str, body: String) -> HttpResponse {
    // Weak, because the same answer may leave compressed or not.
    let tag = EntityTag::new_weak(HEXLOWER.encode(&Sha256::digest(&body)[..TAG_BYTES]));
    let is_known = etag::is_known(request, &tag);
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(ETag(tag)).insert_header(CacheControl(vec![CacheDirective::NoCache]));
    match is_known {
        true => answer.finish(),
        false => answer.insert_header((header::CONTENT_TYPE, kind)).body(body),
    }
}
