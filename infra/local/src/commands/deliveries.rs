//! `deliveries`: shows the delivery log to operators and replays deliveries.

use super::api::{api_at, escaped};
use crate::caller::{self, Caller};
use crate::cli::{DeliveriesCommand, ListArgs, LogArgs, OneArgs};
use crate::output;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;
use transport::{Clock, SystemClock};

/// How often `tail` looks.
const TAIL_EVERY: Duration = Duration::from_millis(500);
const HEADINGS: [&str; 6] = ["received", "kind", "state", "reason", "attempts", "id"];

pub(super) async fn deliveries(command: DeliveriesCommand) -> anyhow::Result<()> {
    match command {
        DeliveriesCommand::List(args) => list(&args).await,
        DeliveriesCommand::Show(args) => show(&args).await,
        DeliveriesCommand::Tail(args) => tail(&args).await,
        DeliveriesCommand::Replay(args) => replay(&args).await,
    }
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let page = open(&args.log).await?.get(&query(args)).await?;
    if args.log.json {
        output::json(&page);
        return Ok(());
    }
    output::table(HEADINGS, &caller::list(&page, "deliveries").iter().map(row).collect::<Vec<_>>());
    if let Some(cursor) = page.get("cursor").and_then(Value::as_str) {
        output::line(format_args!("more: --cursor {cursor}"));
    }
    Ok(())
}

async fn show(args: &OneArgs) -> anyhow::Result<()> {
    let delivery = open(&args.log).await?.get(&path(&args.id)).await?;
    if args.log.json {
        output::json(&delivery);
        return Ok(());
    }
    let fields = delivery.as_object().into_iter().flatten();
    let plain = fields
        .filter(|(name, value)| !value.is_null() && !matches!(name.as_str(), "steps" | "event" | "links" | "key"));
    let cells: Vec<_> = plain.map(|(name, value)| [name.clone(), words(value)]).collect();
    output::table(["field", "value"], &cells);
    let steps = caller::list(&delivery, "steps").iter();
    let steps: Vec<_> = steps.map(|step| ["name", "about_to", "done", "detail"].map(|name| cell(step, name))).collect();
    if !steps.is_empty() {
        output::line("");
        output::table(["step", "about to", "done", "detail"], &steps);
    }
    if let Some(event) = delivery.get("event").filter(|event| !event.is_null()) {
        output::line("");
        output::json(event);
    }
    Ok(())
}

async fn replay(args: &OneArgs) -> anyhow::Result<()> {
    let answer = open(&args.log).await?.post(&format!("{}/replay", path(&args.id)), &Value::Null).await?;
    if args.log.json {
        output::json(&answer);
    } else {
        output::line(format_args!("{} is queued again", args.id));
    }
    Ok(())
}

/// Every delivery once, and again whenever its state changes.
async fn tail(args: &ListArgs) -> anyhow::Result<()> {
    let api = open(&args.log).await?;
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut first = true;
    loop {
        let page = api.get(&query(args)).await?;
        for delivery in caller::list(&page, "deliveries").iter().rev() {
            let state = format!("{} {}", cell(delivery, "state"), cell(delivery, "updated_at"));
            if seen.insert(cell(delivery, "id"), state.clone()).is_none_or(|before| before != state) {
                print(delivery, args.log.json, std::mem::take(&mut first));
            }
        }
        SystemClock.sleep(TAIL_EVERY).await;
    }
}

fn print(delivery: &Value, json: bool, first: bool) {
    if json {
        output::line(delivery);
    } else {
        output::row(first.then_some(HEADINGS), &row(delivery), [24, 28, 11, 20, 8, 0]);
    }
}

async fn open(log: &LogArgs) -> anyhow::Result<Caller> {
    api_at(&log.org, &log.data, log.stack.as_deref()).await
}

fn query(args: &ListArgs) -> String {
    let fields = [
        ("state", &args.state),
        ("thread", &args.thread),
        ("ticket", &args.ticket),
        ("session", &args.session),
        ("message", &args.message),
        ("from", &args.from),
        ("to", &args.to),
        ("cursor", &args.cursor),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_ref()?))));
    format!("/api/deliveries?{}", fields.collect::<Vec<_>>().join("&"))
}

fn path(id: &str) -> String {
    format!("/api/deliveries/{}", escaped(id))
}

fn row(delivery: &Value) -> [String; 6] {
    let mut row = ["received_at", "kind", "state", "reason", "attempts", "id"].map(|name| cell(delivery, name));
    if let Some(created) = row.first_mut()
        && let Ok(at) = created.parse::<Timestamp>()
    {
        *created = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    }
    row
}

fn cell(value: &Value, name: &str) -> String {
    value.get(name).map(words).unwrap_or_default()
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
