//! `trigger`: has the simulated HubSpot send one event, by doing what causes it.

use crate::caller::{Caller, text};
use crate::cli::TriggerArgs;
use crate::{folder, output};
use anyhow::{Context, bail};
use serde_json::{Value, json};

pub(super) async fn trigger(args: &TriggerArgs) -> anyhow::Result<()> {
    let hubspot = Caller::at(&hubspot_url(args))?;
    let done = match args.event.as_str() {
        "conversation.newMessage" | "conversation.messageCreated" => {
            let thread = thread(args, &hubspot).await?;
            let said = json!({ "from": args.from, "text": args.text });
            let sent = hubspot.post(&format!("/_sim/threads/{thread}/messages"), &said).await?;
            format!("thread {thread}, message {}", text(&sent, "message_id")?)
        }
        "conversation.creation" => format!("thread {}", begin(args, &hubspot).await?),
        "conversation.propertyChange" => change_thread(args, &hubspot).await?,
        "ticket.propertyChange" => {
            let (ticket, property) = (ticket(args)?, property(args)?);
            let change = json!({ "properties": { property: args.value } });
            hubspot.patch(&format!("/_sim/tickets/{ticket}"), &change).await?;
            format!("ticket {ticket}: {property} = {:?}", args.value)
        }
        "object.creation" => {
            let note = json!({ "ticket_id": ticket(args)?, "body": args.text, "owner_id": Value::Null });
            let made = hubspot.post("/_sim/notes", &note).await?;
            format!("note {made}")
        }
        other => bail!(
            "the simulated HubSpot does not send `{other}`; it knows conversation.newMessage, conversation.creation, \
             conversation.propertyChange, ticket.propertyChange and object.creation"
        ),
    };
    output::line(done);
    Ok(())
}

/// The given one, else that of the runner that holds the folder, else where `serve` starts it.
fn hubspot_url(args: &TriggerArgs) -> String {
    let running = || folder::holder(&args.data.data_dir).map(|runner| runner.hubspot_url);
    args.hubspot_url.clone().or_else(running).unwrap_or_else(|| "http://127.0.0.1:8788".to_owned())
}

async fn thread(args: &TriggerArgs, hubspot: &Caller) -> anyhow::Result<String> {
    match &args.thread {
        Some(thread) => Ok(thread.clone()),
        None => begin(args, hubspot).await,
    }
}

async fn begin(args: &TriggerArgs, hubspot: &Caller) -> anyhow::Result<String> {
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
    let begun = hubspot.post("/_sim/threads", &json!({ "channel": args.channel, "contact": contact })).await?;
    Ok(text(&begun, "thread_id")?.to_owned())
}

async fn change_thread(args: &TriggerArgs, hubspot: &Caller) -> anyhow::Result<String> {
    let thread = args.thread.as_ref().context("the thread is missing: --thread")?;
    let value = (!args.value.is_empty()).then_some(&args.value);
    match property(args)? {
        "assignedTo" => hubspot.put(&format!("/_sim/threads/{thread}/assignee"), &json!({ "actor_id": value })).await?,
        "status" => hubspot.patch(&format!("/_sim/threads/{thread}"), &json!({ "status": value })).await?,
        other => bail!("a thread has no property `{other}`; --property is assignedTo or status"),
    };
    Ok(format!("thread {thread}: {} = {:?}", property(args)?, args.value))
}

fn ticket(args: &TriggerArgs) -> anyhow::Result<&str> {
    args.ticket.as_deref().context("the ticket is missing: --ticket")
}

fn property(args: &TriggerArgs) -> anyhow::Result<&str> {
    args.property.as_deref().context("the property is missing: --property")
}
