//! The organization's sessions, contacts and settings.

use super::body::error;
use super::script::Rule;
use crate::ids::Ids;
use crate::limits::{Wanted, Window};
use crate::wire::{Answer, Ask, iso};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const API_KEY: &str = "ocx_live_5e1f00000000400080000000000000a1";
pub(crate) const CHANNELS: &[&str] =
    &["web", "email", "phone_voice", "sms", "whatsapp", "slack", "instagram", "messenger", "api", "web_voice"];
pub(crate) const STATUSES: &[&str] = &["open", "closed_resolved", "closed_unresolved"];

#[derive(Debug, Clone, Default)]
pub(crate) struct Contact {
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) custom_data: Map<String, Value>,
}

impl Contact {
    pub(crate) fn show(&self, id: &str) -> Value {
        json!({
            "id": id, "email": self.email, "name": self.name, "phone_number": self.phone_number,
            "custom_data": self.custom_data,
        })
    }
}

/// Something that happened on a session.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// `message`, `human_agent_comment`, `handoff` …
    pub(crate) kind: &'static str,
    /// `contact`, `ai`, `human_agent` or `system`.
    pub(crate) sender: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
    pub(crate) attachments: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) number: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) status: &'static str,
    pub(crate) channel: &'static str,
    /// Key of its contact.
    pub(crate) contact: String,
    pub(crate) custom_data: Map<String, Value>,
    pub(crate) handed_off: bool,
    /// `None` where OpenCX does not state it.
    pub(crate) assist_mode: Option<bool>,
    pub(crate) language: Option<String>,
    pub(crate) sentiment: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) closure: Option<&'static str>,
    pub(crate) history: Vec<Event>,
    /// `hubspot_ticket_id`, `hubspot_conversation_id`, `hubspot_contact_id`.
    pub(crate) hubspot: Map<String, Value>,
    /// Whether the last close asked to be reflected in the integration.
    pub(crate) reflected: Option<bool>,
}

pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) ids: Ids,
    pub(crate) key_revoked: bool,
    /// The Assist Mode of new sessions.
    pub(crate) assist_mode: Option<bool>,
    next_number: u64,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) contacts: BTreeMap<String, Contact>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) functions_url: Option<String>,
    unlimited: bool,
    minute: Window,
}

impl State {
    pub(crate) fn new(seed: u64, now: Timestamp) -> Self {
        Self {
            now,
            // The simulated HubSpot has the same seed and must have other ids.
            ids: Ids::new(seed ^ 0x0c11_0c11_0c11_0c11),
            key_revoked: false,
            assist_mode: None,
            next_number: 4520,
            sessions: BTreeMap::new(),
            contacts: BTreeMap::new(),
            rules: Vec::new(),
            functions_url: None,
            unlimited: false,
            minute: Window::new(100, SignedDuration::from_mins(1)),
        }
    }

    /// Everything as at the start, but the functions stay where they were registered and ids go on.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new(0, self.now);
        let (ids, functions_url) = (self.ids.clone(), self.functions_url.take());
        *self = Self { ids, functions_url, next_number: self.next_number, ..fresh };
    }

    pub(crate) fn limit(&mut self, wanted: &Wanted) {
        self.unlimited = wanted.off.unwrap_or(false);
        self.minute.max = wanted.per_minute.unwrap_or(self.minute.max);
    }

    pub(crate) fn authenticate(&self, ask: &Ask) -> Result<(), Answer> {
        let key = ask.header(http::header::AUTHORIZATION).strip_prefix("Bearer ");
        if key == Some(API_KEY) && !self.key_revoked { Ok(()) } else { Err(error(401, "Unauthorized")) }
    }

    pub(crate) fn within_limit(&mut self) -> Result<(), Answer> {
        let within = self.unlimited || self.minute.take(self.now).is_some();
        if within { Ok(()) } else { Err(error(429, "ThrottlerException: Too Many Requests")) }
    }

    pub(crate) fn session(&self, id: &str) -> Result<&Session, Answer> {
        self.sessions.get(id).ok_or_else(|| error(404, "Session not found"))
    }

    /// The session, marked as changed now.
    pub(crate) fn session_mut(&mut self, id: &str) -> Result<&mut Session, Answer> {
        let now = self.now;
        let session = self.sessions.get_mut(id).ok_or_else(|| error(404, "Session not found"))?;
        session.updated_at = now;
        Ok(session)
    }

    /// Puts an empty session in.
    pub(crate) fn add_session(
        &mut self,
        channel: &'static str,
        contact: String,
        custom_data: Map<String, Value>,
    ) -> String {
        self.next_number += 1;
        let id = self.ids.uuid();
        let session = Session {
            id: id.clone(),
            number: self.next_number,
            created_at: self.now,
            updated_at: self.now,
            status: "open",
            channel,
            contact,
            custom_data,
            handed_off: false,
            assist_mode: self.assist_mode,
            language: None,
            sentiment: None,
            summary: None,
            closure: None,
            history: Vec::new(),
            hubspot: Map::new(),
            reflected: None,
        };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Adds an event to a session's history and returns its id.
    pub(crate) fn record(&mut self, session: &str, event: NewEvent) -> Result<String, Answer> {
        let id = self.ids.uuid();
        let NewEvent { kind, sender, name, text, attachments } = event;
        let event = Event { id: id.clone(), at: self.now, kind, sender, name, text, attachments };
        self.session_mut(session)?.history.push(event);
        Ok(id)
    }
}

/// An event before it has id and time.
pub(crate) struct NewEvent {
    pub(crate) kind: &'static str,
    pub(crate) sender: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
    pub(crate) attachments: Value,
}

impl NewEvent {
    pub(crate) fn new(kind: &'static str, sender: &'static str, text: impl Into<String>) -> Self {
        Self { kind, sender, name: None, text: text.into(), attachments: json!([]) }
    }

    pub(crate) fn by(self, name: Option<&str>) -> Self {
        Self { name: name.map(ToOwned::to_owned), ..self }
    }
}

impl Event {
    /// As the history shows it.
    pub(crate) fn show(&self) -> Value {
        json!({
            "id": self.id, "created_at": iso(self.at),
            "event": {
                "type": self.kind, "sender": { "type": self.sender, "name": self.name },
                "content": { "type": "text", "text": self.text }, "attachments": self.attachments, "context": null,
            },
        })
    }
}
