//! Customers as OpenCX knows them. It links a session's contact by itself, so these calls serve what has no session.

use crate::client::{Ask, Org};
use crate::error::OpenCxError;
use crate::wire::{Loose, WireError};
use serde::{Deserialize, Serialize};
use std::fmt;
use transport::Path;

/// OpenCX cannot look up a contact by e-mail; a list longer than this is not worth its calls.
const MOST_PAGES: usize = 10;

/// A customer; anything may be unknown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// As the customer wrote it, or as a rep did.
    pub name: Option<String>,
    /// What contacts are matched by.
    pub email: Option<String>,
    /// International form where the channel gives it.
    pub phone: Option<String>,
}

debug_only!(Person {});

/// A contact's id in OpenCX, not to be confused with HubSpot's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerId(String);

impl CustomerId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A customer that OpenCX knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// OpenCX's own id.
    pub id: CustomerId,
    /// Who it is.
    pub person: Person,
}

impl Org {
    /// Creates a contact. Not repeatable: OpenCX documents no conflict for an e-mail that is taken.
    pub async fn create_contact(&self, person: &Person) -> Result<CustomerId, OpenCxError> {
        let ask = Ask::post("create a contact", Path::new("/contacts"), &PersonRequest::from(person));
        let contact: Contact = self.fetch::<ContactResponse, _>(ask).await?;
        Ok(contact.id)
    }

    /// The contact with this e-mail address, among the first ten pages of the list.
    pub async fn find_contact(&self, email: &str) -> Result<Option<Contact>, OpenCxError> {
        let path = Path::new("/contacts");
        let contacts: Vec<Contact> = self.pages::<ContactResponse, _>("list contacts", &path, MOST_PAGES).await?;
        let same =
            |contact: &Contact| contact.person.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        Ok(contacts.into_iter().find(same))
    }
}

/// A person as requests carry one: what is unknown is left out, because an empty text would overwrite.
#[derive(Serialize)]
pub(crate) struct PersonRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
}

impl<'a> From<&'a Person> for PersonRequest<'a> {
    fn from(person: &'a Person) -> Self {
        fn filled(text: Option<&String>) -> Option<&str> {
            text.map(|text| text.trim()).filter(|text| !text.is_empty())
        }
        let Person { name, email, phone } = person;
        Self { name: filled(name.as_ref()), email: filled(email.as_ref()), phone_number: filled(phone.as_ref()) }
    }
}

impl PersonRequest<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_none() && self.email.is_none() && self.phone_number.is_none()
    }
}

/// A person as answers carry one. What the customer only claims stands beside what OpenCX knows.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PersonResponse {
    name: Loose,
    email: Loose,
    phone_number: Loose,
    non_verified_name: Loose,
    non_verified_email: Loose,
}

impl From<PersonResponse> for Person {
    fn from(wire: PersonResponse) -> Self {
        Self {
            name: wire.name.or(wire.non_verified_name).text(),
            email: wire.email.or(wire.non_verified_email).text(),
            phone: wire.phone_number.text(),
        }
    }
}

#[derive(Deserialize)]
struct ContactResponse {
    #[serde(default)]
    id: Loose,
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    email: Loose,
    #[serde(default)]
    phone_number: Loose,
}

impl TryFrom<ContactResponse> for Contact {
    type Error = WireError;

    fn try_from(wire: ContactResponse) -> Result<Self, WireError> {
        let id = wire.id.text().ok_or(WireError::missing("id"))?;
        let person = Person { name: wire.name.text(), email: wire.email.text(), phone: wire.phone_number.text() };
        Ok(Self { id: CustomerId(id), person })
    }
}
