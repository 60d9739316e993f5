//! What programs look for at well-known addresses (RFC 8615): where a password is changed, and whom to tell of a hole.
//! It must not know how either is dealt with.

use crate::{
    domain::Millis,
    http::{Answer, Error, Services, media::addresses::Base},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How long what is said may be relied on, in days; less than a year is recommended (RFC 9116, 2.5.5).
const VALID_DAYS: i64 = 180;

/// Where a password manager leads whoever wants another password.
pub(crate) async fn change_password() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/account")).finish()
}

/// Whom to tell of a hole (RFC 9116); nothing where the operator names nobody.
pub(crate) async fn security_txt(request: HttpRequest, services: web::Data<Services>) -> Answer {
    let contact = services.config.security_contact.as_ref().ok_or_else(Error::not_found)?;
    let base = Base::of(&request, &services.config);
    let text = format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: en, zh\nCanonical: {}\n",
        expires(Millis::now()),
        base.url("/.well-known/security.txt")
    );
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(HttpResponse::Ok().insert_header(kind).insert_header((header::CACHE_CONTROL, "no-cache")).body(text))
}

/// The same all day, so that whoever asks twice is told the same.
fn expires(now: Millis) -> Millis {
    Millis((now.0 / DAY_MS + VALID_DAYS) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_expires_at_the_end_of_a_day_within_a_year() {
        let at = |ms| expires(Millis(ms)).to_string();
        assert_eq!(at(0), "1970-06-30T00:00:00.000Z");
        assert_eq!(at(DAY_MS - 1), at(0));
        assert_eq!(at(DAY_MS), "1970-07-01T00:00:00.000Z");
    }
}
