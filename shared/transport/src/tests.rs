use crate::{Attempt, Call, Clock, Http, InProcess, TransportError, Verdict, VirtualClock};
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A server that fails so often, then answers; and how often it was asked.
fn server(failures: u32) -> (InProcess, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let server = InProcess::new(move |_| {
        let n = count.fetch_add(1, Ordering::Relaxed);
        async move {
            if n < failures {
                Err(TransportError::NotSent("refused".to_owned()))
            } else {
                Ok(Response::new(Bytes::new()))
            }
        }
    });
    (server, asked)
}

fn start() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn call(until_s: i64) -> Call {
    Call {
        request: Request::new(Bytes::new()),
        timeout: Duration::from_secs(10),
        until: start() + SignedDuration::from_secs(until_s),
    }
}

fn three_retries(attempt: u32, outcome: &Attempt) -> Verdict {
    if outcome.is_err() && attempt < 3 { Verdict::Retry { after: Duration::from_secs(4) } } else { Verdict::Stop }
}

#[tokio::test(start_paused = true)]
async fn it_retries_as_the_policy_says_and_waits_with_jitter() {
    let clock = Arc::new(VirtualClock::starting_at(start()));
    let (server, asked) = server(2);
    let http = Http::new(Arc::new(server), clock.clone(), 7);
    assert!(http.call(&call(110), three_retries).await.is_ok());
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let waited = clock.now().duration_since(start()).as_secs_f64();
    assert!((8.0..=10.0).contains(&waited), "two waits of 4 s, each up to a quarter longer: {waited}");
}

#[tokio::test(start_paused = true)]
async fn no_call_starts_that_could_outlive_its_run() {
    let clock = Arc::new(VirtualClock::starting_at(start()));
    let (server, asked) = server(0);
    let http = Http::new(Arc::new(server), clock, 7);
    assert!(matches!(http.call(&call(9), three_retries).await, Err(TransportError::NoTime)));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_leaves_no_time_ends_with_the_last_outcome() {
    let clock = Arc::new(VirtualClock::starting_at(start()));
    let (server, asked) = server(9);
    let http = Http::new(Arc::new(server), clock.clone(), 7);
    assert!(matches!(http.call(&call(12), three_retries).await, Err(TransportError::NotSent(_))));
    assert_eq!((asked.load(Ordering::Relaxed), clock.now()), (1, start()), "it neither waits nor asks again");
}

#[tokio::test(start_paused = true)]
async fn a_server_in_the_same_process_can_time_out() {
    let clock = Arc::new(VirtualClock::starting_at(start()));
    let never = InProcess::new(|_| std::future::pending());
    let http = Http::new(Arc::new(never), clock.clone(), 7);
    let outcome = http.call(&call(110), |_, _| Verdict::Stop).await;
    assert!(matches!(&outcome, Err(error @ TransportError::Broken(_)) if !error.surely_undone()), "{outcome:?}");
    assert_eq!(clock.now().duration_since(start()).as_secs(), 10);
}
