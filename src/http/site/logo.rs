//! The site's own logo, for everybody who looks.
//! It must not know who has chosen it.

use crate::{
    domain::accounts::image::Image,
    http::{
        Answer, Error, Services,
        accounts::images::{Wanted, as_asked},
        extract::Query,
    },
    store::site::logo,
};
use actix_web::{HttpRequest, web};

/// Where it is served.
const ADDRESS: &str = "/api/v1/site/logo";

/// The address of this version.
pub(crate) fn address(version: &str) -> String {
    format!("{ADDRESS}?v={version}")
}

/// The logo of this site.
#[utoipa::path(get, operation_id = "getLogo", path = "/api/v1/site/logo", tag = "site", params(Wanted),
    responses(
        (status = 200, description = "256 by 256 pixels", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "`If-None-Match` names it"),
    ))]
pub(crate) async fn read(
    request: HttpRequest,
    services: web::Data<Services>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let found = services.store.read(logo::read).await?;
    Ok(as_asked(&request, &wanted, Image::from(found.ok_or_else(Error::not_found)?)))
}
