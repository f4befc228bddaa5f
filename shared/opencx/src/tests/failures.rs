//! What comes back when things go wrong, and what is sent again.

use super::*;
use crate::{ContactMessage, NewSession, OpenCxError, Person, Reflect, SessionNote};
use domain::{Channel, Retry, SessionStatus};
use std::collections::BTreeMap;
use std::time::Duration;

fn hello() -> ContactMessage {
    ContactMessage { text: "canary".to_owned(), files: Vec::new(), custom_data: BTreeMap::new() }
}

fn fresh() -> NewSession {
    NewSession { channel: Channel::Email, contact: Person::default(), custom_data: BTreeMap::new() }
}

/// A read and a single write against the same answer: `again` says what the read's error advises.
async fn check(status: u16, read: fn(&OpenCxError) -> bool, write: fn(&OpenCxError) -> bool, again: Retry) {
    let body = json!({"statusCode": status, "message": "canary", "error": "canary"});
    let scene = Scene::new(std::iter::repeat_with(|| answer(status, body.clone())).take(8));
    let error = scene.org.session(&session()).await.unwrap_err();
    assert!(read(&error), "{status}: {error:?}");
    assert_eq!(error.retry(), again, "{status}");
    assert!(!error.maybe_done(), "{status}");
    let written = scene.org.send_as_contact(&session(), &hello()).await.unwrap_err();
    assert!(write(&written), "{status}: {written:?}");
    assert!(!format!("{error} {error:?} {written} {written:?}").contains("canary"), "{status}");
}

fn ambiguous(error: &OpenCxError) -> bool {
    error.maybe_done()
        && matches!(error, OpenCxError::Ambiguous(cause) if matches!(**cause, OpenCxError::Unavailable { .. }))
}

