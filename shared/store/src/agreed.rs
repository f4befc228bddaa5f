//! What HubSpot's ticket properties and OpenCX's custom data agree on, and whose turn it is to change that.
//!
//! It stands in the session's item. A run that reads, compares and writes holds it meanwhile, so that the two directions
//! never work on one session at the same time.

use crate::access::Written;
use crate::item::{Attributes, Item, map, text, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Run, Store, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{Agreed, OrgId, SessionId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// By property.
    pub agreed: BTreeMap<String, Agreed>,
    /// Rises with every change of it.
    pub revision: u64,
    /// The last request that was carried out in full, and what the session was like after it.
    pub marker: Option<String>,
}

/// Who may change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// This run, until its deadline.
    Yes(Book),
    /// Another run.
    Busy {
        /// Its deadline.
        until: Timestamp,
    },
    /// There is no such session.
    NotFound,
}

impl Store {
    /// Reads what is agreed on, strongly consistent.
    pub async fn book(&self, org: &OrgId, session: &SessionId) -> Result<Option<Book>, StoreError> {
        let item = self.get("read agreed properties", &Key::session(org, session)).await?;
        item.map(|item| read(&item)).transpose()
    }

    /// Takes the right to change it. Of any number of runs one has it until it lets go or its deadline passes.
    pub async fn hold_book(&self, org: &OrgId, session: &SessionId, run: &Run) -> Result<Held, StoreError> {
        let dead = self.boot.as_deref().map_or("", |_| " OR #held_boot <> :boot");
        let mut write = Write::update(Key::session(org, session))
            .set("holder", text(&run.id))
            .set("held_until", time(run.deadline))
            .put("held_boot", self.boot.as_deref().map(text))
            .only_if(&format!("attribute_not_exists(#holder) OR #holder = :run OR #held_until <= :now{dead}"))
            .with("run", text(&run.id))
            .with("now", time(run.started_at));
        if let Some(boot) = self.boot.as_deref() {
            write = write.with("boot", text(boot));
        }
        Ok(match self.update_to_item("hold agreed properties", write).await? {
            Ok(item) => Held::Yes(read(&item)?),
            Err(Some(item)) => Held::Busy { until: item.time("held_until")? },
            Err(None) => Held::NotFound,
        })
    }

    /// Writes what is agreed on now, if that has changed, and lets go of it. Fails where another run holds it by now.
    pub async fn leave_book(
        &self,
        org: &OrgId,
        session: &SessionId,
        run: &Run,
        changed: Option<&BTreeMap<String, Agreed>>,
    ) -> Result<(), StoreError> {
        let mut write =
            Write::update(Key::session(org, session)).remove("holder").remove("held_until").remove("held_boot");
        if let Some(agreed) = changed {
            write = write.set("agreed", write_agreed(agreed)).add("agreed_revision", 1);
        }
        let write = write.only_if("#holder = :run").with("run", text(&run.id));
        match self.update("leave agreed properties", write, ReturnValue::None).await? {
            Written::Yes(_) => Ok(()),
            Written::No(_) => Err(StoreError::LostRun),
        }
    }

    /// Records which request was carried out in full.
    pub async fn mark_book(&self, org: &OrgId, session: &SessionId, marker: &str) -> Result<(), StoreError> {
        let write = Write::update(Key::session(org, session)).set("sync_marker", text(marker)).if_there();
        match self.update("mark a carried out request", write, ReturnValue::None).await? {
            Written::Yes(_) | Written::No(_) => Ok(()),
        }
    }
}

fn write_agreed(agreed: &BTreeMap<String, Agreed>) -> AttributeValue {
    let entry = |agreed: &Agreed| {
        map([
            ("value", Some(text(&agreed.value))),
            ("at", Some(time(agreed.at))),
            ("key", Some(text(&agreed.key))),
            ("by_hubspot", Some(AttributeValue::Bool(agreed.by_hubspot))),
        ])
    };
    let entries: Attributes = agreed.iter().map(|(property, one)| (property.clone(), entry(one))).collect();
    AttributeValue::M(entries)
}

fn read(item: &Item) -> Result<Book, StoreError> {
    let mut agreed = BTreeMap::new();
    if let Some(entries) = item.map_if("agreed")? {
        for property in entries.names() {
            let entry = entries.map(property)?;
            let one = Agreed {
                value: entry.text("value")?.to_owned(),
                at: entry.time("at")?,
                key: entry.text("key")?.to_owned(),
                by_hubspot: entry.flag_if("by_hubspot")?.unwrap_or(false),
            };
            agreed.insert(property.to_owned(), one);
        }
    }
    Ok(Book {
        agreed,
        revision: item.number_if("agreed_revision")?.unwrap_or(0),
        marker: item.text_if("sync_marker")?.map(str::to_owned),
    })
}
