//! Records that were merged into another one: their ids lead to it from then on.

use super::crm::{Crm, Key};

impl Crm {
    /// The record an id leads to: its own, or the one it was merged into.
    pub(crate) fn survivor(&self, key: Key) -> Option<u64> {
        let id = self.merged.get(&key).copied().unwrap_or(key.1);
        self.get((key.0, id)).map(|_| id)
    }

    /// Everything that belonged to `gone` belongs to `into` now.
    pub(crate) fn merge(&mut self, gone: Key, into: Key) {
        let moved: Vec<Key> = self.links.iter().filter(|(from, _)| *from == gone).map(|(_, to)| *to).collect();
        self.links.retain(|(from, to)| *from != gone && *to != gone);
        for to in moved {
            self.link(into, to);
        }
        if let Some(record) = self.records.get_mut(&gone) {
            record.archived = true;
        }
        self.merged.insert(gone, into.1);
    }
}
