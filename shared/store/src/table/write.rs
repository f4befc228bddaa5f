//! One conditional write: what it changes, and under which condition.

use crate::table::item::{SCHEMA, number};
use crate::table::keys::{Attributes, Key};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// A write of one item. Every condition it can have includes that no newer code wrote the item.
///
/// Conditions name attributes as `#name` and values given with [`Write::with`] as `:name`.
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) kind: Kind,
    changes: Vec<Change>,
    condition: String,
    given: Attributes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes some attributes, and creates the item where the condition lets it.
    Update,
    /// Writes the whole item anew.
    Replace,
    Delete,
}

enum Change {
    Set(&'static str, AttributeValue),
    Keep(&'static str, AttributeValue),
    Add(&'static str, u32),
    Remove(&'static str),
    Entry(&'static str, String, AttributeValue),
    Count(&'static str, String),
}

impl Write {
    pub(crate) fn update(key: Key) -> Self {
        let given = Attributes::from([("schema".to_owned(), number(SCHEMA))]);
        Self { key, kind: Kind::Update, changes: Vec::new(), condition: String::new(), given }
    }

    pub(crate) fn delete(key: Key) -> Self {
        Self { kind: Kind::Delete, ..Self::update(key) }
    }

    /// The same, with an item that has nothing but what is set here.
    pub(crate) fn replacing(self) -> Self {
        Self { kind: Kind::Replace, ..self }
    }

    pub(crate) fn set(self, name: &'static str, value: AttributeValue) -> Self {
        self.change(Change::Set(name, value))
    }

    pub(crate) fn set_if(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        self.change_if(value.map(|value| Change::Set(name, value)))
    }

    /// Sets where there is a value, and removes where there is none.
    pub(crate) fn put(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        self.change(value.map_or(Change::Remove(name), |value| Change::Set(name, value)))
    }

    /// Sets unless the attribute is there.
    pub(crate) fn keep(self, name: &'static str, value: AttributeValue) -> Self {
        self.change(Change::Keep(name, value))
    }

    pub(crate) fn keep_if(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        self.change_if(value.map(|value| Change::Keep(name, value)))
    }

    pub(crate) fn add(self, name: &'static str, by: u32) -> Self {
        self.change(Change::Add(name, by))
    }

    pub(crate) fn remove(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.changes.extend(names.into_iter().map(Change::Remove));
        self
    }

    /// Sets one entry of a map attribute that is there.
    pub(crate) fn entry(self, map: &'static str, name: &str, value: AttributeValue) -> Self {
        self.change(Change::Entry(map, name.to_owned(), value))
    }

    /// Counts one more in an entry of a map attribute that is there.
    pub(crate) fn count(self, map: &'static str, name: String) -> Self {
        self.change(Change::Count(map, name))
    }

    /// Only if there is no such item.
    pub(crate) fn if_absent(self) -> Self {
        self.under("attribute_not_exists(#pk)")
    }

    /// Only if the item is there.
    pub(crate) fn if_there(self) -> Self {
        self.under("#schema <= :schema")
    }

    /// Only if the item is there and `condition` holds.
    pub(crate) fn only_if(self, condition: &str) -> Self {
        self.under(&format!("#schema <= :schema AND ({condition})"))
    }

    /// Only if there is no such item, or `condition` holds for it.
    pub(crate) fn if_absent_or(self, condition: &str) -> Self {
        self.under(&format!("attribute_not_exists(#pk) OR (#schema <= :schema AND ({condition}))"))
    }

    /// Whatever is there, unless newer code wrote it.
    pub(crate) fn in_any_case(self) -> Self {
        self.under("attribute_not_exists(#pk) OR #schema <= :schema")
    }

    fn under(mut self, condition: &str) -> Self {
        condition.clone_into(&mut self.condition);
        self
    }

    /// A value that the condition names `:name`.
    pub(crate) fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.given.insert(name.to_owned(), value);
        self
    }

    fn change(self, change: Change) -> Self {
        self.change_if(Some(change))
    }

    fn change_if(mut self, change: Option<Change>) -> Self {
        self.changes.extend(change);
        self
    }

    /// The request's parts.
    pub(crate) fn parts(self) -> Parts {
        let mut parts = Parts::default();
        for name in placeholders(&self.condition, '#') {
            parts.names.insert(format!("#{name}"), name.to_owned());
        }
        for name in placeholders(&self.condition, ':') {
            if let Some(value) = self.given.get(name) {
                parts.values.insert(format!(":{name}"), value.clone());
            }
        }
        parts.condition = self.condition;
        match self.kind {
            Kind::Delete => {}
            Kind::Replace => parts.item = whole(&self.key, self.changes),
            Kind::Update => parts.write(self.changes),
        }
        parts
    }
}

/// The parts of a write, as the SDK's builders take them.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) condition: String,
    pub(crate) expression: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: Attributes,
    pub(crate) item: Attributes,
}

impl Parts {
    pub(crate) fn values(&self) -> Option<Attributes> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    fn write(&mut self, changes: Vec<Change>) {
        let (mut sets, mut removes) = (Vec::new(), Vec::new());
        let schema = Change::Set("schema", number(SCHEMA));
        for (at, change) in std::iter::once(schema).chain(changes).enumerate() {
            // Names of entries may hold any character, so placeholders are numbered.
            let (name, value, entry) = (format!("#n{at}"), format!(":v{at}"), format!("#e{at}"));
            let (attribute, to) = match change {
                Change::Set(attribute, to) => {
                    sets.push(format!("{name} = {value}"));
                    (attribute, Some(to))
                }
                Change::Keep(attribute, to) => {
                    sets.push(format!("{name} = if_not_exists({name}, {value})"));
                    (attribute, Some(to))
                }
                Change::Add(attribute, by) => {
                    sets.push(format!("{name} = if_not_exists({name}, :zero) + {value}"));
                    self.values.insert(":zero".to_owned(), number(0));
                    (attribute, Some(number(by)))
                }
                Change::Remove(attribute) => {
                    removes.push(name.clone());
                    (attribute, None)
                }
                Change::Entry(attribute, of, to) => {
                    sets.push(format!("{name}.{entry} = {value}"));
                    self.names.insert(entry, of);
                    (attribute, Some(to))
                }
                Change::Count(attribute, of) => {
                    sets.push(format!("{name}.{entry} = if_not_exists({name}.{entry}, :zero) + {value}"));
                    self.values.insert(":zero".to_owned(), number(0));
                    self.names.insert(entry, of);
                    (attribute, Some(number(1)))
                }
            };
            self.names.insert(name, attribute.to_owned());
            self.values.extend(to.map(|to| (value, to)));
        }
        self.expression = format!("SET {}", sets.join(", "));
        if !removes.is_empty() {
            self.expression.push_str(" REMOVE ");
            self.expression.push_str(&removes.join(", "));
        }
    }
}

/// The item that a replacement writes: there is nothing to keep, to count on or to remove.
fn whole(key: &Key, changes: Vec<Change>) -> Attributes {
    let mut item = key.attributes();
    item.insert("schema".to_owned(), number(SCHEMA));
    for change in changes {
        match change {
            Change::Set(name, value) | Change::Keep(name, value) => {
                item.insert(name.to_owned(), value);
            }
            Change::Add(name, by) => {
                item.insert(name.to_owned(), number(by));
            }
            Change::Remove(_) | Change::Entry(..) | Change::Count(..) => {}
        }
    }
    item
}

fn placeholders(condition: &str, sign: char) -> impl Iterator<Item = &str> {
    let name = |rest: &'_ str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    condition.split(sign).skip(1).filter_map(move |rest| rest.get(..name(rest)))
}
