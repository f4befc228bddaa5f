//! Inboxes: the places where conversations arrive.

use crate::client::Portal;
use crate::error::HubSpotError;
use domain::InboxId;
use serde::Deserialize;
use transport::json::{JsonCall, Loose, WireError};

/// A place where threads arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// As the portal calls it.
    pub name: String,
    /// A help desk: every thread has a ticket, and comments are notes on it.
    pub help_desk: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InboxResponse {
    id: Loose,
    name: Loose,
    #[serde(rename = "type")]
    kind: Loose,
}

impl TryFrom<InboxResponse> for Inbox {
    type Error = WireError;

    fn try_from(wire: InboxResponse) -> Result<Self, WireError> {
        Ok(Self {
            id: wire.id.required("id")?,
            name: wire.name.text().unwrap_or_default(),
            help_desk: wire.kind.is("HELP_DESK"),
        })
    }
}

impl Portal {
    /// The inbox, and whether it is a help desk.
    pub async fn inbox(&self, inbox: &InboxId) -> Result<Inbox, HubSpotError> {
        let path = self.conversations().then("inboxes").then(inbox);
        self.fetch::<InboxResponse, _>(JsonCall::get("read an inbox", path)).await
    }

    /// All inboxes.
    pub async fn inboxes(&self) -> Result<Vec<Inbox>, HubSpotError> {
        let path = self.conversations().then("inboxes").with("limit", 500);
        self.list::<InboxResponse, _>(JsonCall::get("list the inboxes", path)).await
    }
}
