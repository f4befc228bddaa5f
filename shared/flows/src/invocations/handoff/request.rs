//! The request and the answer of `handoff`.

use crate::conversation::contact::RequestContact;
use crate::conversation::warning::Warning;
use domain::{
    Channel, ContactId, HandoffReason, Message, MessageId, OrgId, OwnerId, Sentiment, SessionId, ThreadId, TicketId,
    TranscriptLine,
};
use hubspot::address;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Session;

/// A handoff, by the OpenCX backend or by ourselves.
#[derive(Clone, Deserialize)]
pub struct HandoffRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session. Fields other than `id` may be absent: they are read from OpenCX.
    pub session: HandoffSession,
    /// The reason.
    #[serde(default)]
    pub reason: GivenReason,
    /// The rep, before routing rules and the default user: `A-…`, an owner id or an e-mail address.
    pub assignee: Option<String>,
}

/// The session as the caller describes it.
#[derive(Clone, Deserialize)]
pub struct HandoffSession {
    /// The session's id.
    pub id: SessionId,
    /// OpenCX's human-readable number; a number or a string.
    pub ticket_number: Option<Value>,
    /// The channel that the customer wrote on.
    pub channel: Option<Channel>,
    /// The session in the OpenCX inbox.
    pub url: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// The customer's mood.
    pub sentiment: Option<Sentiment>,
    /// The AI's summary.
    pub summary: Option<String>,
    /// The customer.
    pub contact: Option<RequestContact>,
    /// Written into ticket properties.
    pub custom_data: Option<BTreeMap<String, Value>>,
    /// The messages so far.
    pub transcript: Option<Vec<TranscriptLine>>,
    /// The HubSpot thread, if the caller knows it.
    pub thread_id: Option<ThreadId>,
}

/// The reason of a handoff.
#[derive(Clone, Default, Deserialize)]
pub struct GivenReason {
    /// One of OpenCX's codes.
    pub code: Option<HandoffReason>,
    /// The reason in words.
    pub text: Option<String>,
}

impl HandoffRequest {
    /// A handoff by the AI. Everything else, the reason too, is read from OpenCX.
    pub(crate) fn by_ai(session: &Session, why: &str) -> Self {
        Self::bare(session, None, why)
    }

    /// A handoff by a HubSpot workflow. Everything else is read from OpenCX.
    pub(crate) fn by_workflow(session: &Session, why: &str, assignee: Option<&str>) -> Self {
        let assignee = assignee.map(str::to_owned);
        Self { assignee, ..Self::bare(session, Some(HandoffReason::BasedOnInstructions), why) }
    }

    /// A handoff by ourselves. OpenCX may be out of reach, so the request brings everything that the ticket needs.
    pub(crate) fn by_us(org: &OrgId, session: &Session, why: &str, question: Option<&Message>) -> Self {
        let mut request = Self::bare(session, Some(HandoffReason::InsufficientTools), why);
        request.org_id = org.clone();
        request.session.summary = Some(format!("Handed off by the HubSpot bridge: {why}"));
        let line = |m: &Message| TranscriptLine {
            sender: "contact".to_owned(),
            name: None,
            text: m.text.clone(),
            at: Some(m.created_at),
            attachments: m.attachments.iter().map(domain::Attachment::named_file).collect(),
        };
        request.session.transcript = Some(question.map(line).into_iter().collect());
        let sender = question.and_then(|m| m.senders.first());
        let email = sender.and_then(|s| s.address.as_ref()).and_then(address::email).map(str::to_owned);
        let name = sender.and_then(|s| s.name.clone());
        request.session.contact = Some(RequestContact { name, email, phone_number: None });
        request.session.custom_data = Some(BTreeMap::new());
        request
    }

    fn bare(session: &Session, code: Option<HandoffReason>, why: &str) -> Self {
        let described = HandoffSession {
            id: session.id.clone(),
            ticket_number: None,
            channel: Some(session.channel),
            url: None,
            language: None,
            sentiment: None,
            summary: None,
            contact: None,
            custom_data: None,
            transcript: None,
            thread_id: session.thread.clone(),
        };
        let reason = GivenReason { code, text: Some(why.to_owned()) };
        Self { org_id: session.org.clone(), session: described, reason, assignee: None }
    }
}

/// The answer of `handoff`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HandoffAnswer {
    /// The ticket, unless ticketing is disabled.
    pub ticket_id: Option<TicketId>,
    /// The outcome for the ticket.
    pub ticket: TicketOutcome,
    /// The HubSpot contact of the customer.
    pub contact_id: Option<ContactId>,
    /// The conversation.
    pub thread_id: Option<ThreadId>,
    /// The internal comment, or the note in its place.
    pub comment_id: Option<MessageId>,
    /// The rep to whom the ticket is assigned.
    pub owner_id: Option<OwnerId>,
    /// Parts that were not done, though the handoff was.
    pub warnings: Vec<Warning>,
}

words! {
    /// The outcome for a handoff's ticket.
    #[derive(Default)]
    TicketOutcome {
        /// The ticket is new.
        Created = "created",
        /// The ticket was open and stays open.
        Updated = "updated",
        /// The ticket was closed and is open again.
        Reopened = "reopened",
        /// Ticketing is disabled, or the organization is not live.
        #[default]
        Disabled = "disabled",
    }
}
