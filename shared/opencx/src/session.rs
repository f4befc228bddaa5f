//! Sessions: begun, read, closed and reopened.

use crate::client::{Ask, Org};
use crate::contact::{Person, PersonRequest, PersonResponse};
use crate::error::OpenCxError;
use crate::wire::{Loose, Part, Tree, WireError, flat};
use domain::{Channel, Sentiment, SessionId, SessionStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use transport::Path;

/// Enough for what is created while one run is lost.
const MOST_PAGES: usize = 10;

/// A session to begin.
#[derive(Clone)]
pub struct NewSession {
    /// Where the customer writes.
    pub channel: Channel,
    /// Whom OpenCX links or creates as the session's contact. An unknown person begins a session without one.
    pub contact: Person,
    /// Kept on the session. Nested values are sent as JSON text, because OpenCX refuses them.
    pub custom_data: BTreeMap<String, Value>,
}

debug_only!(NewSession { channel });

/// One conversation as OpenCX has it.
#[derive(Clone, PartialEq)]
pub struct Session {
    /// OpenCX's id of it.
    pub id: SessionId,
    /// A status this client does not know counts as unresolved if its name begins with `closed`, else as open.
    pub status: SessionStatus,
    /// Where the customer writes, unless this client does not know the channel.
    pub channel: Option<Channel>,
    /// The number people see, such as `4521`.
    pub ticket_number: Option<String>,
    /// The session's own Assist Mode, where OpenCX states it.
    pub assist_mode: Option<bool>,
    /// What the customer writes in, such as `en`.
    pub language: Option<String>,
    /// The session's, else that of its handoff.
    pub sentiment: Option<Sentiment>,
    /// The session's, else that of its handoff.
    pub summary: Option<String>,
    /// The customer.
    pub contact: Person,
    /// What was sent with the session and its messages, merged by OpenCX.
    pub custom_data: BTreeMap<String, Value>,
    /// A human has it: the AI is silent.
    pub handed_off: bool,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// Where people see it, if OpenCX says so.
    pub url: Option<String>,
}

debug_only!(Session { id, status, channel, handed_off, created_at });

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
        let contact = PersonRequest::from(&session.contact);
        let body = CreateSessionRequest {
            channel: ChannelRequest { kind: session.channel },
            contact: (!contact.is_empty()).then_some(contact),
            custom_data: flat(&session.custom_data),
        };
        let ask = Ask::post("create a session", Path::new("/chat/sessions"), &body);
        let created: Created = self.fetch::<Tree, _>(ask).await?;
        Ok(created.0)
    }

    /// Reads a session.
    pub async fn session(&self, id: &SessionId) -> Result<Session, OpenCxError> {
        self.fetch::<SessionResponse, _>(Ask::get("read a session", path(id))).await
    }

    /// The sessions created after `since`, at most ten pages of them.
    pub async fn sessions_created_since(&self, since: Timestamp) -> Result<Vec<Session>, OpenCxError> {
        let path = Path::new("/chat/sessions").with("created_after", since);
        self.pages::<SessionResponse, _>("list sessions", &path, MOST_PAGES).await
    }

    /// Closes or reopens a session. Closing has OpenCX write summary and sentiment.
    pub async fn set_status(&self, id: &SessionId, status: SessionStatus, reflect: Reflect) -> Result<(), OpenCxError> {
        let body = UpdateSessionRequest {
            status,
            generate_summary_and_sentiment_on_resolve: (status != SessionStatus::Open).then_some(true),
            reflect_status_change_for_integration: reflect == Reflect::Yes,
        };
        self.done(Ask::patch("set the status of a session", path(id), &body)).await
    }
}

pub(crate) fn path(id: &SessionId) -> Path {
    Path::new("/chat/sessions").then(id)
}

#[derive(Serialize)]
struct CreateSessionRequest<'a> {
    channel: ChannelRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<PersonRequest<'a>>,
    custom_data: Map<String, Value>,
}

#[derive(Serialize)]
struct ChannelRequest {
    #[serde(rename = "type")]
    kind: Channel,
}

#[derive(Serialize)]
struct UpdateSessionRequest {
    status: SessionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    generate_summary_and_sentiment_on_resolve: Option<bool>,
    reflect_status_change_for_integration: bool,
}

/// The id of what was created: documented as `{"id"}`, later without a shape, so the usual wrapping is read too.
struct Created(SessionId);

impl TryFrom<Tree> for Created {
    type Error = WireError;

    fn try_from(tree: Tree) -> Result<Self, WireError> {
        let id = ["/id", "/data/id"].iter().find_map(|place| tree.pointer(place)).map(Loose::of);
        id.unwrap_or_default().required("id").map(Self)
    }
}

#[derive(Deserialize)]
struct SessionResponse {
    #[serde(default)]
    id: Loose,
    #[serde(default)]
    status: Loose,
    #[serde(default)]
    channel: Part<ChannelResponse>,
    #[serde(default)]
    ticket_number: Loose,
    #[serde(default)]
    assist_mode: Loose,
    #[serde(default)]
    language: Loose,
    #[serde(default)]
    sentiment: Loose,
    #[serde(default)]
    summary: Loose,
    #[serde(default)]
    contact: Part<PersonResponse>,
    #[serde(default)]
    custom_data: Part<BTreeMap<String, Value>>,
    #[serde(default)]
    handoff: Value,
    #[serde(default)]
    handed_off: Loose,
    #[serde(default)]
    created_at: Loose,
    #[serde(default)]
    url: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChannelResponse {
    #[serde(rename = "type")]
    kind: Loose,
}

impl TryFrom<SessionResponse> for Session {
    type Error = WireError;

    fn try_from(wire: SessionResponse) -> Result<Self, WireError> {
        let of_handoff = |field| wire.handoff.get(field).map(Loose::of).unwrap_or_default();
        Ok(Self {
            id: wire.id.required("id")?,
            status: status(&wire.status),
            channel: wire.channel.0.kind.word(),
            ticket_number: wire.ticket_number.text(),
            assist_mode: wire.assist_mode.flag(),
            language: wire.language.text(),
            sentiment: wire.sentiment.word().or_else(|| of_handoff("sentiment").word()),
            summary: wire.summary.or(of_handoff("summary")).text(),
            contact: wire.contact.0.into(),
            custom_data: wire.custom_data.0,
            // OpenCX shows a handoff by this object's presence.
            handed_off: wire.handoff.is_object() || wire.handed_off.flag() == Some(true),
            created_at: wire.created_at.time(),
            url: wire.url.text(),
        })
    }
}

fn status(word: &Loose) -> SessionStatus {
    let closed = || word.clone().text().is_some_and(|word| word.starts_with("closed"));
    word.word().unwrap_or_else(|| if closed() { SessionStatus::ClosedUnresolved } else { SessionStatus::Open })
}
