//! All organizations, for operators. It reads the whole table, so nothing that serves a customer may call it.

use crate::table::{Item, Store, StoreError, text};
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
        let scan = scan.expression_attribute_values(":connection", text("CONNECTION"));
        let mut pages = scan.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            let item = Item::read(item.map_err(|error| StoreError::of_sdk("list organizations", &error))?)?;
            // An organization that was never connected has settings only.
            let Some(portal) = item.parsed_if("portal")? else { continue };
            found.push(Organization {
                org: item.parsed("org")?,
                portal,
                auth: item.owned("auth")?,
                live: item.json::<Settings>("settings")?.enabled,
                connected_at: item.time("connected_at")?,
            });
        }
        found.sort_by(|a, b| a.org.cmp(&b.org));
        Ok(found)
    }
}
