//! What there is to embed of a page, as oEmbed has it: <https://oembed.com>.
//! It must not know how it looks.

use super::{
    SITE_NAME,
    addresses::{self, CARD, Place},
    pages,
};
use crate::{
    domain::{invalid::Invalid, stream::words},
    http::{Answer, Error, Services, extract::Query, media::addresses::Base},
    store::{Person, Stream},
    wire::Refusal,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, ToSchema};

/// How long an answer may be kept by who asked, in seconds.
const KEPT_S: u32 = 300;

words! {
    /// In which format.
    pub(crate) Format {
        /// The one that there is.
        Json = "json",
    }
}

/// Of which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OembedQuery {
    /// The whole address of a room (`/s/{id}`) or a channel (`/@{username}`) on this site.
    url: String,
    /// `json` where nothing is said.
    #[serde(default)]
    #[allow(dead_code)] // read to be refused
    format: Option<Format>,
}

/// What there is to embed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Oembed {
    /// Always `1.0` here.
    version: &'static str,
    /// `link` where only a card of it can be shown.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What it is called.
    title: String,
    /// Whose it is.
    author_name: String,
    /// The permanent address of whose it is.
    author_url: String,
    /// What this site is called.
    provider_name: &'static str,
    /// Where this site is.
    provider_url: String,
    /// How long this holds, in seconds.
    cache_age: u32,
    /// A picture that stands for it.
    thumbnail_url: String,
    /// Width of that, in pixels.
    thumbnail_width: u32,
    /// Height of that, in pixels.
    thumbnail_height: u32,
}

/// What there is to embed of a room or a channel, as oEmbed has it. What not everybody may see is 404, as what does not exist.
#[utoipa::path(get, operation_id = "getOembed", path = "/oembed", tag = "elsewhere", params(OembedQuery),
    responses((status = 200, description = "A card", body = Oembed)))]
pub(crate) async fn read(
    request: HttpRequest,
    services: web::Data<Services>,
    Query(wanted): Query<OembedQuery>,
) -> Answer {
    let address = Url::parse(&wanted.url).map_err(|_| {
        let invalid = Invalid::malformed("the whole address of a page");
        Refusal::invalid_field("url", invalid.code, invalid.detail)
    })?;
    let base = Base::of(&request, &services.config);
    let (host, stream) = match Place::at(&address, &base).ok_or_else(Error::not_found)? {
        Place::Room(id) => {
            let stream = pages::visible(&services, id).await?;
            (stream.host.clone(), Some(stream))
        }
        Place::Channel(username) => pages::at_channel(&services, username).await?,
    };
    Ok(HttpResponse::Ok().json(card(&base, &host, stream.as_ref())))
}

fn card(base: &Base, host: &Person, stream: Option<&Stream>) -> Oembed {
    let (picture, width, height) = CARD;
    Oembed {
        version: "1.0",
        kind: "link",
        title: stream.map_or(&host.display_name, |stream| &stream.title).clone(),
        author_name: host.display_name.clone(),
        author_url: addresses::channel(base, &host.username, ""),
        provider_name: SITE_NAME,
        provider_url: base.url("/"),
        cache_age: KEPT_S,
        thumbnail_url: base.url(picture),
        thumbnail_width: width,
        thumbnail_height: height,
    }
}
