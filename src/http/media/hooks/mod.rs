//! Hooks of media servers of other projects: they ask whether somebody may send or see, and tell who is gone. Each is read and
//! answered as its own source has it. It must not know how a picture travels.

mod admission;
mod answers;
pub(crate) mod fuzz_harness;
mod mediamtx;
mod nginx;
mod ome;
mod said;
mod srs;

use self::{
    admission::NotLetIn,
    said::{Asked, Said},
};
use super::forward::{self, SIGNATURE_OF_OME};
use crate::{
    domain::{StreamId, stream::picture::MediaServer},
    http::{Answer, ClientAddress, Error, Services, extract},
    services::picture::sight::Looker,
    store::streams::pictures::{self, Told},
    wire::Code,
};
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;
use tokio::time::timeout;
use url::Url;

/// Not all of the time that there is may be needed for asking another node.
const FORWARDED_WITHIN: Duration = Duration::from_millis(400);

/// Another node that has the picture of a stream.
struct Elsewhere {
    node: Url,
    /// Whether another source may come in its place, at any node.
    is_free: bool,
}

/// A hook as it came.
struct Heard<'a> {
    request: &'a HttpRequest,
    services: &'a Services,
    /// Whoever calls: the server, or what stands before it.
    address: ClientAddress,
    server: MediaServer,
    body: Bytes,
    begun: Instant,
}

/// What a media server asks and tells: SRS by its `http_hooks`, MediaMTX by `authHTTPAddress`, nginx by `on_publish`,
/// `on_update` and `on_publish_done`, OvenMediaEngine by its `AdmissionWebhooks`. Bodies and answers are theirs. For servers
/// alone, which know the secret; without one in the configuration there is no such call.
#[utoipa::path(post, operation_id = "hearMediaServer", path = "/api/v1/hooks/media/{secret}/{server}", tag = "picture",
    params(("secret" = String, Path, description = "The operator's"), ("server" = MediaServer, Path, description = "Which kind of server it is"),
        ("path" = Option<String>, Query, description = "MediaMTX, without a body: the path whose publisher is gone"),
        ("id" = Option<String>, Query, description = "MediaMTX, without a body: which publisher that was")),
    responses((status = 200, description = "Yes, or noted, as SRS and OvenMediaEngine read it"), (status = 204, description = "The same for MediaMTX and nginx")))]
pub(crate) async fn hear(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    payload: web::Payload,
) -> Answer {
    let (server, secret) = called(&request, &services)?;
    let begun = Instant::now();
    let body = extract::bytes(&request, payload.into_inner()).await?;
    let said = read(&request, server, secret, &body)?;
    let body = BytesMut::freeze(body);
    let heard = Heard { request: &request, services: &services, address, server, body, begun };
    heard.answer(said).await
}

/// Who calls with the secret of this house; to anybody else there is nothing here.
fn called<'a>(
    request: &HttpRequest,
    services: &'a Services,
) -> Result<(MediaServer, &'a SecretString), Error> {
    let part = |name| request.match_info().get(name).unwrap_or_default();
    let secret = services.config.media_hook_secret.as_ref().ok_or_else(Error::not_found)?;
    if !bool::from(secret.expose_secret().as_bytes().ct_eq(part("secret").as_bytes())) {
        return Err(Error::not_found());
    }
    let server = part("server").parse().map_err(|_| Error::not_found())?;
    Ok((server, secret))
}

fn read(
    request: &HttpRequest,
    server: MediaServer,
    secret: &SecretString,
    body: &[u8],
) -> Result<Said, Error> {
    let said = match server {
        MediaServer::Srs => srs::read(body),
        MediaServer::Mediamtx => mediamtx::read(body, request.query_string()),
        MediaServer::Nginx => nginx::read(body),
        MediaServer::Ome => {
            let signature = request.headers().get(SIGNATURE_OF_OME).and_then(|text| text.to_str().ok());
            if !ome::is_signed(secret, body, signature.unwrap_or_default()) {
                return Err(Error::new(Code::Forbidden, "The signature is not of this body and the secret."));
            }
            ome::read(body)
        }
    };
    Ok(said?)
}

