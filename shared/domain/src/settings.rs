//! An organization's choices.

use crate::{ActorId, Channel, HandoffReason, InboxId, OfficeHours, Sentiment};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// All settings with their defaults. Unknown fields are ignored on reading.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// False until the admin goes live; also the switch that stops everything.
    pub enabled: bool,
    /// Inboxes the AI answers in; all where absent.
    pub inboxes: Option<Vec<InboxId>>,
    /// Channels the AI answers on; all where absent.
    pub channels: Option<Vec<Channel>>,
    /// Whether an unassigned conversation is the AI's.
    pub answer_unassigned: bool,
    /// Whether handoffs open tickets.
    pub ticketing_enabled: bool,
    /// Whether the AI only drafts.
    pub assist_mode: AssistMode,
    /// The HubSpot user the AI speaks as; `A-123` or `123`.
    #[serde(deserialize_with = "user")]
    pub ai_user: Option<ActorId>,
    /// The rep for handoffs that no rule routes; `A-123` or `123`.
    #[serde(deserialize_with = "user")]
    pub default_user: Option<ActorId>,
    /// Pipeline of new tickets; the portal's first where absent.
    pub pipeline_id: Option<String>,
    /// Stage of new tickets; the pipeline's first open one where absent.
    pub open_stage_id: Option<String>,
    /// Stage of closed tickets; the lowest closed one of the ticket's pipeline where absent.
    pub closed_stage_id: Option<String>,
    /// Whether the conversation closes with its ticket.
    pub close_thread_on_resolve: bool,
    /// Whether a ticket closed in HubSpot resolves the session.
    pub resolve_session_on_ticket_close: bool,
    /// For so many days a further handoff reopens the closed ticket.
    pub reopen_within_days: u32,
    /// Custom data key -> ticket property, where the names differ.
    pub property_map: BTreeMap<String, String>,
    /// Whether missing ticket properties are created.
    pub create_properties: bool,
    /// The rules that route handoffs; the first one that matches wins.
    pub routing: Vec<RoutingRule>,
    /// Seconds of silence before several short messages are answered together.
    pub quiet_seconds: BTreeMap<Channel, u32>,
    /// When people are there; at any time where absent.
    pub office_hours: Option<OfficeHours>,
    /// The message to the customer when a handoff finds nobody; no message where absent.
    pub fallback_message: Option<String>,
    /// The rep for a handoff that nobody took: `A-…`, an owner id or an e-mail address.
    pub fallback_assignee: Option<String>,
    /// After so many minutes of waiting, counted from the next opening of the office.
    pub handoff_timeout_minutes: Option<u32>,
    /// Whether OpenCX's own channels become HubSpot threads.
    pub custom_channels: bool,
    /// The inbox they arrive in; the first of `inboxes`, else of the portal, where absent.
    pub custom_channels_inbox: Option<InboxId>,
    /// How long the delivery log is kept.
    pub retention_days: u32,
    /// OpenCX's limit; excess waits, never fails.
    pub opencx_requests_per_minute: u32,
    /// Whether the legacy form is refused; the operator's choice.
    pub oauth_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: false,
            inboxes: None,
            channels: None,
            answer_unassigned: true,
            ticketing_enabled: true,
            assist_mode: AssistMode::default(),
            ai_user: None,
            default_user: None,
            pipeline_id: None,
            open_stage_id: None,
            closed_stage_id: None,
            close_thread_on_resolve: false,
            resolve_session_on_ticket_close: true,
            reopen_within_days: 7,
            property_map: BTreeMap::new(),
            create_properties: false,
            routing: Vec::new(),
            quiet_seconds: BTreeMap::new(),
            office_hours: None,
            fallback_message: None,
            fallback_assignee: None,
            handoff_timeout_minutes: None,
            custom_channels: false,
            custom_channels_inbox: None,
            retention_days: 30,
            opencx_requests_per_minute: 100,
            oauth_only: false,
        }
    }
}

/// Both forms of a user that forms and documents use.
fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ActorId>, D::Error> {
    let text = match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(serde::de::Error::custom("a user is A-123 or 123")),
    };
    match ActorId::parse_user(&text) {
        Ok(actor @ ActorId::Agent(_)) => Ok(Some(actor)),
        _ => Err(serde::de::Error::custom("a user is A-123 or 123")),
    }
}

/// On or off for all channels, or per channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "Value")]
pub struct AssistMode {
    everywhere: bool,
    per_channel: BTreeMap<Channel, bool>,
}

impl Default for AssistMode {
    fn default() -> Self {
        Self::everywhere(false)
    }
}

impl AssistMode {
    /// The same on every channel.
    pub fn everywhere(on: bool) -> Self {
        Self { everywhere: on, per_channel: BTreeMap::new() }
    }

    /// Whether the AI only drafts on `channel`.
    pub(crate) fn on(&self, channel: Channel) -> bool {
        self.per_channel.get(&channel).copied().unwrap_or(self.everywhere)
    }
}

impl From<AssistMode> for Value {
    fn from(mode: AssistMode) -> Self {
        if mode.per_channel.is_empty() {
            return Self::Bool(mode.everywhere);
        }
        Self::Object(
            mode.per_channel.iter().map(|(channel, on)| (channel.as_str().to_owned(), Self::Bool(*on))).collect(),
        )
    }
}

impl<'de> Deserialize<'de> for AssistMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let odd = || serde::de::Error::custom("assist_mode is a bool, or a bool per channel");
        match Value::deserialize(deserializer)? {
            Value::Bool(on) => Ok(Self::everywhere(on)),
            Value::Object(channels) => {
                let read = |(name, on): (String, Value)| Some((name.parse().ok()?, on.as_bool()?));
                let per_channel = channels.into_iter().map(read).collect::<Option<_>>().ok_or_else(odd)?;
                Ok(Self { everywhere: false, per_channel })
            }
            _ => Err(odd()),
        }
    }
}

/// One routing rule.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RoutingRule {
    /// All that is given must match.
    #[serde(default)]
    pub when: RoutingWhen,
    /// `A-…`, an owner id or an e-mail address.
    pub assign: String,
}

/// The conditions of a rule. An absent one matches anything.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoutingWhen {
    /// Where the customer wrote.
    pub channel: Option<Channel>,
    /// The primary language, as `de` in `de-AT`.
    pub language: Option<String>,
    /// The customer's mood.
    pub sentiment: Option<Sentiment>,
    /// Why the AI handed off.
    pub reason: Option<HandoffReason>,
    /// Each key must have this value.
    pub custom_data: BTreeMap<String, Value>,
}

// Rules name reps by address and customers by their data; the fallback texts are what people read.
debug_only!(RoutingRule { when });

debug_only!(RoutingWhen { channel, language, sentiment, reason });

debug_only!(Settings {
    enabled,
    inboxes,
    channels,
    answer_unassigned,
    ticketing_enabled,
    assist_mode,
    ai_user,
    routing
});

#[cfg(test)]
mod tests;
