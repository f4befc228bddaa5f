//! The ticket of a handoff: the thread's own, the session's, or a new one that a later run can find again.

use crate::conversation::pipeline;
use crate::conversation::properties::push;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Customer;
use crate::invocations::handoff::request::TicketOutcome;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, Record, found_or_done};
use domain::{MAX_TEXT, Thread, TicketId, length, ticket_subject, ticket_text};
use hubspot::{HubSpotError, NewTicket, property};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{PortalProperties, Session, Step, Work};

/// A handoff's ticket, and its outcome.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) id: TicketId,
    pub(crate) outcome: TicketOutcome,
}

impl Record for Opened {
    fn to_step(&self) -> Step {
        let detail = Some(self.outcome.as_str().to_owned());
        Step { about_to: None, done: Some(self.id.to_string()), detail }
    }

    fn from_step(step: &Step) -> Option<Self> {
        let word = step.detail.as_deref();
        let known = [TicketOutcome::Updated, TicketOutcome::Reopened];
        let outcome = known.into_iter().find(|outcome| Some(outcome.as_str()) == word);
        let id = TicketId::parse(step.done.clone()?).ok()?;
        Some(Self { id, outcome: outcome.unwrap_or(TicketOutcome::Created) })
    }
}

/// Finds or creates the ticket, puts the rest of the text into notes, and links the ticket to the session.
pub(crate) async fn open_ticket(
    job: &Job<'_>,
    customer: &Customer<'_>,
    thread: Option<&Thread>,
    warnings: &mut Vec<Warning>,
) -> Result<Opened, FlowError> {
    let Customer { facts, session, contact, .. } = customer;
    if let PortalProperties::Refused(why) = &job.tenant.connection.properties {
        let said = format!("the ticket is opened without OpenCX properties: {why}");
        warnings.push(Warning::new("properties_refused", said));
    }
    let found = match job.kept(Effect::Ticket).and_then(Opened::from_step) {
        Some(_) => FoundTicket::default(),
        None => find(job, session, thread).await?,
    };
    let plan = plan(job, &found).await?;
    let summary = match &plan.follows {
        Some(former) => format!("{}\n\nFollows ticket {former}, which is closed.", facts.summary.trim_end()),
        None => facts.summary.clone(),
    };
    let text = ticket_text(summary.trim_start(), &facts.transcript, &key(job), plan.room);
    let there = found.ticket.as_ref();
    let ticket = WrittenTicket { job, customer, content: text.content, there, reopens: found.closed };
    let mut all_written = true;
    let write = async |permit: &Permit<'_>| {
        let (id, complete) = ticket.write(permit, warnings).await?;
        all_written = complete;
        Ok(Opened { id, outcome: if there.is_some() { plan.outcome } else { TicketOutcome::Created } })
    };
    let opened = job.once_by_claim(Effect::Ticket, async || ticket.find().await, write).await?;
    // A later run cannot find the ticket if the portal refuses properties and the ticket has no contact.
    job.write_kept().await?;
    let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
    store.link_ticket(&session.org, &session.id, portal, &opened.id, contact.as_ref()).await?;
    if all_written {
        push::remember(job, session, &facts.custom_data).await;
    }
    write_notes(job, &opened.id, &text.notes).await?;
    Ok(opened)
}

/// `<session>#<n>`: the value of the unique property, and a part of the marker in the content.
fn key(job: &Job<'_>) -> String {
    match &job.work {
        Work::Handoff { session, n, .. } => format!("{session}#{n}"),
        other => other.to_string(),
    }
}

/// The line in the content that identifies the ticket if the portal refuses properties.
fn marker(job: &Job<'_>) -> String {
    format!("OpenCX handoff {}", key(job))
}

/// The tickets that a handoff finds.
#[derive(Default)]
struct FoundTicket {
    /// The ticket that the handoff takes.
    ticket: Option<hubspot::Ticket>,
    /// That ticket is closed.
    closed: bool,
    /// A ticket that was closed too long ago: the new ticket names it.
    follows: Option<TicketId>,
}

