//! The history of a session.

use crate::client::Org;
use crate::error::OpenCxError;
use crate::session;
use crate::wire::{Part, id};
use domain::{NamedFile, OpenCxMessageId, SessionId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use transport::debug_only;
use transport::json::{Loose, WireError};

/// A longer conversation is read as far as this.
const MOST_PAGES: usize = 20;

/// One entry of a session's history.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryEvent {
    /// OpenCX's id of it.
    pub id: Option<OpenCxMessageId>,
    /// When it happened.
    pub at: Timestamp,
    /// OpenCX's word for it, such as `message`, `handoff`, `human_agent_comment`.
    pub kind: String,
    /// Its author.
    pub sender: Sender,
    /// The writer's name, where OpenCX tells.
    pub name: Option<String>,
    /// The words; empty for changes of state.
    pub text: String,
    /// Files that went along.
    pub files: Vec<NamedFile>,
}

debug_only!(HistoryEvent { id, at, kind, sender });

/// The author of an entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The customer.
    Contact,
    /// The AI.
    Ai,
    /// A person of the support team.
    Agent,
    /// The system, or a word that is new to this client.
    Other(String),
}

impl Org {
    /// All that happened on the session, oldest first, up to twenty pages of it.
    pub async fn history(&self, id: &SessionId) -> Result<Vec<HistoryEvent>, OpenCxError> {
        let path = session::path(id).then("history");
        let events = self.pages::<EntryResponse, _>("read the history of a session", &path, MOST_PAGES).await?;
        Ok(oldest_first(events))
    }
}

/// OpenCX does not say in which order it lists, and an entry added meanwhile can show another one on two pages.
fn oldest_first(mut events: Vec<HistoryEvent>) -> Vec<HistoryEvent> {
    let newest_first = events.first().zip(events.last()).is_some_and(|(first, last)| first.at > last.at);
    if newest_first {
        // Entries of the same moment keep their order in the stable sort, which must be the right one.
        events.reverse();
    }
    events.sort_by_key(|event| event.at);
    let mut known = BTreeSet::new();
    events.retain(|event| event.id.as_ref().is_none_or(|id| known.insert(id.clone())));
    events
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EntryResponse {
    id: Loose,
    created_at: Loose,
    event: Part<WhatResponse>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WhatResponse {
    #[serde(rename = "type")]
    kind: Loose,
    sender: Part<SenderResponse>,
    content: Value,
    attachments: Part<Vec<FileResponse>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FileResponse {
    name: Loose,
    url: Loose,
    #[serde(rename = "type")]
    kind: Loose,
    mime_type: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SenderResponse {
    #[serde(rename = "type")]
    kind: Loose,
    name: Loose,
}

impl TryFrom<EntryResponse> for HistoryEvent {
    type Error = WireError;

    fn try_from(wire: EntryResponse) -> Result<Self, WireError> {
        let what = wire.event.0;
        let text = what.content.get("text").unwrap_or(&what.content).as_str().unwrap_or_default().to_owned();
        Ok(Self {
            id: id(wire.id),
            at: wire.created_at.time().ok_or(WireError::no_time("items[].created_at"))?,
            kind: what.kind.filled().unwrap_or_default(),
            name: what.sender.0.name.filled(),
            sender: Sender::of(what.sender.0.kind),
            text,
            files: what.attachments.0.into_iter().map(FileResponse::named).collect(),
        })
    }
}

impl FileResponse {
    fn named(self) -> NamedFile {
        let mime_type = self.mime_type.filled().or(self.kind.filled());
        NamedFile { name: self.name.filled(), url: self.url.filled(), mime_type }
    }
}

impl Sender {
    /// The API's words, and those of the widget, which serves the same rows.
    fn of(word: Loose) -> Self {
        let word = word.filled().unwrap_or_default();
        match word.as_str() {
            "contact" | "user" => Self::Contact,
            "ai" => Self::Ai,
            "human_agent" | "agent" => Self::Agent,
            _ => Self::Other(word),
        }
    }
}
