//! The people of a handoff: the customer's contact, the rep who gets it; and the thread as it is now.

use crate::conversation::contact::{Person, find_or_create, usable};
use crate::conversation::warning::Warning;
use crate::invocations::handoff::input::Facts;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{ContactId, Thread};
use hubspot::{HubSpotError, Owner};
use store::Session;

/// A handoff with everybody it is about.
pub(crate) struct Customer<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) session: &'a Session,
    pub(crate) contact: Option<ContactId>,
    pub(crate) owner: Option<&'a Owner>,
}

/// The customer's contact by e-mail, created if absent. Without an address the ticket has no contact. A failure is a warning.
pub(crate) async fn contact(job: &Job<'_>, facts: &Facts) -> Result<Option<ContactId>, Warning> {
    let customer = &facts.contact;
    let person = Person {
        name: customer.name.as_deref(),
        email: customer.email.as_deref(),
        phone: customer.phone_number.as_deref(),
    };
    if !person.email.is_some_and(usable) {
        return Err(Warning::new("no_email", "the customer has no e-mail address; the ticket has no contact"));
    }
    match find_or_create(&job.tenant.portal, &person).await {
        Ok(whose) => Ok(Some(whose.id())),
        Err(error) => {
            tracing::warn!(error = %error, "a handoff goes on without contact");
            Err(Warning::new("contact_not_created", "HubSpot did not let the contact be found or created"))
        }
    }
}

/// The conversation as HubSpot has it, where it still is there. A session that HubSpot did not begin may have one by now, because a
/// rep wrote from its ticket: of several the latest.
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

/// The rep by request, routing rule or default user.
pub(crate) async fn owner(job: &Job<'_>, facts: &Facts) -> Result<Option<Owner>, Warning> {
    let Some(named) = &facts.assignee else { return Ok(None) };
    match job.tenant.owner(named).await {
        Ok(Some(owner)) if !owner.archived => Ok(Some(owner)),
        Ok(_) => Err(Warning::new(
            "owner_not_found",
            "the rep to assign has no active owner record; the ticket is unassigned",
        )),
        Err(error) => {
            tracing::warn!(error = %error, "a handoff goes on without owner");
            Err(Warning::new(
                "owner_not_found",
                "HubSpot did not tell the rep's owner record; is crm.objects.owners.read granted?",
            ))
        }
    }
}
