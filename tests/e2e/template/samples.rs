//! The sample events of `sam local`: each is what its function takes. tests/aws feeds every one of them to its binary.

use super::yaml::Template;
use super::{FUNCTIONS, ROUTES, json_file, root};
use anyhow::{Context, Result, bail, ensure};
use domain::EventKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn there_is_a_sample_for_every_function() -> Result<()> {
    let files = root().join("infra/aws/events").read_dir()?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let files: BTreeSet<_> = files.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let beside = ["events-dead-letter.json", "events-reconcile.json"].map(str::to_owned);
    assert_eq!(files, FUNCTIONS.iter().map(|name| format!("{}.json", name.to_lowercase())).chain(beside).collect());
    Ok(())
}

#[test]
fn what_comes_through_the_api_has_the_shape_of_its_route() -> Result<()> {
    for (function, route) in [("webhook", ROUTES[0].0), ("actions", ROUTES[2].0), ("connect", ROUTES[3].0)] {
        let sample = sample(function)?;
        assert_eq!((&sample["version"], &sample["routeKey"]), (&Value::from("2.0"), &Value::from(route)), "{function}");
        assert_eq!(sample["requestContext"]["routeKey"], route, "{function}");
        assert_eq!(sample["rawPath"], sample["requestContext"]["http"]["path"], "{function}");
    }
    let batch = hubspot::parse_batch(sample("webhook")?["body"].as_str().context("find the body")?.as_bytes())?;
    ensure!(batch.events.len() == 1 && batch.ignored == 0 && batch.unreadable == 0, "one event, understood");
    Ok(())
}

#[test]
fn the_queue_brings_what_the_door_took() -> Result<()> {
    let batch = hubspot::parse_batch(sample("webhook")?["body"].as_str().context("find the body")?.as_bytes())?;
    for (name, queue) in [("events", "events.fifo"), ("events-dead-letter", "events-dead.fifo")] {
        let record = &sample(name)?["Records"][0];
        let from = record["eventSourceARN"].as_str().unwrap_or_default();
        ensure!(from.ends_with(&format!("-{queue}")), "{name} comes from {from}");
        let body: flows::Envelope = serde_json::from_str(record["body"].as_str().context("find the message")?)?;
        let written: flows::Envelope = serde_json::from_str(&flows::Envelope::body(&body.message))?;
        assert_eq!(body.schema, written.schema, "{name} is of the generation that is written");
        let flows::QueueMessage::Event { door: flows::VerifiedBy::SignedUrl { org, nonce }, event, .. } = body.message
        else {
            bail!("the message is no event of a signed URL")
        };
        assert!(matches!(event.kind, EventKind::MessageReceived { .. }));
        assert_eq!(batch.events.first(), Some(&event), "{name} holds what the door took");
        assert_eq!(record["attributes"]["MessageGroupId"], event.queue_group());
        let dedup_id = event.dedup_key().digest(&format!("{org}#{nonce}"));
        assert_eq!(record["attributes"]["MessageDeduplicationId"], dedup_id);
    }
    Ok(())
}

/// Fields that nobody reads are passed over, so each one of a sample is spoilt in turn: the flow has to notice.
#[test]
fn an_invocation_is_what_its_flow_reads() -> Result<()> {
    is_read("handoff", |asked| serde_json::from_value::<flows::HandoffRequest>(asked).is_ok())?;
    is_read("reply", |asked| serde_json::from_value::<flows::ReplyRequest>(asked).is_ok())?;
    is_read("resolve", |asked| serde_json::from_value::<flows::ResolveRequest>(asked).is_ok())?;
    is_read("close", |asked| serde_json::from_value::<flows::PendingClose>(asked).is_ok())?;
    is_read("sync", |asked| serde_json::from_value::<flows::SyncRequest>(asked).is_ok())?;
    is_read("context", |asked| serde_json::from_value::<flows::ContextRequest>(asked).is_ok())
}

fn is_read(name: &str, reads: fn(Value) -> bool) -> Result<()> {
    let sample = sample(name)?;
    ensure!(reads(sample.clone()), "{name} cannot be read");
    for field in fields(&sample, "") {
        // These may hold anything.
        if !field.contains("/custom_data/") && !field.ends_with("/ticket_number") {
            let mut spoilt = sample.clone();
            *spoilt.pointer_mut(&field).context("find a field")? = json!({ "not": ["this"] });
            ensure!(!reads(spoilt), "nobody reads {field} of {name}");
        }
    }
    Ok(())
}

/// The paths of all values that are no object or list.
fn fields(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(of) => of.iter().flat_map(|(name, value)| fields(value, &format!("{at}/{name}"))).collect(),
        Value::Array(of) => of.iter().enumerate().flat_map(|(i, value)| fields(value, &format!("{at}/{i}"))).collect(),
        _ => vec![at.to_owned()],
    }
}

/// `sam local` overrides only what the template names.
#[test]
fn the_environment_of_sam_local_is_the_templates() -> Result<()> {
    let template = Template::read()?;
    let local = json_file("infra/aws/env.json")?;
    assert_eq!(local.as_object().map(serde_json::Map::len), Some(FUNCTIONS.len()));
    for name in FUNCTIONS {
        let given = local[format!("{name}Function")].as_object().context("find a function")?;
        let named: BTreeSet<_> = template.environment(name)?.keys().collect();
        // Absent with the engine that the file chooses.
        let named =
            named.into_iter().filter(|name| !["DELAY_QUEUE_URL", "CLOSE_DELAY_QUEUE_URL"].contains(&name.as_str()));
        assert_eq!(given.keys().collect::<BTreeSet<_>>(), named.collect(), "{name}");
    }
    Ok(())
}

fn sample(name: &str) -> Result<Value> {
    json_file(&format!("infra/aws/events/{name}.json"))
}
