//! Changes of records, each with its events.

use super::State;
use super::crm::{Author, Key};
use super::kind::Kind;
use super::values::Values;
use crate::wire::iso;
use serde_json::json;

impl State {
    /// Creates a record of checked values. As HubSpot does, the events of its properties come before the creation's.
    pub(crate) fn insert_record(&mut self, kind: Kind, mut values: Values, linked: &[Key], author: Author) -> u64 {
        let id = self.next_id();
        values.retain(|_, value| !value.is_empty());
        self.crm.insert((kind, id), values.clone(), author, self.now);
        for to in linked {
            self.crm.link((kind, id), *to);
        }
        self.property_events((kind, id), values, author);
        if kind == Kind::Note {
            let (source, source_id) = author.source();
            let fields = json!({
                "objectTypeId": "0-46", "changeFlag": "CREATED", "changeSource": source, "sourceId": source_id,
            });
            self.emit("object.creation", id, fields);
        }
        id
    }

    /// Writes checked values; an event follows for each that changed.
    pub(crate) fn change_record(&mut self, key: Key, mut values: Values, author: Author) {
        if let Some(closed) = self.closed_date(key, &values) {
            values.insert("closed_date".to_owned(), closed);
        }
        let changed = self.crm.change(key, values, self.now);
        self.property_events(key, changed, author);
    }

    /// HubSpot keeps the date by itself when a ticket enters or leaves a closed stage.
    fn closed_date(&self, key: Key, values: &Values) -> Option<String> {
        let entered = values.get("hs_pipeline_stage").filter(|_| key.0 == Kind::Ticket)?;
        let record = self.crm.get(key)?;
        let pipeline = values.get("hs_pipeline").or_else(|| record.properties.get("hs_pipeline"))?;
        let pipeline = self.crm.pipelines.iter().find(|p| p.id == *pipeline)?;
        let closed = pipeline.stages.iter().any(|s| s.id == *entered && s.closed);
        Some(if closed { iso(self.now) } else { String::new() })
    }

    /// Only tickets have a subscription for their properties.
    fn property_events(&mut self, key: Key, values: impl IntoIterator<Item = (String, String)>, author: Author) {
        if key.0 != Kind::Ticket {
            return;
        }
        let (source, source_id) = author.source();
        for (name, value) in values {
            let fields = json!({
                "propertyName": name, "propertyValue": value, "changeSource": source, "sourceId": source_id,
                "isSensitive": false,
            });
            self.emit("ticket.propertyChange", key.1, fields);
        }
    }
}
