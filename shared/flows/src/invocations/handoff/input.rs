//! The input of a handoff: the request, completed from OpenCX, and the people and the thread as HubSpot has them.

use crate::conversation::contact::{contact_if_possible, usable};
use crate::conversation::incoming::{MESSAGE_PROBE, THREAD_PROBE};
use crate::conversation::warning::Warning;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Channel, ContactId, HandoffReason, RoutingFacts, Sentiment, Thread, ThreadId, TranscriptLine};
use hubspot::{HubSpotError, Owner};
use opencx::{HistoryEvent, Person, Sender};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Session;

pub(crate) struct Facts {
    pub(crate) ticket_number: Option<String>,
    pub(crate) channel: Channel,
    pub(crate) url: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) sentiment: Option<Sentiment>,
    pub(crate) summary: String,
    pub(crate) contact: Person,
    pub(crate) custom_data: BTreeMap<String, Value>,
    pub(crate) transcript: Vec<TranscriptLine>,
    pub(crate) thread_id: Option<ThreadId>,
    /// OpenCX itself carries the channel.
    pub(crate) own_channel: bool,
    /// Messages that reps write in HubSpot reach the customer.
    pub(crate) reps_reach: bool,
    pub(crate) reason: HandoffReason,
    pub(crate) reason_text: Option<String>,
    /// The rep by request, else by routing rule, else the default user.
    pub(crate) assignee: Option<String>,
    pub(crate) assist_mode: bool,
}

/// A handoff with the people it is about.
pub(crate) struct Customer<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) session: &'a Session,
    pub(crate) contact: Option<ContactId>,
    pub(crate) owner: Option<&'a Owner>,
}

impl Facts {
    pub(crate) async fn gather(
        job: &Job<'_>,
        request: &HandoffRequest,
        session: &Session,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, FlowError> {
        let (given, connection) = (&request.session, &job.tenant.connection);
        let (there, events) = read_opencx(job, request, session, warnings).await?;
        let there = there.as_ref();
        let (reason, reason_text) = reason(request, &events);
        let channel = given.channel.unwrap_or(session.channel);
        let own_channel = session.custom_account.is_some();
        let contact = given.contact.clone().map(Person::from);
        let mut facts = Self {
            ticket_number: given
                .ticket_number
                .as_ref()
                .and_then(number)
                .or_else(|| there.and_then(|it| it.ticket_number.clone())),
            channel,
            url: given.url.clone().or_else(|| there.and_then(|it| it.url.clone())),
            language: given.language.clone().or_else(|| there.and_then(|it| it.language.clone())),
            sentiment: given.sentiment.or_else(|| there.and_then(|it| it.sentiment)),
            summary: given.summary.clone().or_else(|| there.and_then(|it| it.summary.clone())).unwrap_or_default(),
            contact: contact.or_else(|| there.map(|it| it.contact.clone())).unwrap_or_default(),
            custom_data: given.custom_data.clone().or_else(|| there.map(custom_data)).unwrap_or_default(),
            transcript: given.transcript.clone().unwrap_or_else(|| events.into_iter().filter_map(line).collect()),
            thread_id: given.thread_id.clone().or_else(|| session.thread.clone()),
            own_channel,
            reps_reach: channel.hubspot_delivers() || (own_channel && connection.published_to().is_some()),
            reason,
            reason_text,
            assignee: None,
            assist_mode: connection.settings.assists(session.assist_mode, channel),
        };
        let routing = RoutingFacts {
            channel: facts.channel,
            language: facts.language.as_deref(),
            sentiment: facts.sentiment,
            reason: &facts.reason,
            custom_data: &facts.custom_data,
        };
        let routed = domain::route(&connection.settings, &routing).map(str::to_owned);
        let default = || connection.settings.default_user.as_ref().map(ToString::to_string);
        facts.assignee = request.assignee.clone().or(routed).or_else(default);
        Ok(facts)
    }
}

/// Reads session and history if the request leaves something out. If OpenCX is out of reach, the handoff goes on without them.
async fn read_opencx(
    job: &Job<'_>,
    request: &HandoffRequest,
    session: &Session,
    warnings: &mut Vec<Warning>,
) -> Result<(Option<opencx::OpenCxSession>, Vec<HistoryEvent>), FlowError> {
    let given = &request.session;
    let given = [given.summary.is_some(), given.contact.is_some(), given.transcript.is_some()];
    if given == [true; 3] {
        return Ok((None, Vec::new()));
    }
    let mut go_on = |what: &str, error: FlowError| {
        if given == [false; 3] {
            // The ticket would be empty. A repeated request may find OpenCX in reach.
            return Err(error);
        }
        tracing::warn!(error = %error, missing = what, "a handoff goes on, but OpenCX could not be read");
        warnings.push(Warning::new("opencx_not_read", format!("OpenCX could not be asked for the {what}")));
        Ok(())
    };
    let read = async {
        let opencx = job.tenant.opencx().await?;
        Ok::<_, FlowError>(futures::join!(opencx.session(&session.id), opencx.history(&session.id)))
    };
    let (there, events) = match read.await {
        Err(error @ FlowError::Wait { .. }) => {
            go_on("session and history", error)?;
            return Ok((None, Vec::new()));
        }
        read => read?,
    };
    let there = there.map(Some).or_else(|error| go_on("session", error.into()).map(|()| None))?;
    let events = events.or_else(|error| go_on("history", error.into()).map(|()| Vec::new()))?;
    Ok((there, events))
}

/// The reason by request, else by the history's entry of the handoff: one of the known codes, or words.
fn reason(request: &HandoffRequest, events: &[HistoryEvent]) -> (HandoffReason, Option<String>) {
    let given = &request.reason;
    let code = given.code.clone().unwrap_or(HandoffReason::InsufficientKnowledge);
    let told = events.iter().rev().find(|event| given.code.is_none() && event.kind == "handoff");
    match told.map(|told| HandoffReason::from(told.text.trim().to_owned())) {
        None => (code, given.text.clone()),
        Some(HandoffReason::Other(words)) if words.is_empty() => (code, given.text.clone()),
        Some(HandoffReason::Other(words)) => (code, Some(words)),
        Some(known) => (known, given.text.clone()),
    }
}

/// The session's custom data without our own marks, which tell reps nothing.
fn custom_data(there: &opencx::OpenCxSession) -> BTreeMap<String, Value> {
    let mut data = there.custom_data.clone();
    data.retain(|key, _| key != THREAD_PROBE && key != MESSAGE_PROBE);
    data
}

/// OpenCX's ticket number comes as a number or a string.
fn number(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))
}

