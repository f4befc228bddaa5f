//! Who is examined, with everything that more than one check needs.

use crate::Desk;
use crate::diagnose::check::ReplayOffer;
use crate::log::LogPart;
use domain::{Reason, SessionId, Settings, ThreadId, TicketId};
use flows::Tenant;
use jiff::Timestamp;
use store::{Connection, DoorCounts};

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The whole organization.
    Org,
    /// Why a session has no reply, no ticket, no delivery.
    Session(SessionId),
    /// The same for a HubSpot conversation.
    Thread(ThreadId),
    /// The same for a ticket.
    Ticket(TicketId),
}

/// An organization with the newest part of its log.
pub(crate) struct Patient<'a> {
    pub(crate) bridge: &'a Desk<'a>,
    pub(crate) tenant: Tenant<'a>,
    pub(crate) log: LogPart,
    pub(crate) door: DoorCounts,
    pub(crate) now: Timestamp,
}

impl Patient<'_> {
    pub(crate) fn connection(&self) -> &Connection {
        &self.tenant.connection
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.tenant.connection.settings
    }

    /// What can be replayed once the cause is mended.
    pub(crate) fn offer(&self, reason: &Reason) -> Option<ReplayOffer> {
        let (reason, count) = self.log.failures().into_iter().find(|(failed_for, _)| failed_for == reason)?;
        Some(ReplayOffer { reason, count })
    }
}
