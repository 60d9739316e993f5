//! The load tester against the real server, small: what it finds broken fails here.
//!
//! The same at full size, alone on its machine, with a release build:
//! `livehouse --limits off &`, then `livehouse crowd --viewers 0 --commenters 1000 --rate 0 --reactions 5000 --for 10s`.

use crate::tools::{Place, TestServer, without_limits};
use livehouse::config::{Cap, Limits};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Stdio,
    sync::Arc,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

fn crowd(server: &TestServer, how: &str) -> Value {
    let ended = server.place().run(&format!("crowd --url {} --json --ramp 100ms {how}", server.url("")));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).expect("JSON")
}

#[tokio::test]
async fn reactions_of_a_crowd_are_counted_exactly_and_pulses_stay_few() {
    let server = TestServer::spawn_with(without_limits);
    let figures = crowd(
        &server,
        "--viewers 10 --commenters 40 --rate 0 --reactions 400 --for 2s --username-prefix fan",
    );
    let reactions = &figures["reactions"];
    let found = ["sent", "counted", "grown", "refused"].map(|name| reactions[name].clone());
    assert_eq!(found, [800, 800, 800, 0].map(|count| json!(count)), "{reactions}");
    assert_eq!((&figures["breaches"], &figures["joins"]), (&json!(0), &json!(50)), "{figures}");
}

#[tokio::test]
async fn a_reaction_beyond_the_limit_is_not_counted_and_the_rest_is() {
    let server = TestServer::spawn();
    let figures =
        crowd(&server, "--viewers 0 --commenters 1 --rate 0 --reactions 15 --for 2s --username-prefix fan");
    let number = |name: &str| figures["reactions"][name].as_u64().expect("a number");
    assert!(number("refused") > 0, "{}", figures["reactions"]);
    assert_eq!((number("sent"), number("counted")), (30, number("grown")));
}

#[tokio::test]
async fn a_crowd_whose_viewers_are_read_by_one_thread_counts_what_comes() {
    let server = TestServer::spawn_with(without_limits);
    let figures = crowd(&server, "--readers 1 --viewers 70 --commenters 2 --rate 40 --for 1s");
    assert_eq!(figures["deliveries"], json!(72 * 40));
    assert_eq!((&figures["breaches"], &figures["acked"]), (&json!(0), &json!(40)));
    assert!(figures["latency_ms"]["p50"].as_f64().is_some_and(|ms| ms > 0.0), "some of them are read whole");
}

#[tokio::test]
async fn a_crowd_from_several_addresses_stays_within_a_limit_that_one_address_meets() {
    let server = TestServer::spawn_with(|config| {
        config.limits = Limits { connections_per_ip: Cap::new(12), ..Limits::default().lift() };
    });
    let one = format!("crowd --url {} --viewers 30 --commenters 0 --ramp 100ms --for 100ms", server.url(""));
    let mut one = server.place().command(&one);
    // It waits a while for those who do not get in; the others come meanwhile, from other addresses.
    let one = one.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the crowd starts");
    let figures = crowd(&server, "--viewers 25 --commenters 5 --rate 10 --for 1s --source-addresses 3");
    assert_eq!((&figures["joins"], &figures["acked"]), (&json!(30), &json!(10)), "{figures}");
    let ended = one.wait_with_output().expect("the crowd ends");
    let told = String::from_utf8([ended.stdout, ended.stderr].concat()).expect("text");
    assert!(ended.status.code() == Some(2) && told.contains("CONNECTIONS_PER_IP"), "{told}");
}

#[tokio::test]
async fn a_crowd_goes_to_several_servers_in_turn_and_says_how_long_a_comment_takes_to_the_other() {
    let server = TestServer::spawn_with(without_limits);
    let again = format!("--url {}", server.url(""));
    let figures = crowd(&server, &format!("{again} --viewers 4 --commenters 2 --rate 20 --for 1s"));
    let found = [&figures["joins"], &figures["acked"], &figures["far_ms"]["count"], &figures["breaches"]];
    assert_eq!(found, [6, 20, 20, 0].map(|count| json!(count)).each_ref(), "{figures}");

    // Where the other one does not know the stream, its half of the crowd stays outside.
    let stranger = TestServer::spawn_with(without_limits);
    let how = "--viewers 5 --commenters 1 --rate 5 --ramp 100ms --for 100ms --json --username-prefix odd";
    let (here, there) = (server.url(""), stranger.url(""));
    let ended = server.place().run(&format!("crowd --url {here} --url {there} {how}"));
    let figures: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((ended.code, &figures["joins"]), (Some(2), &json!(3)), "{figures}");
}