/// A line of the transcript. Internal comments and changes of state are not part of the transcript.
fn line(event: HistoryEvent) -> Option<TranscriptLine> {
    let sender = match event.sender {
        Sender::Contact => "contact",
        Sender::Ai => "ai",
        Sender::Agent => "agent",
        Sender::Other(_) => return None,
    };
    let said = (!event.text.trim().is_empty() || !event.files.is_empty()) && !event.kind.contains("comment");
    said.then(|| TranscriptLine {
        sender: sender.to_owned(),
        name: event.name.filter(|_| sender != "ai"),
        text: event.text,
        at: Some(event.at),
        attachments: event.files,
    })
}

/// The customer's contact by e-mail, created if absent. Without an e-mail address the ticket has no contact.
pub(crate) async fn contact(job: &Job<'_>, facts: &Facts) -> Result<Option<ContactId>, Warning> {
    if !facts.contact.email.as_deref().is_some_and(usable) {
        return Err(Warning::new("no_email", "the customer has no e-mail address; the ticket has no contact"));
    }
    let found = contact_if_possible(&job.tenant.portal, &facts.contact).await;
    let missing = || Warning::new("contact_not_created", "HubSpot refused to find or create the contact");
    found.map(Some).ok_or_else(missing)
}

/// The conversation if HubSpot has one. A rep may have begun one from the session's ticket: the latest counts.
pub(crate) async fn thread(job: &Job<'_>, facts: &Facts, session: &Session) -> Result<Option<Thread>, FlowError> {
    let portal = &job.tenant.portal;
    let found = match (&facts.thread_id, &session.ticket) {
        (Some(id), _) => portal.thread(id).await.map(Some),
        (None, Some(ticket)) => portal.latest_thread_of_ticket(ticket).await,
        (None, None) => Ok(None),
    };
    match found {
        Err(HubSpotError::NotFound) => Ok(None),
        found => Ok(found?),
    }
}

/// The owner record of the rep.
pub(crate) async fn owner(job: &Job<'_>, facts: &Facts) -> Result<Option<Owner>, Warning> {
    let Some(named) = &facts.assignee else { return Ok(None) };
    let said = match job.tenant.owner(named).await {
        Ok(Some(owner)) if !owner.archived => return Ok(Some(owner)),
        Ok(_) => "the rep to assign has no active owner record; the ticket is unassigned",
        Err(error) => {
            tracing::warn!(error = %error, "a handoff goes on without owner");
            "HubSpot did not tell the rep's owner record; is crm.objects.owners.read granted?"
        }
    };
    Err(Warning::new("owner_not_found", said))
}
