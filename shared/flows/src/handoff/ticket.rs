//! The ticket of a handoff: the thread's own, the session's open one, or a new one that can be found again.

use crate::conversation::pipeline;
use crate::handoff::answer::{HandoffAnswer, Warning};
use crate::handoff::facts::Facts;
use crate::handoff::notes;
use crate::work::errand::{Errand, done};
use crate::work::failure::FlowError;
use domain::{MAX_TEXT, Thread, TicketId, length, ticket_text};
use hubspot::{HubSpotError, NewTicket};
use std::collections::BTreeMap;
use store::{PortalProperties, Session, Step, Work};

/// Finds or creates the ticket, with what does not fit in notes, and links it to the session.
pub(crate) async fn open_ticket(
    errand: &Errand<'_>,
    facts: &Facts,
    session: &Session,
    thread: Option<&Thread>,
    answer: &mut HandoffAnswer,
) -> Result<(), FlowError> {
    if !errand.tenant.connection.settings.ticketing_enabled {
        "disabled".clone_into(&mut answer.ticket);
        return Ok(());
    }
    if let PortalProperties::Refused(why) = &errand.tenant.connection.properties {
        answer
            .warnings
            .push(Warning::new("properties_refused", format!("the ticket is opened without OpenCX properties: {why}")));
    }
    let earlier = errand.earlier("ticket").and_then(|step| step.done.clone()).and_then(|id| TicketId::parse(id).ok());
    let there = match earlier {
        Some(_) => None,
        None => existing(errand, session, thread).await?,
    };
    let room = room(errand, there.as_ref()).await?;
    let text = ticket_text(&facts.summary, &facts.transcript, &key(errand), room);
    let ticket = Ticket { errand, facts, session, content: text.content };
    let (id, how) = match earlier {
        Some(id) => {
            (id, errand.earlier("ticket").and_then(|step| step.detail.clone()).unwrap_or_else(|| "created".to_owned()))
        }
        None => match there {
            Some(there) => (ticket.write(Some(&there), answer).await?, "updated".to_owned()),
            None => (ticket.create(answer).await?, "created".to_owned()),
        },
    };
    let step = Step { detail: Some(how.clone()), ..done(id.as_str()) };
    errand.record("ticket", &step).await?;
    let (store, portal) = (&errand.tenant.bridge.store, &errand.tenant.connection.portal);
    store.link_ticket(&session.org, &session.id, portal, &id, answer.contact_id.as_ref()).await?;
    notes::write_notes(errand, &id, &text.notes).await?;
    (answer.ticket, answer.ticket_id) = (how, Some(id));
    Ok(())
}

/// The thread's ticket (Help Desk), else the session's if it is still open.
async fn existing(
    errand: &Errand<'_>,
    session: &Session,
    thread: Option<&Thread>,
) -> Result<Option<hubspot::Ticket>, FlowError> {
    let tenant = &errand.tenant;
    let of_thread = thread.and_then(|thread| thread.ticket.as_ref());
    let Some(id) = of_thread.or(session.ticket.as_ref()) else { return Ok(None) };
    let Some(ticket) = tenant.portal.ticket(id, &["hs_pipeline", "hs_pipeline_stage", "content"]).await? else {
        return Ok(None);
    };
    let closed = of_thread.is_none() && pipeline::is_closed(tenant, &ticket).await?;
    Ok((!closed).then_some(ticket))
}

/// How much the ticket's own words leave of its content. It is kept, so that a further run cuts the transcript where this one does.
async fn room(errand: &Errand<'_>, there: Option<&hubspot::Ticket>) -> Result<usize, FlowError> {
    let kept = errand.earlier("room").and_then(|step| step.detail.as_deref()).and_then(|room| room.parse().ok());
    if let Some(room) = kept {
        return Ok(room);
    }
    let theirs = there.and_then(|ticket| ticket.properties.get("content")).filter(|content| !content.is_empty());
    let Some(theirs) = theirs else { return Ok(MAX_TEXT) };
    let room = MAX_TEXT.saturating_sub(length(theirs) + 2);
    errand.record("room", &Step { about_to: None, done: None, detail: Some(room.to_string()) }).await?;
    Ok(room)
}

/// `<session>#<n>`: the unique property's value, and the marker in the content.
pub(crate) fn key(errand: &Errand<'_>) -> String {
    match &errand.work {
        Work::Handoff { session, n, .. } => format!("{session}#{n}"),
        Work::Delivery { key, .. } => key.to_string(),
        Work::Request { key, .. } => key.clone(),
    }
}

pub(crate) struct Ticket<'a> {
    pub(crate) errand: &'a Errand<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) session: &'a Session,
    pub(crate) content: String,
}

impl Ticket<'_> {
    async fn create(&self, answer: &mut HandoffAnswer) -> Result<TicketId, FlowError> {
        // The claim is "about to": only a run that is not the first has something to look for.
        if self.errand.retried()
            && let Some(found) = self.find(answer).await?
        {
            return Ok(found);
        }
        self.write(None, answer).await
    }

    /// A ticket that an earlier run created without living to hear of it.
    async fn find(&self, answer: &HandoffAnswer) -> Result<Option<TicketId>, FlowError> {
        let (portal, key) = (&self.errand.tenant.portal, key(self.errand));
        if !matches!(self.errand.tenant.connection.properties, PortalProperties::Refused(_)) {
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
                Err(FlowError::HubSpot(HubSpotError::DuplicateValue)) => {
                    let found =
                        self.errand.tenant.portal.ticket_by("opencx_handoff_id", &key(self.errand), &[]).await?;
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
        let portal = &self.errand.tenant.portal;
        if let Some(there) = existing {
            portal.update_ticket(&there.id, properties).await?;
            return Ok(there.id.clone());
        }
        let ticket = NewTicket { properties: properties.clone(), contact: answer.contact_id.clone() };
        Ok(portal.create_ticket(&ticket).await?)
    }
}
