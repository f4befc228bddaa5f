//! The context panel: whether it is connected, and whether this customer can be in it.

use crate::diagnose::check::{Check, Topic};
use crate::diagnose::patient::Patient;
use domain::SessionId;
use hubspot::{AccessToken, HubSpotError};
use jiff::SignedDuration;
use store::{CrmAccess, StoreError};

const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) async fn check(patient: &Patient<'_>) -> Result<Check, StoreError> {
    let topic = Topic("crm", "CRM context panel");
    let Some(crm) = patient.bridge.store.crm_connection(&patient.connection().org).await? else {
        return Ok(topic
            .warning("The CRM context panel is not connected; it is a connection of its own.")
            .means("Agents see no HubSpot contact, company or deals beside the conversation. Answers and tickets are not concerned.")
            .fix(&["Open CRM in the settings, and connect it: with this connection, or with a token of its own."]));
    };
    let own = match &crm.access {
        CrmAccess::Own(token) => Some(AccessToken::new(token.expose().clone())),
        CrmAccess::Integration => None,
    };
    let own = own.map(|token| patient.bridge.hubspot.portal(&token, patient.now + PATIENCE));
    // Nobody has this address: the only question is whether contacts may be read.
    let asked = own.as_ref().unwrap_or(&patient.tenant.portal).contact_by_email("nobody@opencx.invalid").await;
    Ok(match asked {
        Ok(_) => topic.ok("The CRM context panel is connected, and may read contacts."),
        Err(HubSpotError::MissingScopes(scopes)) => topic
            .failed(format!("The CRM connection may not read contacts: the scope {} is missing.", scopes.join(", ")))
            .means("The context panel is empty.")
            .fix(&["Grant the scope to the app, and test the CRM connection again."]),
        Err(HubSpotError::Unauthorized { .. }) => topic
            .failed("HubSpot refuses the CRM connection's token.")
            .means("The context panel is empty.")
            .fix(&["Paste a new token under CRM, and save."]),
        Err(_) => topic.unknown("HubSpot could not be asked."),
    })
}

/// Whether HubSpot can know the customer of a session.
pub(crate) async fn contact(patient: &Patient<'_>, session: &SessionId) -> Option<Check> {
    let topic = Topic("contact", "The customer in HubSpot");
    let person = patient.tenant.opencx().await.ok()?.session(session).await.ok()?.contact;
    let means = "The context panel is empty, and a ticket cannot be associated with a contact.";
    let Some(email) = person.email.filter(|email| !email.trim().is_empty()) else {
        let check = topic.warning("The contact of the OpenCX session has no e-mail address.").means(means);
        return Some(check.fix(&["Add the customer's e-mail address to the contact in the OpenCX session."]));
    };
    if email.to_ascii_lowercase().ends_with("@instant.cx") {
        let found = "The contact's address is a temporary one of OpenCX's (…@instant.cx), which HubSpot never sees.";
        let check = topic.warning(found).means(means);
        return Some(check.fix(&["Replace it by the customer's real address in the OpenCX session."]));
    }
    Some(match patient.tenant.portal.contact_by_email(&email).await.ok()? {
        Some(_) => topic.ok("A HubSpot contact has the customer's e-mail address."),
        None => topic
            .warning("No HubSpot contact has the e-mail address of the OpenCX session's contact.")
            .means("The context panel is empty for this customer.")
            .fix(&["Compare the address in OpenCX with the contact's in HubSpot; they have to be the same."]),
    })
}
