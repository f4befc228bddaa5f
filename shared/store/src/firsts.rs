//! What has happened at least once since the organization began: the setup checklist turns green by it.

use crate::item::{Item, time};
use crate::keys::Key;
use crate::write::Write;
use crate::{Store, StoreError, Updated};
use domain::OrgId;
use jiff::Timestamp;

/// One thing that has to happen once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum First {
    /// An event of HubSpot arrived.
    Event,
    /// The AI answered a customer.
    Answer,
    /// A handoff opened a ticket.
    Ticket,
    /// A rep's reply was recorded.
    RepReply,
}

impl First {
    fn attribute(self) -> &'static str {
        match self {
            Self::Event => "first_event_at",
            Self::Answer => "first_answer_at",
            Self::Ticket => "first_ticket_at",
            Self::RepReply => "first_rep_reply_at",
        }
    }
}

/// When each of them happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Firsts {
    event: Option<Timestamp>,
    answer: Option<Timestamp>,
    ticket: Option<Timestamp>,
    rep_reply: Option<Timestamp>,
}

impl Firsts {
    /// When it first happened.
    pub fn at(&self, first: First) -> Option<Timestamp> {
        match first {
            First::Event => self.event,
            First::Answer => self.answer,
            First::Ticket => self.ticket,
            First::RepReply => self.rep_reply,
        }
    }

    pub(crate) fn of(item: &Item) -> Result<Self, StoreError> {
        let at = |first: First| item.time_if(first.attribute());
        Ok(Self {
            event: at(First::Event)?,
            answer: at(First::Answer)?,
            ticket: at(First::Ticket)?,
            rep_reply: at(First::RepReply)?,
        })
    }
}

impl Store {
    /// Records that it happened; the first moment stays.
    pub async fn record_first(&self, org: &OrgId, first: First, at: Timestamp) -> Result<(), StoreError> {
        let write = Write::update(Key::connection(org)).keep(first.attribute(), time(at)).if_there();
        // An organization that is gone needs no checklist.
        let (Updated::Yes | Updated::Changed | Updated::NotConnected) =
            self.change("record a first time", write).await?;
        Ok(())
    }
}
