use super::{AssistMode, Settings};
use crate::{ActorId, Channel, InboxId};
use serde_json::json;

fn read(text: &serde_json::Value) -> Result<Settings, serde_json::Error> {
    serde_json::from_value(text.clone())
}

#[test]
fn nothing_said_means_the_contracts_defaults() {
    let settings = read(&json!({})).unwrap();
    assert_eq!(settings, Settings::default());
    assert!(!settings.enabled && settings.answer_unassigned && settings.ticketing_enabled);
    assert!(
        settings.resolve_session_on_ticket_close && !settings.close_thread_on_resolve && !settings.create_properties
    );
    assert_eq!(
        (settings.reopen_within_days, settings.retention_days, settings.opencx_requests_per_minute),
        (7, 30, 100)
    );
    assert!(settings.inboxes.is_none() && settings.channels.is_none());
}

#[test]
fn what_is_written_reads_back() {
    let given = json!({
        "enabled": true,
        "inboxes": [481_939, "7"],
        "channels": ["web", "email"],
        "assist_mode": { "email": true, "web": false },
        "ai_user": "A-7",
        "default_user": 100,
        "property_map": { "plan": "customer_plan" },
        "routing": [{ "when": { "channel": "web", "custom_data": { "vip": true } }, "assign": "A-1" }],
        "quiet_seconds": { "web": 3 },
        "a_setting_of_the_future": { "x": 1 },
    });
    let settings = read(&given).unwrap();
    assert_eq!(settings.inboxes, Some(vec![InboxId::parse("481939").unwrap(), InboxId::parse("7").unwrap()]));
    assert_eq!(settings.default_user, Some(ActorId::Agent("100".to_owned())));
    assert_eq!(read(&serde_json::to_value(&settings).unwrap()).unwrap(), settings);
    assert_eq!(read(&serde_json::to_value(Settings::default()).unwrap()).unwrap(), Settings::default());
}

#[test]
fn a_user_is_a_number_with_or_without_its_prefix() {
    let check = |user: serde_json::Value, expected: Option<Option<&str>>| {
        let read = read(&json!({ "ai_user": user })).ok().map(|settings| settings.ai_user);
        assert_eq!(read, expected.map(|id| id.map(|id| ActorId::Agent(id.to_owned()))), "{user}");
    };
    check(json!("A-12345"), Some(Some("12345")));
    check(json!("12345"), Some(Some("12345")));
    check(json!(12345), Some(Some("12345")));
    check(json!(" 12345 "), Some(Some("12345")));
    check(json!(""), Some(None));
    check(json!(null), Some(None));
    check(json!("B-1"), None);
    check(json!("ada@example.com"), None);
    check(json!(true), None);
}

#[test]
fn assist_mode_is_one_switch_or_one_per_channel() {
    let check = |mode: serde_json::Value, channel: Channel, on: bool| {
        let mode: AssistMode = serde_json::from_value(mode).unwrap();
        assert_eq!(mode.on(channel), on, "{mode:?} {channel:?}");
        let again: AssistMode = serde_json::from_value(serde_json::to_value(&mode).unwrap()).unwrap();
        assert_eq!(again.on(channel), on, "{mode:?} read back");
    };
    check(json!(true), Channel::Email, true);
    check(json!(false), Channel::Email, false);
    check(json!({}), Channel::Email, false);
    check(json!({ "email": true, "web": false }), Channel::Email, true);
    check(json!({ "email": true, "web": false }), Channel::Web, false);
    check(json!({ "email": true }), Channel::Slack, false);
    for odd in [json!("yes"), json!({ "email": "yes" }), json!({ "fax": true }), json!(1)] {
        assert!(serde_json::from_value::<AssistMode>(odd.clone()).is_err(), "{odd}");
    }
}

#[test]
fn addresses_and_texts_do_not_reach_a_log() {
    let settings = read(&json!({
        "routing": [{ "when": { "custom_data": { "canary": "canary" } }, "assign": "canary@example.com" }],
        "fallback_message": "canary",
        "fallback_assignee": "canary@example.com",
        "property_map": { "canary": "x" },
    }));
    assert!(!format!("{:?}", settings.unwrap()).contains("canary"));
}
