//! Records of the CRM: contacts, tickets, notes, companies, deals. One shape for all, as in HubSpot's object API.

use super::kind::Kind;
use super::pipeline::{Pipeline, default_pipelines};
use super::property::{Property, built_in};
use super::team::Teammate;
use crate::hubspot::identity::APP_ID;
use crate::wire::iso;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Key = (Kind, u64);

#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) created_at: Timestamp,
    updated_at: Timestamp,
    pub(crate) archived: bool,
}

/// The writer of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    App,
    /// A rep, by user id.
    User(u64),
    /// HubSpot itself, such as a chat that makes a contact.
    HubSpot,
}

impl Author {
    /// `changeSource` and `sourceId` of a webhook event.
    pub(crate) fn source(self) -> (&'static str, String) {
        match self {
            Self::App => ("INTEGRATION", APP_ID.to_string()),
            Self::User(user) => ("CRM_UI", format!("userId:{user}")),
            Self::HubSpot => ("CONVERSATIONS", "conversations".to_owned()),
        }
    }
}

pub(crate) struct Crm {
    pub(crate) records: BTreeMap<Key, Record>,
    /// Both directions of every association.
    pub(crate) links: BTreeSet<(Key, Key)>,
    pub(crate) properties: BTreeMap<(Kind, String), Property>,
    pub(crate) groups: BTreeSet<(Kind, String)>,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) owner_ids: BTreeSet<String>,
    /// The portal takes no new properties.
    pub(crate) refuses_properties: bool,
    pub(crate) search_lag: SignedDuration,
    /// Records that were merged into another one, with that one.
    pub(crate) merged: BTreeMap<Key, u64>,
}

impl Crm {
    pub(crate) fn new() -> Self {
        let mut groups = BTreeSet::new();
        let mut properties = BTreeMap::new();
        for kind in Kind::ALL {
            groups.insert((kind, format!("{}information", kind.singular())));
            properties.extend(built_in(kind).into_iter().map(|p| ((kind, p.name.clone()), p)));
        }
        Self {
            records: BTreeMap::new(),
            links: BTreeSet::new(),
            properties,
            groups,
            pipelines: default_pipelines(),
            owner_ids: BTreeSet::new(),
            refuses_properties: false,
            search_lag: SignedDuration::from_secs(2),
            merged: BTreeMap::new(),
        }
    }

