//! One server at a time on an SQLite database; operator commands work beside it.

use crate::tools::{Place, Running, SERVE, User};

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let ana = User::register(running.guest(), "ana").await;
    let data = place.path("data").canonicalize().expect("it is there");

    let said = place.run(SERVE.replace(" --limits off", "").as_str()).refused(78);
    assert!(said.contains("another livehouse server"), "{said}");
    assert!(said.contains(&data.display().to_string()), "it names the directory: {said}");
    std::os::unix::fs::symlink(&data, place.path("other")).expect("a link for a test");
    let said = place.run("--listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --data-dir other").refused(78);
    assert!(said.contains(&data.display().to_string()), "by whatever name: {said}");

    assert!(ana.is_signed_in().await);
    place.run("admin promote ana").ok();
}
