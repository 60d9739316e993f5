//! Throttles at their limits, and one past them.

use super::*;
use crate::config::Cap;
use std::sync::LazyLock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// So many milliseconds after the start.
fn at(ms: u64) -> Instant {
    *START + Duration::from_millis(ms)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Enough logins an address that only the limit of the account is met.
fn throttle() -> Throttle {
    Throttle::new(&Limits { logins_per_ip: Cap::LIFTED, ..Limits::default() })
}

fn fail(throttle: &Throttle, account: &str, from: &str, now: Instant) -> Result<(), Throttled> {
    throttle.login(account, address(from), now).map(|attempt| attempt.failed(now))
}

#[test]
fn the_sixth_failure_waits_and_the_owner_gets_in_from_elsewhere() {
    let throttle = throttle();
    for _ in 0..5 {
        fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap();
    }
    let refused = fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap_err();
    assert_eq!(refused, Throttled { limit: "LOGINS_PER_ACCOUNT", retry_after_ms: 5_000 });
    throttle.login("ana", address("192.0.2.2"), at(0)).expect("the owner is elsewhere").succeeded();
    throttle.login("bo", address("192.0.2.1"), at(0)).expect("another account").succeeded();
}

#[test]
fn the_right_password_at_another_server_ends_the_wait_for_what_came_before_it() {
    let throttle = throttle();
    for _ in 0..5 {
        fail(&throttle, "ana", "192.0.2.1", at(1000)).unwrap();
    }
    let after = |right, account, from| throttle.login_after(at(right), account, address(from), at(2000));
    assert!(after(999, "ana", "192.0.2.1").is_none(), "it was right before the last was wrong");
    assert!(after(1000, "ana", "192.0.2.1").is_none());
    assert!(after(1001, "bo", "192.0.2.1").is_none() && after(1001, "ana", "192.0.2.2").is_none());
    assert!(fail(&throttle, "ana", "192.0.2.1", at(2000)).is_err());
    after(1001, "ana", "192.0.2.1").expect("it was right after that").failed(at(2000));
    for _ in 0..4 {
        fail(&throttle, "ana", "192.0.2.1", at(2000)).expect("all are free again");
    }
    assert!(fail(&throttle, "ana", "192.0.2.1", at(2000)).is_err());
}

#[test]
fn an_attacker_does_not_escape_within_his_64() {
    let throttle = throttle();
    for host in 1..=5 {
        fail(&throttle, "ana", &format!("2001:db8::{host}"), at(0)).unwrap();
    }
    assert!(fail(&throttle, "ana", "2001:db8::6", at(0)).is_err());
    assert!(fail(&throttle, "ana", "2001:db8:0:1::6", at(0)).is_ok());
}

#[test]
fn waits_double_up_to_a_quarter_of_an_hour() {
    let throttle = throttle();
    let mut now = at(0);
    for _ in 0..4 {
        fail(&throttle, "ana", "192.0.2.1", now).unwrap();
    }
    let mut waits_s = Vec::new();
    for _ in 0..10 {
        fail(&throttle, "ana", "192.0.2.1", now).expect("the wait is over");
        let refused = fail(&throttle, "ana", "192.0.2.1", now).unwrap_err();
        waits_s.push(refused.retry_after_ms / 1000);
        assert!(
            fail(
                &throttle,
                "ana",
                "192.0.2.1",
                now + Duration::from_millis(refused.retry_after_ms as u64 - 1)
            )
            .is_err()
        );
        now += Duration::from_millis(refused.retry_after_ms as u64);
    }
    assert_eq!(waits_s, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
}

#[test]
fn a_right_password_clears_the_failures_of_its_address() {
    let throttle = throttle();
    for _ in 0..3 {
        for _ in 0..4 {
            fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap();
        }
        throttle.login("ana", address("192.0.2.1"), at(0)).unwrap().succeeded();
    }
    assert_eq!(throttle.0.lock().failures.len(), 0);
}

#[test]
fn failures_are_forgotten_an_hour_after_the_last() {
    let throttle = throttle();
    for _ in 0..5 {
        fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap();
    }
    let later = at(3_600_000);
    for _ in 0..5 {
        fail(&throttle, "ana", "192.0.2.1", later).unwrap();
    }
    assert!(fail(&throttle, "ana", "192.0.2.1", later).is_err());
}

#[test]
fn a_burst_does_not_get_past_the_limit_before_its_first_answer() {
    let throttle = throttle();
    let from = address("192.0.2.1");
    let under_way: Vec<_> = (0..5).map(|_| throttle.login("ana", from, at(0)).unwrap()).collect();
    let refused = throttle.login("ana", from, at(0)).unwrap_err();
    assert_eq!(refused.retry_after_ms, 1_000);
    drop(under_way);
    throttle.login("ana", from, at(0)).expect("attempts that were withdrawn do not count").failed(at(0));
}

#[test]
fn after_a_wait_one_may_try_once_not_five_times() {
    let throttle = throttle();
    for _ in 0..5 {
        fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap();
    }
    let later = at(5_000);
    let _under_way = throttle.login("ana", address("192.0.2.1"), later).unwrap();
    assert!(throttle.login("ana", address("192.0.2.1"), later).is_err());
}

#[test]
fn the_thirty_first_login_of_a_minute_from_one_address_waits() {
    let throttle = Throttle::new(&Limits::default());
    for number in 0..30 {
        throttle.login(&format!("user{number}"), address("192.0.2.1"), at(0)).unwrap().succeeded();
    }
    let refused = throttle.login("user30", address("192.0.2.1"), at(20_000)).unwrap_err();
    assert_eq!(refused, Throttled { limit: "LOGINS_PER_IP", retry_after_ms: 40_000 });
    throttle.login("user30", address("192.0.2.2"), at(0)).unwrap().succeeded();
    throttle.login("user30", address("192.0.2.1"), at(60_000)).unwrap().succeeded();
}

#[test]
fn what_is_left_is_said_without_being_used() {
    let throttle = Throttle::new(&Limits::default());
    let from = address("192.0.2.1");
    let whole = Quota { limit: 30, window_ms: 60_000, left: 30, reset_ms: 60_000 };
    assert_eq!(throttle.logins_left(from, at(0)), Some(whole));
    (0..3).for_each(|_| fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap());
    let left = Quota { left: 27, reset_ms: 50_000, ..whole };
    assert_eq!(throttle.logins_left(from, at(10_000)), Some(left));
    assert_eq!(throttle.logins_left(from, at(60_000)), Some(whole));
    assert_eq!(throttle.registrations_left(from, at(0)).unwrap().left, 10);
    assert_eq!(Throttle::new(&Limits::default().lift()).logins_left(from, at(0)), None);
}

#[test]
fn the_eleventh_registration_of_an_hour_from_one_address_waits() {
    let throttle = Throttle::new(&Limits::default());
    let from = address("2001:db8::1");
    for _ in 0..10 {
        throttle.registration(from, at(0)).unwrap();
    }
    let refused = throttle.registration(address("2001:db8::2"), at(0)).unwrap_err();
    assert_eq!(refused, Throttled { limit: "REGISTRATIONS_PER_IP", retry_after_ms: 3_600_000 });
    throttle.registration(from, at(3_600_000)).unwrap();
}

#[test]
fn the_eleventh_image_of_a_minute_of_one_account_waits() {
    let throttle = Throttle::new(&Limits::default());
    let (ana, bo) = (UserId::new(), UserId::new());
    (0..10).for_each(|_| throttle.image(ana, at(0)).unwrap());
    let refused = throttle.image(ana, at(20_000)).unwrap_err();
    assert_eq!(refused, Throttled { limit: "IMAGES_PER_USER", retry_after_ms: 40_000 });
    throttle.image(bo, at(20_000)).unwrap();
    throttle.image(ana, at(60_000)).unwrap();
    let lifted = Throttle::new(&Limits::default().lift());
    (0..11).for_each(|_| lifted.image(ana, at(0)).unwrap());
}

#[test]
fn the_eleventh_wrong_key_of_a_minute_from_one_address_waits() {
    let (throttle, here) = (throttle(), address("192.0.2.1"));
    for n in 0..10 {
        assert_eq!(throttle.wrong_ingest_key(here, at(n)), Ok(()));
    }
    let throttled = throttle.wrong_ingest_key(here, at(20_000)).unwrap_err();
    assert_eq!(throttled.retry_after_ms, 40_000);
    assert_eq!(throttle.wrong_ingest_key(address("192.0.2.2"), at(20_000)), Ok(()));
    assert_eq!(throttle.wrong_ingest_key(here, at(60_000)), Ok(()));
}

#[test]
fn lifted_limits_never_refuse_and_remember_nothing() {
    let throttle = Throttle::new(&Limits::default().lift());
    for _ in 0..100 {
        fail(&throttle, "ana", "192.0.2.1", at(0)).unwrap();
        throttle.registration(address("192.0.2.1"), at(0)).unwrap();
    }
    assert_eq!(throttle.0.lock().failures.len(), 0);
}

#[test]
fn a_flood_of_addresses_and_names_stays_within_the_bounds() {
    let throttle = Throttle::new(&Limits::default());
    for number in 0..70_000_u32 {
        let from = IpAddr::from(number.to_be_bytes());
        fail(&throttle, "ana", &from.to_string(), at(number.into())).unwrap();
        throttle.registration(from, at(number.into())).unwrap();
    }
    let counters = throttle.0.lock();
    assert!(counters.failures.len() <= failures::PAIRS_MAX, "{}", counters.failures.len());
    assert!(counters.logins.len() <= window::ADDRESSES_MAX);
    assert!(counters.registrations.len() <= window::ADDRESSES_MAX);
    assert!(counters.registrations.len() > window::ADDRESSES_MAX / 2);
}
