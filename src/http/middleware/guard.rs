//! Around every request: what is refused before any handler, and what every answer has.
//! It must not know any resource.

use super::{
    headers,
    request_id::{RequestId, X_REQUEST_ID},
};
use crate::{
    http::{
        ClientAddress, Error, Services,
        error::PROBLEM_JSON,
        extract::{Proved, client_address},
    },
    logging,
    metrics::{Route, status_class},
    store::moderation::audit::NewEntry,
    wire::Code,
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{self, BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode, Version,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web,
};
use futures_util::FutureExt;
use log::Level;
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use url::form_urlencoded;

/// The access log, as `--log` names it.
const ACCESS: &str = "access";
/// What is kept of a path on record, in characters.
const TARGET_CHARS: usize = 200;

/// The middleware, for `middleware::from_fn`; the outermost one.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let services = request
        .app_data::<web::Data<Services>>()
        .expect("the server gives its parts to every worker")
        .clone();
    let asked = Asked::of(&request, &services);
    let id = asked.id.clone();
    logging::for_request(id.as_str(), answer(request, next, asked, &services)).await
}

async fn answer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    asked: Asked,
    services: &Services,
) -> Result<ServiceResponse, actix_web::Error> {
    if let Some((peer, header)) = client_address::of_an_unknown_proxy(request.request(), &services.config) {
        services.warnings.unknown_proxy(peer, header);
    }
    if let Some(answer) = asked.early_answer() {
        let mut answer = request.into_response(answer);
        asked.finish(services, answer.headers_mut());
        asked.count(services, &answer);
        return Ok(answer);
    }
    if asked.method == Method::HEAD {
        // The connection remembers that it owes no body, and the request what it was, for whom GET is not the same.
        request.extensions_mut().insert(Head);
        request.head_mut().method = Method::GET;
    }
    let answer = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer?.map_into_boxed_body(),
        Err(_) => return Err(after_panic(&asked, services)),
    };
    record_refusal(services, &answer);
    let mut answer = asked.correct(answer);
    asked.finish(services, answer.headers_mut());
    asked.count(services, &answer);
    Ok(answer)
}

/// A mark on a request that came as HEAD.
struct Head;

/// The method that was asked for.
pub(crate) fn method(request: &HttpRequest) -> Method {
    if request.extensions().contains::<Head>() { Method::HEAD } else { request.method().clone() }
}

/// What of a request is needed once it is answered.
struct Asked {
    id: RequestId,
    begun: Instant,
    method: Method,
    version: Version,
    is_api: bool,
    is_preflight: bool,
    has_token_in_url: bool,
    origin: Option<String>,
}

impl Asked {
    fn of(request: &ServiceRequest, services: &Services) -> Self {
        let headers = request.headers();
        let origin = headers::allowed_origin(headers.get(header::ORIGIN), &services.config.allowed_origins);
        Self {
            id: RequestId::of(headers),
            begun: Instant::now(),
            method: request.method().clone(),
            version: request.version(),
            is_api: request.path().starts_with("/api/"),
            is_preflight: request.method() == Method::OPTIONS
                && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
            has_token_in_url: has_parameter(request.query_string(), "access_token"),
            origin: origin.map(str::to_owned),
        }
    }

    /// The answer to what no handler should see.
    fn early_answer(&self) -> Option<HttpResponse> {
        if matches!(self.method, Method::TRACE | Method::CONNECT) {
            let allow = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            return Some(wrong_method().with_header(header::ALLOW, allow).error_response());
        }
        if self.has_token_in_url {
            let text = "Tokens belong into the Authorization header, not into the URL.";
            return Some(Error::new(Code::BadRequest, text).error_response());
        }
        if self.is_preflight && self.origin.is_some() {
            let mut answer = HttpResponse::NoContent().finish();
            headers::preflight(answer.headers_mut());
            return Some(answer);
        }
        None
    }

    /// What actix answers by itself, in our words; and no endless body where none is wanted.
    fn correct(&self, answer: ServiceResponse) -> ServiceResponse {
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED && !is_problem(answer.headers()) {
            return self.correct_method(answer);
        }
        if answer.status() == StatusCode::NOT_ACCEPTABLE && !is_problem(answer.headers()) {
            let error = Error::new(Code::NotAcceptable, "None of the encodings that you take can be sent.");
            return ServiceResponse::new(answer.into_parts().0, error.error_response());
        }
        if answer.response().body().size() == BodySize::Stream {
            return self.correct_stream(answer);
        }
        answer
    }

    /// A body of no known length ends with the connection where there are no chunks yet; HEAD has neither it nor its length.
    fn correct_stream(&self, mut answer: ServiceResponse) -> ServiceResponse {
        if self.version < Version::HTTP_11 {
            let head = answer.response_mut().head_mut();
            head.no_chunking(true);
            head.set_connection_type(ConnectionType::Close);
        }
        match self.method {
            Method::HEAD => answer.map_body(|_, _| BoxBody::new(body::None::new())),
            _ => answer,
        }
    }

    fn correct_method(&self, answer: ServiceResponse) -> ServiceResponse {
        let allow = allow(answer.headers());
        let (request, _) = answer.into_parts();
        let response = if self.method == Method::OPTIONS {
            HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish()
        } else {
            wrong_method().with_header(header::ALLOW, allow).error_response()
        };
        ServiceResponse::new(request, response)
    }

