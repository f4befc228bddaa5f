//! E-mail signatures of an organization.

use crate::access::{Transacted, Written};
use crate::item::{Item, text, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{OrgId, Signature, SignaturePattern};

impl Store {
    /// All signatures of an organization, by pattern.
    pub async fn signatures(&self, org: &OrgId) -> Result<Vec<Signature>, StoreError> {
        let query = self.client.query().table_name(&*self.table).consistent_read(true);
        let query = query
            .key_condition_expression("pk = :org AND begins_with(sk, :signature)")
            .expression_attribute_values(":org", text(Key::connection(org).pk))
            .expression_attribute_values(":signature", text("SIGNATURE#"));
        let mut entries = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| StoreError::of_sdk("list signatures", &error))?;
            found.push(read(&Item::read(entry)?)?);
        }
        Ok(found)
    }

    /// Reads one signature, strongly consistent.
    pub async fn signature(&self, org: &OrgId, of: &SignaturePattern) -> Result<Option<Signature>, StoreError> {
        let item = self.get("read a signature", &Key::signature(org, of)).await?;
        item.map(|item| read(&item)).transpose()
    }

    /// Saves a signature in place of an earlier one of its pattern.
    pub async fn save_signature(&self, org: &OrgId, signature: &Signature) -> Result<(), StoreError> {
        let write = Write::update(Key::signature(org, &signature.pattern))
            .set("html", text(&signature.html))
            .set("updated_at", time(signature.updated_at))
            .in_any_case();
        let action = "save a signature";
        match self.update(action, write, ReturnValue::None).await? {
            Written::Yes(_) => Ok(()),
            // The one condition is that no newer version of this code wrote it; reading such an item says so, too.
            Written::No(_) => Err(StoreError::Unavailable { action, problem: "newer code wrote it".to_owned() }),
        }
    }

    /// Deletes a signature; false where there is none.
    pub async fn delete_signature(&self, org: &OrgId, of: &SignaturePattern) -> Result<bool, StoreError> {
        let write = Write::delete(Key::signature(org, of)).if_there();
        Ok(matches!(self.transact("delete a signature", vec![write]).await?, Transacted::Yes))
    }
}

fn read(item: &Item) -> Result<Signature, StoreError> {
    let pattern = item.key().sk.strip_prefix("SIGNATURE#").and_then(|text| SignaturePattern::parse(text).ok());
    Ok(Signature {
        pattern: pattern.ok_or_else(|| item.corrupt("its key is not that of a signature"))?,
        html: item.text("html")?.to_owned(),
        updated_at: item.time("updated_at")?,
    })
}
