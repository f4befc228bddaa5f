//! The HubSpot project declares the scopes that the code asks for and the events that it handles.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

fn read(file: &str) -> Result<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/hubspot-app/src/app").join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

#[test]
fn the_app_asks_for_the_scopes_of_the_code() -> Result<()> {
    let app = read("app-hsmeta.json")?;
    let auth = &app["config"]["auth"];
    assert_eq!(auth["requiredScopes"], json!(domain::REQUIRED_SCOPES));
    assert_eq!(auth["optionalScopes"], json!(domain::OPTIONAL_SCOPES.map(|(scope, _)| scope)));
    let redirect = auth["redirectUrls"][0].as_str().unwrap();
    assert!(redirect.starts_with("https://") && redirect.ends_with("/oauth/callback"), "{redirect}");
    Ok(())
}

#[test]
fn the_app_subscribes_to_what_the_code_listens_to() -> Result<()> {
    let webhooks = read("webhooks/webhooks-hsmeta.json")?;
    let (settings, groups) = (&webhooks["config"]["settings"], &webhooks["config"]["subscriptions"]);
    assert_eq!(settings["maxConcurrentRequests"], 100);
    assert!(settings["targetUrl"].as_str().unwrap().ends_with("/webhooks/hubspot"));
    let mut declared: Vec<(String, Option<String>)> = Vec::new();
    for group in ["crmObjects", "legacyCrmObjects", "hubEvents"] {
        for entry in groups[group].as_array().unwrap() {
            assert_eq!(entry["active"], true, "{entry}");
            let of = entry["propertyName"].as_str().or(entry["objectType"].as_str());
            declared.push((entry["subscriptionType"].as_str().unwrap().to_owned(), of.map(str::to_owned)));
        }
    }
    let mut wanted: Vec<_> =
        domain::SUBSCRIPTIONS.iter().map(|(kind, of)| ((*kind).to_owned(), of.map(str::to_owned))).collect();
    declared.sort();
    wanted.sort();
    assert_eq!(declared, wanted);
    Ok(())
}

#[test]
fn the_custom_channel_posts_to_the_door_and_threads_by_session() -> Result<()> {
    let channel = read("../../custom-channel.json")?;
    let webhooks = read("webhooks/webhooks-hsmeta.json")?;
    assert_eq!(channel["webhookUrl"], webhooks["config"]["settings"]["targetUrl"]);
    let capabilities = &channel["capabilities"];
    assert_eq!(capabilities["threadingModel"], "INTEGRATION_THREAD_ID");
    assert_eq!(capabilities["deliveryIdentifierTypes"], json!(["CHANNEL_SPECIFIC_OPAQUE_ID"]));
    assert_eq!(capabilities["allowOutgoingMessages"], true, "reps reply");
    Ok(())
}

#[test]
fn the_four_actions_call_the_routes_of_the_contract() -> Result<()> {
    for action in ["pause-ai", "resume-ai", "send-to-ai", "request-handoff"] {
        let meta = read(&format!("workflow-actions/{action}-hsmeta.json"))?;
        let config = &meta["config"];
        assert!(config["actionUrl"].as_str().unwrap().ends_with(&format!("/actions/hubspot/{action}")), "{config}");
        assert_eq!(config["isPublished"], true);
        let outputs: Vec<_> =
            config["outputFields"].as_array().unwrap().iter().map(|f| &f["typeDefinition"]["name"]).collect();
        assert_eq!(outputs, ["opencx_result", "opencx_session_id", "opencx_ticket_id"]);
        for output in outputs {
            assert!(config["labels"]["en"]["outputFieldLabels"][output.as_str().unwrap()].is_string(), "{output}");
        }
    }
    Ok(())
}
