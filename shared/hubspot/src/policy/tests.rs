use super::*;
use http::{StatusCode, header};
use transport::json::decide;
use transport::{Attempt, TransportError, Verdict};

#[expect(clippy::unnecessary_wraps, reason = "a table mixes answers and failures")]
fn answer(status: u16, retry_after: Option<&str>, body: &'static str) -> Attempt {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Some(text) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, text.parse().unwrap());
    }
    Ok(response)
}

const DAILY_LIMIT: &str = r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}"#;
const TEN_SECONDLY: &str = r#"{"status":"error","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}"#;
const SECONDLY: &str = r#"{"status":"error","errorType":"RATE_LIMIT","policyName":"SECONDLY"}"#;
const SEARCH: &str = r#"{"status":"error","message":"You have reached your secondly limit."}"#;

#[track_caller]
fn check(repeatable: bool, attempt: u32, outcome: &Attempt, expected_ms: Option<u64>) {
    let expected = expected_ms.map_or(Verdict::Stop, |ms| Verdict::Retry { after: Duration::from_millis(ms) });
    assert_eq!(
        decide::<HubSpotPolicy>(repeatable, attempt, outcome),
        expected,
        "repeatable: {repeatable}, attempt {attempt}: {outcome:?}"
    );
}

#[test]
fn limits_and_locks_are_waited_for_by_reads_and_writes_alike() {
    for repeatable in [true, false] {
        check(repeatable, 0, &answer(429, None, TEN_SECONDLY), Some(10_000));
        check(repeatable, 2, &answer(429, None, TEN_SECONDLY), Some(10_000));
        check(repeatable, 0, &answer(429, None, SECONDLY), Some(1000));
        check(repeatable, 2, &answer(429, None, SEARCH), Some(3000));
        check(repeatable, 1, &answer(429, None, "<html>slow down</html>"), Some(2000));
        check(repeatable, 0, &answer(429, None, DAILY_LIMIT), None);
        check(repeatable, 0, &answer(429, Some("4"), TEN_SECONDLY), Some(4000));
        check(repeatable, 0, &answer(429, Some("4"), DAILY_LIMIT), Some(4000));
        check(repeatable, 0, &answer(429, Some("11"), SECONDLY), None);
        check(repeatable, 0, &answer(429, Some("tomorrow"), SECONDLY), Some(1000));
        check(repeatable, 0, &answer(423, None, ""), Some(2000));
        check(repeatable, 1, &answer(423, None, ""), Some(4000));
        check(repeatable, 0, &answer(477, Some("86400"), ""), None);
        check(repeatable, 0, &answer(477, Some("5"), ""), Some(5000));
        check(repeatable, 0, &answer(477, None, ""), None);
        check(repeatable, 0, &Err(TransportError::NotSent("refused".into())), Some(200));
        check(repeatable, 2, &Err(TransportError::NotSent("refused".into())), Some(800));
        check(repeatable, 0, &Err(TransportError::NoTime), None);
    }
}

#[test]
fn what_may_have_been_done_is_repeated_only_where_that_is_harmless() {
    for status in [502, 503, 504, 521, 523, 524] {
        check(true, 0, &answer(status, None, ""), Some(200));
        check(true, 1, &answer(status, None, ""), Some(400));
        check(false, 0, &answer(status, None, ""), None);
    }
    check(true, 0, &answer(503, Some("3"), ""), Some(3000));
    check(true, 0, &answer(503, Some("60"), ""), None);
    check(false, 0, &answer(503, Some("3"), ""), None);
    check(true, 0, &Err(TransportError::Broken("reset".into())), Some(200));
    check(false, 0, &Err(TransportError::Broken("reset".into())), None);
}

#[test]
fn what_stands_is_not_repeated() {
    for repeatable in [true, false] {
        for status in [200, 201, 204, 207, 301, 400, 401, 403, 404, 408, 409, 415, 500, 501] {
            check(repeatable, 0, &answer(status, None, ""), None);
        }
    }
}

#[test]
fn a_call_is_sent_four_times_at_most() {
    check(true, 2, &answer(502, None, ""), Some(800));
    check(true, 3, &answer(502, None, ""), None);
    check(true, 3, &answer(429, Some("1"), ""), None);
    check(false, 3, &Err(TransportError::NotSent("refused".into())), None);
}