/// The thread's ticket (Help Desk) in any state; else the session's, if it is open or was closed lately.
async fn find(job: &Job<'_>, session: &Session, thread: Option<&Thread>) -> Result<FoundTicket, FlowError> {
    const PROPERTIES: [&str; 4] = [property::PIPELINE, property::STAGE, property::CONTENT, property::CLOSED];
    let of_thread = thread.and_then(|thread| thread.ticket.as_ref());
    let ticket = match of_thread.or(session.ticket.as_ref()) {
        Some(id) => job.tenant.portal.ticket(id, &PROPERTIES).await?,
        None => None,
    };
    let Some(ticket) = ticket else {
        let Some(previous) = &session.previous else { return Ok(FoundTicket::default()) };
        let former = job.tenant.bridge.store.session(&session.org, previous).await?;
        return Ok(FoundTicket { follows: former.and_then(|former| former.ticket), ..FoundTicket::default() });
    };
    let closed = pipeline::is_closed(&job.tenant, &ticket).await?;
    if closed && of_thread.is_none() && !closed_lately(job, &ticket) {
        return Ok(FoundTicket { follows: Some(ticket.id), ..FoundTicket::default() });
    }
    Ok(FoundTicket { ticket: Some(ticket), closed, follows: None })
}

/// Whether the ticket was closed within `reopen_within_days`. Without a date the answer is no.
fn closed_lately(job: &Job<'_>, ticket: &hubspot::Ticket) -> bool {
    let kept = SignedDuration::from_hours(24 * i64::from(job.tenant.connection.settings.reopen_within_days));
    ticket.closed_at().is_some_and(|at| job.now().duration_since(at) <= kept)
}

/// The decision about the ticket that was found.
#[derive(Serialize, Deserialize)]
struct Plan {
    #[serde(rename = "how")]
    outcome: TicketOutcome,
    /// The characters that the ticket's own words leave in its content.
    room: usize,
    /// The former ticket, which a new one names.
    follows: Option<TicketId>,
}

/// Decides once and keeps the decision: a later run finds the ticket open and longer, and must cut the transcript as before.
async fn plan(job: &Job<'_>, found: &FoundTicket) -> Result<Plan, FlowError> {
    let kept = job.kept(Effect::Plan).and_then(|step| step.detail.as_deref());
    if let Some(plan) = kept.and_then(|plan| serde_json::from_str(plan).ok()) {
        return Ok(plan);
    }
    let outcome = if found.closed { TicketOutcome::Reopened } else { TicketOutcome::Updated };
    let theirs = found.ticket.as_ref().and_then(|ticket| ticket.get(property::CONTENT));
    let theirs = theirs.filter(|content| !content.is_empty());
    let room = theirs.map_or(MAX_TEXT, |theirs| MAX_TEXT.saturating_sub(length(theirs) + 2));
    let plan = Plan { outcome, room, follows: found.follows.clone() };
    if found.ticket.is_some() || found.follows.is_some() {
        job.keep(Effect::Plan, Step { about_to: None, done: None, detail: serde_json::to_string(&plan).ok() });
        job.write_kept().await?;
    }
    Ok(plan)
}

/// The ticket as it is written.
struct WrittenTicket<'a> {
    job: &'a Job<'a>,
    customer: &'a Customer<'a>,
    content: String,
    /// The ticket that HubSpot has; absent if a new one is opened.
    there: Option<&'a hubspot::Ticket>,
    /// That ticket is closed.
    reopens: bool,
}

