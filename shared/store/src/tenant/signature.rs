//! E-mail signatures of an organization.

use crate::table::{Item, Key, Store, StoreError, Write, read_all, text, time};
use domain::{OrgId, Signature, SignaturePattern};

impl Store {
    /// All signatures of an organization, by pattern.
    pub async fn signatures(&self, org: &OrgId) -> Result<Vec<Signature>, StoreError> {
        let values = [(":org", &*Key::connection(org).pk), (":signature", "SIGNATURE#")];
        let query = self.query(None, "pk = :org AND begins_with(sk, :signature)", values).consistent_read(true);
        let found = read_all("list signatures", query).await?;
        found.into_iter().map(|entry| read(&Item::read(entry)?)).collect()
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
        if self.write(action, write).await? { Ok(()) } else { Err(StoreError::by_newer_code(action)) }
    }

    /// Deletes a signature; false where there is none.
    pub async fn delete_signature(&self, org: &OrgId, of: &SignaturePattern) -> Result<bool, StoreError> {
        let write = Write::delete(Key::signature(org, of)).if_there();
        self.write("delete a signature", write).await
    }
}

fn read(item: &Item) -> Result<Signature, StoreError> {
    let pattern = item.key().sk.strip_prefix("SIGNATURE#").and_then(|text| SignaturePattern::parse(text).ok());
    Ok(Signature {
        pattern: pattern.ok_or_else(|| item.corrupt("its key is not that of a signature"))?,
        html: item.owned("html")?,
        updated_at: item.time("updated_at")?,
    })
}
