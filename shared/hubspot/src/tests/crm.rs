use super::*;
use crate::{NewProperty, Owner, PropertyKind, Stage, TicketProperty, TokenInfo};
use serde_json::json;

const OWNER: &str = r#"{"id":"81538190","email":"salesmanager@hubspot.com","type":"PERSON","firstName":"Sales","lastName":"Manager Example","userId":3892666,"userIdIncludingInactive":3892666,"archived":false}"#;
const ARCHIVED: &str = r#"{"id":"42103462","email":"useremail@hubspot.com","type":"PERSON","firstName":"","lastName":"","userId":null,"userIdIncludingInactive":9685555,"archived":true}"#;
const NOTE: &str = r#"{"id":"17147287858","properties":{"hs_note_body":"<p>Fixed by <b>re-uploading</b> the cert.</p>","hs_timestamp":"2024-10-21T12:00:00Z","hubspot_owner_id":"81538190","hs_createdate":"2024-10-21T12:00:00Z","hs_object_source":"INTEGRATION","hs_object_source_id":"1098266","hs_created_by_user_id":"3892666"},"createdAt":"2024-10-21T12:00:00Z","archived":false,"associations":{"tickets":{"results":[{"id":"1145814089","type":"note_to_ticket"}]}}}"#;
const PIPELINES: &str = r#"{"results":[
 {"id":"9","label":"Old","displayOrder":2,"archived":true,"stages":[]},
 {"id":"7","label":"Second","displayOrder":1,"stages":[{"id":"8","label":"Over","displayOrder":0,"metadata":{"isClosed":"true"}}]},
 {"id":"0","label":"Support Pipeline","displayOrder":0,"stages":[
  {"id":"4","label":"Closed","displayOrder":3,"metadata":{"ticketState":"CLOSED","isClosed":"true"},"archived":false},
  {"id":"5","label":"Gone","displayOrder":4,"metadata":{"ticketState":"CLOSED"},"archived":true},
  {"id":"1","label":"New","displayOrder":0,"metadata":{"ticketState":"OPEN","isClosed":"false"},"archived":false}],"archived":false}]}"#;

fn manager() -> Owner {
    Owner {
        id: id("81538190"),
        user_id: Some("3892666".into()),
        email: Some("salesmanager@hubspot.com".into()),
        name: Some("Sales Manager Example".into()),
        archived: false,
    }
}

