//! What goes with its stream, what is gone by itself, and what must not go.

use super::*;
use crate::{
    domain::{WebhookId, webhook::WebhookScope},
    recordings::ready,
    store::webhooks::{self, NewWebhook, notices},
};

/// A run of another server, or of this one that was killed while it began it.
fn begin(house: &House, node: &str) -> RunId {
    let new = rows::NewRun {
        stream: house.stream,
        keeper: Keeper { node: node.to_owned(), url: None },
        offset_ms: 9000,
        codecs: String::new(),
        size: (1, 1),
        at: NOW,
    };
    house.database.write(|tx| rows::begin(tx, &new))
}

fn kept_two_seconds() -> House {
    let mut house = House::new(ENOUGH);
    house.recorder.taps(house.stream).open().take(|| came(1, 0));
    house.wait(|| house.shown() == [(0, 2000, false)]);
    house.stop();
    house
}

#[test]
fn what_was_kept_goes_with_its_stream_also_while_no_server_runs() {
    let mut house = House::new(ENOUGH);
    house.recorder.taps(house.stream).open().take(|| came(1, 0));
    house.wait(|| house.shown() == [(0, 2000, false)]);
    let film = house.disk.film(house.runs()[0].id);
    assert!(film.exists());
    house.stop();
    house.database.write(|tx| streams::delete(tx, house.stream));
    house.start(ENOUGH);
    house.stop();
    assert!(!film.exists() && !film.parent().unwrap().exists());
}

#[test]
fn what_was_kept_goes_with_its_stream_while_more_comes() {
    let mut house = House::new(ENOUGH);
    let tap = house.recorder.taps(house.stream).open();
    tap.take(|| came(1, 0));
    house.wait(|| house.metrics.recordings_under_way.get() == 1);
    let film = house.disk.film(house.runs()[0].id);
    house.database.write(|tx| streams::delete(tx, house.stream));
    // Before anybody has said so, it is found out by the first that is begun anew.
    tap.take(|| came(2, 2));
    house.recorder.forget(house.stream);
    tap.take(|| came(2, 4));
    drop(tap);
    house.stop();
    assert!(!film.exists() && house.disk.runs().unwrap().is_empty());
}

#[test]
fn a_row_without_a_film_goes_and_so_does_what_is_too_old() {
    let mut house = House::new(ENOUGH);
    let tap = house.recorder.taps(house.stream).open();
    (1..=2).for_each(|run| assert!(tap.take(|| came(run, 2 * run as i64))));
    drop(tap);
    house.stop();
    house.disk.remove(house.runs()[0].id).unwrap();
    house.start(ENOUGH);
    house.stop();
    assert_eq!(house.shown(), [(4000, 2000, false)]);
    // They are dated by the clock of the day, not by that of these tests.
    let before = Millis::now().plus_s(1);
    assert_eq!(house.database.read(|conn| rows::of_before(conn, "here", before)).len(), 1);
    house.start(Limits { days: 0, ..ENOUGH });
    house.wait(|| house.runs().is_empty());
    house.stop();
    assert!(house.disk.runs().unwrap().is_empty());
}

#[test]
fn the_files_of_others_stay() {
    let mut house = House::new(ENOUGH);
    house.stop();
    let media = house.scratch.0.join("media");
    let (folder, file) = (media.join("lost+found"), media.join(StreamId::new().to_string()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(&file, "named as a stream is").unwrap();
    house.start(ENOUGH);
    house.recorder.taps(house.stream).open().take(|| came(1, 0));
    house.wait(|| house.shown() == [(0, 2000, false)]);
    house.stop();
    assert!(folder.exists() && file.exists());
}

#[test]
fn a_start_without_the_disk_of_the_films_takes_nothing_for_lost() {
    let mut house = kept_two_seconds();
    let (media, away) = (house.scratch.0.join("media"), house.scratch.0.join("away"));
    fs::rename(&media, &away).unwrap();
    for is_mounted_over in [false, true] {
        if is_mounted_over {
            fs::create_dir(&media).unwrap();
        }
        house.start(ENOUGH);
        // Nor is anything kept there: the films of before would be lost by its mark.
        house.recorder.taps(house.stream).open().take(|| came(2, 9));
        house.wait(|| house.recorder.warning(house.stream) == Some(IngestWarning::RecordingFailed));
        house.stop();
        assert_eq!(house.shown(), [(0, 2000, false)]);
        house.recorder.want(Vec::new());
    }
    fs::remove_dir(&media).unwrap();
    fs::rename(&away, &media).unwrap();
    house.start(ENOUGH);
    house.stop();
    assert_eq!(house.shown(), [(0, 2000, false)]);
    assert!(house.disk.film(house.runs()[0].id).exists());
}

#[test]
fn a_film_of_a_deleted_recording_does_not_come_back_as_that_of_the_next() {
    let mut house = kept_two_seconds();
    let deleted = house.disk.film(house.runs()[0].id);
    // As where it was deleted, and begun anew, while this server was away.
    house.database.write(|tx| rows::remove_all(tx, house.stream));
    assert_eq!(begin(&house, "there").run, 2);
    house.start(ENOUGH);
    house.stop();
    assert!(!deleted.exists());
    assert_eq!((house.shown(), house.runs()[0].keeper.node.as_str()), (vec![(9000, 0, true)], "there"));
}

#[test]
fn a_last_run_of_which_nothing_is_left_completes_what_was_before_it() {
    for is_film_there in [true, false] {
        let mut house = kept_two_seconds();
        // As a server leaves it that is killed while it begins a run: the row, and of the film a head or nothing.
        let last = begin(&house, "here");
        if is_film_there {
            drop(Film::create(&house.disk, last, &head()).unwrap());
        }
        house.database.write(|tx| streams::transition(tx, house.stream, Status::Ended, NOW.plus_s(12)));
        assert!(!house.database.write(|tx| ready::tell(tx, house.stream, NOW)), "one run is still open");
        let events = "recording.ready".parse().unwrap();
        let new = NewWebhook {
            id: WebhookId::new(),
            owner_id: house.wanted.host,
            url: "http://127.0.0.1:9/".to_owned(),
            events,
            scope: WebhookScope::Channel,
            preset: None,
        };
        house.database.write(|tx| webhooks::create(tx, &new, NOW));
        house.start(ENOUGH);
        house.stop();
        assert_eq!(house.shown(), [(0, 2000, false)]);
        let (waiting, ..) = house.database.read(notices::counted);
        assert_eq!(waiting, 1, "it is told");
    }
}
