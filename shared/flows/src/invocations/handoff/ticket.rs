//! The ticket of a handoff: the thread's own, the session's open one, or a new one that can be found again.

use crate::conversation::pipeline;
use crate::conversation::properties::push;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::existing;
use crate::invocations::handoff::input::Facts;
use crate::invocations::handoff::request::HandoffAnswer;
use crate::kernel::failure::FlowError;
use crate::kernel::job::{Job, done};
use domain::{Thread, TicketId, ticket_subject, ticket_text};
use hubspot::{HubSpotError, NewTicket};
use std::collections::BTreeMap;
use store::{PortalProperties, Session, Step, Work};

/// Finds or creates the ticket, with what does not fit in notes, and links it to the session.
pub(crate) async fn open_ticket(
    job: &Job<'_>,
    facts: &Facts,
    session: &Session,
    thread: Option<&Thread>,
    answer: &mut HandoffAnswer,
) -> Result<(), FlowError> {
    if !job.tenant.connection.settings.ticketing_enabled {
        "disabled".clone_into(&mut answer.ticket);
        return Ok(());
    }
    if let PortalProperties::Refused(why) = &job.tenant.connection.properties {
        answer
            .warnings
            .push(Warning::new("properties_refused", format!("the ticket is opened without OpenCX properties: {why}")));
    }
    let earlier = job.earlier("ticket").and_then(|step| step.done.clone()).and_then(|id| TicketId::parse(id).ok());
    let found = match earlier {
        Some(_) => existing::Found::default(),
        None => existing::find(job, session, thread).await?,
    };
    let plan = existing::plan(job, &found).await?;
    let summary = match &plan.follows {
        Some(former) => format!("{}\n\nFollows ticket {former}, which is closed.", facts.summary.trim_end()),
        None => facts.summary.clone(),
    };
    let text = ticket_text(summary.trim_start(), &facts.transcript, &key(job), plan.room);
    let ticket = Ticket { job, facts, session, content: text.content, reopens: found.closed };
    let (id, how) = match earlier {
        Some(id) => {
            (id, job.earlier("ticket").and_then(|step| step.detail.clone()).unwrap_or_else(|| "created".to_owned()))
        }
        None => match &found.ticket {
            Some(there) => (ticket.write(Some(there), answer).await?, plan.how),
            None => (ticket.create(answer).await?, "created".to_owned()),
        },
    };
    let step = Step { detail: Some(how.clone()), ..done(id.as_str()) };
    job.record("ticket", &step).await?;
    let (store, portal) = (&job.tenant.bridge.store, &job.tenant.connection.portal);
    store.link_ticket(&session.org, &session.id, portal, &id, answer.contact_id.as_ref()).await?;
    if !answer.warnings.iter().any(|warning| warning.code == "properties_not_written") {
        push::remember(job, session, &facts.custom_data).await;
    }
    write_notes(job, &id, &text.notes).await?;
    (answer.ticket, answer.ticket_id) = (how, Some(id));
    Ok(())
}

/// `<session>#<n>`: the unique property's value, and the marker in the content.
pub(crate) fn key(job: &Job<'_>) -> String {
    match &job.work {
        Work::Handoff { session, n, .. } => format!("{session}#{n}"),
        Work::Delivery { key, .. } => key.to_string(),
        Work::Request { key, .. } => key.clone(),
    }
}

pub(crate) struct Ticket<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) session: &'a Session,
    pub(crate) content: String,
    /// The ticket is closed, and goes on.
    pub(crate) reopens: bool,
}