#[tokio::test]
async fn owners_in_both_families() {
    for (versions, prefix) in [(ApiVersions::dated(), "/crm/owners/2026-09"), (ApiVersions::v3(), "/crm/v3/owners")] {
        let list = format!(r#"{{"results":[{ARCHIVED},{OWNER}]}}"#);
        let script = Script::with(
            versions,
            Duration::from_mins(1),
            [answer(200, OWNER), answer(200, OWNER), answer(200, &list)],
        );
        assert_eq!(script.portal.owner_of_user("3892666").await.unwrap(), Some(manager()));
        assert_eq!(script.portal.owner(&id("81538190")).await.unwrap(), Some(manager()));
        assert_eq!(script.portal.owner_by_email("SalesManager@HubSpot.com").await.unwrap(), Some(manager()));
        let lines = [
            format!("GET {prefix}/3892666?idProperty=userId"),
            format!("GET {prefix}/81538190?idProperty=id"),
            format!("GET {prefix}?email=SalesManager%40HubSpot.com&limit=10"),
        ];
        assert_eq!(script.lines(), lines);
    }
}

#[tokio::test]
async fn owners_that_are_gone() {
    let owner = Script::of(200, ARCHIVED).portal.owner(&id("42103462")).await.unwrap().unwrap();
    assert_eq!((owner.user_id.as_deref(), owner.name.clone(), owner.archived), (Some("9685555"), None, true));
    assert!(!format!("{owner:?}").contains("useremail"));
    assert_eq!(Script::of(404, "{}").portal.owner_of_user("1").await.unwrap(), None);
    assert_eq!(Script::of(200, r#"{"results":[]}"#).portal.owner_by_email("a@example.com").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_note() {
    let script = Script::of(201, NOTE);
    assert_eq!(script.portal.create_note(&id("1145814089"), "<p>Hi</p>", start()).await.unwrap(), id("17147287858"));
    let expected = json!({
        "properties": {"hs_note_body": "<p>Hi</p>", "hs_timestamp": "2026-11-20T10:00:00Z"},
        "associations": [{"to": {"id": "1145814089"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 228}]}]
    });
    assert_eq!((script.request().line.as_str(), script.request().body), ("POST /crm/objects/2026-09/notes", expected));
}

#[tokio::test]
async fn reading_a_note() {
    let script = Script::of(200, NOTE);
    let note = script.portal.note(&id("17147287858")).await.unwrap().unwrap();
    assert_eq!(note.body_html, "<p>Fixed by <b>re-uploading</b> the cert.</p>");
    assert_eq!((note.created_by_user.as_deref(), note.owner.clone()), (Some("3892666"), Some(id("81538190"))));
    assert_eq!((note.source_app.clone(), note.tickets.clone()), (Some(id("1098266")), vec![id("1145814089")]));
    assert_eq!(note.created_at, "2024-10-21T12:00:00Z".parse().unwrap());
    assert!(!format!("{note:?}").contains("cert"));
    let line = script.request().line;
    assert!(
        line.starts_with("GET /crm/objects/2026-09/notes/17147287858?properties=hs_note_body%2Chs_timestamp"),
        "{line}"
    );
    assert!(line.ends_with("&associations=tickets"), "{line}");

    let by_person = NOTE
        .replace("INTEGRATION", "CRM_UI")
        .replace("\"1098266\"", "\"userId:3892666\"")
        .replace("\"associations\"", "\"other\"");
    let note = Script::of(200, &by_person).portal.note(&id("1")).await.unwrap().unwrap();
    assert_eq!((note.source_app, note.tickets, note.source.as_deref()), (None, Vec::new(), Some("CRM_UI")));
    assert_eq!(Script::of(404, "{}").portal.note(&id("1")).await.unwrap(), None);
}

#[tokio::test]
async fn the_notes_of_a_ticket_newest_first() {
    let ticket =
        r#"{"id":"1145814089","properties":{},"associations":{"notes":{"results":[{"id":"1"},{"id":"17147287858"}]}}}"#;
    let old = NOTE.replace("17147287858", "1").replace("2024-10-21", "2024-10-20");
    let script = Script::new([answer(200, ticket), answer(200, &format!(r#"{{"results":[{old},{NOTE}]}}"#))]);
    let notes = script.portal.notes_of_ticket(&id("1145814089")).await.unwrap();
    let ids: Vec<&str> = notes.iter().map(|note| note.id.as_str()).collect();
    assert_eq!((ids, notes[0].tickets.clone()), (vec!["17147287858", "1"], vec![id("1145814089")]));
    assert_eq!(script.lines()[0], "GET /crm/objects/2026-09/tickets/1145814089?associations=notes");
    assert_eq!(script.lines()[1], "POST /crm/objects/2026-09/notes/batch/read");
}

#[tokio::test]
async fn pipelines_in_order() {
    let script = Script::of(200, PIPELINES);
    let pipelines = script.portal.ticket_pipelines().await.unwrap();
    let ids: Vec<&str> = pipelines.iter().map(|pipeline| pipeline.id.as_str()).collect();
    assert_eq!((ids, script.request().line.as_str()), (vec!["0", "7"], "GET /crm/pipelines/2026-09/tickets"));
    let stage = |id: &str, label: &str, order, closed| Stage { id: id.into(), label: label.into(), order, closed };
    assert_eq!(pipelines[0].stages, [stage("1", "New", 0, false), stage("4", "Closed", 3, true)]);
    assert!(pipelines[1].stages[0].closed);
    let v3 = Script::with(ApiVersions::v3(), Duration::from_mins(1), [answer(200, r#"{"results":[]}"#)]);
    assert!(v3.portal.ticket_pipelines().await.unwrap().is_empty());
    assert_eq!(v3.request().line, "GET /crm/v3/pipelines/tickets");
}

#[tokio::test]
async fn properties() {
    let body = r#"{"results":[{"name":"plan","label":"Plan","type":"enumeration","fieldType":"select","options":[{"label":"Pro","value":"pro","displayOrder":0}]},{"name":"opencx_handoff_id","type":"string","hasUniqueValue":true,"options":[]},{"name":"x","type":"json"}]}"#;
    let listed = Script::of(200, body).portal.ticket_properties().await.unwrap();
    let property = |name: &str, kind, unique, options: &[&str]| TicketProperty {
        name: name.into(),
        kind,
        unique,
        read_only: false,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    let expected = [
        property("plan", PropertyKind::Choice, false, &["pro"]),
        property("opencx_handoff_id", PropertyKind::Text, true, &[]),
        property("x", PropertyKind::Other("json".into()), false, &[]),
    ];
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn creating_properties_that_may_exist() {
    let new = |kind, unique, options: &[&str]| NewProperty {
        name: "opencx_x".into(),
        label: "OpenCX X".into(),
        group: "opencx".into(),
        kind,
        unique,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    let common = json!({"name": "opencx_x", "label": "OpenCX X", "groupName": "opencx"});
    let yes_no = json!([{"label": "Yes", "value": "true", "displayOrder": 0}, {"label": "No", "value": "false", "displayOrder": 1}]);
    let table = [
        (new(PropertyKind::Text, true, &[]), json!({"type": "string", "fieldType": "text", "hasUniqueValue": true})),
        (
            new(PropertyKind::Checkbox, false, &[]),
            json!({"type": "bool", "fieldType": "booleancheckbox", "hasUniqueValue": false, "options": yes_no}),
        ),
        (
            new(PropertyKind::Choice, false, &["a"]),
            json!({"type": "enumeration", "fieldType": "select", "hasUniqueValue": false,
                "options": [{"label": "a", "value": "a", "displayOrder": 0}]}),
        ),
    ];
    for (property, rest) in table {
        let script = Script::new([broken(), answer(409, r#"{"category":"CONFLICT"}"#)]);
        script.portal.create_ticket_property(&property).await.unwrap();
        let mut expected = common.clone();
        expected.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        assert_eq!(script.requests()[0].body, expected);
        assert_eq!(script.lines(), ["POST /crm/properties/2026-09/tickets"; 2]);
    }
    let script = Script::of(201, r#"{"name":"opencx"}"#);
    script.portal.create_ticket_property_group("opencx", "OpenCX").await.unwrap();
    assert_eq!(script.request().line, "POST /crm/properties/2026-09/tickets/groups");
    assert_eq!(script.request().body, json!({"name": "opencx", "label": "OpenCX"}));
}

#[tokio::test]
async fn whose_token_it_is() {
    let body = r#"{"userId":1234567,"hubId":22761544,"appId":987654,"scopes":["tickets","conversations.read"]}"#;
    let script = Script::of(200, body);
    let expected = TokenInfo {
        portal: id("22761544"),
        app: id("987654"),
        user: Some("1234567".into()),
        scopes: vec!["tickets".into(), "conversations.read".into()],
    };
    assert_eq!(script.portal.token_info().await.unwrap(), expected);
    assert_eq!(script.request().line, "POST /oauth/v2/private-apps/get/access-token-info");
    assert_eq!(script.request().body, json!({"tokenKey": "pat-na1-canary"}));
}
