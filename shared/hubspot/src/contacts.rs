//! Contacts: read by e-mail, which is consistent at once; search lags behind by seconds (facts on contacts).

use crate::client::{Ask, Portal};
use crate::error::HubSpotError;
use crate::wire::{NewObjectRequest, ObjectResponse, Page, PageResponse};
use domain::ContactId;
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// What HubSpot tells people apart by.
    pub email: Option<String>,
    /// Its first word becomes the first name, the rest the last name.
    pub name: Option<String>,
    /// As it was typed.
    pub phone: Option<String>,
}

debug_only!(NewContact {});

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchRequest<'a> {
    filter_groups: Vec<FilterGroupRequest<'a>>,
    properties: [&'static str; 1],
    limit: u32,
}

#[derive(Serialize)]
struct FilterGroupRequest<'a> {
    filters: [FilterRequest<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterRequest<'a> {
    property_name: &'static str,
    operator: &'static str,
    value: &'a str,
}

impl Portal {
    /// The contact with this address.
    pub async fn contact_by_email(&self, email: &str) -> Result<Option<ContactId>, HubSpotError> {
        let path = self.versions().objects().then("contacts").then(email.trim());
        let path = path.with("idProperty", "email").with("properties", "email");
        self.find::<ObjectResponse, _>(Ask::get("read a contact by e-mail", path)).await
    }

    /// The contact with this id.
    pub async fn contact(&self, contact: &ContactId) -> Result<Option<Contact>, HubSpotError> {
        let path = self.versions().objects().then("contacts").then(contact);
        let path = path.with("properties", "email,firstname,lastname,phone");
        self.find::<ObjectResponse, _>(Ask::get("read a contact", path)).await
    }

    /// Adds the contact. Where HubSpot has one with the same address, perhaps as its second one, the answer is that one's id
    /// and `false`.
    pub async fn create_contact(&self, contact: &NewContact) -> Result<(ContactId, bool), HubSpotError> {
        let path = self.versions().objects().then("contacts");
        let body = NewObjectRequest { properties: properties(contact), associations: Vec::new() };
        let conflict = match self.create(Ask::post_once("create a contact", path, &body)).await {
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
    async fn search(&self, properties: &[&'static str], value: &str) -> Result<Option<ContactId>, HubSpotError> {
        let path = self.versions().objects().then("contacts").then("search");
        let group = |property_name: &&'static str| {
            let filter = FilterRequest { property_name, operator: "EQ", value };
            FilterGroupRequest { filters: [filter] }
        };
        let body =
            SearchRequest { filter_groups: properties.iter().map(group).collect(), properties: ["email"], limit: 1 };
        let page: Page<ContactId> = self
            .fetch::<PageResponse<ObjectResponse>, _>(Ask::post_repeatable("search a contact", path, &body))
            .await?;
        Ok(page.items.into_iter().next())
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
