use super::*;
use crate::policy::HubSpotPolicy;
use domain::Retry;
use http::{StatusCode, header};
use std::time::Duration;
use transport::TransportError::{Broken, NoTime, NotSent};
use transport::json::Policy;

fn response(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// The canary stands for people's words; it must not be in what a log would show.
#[track_caller]
fn check(status: u16, body: &str, expected: &str, retry: Retry) {
    let error = judge(&response(status, body));
    assert_eq!(error.to_string(), expected, "{status}: {body}");
    assert_eq!(error.retry(), retry, "{status}: {body}");
    assert!(!error.maybe_done());
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

const LATER: Retry = Retry::Later { after: None };

#[test]
fn credentials_and_scopes() {
    let expired = r#"{"status":"error","message":"The OAuth token used to make this call expired 75 second(s) ago.","category":"EXPIRED_AUTHENTICATION","context":{"expire time":["2022-06-21T10:37:52.040Z"]}}"#;
    check(401, expired, "HubSpot refused the token: it has expired", Retry::Never);
    check(401, r#"{"category":"INVALID_AUTHENTICATION"}"#, "HubSpot refused the token: it is not valid", Retry::Never);
    check(401, "", "HubSpot refused the token: it is not valid", Retry::Never);
    let scopes = r#"{"status":"error","message":"This app hasn't been granted all required scopes","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.companies.write"]}}],"links":{"scopes":"https://developers.hubspot.com/scopes"},"category":"MISSING_SCOPES"}"#;
    check(403, scopes, r#"HubSpot refused the call: missing scopes ["crm.objects.companies.write"]"#, Retry::Never);
    check(403, r#"{"category":"MISSING_SCOPES"}"#, "HubSpot refused the call: missing scopes []", Retry::Never);
    let demoted = r#"{"category":"USER_DOES_NOT_HAVE_PERMISSIONS","correlationId":"c-1","message":"canary"}"#;
    let said = "HubSpot refused the request: status 403, USER_DOES_NOT_HAVE_PERMISSIONS, correlation id c-1";
    check(403, demoted, said, Retry::Never);
}

#[test]
fn conflicts_name_what_exists() {
    let existing = |body: &str| match judge(&response(409, body)) {
        HubSpotError::Conflict { existing } => existing,
        other => panic!("{other:?}"),
    };
    let named = r#"{"status":"error","message":"Contact already exists. Existing ID: 6001","correlationId":"39b5e83f-0000-4000-8000-000000000000","category":"CONFLICT"}"#;
    assert_eq!(existing(named).as_deref(), Some("6001"));
    assert_eq!(existing(r#"{"message":"Contact already exists. Existing ID:42)."}"#).as_deref(), Some("42"));
    assert_eq!(existing(r#"{"message":"Contact already exists."}"#), None);
    assert_eq!(existing(r#"{"message":"Existing ID: none"}"#), None);
    assert_eq!(existing("no json"), None);
}

#[test]
fn refused_properties() {
    let unknown = r#"{"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"missing\\\" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"missing\",\"localizedErrorMessage\":\"Property \\\"missing\\\" does not exist\",\"portalId\":891936587}]","correlationId":"a43683b0-5717-4ceb-80b4-104d02915d8c","category":"VALIDATION_ERROR"}"#;
    check(400, unknown, r#"HubSpot refused the write: unknown properties ["missing"]"#, Retry::Never);
    let listed = r#"{"category":"VALIDATION_ERROR","message":"canary","errors":[{"code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["b"]}},{"code":"PROPERTY_DOESNT_EXIST","in":"a"},{"code":"PROPERTY_DOESNT_EXIST","name":"b"}]}"#;
    check(400, listed, r#"HubSpot refused the write: unknown properties ["a", "b"]"#, Retry::Never);
    let taken = r#"{"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"canary\",\"error\":\"CONFLICTING_UNIQUE_VALUE\",\"name\":\"opencx_handoff_id\"}]","category":"VALIDATION_ERROR"}"#;
    let said = "HubSpot refused the write: another record has the same value in a unique property";
    check(400, taken, said, Retry::Never);
    check(
        400,
        r#"{"category":"VALIDATION_ERROR","errors":[{"code":"DUPLICATE_UNIQUE_PROPERTY_VALUE"}]}"#,
        said,
        Retry::Never,
    );
    let option = r#"{"message":"Property values were not valid: [{\"error\":\"INVALID_OPTION\",\"name\":\"hs_ticket_priority\"}]","correlationId":"c-2","category":"VALIDATION_ERROR"}"#;
    check(400, option, "HubSpot refused the request: status 400, VALIDATION_ERROR, correlation id c-2", Retry::Never);
}

#[test]
fn other_refusals() {
    let generic = r#"{"status":"error","message":"canary","errors":[{"message":"canary","in":"name"}],"category":"VALIDATION_ERROR","correlationId":"a43683b0-5717-4ceb-80b4-104d02915d8c"}"#;
    let said = "HubSpot refused the request: status 400, VALIDATION_ERROR, correlation id a43683b0-5717-4ceb-80b4-104d02915d8c";
    check(400, generic, said, Retry::Never);
    let visitor = r#"{"status":"error","message":"Multiple errors validating request.","errors":[{"subCategory":"ConversationsApiError.UNSUPPORTED_ACTOR_TYPE","message":"Actor type VISITOR is not supported for sending"},{"subCategory":"ConversationsApiError.INVALID_ARGUMENT_TYPE","message":"Invalid actorId type"}]}"#;
    let said =
        "HubSpot refused the request: status 400, ConversationsApiError.UNSUPPORTED_ACTOR_TYPE, correlation id unknown";
    check(400, visitor, said, Retry::Never);
    for odd in
        ["", "[]", "null", "7", "<html>canary</html>", r#"{"errors":"canary","message":["canary"],"category":{"a":1}}"#]
    {
        check(400, odd, "HubSpot refused the request: status 400, no category, correlation id unknown", Retry::Never);
    }
    check(415, "", "HubSpot refused the request: status 415, no category, correlation id unknown", Retry::Never);
    check(302, "", "HubSpot refused the request: status 302, no category, correlation id unknown", Retry::Never);
    check(404, "<html>", "HubSpot has no such record", Retry::Never);
}

#[test]
fn limits_say_how_long() {
    let after = |seconds| Retry::Later { after: Some(Duration::from_secs(seconds)) };
    let said = "HubSpot's rate limit is reached";
    check(429, r#"{"policyName":"DAILY"}"#, said, after(1800));
    check(429, r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#, said, after(10));
    check(429, r#"{"policyName":"SECONDLY"}"#, said, after(1));
    check(429, r#"{"message":"You have reached your secondly limit."}"#, said, after(1));
    let mut asked = response(429, r#"{"policyName":"DAILY"}"#);
    asked.headers_mut().insert(header::RETRY_AFTER, "3600".parse().unwrap());
    assert_eq!(judge(&asked).retry(), after(3600));
}

#[test]
fn an_outage_passes() {
    for status in [408, 423, 477, 500, 502, 503, 504, 521, 523, 524] {
        check(status, "", &format!("HubSpot is unavailable: status {status}"), LATER);
    }
    let mut moving = response(477, "");
    moving.headers_mut().insert(header::RETRY_AFTER, "86400".parse().unwrap());
    assert_eq!(judge(&moving).retry(), Retry::Later { after: Some(Duration::from_hours(24)) });
}

#[test]
fn a_single_write_is_in_doubt_only_where_hubspot_may_have_done_it() {
    let doubt = |error: HubSpotError| HubSpotPolicy::of_single_write(error).maybe_done();
    for status in [408, 500, 502, 503, 504, 524] {
        assert!(doubt(judge(&response(status, ""))), "{status}");
    }
    for status in [400, 401, 403, 404, 409, 423, 429, 477] {
        assert!(!doubt(judge(&response(status, ""))), "{status}");
    }
    assert!(doubt(HubSpotError::Transport(Broken("reset".into()))));
    assert!(!doubt(HubSpotError::Transport(NotSent("refused".into()))));
    assert!(!doubt(HubSpotError::Transport(NoTime)));
    let lost = HubSpotPolicy::of_single_write(HubSpotError::Transport(Broken("reset".into())));
    assert_eq!(lost.retry(), LATER);
}
