use super::*;
use serde_json::json;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a table reads better without ampersands")]
fn check(body: serde_json::Value, expected: Answer) {
    assert_eq!(Sent::try_from(body).unwrap().answer(), expected);
}

#[track_caller]
fn refused(body: serde_json::Value) {
    assert!(Sent::try_from(body).is_err());
}

fn said(id: Option<&str>, text: &str) -> Answer {
    let id = id.map(|id| OpenCxMessageId::parse(id).unwrap());
    Answer { message: Some(AiMessage { id, text: text.to_owned() }), ..Answer::default() }
}

fn silent(code: &str) -> Answer {
    Answer { code: Some(code.to_owned()), ..Answer::default() }
}

#[test]
fn the_shape_of_2024() {
    check(json!({"ai_response": {"text": "Hello"}}), said(None, "Hello"));
    check(json!({"ai_response": {"text": "Hello", "error": null}}), said(None, "Hello"));
    check(json!({"ai_response": {"text": "sorry", "error": {"message": "overloaded"}}}), silent("ai_error"));
    check(json!({"ai_response": {"error": {"message": "overloaded"}}}), silent("ai_error"));
}

#[test]
fn the_flat_shape() {
    let flat = json!({
        "success": true, "code": null, "uiResponse": null, "sessionIsHandedOff": false,
        "autopilotResponse": {
            "type": "text", "id": "m-1", "mightSolveUserIssue": true,
            "value": {"error": false, "content": "Hello **you**"},
        },
    });
    check(flat, said(Some("m-1"), "Hello **you**"));
    check(
        json!({"autopilotResponse": {"type": "text", "value": {"error": true, "content": "stack trace"}}}),
        silent("ai_error"),
    );
    check(json!({"autopilotResponse": {"type": "text", "value": "Hello", "id": 7}}), said(Some("7"), "Hello"));
}

#[test]
fn the_wrapped_shape() {
    let wrapped = json!({"success": true, "data": {
        "autopilotResponse": {"type": "text", "value": {"content": "Solved."}, "id": "m-2"},
        "sessionIsHandedOff": false,
        "resolveArgs": {"summary": "Password reset", "sentiment": "happy"},
        "toolCallResultsQuickReplySuggestions": [],
    }});
    let resolution = Resolution { summary: Some("Password reset".to_owned()), sentiment: Some(Sentiment::Happy) };
    check(wrapped, Answer { resolved: Some(resolution), ..said(Some("m-2"), "Solved.") });
}

#[test]
fn the_shape_with_nothing_but_an_id() {
    let body = json!({"success": true, "data": {"message": {"id": "m-3", "text": "the customer's own words"}}});
    check(body.clone(), Answer::default());
    assert_eq!(Sent::try_from(body).unwrap().own_id().unwrap().as_str(), "m-3");
    assert_eq!(Sent::try_from(json!({"message": {"id": 3}})).unwrap().own_id().unwrap().as_str(), "3");
}

#[test]
fn the_signals_of_a_handoff_come_with_or_without_words() {
    let handed_off = Answer { handed_off: true, ..Answer::default() };
    check(json!({"success": true, "sessionIsHandedOff": true}), handed_off.clone());
    check(
        json!({"success": true, "data": {"sessionIsHandedOff": true, "autopilotResponse": null}}),
        handed_off.clone(),
    );
    check(json!({"sessionIsHandedOff": "true", "data": {"sessionIsHandedOff": null}}), handed_off);
    let words = json!({"data": {"sessionIsHandedOff": true, "autopilotResponse": {"value": {"content": "A colleague will help"}}}});
    check(words, Answer { handed_off: true, ..said(None, "A colleague will help") });
}

#[test]
fn a_resolution_is_one_even_if_it_says_nothing() {
    let resolved = |args| json!({"data": {"resolveArgs": args}});
    let expected = |summary: Option<&str>, sentiment| {
        let resolution = Resolution { summary: summary.map(str::to_owned), sentiment };
        Answer { resolved: Some(resolution), ..Answer::default() }
    };
    check(resolved(json!({})), expected(None, None));
    check(resolved(json!({"summary": "", "sentiment": null})), expected(None, None));
    check(resolved(json!({"summary": "Done", "sentiment": "delighted"})), expected(Some("Done"), None));
    check(resolved(json!({"sentiment": "angry"})), expected(None, Some(Sentiment::Angry)));
    check(resolved(json!(null)), Answer::default());
    check(resolved(json!(false)), Answer::default());
}

#[test]
fn codes_are_kept() {
    for code in ["session_assigned_to_human_agent", "response_cancelled", "skipping_unuseful_response", "new_in_2027"] {
        check(json!({"success": true, "code": code, "autopilotResponse": null}), silent(code));
        check(json!({"success": false, "code": code}), silent(code));
        check(json!({"success": false, "data": {"code": code}}), silent(code));
    }
}

#[test]
fn half_answers_are_no_words() {
    for body in [
        json!(null),
        json!({}),
        json!({"success": true}),
        json!({"success": true, "data": null}),
        json!({"success": true, "data": {}}),
        json!({"success": true, "data": "ok"}),
        json!({"ai_response": null}),
        json!({"ai_response": {}}),
        json!({"ai_response": {"text": "  \n"}}),
        json!({"autopilotResponse": {}}),
        json!({"autopilotResponse": {"type": "text", "id": "m-1"}}),
        json!({"autopilotResponse": {"type": "text", "id": "m-1", "value": null}}),
        json!({"autopilotResponse": {"type": "text", "id": "m-1", "value": {"content": ""}}}),
        json!({"autopilotResponse": {"type": "form", "id": "m-1", "value": {"content": {"fields": []}}}}),
        json!({"data": {"message": {}}}),
        json!({"data": {"message": {"id": {"deep": 1}}}}),
    ] {
        check(body, Answer::default());
    }
}

#[test]
fn words_without_a_usable_id_are_words() {
    for id in [json!(null), json!(""), json!("two words"), json!({"uuid": "1"})] {
        check(json!({"autopilotResponse": {"value": {"content": "Hello"}, "id": id}}), said(None, "Hello"));
    }
}

#[test]
fn the_wrapped_answer_wins_over_the_flat_one() {
    let body = json!({
        "data": {"autopilotResponse": {"value": {"content": "new"}}},
        "autopilotResponse": {"value": {"content": "old"}},
        "ai_response": {"text": "oldest"},
    });
    check(body, said(None, "new"));
}

#[test]
fn what_is_no_answer_is_refused() {
    refused(json!("ok"));
    refused(json!([{"ai_response": {"text": "Hello"}}]));
    refused(json!(true));
    refused(json!({"success": false}));
    refused(json!({"success": false, "error": {"message": "boom"}}));
}

#[test]
fn words_are_not_shown_by_debug() {
    let answer = Answer {
        resolved: Some(Resolution { summary: Some("canary".to_owned()), sentiment: None }),
        ..said(Some("m-1"), "canary")
    };
    assert!(!format!("{answer:?}").contains("canary"));
}
