//! Requests for a picture that comes in at another node: sent on to that node, whose answer is given back, so that clients and
//! pages know one site. It must not know who may do what: the other node judges as if it had been asked itself.

use crate::{
    domain::{Millis, StreamId},
    http::{
        Answer, ClientAddress, Error, Services,
        extract::client_address::{FORWARDED_BY_NODE, of_another_node},
        middleware::guard::method,
    },
    outgoing,
    wire::{Code, Refusal},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentEncoding, HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use futures_util::stream;
use std::time::Duration;
use url::Url;

/// A node that does not answer is known to be gone a few seconds later.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Longer than a player may wait for what is to come.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// When somebody may ask again whose request did not come through.
const RETRY_AFTER_MS: i64 = 1000;
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What OvenMediaEngine signs its hooks with.
pub(crate) const SIGNATURE_OF_OME: HeaderName = HeaderName::from_static("x-ome-signature");
const LINK: HeaderName = HeaderName::from_static("link");
/// What the other node has to know of a request.
const SENT: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::ACCEPT,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
    header::USER_AGENT,
    X_REQUEST_ID,
    SIGNATURE_OF_OME,
];
/// What a client has to know of its answer; the rest is written here as for every answer.
const GIVEN_BACK: [HeaderName; 12] = [
    header::ACCEPT_RANGES,
    header::ALLOW,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    LINK,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("accept-post"),
];

/// The way to other nodes, without proxies and redirects.
/// Errors: where the system gives no random numbers, as the client says.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    outgoing::within_the_house().connect_timeout(CONNECT_WITHIN).read_timeout(ANSWER_WITHIN).build()
}

/// The node to which a request for this stream's picture goes on; none where it stays. One that came from a node stays
/// wherever it has come to.
pub(crate) fn node_of(request: &HttpRequest, services: &Services, stream: StreamId) -> Option<Url> {
    services.streams.pictures.node_of(stream).filter(|_| may_go_on(request))
}

/// Whether a request may be sent on: it has not come from a node.
pub(crate) fn may_go_on(request: &HttpRequest) -> bool {
    of_another_node(request).is_none()
}

/// The answer of that node.
/// Errors: `unavailable` where it does not answer.
pub(crate) async fn send_on(
    request: &HttpRequest,
    services: &Services,
    client: ClientAddress,
    node: &Url,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let asked = reqwest::Method::from_bytes(method(request).as_str().as_bytes()).map_err(Error::internal)?;
    given_back(ask(request, services, client, node, (asked, path), body).await?)
}

/// Another file of that node, for whoever sent this request.
/// Errors: `unavailable` where it does not answer, or not with the file.
pub(crate) async fn fetch(
    request: &HttpRequest,
    services: &Services,
    client: ClientAddress,
    node: &Url,
    path: &str,
) -> Result<Bytes, Error> {
    let asked = (reqwest::Method::GET, path);
    let answer = ask(request, services, client, node, asked, Bytes::new()).await?;
    let fetched = match answer.error_for_status() {
        Ok(answer) => answer.bytes().await,
        Err(error) => Err(error),
    };
    fetched.map_err(|error| no_answer(node, &error))
}

async fn ask(
    request: &HttpRequest,
    services: &Services,
    client: ClientAddress,
    node: &Url,
    (asked, path): (reqwest::Method, &str),
    body: impl Into<reqwest::Body>,
) -> Result<reqwest::Response, Error> {
    let url = format!("{}{path}", node.as_str().trim_end_matches('/'));
    let mut sent = services.picture.nodes.request(asked, url).body(body);
    for name in SENT {
        if let Some(value) = request.headers().get(&name) {
            sent = sent.header(name.as_str(), value.as_bytes());
        }
    }
    let from = services.keys.write_forwarded(client.0, Millis::now());
    let answer = sent.header(FORWARDED_BY_NODE.as_str(), from).send().await;
    answer.map_err(|error| no_answer(node, &error))
}

fn no_answer(node: &Url, error: &reqwest::Error) -> Error {
    log::debug!("{node} does not answer: {error}");
    Refusal::new(Code::Unavailable, "The picture's node does not answer.").retry_after(RETRY_AFTER_MS).into()
}

fn given_back(answer: reqwest::Response) -> Answer {
    let status = StatusCode::from_u16(answer.status().as_u16()).map_err(Error::internal)?;
    let mut given = HttpResponse::build(status);
    for name in GIVEN_BACK {
        let value = answer.headers().get(name.as_str());
        if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            given.insert_header((name, value));
        }
    }
    if status == StatusCode::NOT_MODIFIED {
        return Ok(given.finish());
    }
    // As it stands there: the client counts what comes, which is nothing where only the head was asked for.
    let told = answer.headers().get(reqwest::header::CONTENT_LENGTH);
    let length: Option<u64> = told.and_then(|length| length.to_str().ok()?.parse().ok());
    let body = pieces(answer);
    given.insert_header(ContentEncoding::Identity);
    Ok(match length {
        Some(length) => given.no_chunking(length).streaming(body),
        None => given.streaming(body),
    })
}

/// Its body as it comes, no faster than it is taken.
fn pieces(answer: reqwest::Response) -> impl futures_util::Stream<Item = Result<Bytes, reqwest::Error>> {
    stream::unfold(answer, |mut answer| async move {
        let piece = answer.chunk().await.transpose()?;
        Some((piece, answer))
    })
}
