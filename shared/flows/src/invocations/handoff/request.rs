//! What is asked of `handoff` (contract section 2).

use crate::conversation::contact::RequestContact;
use crate::conversation::warning::Warning;
use domain::{
    Channel, ContactId, HandoffReason, Message, MessageId, OrgId, OwnerId, Sentiment, SessionId, ThreadId, TicketId,
    TranscriptLine,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Session;

/// A handoff, by the OpenCX backend or by ourselves.
#[derive(Clone, Deserialize)]
pub struct HandoffRequest {
    /// The organization.
    pub org_id: OrgId,
    /// The session; all but `id` may be absent, then it is read from OpenCX.
    pub session: HandoffSession,
    /// Why.
    #[serde(default)]
    pub reason: GivenReason,
    /// Who gets it, before routing rules and the default user: `A-…`, an owner id or an e-mail address.
    #[serde(default)]
    pub assignee: Option<String>,
}

/// The session as the caller describes it.
#[derive(Clone, Deserialize)]
pub struct HandoffSession {
    /// The session's id.
    pub id: SessionId,
    /// OpenCX's human-readable number; a number or a string.
    #[serde(default)]
    pub ticket_number: Option<Value>,
    /// Where the customer wrote.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// The session in the OpenCX inbox.
    #[serde(default)]
    pub url: Option<String>,
    /// BCP 47.
    #[serde(default)]
    pub language: Option<String>,
    /// The customer's mood.
    #[serde(default)]
    pub sentiment: Option<Sentiment>,
    /// The AI's summary.
    #[serde(default)]
    pub summary: Option<String>,
    /// The customer.
    #[serde(default)]
    pub contact: Option<RequestContact>,
    /// Goes to ticket properties.
    #[serde(default)]
    pub custom_data: Option<BTreeMap<String, Value>>,
    /// What was said.
    #[serde(default)]
    pub transcript: Option<Vec<TranscriptLine>>,
    /// The HubSpot thread, where the caller knows it.
    #[serde(default)]
    pub thread_id: Option<ThreadId>,
}

/// Why the AI hands off.
#[derive(Clone, Default, Deserialize)]
pub struct GivenReason {
    /// One of the contract's codes.
    #[serde(default)]
    pub code: Option<HandoffReason>,
    /// In words.
    #[serde(default)]
    pub text: Option<String>,
}

impl HandoffRequest {
    /// The AI decided it; everything else, the reason too, is read from OpenCX.
    pub(crate) fn by_ai(session: &Session, why: &str) -> Self {
        Self::bare(session, None, why)
    }

    /// A HubSpot workflow decided it; everything else is read from OpenCX.
    pub(crate) fn by_workflow(session: &Session, why: &str, assignee: Option<&str>) -> Self {
        let assignee = assignee.map(str::to_owned);
        Self { assignee, ..Self::bare(session, Some(HandoffReason::BasedOnInstructions), why) }
    }

    /// We decided it, perhaps while OpenCX is out of reach: what the ticket needs is given here.
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
        let email =
            sender.and_then(|s| s.address.as_ref()).filter(|a| a.kind == "HS_EMAIL_ADDRESS").map(|a| a.value.clone());
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

/// What a handoff did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HandoffAnswer {
    /// The ticket, unless ticketing is disabled.
    pub ticket_id: Option<TicketId>,
    /// What became of it.
    pub ticket: TicketOutcome,
    /// The HubSpot contact of the customer.
    pub contact_id: Option<ContactId>,
    /// The conversation.
    pub thread_id: Option<ThreadId>,
    /// The internal comment, or the note that stands for it.
    pub comment_id: Option<MessageId>,
    /// Whom the ticket is assigned to.
    pub owner_id: Option<OwnerId>,
    /// What could not be done, though the handoff was.
    pub warnings: Vec<Warning>,
}

/// What became of a handoff's ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketOutcome {
    /// It is new.
    Created,
    /// It was open and goes on.
    Updated,
    /// It was closed and goes on.
    Reopened,
    /// Ticketing is disabled, or the organization is not live.
    #[default]
    Disabled,
}

impl TicketOutcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Reopened => "reopened",
            Self::Disabled => "disabled",
        }
    }

    pub(crate) fn of_stored(text: &str) -> Self {
        [Self::Updated, Self::Reopened].into_iter().find(|outcome| outcome.as_str() == text).unwrap_or(Self::Created)
    }
}
