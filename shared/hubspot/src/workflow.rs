//! Executions of workflow actions.
//!
//! See <https://developers.hubspot.com/docs/api/automation/custom-workflow-actions>.

use crate::property::THREAD_OF_TICKET;
use domain::{ActionCall, ActionObject, ThreadId};
use serde::Deserialize;
use std::collections::BTreeMap;
use transport::json::{Loose, WireError};

#[cfg(test)]
mod tests;

/// The body is no execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// It is no JSON object.
    #[error("the execution cannot be read: its body is no JSON object")]
    NotAnObject,
    /// A field without which there is nothing to do.
    #[error("the execution cannot be read: {field}: {problem}")]
    Field {
        /// As HubSpot names it.
        field: &'static str,
        /// The problem with it.
        problem: &'static str,
    },
}

impl From<WireError> for ActionError {
    fn from(WireError { field, problem }: WireError) -> Self {
        Self::Field { field, problem }
    }
}

/// Reads the body of one execution.
pub fn parse_action(body: &[u8]) -> Result<ActionCall, ActionError> {
    let wire: ExecutionRequest = serde_json::from_slice(body).map_err(|_| ActionError::NotAnObject)?;
    let callback_id = wire.callback_id.filled().ok_or(WireError::missing("callbackId"))?;
    let kind = wire.object.object_type.filled().ok_or(WireError::missing("object.objectType"))?;
    let id = wire.object.object_id;
    let object = match kind.to_ascii_uppercase().as_str() {
        "TICKET" | "0-5" => ActionObject::Ticket(id.required("object.objectId")?),
        "CONTACT" | "0-1" => ActionObject::Contact(id.required("object.objectId")?),
        "CONVERSATION" | "0-11" => ActionObject::Thread(id.required("object.objectId")?),
        _ => ActionObject::Other { kind },
    };
    let mut properties = wire.object.properties.0;
    let thread = properties.remove(THREAD_OF_TICKET).and_then(|text| ThreadId::parse(text).ok());
    // Older samples of HubSpot's call them `fields`.
    let inputs = if wire.input_fields.0.is_empty() { wire.fields.0 } else { wire.input_fields.0 };
    Ok(ActionCall { callback_id, portal: wire.origin.portal_id.required("origin.portalId")?, object, thread, inputs })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ExecutionRequest {
    callback_id: Loose,
    origin: Origin,
    object: Enrolled,
    input_fields: Fields,
    fields: Fields,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Origin {
    portal_id: Loose,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Enrolled {
    object_id: Loose,
    object_type: Loose,
    properties: Fields,
}

/// Names with the scalars they have; a typed field is its `value`, and anything else counts as absent.
#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all: Option<BTreeMap<String, Field>> = Option::deserialize(deserializer)?;
        let filled = |(name, Field(value)): (String, Field)| Some((name, value.filled()?));
        Ok(Self(all.unwrap_or_default().into_iter().filter_map(filled).collect()))
    }
}

struct Field(Loose);

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(default)]
            value: Loose,
        }
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = if value.is_object() {
            serde_json::from_value::<Typed>(value).map(|typed| typed.value)
        } else {
            serde_json::from_value(value)
        };
        text.map(Self).map_err(serde::de::Error::custom)
    }
}
