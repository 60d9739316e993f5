//! Accounts: registering, the own one, its password, its end.

use crate::tools::{PASSWORD, TestServer};
use livehouse::{
    config::{Cap, Registration},
    internals::users,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn who_registers_is_logged_in() {
    let server = TestServer::spawn();
    let body = json!({"username": "Ana", "password": PASSWORD, "display_name": "Ana of the stage"});
    let answer = server.guest().post("/users", body).await;
    assert_eq!(answer.status, 201);
    let entered = answer.ok();
    assert_eq!(entered["user"]["username"], "Ana");
    assert_eq!(entered["user"]["display_name"], "Ana of the stage");
    let session = &entered["session"];
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("Bearer"), &json!(600)));
    let ana = server.guest().with_token(session["access_token"].as_str().unwrap());
    assert_eq!(ana.get("/users/me").await.ok(), entered["user"]);
    let members: Vec<_> = entered["user"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["avatar_url", "cover_url", "created_at", "display_name", "id", "username"]);
}

#[tokio::test]
async fn a_name_is_taken_in_every_case_and_look_alike() {
    let server = TestServer::spawn();
    server.register("Ronaldo").await;
    for username in ["ronaldo", "RONALDO", "r0naldo", "r\u{43e}naldo"] {
        let body = json!({"username": username, "password": PASSWORD});
        server.guest().post("/users", body).await.refused(409, "username_taken");
    }
    let body = json!({"username": "impostor", "password": PASSWORD, "display_name": "R0naldo"});
    server.guest().post("/users", body).await.refused(409, "username_taken");
    server.register("impostor").await;
}

#[tokio::test]
async fn a_name_with_something_that_does_not_show_is_the_same_name() {
    let server = TestServer::spawn();
    server.register("mark").await;
    for name in
        ["mark\u{2800}", "ma\u{fff9}rk", "mark\u{1d159}", "ma\u{fffe}rk", "ma\u{323}rk", "ᴍᴀʀᴋ", "🅼🅰🆁🅺"]
    {
        let body = json!({"username": "impostor", "password": PASSWORD, "display_name": name});
        server.guest().post("/users", body).await.refused(409, "username_taken");
    }
    for username in ["ma\u{323}rk", "ᴍᴀʀᴋ", " mark "] {
        let body = json!({"username": username, "password": PASSWORD});
        server.guest().post("/users", body).await.refused(409, "username_taken");
    }
    for name in ["\u{2800}", "\u{fff9}", "\u{1d159}", "\u{13440}", "\u{ffff}"] {
        let body = json!({"username": "impostor", "password": PASSWORD, "display_name": name});
        let problem = server.guest().post("/users", body).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["code"], "empty", "{name:?}");
    }
}

#[tokio::test]
async fn nobody_is_shown_by_a_name_of_the_house() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for name in ["Admin", "ＭＯＤＥＲＡＴＯＲ", "ʟɪᴠᴇʜᴏᴜꜱᴇ", "sуstem", "Live\u{2060}house"]
    {
        ana.patch("/users/me", json!({"display_name": name})).await.refused(409, "username_taken");
        let body = json!({"username": "impostor", "password": PASSWORD, "display_name": name});
        server.guest().post("/users", body).await.refused(409, "username_taken");
    }
    ana.patch("/users/me", json!({"display_name": "Admin of hearts"})).await.ok();
}

#[tokio::test]
async fn blanks_around_a_name_and_the_form_of_a_password_do_not_matter() {
    let server = TestServer::spawn();
    let body = json!({"username": " ana ", "password": "caf\u{e9} au lait", "display_name": "Ana   B "});
    let entered = server.guest().post("/users", body).await.ok();
    assert_eq!(
        (&entered["user"]["username"], &entered["user"]["display_name"]),
        (&json!("ana"), &json!("Ana B"))
    );
    for (username, password) in [("ana ", "caf\u{e9} au lait"), ("\u{3000}ANA\t", "cafe\u{301} au lait")] {
        assert_eq!(server.guest().log_in(username, password).await.status, 201, "{username}, {password}");
    }
    let short = json!({"username": "李明", "password": PASSWORD});
    assert_eq!(server.guest().post("/users", short).await.status, 201);
}

#[tokio::test]
async fn a_password_kept_in_another_form_still_lets_its_owner_in() {
    use argon2::{Argon2, PasswordHasher};
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let typed = "cafe\u{301} au lait";
    let hash = Argon2::default().hash_password(typed.as_bytes()).expect("a hash").to_string();
    let id = ana.id.parse().expect("an id");
    server.store().write_blocking(|tx| users::set_password_hash(tx, id, &hash)).expect("it is kept");
    assert_eq!(server.guest().log_in("ana", typed).await.status, 201);
    assert_eq!(server.guest().log_in("ana", "caf\u{e9} au lait").await.status, 201, "it was hashed anew");
}

