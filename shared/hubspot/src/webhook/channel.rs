//! Calls to a custom channel's own address: one object, where webhooks have a list.

use super::Batch;
use crate::property;
use domain::{EventKind, HubSpotEvent};
use serde::Deserialize;
use transport::json::Loose;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChannelRequest {
    #[serde(rename = "type")]
    kind: Loose,
    portal_id: Loose,
    event_timestamp: Loose,
    message: Option<MessageRequest>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct MessageRequest {
    id: Loose,
    conversations_thread_id: Loose,
    created_at: Loose,
}

/// Reads such a call; `None` where the body is another one.
///
/// A rep's reply is the same event as its `conversation.newMessage`, under the same message id: whichever comes first
/// is processed, and the other one is a duplicate. Other calls about a channel change nothing for us.
pub(super) fn read(body: &str) -> Option<Batch> {
    if !body.trim_start().starts_with('{') {
        return None;
    }
    let call: ChannelRequest = serde_json::from_str(body).ok()?;
    match call.kind.as_str()? {
        "OUTGOING_CHANNEL_MESSAGE_CREATED" => {}
        _ => return Some(Batch { ignored: 1, ..Batch::default() }),
    }
    Some(match event(call) {
        Some(event) => Batch { events: vec![event], ..Batch::default() },
        None => Batch { unreadable: 1, ..Batch::default() },
    })
}

fn event(call: ChannelRequest) -> Option<HubSpotEvent> {
    let message = call.message?;
    let moment = |text: &Loose| text.as_str().and_then(property::moment);
    let occurred_at = moment(&call.event_timestamp).or_else(|| moment(&message.created_at))?;
    let kind = EventKind::MessageReceived {
        thread: message.conversations_thread_id.required("conversationsThreadId").ok()?,
        message: message.id.required("id").ok()?,
    };
    Some(HubSpotEvent { portal: call.portal_id.required("portalId").ok()?, app: None, occurred_at, kind })
}
