//! The ticket of a handoff: the thread's own, the session's open one, or a new one that can be found again.

use crate::conversation::pipeline;
use crate::conversation::properties::push;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::existing;
use crate::invocations::handoff::people::Customer;
use crate::invocations::handoff::request::TicketOutcome;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, Record, found_or_done};
use domain::{Thread, TicketId, ticket_subject, ticket_text};
use hubspot::{HubSpotError, NewTicket};
use std::collections::BTreeMap;
use store::{PortalProperties, Step, Work};

/// A handoff's ticket, and what became of it.
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
        let outcome = step.detail.as_deref().map_or(TicketOutcome::Created, TicketOutcome::of_stored);
        Some(Self { id: TicketId::parse(step.done.clone()?).ok()?, outcome })
    }
}

/// Finds or creates the ticket, with what does not fit in notes, and links it to the session.
pub(crate) async fn open_ticket(
    job: &Job<'_>,
    customer: &Customer<'_>,
    thread: Option<&Thread>,
    warnings: &mut Vec<Warning>,
) -> Result<Opened, FlowError> {
    let Customer { facts, session, contact, .. } = customer;
    if let PortalProperties::Refused(why) = &job.tenant.connection.properties {
        warnings
            .push(Warning::new("properties_refused", format!("the ticket is opened without OpenCX properties: {why}")));
    }
    let found = match job.kept(Effect::Ticket).and_then(Opened::from_step) {
        Some(_) => existing::Found::default(),
        None => existing::find(job, session, thread).await?,
    };
    let plan = existing::plan(job, &found).await?;
    let summary = match &plan.follows {
        Some(former) => format!("{}\n\nFollows ticket {former}, which is closed.", facts.summary.trim_end()),
        None => facts.summary.clone(),
    };
    let text = ticket_text(summary.trim_start(), &facts.transcript, &key(job), plan.room);
    let there = found.ticket.as_ref();
    let ticket = Ticket { job, customer, content: text.content, there, reopens: found.closed };
    let mut all_written = true;
    let write = async |permit: &Permit<'_>| {
        let (id, complete) = ticket.write(permit, warnings).await?;
        all_written = complete;
        Ok(Opened { id, outcome: if there.is_some() { plan.outcome } else { TicketOutcome::Created } })
    };
    let opened = job.once_by_claim(Effect::Ticket, async || ticket.find().await, write).await?;
    // Where the portal refuses properties, a further run could not find a ticket without contact.
    job.write_kept().await?;
    let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
    store.link_ticket(&session.org, &session.id, portal, &opened.id, contact.as_ref()).await?;
    if all_written {
        push::remember(job, session, &facts.custom_data).await;
    }
    write_notes(job, &opened.id, &text.notes).await?;
    Ok(opened)
}

/// `<session>#<n>`: the unique property's value, and the marker in the content.
pub(crate) fn key(job: &Job<'_>) -> String {
    match &job.work {
        Work::Handoff { session, n, .. } => format!("{session}#{n}"),
        Work::Delivery { key, .. } => key.to_string(),
        Work::Request { key, .. } => key.clone(),
    }
}

struct Ticket<'a> {
    job: &'a Job<'a>,
    customer: &'a Customer<'a>,
    content: String,
    /// The ticket that goes on; absent where a new one is opened.
    there: Option<&'a hubspot::Ticket>,
    /// That ticket is closed.
    reopens: bool,
}

impl Ticket<'_> {
    /// A ticket that an earlier run created without living to hear of it.
    async fn find(&self) -> Result<Option<Opened>, FlowError> {
        if self.there.is_some() {
            return Ok(None);
        }
        let (portal, key) = (&self.job.tenant.portal, key(self.job));
        let opened = |id| Opened { id, outcome: TicketOutcome::Created };
        if !matches!(self.job.tenant.connection.properties, PortalProperties::Refused(_)) {
            match portal.ticket_by("opencx_handoff_id", &key, &["hs_pipeline_stage"]).await {
                Ok(found) => return Ok(found.map(|ticket| opened(ticket.id))),
                Err(HubSpotError::Rejected { .. } | HubSpotError::UnknownProperties(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let Some(contact) = &self.customer.contact else { return Ok(None) };
        let marker = format!("OpenCX handoff {key}");
        let tickets = portal.tickets_of_contact(contact, &["content"]).await?;
        let is_ours =
            |t: &hubspot::Ticket| t.properties.get("content").is_some_and(|content| content.contains(&marker));
        Ok(tickets.into_iter().find(is_ours).map(|ticket| opened(ticket.id)))
    }

    /// Creates or updates. Properties that the portal does not take are left out with a warning; the flag says whether all were
    /// written.
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
                    let found = self.job.tenant.portal.ticket_by("opencx_handoff_id", &key(self.job), &[]).await?;
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

    /// Summary and transcript under what reps have written into a ticket of their own; once, however often it is tried.
    fn content_beside(&self) -> Option<String> {
        let there = self.there.and_then(|ticket| ticket.properties.get("content")).map_or("", String::as_str);
        let marker = format!("OpenCX handoff {}", key(self.job));
        (!there.contains(&marker)).then(|| domain::beside(there, &self.content))
    }

    /// Everything the ticket gets, as far as the portal has a place for it.
    async fn properties(&self, warnings: &mut Vec<Warning>) -> Result<BTreeMap<String, String>, FlowError> {
        let (tenant, Customer { facts, session, owner, .. }) = (&self.job.tenant, self.customer);
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                all.insert(name.to_owned(), value);
            }
        };
        set("content", self.content_beside());
        set("hubspot_owner_id", owner.filter(|_| !facts.assist_mode).map(|owner| owner.id.to_string()));
        if let Some(closed) = self.there.filter(|_| self.reopens) {
            set("hs_pipeline_stage", Some(pipeline::reopened_stage(tenant, closed).await?));
        }
        if self.there.is_none() {
            set("subject", Some(ticket_subject(facts.ticket_number.as_deref(), &facts.summary)));
            let (pipeline, stage) = pipeline::open_stage(tenant).await?;
            set("hs_pipeline", Some(pipeline));
            set("hs_pipeline_stage", Some(stage));
        }
        if matches!(tenant.connection.properties, PortalProperties::Refused(_)) {
            return Ok(all);
        }
        set("opencx_handoff_id", Some(key(self.job)));
        set("opencx_session_id", Some(session.id.to_string()));
        set("opencx_handedoff", Some("true".to_owned()));
        set("opencx_channel", Some(facts.channel.as_str().to_owned()));
        set("opencx_sentiment", facts.sentiment.map(|s| s.as_str().to_owned()));
        set("opencx_language", facts.language.clone());
        set("opencx_handoff_reason", Some(facts.reason.to_string()));
        set("opencx_session_url", facts.url.clone());
        if !facts.custom_data.is_empty() {
            let (plan, _) = push::plan(self.job, &facts.custom_data, warnings).await?;
            all.extend(plan.write.into_iter().map(|(property, (_, text))| (property, text)));
        }
        Ok(all)
    }
}

/// What did not fit into the content, each note once.
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
