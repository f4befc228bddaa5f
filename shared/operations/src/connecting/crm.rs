//! The admin connects the context panel: the token is tried, what it lacks is named, and what stages and owners are
//! called is learned.

use domain::{OrgId, PortalId};
use flows::Bridge;
use flows::FlowError;
use flows::labels;
use hubspot::{AccessToken, HubSpotError};
use store::{CrmAccess, CrmConnection, Secret};

/// Without it there is no panel.
const REQUIRED: &str = "crm.objects.contacts.read";

/// What the panel reads HubSpot with.
#[derive(Debug, Clone)]
pub enum CrmSource {
    /// The token of a private app of its own.
    Token(Secret<String>),
    /// The ticketing integration's connection.
    Integration,
}

/// Why the panel is not connected.
#[derive(Debug, thiserror::Error)]
pub enum CrmRefused {
    /// HubSpot does not accept the token.
    #[error("have the token accepted by HubSpot")]
    Token,
    /// Scopes that must be granted.
    #[error("read contacts: missing scopes {0:?}")]
    MissingScopes(Vec<String>),
    /// There is no ticketing integration to share the connection of.
    #[error("use the integration's connection: there is none")]
    NotConnected,
    /// Neither HubSpot nor the store may be asked now.
    #[error("connect the context panel now")]
    Unavailable,
}

impl From<FlowError> for CrmRefused {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::NotConnected => Self::NotConnected,
            FlowError::HubSpot(HubSpotError::Unauthorized { .. } | HubSpotError::NotFound) => Self::Token,
            FlowError::HubSpot(HubSpotError::MissingScopes(scopes)) => Self::MissingScopes(scopes),
            error => {
                tracing::warn!(error = %error, "a context panel could not be connected");
                Self::Unavailable
            }
        }
    }
}

/// Connects the panel, in the place of an earlier connection. What is stored is what was verified.
pub async fn connect_crm(bridge: &Bridge, org: &OrgId, source: CrmSource) -> Result<CrmConnection, CrmRefused> {
    Ok(connect(bridge, org, source).await?)
}

async fn connect(bridge: &Bridge, org: &OrgId, source: CrmSource) -> Result<CrmConnection, FlowError> {
    let run = bridge.new_run();
    let (portal, id, access) = match source {
        CrmSource::Integration => {
            let tenant = bridge.tenant(org, &run).await?;
            (tenant.portal, tenant.connection.portal.clone(), CrmAccess::Integration)
        }
        CrmSource::Token(token) => {
            let portal = bridge.hubspot.portal(&AccessToken::new(token.expose().clone()), flows::last_call(&run));
            let info = portal.token_info().await?;
            if !info.scopes.iter().any(|scope| scope == REQUIRED) {
                return Err(HubSpotError::MissingScopes(vec![REQUIRED.to_owned()]).into());
            }
            let id: PortalId = info.portal;
            (portal, id, CrmAccess::Own(token))
        }
    };
    let now = bridge.clock.now();
    let labels = Some(labels::learn(&portal, now).await?);
    let crm = CrmConnection { org: org.clone(), portal: id, access, labels, connected_at: now };
    bridge.store.save_crm_connection(&crm, now).await?;
    Ok(crm)
}
