//! The admin connects the context panel: its token is tried, missing scopes are named, and the names of stages and
//! owners are learned.

use domain::OrgId;
use flows::{Bridge, FlowError, labels};
use hubspot::{AccessToken, HubSpotError};
use store::{CrmAccess, CrmConnection, Secret};

/// Without it there is no panel.
const REQUIRED: &str = "crm.objects.contacts.read";

/// How the panel gets into HubSpot.
#[derive(Debug, Clone)]
pub enum CrmSource {
    /// The token of a private app of its own.
    Token(Secret<String>),
    /// The ticketing integration's connection.
    Integration,
}

/// Why the panel is not connected. The texts are for the admin.
#[derive(Debug, thiserror::Error)]
pub enum CrmRefused {
    /// HubSpot does not accept the token.
    #[error("HubSpot does not accept the token")]
    Token,
    /// Scopes that must be granted.
    #[error("missing scopes: {}", .0.join(", "))]
    MissingScopes(Vec<String>),
    /// The ticketing integration has no connection that could be shared.
    #[error("connect HubSpot first")]
    NotConnected,
    /// HubSpot or the store cannot be asked now.
    #[error("HubSpot could not be reached; try again in a minute")]
    Unavailable,
}

impl From<FlowError> for CrmRefused {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::NotConnected => Self::NotConnected,
            FlowError::HubSpot(HubSpotError::Unauthorized { .. } | HubSpotError::NotFound) => Self::Token,
            FlowError::HubSpot(HubSpotError::MissingScopes(scopes)) => Self::MissingScopes(scopes),
            error => {
                tracing::warn!(%error, "a context panel could not be connected");
                Self::Unavailable
            }
        }
    }
}

/// Connects the panel, in the place of an earlier connection.
pub async fn connect_crm(bridge: &Bridge, org: &OrgId, source: CrmSource) -> Result<CrmConnection, CrmRefused> {
    Ok(connect(bridge, org, source).await?)
}

async fn connect(bridge: &Bridge, org: &OrgId, source: CrmSource) -> Result<CrmConnection, FlowError> {
    let run = bridge.new_run();
    let (client, portal, access) = match source {
        CrmSource::Integration => {
            let tenant = bridge.tenant(org, &run).await?;
            (tenant.portal, tenant.connection.portal.clone(), CrmAccess::Integration)
        }
        CrmSource::Token(token) => {
            let client = bridge.hubspot.portal(&AccessToken::new(token.expose().clone()), flows::last_call(&run));
            let info = client.token_info().await?;
            if !info.scopes.iter().any(|scope| scope == REQUIRED) {
                return Err(HubSpotError::MissingScopes(vec![REQUIRED.to_owned()]).into());
            }
            (client, info.portal, CrmAccess::Own(token))
        }
    };
    let now = bridge.clock.now();
    let labels = Some(labels::learn(&client, now).await?);
    let crm = CrmConnection { org: org.clone(), portal, access, labels, connected_at: now };
    bridge.store.save_crm_connection(&crm, now).await?;
    Ok(crm)
}
