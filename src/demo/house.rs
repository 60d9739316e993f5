//! What the people of the demonstration ask of their server, as any client would: by its interface.
//! It must not know what they say.

use super::cast::{Person, Programme};
use crate::domain::Millis;
use anyhow::{Context, bail};
use reqwest::{Client, Method, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{self, AsyncWriteExt},
    time::sleep,
};

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// Any 16 bytes: they only show that the server has read them.
const KEY: &str = "TGl2ZWhvdXNlIGRlbW8uIA==";
/// More often than the server would miss one.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// A pong that nobody asked for, masked by nothing (RFC 6455, 5.5.3).
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// The way into a server. Cloning shares it.
#[derive(Clone)]
pub(super) struct House {
    client: Client,
    api: Arc<str>,
    /// What all of them log in with.
    password: Arc<str>,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(super) struct Guest {
    house: House,
    token: Arc<str>,
}

impl House {
    pub(super) fn at(address: SocketAddr, password: &str) -> anyhow::Result<Self> {
        let client = crate::outgoing::within_the_house().build()?;
        Ok(Self { client, api: format!("http://{address}/api/v1").into(), password: password.into() })
    }

    /// Makes the administrator.
    pub(super) async fn set_up(&self, token: &SecretString, username: &str) -> anyhow::Result<()> {
        let account =
            json!({"token": token.expose_secret(), "username": username, "password": &*self.password});
        self.ask(Method::POST, "/setup", None, &account).await.map(drop)
    }

    /// An account, with a profile where there is something to tell.
    pub(super) async fn register(&self, person: &Person) -> anyhow::Result<Guest> {
        let Person { username, display_name, bio, .. } = person;
        let account =
            json!({"username": username, "password": &*self.password, "display_name": display_name});
        let entered = self.ask(Method::POST, "/users", None, &account).await?;
        let token = entered["session"]["access_token"].as_str().context("a session has a token")?;
        let guest = Guest { house: self.clone(), token: token.into() };
        if bio.is_some() {
            guest.patch(&format!("/channels/{username}"), &json!({"bio": bio})).await?;
        }
        Ok(guest)
    }

    /// Stays in a room as a guest, until the room closes or whoever waits gives up. What is said there is not looked at.
    pub(super) async fn watch(&self, stream: &str) -> anyhow::Result<()> {
        let request = self.client.get(format!("{}/streams/{stream}/ws", self.api));
        let request = request.header(header::CONNECTION, "upgrade").header(header::UPGRADE, "websocket");
        let request = request.header(header::SEC_WEBSOCKET_VERSION, "13");
        let answer = request.header(header::SEC_WEBSOCKET_KEY, KEY).send().await?;
        let (mut told, mut says) = io::split(answer.upgrade().await?);
        let mut nobody = io::sink();
        let stays = async {
            loop {
                sleep(SIGN_OF_LIFE).await;
                says.write_all(&PONG).await?;
            }
        };
        tokio::select! {
            read = io::copy(&mut told, &mut nobody) => Ok(read.map(drop)?),
            failed = stays => failed,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.api)).timeout(ANSWER);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        read(path, request.send().await?).await
    }
}

impl Guest {
    /// Makes a stream, and says its id.
    pub(super) async fn create(&self, programme: &Programme, at: Option<Millis>) -> anyhow::Result<String> {
        let Programme { title, description, tags, .. } = programme;
        let at = at.map(|at| at.to_string());
        let wanted = json!({"title": title, "description": description, "tags": tags, "scheduled_for": at});
        let stream = self.post("/streams", &wanted).await?;
        Ok(stream["id"].as_str().context("a stream has an id")?.to_owned())
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.house.ask(Method::POST, path, Some(&self.token), body).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.house.ask(Method::PUT, path, Some(&self.token), body).await
    }

    async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.house.ask(Method::PATCH, path, Some(&self.token), body).await
    }
}

async fn read(path: &str, answer: Response) -> anyhow::Result<Value> {
    let (status, body) = (answer.status(), answer.text().await?);
    if !status.is_success() {
        bail!("{path}: {status}: {body}");
    }
    Ok(serde_json::from_str(&body).unwrap_or_default())
}
