//! The audit trail: every change and replay, with the person and the time.

use crate::table::keys::audit_of;
use crate::table::{Item, Key, Store, StoreError, Write, moment, number, read_page, text, time};
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
    /// The changed things: names of settings, a portal's id, a pattern. Never a secret or a text.
    pub what: String,
}

/// Entries, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The beginning of the next page.
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
        self.write("add an audit entry", write).await.map(drop)
    }

    /// Lists entries, newest first, at most `limit`, from where `cursor` says.
    pub async fn audit(&self, org: &OrgId, cursor: Option<&str>, limit: u32) -> Result<AuditPage, StoreError> {
        let limit = limit.clamp(1, 200) as usize;
        let (partition, wanted) = (audit_of(org), i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let values = [(":audit", &*partition), (":before", cursor.unwrap_or("~"))];
        let query = self.query(None, "pk = :audit AND sk < :before", values).scan_index_forward(false).limit(wanted);
        let found = read_page("list audit entries", query).await?;
        let mut items = found.into_iter().map(Item::read).collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let cursor = items.last().filter(|_| more).map(|item| item.key().sk.clone());
        let entries = items.iter().map(|item| {
            Ok(AuditEntry {
                at: item.time("at")?,
                actor: item.owned("actor")?,
                action: item.owned("action")?,
                what: item.owned("what")?,
            })
        });
        Ok(AuditPage { entries: entries.collect::<Result<_, StoreError>>()?, cursor })
    }
}
