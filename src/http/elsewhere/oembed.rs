//! What there is to embed of a page, as oEmbed has it: <https://oembed.com>.
//! It must not know how it looks.

use super::{
    SITE_NAME,
    addresses::{self, CARD, Place},
    pages,
};
use crate::{
    config::EmbedOrigins,
    domain::{invalid::Invalid, stream::words},
    http::{Answer, Error, Services, extract::Query, media::addresses::Base},
    store::{Person, Stream},
    wire::{Refusal, documents::Markup},
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use url::Url;
use utoipa::{IntoParams, ToSchema};

/// How large a frame is where there is room for it, in pixels.
const FRAME: (u32, u32) = (960, 540);
/// How long an answer may be kept by who asked, in seconds.
const KEPT_S: u32 = 300;

words! {
    /// In which format.
    pub(crate) OembedFormat {
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
    #[param(value_type = Option<String>)]
    format: Option<OembedFormat>,
    /// The most that there is room for, in pixels.
    #[param(value_type = Option<u32>, minimum = 1)]
    maxwidth: Option<NonZeroU32>,
    /// The most that there is room for, in pixels.
    #[param(value_type = Option<u32>, minimum = 1)]
    maxheight: Option<NonZeroU32>,
}

/// What there is to embed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Oembed {
    /// Always `1.0` here.
    version: &'static str,
    /// `video` where the site may be shown in frames and there is a stream; else `link`, of which a card can be shown.
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
    /// Of a `video`.
    #[serde(flatten)]
    frame: Option<OembedFrame>,
}

/// The frame that shows a stream.
#[derive(Serialize, ToSchema)]
pub(crate) struct OembedFrame {
    /// Its markup, an `iframe`.
    html: String,
    /// Its width, in pixels.
    width: u32,
    /// Its height, in pixels.
    height: u32,
}

/// What there is to embed of a room or a channel, as oEmbed has it. What not everybody may see is 404, as what does not exist.
#[utoipa::path(get, operation_id = "getOembed", path = "/oembed", tag = "elsewhere", params(OembedQuery),
    responses((status = 200, description = "A card", body = Oembed), (status = 404, description = "No such page here, or one that not everybody may see")))]
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
    let is_framed = services.config.embed_origins != EmbedOrigins::Nobody;
    let frame = stream.as_ref().filter(|_| is_framed).map(|stream| {
        let [width, height] =
            [wanted.maxwidth, wanted.maxheight].map(|most| most.map_or(u32::MAX, u32::from));
        frame(&base, stream, width, height)
    });
    Ok(HttpResponse::Ok().json(card(&base, &host, stream.as_ref(), frame)))
}

/// Of the usual shape, within what there is room for.
fn frame(base: &Base, stream: &Stream, width_max: u32, height_max: u32) -> OembedFrame {
    let (width, height) = FRAME;
    let fitting =
        width.min(width_max).min((u64::from(height_max) * u64::from(width) / u64::from(height)) as u32);
    let (width, height) = (fitting.max(1), (fitting * height / width).max(1));
    let html = Markup::default().element(
        "iframe",
        &[
            ("src", &base.url(&format!("/embed/{}", stream.id))),
            ("width", &width.to_string()),
            ("height", &height.to_string()),
            ("title", &stream.title),
            ("allow", "autoplay; fullscreen; picture-in-picture"),
            ("allowfullscreen", ""),
            ("loading", "lazy"),
        ],
        Markup::default(),
    );
    OembedFrame { html: html.into_string(), width, height }
}

fn card(base: &Base, host: &Person, stream: Option<&Stream>, frame: Option<OembedFrame>) -> Oembed {
    let (picture, width, height) = CARD;
    Oembed {
        version: "1.0",
        kind: if frame.is_some() { "video" } else { "link" },
        title: stream.map_or(&host.display_name, |stream| &stream.title).clone(),
        author_name: host.display_name.clone(),
        author_url: addresses::channel(base, &host.username, ""),
        provider_name: SITE_NAME,
        provider_url: base.url("/"),
        cache_age: KEPT_S,
        thumbnail_url: base.url(picture),
        thumbnail_width: width,
        thumbnail_height: height,
        frame,
    }
}