#[tokio::test]
async fn a_bad_registration_names_the_field() {
    let server = TestServer::spawn();
    let guest = server.guest();
    for (body, field, code) in [
        (json!({"password": PASSWORD}), "username", "missing"),
        (json!({"username": "ab", "password": PASSWORD}), "username", "too_short"),
        (json!({"username": "a".repeat(33), "password": PASSWORD}), "username", "too_long"),
        (json!({"username": "admin", "password": PASSWORD}), "username", "reserved"),
        (json!({"username": "a b", "password": PASSWORD}), "username", "forbidden_character"),
        (json!({"username": 7, "password": PASSWORD}), "username", "wrong_type"),
        (json!({"username": "ana"}), "password", "missing"),
        (json!({"username": "ana", "password": "short"}), "password", "too_short"),
        (json!({"username": "ana", "password": "é".repeat(513)}), "password", "too_long"),
        (json!({"username": "ana", "password": "1234567890"}), "password", "common_password"),
        (json!({"username": "stage-of-ana", "password": "Stage-of-Ana"}), "password", "common_password"),
        (json!({"username": "ana", "password": PASSWORD, "display_name": " "}), "display_name", "empty"),
        (json!({"username": "ana", "password": PASSWORD, "transport": "pigeon"}), "transport", "invalid"),
        (json!({"username": "ana", "password": PASSWORD, "is_admin": true}), "is_admin", "unknown"),
    ] {
        let problem = guest.post("/users", body.clone()).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{body}: {problem}");
    }
    server.register("ana").await;
}

#[tokio::test]
async fn a_closed_house_registers_nobody() {
    let server = TestServer::spawn_with(|config| config.registration = Some(Registration::Closed));
    let body = json!({"username": "ana", "password": PASSWORD});
    server.guest().post("/users", body).await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_eleventh_registration_of_an_address_waits() {
    let server =
        TestServer::spawn_with(|config| config.on_one_node().limits.registrations_per_ip = Cap::new(10));
    for number in 0..10 {
        server.register(&format!("viewer{number}")).await;
    }
    let body = json!({"username": "viewer10", "password": PASSWORD});
    let answer = server.guest().post("/users", body).await;
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 3000, "{answer:?}");
    assert!(answer.header("ratelimit").starts_with("\"registrations_per_ip\";r=0;t="), "{answer:?}");
    let problem = answer.refused(429, "rate_limited");
    assert!(problem["retry_after_ms"].as_i64().unwrap() > 3_000_000, "{problem}");
    assert_eq!(server.metric("livehouse_limit_hits_total{limit=\"REGISTRATIONS_PER_IP\"}").await, 1);
}

#[tokio::test]
async fn a_profile_is_public_and_says_whether_one_follows() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bo-the-host").await);
    let profile = server.guest().get("/users/BO-the-host").await.ok();
    assert_eq!((&profile["id"], &profile["following"]), (&json!(bo.id), &json!(null)));
    ana.put("/users/bo-the-host/follow", json!({})).await.ok();
    assert_eq!(ana.get("/users/bo-the-host").await.ok()["following"], true);
    for nobody in ["nobody", "x", "a%20b", "%ff%fe", "admin"] {
        server.guest().get(&format!("/users/{nobody}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_shown_name_is_changed_and_cleared() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    server.register("ronaldo").await;
    let changed = ana.patch("/users/me", json!({"display_name": "  Queen Ana "})).await.ok();
    assert_eq!(changed["display_name"], "Queen Ana");
    assert_eq!(ana.patch("/users/me", json!({})).await.ok(), changed);
    ana.patch("/users/me", json!({"display_name": "R0naldo"})).await.refused(409, "username_taken");
    assert_eq!(ana.patch("/users/me", json!({"display_name": "Aña"})).await.ok()["display_name"], "Aña");
    assert_eq!(ana.patch("/users/me", json!({"display_name": null})).await.ok()["display_name"], "ana");
    server.guest().patch("/users/me", json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let server = TestServer::spawn();
    let mut ana = server.register("ana").await;
    let mut elsewhere = ana.log_in_again().await;
    let new = "another stage altogether";
    let wrong = json!({"current_password": "not the password", "new_password": new});
    let problem = ana.put("/users/me/password", wrong).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "current_password");
    let weak = json!({"current_password": PASSWORD, "new_password": "password123"});
    let problem = ana.put("/users/me/password", weak).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "new_password");

    let good = json!({"current_password": PASSWORD, "new_password": new});
    assert_eq!(ana.put("/users/me/password", good).await.status, 204);
    assert!(ana.is_signed_in().await);
    assert_eq!(ana.refresh().await.status, 200);
    elsewhere.get("/users/me").await.refused(401, "unauthenticated");
    elsewhere.refresh().await.refused(401, "unauthenticated");
    server.guest().log_in("ana", PASSWORD).await.refused(401, "invalid_credentials");
    assert_eq!(server.guest().log_in("ana", new).await.status, 201);
}

#[tokio::test]
async fn passwords_that_differ_at_the_end_alone_differ() {
    let server = TestServer::spawn();
    let long = "x1".repeat(500);
    let body = |password: &str| json!({"username": "ana", "password": password});
    server.guest().post("/users", body(&format!("{long}a"))).await.ok();
    server.guest().post("/sessions", body(&format!("{long}b"))).await.refused(401, "invalid_credentials");
    server.guest().post("/sessions", body(&format!("{long}a"))).await.ok();
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_name_stays_taken() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let delete =
        |password: &str| ana.request(Method::DELETE, "/users/me").json(&json!({"password": password}));
    let problem = ana.send(delete("not the password")).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "password");
    assert_eq!(ana.send(delete(PASSWORD)).await.status, 204);
    ana.get("/users/me").await.refused(401, "unauthenticated");
    server.guest().get("/users/ana").await.refused(404, "not_found");
    let body = json!({"username": "ana", "password": PASSWORD});
    server.guest().post("/sessions", body.clone()).await.refused(401, "invalid_credentials");
    server.guest().post("/users", body).await.refused(409, "username_taken");
}
