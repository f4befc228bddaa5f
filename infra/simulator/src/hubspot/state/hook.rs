//! The app's webhook: its address, its subscriptions, the events that wait.

use crate::hubspot::identity::CLIENT_SECRET;
use crate::wire::{Answer, Ask, Outcome, text};
use serde_json::{Value, json};

/// Which signature headers a delivery carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Version {
    /// As legacy private apps may get it.
    V1,
    /// v3 beside v1, as captured from HubSpot.
    #[default]
    V3,
}

const SUBSCRIPTIONS: &[&str] = &[
    "conversation.creation",
    "conversation.deletion",
    "conversation.privacyDeletion",
    "conversation.newMessage",
    "conversation.propertyChange",
    "ticket.propertyChange",
    "object.creation",
    "ticket.merge",
    "ticket.deletion",
    "contact.privacyDeletion",
];

#[derive(Default)]
pub(crate) struct Hook {
    pub(crate) url: Option<String>,
    pub(crate) client_secret: Option<String>,
    pub(crate) version: Version,
    /// `None` is the usual set; an entry is a subscription type, or `<type>:<property>`.
    subscriptions: Option<Vec<String>>,
    pub(crate) outbox: Vec<Value>,
    /// A task is about to empty the outbox.
    pub(crate) flushing: bool,
    /// Batches that are being delivered or wait for their next attempt.
    pub(crate) under_way: u32,
    pub(crate) delivered: u64,
    pub(crate) given_up: u64,
    /// Rises with each reset. Batches of an earlier generation are not retried.
    pub(crate) generation: u64,
}

impl Hook {
    /// The id of the subscription that carries an event, if there is one.
    pub(crate) fn subscription(&self, kind: &str, property: Option<&str>) -> Option<u64> {
        self.url.as_ref()?;
        let carries = |wanted: &str| match wanted.split_once(':') {
            Some((wanted, name)) => wanted == kind && property == Some(name),
            None => wanted == kind,
        };
        let at = match &self.subscriptions {
            Some(list) => list.iter().position(|wanted| carries(wanted)),
            None => SUBSCRIPTIONS.iter().position(|wanted| carries(wanted)),
        };
        at.map(|at| 1_870_310 + at as u64)
    }

    pub(crate) fn secret(&self) -> &str {
        self.client_secret.as_deref().unwrap_or(CLIENT_SECRET)
    }

    pub(crate) fn kept_over_reset(&self) -> Self {
        Self {
            url: self.url.clone(),
            client_secret: self.client_secret.clone(),
            version: self.version,
            subscriptions: self.subscriptions.clone(),
            flushing: self.flushing,
            under_way: self.under_way,
            generation: self.generation + 1,
            ..Self::default()
        }
    }

    /// `PUT /_sim/webhook`. Earlier events are lost: there was no app to send them to.
    pub(crate) fn register(&mut self, ask: &Ask) -> Outcome {
        let body = ask.json().map_err(|e| Answer::problem(400, &e.to_string()))?;
        let url = text(&body, "url").ok_or_else(|| Answer::problem(400, "url is missing"))?;
        if url.parse::<http::Uri>().ok().and_then(|u| u.host().map(str::len)).is_none() {
            return Err(Answer::problem(400, "url is not absolute"));
        }
        self.version = match text(&body, "version") {
            None | Some("v3") => Version::V3,
            Some("v1") => Version::V1,
            Some(_) => return Err(Answer::problem(400, "version is neither v1 nor v3")),
        };
        self.subscriptions =
            match body.get("subscriptions") {
                None | Some(Value::Null) => None,
                Some(list) => Some(read_subscriptions(list).ok_or_else(|| {
                    Answer::problem(400, "subscriptions is not a list of \"type\" or \"type:property\"")
                })?),
            };
        if let Some(secret) = text(&body, "client_secret") {
            self.client_secret = Some(secret.to_owned());
        }
        self.url = Some(url.to_owned());
        Ok(Answer::ok(json!({})))
    }

    /// `GET /_sim/webhook`
    pub(crate) fn show(&self) -> Answer {
        Answer::ok(json!({
            "url": self.url, "version": if self.version == Version::V1 { "v1" } else { "v3" },
            "waiting": self.outbox.len(), "under_way": self.under_way, "delivered": self.delivered,
            "given_up": self.given_up,
        }))
    }
}

/// Texts, or objects with HubSpot's field names.
fn read_subscriptions(list: &Value) -> Option<Vec<String>> {
    let one = |entry: &Value| match entry {
        Value::String(kind) => Some(kind.clone()),
        entry => {
            let kind = text(entry, "subscriptionType").or_else(|| text(entry, "eventType"))?;
            Some(match text(entry, "propertyName") {
                Some(property) => format!("{kind}:{property}"),
                None => kind.to_owned(),
            })
        }
    };
    list.as_array()?.iter().map(one).collect()
}
