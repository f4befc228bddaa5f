//! `/api/settings`: the organization's choices. A change is checked field by field before anything is saved.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use domain::{OfficeHours, Settings};
use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};
use store::{ConnectionState, Draft, Secret, Updated};

pub(super) async fn show(call: &Call<'_>) -> Result<Reply, Problem> {
    let draft = call.draft().await?;
    let mut all = object(&draft.settings);
    all.insert("opencx_api_key_set".to_owned(), json!(draft.opencx_api_key_set));
    all.insert("version".to_owned(), json!(draft.version));
    Ok(Reply::json(&Value::Object(all)))
}

pub(super) async fn change(call: &Call<'_>) -> Result<Reply, Problem> {
    let mut wanted: Map<String, Value> = call.json()?;
    let (draft, version, key) = (call.draft().await?, wanted.remove("version"), wanted.remove("opencx_api_key"));
    let stale = || Problem::new(StatusCode::CONFLICT, "somebody else has changed the settings; look at them again");
    if version.is_some_and(|version| version != json!(draft.version)) {
        return Err(stale());
    }
    let key = key.as_ref().map(read_key).transpose()?;
    let settings = changed(&draft.settings, &wanted)?;
    if settings.enabled && !draft.settings.enabled {
        may_go_live(call, &settings, &draft, key.is_some()).await?;
    }
    if settings.custom_channels && wanted.keys().any(|name| name.starts_with("custom_channels")) {
        operations::connect_custom_channel(call.bridge(), call.org(), &settings).await?;
    }
    if call.store().update_settings(call.org(), draft.version, &settings, call.now).await? != Updated::Yes {
        return Err(stale());
    }
    let mut names: Vec<String> = wanted.keys().cloned().collect();
    if let Some(key) = key {
        call.store().save_api_key(call.org(), &key, call.now).await?;
        names.push("opencx_api_key".to_owned());
    }
    call.bridge().cache.clear();
    call.record("settings.changed", &names.join(", ")).await;
    show(call).await
}

fn read_key(key: &Value) -> Result<Secret<String>, Problem> {
    let key = key.as_str().map(str::trim).filter(|key| !key.is_empty());
    let wrong = || Problem::field("opencx_api_key", "the OpenCX API key is a text, and not empty");
    Ok(Secret::new(key.ok_or_else(wrong)?.to_owned()))
}

/// Field by field, so that the wrong one can be named.
fn changed(now: &Settings, wanted: &Map<String, Value>) -> Result<Settings, Problem> {
    let mut all = object(now);
    let mut settings = now.clone();
    for (name, value) in wanted {
        if !all.contains_key(name) {
            return Err(Problem::field(name, format!("there is no setting `{name}`")));
        }
        if name == "oauth_only" && *value != json!(now.oauth_only) {
            return Err(Problem::field(name, "only the operator of this deployment may change this"));
        }
        if name == "office_hours" {
            let read = serde_json::from_value::<Option<OfficeHours>>(value.clone());
            read.map_err(|error| Problem::field(name, error.to_string()))?;
        }
        all.insert(name.clone(), value.clone());
        settings = serde_json::from_value(Value::Object(all.clone()))
            .map_err(|_| Problem::field(name, format!("`{name}` cannot have this value")))?;
    }
    sensible(&settings)?;
    Ok(settings)
}

fn sensible(settings: &Settings) -> Result<(), Problem> {
    let within = |field: &str, value: u32, from: u32, to: u32| {
        if (from..=to).contains(&value) { Ok(()) } else { Err(Problem::field(field, format!("from {from} to {to}"))) }
    };
    within("retention_days", settings.retention_days, 1, 3650)?;
    within("reopen_within_days", settings.reopen_within_days, 0, 365)?;
    within("opencx_requests_per_minute", settings.opencx_requests_per_minute, 1, 100_000)?;
    within("handoff_timeout_minutes", settings.handoff_timeout_minutes.unwrap_or(1), 1, 10_080)?;
    if settings.handoff_timeout_minutes.is_some() && settings.fallback_assignee.as_deref().is_none_or(str::is_empty) {
        return Err(Problem::field("fallback_assignee", "choose who gets a handoff that nobody takes in time"));
    }
    for seconds in settings.quiet_seconds.values() {
        within("quiet_seconds", *seconds, 0, 300)?;
    }
    if settings.routing.iter().any(|rule| rule.assign.trim().is_empty()) {
        return Err(Problem::field("routing", "every rule needs somebody to assign to"));
    }
    Ok(())
}

async fn may_go_live(call: &Call<'_>, settings: &Settings, draft: &Draft, new_key: bool) -> Result<(), Problem> {
    if settings.ai_user.is_none() {
        return Err(Problem::field("ai_user", "choose the HubSpot user the AI answers as"));
    }
    if !draft.opencx_api_key_set && !new_key {
        return Err(Problem::field("opencx_api_key", "enter the OpenCX API key"));
    }
    match call.store().connection(call.org()).await? {
        Some(connection) if connection.grant.state == ConnectionState::Connected => Ok(()),
        _ => Err(Problem::field("enabled", "connect HubSpot first")),
    }
}

/// Settings are an object with text keys: writing them as JSON cannot fail.
fn object(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    }
}
