//! What the crowd asks of a Livehouse server over REST: accounts, a stream, the head of its log. It must not know
//! sockets.

use super::{
    report::limits::{self, CannotRun},
    target::Target,
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

const LONGEST_CALL: Duration = Duration::from_secs(30);

pub(super) struct Api {
    client: Client,
    base: String,
}

/// An account and its access token.
pub(super) struct Account {
    pub token: String,
}

impl Api {
    pub(super) fn new(target: &Target) -> Result<Self, CannotRun> {
        let client = Client::builder().timeout(LONGEST_CALL).no_proxy().build();
        let client = client.map_err(|error| CannotRun::Other(error.to_string()))?;
        Ok(Self { client, base: format!("{}/api/v1", target.http()) })
    }

    pub(super) async fn register(&self, username: &str, password: &str) -> Result<Account, CannotRun> {
        let body = json!({"username": username, "password": password});
        let answer = self.send(self.call(Method::POST, "/users", None).json(&body)).await?;
        let token = answer["session"]["access_token"].as_str();
        Ok(Account { token: token.ok_or_else(|| strange("POST /users"))?.to_owned() })
    }

    /// Makes a stream, starts it and says its id.
    pub(super) async fn start_stream(&self, token: &str, title: &str) -> Result<String, CannotRun> {
        let body = json!({"title": title, "visibility": "unlisted"});
        let stream = self.send(self.call(Method::POST, "/streams", Some(token)).json(&body)).await?;
        let id = stream["id"].as_str().ok_or_else(|| strange("POST /streams"))?.to_owned();
        self.send(self.call(Method::POST, &format!("/streams/{id}/start"), Some(token))).await?;
        Ok(id)
    }

    pub(super) async fn end_stream(&self, token: &str, id: &str) -> Result<(), CannotRun> {
        self.send(self.call(Method::POST, &format!("/streams/{id}/end"), Some(token))).await.map(drop)
    }

    pub(super) async fn comment(&self, token: &str, id: &str, content: &str) -> Result<(), CannotRun> {
        let call = self.call(Method::POST, &format!("/streams/{id}/comments"), Some(token));
        self.send(call.json(&json!({"content": content}))).await.map(drop)
    }

    /// The number of the log's last event.
    pub(super) async fn head(&self, token: Option<&str>, id: &str) -> Result<u64, CannotRun> {
        let path = format!("/streams/{id}/events?after=0&limit=1");
        let answer = self.send(self.call(Method::GET, &path, token)).await?;
        answer["head"].as_u64().ok_or_else(|| strange("GET /streams/{id}/events"))
    }

    /// All reactions to a stream.
    pub(super) async fn reactions(&self, token: Option<&str>, id: &str) -> Result<u64, CannotRun> {
        let stream = self.send(self.call(Method::GET, &format!("/streams/{id}"), token)).await?;
        let totals = stream["reactions"].as_object().ok_or_else(|| strange("GET /streams/{id}"))?;
        Ok(totals.values().filter_map(Value::as_u64).sum())
    }

    fn call(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let call = self.client.request(method, format!("{}{path}", self.base));
        match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        }
    }

    async fn send(&self, call: RequestBuilder) -> Result<Value, CannotRun> {
        let answer = call.send().await.map_err(|error| CannotRun::Other(whole_story(&error)))?;
        if answer.status().is_success() {
            return answer.json().await.map_err(|error| CannotRun::Other(whole_story(&error)));
        }
        Err(refused(answer).await)
    }
}

async fn refused(answer: Response) -> CannotRun {
    let (status, path) = (answer.status().as_u16(), answer.url().path().to_owned());
    let problem: Value = answer.json().await.unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or("no code");
    match limits::of_call(&path, status, code) {
        Some(limit) => CannotRun::Limit { limit, code: code.to_owned(), at: path },
        None => {
            CannotRun::Other(format!("{path}: {status} {code}: {}", problem["detail"].as_str().unwrap_or("")))
        }
    }
}

fn strange(call: &str) -> CannotRun {
    CannotRun::Other(format!("{call} answered something else than the contract says"))
}

fn whole_story(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
