//! One organization with both services at hand, bound by one run.

use crate::kernel::bridge::{Bridge, last_call};
use crate::kernel::failure::FlowError;
use domain::{ActorId, InboxId, OrgId, OwnerId, PropertyShape, Reason};
use hubspot::{HubSpotError, Owner, Pipeline, Portal};
use jiff::Timestamp;
use opencx::Org;
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, ConnectionState, Milestone, Run, Session, Taken};

/// Waits up to this long for OpenCX's limit inside a run; a longer wait goes back to the queue.
const PATIENCE: Duration = Duration::from_secs(5);

/// One organization with both services at hand. Its calls end before the run does.
pub struct Tenant<'a> {
    /// What the process has.
    pub bridge: &'a Bridge,
    /// The connection, at most a minute old.
    pub connection: Arc<Connection>,
    /// HubSpot, with the organization's token.
    pub portal: Portal,
    opencx: Org,
    /// No call may take longer.
    until: Timestamp,
}

impl Bridge {
    /// The organization with both services at hand, for calls that must be over before `run` is.
    pub async fn tenant(&self, org: &OrgId, run: &Run) -> Result<Tenant<'_>, FlowError> {
        self.tenant_until(org, run, last_call(run)).await
    }

    /// The same, for calls that must be over at `until`.
    pub(super) async fn tenant_until(&self, org: &OrgId, run: &Run, until: Timestamp) -> Result<Tenant<'_>, FlowError> {
        let now = self.clock.now();
        let connection = match self.cache.connection(org, now) {
            Some(connection) => connection,
            None => match self.store.connection(org).await? {
                Some(connection) => self.cache.keep_connection(connection, now),
                None => return Err(FlowError::NotConnected),
            },
        };
        if connection.grant.state == ConnectionState::Disconnected {
            return Err(FlowError::NotConnected);
        }
        let portal = self.portal_of(connection.clone(), &run.id, until);
        let opencx = self.opencx.org(&opencx::ApiKey::new(connection.opencx_api_key.expose().clone()), until);
        Ok(Tenant { bridge: self, connection, portal, opencx, until })
    }
}

impl<'a> Tenant<'a> {
    /// The same organization for a flow within this one: its calls end no later than this one's.
    pub(super) async fn nested(&self, run: &Run) -> Result<Tenant<'a>, FlowError> {
        self.bridge.tenant_until(&self.connection.org, run, self.until).await
    }

    /// Whether Assist Mode is on in this session.
    pub(crate) fn assists(&self, session: &Session) -> bool {
        self.connection.settings.assists(session.assist_mode, session.channel)
    }

    /// OpenCX, once the organization's share of its limit allows one more call.
    pub async fn opencx(&self) -> Result<&Org, FlowError> {
        let per_minute = self.connection.settings.opencx_requests_per_minute;
        loop {
            let now = self.bridge.clock.now();
            match self.bridge.store.take_opencx_call(&self.connection.org, per_minute, now).await? {
                Taken::Yes => return Ok(&self.opencx),
                Taken::Wait(wait) if wait <= PATIENCE => self.bridge.clock.sleep(wait).await,
                Taken::Wait(after) => {
                    return Err(FlowError::Wait {
                        after,
                        reason: Reason::OpencxUnavailable,
                        why: "the organization's OpenCX requests of this minute are used up",
                    });
                }
            }
        }
    }

    /// Records a setup milestone. A failure stops nothing.
    pub async fn record_milestone(&self, milestone: Milestone) {
        let bridge = self.bridge;
        if self.connection.milestones.at(milestone).is_some() || !bridge.cache.is_news(&self.connection.org, milestone)
        {
            return;
        }
        if let Err(error) = bridge.store.record_milestone(&self.connection.org, milestone, bridge.clock.now()).await {
            tracing::warn!(%error, "a setup milestone was not recorded");
        }
    }

    /// The ticket pipelines of the portal.
    pub async fn pipelines(&self) -> Result<Arc<Vec<Pipeline>>, FlowError> {
        let (cache, portal) = (&self.bridge.cache, &self.connection.portal);
        let now = self.bridge.clock.now();
        match cache.pipelines(portal, now) {
            Some(known) => Ok(known),
            None => Ok(cache.keep_pipelines(portal, self.portal.ticket_pipelines().await?, now)),
        }
    }

    /// The properties that the portal's tickets can have.
    pub async fn ticket_properties(&self) -> Result<Arc<Vec<PropertyShape>>, FlowError> {
        let known = self.bridge.cache.properties(&self.connection.portal, self.bridge.clock.now());
        match known {
            Some(known) => Ok(known),
            None => self.refreshed_ticket_properties().await,
        }
    }

    /// The same, asked for anew.
    pub async fn refreshed_ticket_properties(&self) -> Result<Arc<Vec<PropertyShape>>, FlowError> {
        let now = self.bridge.clock.now();
        let shapes = self.portal.ticket_properties().await?.into_iter().map(|property| PropertyShape {
            name: property.name,
            kind: property.kind,
            options: property.options,
            read_only: property.read_only,
        });
        Ok(self.bridge.cache.keep_properties(&self.connection.portal, shapes.collect(), now))
    }

    /// The owner record behind a user, an owner id or an e-mail address, as settings and requests name reps.
    ///
    /// `A-123` is a user, all digits are an owner id, anything with `@` is an address.
    pub async fn owner(&self, named: &str) -> Result<Option<Owner>, HubSpotError> {
        let (cache, portal) = (&self.bridge.cache, &self.connection.portal);
        let now = self.bridge.clock.now();
        if let Some(known) = cache.owner(portal, named, now) {
            return Ok(known.as_ref().clone());
        }
        let owner = if named.contains('@') {
            self.portal.owner_by_email(named).await?
        } else if let Ok(ActorId::Agent(user)) = ActorId::parse(named) {
            self.portal.owner_of_user(&user).await?
        } else if let Ok(owner) = OwnerId::parse(named) {
            self.portal.owner(&owner).await?
        } else {
            None
        };
        cache.keep_owner(portal, named, owner.as_ref(), now);
        Ok(owner)
    }

    /// Whether the inbox is a help desk, whose comments are notes on the ticket.
    pub async fn is_help_desk(&self, inbox: &InboxId) -> Result<bool, FlowError> {
        let (cache, portal) = (&self.bridge.cache, &self.connection.portal);
        let now = self.bridge.clock.now();
        if let Some(known) = cache.help_desk(portal, inbox, now) {
            return Ok(known);
        }
        let is = self.portal.inbox(inbox).await?.help_desk;
        cache.keep_help_desk(portal, inbox, is, now);
        Ok(is)
    }
}
