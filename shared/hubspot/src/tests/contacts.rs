use super::*;
use crate::{Contact, HubSpotError, NewContact};
use domain::ContactId;
use serde_json::json;

const CONTACT: &str = r#"{"id":"100451","properties":{"createdate":"2024-01-17T19:55:04.281Z","email":"testperson@hubspot.com","firstname":"Test","hs_object_id":"100451","lastname":"Person","phone":null},"createdAt":"2024-01-17T19:55:04.281Z","updatedAt":"2024-09-11T13:27:39.356Z","archived":false}"#;
const CONFLICT: &str = r#"{"status":"error","message":"Contact already exists. Existing ID: 6001","correlationId":"39b5e83f-0000-4000-8000-000000000000","category":"CONFLICT"}"#;
const NAMELESS_CONFLICT: &str = r#"{"status":"error","message":"Contact already exists.","category":"CONFLICT"}"#;
const MISSING: &str = r#"{"status":"error","message":"resource not found","category":"OBJECT_NOT_FOUND"}"#;

fn ada() -> NewContact {
    NewContact {
        email: Some("ada@example.com".into()),
        name: Some("Ada King Lovelace".into()),
        phone: Some(" ".into()),
    }
}

#[tokio::test]
async fn a_contact_by_e_mail_in_both_families() {
    for (versions, prefix) in [(ApiVersions::dated(), "/crm/objects/2026-09"), (ApiVersions::v3(), "/crm/v3/objects")] {
        let script = Script::with(versions, Duration::from_mins(1), [answer(200, CONTACT)]);
        let found = script.portal.contact_by_email(" test+person/x@hubspot.com ").await.unwrap();
        assert_eq!(found, Some(id("100451")));
        let line = format!("GET {prefix}/contacts/test%2Bperson%2Fx%40hubspot.com?idProperty=email&properties=email");
        assert_eq!(script.request().line, line);
    }
    assert_eq!(Script::of(404, MISSING).portal.contact_by_email("nobody@example.com").await.unwrap(), None);
}

#[tokio::test]
async fn a_contact_by_id() {
    let found = Script::of(200, CONTACT).portal.contact(&id("100451")).await.unwrap().unwrap();
    let expected = Contact {
        id: id("100451"),
        email: Some("testperson@hubspot.com".into()),
        name: Some("Test Person".into()),
        phone: None,
    };
    assert_eq!(found, expected);
    assert_eq!(format!("{found:?}"), r#"Contact { id: ContactId("100451"), .. }"#);
}

#[tokio::test]
async fn a_new_contact() {
    let script = Script::of(201, CONTACT);
    assert_eq!(script.portal.create_contact(&ada()).await.unwrap(), (id("100451"), true));
    let expected = json!({"properties": {"email": "ada@example.com", "firstname": "Ada", "lastname": "King Lovelace"}});
    assert_eq!(
        (script.request().line.as_str(), script.request().body),
        ("POST /crm/objects/2026-09/contacts", expected)
    );
}

#[tokio::test]
async fn a_contact_that_exists_is_the_answer() {
    let script = Script::of(409, CONFLICT);
    assert_eq!(script.portal.create_contact(&ada()).await.unwrap(), (id("6001"), false));

    let found = format!(r#"{{"total":1,"results":[{CONTACT}]}}"#);
    let script = Script::new([answer(409, NAMELESS_CONFLICT), answer(200, &found)]);
    assert_eq!(script.portal.create_contact(&ada()).await.unwrap(), (id("100451"), false));
    assert_eq!(script.lines()[1], "POST /crm/objects/2026-09/contacts/search");
    let filter = json!({"propertyName": "email", "operator": "EQ", "value": "ada@example.com"});
    let expected = json!({"filterGroups": [{"filters": [filter]}], "properties": ["email"], "limit": 1});
    assert_eq!(script.requests()[1].body, expected);

    let script = Script::new([answer(409, NAMELESS_CONFLICT), answer(200, r#"{"total":0,"results":[]}"#)]);
    let error = script.portal.create_contact(&ada()).await.unwrap_err();
    assert!(matches!(error, HubSpotError::Conflict { existing: None }));
}

#[tokio::test]
async fn search_is_a_read() {
    let script = Script::new([broken(), answer(200, r#"{"total":0,"results":[]}"#)]);
    assert_eq!(script.portal.search_contact("ada@example.com").await.unwrap(), None::<ContactId>);
}
