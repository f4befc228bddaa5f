use super::{RoutingFacts, route};
use crate::{Channel, HandoffReason, Sentiment, Settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An angry customer of the pro plan writes e-mails in Austrian German and wants a person.
fn check(rule: &str, routing: &Value, expected: Option<&str>) {
    let settings: Settings = serde_json::from_value(json!({ "routing": routing })).unwrap();
    let custom_data: BTreeMap<String, Value> =
        serde_json::from_value(json!({ "plan": "pro", "seats": 12, "vip": true, "tags": ["a"], "note": null }))
            .unwrap();
    let facts = RoutingFacts {
        channel: Channel::Email,
        language: Some("de-AT"),
        sentiment: Some(Sentiment::Angry),
        reason: &HandoffReason::UserRequestedHumanAssistance,
        custom_data: &custom_data,
    };
    assert_eq!(route(&settings, &facts), expected, "{rule}");
}

#[test]
fn the_first_rule_that_matches_names_the_rep() {
    check("no routing rule applies", &json!([]), None);
    check("a rule for everything", &json!([{ "assign": "A-1" }]), Some("A-1"));
    check(
        "the first that matches",
        &json!([{ "when": { "channel": "web" }, "assign": "A-1" }, { "when": { "channel": "email" }, "assign": "A-2" }, { "assign": "A-3" }]),
        Some("A-2"),
    );
    check(
        "all conditions must hold",
        &json!([{ "when": { "channel": "email", "sentiment": "happy" }, "assign": "A-1" }]),
        None,
    );
    check(
        "an empty name is none",
        &json!([{ "assign": " " }, { "assign": "rep@example.com" }]),
        Some("rep@example.com"),
    );
}

#[test]
fn each_condition() {
    let one = |when: Value, matches: bool| {
        check(&when.to_string(), &json!([{ "when": when, "assign": "A-1" }]), matches.then_some("A-1"));
    };
    one(json!({ "channel": "email" }), true);
    one(json!({ "channel": "whatsapp" }), false);
    one(json!({ "language": "de" }), true);
    one(json!({ "language": "DE" }), true);
    one(json!({ "language": "de_CH" }), true);
    one(json!({ "language": "d" }), false);
    one(json!({ "language": "en" }), false);
    one(json!({ "sentiment": "angry" }), true);
    one(json!({ "sentiment": "neutral" }), false);
    one(json!({ "reason": "user_requested_human_assistance" }), true);
    one(json!({ "reason": "prohibited_topic" }), false);
    one(json!({ "reason": "a_new_one" }), false);
    one(json!({ "custom_data": { "plan": "pro" } }), true);
    one(json!({ "custom_data": { "plan": "Pro" } }), false);
    one(json!({ "custom_data": { "plan": "pro", "seats": 13 } }), false);
    one(json!({ "custom_data": { "absent": "x" } }), false);
}

#[test]
fn forms_write_values_as_text() {
    let one = |value: Value, key: &str, matches: bool| {
        check(
            &value.to_string(),
            &json!([{ "when": { "custom_data": { key: value } }, "assign": "A-1" }]),
            matches.then_some("A-1"),
        );
    };
    one(json!("12"), "seats", true);
    one(json!(12.0), "seats", true);
    one(json!("twelve"), "seats", false);
    one(json!("true"), "vip", true);
    one(json!("yes"), "vip", false);
    one(json!(["a"]), "tags", true);
    one(json!("a"), "tags", false);
    one(json!("null"), "note", false);
}

#[test]
fn without_a_language_no_language_rule_matches() {
    let settings: Settings =
        serde_json::from_value(json!({ "routing": [{ "when": { "language": "de" }, "assign": "A-1" }] })).unwrap();
    let none = BTreeMap::from([("secret".to_owned(), json!("canary"))]);
    let reason = HandoffReason::InsufficientTools;
    let facts =
        RoutingFacts { channel: Channel::Web, language: None, sentiment: None, reason: &reason, custom_data: &none };
    assert_eq!(route(&settings, &facts), None);
    assert!(!format!("{facts:?}").contains("canary"));
}
