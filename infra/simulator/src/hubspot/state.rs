//! The portal's records and settings.

use super::account::Account;
use super::crm::Crm;
use super::custom_channel::CustomChannel;
use super::files::File;
use super::hook::Hook;
use super::threads::Thread;
use crate::ids::Ids;
use crate::limits::{Wanted, Window};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const PORTAL_ID: u64 = 22_761_544;
pub(crate) const APP_ID: u64 = 1_098_266;
pub(crate) const AI_USER: u64 = 3_892_666;

/// A user of the portal. `A-<user_id>` in conversations, `owner_id` in the CRM: two numbers for one person.
#[derive(Debug, Clone)]
pub(crate) struct Teammate {
    pub(crate) user_id: u64,
    pub(crate) owner_id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) archived: bool,
    /// Conversations can be assigned to them.
    pub(crate) seat: bool,
}

pub(crate) struct Limits {
    off: bool,
    burst: Window,
    search: Window,
}

impl Limits {
    fn new() -> Self {
        let burst = Window::new(110, SignedDuration::from_secs(10));
        Self { off: false, burst, search: Window::new(5, SignedDuration::from_secs(1)) }
    }

    pub(crate) fn change(&mut self, wanted: &Wanted) {
        self.off = wanted.off.unwrap_or(false);
        self.burst.max = wanted.per_10_s.unwrap_or(self.burst.max);
        self.search.max = wanted.search_per_s.unwrap_or(self.search.max);
    }

    /// The headers for an answer, or the policy that refuses it. Search has a limit of its own and no headers.
    pub(crate) fn take(&mut self, search: bool, now: Timestamp) -> Result<Vec<(String, String)>, &'static str> {
        if search {
            let within = self.off || self.search.take(now).is_some();
            return if within { Ok(Vec::new()) } else { Err("SECONDLY") };
        }
        let remaining = if self.off { self.burst.max } else { self.burst.take(now).ok_or("TEN_SECONDLY_ROLLING")? };
        Ok(self.headers(remaining))
    }

    pub(crate) fn headers(&self, remaining: usize) -> Vec<(String, String)> {
        let header = |name: &str, value: usize| (format!("x-hubspot-ratelimit-{name}"), value.to_string());
        vec![header("max", self.burst.max), header("remaining", remaining), header("interval-milliseconds", 10_000)]
    }
}

pub(crate) struct State {
    /// The moment of the request in hand.
    pub(crate) now: Timestamp,
    pub(crate) ids: Ids,
    next_id: u64,
    pub(crate) account: Account,
    pub(crate) team: Vec<Teammate>,
    pub(crate) threads: BTreeMap<u64, Thread>,
    pub(crate) crm: Crm,
    pub(crate) hook: Hook,
    pub(crate) limits: Limits,
    /// By how much HubSpot's clock is ahead of everybody else's.
    pub(crate) clock_ahead: SignedDuration,
    /// The sender address of the e-mail channel accounts, where HubSpot tells it.
    pub(crate) email_address: Option<String>,
    pub(crate) files: BTreeMap<u64, File>,
    pub(crate) custom: CustomChannel,
}

impl State {
    pub(crate) fn new(seed: u64, now: Timestamp) -> Self {
        let mut ids = Ids::new(seed);
        let next_id = 1_145_000_000 + ids.next() % 4_000_000_000;
        let mut state = Self {
            now,
            ids,
            next_id,
            account: Account::new(),
            team: team(),
            threads: BTreeMap::new(),
            crm: Crm::new(),
            hook: Hook::default(),
            limits: Limits::new(),
            clock_ahead: SignedDuration::ZERO,
            email_address: Some("help@support.example".to_owned()),
            files: BTreeMap::new(),
            custom: CustomChannel::default(),
        };
        state.crm.set_owners(&state.team);
        state
    }

    /// Everything as at the start, but the webhook stays where it was registered and ids go on.
    pub(crate) fn reset(&mut self) {
        let mut fresh = Self::new(0, self.now);
        fresh.ids = self.ids.clone();
        fresh.next_id = self.next_id;
        fresh.hook = self.hook.kept_over_reset();
        *self = fresh;
    }

    /// Ids of threads, contacts, tickets and notes come from one sequence, so that a mix-up is noticed.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.next_id += 1 + self.ids.next() % 7;
        self.next_id
    }

    pub(crate) fn teammate(&self, actor: &str) -> Option<&Teammate> {
        let user: u64 = actor.strip_prefix("A-")?.parse().ok()?;
        self.team.iter().find(|mate| mate.user_id == user && !mate.archived)
    }

    /// Queues a webhook event, where there is a subscription for it.
    pub(crate) fn emit(&mut self, kind: &str, object: u64, fields: Value) {
        let property = fields.get("propertyName").and_then(Value::as_str).map(ToOwned::to_owned);
        let Some(subscription) = self.hook.subscription(kind, property.as_deref()) else { return };
        // Not unique on purpose: HubSpot says its event ids are not.
        let event_id = 1_000_000 + self.ids.next() % 2_000_000_000;
        let mut event = Map::new();
        if let Value::Object(head) = json!({
            "eventId": event_id, "subscriptionId": subscription, "portalId": PORTAL_ID, "appId": APP_ID,
            "occurredAt": self.now.as_millisecond(), "subscriptionType": kind, "attemptNumber": 0, "objectId": object,
        }) {
            event.extend(head);
        }
        if let Value::Object(fields) = fields {
            event.extend(fields);
        }
        self.hook.outbox.push(event);
    }
}

fn team() -> Vec<Teammate> {
    let mate = |user_id, owner_id, name: &str, email: &str| Teammate {
        user_id,
        owner_id,
        name: name.to_owned(),
        email: email.to_owned(),
        archived: false,
        seat: true,
    };
    vec![
        mate(AI_USER, 81_538_190, "AI Assistant", "ai@support.example"),
        mate(100, 81_538_100, "Rita Rep", "rita@support.example"),
        mate(101, 81_538_101, "Rob Rep", "rob@support.example"),
    ]
}
