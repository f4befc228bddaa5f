use super::*;
use serde_json::{Value, json};

/// Captured from HubSpot in 2022.
const NEW_MESSAGE: &str = r#"[{"eventId":3814323381,"subscriptionId":1870311,"portalId":22761544,"appId":1098266,"occurredAt":1670383777358,"subscriptionType":"conversation.newMessage","attemptNumber":0,"objectId":3624100517,"messageId":"e835c5f42631462ea4447601c8e1e394","messageType":"MESSAGE","changeFlag":"NEW_MESSAGE"}]"#;

fn event(fields: &Value) -> Value {
    let mut event = json!({
        "eventId": 3_814_323_390_u64, "subscriptionId": 1_870_312, "portalId": 22_761_544, "appId": 1_098_266,
        "occurredAt": 1_670_383_790_000_i64, "attemptNumber": 0, "objectId": 3_624_100_517_u64
    });
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn parse(events: &[Value]) -> Batch {
    parse_batch(&serde_json::to_vec(events).unwrap()).unwrap()
}

#[track_caller]
fn check(fields: &Value, expected: &EventKind) {
    let batch = parse(&[event(fields)]);
    let kinds: Vec<&EventKind> = batch.events.iter().map(|event| &event.kind).collect();
    assert_eq!(kinds, [expected], "{fields}");
}

#[track_caller]
fn check_unreadable(element: &Value) {
    let expected = Batch { events: Vec::new(), ignored: 0, unreadable: 1 };
    assert_eq!(parse(std::slice::from_ref(element)), expected, "{element}");
}

fn thread() -> domain::ThreadId {
    "3624100517".parse().unwrap()
}

#[test]
fn a_captured_delivery() {
    let batch = parse_batch(NEW_MESSAGE.as_bytes()).unwrap();
    let expected = HubSpotEvent {
        portal: "22761544".parse().unwrap(),
        app: Some("1098266".parse().unwrap()),
        occurred_at: "2022-12-07T03:29:37.358Z".parse().unwrap(),
        kind: EventKind::MessageReceived {
            thread: thread(),
            message: "e835c5f42631462ea4447601c8e1e394".parse().unwrap(),
        },
    };
    assert_eq!(batch, Batch { events: vec![expected], ignored: 0, unreadable: 0 });
}

#[test]
fn every_kind_we_act_on() {
    let message = || EventKind::MessageReceived { thread: thread(), message: "abc-123".parse().unwrap() };
    check(&json!({"subscriptionType": "conversation.newMessage", "messageId": "abc-123"}), &message());
    check(&json!({"subscriptionType": "conversation.messageCreated", "messageId": "abc-123"}), &message());
    check(
        &json!({"subscriptionType": "conversation.creation", "changeFlag": "NEW"}),
        &EventKind::ThreadCreated { thread: thread() },
    );
    check(&json!({"subscriptionType": "conversation.deletion"}), &EventKind::ThreadDeleted { thread: thread() });
    check(
        &json!({"subscriptionType": "conversation.privacyDeletion"}),
        &EventKind::ThreadPrivacyDeleted { thread: thread() },
    );
    let closed = EventKind::ThreadStatusChanged { thread: thread(), status: "CLOSED".into() };
    check(
        &json!({"subscriptionType": "conversation.propertyChange", "propertyName": "status", "propertyValue": "CLOSED"}),
        &closed,
    );
    let note = EventKind::NoteCreated { note: "3624100517".parse().unwrap() };
    check(&json!({"subscriptionType": "object.creation", "objectTypeId": "0-46", "changeFlag": "CREATED"}), &note);
    let contact = EventKind::ContactPrivacyDeleted { contact: "3624100517".parse().unwrap() };
    check(&json!({"subscriptionType": "contact.privacyDeletion"}), &contact);
}

#[test]
fn ticket_properties() {
    let changed = |value: Option<&str>, source: Option<&str>| EventKind::TicketPropertyChanged {
        ticket: "3624100517".parse().unwrap(),
        property: "hs_pipeline_stage".into(),
        value: value.map(Into::into),
        change_source: source.map(Into::into),
        source_id: source.map(|_| "userId:75514748".into()),
    };
    let sent = json!({"subscriptionType": "ticket.propertyChange", "propertyName": "hs_pipeline_stage", "propertyValue": "4",
        "changeSource": "CRM_UI", "sourceId": "userId:75514748", "isSensitive": false});
    check(&sent, &changed(Some("4"), Some("CRM_UI")));
    let generic = json!({"subscriptionType": "object.propertyChange", "objectTypeId": "0-5", "propertyName": "hs_pipeline_stage"});
    check(&generic, &changed(None, None));
    for (value, expected) in
        [(json!(""), Some("")), (json!(null), None), (json!(4), Some("4")), (json!(true), Some("true"))]
    {
        let sent = json!({"subscriptionType": "ticket.propertyChange", "propertyName": "hs_pipeline_stage", "propertyValue": value});
        check(&sent, &changed(expected, None));
    }
}

#[test]
fn merged_and_deleted_tickets() {
    let ticket = |id: &str| domain::TicketId::parse(id).unwrap();
    let merged = |winner: &str, merged: &[&str]| EventKind::TicketMerged {
        winner: ticket(winner),
        merged: merged.iter().map(|id| ticket(id)).collect(),
    };
    let cases = [
        (json!({"primaryObjectId": 11, "mergedObjectIds": [12, "13"]}), merged("11", &["12", "13"])),
        (json!({"primaryObjectId": "11", "mergedObjectIds": [12], "newObjectId": 20}), merged("20", &["11", "12"])),
        (json!({"objectId": 11, "mergedObjectIds": [11, 12, 12], "newObjectId": null}), merged("11", &["12"])),
        (json!({"objectId": 11}), merged("11", &[])),
    ];
    for (fields, expected) in cases {
        for kind in [
            json!({"subscriptionType": "ticket.merge"}),
            json!({"subscriptionType": "object.merge", "objectTypeId": "0-5"}),
        ] {
            let mut sent = kind;
            sent.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            check(&sent, &expected);
        }
    }
    check(
        &json!({"subscriptionType": "ticket.deletion", "objectId": 11}),
        &EventKind::TicketDeleted { ticket: ticket("11") },
    );
    check_unreadable(
        &json!({"subscriptionType": "ticket.merge", "portalId": 1, "occurredAt": 1, "mergedObjectIds": [1]}),
    );
}

#[test]
fn all_forms_of_an_assignee() {
    let agent = || Some(ActorId::Agent("3892666".into()));
    let table = [
        (json!("A-3892666"), agent()),
        (json!("3892666"), agent()),
        (json!(3_892_666), agent()),
        (json!(" A-3892666 "), agent()),
        (json!("L-77"), Some(ActorId::Llm("77".into()))),
        (json!("B-1"), Some(ActorId::Bot("1".into()))),
        (json!(""), None),
        (json!("  "), None),
        (json!(null), None),
    ];
    for (value, assignee) in table {
        let sent = json!({"subscriptionType": "conversation.propertyChange", "propertyName": "assignedTo", "propertyValue": value});
        check(&sent, &EventKind::ThreadAssigned { thread: thread(), assignee });
    }
    let absent = json!({"subscriptionType": "conversation.propertyChange", "propertyName": "assignedTo"});
    check(&absent, &EventKind::ThreadAssigned { thread: thread(), assignee: None });
}

#[test]
fn ids_and_times_are_numbers_or_texts() {
    let texts = json!({"subscriptionType": "conversation.creation", "objectId": "9598272090", "portalId": "12345678",
        "appId": "2345678", "occurredAt": "1713790000000"});
    let batch = parse(&[event(&texts)]);
    assert_eq!(batch.events[0].portal.as_str(), "12345678");
    assert_eq!(batch.events[0].kind.thread().unwrap().as_str(), "9598272090");
    assert_eq!(batch.events[0].occurred_at.as_millisecond(), 1_713_790_000_000);
    let no_app = parse(&[event(&json!({"subscriptionType": "conversation.creation", "appId": null}))]);
    assert_eq!(no_app.events[0].app, None);
}

#[test]
fn the_guides_name_of_the_type() {
    check(&json!({"eventType": "conversation.creation"}), &EventKind::ThreadCreated { thread: thread() });
    check(
        &json!({"subscriptionType": "", "eventType": "conversation.creation"}),
        &EventKind::ThreadCreated { thread: thread() },
    );
}

#[test]
fn kinds_we_do_not_act_on() {
    let table = [
        json!({"subscriptionType": "contact.creation"}),
        json!({"subscriptionType": "ticket.creation"}),
        json!({"subscriptionType": "object.creation", "objectTypeId": "2-143967026"}),
        json!({"subscriptionType": "object.creation"}),
        json!({"subscriptionType": "object.propertyChange", "objectTypeId": "2-143967026", "propertyName": "name"}),
        json!({"subscriptionType": "conversation.propertyChange", "propertyName": "isArchived", "propertyValue": "FALSE"}),
        json!({"subscriptionType": "something.new", "objectId": null, "portalId": null, "occurredAt": null}),
    ];
    let events: Vec<Value> = table.iter().map(event).collect();
    assert_eq!(parse(&events), Batch { events: Vec::new(), ignored: 7, unreadable: 0 });
}

#[test]
fn events_that_lack_what_their_kind_needs() {
    let table = [
        json!({"subscriptionType": "conversation.creation", "objectId": null}),
        json!({"subscriptionType": "conversation.creation", "objectId": ""}),
        json!({"subscriptionType": "conversation.creation", "objectId": {"id": 1}}),
        json!({"subscriptionType": "conversation.creation", "objectId": "a/b"}),
        json!({"subscriptionType": "conversation.creation", "portalId": null}),
        json!({"subscriptionType": "conversation.creation", "occurredAt": "yesterday"}),
        json!({"subscriptionType": "conversation.creation", "occurredAt": i64::MAX}),
        json!({"subscriptionType": "conversation.newMessage"}),
        json!({"subscriptionType": "conversation.propertyChange"}),
        json!({"subscriptionType": "conversation.propertyChange", "propertyName": "status"}),
        json!({"subscriptionType": "ticket.propertyChange", "propertyName": ""}),
        json!({"subscriptionType": null}),
        json!({"subscriptionType": ["conversation.creation"]}),
    ];
    for fields in table {
        check_unreadable(&event(&fields));
    }
    for element in [json!(42), json!(null), json!("conversation.creation"), json!({}), json!([[]])] {
        check_unreadable(&element);
    }
}

#[test]
fn one_odd_event_among_good_ones() {
    let good = |thread: u64| event(&json!({"subscriptionType": "conversation.creation", "objectId": thread}));
    let batch = parse(&[good(1), json!("odd"), good(2), json!({"subscriptionType": "contact.merge"}), good(3)]);
    let threads: Vec<&str> = batch.events.iter().map(|event| event.kind.thread().unwrap().as_str()).collect();
    assert_eq!((threads, batch.ignored, batch.unreadable), (vec!["1", "2", "3"], 1, 1));
    let lone_surrogate = br#"[{"subscriptionType":"conversation.creation","portalId":1,"occurredAt":1,"objectId":7},{"subscriptionType":"\ud800"}]"#;
    let batch = parse_batch(lone_surrogate).unwrap();
    assert_eq!((batch.events.len(), batch.unreadable), (1, 1));
}

#[test]
fn bodies_that_are_no_delivery() {
    let table: [(&[u8], BatchError); 9] = [
        (b"", BatchError::NotAnArray),
        (b"   ", BatchError::NotAnArray),
        (b"{}", BatchError::NotAnArray),
        (b"null", BatchError::NotAnArray),
        (b"[{\"objectId\":1}", BatchError::NotAnArray),
        (b"[] []", BatchError::NotAnArray),
        (b"<html></html>", BatchError::NotAnArray),
        (b"[\"\xff\"]", BatchError::NotUtf8),
        (b"\xff\xfe[\0]\0", BatchError::NotUtf8),
    ];
    for (body, expected) in table {
        assert_eq!(parse_batch(body), Err(expected), "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(parse_batch(b"[]"), Ok(Batch::default()));
    assert_eq!(parse_batch(b" [\n] "), Ok(Batch::default()));
}

#[test]
fn size_is_bound() {
    let padded = |size: usize| format!("[{}]", " ".repeat(size - 2)).into_bytes();
    assert_eq!(parse_batch(&padded(MAX_BODY)), Ok(Batch::default()));
    assert_eq!(parse_batch(&padded(MAX_BODY + 1)), Err(BatchError::TooLarge));
}

#[test]
fn ten_thousand_events() {
    let small = r#"{"subscriptionType":"conversation.creation","portalId":1,"occurredAt":1,"objectId":7}"#;
    let body = format!("[{}]", vec![small; 10_000].join(","));
    assert!(body.len() <= MAX_BODY);
    assert_eq!(parse_batch(body.as_bytes()).unwrap().events.len(), 10_000);
}

#[test]
fn depth_costs_no_stack() {
    let depth = 500_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(parse_batch(deep.as_bytes()), Ok(Batch { events: Vec::new(), ignored: 0, unreadable: 1 }));
    assert_eq!(parse_batch("[".repeat(MAX_BODY).as_bytes()), Err(BatchError::NotAnArray));
    let hidden = format!(
        r#"[{{"subscriptionType":"conversation.creation","portalId":1,"occurredAt":1,"objectId":7,"sourceId":{0},"extra":{0}}}]"#,
        format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000))
    );
    assert_eq!(parse_batch(hidden.as_bytes()).unwrap().events.len(), 1);
}

#[test]
fn a_channels_own_call_is_the_event_of_its_message() {
    let call = json!({
        "type": "OUTGOING_CHANNEL_MESSAGE_CREATED", "portalId": "22761544", "channelId": "1057",
        "eventId": "e-1", "eventTimestamp": "2026-11-20T10:00:00.000Z", "channelIntegrationThreadIds": ["s-1"],
        "message": { "id": "e835c5f42631462ea4447601c8e1e394", "conversationsThreadId": "3624100517", "type": "MESSAGE" },
    });
    let read = |call: &Value| parse_batch(call.to_string().as_bytes()).unwrap();
    let batch = read(&call);
    let webhook = parse_batch(NEW_MESSAGE.as_bytes()).unwrap();
    assert_eq!(batch.events.len(), 1, "{batch:?}");
    assert_eq!(batch.events[0].dedup_key(), webhook.events[0].dedup_key(), "one effect, whichever comes first");
    assert_eq!(batch.events[0].occurred_at, "2026-11-20T10:00:00Z".parse().unwrap());
    let mut millis = call.clone();
    millis["eventTimestamp"] = json!(1_795_168_800_000_u64);
    assert_eq!(read(&millis).events.len(), 1);
    let mut later = call.clone();
    later["eventTimestamp"] = Value::Null;
    later["message"]["createdAt"] = json!("2026-11-20T10:00:01Z");
    assert_eq!(read(&later).events[0].occurred_at, "2026-11-20T10:00:01Z".parse().unwrap());
    for (field, value) in [("message", Value::Null), ("portalId", json!(""))] {
        let mut odd = call.clone();
        odd[field] = value;
        assert_eq!(read(&odd), Batch { unreadable: 1, ..Batch::default() }, "{field}");
    }
    let account = read(&json!({ "type": "CHANNEL_ACCOUNT_CREATED", "portalId": "22761544" }));
    assert_eq!(account, Batch { ignored: 1, ..Batch::default() });
    assert_eq!(parse_batch(b"[\"OUTGOING_CHANNEL_MESSAGE_CREATED\"]").unwrap().unreadable, 1, "a list is a list");
}