impl WrittenTicket<'_> {
    /// The ticket that an earlier run created before it died.
    async fn find(&self) -> Result<Option<Opened>, FlowError> {
        if self.there.is_some() {
            return Ok(None);
        }
        let portal = &self.job.tenant.portal;
        let opened = |id| Opened { id, outcome: TicketOutcome::Created };
        if !matches!(self.job.tenant.connection.properties, PortalProperties::Refused(_)) {
            match portal.ticket_by(property::HANDOFF_ID, &key(self.job), &[property::STAGE]).await {
                Ok(found) => return Ok(found.map(|ticket| opened(ticket.id))),
                Err(HubSpotError::Rejected { .. } | HubSpotError::UnknownProperties(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let Some(contact) = &self.customer.contact else { return Ok(None) };
        let marker = marker(self.job);
        let tickets = portal.tickets_of_contact(contact, &[property::CONTENT]).await?;
        let is_ours = |t: &hubspot::Ticket| t.get(property::CONTENT).is_some_and(|content| content.contains(&marker));
        Ok(tickets.into_iter().find(is_ours).map(|ticket| opened(ticket.id)))
    }

    /// Creates or updates the ticket, with a warning for properties that HubSpot does not take. The flag says that all are written.
    async fn write(&self, permit: &Permit<'_>, warnings: &mut Vec<Warning>) -> Result<(TicketId, bool), FlowError> {
        let mut properties = self.properties(warnings).await?;
        let mut all_written = true;
        for _ in 0..2 {
            let (refused, said): (Vec<String>, _) = match self.send(permit, &properties).await {
                Err(FlowError::HubSpot(HubSpotError::UnknownProperties(names))) => {
                    let said = format!("the portal has no ticket property {}", names.join(", "));
                    (names, said)
                }
                Err(FlowError::HubSpot(HubSpotError::Rejected { properties: refused, .. }))
                    if refused.iter().any(|name| !domain::is_reserved(name) && properties.contains_key(name)) =>
                {
                    let said = format!("HubSpot does not take the values of {}", refused.join(", "));
                    (refused.into_iter().filter(|name| !domain::is_reserved(name)).collect(), said)
                }
                Err(FlowError::HubSpot(HubSpotError::DuplicateValue)) => {
                    let found = self.job.tenant.portal.ticket_by(property::HANDOFF_ID, &key(self.job), &[]).await?;
                    let found = found.ok_or(FlowError::HubSpot(HubSpotError::NotFound))?;
                    return Ok((found.id, all_written));
                }
                sent => return Ok((sent?, all_written)),
            };
            properties.retain(|name, _| !refused.contains(name));
            warnings.push(Warning::new("properties_not_written", said));
            all_written = false;
        }
        Ok((self.send(permit, &properties).await?, false))
    }

    async fn send(&self, permit: &Permit<'_>, properties: &BTreeMap<String, String>) -> Result<TicketId, FlowError> {
        if let Some(there) = self.there {
            self.job.tenant.portal.update_ticket(&there.id, properties).await?;
            return Ok(there.id.clone());
        }
        permit.ticket(&NewTicket { properties: properties.clone(), contact: self.customer.contact.clone() }).await
    }

    /// Summary and transcript under the words that the ticket has. `None` if an earlier run wrote them.
    fn content_beside(&self) -> Option<String> {
        let there = self.there.and_then(|ticket| ticket.get(property::CONTENT)).unwrap_or_default();
        (!there.contains(&marker(self.job))).then(|| domain::beside(there, &self.content))
    }

    /// The values of the ticket. A portal that refuses our properties gets its own ones only.
    async fn properties(&self, warnings: &mut Vec<Warning>) -> Result<BTreeMap<String, String>, FlowError> {
        let (tenant, Customer { facts, session, owner, .. }) = (&self.job.tenant, self.customer);
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                all.insert(name.to_owned(), value);
            }
        };
        set(property::CONTENT, self.content_beside());
        set(property::OWNER, owner.filter(|_| !facts.assist_mode).map(|owner| owner.id.to_string()));
        if let Some(closed) = self.there.filter(|_| self.reopens) {
            set(property::STAGE, Some(pipeline::reopened_stage(tenant, closed).await?));
        }
        if self.there.is_none() {
            set(property::SUBJECT, Some(ticket_subject(facts.ticket_number.as_deref(), &facts.summary)));
            let (pipeline, stage) = pipeline::open_stage(tenant).await?;
            set(property::PIPELINE, Some(pipeline));
            set(property::STAGE, Some(stage));
        }
        if matches!(tenant.connection.properties, PortalProperties::Refused(_)) {
            return Ok(all);
        }
        set(property::HANDOFF_ID, Some(key(self.job)));
        set(property::SESSION_ID, Some(session.id.to_string()));
        set(property::HANDED_OFF, Some("true".to_owned()));
        set(property::CHANNEL, Some(facts.channel.as_str().to_owned()));
        set(property::SENTIMENT, facts.sentiment.map(|s| s.as_str().to_owned()));
        set(property::LANGUAGE, facts.language.clone());
        set(property::HANDOFF_REASON, Some(facts.reason.to_string()));
        set(property::SESSION_URL, facts.url.clone());
        if !facts.custom_data.is_empty() {
            let (plan, _) = push::plan(self.job, &facts.custom_data, warnings).await?;
            all.extend(plan.write.into_iter().map(|(property, (_, text))| (property, text)));
        }
        Ok(all)
    }
}

/// Writes the text that does not fit into the content, each note once.
async fn write_notes(job: &Job<'_>, ticket: &TicketId, notes: &[String]) -> Result<(), FlowError> {
    let written = match notes {
        [] => return Ok(()),
        _ if job.retried() => job.tenant.portal.notes_of_ticket(ticket).await?,
        _ => Vec::new(),
    };
    for note in notes {
        let same = domain::normalised(note);
        let there = written.iter().find(|there| domain::normalised(&there.body_html) == same);
        let find = async |_| Ok(there.map(|note| note.id.clone()));
        let begun = job.retried().then_some(job.run.started_at);
        found_or_done(&job.tenant, begun, find, async |permit| permit.note(ticket, note).await).await?;
    }
    Ok(())
}
