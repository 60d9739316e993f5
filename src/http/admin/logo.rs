//! The site's own logo: administrators put one up and take it down.
//! It must not know how an image is decoded, nor who sees it.

use super::{Asked, settings::SiteSettings};
use crate::{
    domain::{
        Millis,
        accounts::image::{Image, ImageKind},
    },
    http::{Answer, Error, Services, accounts::images::refused, extract::image},
    operate::orders::{By, settings},
    room::operations::Publication,
};
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Instant;

/// Gives the site a logo: the middle of the image, 256 by 256, as a JPEG, with nothing else of what was sent.
#[utoipa::path(put, operation_id = "putLogo", path = "/api/v1/admin/logo", tag = "operator", security(("bearer" = [])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp")),
        description = "At most 2 MiB, 8192 pixels a side and 25 million pixels"),
    responses((status = 200, description = "What holds now", body = SiteSettings)))]
pub(crate) async fn put(
    request: HttpRequest,
    services: web::Data<Services>,
    asked: Asked<web::Payload>,
) -> Answer {
    let Asked(operator, payload) = asked;
    let tried = services.tries.image(operator.id(), Instant::now());
    tried.map_err(|too_many| services.limit_reached(too_many))?;
    let sent = image(&request, payload.into_inner()).await?;
    let logo = services.images.make(sent, ImageKind::Avatar).await.map_err(refused)?;
    decide(&services, operator.by(), Some(logo)).await?;
    Ok(HttpResponse::Ok().json(SiteSettings::from(&services.site)))
}

/// Takes the logo of the site away.
#[utoipa::path(delete, operation_id = "deleteLogo", path = "/api/v1/admin/logo", tag = "operator", security(("bearer" = [])),
    responses((status = 204, description = "There is none, also if there was none before")))]
pub(crate) async fn delete(services: web::Data<Services>, asked: Asked<()>) -> Answer {
    decide(&services, asked.0.by(), None).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn decide(services: &Services, by: By, logo: Option<Image>) -> Result<(), Error> {
    let decided = services.streams.act_anywhere(move |tx| {
        let decided = settings::decide_logo(tx, &by, logo.as_ref(), Millis::now())?;
        Ok((decided, Publication::default()))
    });
    services.site.see(decided.await?);
    Ok(())
}
