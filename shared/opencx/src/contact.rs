//! Customers as OpenCX knows them. OpenCX links a session's contact by itself: these calls are for customers without one.

use crate::client::Org;
use crate::error::OpenCxError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;
use transport::json::{JsonCall, Loose, WireError, without_nulls};
use transport::{Path, debug_only};

/// OpenCX cannot look up a contact by e-mail; more pages than this are not worth their calls.
const MOST_PAGES: usize = 10;

/// A customer; anything may be unknown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// As the customer wrote it, or as a rep did.
    pub name: Option<String>,
    /// OpenCX matches contacts by it.
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
    /// Name and addresses.
    pub person: Person,
}

impl Org {
    /// Creates a contact. Not repeatable: OpenCX documents no conflict for an e-mail that is taken.
    pub async fn create_contact(&self, person: &Person) -> Result<CustomerId, OpenCxError> {
        let call = JsonCall::post_once("create a contact", Path::new("/contacts"), &request(person));
        let contact: Contact = self.fetch::<ContactResponse, _>(call).await?;
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

/// A person as requests carry one. Unknown fields are left out, because an empty text would overwrite OpenCX's own.
pub(crate) fn request(person: &Person) -> Value {
    let filled =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(Value::from);
    let Person { name, email, phone } = person;
    without_nulls(json!({"name": filled(name), "email": filled(email), "phone_number": filled(phone)}))
}

/// A person as answers carry one. A customer's unproven claims stand beside what OpenCX knows.
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
            name: wire.name.filled().or(wire.non_verified_name.filled()),
            email: wire.email.filled().or(wire.non_verified_email.filled()),
            phone: wire.phone_number.filled(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContactResponse {
    id: Loose,
    name: Loose,
    email: Loose,
    phone_number: Loose,
}

impl TryFrom<ContactResponse> for Contact {
    type Error = WireError;

    fn try_from(wire: ContactResponse) -> Result<Self, WireError> {
        let id = wire.id.filled().ok_or(WireError::missing("id"))?;
        let (name, email, phone) = (wire.name.filled(), wire.email.filled(), wire.phone_number.filled());
        Ok(Self { id: CustomerId(id), person: Person { name, email, phone } })
    }
}
