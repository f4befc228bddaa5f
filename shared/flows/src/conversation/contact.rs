//! The HubSpot contact of a customer: found by e-mail or phone number, else created.

use crate::kernel::failure::FlowError;
use domain::ContactId;
use hubspot::{HubSpotError, NewContact, Portal};
use opencx::Person;
use serde::Deserialize;

/// The customer as the caller knows them.
#[derive(Clone, Default, Deserialize)]
pub struct RequestContact {
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
}

impl From<RequestContact> for Person {
    fn from(contact: RequestContact) -> Self {
        Self { name: contact.name, email: contact.email, phone: contact.phone_number }
    }
}

/// Whether HubSpot can tell this customer from others: by an e-mail address or a number.
pub(crate) fn is_known(person: &Person) -> bool {
    address(person).is_some() || number(person).is_some()
}

fn address(person: &Person) -> Option<&str> {
    person.email.as_deref().map(str::trim).filter(|email| usable(email))
}

fn number(person: &Person) -> Option<&str> {
    let number = person.phone.as_deref().map(str::trim);
    number.filter(|phone| phone.chars().filter(char::is_ascii_digit).count() >= 5)
}

/// The customer's contact. The flag says whether it is new.
///
/// The contact is read by e-mail, because a search does not see a contact that was created a moment ago. An address may be the second
/// one of another contact: HubSpot then refuses to create a contact and names the one that it has. A customer without
/// an address is searched by number.
pub(crate) async fn find_or_create(portal: &Portal, person: &Person) -> Result<(ContactId, bool), FlowError> {
    let found = match (address(person), number(person)) {
        (Some(email), _) => portal.contact_by_email(email).await?,
        (None, Some(phone)) => portal.search_contact_by_phone(phone).await?,
        (None, None) => return Err(FlowError::HubSpot(HubSpotError::NotFound)),
    };
    if let Some(contact) = found {
        return Ok((contact, false));
    }
    let (email, phone) = (address(person).map(str::to_owned), number(person).map(str::to_owned));
    Ok(portal.create_contact(&NewContact { email, name: person.name.clone(), phone }).await?)
}

/// The customer's contact where HubSpot gives one. A failure is logged and stops nothing.
pub(crate) async fn contact_if_possible(portal: &Portal, person: &Person) -> Option<ContactId> {
    let found = find_or_create(portal, person).await;
    let found = found.inspect_err(|error| tracing::warn!(%error, "the customer's HubSpot contact was not linked"));
    found.ok().map(|(id, _)| id)
}

/// False for OpenCX's own forwarding addresses: they belong to no customer.
pub(crate) fn usable(email: &str) -> bool {
    let lower = email.trim().to_ascii_lowercase();
    lower.contains('@') && !(lower.starts_with("temporary+") && lower.ends_with("@instant.cx"))
}
