//! Webhook deliveries: one body, many events. `channel.rs` reads the other body that comes to the same address.
//!
//! See <https://developers.hubspot.com/docs/api/webhooks>.

use domain::{ActorId, EventKind, HubSpotEvent, TicketId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use transport::json::{Loose, WireError};

mod channel;
#[cfg(test)]
mod tests;

/// HubSpot sends up to 100 events, some 30 kB; anything near this is not HubSpot.
pub const MAX_BODY: usize = 1024 * 1024;

/// The events of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Those we act on, in the order they came.
    pub events: Vec<HubSpotEvent>,
    /// Those of kinds that we do not act on.
    pub ignored: u32,
    /// Elements that are no event, or lack what their kind needs. They never cost the others.
    pub unreadable: u32,
}

/// The body is no delivery at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Longer than [`MAX_BODY`].
    #[error("the events cannot be read: the body is over 1 MiB")]
    TooLarge,
    /// JSON is UTF-8.
    #[error("the events cannot be read: the body is not UTF-8")]
    NotUtf8,
    /// It is empty, cut short, another JSON value, or no JSON.
    #[error("the events cannot be read: the body is no JSON array")]
    NotAnArray,
}

/// Reads a delivery element by element.
///
/// Depth costs no stack: elements and unknown fields are skipped by a scan that does not recurse.
pub fn parse_batch(body: &[u8]) -> Result<Batch, BatchError> {
    if body.len() > MAX_BODY {
        return Err(BatchError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| BatchError::NotUtf8)?;
    if let Some(call) = channel::read(text) {
        return Ok(call);
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| BatchError::NotAnArray)?;
    let mut batch = Batch::default();
    for element in elements {
        match serde_json::from_str(element.get()).map_err(|_| NOT_AN_EVENT).and_then(EventResponse::read) {
            Ok(Some(event)) => batch.events.push(event),
            Ok(None) => batch.ignored += 1,
            Err(WireError { field, problem }) => {
                tracing::debug!(field, problem, "an element of a webhook delivery is no event");
                batch.unreadable += 1;
            }
        }
    }
    Ok(batch)
}

const NOT_AN_EVENT: WireError = WireError { field: "event", problem: "it is no JSON object" };

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct EventResponse {
    subscription_type: Loose,
    /// HubSpot's guide calls it `subscriptionType`.
    event_type: Loose,
    portal_id: Loose,
    app_id: Loose,
    occurred_at: Loose,
    object_id: Loose,
    object_type_id: Loose,
    message_id: Loose,
    property_name: Loose,
    property_value: Loose,
    change_source: Loose,
    source_id: Loose,
    primary_object_id: Loose,
    merged_object_ids: Option<Vec<Loose>>,
    new_object_id: Loose,
}

impl EventResponse {
    /// The event, or `None` for a kind that we do not act on.
    fn read(mut self) -> Result<Option<HubSpotEvent>, WireError> {
        let Some(kind) = self.kind()? else { return Ok(None) };
        let millis = self.occurred_at.filled().and_then(|text| text.trim().parse().ok());
        let occurred_at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Ok(Some(HubSpotEvent {
            portal: self.portal_id.required("portalId")?,
            app: self.app_id.id("appId")?,
            occurred_at: occurred_at.ok_or(WireError::no_time("occurredAt"))?,
            kind,
        }))
    }

    fn kind(&mut self) -> Result<Option<EventKind>, WireError> {
        let named = std::mem::take(&mut self.subscription_type).filled();
        let name = named.or_else(|| std::mem::take(&mut self.event_type).filled());
        let name = name.ok_or(WireError::missing("subscriptionType"))?;
        let object_type = std::mem::take(&mut self.object_type_id).filled();
        let object = std::mem::take(&mut self.object_id);
        Ok(Some(match (name.as_str(), object_type.as_deref()) {
            // HubSpot has no `messageCreated`; OpenCX's documents name it.
            ("conversation.newMessage" | "conversation.messageCreated", _) => EventKind::MessageReceived {
                thread: object.required("objectId")?,
                message: std::mem::take(&mut self.message_id).required("messageId")?,
            },
            ("conversation.creation", _) => EventKind::ThreadCreated { thread: object.required("objectId")? },
            ("conversation.deletion", _) => EventKind::ThreadDeleted { thread: object.required("objectId")? },
            ("conversation.privacyDeletion", _) => {
                EventKind::ThreadPrivacyDeleted { thread: object.required("objectId")? }
            }
            ("conversation.propertyChange", _) => return self.thread_change(object),
            ("ticket.propertyChange", _) | ("object.propertyChange", Some(TICKET)) => {
                EventKind::TicketPropertyChanged {
                    ticket: object.required("objectId")?,
                    property: property(&self.property_name)?.to_owned(),
                    value: std::mem::take(&mut self.property_value).text(),
                    change_source: std::mem::take(&mut self.change_source).filled(),
                    source_id: std::mem::take(&mut self.source_id).filled(),
                }
            }
            ("ticket.merge", _) | ("object.merge", Some(TICKET)) => return self.merge(object).map(Some),
            ("ticket.deletion", _) | ("object.deletion", Some(TICKET)) => {
                EventKind::TicketDeleted { ticket: object.required("objectId")? }
            }
            ("object.creation", Some(NOTE)) => EventKind::NoteCreated { note: object.required("objectId")? },
            ("contact.privacyDeletion", _) => {
                EventKind::ContactPrivacyDeleted { contact: object.required("objectId")? }
            }
            _ => return Ok(None),
        }))
    }

    /// A merge may make a record of its own, which goes on in the place of all that were merged.
    fn merge(&mut self, object: Loose) -> Result<EventKind, WireError> {
        let primary: Option<TicketId> =
            std::mem::take(&mut self.primary_object_id).id("primaryObjectId")?.or(object.id("objectId")?);
        let new: Option<TicketId> = std::mem::take(&mut self.new_object_id).id("newObjectId")?;
        let missing = WireError::missing("primaryObjectId");
        let winner = new.clone().or(primary.clone()).ok_or(missing)?;
        let merged = self.merged_object_ids.take().unwrap_or_default();
        let ids = merged.into_iter().filter_map(|id| id.id("mergedObjectIds").transpose());
        let mut merged: Vec<TicketId> = ids.collect::<Result<_, _>>()?;
        merged.extend(primary);
        merged.retain(|ticket| *ticket != winner);
        merged.sort();
        merged.dedup();
        Ok(EventKind::TicketMerged { winner, merged })
    }

    fn thread_change(&mut self, thread: Loose) -> Result<Option<EventKind>, WireError> {
        let value = std::mem::take(&mut self.property_value);
        Ok(Some(match property(&self.property_name)? {
            "assignedTo" => {
                // An actor id by one of HubSpot's guides, a user id by another; empty, null or absent where unassigned.
                let assignee = value.filled().map(|text| ActorId::parse_user(&text)).transpose();
                let assignee = assignee.map_err(|_| WireError::no_id("propertyValue"))?;
                EventKind::ThreadAssigned { thread: thread.required("objectId")?, assignee }
            }
            "status" => {
                let status = value.filled().ok_or(WireError::missing("propertyValue"))?;
                EventKind::ThreadStatusChanged { thread: thread.required("objectId")?, status }
            }
            _ => return Ok(None),
        }))
    }
}

/// HubSpot's object types.
const TICKET: &str = "0-5";
const NOTE: &str = "0-46";

fn property(name: &Loose) -> Result<&str, WireError> {
    let name = name.as_str().filter(|name| !name.is_empty());
    name.ok_or(WireError::missing("propertyName"))
}
