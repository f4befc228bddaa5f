use super::to_properties;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn check(rule: &str, custom_data: &Value, written: &Value, unknown: &[&str]) {
    let custom_data: BTreeMap<String, Value> = serde_json::from_value(custom_data.clone()).unwrap();
    let map =
        BTreeMap::from([("tier".to_owned(), "customer_tier".to_owned()), ("lost".to_owned(), "not_there".to_owned())]);
    let known = [
        "plan",
        "seat_count",
        "customer_tier",
        "subject",
        "content",
        "hubspot_owner_id",
        "hs_pipeline_stage",
        "opencx_session_id",
    ];
    let known: Vec<String> = known.map(str::to_owned).to_vec();
    let (properties, not_known) = to_properties(&custom_data, &map, &known);
    assert_eq!(serde_json::to_value(properties).unwrap(), *written, "{rule}");
    assert_eq!(not_known, unknown, "{rule}");
}

#[test]
fn custom_data_goes_to_properties_that_exist() {
    check("004: by its own name", &json!({ "plan": "pro" }), &json!({ "plan": "pro" }), &[]);
    check("contract: by its normalised name", &json!({ "Seat count": 12 }), &json!({ "seat_count": "12" }), &[]);
    check("contract: where the map says", &json!({ "tier": "gold" }), &json!({ "customer_tier": "gold" }), &[]);
    check("contract: the map names none that exists", &json!({ "lost": 1 }), &json!({}), &["lost"]);
    check("contract: unknown", &json!({ "other": 1, "plan": true }), &json!({ "plan": "true" }), &["other"]);
    check("no words", &json!({ "plan": null, "tier": [], "seat_count": {}, "other": "" }), &json!({}), &[]);
}

#[test]
fn what_runs_the_ticket_is_never_custom_data() {
    for key in [
        "subject",
        "content",
        "hubspot_owner_id",
        "hs_pipeline_stage",
        "opencx_session_id",
        "Subject",
        "HS Pipeline Stage",
    ] {
        check("004", &json!({ key: "x" }), &json!({}), &[key]);
    }
}
