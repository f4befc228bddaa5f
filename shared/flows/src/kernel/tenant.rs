//! One organization with the clients for its HubSpot portal and its OpenCX account, for the time of one run.

use crate::kernel::bridge::{Bridge, last_call};
use crate::kernel::failure::FlowError;
use domain::{ActorId, InboxId, OrgId, OwnerId, PropertyShape, Reason, ThreadId, TicketId};
use hubspot::{HubSpotError, Owner, Pipeline, Portal};
use jiff::Timestamp;
use opencx::Org;
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, ConnectionState, Milestone, Run, Session, Taken};

/// The longest wait for OpenCX's rate limit inside a run. A longer one sends the job back to the queue.
const LONGEST_LIMIT_WAIT: Duration = Duration::from_secs(5);

/// One organization with its clients. Their calls end before the run does.
pub struct Tenant<'a> {
    /// The store, the clock and the rest of the process.
    pub bridge: &'a Bridge,
    /// The connection, at most a minute old.
    pub connection: Arc<Connection>,
    /// HubSpot with the organization's token.
    pub portal: Portal,
    opencx: Org,
    /// The deadline of all calls.
    until: Timestamp,
}

impl Bridge {
    /// The organization, for calls that end before `run` does.
    pub async fn tenant(&self, org: &OrgId, run: &Run) -> Result<Tenant<'_>, FlowError> {
        self.tenant_until(org, run, last_call(run)).await
    }

    /// The same, for calls that end at `until`.
    pub(super) async fn tenant_until(&self, org: &OrgId, run: &Run, until: Timestamp) -> Result<Tenant<'_>, FlowError> {
        let now = self.clock.now();
        let connection = match self.cache.connections.get(org, now) {
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
    /// The same organization for a nested run, with the same deadline of all calls.
    pub(super) async fn nested(&self, run: &Run) -> Result<Tenant<'a>, FlowError> {
        self.bridge.tenant_until(&self.connection.org, run, self.until).await
    }

    /// Whether Assist Mode is on in this session.
    pub(crate) fn assists(&self, session: &Session) -> bool {
        self.connection.settings.assists(session.assist_mode, session.channel)
    }

    /// The organization's session of a thread.
    pub(crate) async fn session_of_thread(&self, thread: &ThreadId) -> Result<Option<Session>, FlowError> {
        let (store, connection) = (&self.bridge.store, &self.connection);
        let link = store.link_of_thread(&connection.portal, thread).await?.filter(|link| link.org == connection.org);
        match link.and_then(|link| link.session) {
            Some(id) => Ok(store.session(&connection.org, &id).await?),
            None => Ok(None),
        }
    }

    /// The organization's session of a ticket.
    pub(crate) async fn session_of_ticket(&self, ticket: &TicketId) -> Result<Option<Session>, FlowError> {
        let (store, connection) = (&self.bridge.store, &self.connection);
        match store.session_of_ticket(&connection.portal, ticket).await? {
            Some((org, id)) if org == connection.org => Ok(store.session(&org, &id).await?),
            _ => Ok(None),
        }
    }

    /// OpenCX, as soon as the organization's rate limit allows one more call.
    pub async fn opencx(&self) -> Result<&Org, FlowError> {
        let per_minute = self.connection.settings.opencx_requests_per_minute;
        loop {
            let now = self.bridge.clock.now();
            match self.bridge.store.take_opencx_call(&self.connection.org, per_minute, now).await? {
                Taken::Yes => return Ok(&self.opencx),
                Taken::Wait(wait) if wait <= LONGEST_LIMIT_WAIT => self.bridge.clock.sleep(wait).await,
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

    /// Records a setup milestone. The job goes on where this fails.
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
        let read = async { Ok(Arc::new(self.portal.ticket_pipelines().await?)) };
        let (key, now) = (self.connection.portal.clone(), self.bridge.clock.now());
        self.bridge.cache.pipelines.get_or_read(key, now, read).await
    }

    /// The properties that the portal's tickets can have.
    pub async fn ticket_properties(&self) -> Result<Arc<Vec<PropertyShape>>, FlowError> {
        let (key, now) = (self.connection.portal.clone(), self.bridge.clock.now());
        self.bridge.cache.properties.get_or_read(key, now, self.read_ticket_properties()).await
    }

    /// The same, read from HubSpot now.
    pub async fn refreshed_ticket_properties(&self) -> Result<Arc<Vec<PropertyShape>>, FlowError> {
        let (key, now) = (self.connection.portal.clone(), self.bridge.clock.now());
        let shapes = self.read_ticket_properties().await?;
        self.bridge.cache.properties.keep(key, shapes.clone(), now);
        Ok(shapes)
    }

    async fn read_ticket_properties(&self) -> Result<Arc<Vec<PropertyShape>>, FlowError> {
        let shapes = self.portal.ticket_properties().await?.into_iter().map(|property| PropertyShape {
            name: property.name,
            kind: property.kind,
            options: property.options,
            read_only: property.read_only,
        });
        Ok(Arc::new(shapes.collect()))
    }

    /// The owner record of a rep. `named` is a user (`A-123`), an owner id (digits) or an e-mail address.
    pub async fn owner(&self, named: &str) -> Result<Option<Owner>, HubSpotError> {
        let read = async {
            if named.contains('@') {
                self.portal.owner_by_email(named).await
            } else if let Ok(ActorId::Agent(user)) = ActorId::parse(named) {
                self.portal.owner_of_user(&user).await
            } else if let Ok(owner) = OwnerId::parse(named) {
                self.portal.owner(&owner).await
            } else {
                Ok(None)
            }
        };
        let (key, now) = ((self.connection.portal.clone(), named.to_owned()), self.bridge.clock.now());
        self.bridge.cache.owners.get_or_read(key, now, read).await
    }

    /// Whether the inbox is a help desk. There, comments are notes on the ticket.
    pub async fn is_help_desk(&self, inbox: &InboxId) -> Result<bool, FlowError> {
        let read = async { Ok(self.portal.inbox(inbox).await?.help_desk) };
        let (key, now) = ((self.connection.portal.clone(), inbox.clone()), self.bridge.clock.now());
        self.bridge.cache.help_desks.get_or_read(key, now, read).await
    }
}
