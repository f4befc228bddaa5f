use super::{Misfit, fingerprint, to_custom_data, to_text};
use crate::{PropertyKind, PropertyShape};
use serde_json::{Value, json};

fn check(kind: &PropertyKind, value: &Value, expected: &Result<&str, Misfit>) {
    let options = ["Gold", "silver", "a b"].map(str::to_owned).to_vec();
    let shape = PropertyShape { name: "p".to_owned(), kind: kind.clone(), options, read_only: false };
    assert_eq!(to_text(value, &shape), expected.map(str::to_owned), "{kind:?} {value}");
}

#[test]
fn custom_data_becomes_the_text_hubspot_takes() {
    use PropertyKind::{Checkbox, Choice, Date, DateTime, Number, Text};
    check(&Text, &json!("  pro "), &Ok("pro"));
    check(&Text, &json!(12), &Ok("12"));
    check(&Text, &json!(true), &Ok("true"));
    check(&Text, &json!(["a"]), &Err(Misfit::Nested));
    check(&Text, &json!({ "a": 1 }), &Err(Misfit::Nested));

    check(&Number, &json!(12), &Ok("12"));
    check(&Number, &json!(12.5), &Ok("12.5"));
    check(&Number, &json!("12.50"), &Ok("12.5"));
    check(&Number, &json!("12.0"), &Ok("12"));
    check(&Number, &json!("-3"), &Ok("-3"));
    check(&Number, &json!(9_007_199_254_740_993_i64), &Ok("9007199254740993"));
    check(&Number, &json!("a dozen"), &Err(Misfit::NotANumber));
    check(&Number, &json!("1,000"), &Err(Misfit::NotANumber));
    check(&Number, &json!("inf"), &Err(Misfit::NotANumber));
    check(&Number, &json!(true), &Err(Misfit::NotANumber));

    check(&Checkbox, &json!(true), &Ok("true"));
    check(&Checkbox, &json!("Yes"), &Ok("true"));
    check(&Checkbox, &json!(0), &Ok("false"));
    check(&Checkbox, &json!("no"), &Ok("false"));
    check(&Checkbox, &json!("perhaps"), &Err(Misfit::NotAFlag));

    check(&Choice, &json!("gold"), &Ok("Gold"));
    check(&Choice, &json!("silver"), &Ok("silver"));
    check(&Choice, &json!(["GOLD", "A B"]), &Ok("Gold;a b"));
    check(&Choice, &json!("gold; silver"), &Ok("Gold;silver"));
    check(&Choice, &json!("bronze"), &Err(Misfit::NotAnOption));
    check(&Choice, &json!(["gold", "bronze"]), &Err(Misfit::NotAnOption));
    check(&Choice, &json!([["gold"]]), &Err(Misfit::Nested));

    check(&Date, &json!("2026-11-20"), &Ok("2026-11-20"));
    check(&Date, &json!("2026-11-20T23:30:00Z"), &Ok("2026-11-20"));
    check(&Date, &json!(1_763_596_800_000_i64), &Ok("2025-11-20"));
    check(&Date, &json!("next week"), &Err(Misfit::NotATime));
    check(&Date, &json!(20), &Err(Misfit::NotATime));
    check(&DateTime, &json!("2026-11-20T10:00:00.123456Z"), &Ok("2026-11-20T10:00:00.123Z"));
    check(&DateTime, &json!("2026-11-20T10:00:00+02:00"), &Ok("2026-11-20T08:00:00Z"));
    check(&DateTime, &json!("2026-11-20"), &Ok("2026-11-20T00:00:00Z"));
    check(&DateTime, &json!("soon"), &Err(Misfit::NotATime));
}

#[test]
fn a_propertys_text_becomes_typed_custom_data() {
    let typed = |kind: PropertyKind, text: &str, value: Value| assert_eq!(to_custom_data(text, &kind), value, "{text}");
    typed(PropertyKind::Number, "12.0", json!(12));
    typed(PropertyKind::Number, "0.5", json!(0.5));
    typed(PropertyKind::Number, "many", json!("many"));
    typed(PropertyKind::Checkbox, "true", json!(true));
    typed(PropertyKind::Checkbox, "maybe", json!("maybe"));
    typed(PropertyKind::Date, "1763596800000", json!("2025-11-20"));
    typed(PropertyKind::DateTime, "1763596800123", json!("2025-11-20T00:00:00.123Z"));
    typed(PropertyKind::Choice, "Gold;silver", json!("Gold;silver"));
    typed(PropertyKind::Text, "12", json!("12"));
    typed(PropertyKind::Other("json".to_owned()), "{}", json!("{}"));
}

#[test]
fn two_notations_of_one_value_have_one_fingerprint() {
    let same = |kind: PropertyKind, a: &str, b: &str| assert_eq!(fingerprint(a, &kind), fingerprint(b, &kind));
    same(PropertyKind::Number, "12", " 12.00 ");
    same(PropertyKind::Checkbox, "true", "TRUE");
    same(PropertyKind::Date, "2025-11-20", "1763596800000");
    same(PropertyKind::DateTime, "2025-11-20T00:00:00Z", "1763596800000");
    same(PropertyKind::Choice, "b;a", "a; b");
    same(PropertyKind::Text, " pro", "pro ");
    let other = |a: &str, b: &str| assert_ne!(fingerprint(a, &PropertyKind::Text), fingerprint(b, &PropertyKind::Text));
    other("pro", "Pro");
    other("12", "12.0");
    let long = "x".repeat(1000);
    other(&long, &format!("{long}y"));
    assert!(fingerprint(&long, &PropertyKind::Text).len() < 100);
    let posing = fingerprint(&long, &PropertyKind::Text);
    other(&long, &posing);
}
