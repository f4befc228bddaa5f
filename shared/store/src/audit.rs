//! Who changed or replayed what, when.

use crate::item::{Item, number, text, time};
use crate::keys::{Key, audit_of, moment};
use crate::write::Write;
use crate::{Store, StoreError};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::OrgId;
use jiff::Timestamp;

/// How long entries are kept: a year and a bit.
const KEPT_S: i64 = 400 * 86_400;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// `owner`, `admin`, `cli` or `system`.
    pub actor: String,
    /// Such as `settings.changed`.
    pub action: String,
    /// What was changed: names of settings, a portal's id, a pattern. Never a secret or a text.
    pub what: String,
}

/// Entries, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

impl Store {
    /// Adds an entry. `nonce` tells entries of one moment apart.
    pub async fn add_audit(&self, org: &OrgId, entry: &AuditEntry, nonce: &str) -> Result<(), StoreError> {
        let write = Write::update(Key::new(audit_of(org), format!("{}#{nonce}", moment(entry.at))))
            .set("at", time(entry.at))
            .set("actor", text(&entry.actor))
            .set("action", text(&entry.action))
            .set("what", text(&entry.what))
            .set("expires_at", number(entry.at.as_second().saturating_add(KEPT_S)))
            .in_any_case();
        self.update("add an audit entry", write, ReturnValue::None).await.map(drop)
    }

    /// Lists entries, newest first, at most `limit`, from where `cursor` says.
    pub async fn audit(&self, org: &OrgId, cursor: Option<&str>, limit: u32) -> Result<AuditPage, StoreError> {
        let limit = limit.clamp(1, 200) as usize;
        let query = self.client.query().table_name(&*self.table).scan_index_forward(false);
        let query = query
            .key_condition_expression("pk = :audit AND sk < :before")
            .expression_attribute_values(":audit", text(audit_of(org)))
            .expression_attribute_values(":before", text(cursor.unwrap_or("~")))
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|error| StoreError::of_sdk("list audit entries", &error))?;
        let mut items = answer.items.unwrap_or_default().into_iter().map(Item::read).collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let cursor = items.last().filter(|_| more).map(|item| item.key().sk.clone());
        let entries = items.iter().map(|item| {
            Ok(AuditEntry {
                at: item.time("at")?,
                actor: item.text("actor")?.to_owned(),
                action: item.text("action")?.to_owned(),
                what: item.text("what")?.to_owned(),
            })
        });
        Ok(AuditPage { entries: entries.collect::<Result<_, StoreError>>()?, cursor })
    }
}