impl Ticket<'_> {
    async fn create(&self, answer: &mut HandoffAnswer) -> Result<TicketId, FlowError> {
        // The claim is "about to": only a run that is not the first has something to look for.
        if self.job.retried()
            && let Some(found) = self.find(answer).await?
        {
            return Ok(found);
        }
        self.write(None, answer).await
    }

    /// A ticket that an earlier run created without living to hear of it.
    async fn find(&self, answer: &HandoffAnswer) -> Result<Option<TicketId>, FlowError> {
        let (portal, key) = (&self.job.tenant.portal, key(self.job));
        if !matches!(self.job.tenant.connection.properties, PortalProperties::Refused(_)) {
            match portal.ticket_by("opencx_handoff_id", &key, &["hs_pipeline_stage"]).await {
                Ok(found) => return Ok(found.map(|ticket| ticket.id)),
                Err(HubSpotError::Rejected { .. } | HubSpotError::UnknownProperties(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let Some(contact) = &answer.contact_id else { return Ok(None) };
        let marker = format!("OpenCX handoff {key}");
        let tickets = portal.tickets_of_contact(contact, &["content"]).await?;
        let is_ours =
            |t: &hubspot::Ticket| t.properties.get("content").is_some_and(|content| content.contains(&marker));
        Ok(tickets.into_iter().find(is_ours).map(|ticket| ticket.id))
    }

    /// Creates or updates; properties that the portal does not know are left out, the rest is written.
    async fn write(
        &self,
        existing: Option<&hubspot::Ticket>,
        answer: &mut HandoffAnswer,
    ) -> Result<TicketId, FlowError> {
        let mut properties = self.properties(existing, answer).await?;
        for _ in 0..2 {
            match self.send(existing, &properties, answer).await {
                Err(FlowError::HubSpot(HubSpotError::UnknownProperties(names))) => {
                    properties.retain(|name, _| !names.contains(name));
                    let said = format!("the portal has no ticket property {}", names.join(", "));
                    answer.warnings.push(Warning::new("properties_not_written", said));
                }
                Err(FlowError::HubSpot(HubSpotError::Rejected { properties: refused, .. }))
                    if refused.iter().any(|name| !domain::is_reserved(name) && properties.contains_key(name)) =>
                {
                    properties.retain(|name, _| domain::is_reserved(name) || !refused.contains(name));
                    let said = format!("HubSpot does not take the values of {}", refused.join(", "));
                    answer.warnings.push(Warning::new("properties_not_written", said));
                }
                Err(FlowError::HubSpot(HubSpotError::DuplicateValue)) => {
                    let found = self.job.tenant.portal.ticket_by("opencx_handoff_id", &key(self.job), &[]).await?;
                    return found.map(|ticket| ticket.id).ok_or(FlowError::HubSpot(HubSpotError::NotFound));
                }
                sent => return sent,
            }
        }
        self.send(existing, &properties, answer).await
    }

    async fn send(
        &self,
        existing: Option<&hubspot::Ticket>,
        properties: &BTreeMap<String, String>,
        answer: &HandoffAnswer,
    ) -> Result<TicketId, FlowError> {
        let portal = &self.job.tenant.portal;
        if let Some(there) = existing {
            portal.update_ticket(&there.id, properties).await?;
            return Ok(there.id.clone());
        }
        let ticket = NewTicket { properties: properties.clone(), contact: answer.contact_id.clone() };
        Ok(portal.create_ticket(&ticket).await?)
    }
}

impl Ticket<'_> {
    /// Summary and transcript under what reps have written into a ticket of their own; once, however often it is tried.
    fn content_beside(&self, existing: Option<&hubspot::Ticket>) -> Option<String> {
        let there = existing.and_then(|ticket| ticket.properties.get("content")).map_or("", String::as_str);
        let marker = format!("OpenCX handoff {}", key(self.job));
        (!there.contains(&marker)).then(|| domain::beside(there, &self.content))
    }

    /// Everything the ticket gets, as far as the portal has a place for it.
    pub(crate) async fn properties(
        &self,
        existing: Option<&hubspot::Ticket>,
        answer: &mut HandoffAnswer,
    ) -> Result<BTreeMap<String, String>, FlowError> {
        let (tenant, facts) = (&self.job.tenant, self.facts);
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                all.insert(name.to_owned(), value);
            }
        };
        set("content", self.content_beside(existing));
        set("hubspot_owner_id", answer.owner_id.as_ref().filter(|_| !facts.assist_mode).map(ToString::to_string));
        if let Some(closed) = existing.filter(|_| self.reopens) {
            set("hs_pipeline_stage", Some(pipeline::reopened_stage(tenant, closed).await?));
        }
        if existing.is_none() {
            set("subject", Some(ticket_subject(facts.ticket_number.as_deref(), &facts.summary)));
            let (pipeline, stage) = pipeline::open_stage(tenant).await?;
            set("hs_pipeline", Some(pipeline));
            set("hs_pipeline_stage", Some(stage));
        }
        if matches!(tenant.connection.properties, PortalProperties::Refused(_)) {
            return Ok(all);
        }
        set("opencx_handoff_id", Some(key(self.job)));
        set("opencx_session_id", Some(self.session.id.to_string()));
        set("opencx_handedoff", Some("true".to_owned()));
        set("opencx_channel", Some(facts.channel.as_str().to_owned()));
        set("opencx_sentiment", facts.sentiment.map(|s| s.as_str().to_owned()));
        set("opencx_language", facts.language.clone());
        set("opencx_handoff_reason", Some(facts.reason.to_string()));
        set("opencx_session_url", facts.url.clone());
        if !facts.custom_data.is_empty() {
            let (plan, _) = push::plan(self.job, &facts.custom_data, &mut answer.warnings).await?;
            all.extend(plan.write.into_iter().map(|(property, (_, text))| (property, text)));
        }
        Ok(all)
    }
}

/// What did not fit into the content, each note once.
pub(crate) async fn write_notes(job: &Job<'_>, ticket: &TicketId, notes: &[String]) -> Result<(), FlowError> {
    let portal = &job.tenant.portal;
    let written = if notes.is_empty() || !job.retried() { Vec::new() } else { portal.notes_of_ticket(ticket).await? };
    for note in notes {
        let same = domain::normalised(note);
        if !written.iter().any(|there| domain::normalised(&there.body_html) == same) {
            portal.create_note(ticket, note, job.now()).await?;
        }
    }
    Ok(())
}
