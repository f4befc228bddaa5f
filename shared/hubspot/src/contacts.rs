//! Contacts. Reading by e-mail is consistent at once; search lags behind by seconds.
//!
//! See <https://developers.hubspot.com/docs/api/crm/contacts>.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::objects::{NewObjectRequest, ObjectResponse};
use crate::wire::joined;
use domain::ContactId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use transport::debug_only;
use transport::json::{JsonCall, WireError};

/// A person in the CRM.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The primary address.
    pub email: Option<String>,
    /// First and last name together.
    pub name: Option<String>,
    /// As it was typed.
    pub phone: Option<String>,
}

debug_only!(Contact { id });

/// A person to be added to the CRM.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NewContact {
    /// HubSpot tells people apart by it.
    pub email: Option<String>,
    /// Its first word becomes the first name, the rest the last name.
    pub name: Option<String>,
    /// As it was typed.
    pub phone: Option<String>,
}

debug_only!(NewContact {});

impl TryFrom<ObjectResponse> for ContactId {
    type Error = WireError;

    fn try_from(wire: ObjectResponse) -> Result<Self, WireError> {
        wire.id.required("id")
    }
}

impl TryFrom<ObjectResponse> for Contact {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (email, phone) = (wire.take("email"), wire.take("phone"));
        let name = joined(wire.take("firstname"), wire.take("lastname"));
        Ok(Self { id: wire.id.required("id")?, email, name, phone })
    }
}

impl Portal {
    /// The contact with this address.
    pub async fn contact_by_email(&self, email: &str) -> Result<Option<ContactId>, HubSpotError> {
        let path = self.objects("contacts").then(email.trim());
        let path = path.with("idProperty", "email").with("properties", "email");
        self.find::<ObjectResponse, _>(JsonCall::get("read a contact by e-mail", path)).await
    }

    /// The contact with this id.
    pub async fn contact(&self, contact: &ContactId) -> Result<Option<Contact>, HubSpotError> {
        let path = self.objects("contacts").then(contact);
        let path = path.with("properties", "email,firstname,lastname,phone");
        self.find::<ObjectResponse, _>(JsonCall::get("read a contact", path)).await
    }

    /// Adds the contact. Where HubSpot has one with the same address, perhaps as its second one, the answer is that one's id
    /// and `false`.
    pub async fn create_contact(&self, contact: &NewContact) -> Result<(ContactId, bool), HubSpotError> {
        let path = self.objects("contacts");
        let body = NewObjectRequest { properties: properties(contact), associations: Vec::new() };
        let conflict = match self.create(JsonCall::post_once("create a contact", path, &body)).await {
            Err(error @ HubSpotError::Conflict { .. }) => error,
            created => return created.map(|id| (id, true)),
        };
        if let HubSpotError::Conflict { existing: Some(id) } = &conflict
            && let Ok(id) = ContactId::parse(id)
        {
            return Ok((id, false));
        }
        match &contact.email {
            Some(email) => self.search_contact(email).await?.map(|id| (id, false)).ok_or(conflict),
            None => Err(conflict),
        }
    }

    /// Looks for the address with HubSpot's search, which may not know a new contact yet.
    pub async fn search_contact(&self, email: &str) -> Result<Option<ContactId>, HubSpotError> {
        self.search(&["email"], email.trim()).await
    }

    /// The same for a phone number, as it was typed.
    pub async fn search_contact_by_phone(&self, phone: &str) -> Result<Option<ContactId>, HubSpotError> {
        self.search(&["phone", "mobilephone"], phone.trim()).await
    }

    /// The first contact that has the value in any of the properties.
    async fn search(&self, properties: &[&str], value: &str) -> Result<Option<ContactId>, HubSpotError> {
        let path = self.objects("contacts").then("search");
        let group =
            |property: &&str| json!({"filters": [{"propertyName": property, "operator": "EQ", "value": value}]});
        let groups: Vec<Value> = properties.iter().map(group).collect();
        let body = json!({"filterGroups": groups, "properties": ["email"], "limit": 1});
        let call = JsonCall::post_repeatable("search a contact", path, &body);
        Ok(self.list::<ObjectResponse, ContactId>(call).await?.into_iter().next())
    }
}

fn properties(contact: &NewContact) -> BTreeMap<&'static str, &str> {
    let name = contact.name.as_deref().map(str::trim).unwrap_or_default();
    let (first, last) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    let texts = [
        ("email", contact.email.as_deref().unwrap_or_default()),
        ("firstname", first),
        ("lastname", last),
        ("phone", contact.phone.as_deref().unwrap_or_default()),
    ];
    texts.into_iter().map(|(property, text)| (property, text.trim())).filter(|(_, text)| !text.is_empty()).collect()
}
