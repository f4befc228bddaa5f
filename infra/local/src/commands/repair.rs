//! `repair`: processes the messages that HubSpot did not deliver in an outage.

use super::api::api;
use crate::cli::{RUNNER_URL, RepairArgs, Since};
use crate::output;
use serde_json::Value;
use transport::{Clock, SystemClock};

pub(super) async fn repair(args: &RepairArgs) -> anyhow::Result<()> {
    let since = match args.since {
        Since::At(at) => at,
        Since::Ago(ago) => SystemClock.now() - ago,
    };
    let api = api(&args.log.org, &args.log.data, RUNNER_URL).await?;
    let repaired = api.post(&format!("/api/repair?since={since}"), &Value::Null).await?;
    if args.log.json {
        output::json(&repaired);
        return Ok(());
    }
    let count = |name: &str| repaired.get(name).and_then(Value::as_u64).unwrap_or_default();
    output::line(format_args!(
        "{} threads with {} messages since {since}: {} were never delivered and are processed now",
        count("threads"),
        count("messages"),
        count("queued"),
    ));
    Ok(())
}
