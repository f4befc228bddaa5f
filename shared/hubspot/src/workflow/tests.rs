use super::{ActionError, parse_action};
use domain::{ActionObject, ContactId, ThreadId, TicketId};
use serde_json::{Value, json};

fn execution(object: &Value, more: &Value) -> Value {
    let mut body = json!({
        "callbackId": "ap-12345-56776413549-7-0",
        "origin": { "portalId": 12345, "actionDefinitionId": 10_646_377, "actionDefinitionVersion": 1 },
        "context": { "source": "WORKFLOWS", "workflowId": 192_814_114 },
        "object": object,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn object_of(kind: &str) -> ActionObject {
    let body = execution(&json!({ "objectId": 903, "objectType": kind }), &json!({}));
    parse_action(body.to_string().as_bytes()).unwrap().object
}

#[test]
fn the_enrolled_object_is_known_by_name_and_by_number() {
    let ticket = ActionObject::Ticket(TicketId::parse("903").unwrap());
    let contact = ActionObject::Contact(ContactId::parse("903").unwrap());
    let thread = ActionObject::Thread(ThreadId::parse("903").unwrap());
    let check = |kind: &str, expected: &ActionObject| assert_eq!(&object_of(kind), expected, "{kind}");
    check("TICKET", &ticket);
    check("ticket", &ticket);
    check("0-5", &ticket);
    check("CONTACT", &contact);
    check("0-1", &contact);
    check("CONVERSATION", &thread);
    check("0-11", &thread);
    check("DEAL", &ActionObject::Other { kind: "DEAL".to_owned() });
}

#[test]
fn a_tickets_thread_and_the_input_fields_are_read() {
    let object = json!({ "objectId": "903", "objectType": "TICKET",
        "properties": { "hs_conversations_originating_thread_id": "176347007", "subject": null } });
    let inputs = json!({ "reason": "angry", "count": 2, "typed": { "type": "STRING", "value": "x" }, "empty": "" });
    let call = parse_action(execution(&object, &json!({ "inputFields": inputs })).to_string().as_bytes()).unwrap();
    assert_eq!(call.callback_id, "ap-12345-56776413549-7-0");
    assert_eq!(call.portal.as_str(), "12345");
    assert_eq!(call.thread, Some(ThreadId::parse("176347007").unwrap()));
    let inputs: Vec<_> = call.inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(inputs, [("count", "2"), ("reason", "angry"), ("typed", "x")]);
    assert!(!format!("{call:?}").contains("angry"), "what a customer wrote is in no log");

    let older = execution(&object, &json!({ "fields": { "reason": "older" } }));
    assert_eq!(parse_action(older.to_string().as_bytes()).unwrap().inputs["reason"], "older");
}

#[test]
fn what_is_missing_is_named() {
    let check = |body: &str, expected: ActionError| assert_eq!(parse_action(body.as_bytes()), Err(expected), "{body}");
    let field = |field| ActionError::Field { field, problem: "it is missing" };
    check("", ActionError::NotAnObject);
    check("{}", field("callbackId"));
    check(r#"{"callbackId":"a","object":{"objectId":1}}"#, field("object.objectType"));
    check(r#"{"callbackId":"a","object":{"objectType":"TICKET"}}"#, field("object.objectId"));
    check(r#"{"callbackId":"a","object":{"objectType":"TICKET","objectId":1}}"#, field("origin.portalId"));
}
