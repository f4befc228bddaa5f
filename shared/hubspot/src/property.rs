//! HubSpot's names of ticket and contact properties, and how their values are read.
//!
//! No other crate may write these names as text. See <https://developers.hubspot.com/docs/api/crm/tickets>.

use jiff::Timestamp;

/// A ticket's stage: the id of one in its pipeline.
pub const STAGE: &str = "hs_pipeline_stage";
/// A ticket's pipeline.
pub const PIPELINE: &str = "hs_pipeline";
/// A ticket's description.
pub const CONTENT: &str = "content";
/// A ticket's title.
pub const SUBJECT: &str = "subject";
/// The owner of a record, by owner id.
pub const OWNER: &str = "hubspot_owner_id";
/// When a ticket was closed; HubSpot keeps it.
pub const CLOSED: &str = "closed_date";
/// When a record was created; HubSpot keeps it.
pub const CREATED: &str = "createdate";
/// The thread that a ticket began with.
pub const THREAD_OF_TICKET: &str = "hs_conversations_originating_thread_id";

/// Our own property: the handoff that opened the ticket. Its values are unique.
pub const HANDOFF_ID: &str = "opencx_handoff_id";
/// Our own property: OpenCX's id of the session.
pub const SESSION_ID: &str = "opencx_session_id";
/// Our own property: whether OpenCX handed the session off.
pub const HANDED_OFF: &str = "opencx_handedoff";
/// Our own property: the channel the customer writes on.
pub const CHANNEL: &str = "opencx_channel";
/// Our own property: the customer's mood.
pub const SENTIMENT: &str = "opencx_sentiment";
/// Our own property: the customer's language.
pub const LANGUAGE: &str = "opencx_language";
/// Our own property: the reason of the handoff.
pub const HANDOFF_REASON: &str = "opencx_handoff_reason";
/// Our own property: the session's page at OpenCX.
pub const SESSION_URL: &str = "opencx_session_url";

/// A moment as HubSpot writes it: RFC 3339 in one place, milliseconds since 1970 in another.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let millis = || text.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    text.parse().ok().or_else(millis)
}