    pub(crate) fn set_owners(&mut self, team: &[Teammate]) {
        self.owner_ids = team.iter().map(|mate| mate.owner_id.to_string()).collect();
    }

    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (u64, &Record)> {
        self.records.range((kind, 0)..=(kind, u64::MAX)).filter(|(_, r)| !r.archived).map(|((_, id), r)| (*id, r))
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Record> {
        self.records.get(&key).filter(|record| !record.archived)
    }

    pub(crate) fn find(&self, kind: Kind, property: &str, value: &str) -> Option<u64> {
        let matches = |r: &Record| r.properties.get(property).is_some_and(|v| v.eq_ignore_ascii_case(value));
        self.of_kind(kind).find(|(_, record)| matches(record)).map(|(id, _)| id)
    }

    /// Adds a record; its properties are checked already.
    pub(crate) fn insert(&mut self, key: Key, properties: BTreeMap<String, String>, author: Author, now: Timestamp) {
        let (kind, id) = key;
        let mut properties = properties;
        let mut set = |name: &str, value: String| properties.insert(name.to_owned(), value);
        set("hs_object_id", id.to_string());
        set(kind.created_property(), iso(now));
        set(kind.modified_property(), iso(now));
        match author {
            Author::App => {
                set("hs_object_source", "INTEGRATION".to_owned());
                set("hs_object_source_id", APP_ID.to_string());
            }
            Author::User(user) => {
                set("hs_object_source", "CRM_UI".to_owned());
                set("hs_object_source_id", format!("userId:{user}"));
                set("hs_created_by_user_id", user.to_string());
            }
            Author::HubSpot => {
                set("hs_object_source", "CONVERSATIONS".to_owned());
            }
        }
        self.records.insert(key, Record { properties, created_at: now, updated_at: now, archived: false });
    }

    /// Writes checked values and returns those that changed. An empty text clears.
    pub(crate) fn change(
        &mut self,
        key: Key,
        values: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Vec<(String, String)> {
        let Some(record) = self.records.get_mut(&key) else { return Vec::new() };
        let mut changed = Vec::new();
        for (name, value) in values {
            let before = record.properties.get(&name).map_or("", String::as_str);
            if before != value {
                changed.push((name.clone(), value.clone()));
            }
            if value.is_empty() {
                record.properties.remove(&name);
            } else {
                record.properties.insert(name, value);
            }
        }
        record.updated_at = now;
        record.properties.insert(key.0.modified_property().to_owned(), iso(now));
        changed
    }

    pub(crate) fn link(&mut self, from: Key, to: Key) {
        self.links.insert((from, to));
        self.links.insert((to, from));
    }

    pub(crate) fn linked(&self, from: Key, to: Kind) -> Vec<u64> {
        let all = self.links.range((from, (to, 0))..=(from, (to, u64::MAX)));
        all.map(|(_, (_, id))| *id).filter(|id| self.get((to, *id)).is_some()).collect()
    }

    /// A record as the object API shows it. Properties that were asked for by name and have no value are `null`.
    pub(crate) fn show(&self, key: Key, wanted: &[&str], associations: &[&str]) -> Option<Value> {
        let record = self.get(key)?;
        let (kind, id) = key;
        let mut properties = Map::new();
        let always = ["hs_object_id", kind.created_property(), kind.modified_property()];
        let defaults = if wanted.is_empty() { kind.shown_by_default() } else { &[] };
        for name in always.iter().chain(defaults) {
            properties.insert((*name).to_owned(), json!(record.properties.get(*name)));
        }
        for name in wanted.iter().filter(|name| self.properties.contains_key(&(kind, (**name).to_owned()))) {
            properties.insert((*name).to_owned(), json!(record.properties.get(*name)));
        }
        let mut shown = json!({
            "id": id.to_string(), "properties": properties, "createdAt": iso(record.created_at),
            "updatedAt": iso(record.updated_at), "archived": false,
        });
        let mut linked = Map::new();
        for to in associations.iter().filter_map(|name| Kind::parse(name)) {
            let kind = format!("{}_to_{}", kind.singular(), to.singular());
            let ids = self.linked(key, to);
            let results: Vec<Value> = ids.iter().map(|id| json!({ "id": id.to_string(), "type": kind })).collect();
            if !results.is_empty() {
                linked.insert(to.plural().to_owned(), json!({ "results": results }));
            }
        }
        if let (false, Value::Object(fields)) = (linked.is_empty(), &mut shown) {
            fields.insert("associations".to_owned(), Value::Object(linked));
        }
        Some(shown)
    }

    /// The properties a workflow sends along; empty for a thread, which is no record.
    pub(crate) fn properties_of(&self, kind: &str, id: &str) -> Value {
        let key = Kind::parse(kind).zip(id.parse().ok());
        key.and_then(|key| self.get(key)).map_or_else(|| json!({}), |record| json!(record.properties))
    }

    /// The record an id leads to: its own, or the one it was merged into.
    pub(crate) fn survivor(&self, key: Key) -> Option<u64> {
        let id = self.merged.get(&key).copied().unwrap_or(key.1);
        self.get((key.0, id)).map(|_| id)
    }

    /// Archives `gone`; its associations and its id lead to `into`.
    pub(crate) fn merge(&mut self, gone: Key, into: Key) {
        let moved: Vec<Key> = self.links.iter().filter(|(from, _)| *from == gone).map(|(_, to)| *to).collect();
        self.links.retain(|(from, to)| *from != gone && *to != gone);
        for to in moved {
            self.link(into, to);
        }
        if let Some(record) = self.records.get_mut(&gone) {
            record.archived = true;
        }
        self.merged.insert(gone, into.1);
    }
}
