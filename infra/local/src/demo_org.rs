//! The organization `demo`, connected to the simulators.

use crate::caller::{Caller, text};
use crate::keyring::LocalKeyring;
use crate::options::Upstream;
use crate::runner::Runner;
use crate::sandbox::DEMO_ORG;
use anyhow::{Context, bail};
use domain::{ActorId, AppId, ChannelId, OrgId, PortalId, Settings};
use hubspot::{AccessToken, OAuthApp};
use operations::prepare_properties;
use runtime::functions::CONNECT;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Auth, Connection, ConnectionState, Grant, Milestones, PortalProperties, Saved, Secret};

/// How long the calls that prepare the portal may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The simulators' own description of portal and organization.
pub struct DemoOrg {
    org: OrgId,
    portal: PortalId,
    app: AppId,
    ai_user: ActorId,
    access_token: String,
    client_id: Option<String>,
    client_secret: String,
    custom_channel: Option<ChannelId>,
    opencx_api_key: String,
    hubspot: Caller,
    opencx: Caller,
}

impl DemoOrg {
    /// Asks the simulators for their one portal and its credentials.
    pub async fn find(hubspot: &Upstream, opencx: &Upstream) -> anyhow::Result<Self> {
        let hubspot = Caller::new(&hubspot.url, hubspot.transport.clone());
        let opencx = Caller::new(&opencx.url, opencx.transport.clone());
        let (portal, api) = tokio::try_join!(hubspot.get("/_sim/portal"), opencx.get("/_sim/portal"))
            .context("no simulators answer there; without --demo a real HubSpot is expected")?;
        Ok(Self {
            org: OrgId::parse(DEMO_ORG)?,
            portal: PortalId::parse(id(&portal, "portal_id")?)?,
            app: AppId::parse(id(&portal, "app_id")?)?,
            ai_user: ActorId::parse_user(&id(&portal, "ai_user")?)?,
            access_token: text(&portal, "access_token")?.to_owned(),
            client_id: text(&portal, "client_id").ok().map(str::to_owned),
            client_secret: text(&portal, "client_secret")?.to_owned(),
            custom_channel: id(&portal, "custom_channel_id").ok().and_then(|id| ChannelId::parse(id).ok()),
            opencx_api_key: text(&api, "api_key")?.to_owned(),
            hubspot,
            opencx,
        })
    }

    /// The secret that the simulated HubSpot signs with.
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The simulated HubSpot's app, for a runner that people reach at `public_url` and that consents at `hubspot_url`.
    pub fn app(&self, public_url: &str, hubspot_url: &str) -> Option<OAuthApp> {
        Some(OAuthApp {
            client_id: self.client_id.clone()?,
            client_secret: self.client_secret.clone(),
            redirect_uri: format!("{public_url}/oauth/callback"),
            app_url: hubspot_url.to_owned(),
            custom_channel: self.custom_channel.clone(),
        })
    }

    /// The simulated HubSpot.
    pub(crate) fn hubspot(&self) -> &Caller {
        &self.hubspot
    }

    /// The simulated OpenCX.
    pub(crate) fn opencx(&self) -> &Caller {
        &self.opencx
    }

    /// Saves the connection, live. The settings of an earlier connection stay; a connection by OAuth stays whole.
    pub async fn connect(&self, runner: &Runner, keyring: &LocalKeyring) -> anyhow::Result<()> {
        let bridge = runner.bridge_of(&CONNECT);
        let now = bridge.clock.now();
        if let Some(earlier) = bridge.store.connection(&self.org).await?
            && earlier.auth == Auth::OAuth
            && earlier.grant.state == ConnectionState::Connected
            && earlier.portal == self.portal
        {
            // A simulator that was started again knows no earlier token.
            let token = AccessToken::new(earlier.access_token.expose().clone());
            if bridge.hubspot.portal(&token, now + PATIENCE).inboxes().await.is_ok() {
                return Ok(());
            }
        }
        let portal = bridge.hubspot.portal(&AccessToken::new(self.access_token.clone()), now + PATIENCE);
        let (earlier, properties) = tokio::join!(bridge.store.connection(&self.org), prepare_properties(&portal));
        let connection = self.connection(earlier?, properties?, keyring, now);
        match bridge.store.save_connection(&connection, now).await? {
            Saved::Done => runner.drop_caches(),
            Saved::PortalTaken { by } => bail!("the simulated portal is connected to the organization {by} already"),
        }
        Ok(())
    }

    fn connection(
        &self,
        earlier: Option<Connection>,
        properties: PortalProperties,
        keyring: &LocalKeyring,
        now: jiff::Timestamp,
    ) -> Connection {
        let fresh = || Settings {
            enabled: true,
            ai_user: Some(self.ai_user.clone()),
            default_user: Some(self.ai_user.clone()),
            ..Settings::default()
        };
        let scopes = domain::REQUIRED_SCOPES.into_iter().chain(domain::OPTIONAL_SCOPES.map(|(scope, _)| scope));
        let grant = Grant { scopes: scopes.map(str::to_owned).collect(), ..Grant::default() };
        let (settings, nonce, version, connected_at) = match earlier {
            Some(earlier) => (earlier.settings, earlier.nonce, earlier.version, earlier.connected_at),
            None => (fresh(), keyring.nonce().to_owned(), 0, now),
        };
        Connection {
            org: self.org.clone(),
            portal: self.portal.clone(),
            apps: vec![self.app.clone()],
            access_token: Secret::new(self.access_token.clone()),
            client_secret: Some(Secret::new(self.client_secret.clone())),
            opencx_api_key: Secret::new(self.opencx_api_key.clone()),
            auth: Auth::PrivateApp,
            settings,
            nonce,
            properties,
            version,
            connected_at,
            grant,
            milestones: Milestones::default(),
            custom_channel: None,
        }
    }

    /// Tells the simulators where the bridge is. `url` is where its Invoke API answers.
    pub async fn register(&self, runner: &Runner, url: &str) -> anyhow::Result<()> {
        let signed = runner.webhook_url(&self.org).await?.context("the organization `demo` has no connection")?;
        let webhook = json!({ "url": signed, "client_secret": self.client_secret });
        let functions = json!({ "url": url });
        let (webhook, functions) =
            (self.hubspot.put("/_sim/webhook", &webhook), self.opencx.put("/_sim/functions", &functions));
        tokio::try_join!(webhook, functions)?;
        Ok(())
    }
}

/// An id, as text or as number.
fn id(answer: &Value, field: &str) -> anyhow::Result<String> {
    match answer.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => bail!("the answer has no `{field}`: {answer}"),
    }
}
