//! What is waited for, until when, and what is refused at once. Nothing here sleeps.

use super::made::{BEGIN, PATIENCE, Source, now};
use crate::{
    media::hls::{NotServed, Wanted},
    recordings::Tap,
};
use std::{pin::pin, time::Duration};
use tokio::{runtime::Builder, task::yield_now};

const FIRST: u64 = BEGIN.0.unsigned_abs() / 1000;

fn run(body: impl AsyncFnOnce()) {
    Builder::new_current_thread().enable_time().build().unwrap().block_on(body());
}

/// What `wanted` gives after more pictures, none where it waits still.
async fn after(source: &mut Source, wanted: Wanted, pictures: i64) -> Option<String> {
    let reader = source.reader.clone();
    let mut answer = pin!(reader.playlist(wanted, PATIENCE));
    assert!(futures_poll(answer.as_mut()).await.is_none(), "nothing was waited for");
    source.pictures(pictures);
    let text = futures_poll(answer.as_mut()).await?;
    Some(String::from_utf8(text.unwrap().to_vec()).unwrap())
}

/// What a single poll gives.
async fn futures_poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    tokio::select! {
        biased;
        value = future => Some(value),
        () = yield_now() => None,
    }
}

#[test]
fn a_playlist_waits_for_the_part_or_segment_that_is_wanted() {
    run(async || {
        // Three seconds and a picture: the first segment is whole, and of the next there are four parts.
        let mut source = Source::new();
        source.pictures(91);
        let text = source.playlist();
        assert!(text.ends_with(&format!("/{}.4.m4s\"\n", FIRST + 1)), "{text}");
        assert_eq!(after(&mut source, Wanted::Part(FIRST + 1, 4), 1).await, None);
        let text = after(&mut source, Wanted::Part(FIRST + 1, 4), 8).await.unwrap();
        assert!(text.contains(&format!("/{}.4.m4s\"\n", FIRST + 1)), "{text}");
        let text = after(&mut source, Wanted::Segment(FIRST + 1), 30).await.unwrap();
        assert!(text.contains(&format!("/{}.m4s\n", FIRST + 1)), "{text}");
    });
}

#[test]
fn a_part_past_the_last_of_its_segment_is_the_first_of_the_next() {
    run(async || {
        let mut source = Source::new();
        source.pictures(121);
        // The segment that has just ended has nine parts; of the next there is none yet.
        assert_eq!(after(&mut source, Wanted::Part(FIRST + 1, 9), 1).await, None);
        assert!(after(&mut source, Wanted::Part(FIRST + 1, 9), 8).await.is_some());
        assert!(now_served(&source, Wanted::Part(FIRST + 1, 8)));
    });
}

fn now_served(source: &Source, wanted: Wanted) -> bool {
    now(source.reader.playlist(wanted, PATIENCE)).is_ok()
}

#[test]
fn what_is_too_far_ahead_is_refused_at_once() {
    run(async || {
        let mut source = Source::new();
        source.pictures(91);
        let answer = async |wanted| source.reader.playlist(wanted, Duration::ZERO).await.map(|_| ());
        for wanted in [Wanted::Segment(FIRST + 1), Wanted::Segment(FIRST + 2), Wanted::Part(FIRST + 2, 0)] {
            assert_eq!(answer(wanted).await, Err(NotServed::NotYet), "{wanted:?}");
        }
        for wanted in [Wanted::Segment(FIRST + 3), Wanted::Part(FIRST + 3, 0), Wanted::Part(FIRST + 1, 40)] {
            assert_eq!(answer(wanted).await, Err(NotServed::TooFar), "{wanted:?}");
        }
        assert_eq!(answer(Wanted::Segment(u64::MAX)).await, Err(NotServed::TooFar));
        for wanted in [Wanted::Now, Wanted::Segment(FIRST), Wanted::Part(FIRST, 8), Wanted::Segment(0)] {
            assert_eq!(answer(wanted).await, Ok(()), "{wanted:?}");
        }
    });
}

#[test]
fn who_has_waited_for_long_enough_is_told_so() {
    run(async || {
        let mut source = Source::new();
        source.pictures(91);
        let answer = source.reader.playlist(Wanted::Segment(FIRST + 1), Duration::from_millis(1)).await;
        assert_eq!(answer, Err(NotServed::NotYet));
        let part = source.reader.part(BEGIN.0.unsigned_abs(), FIRST + 1, 4, Duration::from_millis(1)).await;
        assert_eq!(part, Err(NotServed::NotYet));
    });
}

#[test]
fn before_the_first_segment_there_is_no_playlist_and_what_may_wait_waits() {
    run(async || {
        let mut source = Source::new();
        source.pictures(59);
        let reader = source.reader.clone();
        let mut master = pin!(reader.master(PATIENCE));
        assert!(futures_poll(master.as_mut()).await.is_none());
        assert_eq!(now(reader.playlist(Wanted::Now, PATIENCE)), Err(NotServed::NotYet));
        assert!(after(&mut source, Wanted::Segment(FIRST), 2).await.is_some());
        assert!(futures_poll(master.as_mut()).await.unwrap().is_ok());
    });
}

#[test]
fn the_part_that_is_hinted_is_waited_for_and_no_other() {
    run(async || {
        let mut source = Source::new();
        source.pictures(91);
        let run = BEGIN.0.unsigned_abs();
        let reader = source.reader.clone();
        assert_eq!(reader.part(run, FIRST + 1, 5, PATIENCE).await, Err(NotServed::NotFound));
        assert_eq!(reader.part(run + 1, FIRST + 1, 4, PATIENCE).await, Err(NotServed::NotFound));
        assert_eq!(reader.part(run, FIRST, 9, PATIENCE).await, Err(NotServed::NotFound));
        let mut hinted = pin!(reader.part(run, FIRST + 1, 4, PATIENCE));
        assert!(futures_poll(hinted.as_mut()).await.is_none());
        source.pictures(10);
        assert!(futures_poll(hinted.as_mut()).await.unwrap().is_ok());
        // The run ends: what was hinted of it comes, and what follows never does.
        let mut next = pin!(reader.part(run, FIRST + 1, 5, PATIENCE));
        let mut never = pin!(reader.part(run, FIRST + 1, 6, PATIENCE));
        assert!(futures_poll(next.as_mut()).await.is_none());
        assert_eq!(futures_poll(never.as_mut()).await, Some(Err(NotServed::NotFound)));
        source.muxer.new_run();
        assert!(futures_poll(next.as_mut()).await.unwrap().is_ok());
    });
}

#[test]
fn who_waits_is_answered_when_the_stream_ends_or_its_muxer_is_gone() {
    run(async || {
        let mut source = Source::new();
        source.pictures(91);
        let reader = source.reader.clone();
        let mut waiting = pin!(reader.playlist(Wanted::Segment(FIRST + 2), PATIENCE));
        assert!(futures_poll(waiting.as_mut()).await.is_none());
        source.muxer.end();
        assert!(futures_poll(waiting.as_mut()).await.unwrap().is_ok());
        let (muxer, reader) =
            crate::media::hls::Muxer::new(crate::media::hls::Limits::default(), Tap::nowhere());
        let mut waiting = pin!(reader.master(PATIENCE));
        assert!(futures_poll(waiting.as_mut()).await.is_none());
        drop(muxer);
        assert_eq!(futures_poll(waiting.as_mut()).await, Some(Err(NotServed::NotFound)));
    });
}