impl Heard<'_> {
    async fn answer(self, said: Said) -> Answer {
        match said {
            Said::Begins(asked) => self.begins(asked).await,
            Said::Might(asked) => {
                Ok(self.yes_or_no(admission::might(self.services, &asked, self.address).await))
            }
            Said::Goes(asked) => self.goes(asked).await,
            Said::Ends { stream, client } => self.ends(stream, &client).await,
            Said::Reads(stream) => self.reads(stream).await,
            Said::Nothing => Ok(answers::noted(self.server)),
            Said::Never => Ok(answers::no(self.server, &NotLetIn::never())),
        }
    }

    /// The time that is left for an answer.
    fn left(&self) -> Duration {
        self.services.config.hook_answer_within.saturating_sub(self.begun.elapsed())
    }

    /// Where another node has the picture, that one knows whether it is this one who sends it.
    async fn begins(&self, asked: Asked) -> Answer {
        if let Some(Elsewhere { node, is_free: false }) = self.elsewhere(asked.stream).await
            && let Ok(Ok(answer)) = timeout(FORWARDED_WITHIN, self.send_on(&node)).await
        {
            return Ok(answer);
        }
        Ok(self.yes_or_no(admission::begin(self.services, asked, self.address, self.left()).await))
    }

    fn yes_or_no(&self, let_in: Result<(), NotLetIn>) -> actix_web::HttpResponse {
        match let_in {
            Ok(()) => answers::yes(self.server),
            Err(why) => answers::no(self.server, &why),
        }
    }

    /// Who is not known here goes on at another node, or came while this one was not there: it is let in as if it came now. Only
    /// who may not send is told so, since that ends it.
    async fn goes(&self, asked: Asked) -> Answer {
        let publishers = &self.services.picture.servers.publishers;
        if publishers.beats(asked.stream, self.server, &asked.client.id, Instant::now()) {
            return Ok(answers::noted(self.server));
        }
        if let Some(Elsewhere { node, .. }) = self.elsewhere(asked.stream).await {
            return self.send_on(&node).await;
        }
        if publishers.was_sent_away(self.server, &asked.client.id) {
            return Ok(answers::no(self.server, &NotLetIn::sent_away()));
        }
        Ok(match admission::begin(self.services, asked, self.address, self.left()).await {
            Err(why) if !why.is_passing() => answers::no(self.server, &why),
            _ => answers::noted(self.server),
        })
    }

    /// Whoever is meant is gone wherever it was; one that nobody knows has been told of before.
    async fn ends(&self, stream: StreamId, client: &str) -> Answer {
        let picture = &self.services.picture;
        let known = picture.servers.publishers.end(stream, self.server, client);
        match (known, &picture.media) {
            (Some(remote), Some(media)) => picture.servers.lose(media, &remote).await,
            _ => {
                if let Some(Elsewhere { node, .. }) = self.elsewhere(stream).await {
                    return self.send_on(&node).await;
                }
            }
        }
        Ok(answers::noted(self.server))
    }

    /// What everybody may see, who has the address: a media server knows no logins of this house.
    async fn reads(&self, stream: StreamId) -> Answer {
        match self.services.picture.sight.may_see(stream, Looker::Anybody).await? {
            true => Ok(answers::yes(self.server)),
            false => Ok(answers::no(self.server, &NotLetIn::not_for_all())),
        }
    }

    /// The other node that has the picture, by the table: this one may not have heard of it yet.
    async fn elsewhere(&self, stream: StreamId) -> Option<Elsewhere> {
        let boot = self.services.picture.claims.boot().filter(|_| forward::may_go_on(self.request))?;
        let told = self.services.store.read(move |conn| pictures::elsewhere(conn, boot, stream)).await;
        let Told { node_url, is_free, .. } = told.ok()??;
        Some(Elsewhere { node: Url::parse(&node_url?).ok()?, is_free })
    }

    async fn send_on(&self, node: &Url) -> Answer {
        forward::send_on(self.request, self.services, self.address, node, self.body.clone()).await
    }
}
