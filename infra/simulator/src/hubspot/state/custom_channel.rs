//! The custom channel of our app: what is known of it in this portal.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The channel in this portal: its plan, its registration, its accounts.
pub(crate) struct CustomChannel {
    /// Sales or Service Hub Professional.
    pub(crate) plan: bool,
    pub(crate) registered: bool,
    pub(crate) accounts: Vec<ChannelAccount>,
    /// By account and the app's own id of the thread.
    pub(crate) threads: BTreeMap<(String, String), u64>,
    /// By account and idempotency id: thread and message.
    pub(crate) published: BTreeMap<(String, String), (u64, String)>,
}

#[derive(Clone)]
pub(crate) struct ChannelAccount {
    pub(crate) id: String,
    pub(crate) inbox: String,
    pub(crate) shown: Value,
}

/// `PUT /_sim/custom-channels`
#[derive(Deserialize)]
pub(crate) struct CustomChannelChange {
    plan: Option<bool>,
    registered: Option<bool>,
}

impl Default for CustomChannel {
    fn default() -> Self {
        let (accounts, threads, published) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { plan: true, registered: true, accounts, threads, published }
    }
}

impl CustomChannel {
    pub(crate) fn change(&mut self, to: &CustomChannelChange) {
        self.plan = to.plan.unwrap_or(self.plan);
        self.registered = to.registered.unwrap_or(self.registered);
    }

    pub(crate) fn account(&self, id: &str) -> Option<&ChannelAccount> {
        self.accounts.iter().find(|account| account.id == id)
    }
}
