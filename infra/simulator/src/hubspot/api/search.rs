//! Search, which lags behind creation, and batch reads, which do not.

use super::request::{Cx, batch, inputs, page};
use crate::hubspot::error::{fields_missing, validation};
use crate::hubspot::state::{Kind, Record};
use crate::wire::{Answer, Outcome, id_text, joined, list, text};
use serde_json::{Value, json};

const MOST: u64 = 200;

/// `POST /crm/v3/objects/{type}/search`
pub(crate) fn search(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let limit = body.get("limit").and_then(Value::as_u64).unwrap_or(10);
    if limit > MOST {
        return Err(validation(&format!("limit must be at most {MOST}")));
    }
    let groups = list(&body, "filterGroups");
    if groups.len() > 5 || groups.iter().any(|group| list(group, "filters").len() > 6) {
        return Err(validation("There may be at most 5 filter groups of at most 6 filters."));
    }
    for filter in groups.iter().flat_map(|group| list(group, "filters")) {
        check_filter(cx, kind, filter)?;
    }
    let indexed = cx.state.now - cx.state.crm.search_lag;
    let words = text(&body, "query").unwrap_or_default().to_lowercase();
    let found = cx.state.crm.of_kind(kind).filter(|(_, record)| {
        record.created_at <= indexed
            && (groups.is_empty() || groups.iter().any(|g| list(g, "filters").iter().all(|f| matches(record, f))))
            && (words.is_empty() || record.properties.values().any(|v| v.to_lowercase().contains(&words)))
    });
    let ids: Vec<u64> = found.map(|(id, _)| id).collect();
    let properties: Vec<&str> = list(&body, "properties").iter().filter_map(Value::as_str).collect();
    let after = body.get("after").and_then(id_text).and_then(|a| a.parse().ok()).unwrap_or(0);
    let limit = usize::try_from(limit).unwrap_or(0);
    let of_page = ids.iter().skip(after).take(limit);
    let results: Vec<Value> = of_page.filter_map(|id| cx.state.crm.show((kind, *id), &properties, &[])).collect();
    let next = (after + limit < ids.len()).then(|| (after + limit).to_string());
    Ok(Answer::ok(joined(json!({ "total": ids.len() }), page(&results, next))))
}

fn check_filter(cx: &Cx<'_>, kind: Kind, filter: &Value) -> Result<(), Answer> {
    let name = text(filter, "propertyName").ok_or_else(|| fields_missing(&["propertyName"]))?;
    let linked = name.strip_prefix("associations.").is_some();
    if !linked && !cx.state.crm.properties.contains_key(&(kind, name.to_owned())) {
        return Err(validation(&format!("There was a problem with the request. Property {name} does not exist")));
    }
    match text(filter, "operator") {
        Some("EQ" | "NEQ" | "IN" | "HAS_PROPERTY" | "NOT_HAS_PROPERTY" | "CONTAINS_TOKEN") if !linked => Ok(()),
        operator => Err(validation(&format!("The operator {} is not supported here", operator.unwrap_or("(none)")))),
    }
}

fn matches(record: &Record, filter: &Value) -> bool {
    let has = text(filter, "propertyName").and_then(|name| record.properties.get(name)).map(|v| v.to_lowercase());
    let value = filter.get("value").and_then(id_text).unwrap_or_default().to_lowercase();
    let mut listed = list(filter, "values").iter().filter_map(id_text);
    match (text(filter, "operator").unwrap_or_default(), has) {
        ("EQ", Some(has)) => has == value,
        ("NEQ", has) => has.is_none_or(|has| has != value),
        ("IN", Some(has)) => listed.any(|v| v.to_lowercase() == has),
        ("HAS_PROPERTY", has) => has.is_some(),
        ("NOT_HAS_PROPERTY", has) => has.is_none(),
        ("CONTAINS_TOKEN", Some(has)) => has.contains(value.trim_matches('*')),
        _ => false,
    }
}

/// `POST /crm/v3/objects/{type}/batch/read`; 207 where some are not there.
pub(crate) fn batch_read(cx: &mut Cx<'_>, kind: Kind) -> Outcome {
    let body = cx.body()?;
    let inputs = inputs(&body)?;
    if inputs.len() > 100 {
        return Err(validation("The maximum batch size is 100."));
    }
    let by = text(&body, "idProperty");
    let properties: Vec<&str> = list(&body, "properties").iter().filter_map(Value::as_str).collect();
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for named in inputs.iter().filter_map(|input| input.get("id").and_then(id_text)) {
        let id = match by {
            Some(by) => cx.state.crm.find(kind, by, &named),
            None => named.parse().ok(),
        };
        match id.and_then(|id| cx.state.crm.show((kind, id), &properties, &[])) {
            Some(shown) => results.push(shown),
            None => missing.push(named),
        }
    }
    let answer = batch(&results, cx.state.now);
    if missing.is_empty() {
        return Ok(Answer::ok(answer));
    }
    let error = json!({
        "status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects",
        "context": { "ids": missing },
    });
    Ok(Answer::new(207, joined(answer, json!({ "numErrors": 1, "errors": [error] }))))
}
