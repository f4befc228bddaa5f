//! The separate, read-only connection of the context panel (document 004, "CRM context panel").

use crate::access::Transacted;
use crate::item::{Item, text, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Keyring, Secret, Store, StoreError, Updated};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{CrmLabels, OrgId, PortalId};
use jiff::Timestamp;

/// What the context panel reads HubSpot with.
#[derive(Debug, Clone)]
pub struct CrmConnection {
    /// The organization.
    pub org: OrgId,
    /// The portal that is read.
    pub portal: PortalId,
    /// How.
    pub access: CrmAccess,
    /// What stages and owners are called, once it was learned.
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

    /// Stores it, in the place of an earlier one.
    pub async fn save_crm_connection(&self, crm: &CrmConnection, now: Timestamp) -> Result<(), StoreError> {
        let action = "save a CRM connection";
        let write = whole(crm, &self.keyring, now)?.in_any_case();
        match self.transact(action, vec![write]).await? {
            Transacted::Yes => Ok(()),
            Transacted::No(_) => {
                let problem = "a newer version of this program has written it".to_owned();
                Err(StoreError::Unavailable { action, problem })
            }
        }
    }

    /// Keeps what stages and owners are called, if the connection is still to that portal.
    pub async fn keep_crm_labels(
        &self,
        org: &OrgId,
        portal: &PortalId,
        labels: &CrmLabels,
    ) -> Result<Updated, StoreError> {
        let write = Write::update(Key::crm(org))
            .set("labels", text(labels_json(org, labels)?))
            .only_if("#portal = :portal")
            .with("portal", text(portal.as_str()));
        Ok(match self.update("keep a CRM's labels", write, ReturnValue::None).await? {
            crate::access::Written::Yes(_) => Updated::Yes,
            crate::access::Written::No(Some(_)) => Updated::Changed,
            crate::access::Written::No(None) => Updated::NotConnected,
        })
    }

    /// Forgets it. Its absence is no error.
    pub async fn delete_crm_connection(&self, org: &OrgId) -> Result<(), StoreError> {
        let write = Write::delete(Key::crm(org)).in_any_case();
        self.transact("delete a CRM connection", vec![write]).await.map(|_| ())
    }
}

fn whole(crm: &CrmConnection, keyring: &Keyring, now: Timestamp) -> Result<Write, StoreError> {
    let token = match &crm.access {
        CrmAccess::Own(token) => Some(text(keyring.seal(&crm.org, TOKEN, token.expose())?)),
        CrmAccess::Integration => None,
    };
    let labels = crm.labels.as_ref().map(|labels| labels_json(&crm.org, labels)).transpose()?;
    Ok(Write::update(Key::crm(&crm.org))
        .set("org", text(crm.org.as_str()))
        .set("portal", text(crm.portal.as_str()))
        .set("access", text(if token.is_some() { "own" } else { "integration" }))
        .put(TOKEN, token)
        .put("labels", labels.map(text))
        .set("connected_at", time(crm.connected_at))
        .set("updated_at", time(now)))
}

fn labels_json(org: &OrgId, labels: &CrmLabels) -> Result<String, StoreError> {
    serde_json::to_string(labels).map_err(|_| {
        let Key { pk, sk } = Key::crm(org);
        StoreError::Corrupt { pk, sk, problem: "the labels cannot be written as JSON".to_owned() }
    })
}

fn read(item: &Item, keyring: &Keyring) -> Result<CrmConnection, StoreError> {
    let org: OrgId = item.parsed("org")?;
    let access = match item.text("access")? {
        "own" => CrmAccess::Own(keyring.open(&org, TOKEN, item.text(TOKEN)?)?),
        "integration" => CrmAccess::Integration,
        _ => return Err(item.corrupt("`access` is not a known kind")),
    };
    let labels = item.text_if("labels")?.map(serde_json::from_str).transpose();
    Ok(CrmConnection {
        portal: item.parsed("portal")?,
        access,
        labels: labels.map_err(|_| item.corrupt("`labels` cannot be read"))?,
        connected_at: item.time("connected_at")?,
        org,
    })
}