#[tokio::test(start_paused = true)]
async fn every_status_has_its_name() {
    use OpenCxError as E;
    let later = Retry::Later { after: None };
    check(401, |e| matches!(e, E::Unauthorized), |e| matches!(e, E::Unauthorized), Retry::Never).await;
    check(404, |e| matches!(e, E::NotFound), |e| matches!(e, E::NotFound), Retry::Never).await;
    for status in [302, 400, 403, 409, 413, 422] {
        let rejected = |e: &E| matches!(e, E::Rejected { message, .. } if message == "canary");
        check(status, rejected, rejected, Retry::Never).await;
    }
    for status in [408, 423, 500, 502, 503, 504, 524, 599] {
        check(status, |e| matches!(e, E::Unavailable { .. }), ambiguous, later).await;
    }
    let limited = |e: &E| matches!(e, E::RateLimited { after: None });
    check(429, limited, limited, later).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_validation_names_all_its_reasons() {
    let body =
        json!({"statusCode": 400, "message": ["custom_data must be flat", "text is empty"], "error": "Bad Request"});
    let scene = Scene::new([answer(400, body), raw(400, "<html>")]);
    let OpenCxError::Rejected { status, message } = scene.org.create_session(&fresh()).await.unwrap_err() else {
        panic!()
    };
    assert_eq!((status, message.as_str()), (400, "custom_data must be flat; text is empty"));
    let OpenCxError::Rejected { message, .. } = scene.org.create_session(&fresh()).await.unwrap_err() else { panic!() };
    assert_eq!(message, "");
}

#[tokio::test(start_paused = true)]
async fn a_short_rate_limit_is_waited_for_even_by_a_single_write() {
    let scene = Scene::new([limited(Some("7")), limited(None), answer(200, json!({"ai_response": {"text": "Hello"}}))]);
    let start = scene.clock.now();
    let answer = scene.org.send_as_contact(&session(), &hello()).await.unwrap();
    assert_eq!(answer.message.unwrap().text, "Hello");
    assert_eq!(scene.calls().len(), 3);
    let waited = scene.seconds_since(start);
    assert!((9.0..=11.5).contains(&waited), "7 s and 2 s, each and up to a quarter, not {waited}");
}

#[tokio::test(start_paused = true)]
async fn a_long_rate_limit_is_the_queues() {
    let scene = Scene::new([limited(Some("42"))]);
    let start = scene.clock.now();
    let error = scene.org.send_as_contact(&session(), &hello()).await.unwrap_err();
    let after = Some(Duration::from_secs(42));
    assert!(matches!(error, OpenCxError::RateLimited { after: told } if told == after));
    assert_eq!((error.retry(), error.maybe_done()), (Retry::Later { after }, false));
    assert_eq!(scene.clock.now(), start);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_that_stays_is_given_up_after_four_calls() {
    let scene = Scene::new(std::iter::repeat_with(|| limited(None)).take(9));
    let error = scene.org.create_session(&fresh()).await.unwrap_err();
    assert!(matches!(error, OpenCxError::RateLimited { after: None }));
    assert_eq!(scene.unasked(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_server_out_of_reach_is_tried_four_times_and_nothing_was_done() {
    let scene = Scene::new(std::iter::repeat_with(not_sent).take(4));
    let error = scene.org.send_as_contact(&session(), &hello()).await.unwrap_err();
    assert!(matches!(error, OpenCxError::Transport(TransportError::NotSent(_))));
    assert_eq!((scene.calls().len(), error.maybe_done()), (4, false));
    assert_eq!(error.retry(), Retry::Later { after: None });
}

#[tokio::test(start_paused = true)]
async fn a_broken_line_leaves_a_single_write_in_doubt() {
    let note = SessionNote { text: "vip".to_owned(), author: None, external_id: "m-4".to_owned() };
    let scene = Scene::new(std::iter::repeat_with(broken).take(4));
    for error in [
        scene.org.send_as_contact(&session(), &hello()).await.unwrap_err(),
        scene.org.create_session(&fresh()).await.unwrap_err(),
        scene.org.add_note(&session(), &note).await.unwrap_err(),
        scene.org.create_contact(&Person::default()).await.unwrap_err(),
    ] {
        assert!(matches!(&error, OpenCxError::Ambiguous(cause) if matches!(**cause, OpenCxError::Transport(_))));
        assert_eq!((error.maybe_done(), error.retry()), (true, Retry::Later { after: None }));
    }
    assert_eq!(scene.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn reads_and_repeatable_writes_outlive_a_broken_line() {
    let fine = || answer(200, json!({"id": "5f0c"}));
    let scene = Scene::new([broken(), fine(), raw(503, ""), broken(), fine(), raw(502, ""), fine()]);
    scene.org.session(&session()).await.unwrap();
    scene.org.set_status(&session(), SessionStatus::Open, Reflect::No).await.unwrap();
    scene.org.set_handed_off(&session(), true, None).await.unwrap();
    assert_eq!(scene.calls().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_too_soon_starts_no_call() {
    let scene = Scene::with([], AssumedPaths::default(), SignedDuration::from_secs(74));
    let error = scene.org.send_as_contact(&session(), &hello()).await.unwrap_err();
    assert!(matches!(error, OpenCxError::Transport(TransportError::NoTime)));
    assert!(!error.maybe_done());
    assert!(scene.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_json_leaves_a_single_write_in_doubt() {
    for body in ["{\"success\":true,\"data\":{\"autop", "<html>ok</html>", "[]", "{\"success\":false}"] {
        let scene = Scene::new([raw(200, body)]);
        let error = scene.org.send_as_contact(&session(), &hello()).await.unwrap_err();
        assert!(
            matches!(&error, OpenCxError::Ambiguous(cause) if matches!(**cause, OpenCxError::Unreadable(_))),
            "{body}"
        );
        assert_eq!(scene.calls().len(), 1, "{body}");
    }
    let scene = Scene::new([raw(201, "{}"), raw(201, ""), raw(201, "{\"id\":\"a b\"}")]);
    for _ in 0..3 {
        assert!(scene.org.create_session(&fresh()).await.unwrap_err().maybe_done());
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_answer_to_a_read_says_where() {
    let scene = Scene::new([raw(200, "{\"items\": 7}"), raw(200, ""), raw(200, "{\"status\":\"open\"}")]);
    let at = |error: OpenCxError| match error {
        OpenCxError::Unreadable(unreadable) => unreadable.at,
        other => panic!("{other:?}"),
    };
    assert_eq!(at(scene.org.history(&session()).await.unwrap_err()), "items");
    assert_eq!(at(scene.org.session(&session()).await.unwrap_err()), ".");
    assert_eq!(at(scene.org.session(&session()).await.unwrap_err()), "id");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_fits_into_no_header_is_not_sent() {
    let scene = Scene::new([]);
    let clock = scene.clock.clone();
    let server = InProcess::new(|_| async { raw(200, "{}") });
    let opencx =
        OpenCx::new(Http::new(Arc::new(server), clock.clone(), 1), "http://opencx.test", AssumedPaths::default());
    let org = opencx.org(&ApiKey::new("two\nlines"), clock.now() + Duration::from_mins(1));
    assert!(matches!(org.session(&session()).await.unwrap_err(), OpenCxError::Unauthorized));
}
