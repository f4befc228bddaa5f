//! What HubSpot posts to a custom channel's own address: one object, where webhooks have a list.

use super::Batch;
use crate::wire::Loose;
use domain::{EventKind, HubSpotEvent};
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChannelCall {
    #[serde(rename = "type")]
    kind: Loose,
    portal_id: Loose,
    event_timestamp: Loose,
    message: Option<ChannelMessage>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChannelMessage {
    id: Loose,
    conversations_thread_id: Loose,
    created_at: Loose,
}

/// Reads such a body; `None` where it is another one.
///
/// A rep's reply is the same event as its `conversation.newMessage`, under the same message id: whichever comes first
/// is processed, and the other one is a duplicate. What else HubSpot tells of a channel changes nothing for us.
pub(super) fn read(body: &str) -> Option<Batch> {
    if !body.trim_start().starts_with('{') {
        return None;
    }
    let call: ChannelCall = serde_json::from_str(body).ok()?;
    match call.kind.as_str()? {
        "OUTGOING_CHANNEL_MESSAGE_CREATED" => {}
        _ => return Some(Batch { ignored: 1, ..Batch::default() }),
    }
    Some(match event(call) {
        Some(event) => Batch { events: vec![event], ..Batch::default() },
        None => Batch { unreadable: 1, ..Batch::default() },
    })
}

fn event(call: ChannelCall) -> Option<HubSpotEvent> {
    let message = call.message?;
    let occurred_at = moment(&call.event_timestamp).or_else(|| moment(&message.created_at))?;
    let kind = EventKind::MessageReceived {
        thread: message.conversations_thread_id.required("conversationsThreadId").ok()?,
        message: message.id.required("id").ok()?,
    };
    Some(HubSpotEvent { portal: call.portal_id.required("portalId").ok()?, app: None, occurred_at, kind })
}

/// HubSpot's channel calls carry RFC 3339, its webhooks milliseconds.
fn moment(wire: &Loose) -> Option<Timestamp> {
    let text = wire.as_str()?;
    text.parse().ok().or_else(|| Timestamp::from_millisecond(text.parse().ok()?).ok())
}
