//! Tokens and their scopes, which decide what a request may do: <https://developers.hubspot.com/docs/api/scopes>.

use crate::hubspot::error::{error, extend, missing_scopes};
use crate::hubspot::identity::{ACCESS_TOKEN, APP_ID, OAUTH_APP_ID, PORTAL_ID};
use crate::wire::{Answer, Ask, iso};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The required scopes of the app's configuration; the consent page wants exactly these.
pub(crate) const REQUIRED: [&str; 6] = [
    "conversations.read",
    "conversations.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "oauth",
    "tickets",
];

/// Every scope that the bundle can use.
const ALL_SCOPES: &[&str] = &[
    "oauth",
    "conversations.read",
    "conversations.write",
    "tickets",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.schemas.contacts.read",
    "automation",
    "files",
    "conversations.custom_channels.read",
    "conversations.custom_channels.write",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenState {
    Ok,
    Expired,
    Revoked,
}

/// The choices of the admin at HubSpot's consent page, and the app itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Consent {
    /// `accept`, `cancel`, or `not_admin`: somebody who may not install apps.
    pub(crate) answer: String,
    /// The portal the admin chooses; all of them hold the same records here.
    pub(crate) portal: u64,
    pub(crate) app: u64,
    /// Whether a refresh ends the refresh token it used.
    pub(crate) rotate: bool,
}

impl Default for Consent {
    fn default() -> Self {
        Self { answer: "accept".to_owned(), portal: PORTAL_ID, app: OAUTH_APP_ID, rotate: false }
    }
}

/// A code, good for a minute.
pub(crate) struct Code {
    pub(crate) redirect: String,
    pub(crate) portal: u64,
    pub(crate) until: Timestamp,
}

/// An OAuth access token.
pub(crate) struct Access {
    pub(crate) portal: u64,
    pub(crate) ends: Timestamp,
}

pub(crate) struct Account {
    /// Of the private app's token; where it is revoked, OAuth tokens are, too.
    pub(crate) token: TokenState,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) consent: Consent,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) access: BTreeMap<String, Access>,
    /// Refresh tokens with their portal.
    pub(crate) refresh: BTreeMap<String, u64>,
    /// The app whose token the request at hand carries.
    pub(crate) calling_app: u64,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self {
            token: TokenState::Ok,
            scopes: ALL_SCOPES.iter().map(|&s| s.to_owned()).collect(),
            consent: Consent::default(),
            codes: BTreeMap::new(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
            calling_app: APP_ID,
        }
    }

    /// Checks the bearer token of a request.
    pub(crate) fn authenticate(&mut self, ask: &Ask, now: Timestamp) -> Result<(), Answer> {
        let Some(token) = ask.header(http::header::AUTHORIZATION).strip_prefix("Bearer ") else {
            return Err(unauthenticated(
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find \
                 more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            ));
        };
        self.calling_app = if self.access.contains_key(token) { self.consent.app } else { APP_ID };
        self.check(token, now)
    }

    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Result<(), Answer> {
        let ends = self.access.get(token).map(|access| access.ends);
        if (token != ACCESS_TOKEN && ends.is_none()) || self.token == TokenState::Revoked {
            return Err(unauthenticated("Invalid access token. Please check that the token is correct and active."));
        }
        match ends {
            Some(ends) if ends <= now => Err(expired(ends, now)),
            None if self.token == TokenState::Expired => Err(expired(now - SignedDuration::from_secs(75), now)),
            _ => Ok(()),
        }
    }

    /// Tokens expire with time or are revoked by the portal's admin. An OAuth app can refresh after `Expired`.
    pub(crate) fn set_token(&mut self, state: TokenState, now: Timestamp) {
        self.token = state;
        if state == TokenState::Expired {
            self.access.values_mut().for_each(|access| access.ends = now - SignedDuration::from_secs(75));
        }
    }

    /// How the calling app appears in conversations.
    pub(crate) fn app_actor(&self) -> String {
        format!("I-{}", self.calling_app)
    }

    pub(crate) fn app_client(&self) -> Value {
        json!({ "clientType": "INTEGRATION", "integrationAppId": self.calling_app })
    }

    /// All of `scopes` must be granted; the answer names those that are not.
    pub(crate) fn require(&self, scopes: &[&str]) -> Result<(), Answer> {
        let missing: Vec<&str> = scopes.iter().copied().filter(|s| !self.scopes.contains(*s)).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing_scopes(&missing)) }
    }
}

fn unauthenticated(message: &str) -> Answer {
    error(401, "INVALID_AUTHENTICATION", message)
}

fn expired(ended: Timestamp, now: Timestamp) -> Answer {
    let seconds = now.duration_since(ended).as_secs();
    let message = format!("The OAuth token used to make this call expired {seconds} second(s) ago.");
    let mut answer = error(401, "EXPIRED_AUTHENTICATION", &message);
    extend(&mut answer, json!({ "context": { "expire time": [iso(ended)] } }));
    answer
}
