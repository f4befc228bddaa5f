//! The values that HubSpot's ticket properties and OpenCX's custom data agree on, and the lock on them.
//!
//! Both stand in the session's item. A run that reads, compares and writes holds the lock meanwhile, so that the two
//! directions never work on one session at the same time.

use crate::table::{Item, Key, Store, StoreError, Write, map, text, time};
use crate::work::terms::Run;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{Agreed, OrgId, SessionId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The agreed values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PropertySync {
    /// The values, by property.
    pub agreed: BTreeMap<String, Agreed>,
    /// Rises with every change of it.
    pub revision: u64,
    /// A digest of the last request that was carried out in full, and of the session after it.
    pub marker: Option<String>,
}

/// The answer to a run that wants the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyLock {
    /// This run has the lock until its deadline.
    Yes(PropertySync),
    /// Another run has the lock.
    Busy {
        /// Its deadline.
        until: Timestamp,
    },
    /// There is no such session.
    NotFound,
}

impl Store {
    /// Reads the agreed values, strongly consistent.
    pub async fn property_sync(&self, org: &OrgId, session: &SessionId) -> Result<Option<PropertySync>, StoreError> {
        let item = self.get("read agreed properties", &Key::session(org, session)).await?;
        item.map(|item| read(&item)).transpose()
    }

    /// Takes the lock. Of any number of runs one has it until it lets go or its deadline passes.
    pub async fn lock_properties(
        &self,
        org: &OrgId,
        session: &SessionId,
        run: &Run,
    ) -> Result<PropertyLock, StoreError> {
        let (write, dead) = self.of_dead_boot(Write::update(Key::session(org, session)), "held_boot");
        let write = write
            .set("holder", text(&run.id))
            .set("held_until", time(run.deadline))
            .put("held_boot", self.boot())
            .only_if(&format!("attribute_not_exists(#holder) OR #holder = :run OR #held_until <= :now OR {dead}"))
            .with("run", text(&run.id))
            .with("now", time(run.started_at));
        Ok(match self.update_to_item("lock a session's properties", write).await? {
            Ok(item) => PropertyLock::Yes(read(&item)?),
            Err(Some(item)) => PropertyLock::Busy { until: item.time("held_until")? },
            Err(None) => PropertyLock::NotFound,
        })
    }

    /// Writes the agreed values, if they have changed, and lets the lock go. Fails where another run has it by now.
    pub async fn unlock_properties(
        &self,
        org: &OrgId,
        session: &SessionId,
        run: &Run,
        changed: Option<&BTreeMap<String, Agreed>>,
    ) -> Result<(), StoreError> {
        let mut write = Write::update(Key::session(org, session)).remove(["holder", "held_until", "held_boot"]);
        if let Some(agreed) = changed {
            write = write.set("agreed", write_agreed(agreed)).add("agreed_revision", 1);
        }
        let write = write.only_if("#holder = :run").with("run", text(&run.id));
        match self.update("unlock a session's properties", write, ReturnValue::None).await? {
            Ok(_) => Ok(()),
            // Our own write, whose answer was lost and which the SDK sent again: nobody holds it, and it is as we left it.
            Err(Some(item))
                if !item.has("holder") && changed.is_none_or(|left| read(&item).is_ok_and(|it| it.agreed == *left)) =>
            {
                Ok(())
            }
            Err(_) => Err(StoreError::LostRun),
        }
    }

    /// Records which request was carried out in full.
    pub async fn mark_properties_synced(
        &self,
        org: &OrgId,
        session: &SessionId,
        marker: &str,
    ) -> Result<(), StoreError> {
        let write = Write::update(Key::session(org, session)).set("sync_marker", text(marker)).if_there();
        self.write("mark a carried out request", write).await.map(drop)
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
    AttributeValue::M(agreed.iter().map(|(property, one)| (property.clone(), entry(one))).collect())
}

fn read(item: &Item) -> Result<PropertySync, StoreError> {
    let mut agreed = BTreeMap::new();
    if let Some(entries) = item.map_if("agreed")? {
        for property in entries.names() {
            let entry = entries.map(property)?;
            let one = Agreed {
                value: entry.owned("value")?,
                at: entry.time("at")?,
                key: entry.owned("key")?,
                by_hubspot: entry.flag_if("by_hubspot")?.unwrap_or(false),
            };
            agreed.insert(property.to_owned(), one);
        }
    }
    Ok(PropertySync {
        agreed,
        revision: item.number_if("agreed_revision")?.unwrap_or(0),
        marker: item.owned_if("sync_marker")?,
    })
}
