//! The separate, read-only connection of the context panel.

use crate::table::{Item, Key, Keyring, Secret, Store, StoreError, Write, json, text, time};
use crate::tenant::connection::Updated;
use domain::{CrmLabels, OrgId, PortalId};
use jiff::Timestamp;

/// The connection with which the context panel reads HubSpot.
#[derive(Debug, Clone)]
pub struct CrmConnection {
    /// The organization.
    pub org: OrgId,
    /// The portal that is read.
    pub portal: PortalId,
    /// How the panel proves itself.
    pub access: CrmAccess,
    /// The names of stages and owners, once they were read.
    pub labels: Option<CrmLabels>,
    /// When the admin connected it.
    pub connected_at: Timestamp,
}

/// How the context panel proves itself to HubSpot.
#[derive(Debug, Clone)]
pub enum CrmAccess {
    /// With a token of its own.
    Own(Secret<String>),
    /// As the ticketing integration does.
    Integration,
}

const TOKEN: &str = "crm_access_token";

impl Store {
    /// Reads an organization's CRM connection, strongly consistent, with its secret opened.
    pub async fn crm_connection(&self, org: &OrgId) -> Result<Option<CrmConnection>, StoreError> {
        let item = self.get("read a CRM connection", &Key::crm(org)).await?;
        item.map(|item| read(&item, &self.keyring)).transpose()
    }

    /// Stores a CRM connection in place of an earlier one.
    pub async fn save_crm_connection(&self, crm: &CrmConnection, now: Timestamp) -> Result<(), StoreError> {
        let action = "save a CRM connection";
        let write = whole(crm, &self.keyring, now)?.in_any_case();
        if self.write(action, write).await? { Ok(()) } else { Err(StoreError::by_newer_code(action)) }
    }

    /// Keeps the names of stages and owners, if the connection is still to that portal.
    pub async fn keep_crm_labels(
        &self,
        org: &OrgId,
        portal: &PortalId,
        labels: &CrmLabels,
    ) -> Result<Updated, StoreError> {
        let write = Write::update(Key::crm(org))
            .set("labels", json(&Key::crm(org), "labels", labels)?)
            .only_if("#portal = :portal")
            .with("portal", text(portal.as_str()));
        self.change("keep a CRM's labels", write).await
    }

    /// Removes a CRM connection, if there is one.
    pub async fn delete_crm_connection(&self, org: &OrgId) -> Result<(), StoreError> {
        let write = Write::delete(Key::crm(org)).in_any_case();
        self.write("delete a CRM connection", write).await.map(drop)
    }
}

fn whole(crm: &CrmConnection, keyring: &Keyring, now: Timestamp) -> Result<Write, StoreError> {
    let token = match &crm.access {
        CrmAccess::Own(token) => Some(text(keyring.seal(&crm.org, TOKEN, token.expose())?)),
        CrmAccess::Integration => None,
    };
    let labels = crm.labels.as_ref().map(|labels| json(&Key::crm(&crm.org), "labels", labels)).transpose()?;
    Ok(Write::update(Key::crm(&crm.org))
        .set("org", text(crm.org.as_str()))
        .set("portal", text(crm.portal.as_str()))
        .set("access", text(if token.is_some() { "own" } else { "integration" }))
        .put(TOKEN, token)
        .put("labels", labels)
        .set("connected_at", time(crm.connected_at))
        .set("updated_at", time(now)))
}

fn read(item: &Item, keyring: &Keyring) -> Result<CrmConnection, StoreError> {
    let org: OrgId = item.parsed("org")?;
    let access = match item.text("access")? {
        "own" => CrmAccess::Own(keyring.open(&org, TOKEN, item.text(TOKEN)?)?),
        "integration" => CrmAccess::Integration,
        _ => return Err(item.corrupt("`access` is not a known kind")),
    };
    Ok(CrmConnection {
        portal: item.parsed("portal")?,
        access,
        labels: item.json_if("labels")?,
        connected_at: item.time("connected_at")?,
        org,
    })
}
