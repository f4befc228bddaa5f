//! The OpenCX backend's API as typed calls: sessions, their messages, their state.
//!
//! It knows nothing of HubSpot's rules and decides nothing: it reports OpenCX's answers. Everything that OpenCX does not
//! publish is in `assumed.rs`, and each of its paths can be set. Start with [`OpenCx::org`] and [`Org::send_as_contact`].

mod answer;
mod assumed;
mod assumed_paths;
mod client;
mod contact;
mod error;
mod history;
mod message;
mod pages;
mod problem;
mod session;
mod wire;

#[cfg(test)]
mod tests;

pub use answer::{AiMessage, Answer, Resolution};
pub use assumed::{HubSpotIds, SessionNote};
pub use assumed_paths::AssumedPaths;
pub use client::{ApiKey, OpenCx, Org};
pub use contact::{Contact, CustomerId, Person};
pub use error::OpenCxError;
pub use history::{HistoryEvent, Sender};
pub use message::{AgentMessage, ContactMessage};
pub use session::{NewSession, OpenCxSession, Reflect};
pub use transport::json::Unreadable;