#[tokio::test]
async fn the_report_is_one_page_that_needs_nothing_else() {
    let server = TestServer::spawn_with(without_limits);
    let page = server.place().path("report.html");
    crowd(&server, &format!("--viewers 5 --commenters 2 --rate 20 --for 1s --report {}", page.display()));
    let html = std::fs::read_to_string(page).expect("a report");
    assert!(html.starts_with("<!doctype html>") && html.contains("<svg"), "{html}");
    for elsewhere in ["<script src", "<link", "<img", "@import", "url("] {
        assert!(!html.contains(elsewhere), "{elsewhere}: {html}");
    }
}

/// Stands before the server with TLS, as a proxy does. Returns its port, and the certificate as a file has it.
async fn behind_tls(server: &TestServer) -> (u16, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = signing_key.serialize_der().try_into().expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a TLS server");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), server.port);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outside = acceptor.accept(stream).await?;
                let mut inside = tokio::net::TcpStream::connect(("127.0.0.1", behind)).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    (port, cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_over_tls_trusts_whom_the_machine_or_a_file_names() {
    let server = TestServer::spawn_with(|config| config.limits = Limits::default().lift());
    let (port, certificate) = behind_tls(&server).await;
    let place = server.place();
    let run = |trusted: &str| {
        let how = "--viewers 5 --commenters 2 --rate 20 --for 1s --username-prefix tls --json";
        place.run_with(
            &format!("crowd --url https://localhost:{port} {how}"),
            &[("SSL_CERT_FILE", trusted)],
            "",
        )
    };
    let ended = run(&place.file("trusted.pem", &certificate));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&figures["joins"], &figures["acked"]), (&json!(7), &json!(20)), "{figures}");

    let (_, of_another) = behind_tls(&server).await;
    let ended = run(&place.file("another.pem", &of_another));
    assert!(ended.code == Some(2) && ended.stderr.contains("certificate"), "{ended:?}");
}

#[test]
fn a_crowd_waits_for_a_server_that_is_still_starting_and_not_for_ever() {
    let place = Place::new();
    let start = |arguments: &str| {
        let mut crowd = place.command(arguments);
        crowd.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the crowd starts")
    };
    // Nobody can listen on port 0.
    let hopeless = start("crowd --url http://127.0.0.1:0 --viewers 1 --commenters 1 --for 1s");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let how = "--viewers 2 --commenters 1 --rate 5 --ramp 100ms --for 1s --json";
    let mut crowd = start(&format!("crowd --url http://127.0.0.1:{port} {how}"));
    let mut told = String::new();
    BufReader::new(crowd.stderr.as_mut().expect("piped"))
        .read_line(&mut told)
        .expect("it says that it waits");
    assert!(told.contains("waiting for a server"), "{told}");
    let late =
        format!("serve --listen 127.0.0.1:{port} --ops-listen 127.0.0.1:0 --data-dir data --limits off");
    let mut server = place.command(&late).stderr(Stdio::null()).spawn().expect("the server starts");
    let ended = crowd.wait_with_output().expect("the crowd ends");
    server.kill().and_then(|()| server.wait()).expect("the server ends");
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let figures: Value = serde_json::from_slice(&ended.stdout).expect("JSON");
    assert_eq!(figures["joins"], 3, "{figures}");

    let ended = hopeless.wait_with_output().expect("the crowd ends");
    let told = String::from_utf8(ended.stderr).expect("text");
    assert_eq!((ended.status.code(), ended.stdout.len()), (Some(2), 0), "{told}");
    assert!(told.contains("127.0.0.1:0"), "{told}");
}

#[test]
fn what_could_not_be_done_is_refused_before_anything_is() {
    let place = Place::new();
    for (wrong, named) in [
        ("--viewers 0 --commenters 0", "--commenters"),
        ("--threads 0", "--threads"),
        ("--source-addresses 0", "--source-addresses"),
        ("--report missing/report.html", "missing/report.html"),
    ] {
        let ended = place.run(&format!("crowd --url http://127.0.0.1:0 {wrong}"));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{wrong}: {ended:?}");
        assert!(ended.stderr.contains(named), "{wrong}: {ended:?}");
    }
}
