//! The OpenCX backend's API as typed calls: sessions, what is said on them, their state.
//!
//! It knows nothing of HubSpot's rules and decides nothing: it says what OpenCX answered. What OpenCX does not publish
//! is in `assumed.rs` alone, every path of it configurable. Only `client.rs` sends, and only `retry.rs` decides whether
//! a call is sent again. Start with [`OpenCx::org`] and [`Org::send_as_contact`].

#[macro_use]
mod redact;

mod answer;
mod assumed;
mod client;
mod contact;
mod error;
mod history;
mod message;
mod pages;
mod problem;
mod retry;
mod session;
mod wire;

#[cfg(test)]
mod tests;

pub use answer::{AiMessage, Answer, Resolution};
pub use assumed::{AssumedPaths, HubSpotIds, Note};
pub use client::{ApiKey, OpenCx, Org};
pub use contact::{Contact, CustomerId, Person};
pub use error::OpenCxError;
pub use history::{HistoryEvent, Sender};
pub use message::{AgentMessage, ContactMessage};
pub use session::{NewSession, Reflect, Session};
pub use transport::Unreadable;
