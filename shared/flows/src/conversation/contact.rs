//! The HubSpot contact of a customer: found by e-mail, else created.

use crate::work::failure::FlowError;
use domain::ContactId;
use hubspot::{NewContact, Portal};

/// Reads by e-mail first: unlike search, that is consistent at once. A conflict is answered by the existing contact.
pub(crate) async fn find_or_create(
    portal: &Portal,
    email: Option<&str>,
    name: Option<&str>,
    phone: Option<&str>,
) -> Result<Option<ContactId>, FlowError> {
    let Some(email) = email.filter(|email| usable(email)) else { return Ok(None) };
    if let Some(contact) = portal.contact_by_email(email).await? {
        return Ok(Some(contact));
    }
    let contact =
        NewContact { email: Some(email.to_owned()), name: name.map(str::to_owned), phone: phone.map(str::to_owned) };
    Ok(Some(portal.create_contact(&contact).await?))
}

/// OpenCX's own forwarding addresses are nobody's (document 001).
pub(crate) fn usable(email: &str) -> bool {
    let lower = email.trim().to_ascii_lowercase();
    lower.contains('@') && !(lower.starts_with("temporary+") && lower.ends_with("@instant.cx"))
}
