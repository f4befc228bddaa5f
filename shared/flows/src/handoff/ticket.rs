//! The ticket of a handoff: the thread's own, the session's open one, or a new one that can be found again.

use crate::handoff::answer::{HandoffAnswer, Warning};
use crate::handoff::facts::Facts;
use crate::handoff::{existing, notes};
use crate::sync::push;
use crate::work::errand::{Errand, done};
use crate::work::failure::FlowError;
use domain::{Thread, TicketId, ticket_text};
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
    let found = match earlier {
        Some(_) => existing::Found::default(),
        None => existing::find(errand, session, thread).await?,
    };
    let plan = existing::plan(errand, &found).await?;
    let summary = match &plan.follows {
        Some(former) => format!("{}\n\nFollows ticket {former}, which is closed.", facts.summary.trim_end()),
        None => facts.summary.clone(),
    };
    let text = ticket_text(summary.trim_start(), &facts.transcript, &key(errand), plan.room);
    let ticket = Ticket { errand, facts, session, content: text.content, reopens: found.closed };
    let (id, how) = match earlier {
        Some(id) => {
            (id, errand.earlier("ticket").and_then(|step| step.detail.clone()).unwrap_or_else(|| "created".to_owned()))
        }
        None => match &found.ticket {
            Some(there) => (ticket.write(Some(there), answer).await?, plan.how),
            None => (ticket.create(answer).await?, "created".to_owned()),
        },
    };
    let step = Step { detail: Some(how.clone()), ..done(id.as_str()) };
    errand.record("ticket", &step).await?;
    let (store, portal) = (&errand.tenant.bridge.store, &errand.tenant.connection.portal);
    store.link_ticket(&session.org, &session.id, portal, &id, answer.contact_id.as_ref()).await?;
    if !answer.warnings.iter().any(|warning| warning.code == "properties_not_written") {
        push::remember(errand, session, &facts.custom_data).await;
    }
    notes::write_notes(errand, &id, &text.notes).await?;
    (answer.ticket, answer.ticket_id) = (how, Some(id));
    Ok(())
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
    /// The ticket is closed, and goes on.
    pub(crate) reopens: bool,
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
                Err(FlowError::HubSpot(HubSpotError::Rejected { properties: refused, .. }))
                    if refused.iter().any(|name| !domain::is_reserved(name) && properties.contains_key(name)) =>
                {
                    properties.retain(|name, _| domain::is_reserved(name) || !refused.contains(name));
                    let said = format!("HubSpot does not take the values of {}", refused.join(", "));
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
