//! The portal: its records and settings, and the changes that HubSpot's own rules make to them.
//! Nothing here may route a request: `api` and `sim` use the state, the state never uses them.
//! Start with [`State`]; `records` and `conversations` change it and raise the events.

mod account;
mod conversations;
mod crm;
mod custom_channel;
mod file;
mod hook;
mod kind;
mod limits;
mod pipeline;
mod property;
mod records;
mod team;
mod thread;
pub(crate) mod values;

pub(crate) use account::{Access, Account, Code, REQUIRED, TokenState};
pub(crate) use crm::{Author, Crm, Key, Record};
pub(crate) use custom_channel::{ChannelAccount, CustomChannel};
pub(crate) use file::File;
pub(crate) use hook::{Hook, Version};
pub(crate) use kind::Kind;
pub(crate) use pipeline::{Pipeline, deal_pipelines};
pub(crate) use property::Property;
pub(crate) use team::Teammate;
pub(crate) use thread::{CHANNELS, CUSTOM, Channel, Entry, HELP_DESK, INBOX, Thread, Visitor, as_html};

use crate::hubspot::identity::{APP_ID, PORTAL_ID};
use crate::ids::Ids;
use crate::wire::joined;
use jiff::{SignedDuration, Timestamp};
use limits::RequestLimits;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use team::first_team;

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
    pub(crate) limits: RequestLimits,
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
            team: first_team(),
            threads: BTreeMap::new(),
            crm: Crm::new(),
            hook: Hook::default(),
            limits: RequestLimits::new(),
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
        // HubSpot says that its event ids are not unique.
        let event_id = 1_000_000 + self.ids.next() % 2_000_000_000;
        let head = json!({
            "eventId": event_id, "subscriptionId": subscription, "portalId": PORTAL_ID, "appId": APP_ID,
            "occurredAt": self.now.as_millisecond(), "subscriptionType": kind, "attemptNumber": 0, "objectId": object,
        });
        self.hook.outbox.push(joined(head, fields));
    }

    /// Puts a file in, or finds the same one in the same folder.
    pub(crate) fn keep_file(&mut self, file: File) -> u64 {
        let same = self.files.iter().find(|(_, there)| **there == file).map(|(id, _)| *id);
        same.unwrap_or_else(|| {
            let id = self.next_id();
            self.files.insert(id, file);
            id
        })
    }
}
