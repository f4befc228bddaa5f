//! Definitions of properties: <https://developers.hubspot.com/docs/api/crm/properties>.

use super::kind::Kind;
use crate::hubspot::error::validation;
use crate::wire::{Answer, list, text};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) name: String,
    label: String,
    pub(crate) group: String,
    /// HubSpot's `type` (string, number, datetime, date, bool, enumeration), or `owner`.
    pub(crate) value_type: String,
    field_type: String,
    /// Values of the options, with their labels.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) unique: bool,
    pub(crate) read_only: bool,
    pub(crate) custom: bool,
}

impl Property {
    fn built_in(kind: Kind, name: &str, value_type: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: name.to_owned(),
            group: format!("{}information", kind.singular()),
            value_type: value_type.to_owned(),
            field_type: "text".to_owned(),
            options: Vec::new(),
            unique: false,
            read_only: false,
            custom: false,
        }
    }

    /// Reads the definition that an app sends.
    pub(crate) fn read(body: &Value) -> Result<Self, Answer> {
        let field = |name: &str| text(body, name).unwrap_or_default().to_owned();
        let (name, value_type, field_type) = (field("name"), field("type"), field("fieldType"));
        let well_named = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !well_named || name.len() > 100 {
            return Err(validation(&format!(
                "Property name '{name}' is invalid: lower-case letters, digits and underscores"
            )));
        }
        let fits = match value_type.as_str() {
            "string" => &["text", "textarea", "html", "phonenumber", "file"][..],
            "number" => &["number"],
            "bool" => &["booleancheckbox"],
            "enumeration" => &["select", "radio", "checkbox", "booleancheckbox"],
            "date" | "datetime" => &["date"],
            _ => return Err(validation(&format!("Property type '{value_type}' is invalid"))),
        };
        if !fits.contains(&field_type.as_str()) {
            return Err(validation(&format!("fieldType '{field_type}' is not valid for type '{value_type}'")));
        }
        let listed = list(body, "options").iter();
        let mut options: Vec<(String, String)> = listed
            .map(|o| (text(o, "value").unwrap_or_default().to_owned(), text(o, "label").unwrap_or_default().to_owned()))
            .collect();
        if field_type == "booleancheckbox" && options.is_empty() {
            options = vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())];
        }
        if value_type == "enumeration" && options.is_empty() {
            return Err(validation("Enumeration properties need at least one option"));
        }
        let unique = body.get("hasUniqueValue").and_then(Value::as_bool).unwrap_or(false);
        if unique && !matches!(value_type.as_str(), "string" | "number") {
            return Err(validation("Only text and number properties can require unique values"));
        }
        let (label, group) = (field("label"), field("groupName"));
        Ok(Self { name, label, group, value_type, field_type, options, unique, read_only: false, custom: true })
    }

    pub(crate) fn show(&self) -> Value {
        let option = |(at, (value, label)): (usize, &(String, String))| json!({ "label": label, "value": value, "displayOrder": at, "hidden": false });
        let options: Vec<Value> = self.options.iter().enumerate().map(option).collect();
        // Owners are an enumeration whose options are not listed.
        let value_type = if self.value_type == "owner" { "enumeration" } else { &self.value_type };
        json!({
            "name": self.name, "label": self.label, "type": value_type, "fieldType": self.field_type,
            "groupName": self.group, "options": options, "hasUniqueValue": self.unique, "hidden": false,
            "hubspotDefined": !self.custom, "archived": false, "description": "", "calculated": false,
            "modificationMetadata": { "archivable": self.custom, "readOnlyDefinition": !self.custom, "readOnlyValue": self.read_only },
        })
    }
}

const CONTACT_TEXTS: &[&str] = &[
    "email",
    "firstname",
    "lastname",
    "phone",
    "mobilephone",
    "company",
    "jobtitle",
    "website",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "hs_language",
    "lifecyclestage",
    "associatedcompanyid",
    "hs_additional_emails",
];
const TICKET_TEXTS: &[&str] =
    &["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "source_type", "hs_resolution"];
/// Kept by HubSpot itself.
const READ_ONLY: &[&str] = &[
    "hs_object_id",
    "createdate",
    "hs_createdate",
    "lastmodifieddate",
    "hs_lastmodifieddate",
    "hs_object_source",
    "hs_object_source_id",
    "hs_created_by_user_id",
    "hs_unique_creation_key",
    "hs_conversations_originating_thread_id",
    "hs_conversations_originating_message_id",
];

/// The properties a portal has before anybody adds one, as far as the bundle could meet them.
pub(crate) fn built_in(kind: Kind) -> Vec<Property> {
    let (texts, numbers, times): (&[&str], &[&str], &[&str]) = match kind {
        Kind::Contact => (CONTACT_TEXTS, &[], &[]),
        Kind::Company => (&["name", "domain", "industry", "phone", "city", "country"], &["numberofemployees"], &[]),
        Kind::Deal => (&["dealname", "dealstage", "pipeline", "deal_currency_code"], &["amount"], &["closedate"]),
        Kind::Ticket => (TICKET_TEXTS, &[], &["closed_date"]),
        Kind::Note => (&["hs_note_body", "hs_attachment_ids"], &[], &["hs_timestamp"]),
    };
    let of = |names: &[&str], value_type: &str| -> Vec<Property> {
        names.iter().map(|name| Property::built_in(kind, name, value_type)).collect()
    };
    let mut all = of(texts, "string");
    all.extend(of(numbers, "number"));
    all.extend(of(times, "datetime"));
    all.extend(of(&["hubspot_owner_id"], "owner"));
    if kind == Kind::Ticket {
        let mut priority = Property::built_in(kind, "hs_ticket_priority", "enumeration");
        priority.options = ["LOW", "MEDIUM", "HIGH", "URGENT"].map(|v| (v.to_owned(), v.to_lowercase())).to_vec();
        all.push(priority);
    }
    if kind == Kind::Deal {
        all.push(Property { read_only: true, ..Property::built_in(kind, "hs_is_closed", "string") });
    }
    all.extend(of(READ_ONLY, "string").into_iter().map(|property| Property { read_only: true, ..property }));
    all
}
