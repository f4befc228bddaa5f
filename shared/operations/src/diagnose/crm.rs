//! The context panel: whether it is connected, and whether this customer can be in it.

use crate::diagnose::Patient;
use crate::diagnose::check::Check;
use domain::SessionId;
use hubspot::{AccessToken, HubSpotError};
use jiff::SignedDuration;
use store::{CrmAccess, StoreError};

const CRM: (&str, &str) = ("crm", "CRM context panel");
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) async fn check(patient: &Patient<'_>) -> Result<Check, StoreError> {
    let (id, title) = CRM;
    let Some(crm) = patient.bridge.store.crm_connection(&patient.tenant.connection.org).await? else {
        return Ok(Check::warning(id, title, "The CRM context panel is not connected; it is a connection of its own.")
            .means("Agents see no HubSpot contact, company or deals beside the conversation. Answers and tickets are not concerned.")
            .fix(&["Open CRM in the settings, and connect it: with this connection, or with a token of its own."]));
    };
    let own = match &crm.access {
        CrmAccess::Own(token) => Some(AccessToken::new(token.expose().clone())),
        CrmAccess::Integration => None,
    };
    let portal = own.map(|token| patient.bridge.hubspot.portal(&token, patient.now + PATIENCE));
    // An address that nobody has: the question is only whether it may be asked.
    let asked = portal.as_ref().unwrap_or(&patient.tenant.portal).contact_by_email("nobody@opencx.invalid").await;
    Ok(match asked {
        Ok(_) => Check::ok(id, title, "The CRM context panel is connected, and may read contacts."),
        Err(HubSpotError::MissingScopes(scopes)) => {
            let found =
                format!("The CRM connection may not read contacts: the scope {} is missing.", scopes.join(", "));
            Check::failed(id, title, found)
                .means("The context panel is empty.")
                .fix(&["Grant the scope to the app, and test the CRM connection again."])
        }
        Err(HubSpotError::Unauthorized { .. }) => {
            Check::failed(id, title, "HubSpot refuses the CRM connection's token.")
                .means("The context panel is empty.")
                .fix(&["Paste a new token under CRM, and save."])
        }
        Err(_) => Check::unknown(id, title, "HubSpot could not be asked."),
    })
}

/// Whether HubSpot can know the customer of a session.
pub(crate) async fn contact(patient: &Patient<'_>, session: &SessionId) -> Option<Check> {
    let (id, title) = ("contact", "The customer in HubSpot");
    let person = patient.tenant.opencx().await.ok()?.session(session).await.ok()?.contact;
    let email = person.email.filter(|email| !email.trim().is_empty());
    let means = "The context panel is empty, and a ticket cannot be associated with a contact.";
    let Some(email) = email else {
        return Some(
            Check::warning(id, title, "The contact of the OpenCX session has no e-mail address.")
                .means(means)
                .fix(&["Add the customer's e-mail address to the contact in the OpenCX session."]),
        );
    };
    if email.to_ascii_lowercase().ends_with("@instant.cx") {
        return Some(
            Check::warning(
                id,
                title,
                "The contact's address is a temporary one of OpenCX's (…@instant.cx), which HubSpot never sees.",
            )
            .means(means)
            .fix(&["Replace it by the customer's real address in the OpenCX session."]),
        );
    }
    match patient.tenant.portal.contact_by_email(&email).await {
        Ok(Some(_)) => Some(Check::ok(id, title, "A HubSpot contact has the customer's e-mail address.")),
        Ok(None) => Some(
            Check::warning(id, title, "No HubSpot contact has the e-mail address of the OpenCX session's contact.")
                .means("The context panel is empty for this customer.")
                .fix(&["Compare the address in OpenCX with the contact's in HubSpot; they have to be the same."]),
        ),
        Err(_) => None,
    }
}
