use super::{Agreed, LeftOut, PropertyKind, PropertyShape, key_of, to_properties, watched};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn map() -> BTreeMap<String, String> {
    [("tier", "customer_tier"), ("lost", "not_there"), ("Places", "seat_count")]
        .map(|(key, name)| (key.to_owned(), name.to_owned()))
        .into()
}

fn known() -> Vec<PropertyShape> {
    let shape = |name: &str, kind, read_only| PropertyShape { name: name.to_owned(), kind, options: vec![], read_only };
    let texts =
        ["plan", "customer_tier", "subject", "content", "hubspot_owner_id", "hs_pipeline_stage", "opencx_session_id"];
    let mut known: Vec<_> = texts.map(|name| shape(name, PropertyKind::Text, false)).into();
    known.push(shape("seat_count", PropertyKind::Number, false));
    known.push(shape("created_by", PropertyKind::Text, true));
    known
}

fn check(rule: &str, custom_data: &Value, written: &Value, left_out: &[(&str, LeftOut)]) {
    let custom_data: BTreeMap<String, Value> = serde_json::from_value(custom_data.clone()).unwrap();
    let result = to_properties(&custom_data, &map(), &known());
    let texts: BTreeMap<_, _> = result.write.iter().map(|(name, (_, text))| (name, text)).collect();
    assert_eq!(serde_json::to_value(texts).unwrap(), *written, "{rule}");
    let expected: Vec<_> = left_out.iter().map(|(key, why)| ((*key).to_owned(), why.clone())).collect();
    assert_eq!(result.left_out, expected, "{rule}");
}

#[test]
fn custom_data_goes_to_properties_that_exist() {
    check("by its own name", &json!({ "plan": "pro" }), &json!({ "plan": "pro" }), &[]);
    check("by its normalised name", &json!({ "Seat count": 12 }), &json!({ "seat_count": "12" }), &[]);
    check("where the map says", &json!({ "tier": "gold" }), &json!({ "customer_tier": "gold" }), &[]);
    check("the map names none that exists", &json!({ "lost": 1 }), &json!({}), &[("lost", LeftOut::Unknown)]);
    let unknown = [("other", LeftOut::Unknown)];
    check("unknown", &json!({ "other": 1, "plan": true }), &json!({ "plan": "true" }), &unknown);
    check("no words", &json!({ "plan": null, "tier": [], "seat_count": {}, "other": "" }), &json!({}), &[]);
    check("HubSpot keeps it", &json!({ "created_by": "me" }), &json!({}), &[("created_by", LeftOut::ReadOnly)]);
}

#[test]
fn a_value_that_does_not_fit_costs_itself_only() {
    let custom_data = json!({ "seat_count": "a dozen", "plan": "pro", "tier": ["gold"] });
    let custom_data: BTreeMap<String, Value> = serde_json::from_value(custom_data).unwrap();
    let result = to_properties(&custom_data, &map(), &known());
    assert_eq!(result.write.keys().collect::<Vec<_>>(), ["plan"]);
    let warnings: Vec<_> = result.left_out.iter().map(|(key, why)| format!("{key}: {why}")).collect();
    assert_eq!(warnings, ["seat_count: the property takes numbers", "tier: its value is a list or an object"]);
}

#[test]
fn of_two_keys_of_one_property_the_mapped_one_wins() {
    let taken = [("Seat count", LeftOut::Taken), ("seat_count", LeftOut::Taken)];
    check("mapped", &json!({ "Seat count": 1, "seat_count": 2, "Places": 3 }), &json!({ "seat_count": "3" }), &taken);
    check("its own name", &json!({ "Seat count": 1, "seat_count": 2 }), &json!({ "seat_count": "2" }), &taken[..1]);
}

#[test]
fn what_the_portal_lacks_could_be_created() {
    let custom_data = json!({ "Is VIP?": true, "score": 4.5, "1st": "x", "deep": { "a": 1 }, "note": "n" });
    let custom_data: BTreeMap<String, Value> = serde_json::from_value(custom_data).unwrap();
    let result = to_properties(&custom_data, &map(), &known());
    let mut absent: Vec<_> =
        result.absent.iter().map(|(name, key, kind)| (name.as_str(), key.as_str(), kind)).collect();
    absent.sort_by_key(|(name, ..)| *name);
    let expected = [
        ("is_vip", "Is VIP?", &PropertyKind::Checkbox),
        ("note", "note", &PropertyKind::Text),
        ("score", "score", &PropertyKind::Number),
    ];
    assert_eq!(absent, expected);
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
        check("004", &json!({ key: "x" }), &json!({}), &[(key, LeftOut::Reserved)]);
    }
}

#[test]
fn a_property_goes_back_to_the_key_it_came_from() {
    let at = "2026-11-20T10:00:00Z".parse().unwrap();
    let agreed = Agreed { value: "12".to_owned(), at, key: "Seat count".to_owned(), by_hubspot: false };
    assert_eq!(key_of("seat_count", &map(), Some(&agreed)), "Seat count");
    assert_eq!(key_of("seat_count", &map(), None), "Places");
    assert_eq!(key_of("customer_tier", &map(), None), "tier");
    assert_eq!(key_of("plan", &map(), None), "plan");
    let all = [("plan".to_owned(), agreed.clone()), ("hs_pipeline_stage".to_owned(), agreed)].into();
    let map = map();
    let names: Vec<_> = watched(&map, &all).into_iter().collect();
    assert_eq!(names, ["customer_tier", "not_there", "plan", "seat_count"]);
}
