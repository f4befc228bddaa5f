//! What the client does beyond one request and one answer.

use super::*;
use crate::{HubSpotError, UnknownVersions};
use domain::{Retry, RichText};

const THREAD: &str = r#"{"id":"1","status":"OPEN"}"#;
const POSTED: &str = r#"{"id":"m-1"}"#;
const TEN_SECONDLY: &str = r#"{"status":"error","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}"#;

async fn comment(script: &Script) -> Result<domain::MessageId, HubSpotError> {
    script.portal.send_comment(&id("1"), &RichText { text: "canary".into(), html: "canary".into() }).await
}

#[tokio::test]
async fn a_read_outlives_an_outage_of_three_answers() {
    let script = Script::new([broken(), answer(502, ""), not_sent(), answer(200, THREAD)]);
    assert!(script.portal.thread(&id("1")).await.is_ok());
    let script = Script::new([answer(503, ""), answer(503, ""), answer(503, ""), answer(503, "")]);
    let error = script.portal.thread(&id("1")).await.unwrap_err();
    assert!(matches!(error, HubSpotError::Unavailable { status: 503, .. }) && !error.maybe_done());
}

#[tokio::test]
async fn a_single_write_is_sent_again_only_where_nothing_was_done() {
    let script = Script::new([not_sent(), answer(429, TEN_SECONDLY), answer(423, ""), answer(201, POSTED)]);
    assert_eq!(comment(&script).await.unwrap().as_str(), "m-1");
    for doubtful in
        [broken(), answer(500, ""), answer(502, ""), answer(504, ""), answer(201, "{}"), answer(201, "<html>")]
    {
        let script = Script::new([doubtful]);
        let error = comment(&script).await.unwrap_err();
        assert!(error.maybe_done(), "{error}");
        assert_eq!(error.retry(), Retry::Later { after: None });
    }
}

#[tokio::test]
async fn the_wait_is_what_hubspot_asks_for_and_a_little_more() {
    let mut busy = answer(429, TEN_SECONDLY).unwrap();
    busy.headers_mut().insert(http::header::RETRY_AFTER, "4".parse().unwrap());
    let script = Script::new([Ok(busy), answer(429, TEN_SECONDLY), answer(200, THREAD)]);
    script.portal.thread(&id("1")).await.unwrap();
    let waits = script.waits.lock().unwrap().clone();
    let within = |wait: Duration, seconds: u64| {
        wait >= Duration::from_secs(seconds) && wait <= Duration::from_secs(seconds).mul_f64(1.25)
    };
    assert!(waits.len() == 2 && within(waits[0], 4) && within(waits[1], 10), "{waits:?}");
}

#[tokio::test]
async fn long_waits_are_the_queues() {
    let mut busy = answer(429, TEN_SECONDLY).unwrap();
    busy.headers_mut().insert(http::header::RETRY_AFTER, "60".parse().unwrap());
    let script = Script::new([Ok(busy)]);
    let error = script.portal.thread(&id("1")).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Later { after: Some(Duration::from_mins(1)) });
    let daily = Script::of(429, r#"{"policyName":"DAILY"}"#);
    assert!(matches!(comment(&daily).await.unwrap_err(), HubSpotError::RateLimited { .. }));
    assert!(daily.waits.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_call_begins_that_could_outlive_its_run() {
    let script = Script::with(ApiVersions::dated(), Duration::from_secs(9), []);
    let error = comment(&script).await.unwrap_err();
    assert!(matches!(error, HubSpotError::Transport(TransportError::NoTime)) && !error.maybe_done());
    // The wait for the limit would end too late for another attempt.
    let script = Script::with(ApiVersions::dated(), Duration::from_secs(15), [answer(429, TEN_SECONDLY)]);
    assert!(matches!(script.portal.thread(&id("1")).await.unwrap_err(), HubSpotError::RateLimited { .. }));
}

#[tokio::test]
async fn a_token_that_is_none_never_leaves() {
    let script = Script::new([]);
    let http =
        Http::new(Arc::new(InProcess::new(|_| async { broken() })), Arc::new(ScriptClock { waits: script.waits }), 7);
    let portal = HubSpot::new(http, "http://hubspot.test", ApiVersions::dated())
        .portal(&AccessToken::new("two\nlines"), start());
    assert!(matches!(portal.thread(&id("1")).await.unwrap_err(), HubSpotError::Unauthorized { expired: false }));
    assert_eq!(format!("{:?}", AccessToken::new("canary")), "AccessToken(..)");
    assert!(!format!("{portal:?}").contains("lines"));
}

#[test]
fn versions_by_name() {
    assert_eq!("dated".parse(), Ok(ApiVersions::default()));
    assert_eq!("dated".parse(), Ok(ApiVersions::dated()));
    assert_eq!(" v3 ".parse(), Ok(ApiVersions::v3()));
    assert_eq!("dated-beta".parse(), Ok(ApiVersions::dated_beta()));
    assert_eq!("v4".parse::<ApiVersions>(), Err(UnknownVersions));
}
