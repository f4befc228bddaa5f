//! The setup milestones: what has happened at least once since the organization began. The setup checklist shows them.

use crate::table::{Item, Key, Store, StoreError, Write, time};
use domain::OrgId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One thing that has to happen once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// An event of HubSpot arrived.
    Event,
    /// The AI answered a customer.
    Answer,
    /// A handoff opened a ticket.
    Ticket,
    /// A rep's reply was recorded.
    RepReply,
}

impl Milestone {
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
pub struct Milestones(BTreeMap<Milestone, Timestamp>);

impl Milestones {
    /// When it first happened.
    pub fn at(&self, milestone: Milestone) -> Option<Timestamp> {
        self.0.get(&milestone).copied()
    }

    pub(crate) fn of(item: &Item) -> Result<Self, StoreError> {
        let all = [Milestone::Event, Milestone::Answer, Milestone::Ticket, Milestone::RepReply];
        let at = |milestone: Milestone| Ok(item.time_if(milestone.attribute())?.map(|at| (milestone, at)));
        all.into_iter().filter_map(|milestone| at(milestone).transpose()).collect::<Result<_, _>>().map(Self)
    }
}

impl Store {
    /// Records that it happened; the first moment stays. An organization that is gone needs no checklist.
    pub async fn record_milestone(&self, org: &OrgId, milestone: Milestone, at: Timestamp) -> Result<(), StoreError> {
        let write = Write::update(Key::connection(org)).keep(milestone.attribute(), time(at)).if_there();
        self.write("record a setup milestone", write).await.map(drop)
    }
}
