//! `redrive`: puts deliveries that failed or wait for a reconnect back into the queue.

use super::api::api_at;
use crate::cli::RedriveArgs;
use crate::output;
use serde_json::{Value, json};

pub(super) async fn redrive(args: &RedriveArgs) -> anyhow::Result<()> {
    let caller = api_at(&args.log.org, &args.log.data, args.log.stack.as_deref()).await?;
    let wanted = json!({ "reason": args.reason, "state": args.state, "from": args.from, "to": args.to });
    let answer = caller.post("/api/deliveries/replay", &wanted).await?;
    if args.log.json {
        output::json(&answer);
    } else {
        let replayed = answer.get("replayed").and_then(Value::as_u64).unwrap_or_default();
        output::line(format_args!("{replayed} deliveries are queued again"));
    }
    Ok(())
}
