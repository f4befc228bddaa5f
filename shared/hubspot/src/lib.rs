//! HubSpot as the bridge uses it: a typed client, its signatures, its webhook batches.
//!
//! HubSpot's words live here and nowhere else: wire types are private and become `domain` types by `TryFrom`.
//! It must never know a rule of ours, keep state, or log a token, an address or a text.
//! Start with [`HubSpot::portal`] (calls), [`HubSpotError`] (failures) and [`parse_batch`] (events).

mod account;
mod activity;
mod actors;
pub mod address;
mod card;
mod channel_accounts;
mod client;
mod contacts;
mod conversations;
mod custom_channels;
mod error;
mod files;
mod inboxes;
mod notes;
mod oauth;
mod objects;
mod owners;
mod pipelines;
mod policy;
mod problem;
mod properties;
pub mod property;
mod signature;
mod tickets;
mod token;
mod versions;
mod webhook;
mod wire;
mod workflow;

#[cfg(test)]
mod tests;

pub use account::{PortalDetails, TokenInfo};
pub use activity::ThreadActivity;
pub use actors::Actor;
pub use card::{Card, Company, Deal, PastTicket};
pub use channel_accounts::ChannelAccount;
pub use client::{HubSpot, Portal};
pub use contacts::{Contact, NewContact};
pub use conversations::OutgoingMessage;
pub use custom_channels::{ChannelMessage, CustomAccount, PublishedMessage};
pub use domain::PropertyKind;
pub use error::HubSpotError;
pub use files::{FileId, NewFile};
pub use inboxes::Inbox;
pub use notes::TicketNote;
pub use oauth::{Introspection, OAuthApp, OAuthError, TokenGrant};
pub use owners::Owner;
pub use pipelines::{Pipeline, Stage};
pub use properties::{NewProperty, TicketProperty};
pub use signature::{
    RequestSignatureError, SignedRequest, TimedSignature, sign_v1, sign_v2, sign_v3, verify_v1, verify_v2, verify_v3,
};
pub use tickets::{NewTicket, Ticket};
pub use token::{AccessToken, TokenSource};
pub use transport::json::Unreadable;
pub use versions::{ApiVersions, UnknownVersions};
pub use webhook::{Batch, BatchError, MAX_BODY, parse_batch};
pub use workflow::{ActionError, parse_action};
