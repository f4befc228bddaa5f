use super::*;
use transport::json::decide;
use transport::{Attempt, TransportError, Verdict};

/// The wait in milliseconds, or `None` where the policy stops.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a table reads better without ampersands")]
fn check(repeatable: bool, attempt: u32, outcome: Attempt, expected: Option<u64>) {
    let expected = expected.map_or(Verdict::Stop, |ms| Verdict::Retry { after: Duration::from_millis(ms) });
    assert_eq!(decide::<OpenCxPolicy>(repeatable, attempt, &outcome), expected);
}

#[expect(clippy::unnecessary_wraps, reason = "reads as one of the outcomes of an attempt")]
fn status(status: u16) -> Attempt {
    Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "reads as one of the outcomes of an attempt")]
fn asking(status: u16, retry_after: &str) -> Attempt {
    Ok(Response::builder().status(status).header("retry-after", retry_after).body(Bytes::new()).unwrap())
}

fn not_sent() -> Attempt {
    Err(TransportError::NotSent("refused".to_owned()))
}

fn broken() -> Attempt {
    Err(TransportError::Broken("cut".to_owned()))
}

const READ: bool = true;
const WRITE: bool = false;

#[test]
fn what_succeeded_or_was_refused_stands() {
    for code in [200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 500] {
        check(READ, 0, status(code), None);
        check(WRITE, 0, status(code), None);
    }
}

#[test]
fn reads_are_sent_again_where_the_service_stumbles() {
    for code in [423, 502, 503, 504] {
        check(READ, 0, status(code), Some(200));
        check(READ, 1, status(code), Some(400));
        check(READ, 2, status(code), Some(800));
    }
    check(READ, 0, broken(), Some(200));
    check(READ, 1, not_sent(), Some(400));
}

#[test]
fn a_single_write_is_sent_again_only_where_nothing_was_done() {
    for code in [423, 502, 503, 504] {
        check(WRITE, 0, status(code), None);
        check(WRITE, 0, asking(code, "1"), None);
    }
    check(WRITE, 0, broken(), None);
    check(WRITE, 0, not_sent(), Some(200));
    check(WRITE, 0, status(429), Some(1_000));
    check(WRITE, 2, not_sent(), Some(800));
}

#[test]
fn a_rate_limit_is_waited_for_up_to_ten_seconds() {
    for repeatable in [READ, WRITE] {
        check(repeatable, 0, asking(429, "0"), Some(0));
        check(repeatable, 0, asking(429, "7"), Some(7_000));
        check(repeatable, 2, asking(429, " 10 "), Some(10_000));
        check(repeatable, 0, asking(429, "11"), None);
        check(repeatable, 0, asking(429, "18446744073709551615"), None);
        check(repeatable, 0, status(429), Some(1_000));
        check(repeatable, 1, status(429), Some(2_000));
        check(repeatable, 2, status(429), Some(4_000));
    }
}

#[test]
fn an_unreadable_wait_counts_as_absent() {
    for text in ["", "soon", "-1", "1.5", "Fri, 20 Nov 2026 10:00:00 GMT"] {
        check(READ, 0, asking(429, text), Some(1_000));
    }
}

#[test]
fn a_server_that_asks_for_patience_gets_it_from_reads() {
    check(READ, 0, asking(503, "3"), Some(3_000));
    check(READ, 0, asking(503, "30"), None);
}

#[test]
fn a_call_is_sent_four_times_at_most() {
    for outcome in [status(429), status(503), not_sent(), broken()] {
        check(READ, 3, outcome.clone(), None);
        check(WRITE, 3, outcome, None);
    }
}

#[test]
fn a_run_without_time_does_not_wait() {
    check(READ, 0, Err(TransportError::NoTime), None);
    check(WRITE, 0, Err(TransportError::NoTime), None);
}
