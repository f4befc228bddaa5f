//! Sessions: begun, read, closed and reopened.

use crate::client::Org;
use crate::contact::{self, Person, PersonResponse};
use crate::error::OpenCxError;
use crate::wire::{Part, Tree, flat, word};
use domain::{Channel, Sentiment, SessionId, SessionStatus};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use transport::json::{JsonCall, Loose, WireError, without_nulls};
use transport::{Path, debug_only};

/// Sessions created while one run is lost fit on fewer pages.
const MOST_PAGES: usize = 10;

/// A session to begin.
#[derive(Clone)]
pub struct NewSession {
    /// The customer's channel.
    pub channel: Channel,
    /// The person whom OpenCX links or creates as the session's contact. An unknown person begins a session without one.
    pub contact: Person,
    /// Kept on the session. Nested values are sent as JSON text, because OpenCX refuses them.
    pub custom_data: BTreeMap<String, Value>,
}

debug_only!(NewSession { channel });

/// One conversation as OpenCX has it.
#[derive(Clone, PartialEq)]
pub struct OpenCxSession {
    /// OpenCX's id of it.
    pub id: SessionId,
    /// A status this client does not know counts as unresolved if its name begins with `closed`, else as open.
    pub status: SessionStatus,
    /// The customer's channel, unless this client does not know it.
    pub channel: Option<Channel>,
    /// The number people see, such as `4521`.
    pub ticket_number: Option<String>,
    /// The session's own Assist Mode, where OpenCX states it.
    pub assist_mode: Option<bool>,
    /// The customer's language, such as `en`.
    pub language: Option<String>,
    /// The session's, else that of its handoff.
    pub sentiment: Option<Sentiment>,
    /// The session's, else that of its handoff.
    pub summary: Option<String>,
    /// The customer.
    pub contact: Person,
    /// The custom data of the session and its messages, merged by OpenCX.
    pub custom_data: BTreeMap<String, Value>,
    /// A human has it: the AI is silent.
    pub handed_off: bool,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// Its page for people, if OpenCX says so.
    pub url: Option<String>,
}

debug_only!(OpenCxSession { id, status, channel, handed_off, created_at });

/// Whether OpenCX passes a change of status on to the helpdesk it is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reflect {
    /// The change is news to HubSpot.
    Yes,
    /// The change came from HubSpot: sending it back would be a loop.
    No,
}

impl Org {
    /// Begins a session. Not repeatable.
    pub async fn create_session(&self, session: &NewSession) -> Result<SessionId, OpenCxError> {
        let contact = contact::request(&session.contact);
        let known = contact.as_object().is_some_and(|fields| !fields.is_empty());
        let body = without_nulls(json!({
            "channel": {"type": session.channel},
            "contact": known.then_some(contact),
            "custom_data": flat(&session.custom_data),
        }));
        let call = JsonCall::post_once("create a session", Path::new("/chat/sessions"), &body);
        let created: Created = self.fetch::<Tree, _>(call).await?;
        Ok(created.0)
    }

    /// Reads a session.
    pub async fn session(&self, id: &SessionId) -> Result<OpenCxSession, OpenCxError> {
        self.fetch::<SessionResponse, _>(JsonCall::get("read a session", path(id))).await
    }

    /// The sessions created after `since`, at most ten pages of them.
    pub async fn sessions_created_since(&self, since: Timestamp) -> Result<Vec<OpenCxSession>, OpenCxError> {
        let path = Path::new("/chat/sessions").with("created_after", since);
        self.pages::<SessionResponse, _>("list sessions", &path, MOST_PAGES).await
    }

    /// Closes or reopens a session. Closing has OpenCX write summary and sentiment.
    pub async fn set_status(&self, id: &SessionId, status: SessionStatus, reflect: Reflect) -> Result<(), OpenCxError> {
        let body = without_nulls(json!({
            "status": status,
            "generate_summary_and_sentiment_on_resolve": (status != SessionStatus::Open).then_some(true),
            "reflect_status_change_for_integration": reflect == Reflect::Yes,
        }));
        self.done(JsonCall::patch("set the status of a session", path(id), &body)).await
    }
}

pub(crate) fn path(id: &SessionId) -> Path {
    Path::new("/chat/sessions").then(id)
}

/// The id of what was created: documented as `{"id"}`, later without a shape, so the usual wrapping is read too.
struct Created(SessionId);

impl TryFrom<Tree> for Created {
    type Error = WireError;

    fn try_from(tree: Tree) -> Result<Self, WireError> {
        let holder = if tree.get("id").is_some() { Some(&tree) } else { tree.get("data") };
        holder.map(|holder| Loose::at(holder, "id")).unwrap_or_default().required("id").map(Self)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionResponse {
    id: Loose,
    status: Loose,
    channel: Part<ChannelResponse>,
    ticket_number: Loose,
    assist_mode: Loose,
    language: Loose,
    sentiment: Loose,
    summary: Loose,
    contact: Part<PersonResponse>,
    custom_data: Part<BTreeMap<String, Value>>,
    handoff: Value,
    handed_off: Loose,
    created_at: Loose,
    url: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChannelResponse {
    #[serde(rename = "type")]
    kind: Loose,
}

impl TryFrom<SessionResponse> for OpenCxSession {
    type Error = WireError;

    fn try_from(wire: SessionResponse) -> Result<Self, WireError> {
        let of_handoff = |field| Loose::at(&wire.handoff, field);
        Ok(Self {
            id: wire.id.required("id")?,
            status: status(&wire.status),
            channel: word(&wire.channel.0.kind),
            ticket_number: wire.ticket_number.filled(),
            assist_mode: wire.assist_mode.flag(),
            language: wire.language.filled(),
            sentiment: word(&wire.sentiment).or_else(|| word(&of_handoff("sentiment"))),
            summary: wire.summary.filled().or_else(|| of_handoff("summary").filled()),
            contact: wire.contact.0.into(),
            custom_data: wire.custom_data.0,
            // OpenCX shows a handoff by the presence of this object.
            handed_off: wire.handoff.is_object() || wire.handed_off.flag() == Some(true),
            created_at: wire.created_at.time(),
            url: wire.url.filled(),
        })
    }
}

fn status(text: &Loose) -> SessionStatus {
    let closed = text.as_str().is_some_and(|text| text.starts_with("closed"));
    word(text).unwrap_or(if closed { SessionStatus::ClosedUnresolved } else { SessionStatus::Open })
}