    /// Counts an answer, and how long it took, by route and never by what a client chose.
    fn count(&self, services: &Services, answer: &ServiceResponse) {
        let took = self.begun.elapsed();
        services.metrics.http_requests.of(status_class(answer.status().as_u16())).inc();
        let route = answer.request().match_pattern().unwrap_or_else(|| "none".to_owned());
        let route = Route { method: known_method(&self.method), route };
        services.metrics.http_request_seconds.observe(&route, took.as_secs_f64());
        self.log(services, answer, took);
    }

    /// A line of the access log, whose target must be asked for by name: without queries, which can have secrets in them.
    fn log(&self, services: &Services, answer: &ServiceResponse, took: Duration) {
        if !log::log_enabled!(target: ACCESS, Level::Info) {
            return;
        }
        let request = answer.request();
        let ClientAddress(address) = ClientAddress::from((request, &*services.config));
        let (method, path, status) = (&self.method, shown(request.path()), answer.status().as_u16());
        let sent = match answer.response().body().size() {
            BodySize::Sized(bytes) => format!("{bytes} bytes"),
            BodySize::None => "no body".to_owned(),
            BodySize::Stream => "a stream".to_owned(),
        };
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let agent = agent.unwrap_or("");
        log::info!(target: ACCESS, "{address} {method} {path}: {status}, {sent}, in {took:?}, {agent:?}");
    }

    /// The headers of every answer.
    fn finish(&self, services: &Services, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID, self.id.header());
        headers::secure(headers, &services.config);
        if let Some(origin) = &self.origin {
            headers::share(headers, origin);
        }
        if !services.config.allowed_origins.is_empty() {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        if self.is_api && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        // Said by handlers whose answer must not be compressed; it means nothing to clients.
        if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
            headers.remove(header::CONTENT_ENCODING);
        }
    }
}

/// Puts on record what somebody asked for who has not the right to, or no proof of who they are.
fn record_refusal(services: &Services, answer: &ServiceResponse) {
    let Some(error) = refusal(answer).filter(|error| is_for_the_record(error)) else { return };
    let request = answer.request();
    let proved = request.extensions().get::<Proved>().copied();
    let path: String = shown(request.path()).chars().take(TARGET_CHARS).collect();
    services.audit_queue.note(NewEntry {
        actor_id: proved.map(|proved| proved.user),
        login: proved.map(|proved| proved.login),
        ip: Some(ClientAddress::from((request, &*services.config)).0.to_string()),
        action: "request",
        target: Some(format!("{} {path}", request.method())),
        outcome: "refused",
        reason: Some(error.to_string()),
        ..NewEntry::default()
    });
}

/// A path as it may be logged: without tickets of players and names of media sessions, which are as good as tokens.
fn shown(path: &str) -> String {
    let mut before = "";
    let parts = path.split('/').map(|part| match std::mem::replace(&mut before, part) {
        "hls" | "media" | "recording" => "***",
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn refusal(answer: &ServiceResponse) -> Option<&Error> {
    answer.response().error()?.as_error()
}

/// A wrong password is on record already, with the account that was meant.
fn is_for_the_record(error: &Error) -> bool {
    error.concerns_rights() && error.code() != Code::InvalidCredentials
}

fn known_method(method: &Method) -> &'static str {
    const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn has_parameter(query: &str, name: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == name)
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON)
}

fn wrong_method() -> Error {
    Error::new(Code::MethodNotAllowed, "This resource has no such method.")
}

/// What actix lists, and what is answered without a handler of its own.
fn allow(headers: &HeaderMap) -> HeaderValue {
    let listed = headers.get(header::ALLOW).and_then(|allow| allow.to_str().ok()).unwrap_or("");
    let mut methods: Vec<&str> =
        listed.split(',').map(str::trim).filter(|method| !method.is_empty()).collect();
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    HeaderValue::from_str(&methods.join(", ")).expect("methods are plain text")
}

/// The request went down with its handler, so the answer goes out as an error, which is given its headers here.
fn after_panic(asked: &Asked, services: &Services) -> actix_web::Error {
    services.metrics.http_requests.of("5xx").inc();
    let mut answer = Error::internal("a handler panicked").error_response();
    asked.finish(services, answer.headers_mut());
    InternalError::from_response("a handler panicked", answer).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_logged_without_what_is_as_good_as_a_token() {
        for (path, logged) in [
            ("/api/v1/streams/1/hls/secret/2/3.m4s", "/api/v1/streams/1/hls/***/2/3.m4s"),
            ("/api/v1/streams/1/hls/secret", "/api/v1/streams/1/hls/***"),
            ("/api/v1/media/secret", "/api/v1/media/***"),
            ("/api/v1/hooks/media/secret/srs", "/api/v1/hooks/media/***/srs"),
            ("/api/v1/streams/1/recording/secret/0001.mp4", "/api/v1/streams/1/recording/***/0001.mp4"),
            ("/api/v1/streams/1/whip", "/api/v1/streams/1/whip"),
            ("/", "/"),
        ] {
            assert_eq!(shown(path), logged);
        }
    }
}
