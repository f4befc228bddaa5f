//! All organizations, for operators. Nothing that serves a customer reads it: it goes through the whole table.

use crate::item::Item;
use crate::{Store, StoreError};
use domain::{OrgId, PortalId, Settings};
use jiff::Timestamp;

/// An organization as an operator's list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub org: OrgId,
    /// Its portal.
    pub portal: PortalId,
    /// How it is connected: `oauth` or `private_app`.
    pub auth: String,
    /// Whether its admin has gone live.
    pub live: bool,
    /// Since when.
    pub connected_at: Timestamp,
}

impl Store {
    /// Every organization that has a connection, by id.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let scan = self.client.scan().table_name(&*self.table).filter_expression("sk = :connection");
        let scan = scan.expression_attribute_values(":connection", crate::item::text("CONNECTION"));
        let mut pages = scan.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            let item = Item::read(item.map_err(|error| StoreError::of_sdk("list organizations", &error))?)?;
            // What was begun and never connected is none.
            let Some(portal) = item.parsed_if("portal")? else { continue };
            let settings: Settings =
                serde_json::from_str(item.text("settings")?).map_err(|_| item.corrupt("`settings` cannot be read"))?;
            found.push(Organization {
                org: item.parsed("org")?,
                portal,
                auth: item.text("auth")?.to_owned(),
                live: settings.enabled,
                connected_at: item.time("connected_at")?,
            });
        }
        found.sort_by(|a, b| a.org.cmp(&b.org));
        Ok(found)
    }
}
