//! The customer's HubSpot contact, as OpenCX knows the customer (document 004, "Contact sync").

use crate::conversation::contact::{self, Person, Whose};
use crate::handoff::request::RequestContact;
use crate::open_handoff::Warning;
use crate::sync::request::{ContactOutcome, SyncAnswer};
use crate::work::errand::Errand;
use crate::work::failure::{FlowError, Judgement};
use store::Session;

/// Links or creates it. What HubSpot refuses is a warning: custom data goes its way all the same.
pub(crate) async fn sync(
    errand: &Errand<'_>,
    session: &Session,
    person: &RequestContact,
    answer: &mut SyncAnswer,
) -> Result<(), FlowError> {
    let person =
        Person { name: person.name.as_deref(), email: person.email.as_deref(), phone: person.phone_number.as_deref() };
    if !person.is_known() {
        if session.contact.is_none() {
            answer.warnings.push(Warning::new("no_email", "the customer has neither an e-mail address nor a number"));
        }
        return Ok(());
    }
    let whose = match contact::find_or_create(&errand.tenant.portal, &person).await {
        Ok(whose) => whose,
        Err(error) if matches!(error.judge(), Judgement::Never { .. }) => {
            tracing::warn!(error = %error, "a customer's HubSpot contact could not be linked");
            let warning = Warning::new("contact_not_created", "HubSpot did not let the contact be found or created");
            answer.warnings.push(warning);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let (Whose::Found(id) | Whose::Created(id)) = &whose;
    if session.contact.as_ref() != Some(id) {
        let (store, portal) = (&errand.tenant.bridge.store, &errand.tenant.connection.portal);
        store.link_contact(&session.org, &session.id, portal, id).await?;
        answer.contact = match whose {
            Whose::Found(_) => ContactOutcome::Linked,
            Whose::Created(_) => ContactOutcome::Created,
        };
        tell(errand, session, id).await;
    }
    answer.contact_id = Some(id.clone());
    Ok(())
}

/// Onto the OpenCX session (an assumed endpoint). Its failing costs reps a link.
async fn tell(errand: &Errand<'_>, session: &Session, contact: &domain::ContactId) {
    let ids = opencx::HubSpotIds { ticket: None, thread: None, contact: Some(contact.clone()) };
    let told = async { Ok::<_, FlowError>(errand.tenant.opencx().await?.set_hubspot_ids(&session.id, &ids).await?) };
    if let Err(error) = told.await {
        tracing::warn!(error = %error, "OpenCX was not told a session's HubSpot contact");
    }
}
