//! The setup milestones: what has happened at least once since the organization began. The setup checklist shows them.

use crate::table::{Item, Key, Store, StoreError, Write, time};
use domain::OrgId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One thing that has to happen once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Firsts(BTreeMap<First, Timestamp>);

impl Firsts {
    /// When it first happened.
    pub fn at(&self, first: First) -> Option<Timestamp> {
        self.0.get(&first).copied()
    }

    pub(crate) fn of(item: &Item) -> Result<Self, StoreError> {
        let all = [First::Event, First::Answer, First::Ticket, First::RepReply];
        let at = |first: First| Ok(item.time_if(first.attribute())?.map(|at| (first, at)));
        all.into_iter().filter_map(|first| at(first).transpose()).collect::<Result<_, _>>().map(Self)
    }
}

impl Store {
    /// Records that it happened; the first moment stays. An organization that is gone needs no checklist.
    pub async fn record_first(&self, org: &OrgId, first: First, at: Timestamp) -> Result<(), StoreError> {
        let write = Write::update(Key::connection(org)).keep(first.attribute(), time(at)).if_there();
        self.write("record a setup milestone", write).await.map(drop)
    }
}
