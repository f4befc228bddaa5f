//! The HubSpot contact of a customer: found by e-mail or phone number, else created.

use crate::kernel::failure::FlowError;
use domain::ContactId;
use hubspot::{HubSpotError, NewContact, Portal};
use serde::Deserialize;

/// A customer; anything may be unknown.
#[derive(Clone, Copy, Default)]
pub(crate) struct Person<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) phone: Option<&'a str>,
}

/// A customer's contact.
pub(crate) enum Whose {
    /// HubSpot had it.
    Found(ContactId),
    /// It is new.
    Created(ContactId),
}

impl Whose {
    pub(crate) fn id(self) -> ContactId {
        match self {
            Self::Found(id) | Self::Created(id) => id,
        }
    }
}

impl<'a> Person<'a> {
    fn address(&self) -> Option<&'a str> {
        self.email.map(str::trim).filter(|email| usable(email))
    }

    fn number(&self) -> Option<&'a str> {
        self.phone.map(str::trim).filter(|phone| phone.chars().filter(char::is_ascii_digit).count() >= 5)
    }

    /// Whether there is anything to tell this customer from others by.
    pub(crate) fn is_known(&self) -> bool {
        self.address().is_some() || self.number().is_some()
    }
}

/// Reads by e-mail first: unlike search, that is consistent at once. A conflict is answered by the existing contact, which
/// is how an address that is another contact's second one is found. Who has no address is looked for by number.
pub(crate) async fn find_or_create(portal: &Portal, person: &Person<'_>) -> Result<Whose, FlowError> {
    let found = match (person.address(), person.number()) {
        (Some(email), _) => portal.contact_by_email(email).await?,
        (None, Some(phone)) => portal.search_contact_by_phone(phone).await?,
        (None, None) => return Err(FlowError::HubSpot(HubSpotError::NotFound)),
    };
    if let Some(contact) = found {
        return Ok(Whose::Found(contact));
    }
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let contact =
        NewContact { email: owned(person.address()), name: owned(person.name), phone: owned(person.number()) };
    let (id, new) = portal.create_contact(&contact).await?;
    Ok(if new { Whose::Created(id) } else { Whose::Found(id) })
}

/// OpenCX's own forwarding addresses are nobody's (document 001).
pub(crate) fn usable(email: &str) -> bool {
    let lower = email.trim().to_ascii_lowercase();
    lower.contains('@') && !(lower.starts_with("temporary+") && lower.ends_with("@instant.cx"))
}

/// The customer as the caller knows them.
#[derive(Clone, Default, Deserialize)]
pub struct RequestContact {
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// E.164.
    #[serde(default)]
    pub phone_number: Option<String>,
}
