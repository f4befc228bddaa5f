use super::*;
use crate::{HubSpotError, NewTicket};
use serde_json::json;
use std::collections::BTreeMap;

const CREATED: &str = r#"{"id":"1145814089","properties":{"hs_object_id":"1145814089","hs_pipeline":"0","hs_pipeline_stage":"1"},"createdAt":"2024-08-15T17:09:13.648Z","updatedAt":"2024-08-15T17:09:13.648Z","archived":false}"#;
const TICKET: &str = r#"{"id":"1145814089","properties":{"subject":"canary","content":"","hs_pipeline":"0","hs_pipeline_stage":"1","hubspot_owner_id":null},"createdAt":"2024-08-15T17:09:13.648Z","updatedAt":"2024-08-15T17:09:13.648Z","archived":false,"associations":{"contacts":{"results":[{"id":"201","type":"ticket_to_contact"},{"id":"201","type":"ticket_to_contact_unlabeled"}]}}}"#;
const MISSING: &str = r#"{"status":"error","message":"Object not found.","category":"OBJECT_NOT_FOUND"}"#;

fn properties(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn opening_a_ticket_with_its_contact() {
    let ticket = NewTicket {
        properties: properties(&[("subject", "[#1] Help"), ("hs_pipeline_stage", "1")]),
        contact: Some(id("201")),
    };
    let script = Script::of(201, CREATED);
    assert_eq!(script.portal.create_ticket(&ticket).await.unwrap(), id("1145814089"));
    let expected = json!({
        "properties": {"subject": "[#1] Help", "hs_pipeline_stage": "1"},
        "associations": [{"to": {"id": "201"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 16}]}]
    });
    assert_eq!(
        (script.request().line.as_str(), script.request().body),
        ("POST /crm/objects/2026-09/tickets", expected)
    );

    let script = Script::of(201, CREATED);
    script.portal.create_ticket(&NewTicket { contact: None, ..ticket }).await.unwrap();
    assert_eq!(script.request().body.get("associations"), None);
}

#[tokio::test]
async fn a_taken_unique_value_has_two_forms() {
    let inner = r#"{"status":"error","message":"Property values were not valid: [{\"error\":\"CONFLICTING_UNIQUE_VALUE\",\"name\":\"opencx_handoff_id\"}]","category":"VALIDATION_ERROR"}"#;
    for (status, body) in [(409, r#"{"category":"CONFLICT"}"#), (400, inner)] {
        let error = Script::of(status, body).portal.create_ticket(&NewTicket::default()).await.unwrap_err();
        assert!(matches!(error, HubSpotError::DuplicateValue), "{error}");
        let error = Script::of(status, body).portal.update_ticket(&id("1"), &BTreeMap::new()).await.unwrap_err();
        assert!(matches!(error, HubSpotError::DuplicateValue), "{error}");
    }
}

#[tokio::test]
async fn reading_a_ticket() {
    let script = Script::of(200, TICKET);
    let ticket = script.portal.ticket(&id("1145814089"), &["subject", "content"]).await.unwrap().unwrap();
    let texts = properties(&[("content", ""), ("hs_pipeline", "0"), ("hs_pipeline_stage", "1"), ("subject", "canary")]);
    assert_eq!((ticket.properties.clone(), ticket.contacts.clone()), (texts, vec![id("201")]));
    assert!(!format!("{ticket:?}").contains("canary"));
    let line = "GET /crm/objects/2026-09/tickets/1145814089?associations=contacts&properties=subject%2Ccontent";
    assert_eq!(script.request().line, line);

    let script = Script::of(200, TICKET);
    script.portal.ticket_by("opencx_handoff_id", "s-1#2", &[]).await.unwrap().unwrap();
    let line = "GET /crm/objects/2026-09/tickets/s-1%232?idProperty=opencx_handoff_id&associations=contacts";
    assert_eq!(script.request().line, line);

    assert_eq!(Script::of(404, MISSING).portal.ticket(&id("1"), &[]).await.unwrap(), None);
    assert_eq!(Script::of(404, MISSING).portal.ticket_by("a", "b", &[]).await.unwrap(), None);
}

#[tokio::test]
async fn the_tickets_of_a_contact_newest_first() {
    let contact = r#"{"id":"201","properties":{},"associations":{"tickets":{"results":[{"id":"99"},{"id":"1145814089"},{"id":"99"}]}}}"#;
    let read =
        format!(r#"{{"status":"COMPLETE","results":[{{"id":"99","properties":{{"subject":"old"}}}},{CREATED}]}}"#);
    let script = Script::new([answer(200, contact), answer(207, &read)]);
    let tickets = script.portal.tickets_of_contact(&id("201"), &["subject"]).await.unwrap();
    let ids: Vec<&str> = tickets.iter().map(|ticket| ticket.id.as_str()).collect();
    assert_eq!(ids, ["1145814089", "99"]);
    assert_eq!(tickets[0].contacts, [id("201")]);
    let lines =
        ["GET /crm/objects/2026-09/contacts/201?associations=tickets", "POST /crm/objects/2026-09/tickets/batch/read"];
    assert_eq!(script.lines(), lines);
    assert_eq!(
        script.requests()[1].body,
        json!({"properties": ["subject"], "inputs": [{"id": "1145814089"}, {"id": "99"}]})
    );

    let none = Script::of(200, r#"{"id":"201","properties":{}}"#);
    assert!(none.portal.tickets_of_contact(&id("201"), &[]).await.unwrap().is_empty());
    assert!(Script::of(404, MISSING).portal.tickets_of_contact(&id("201"), &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn updating_a_ticket() {
    let script = Script::new([broken(), answer(200, CREATED)]);
    script.portal.update_ticket(&id("1145814089"), &properties(&[("hs_pipeline_stage", "4")])).await.unwrap();
    assert_eq!(script.lines(), ["PATCH /crm/objects/2026-09/tickets/1145814089"; 2]);
    assert_eq!(script.requests()[0].body, json!({"properties": {"hs_pipeline_stage": "4"}}));
}
