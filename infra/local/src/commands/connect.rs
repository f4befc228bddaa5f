//! `connect`: an organization and its HubSpot portal, by a private app's token.

use super::api::open;
use crate::cli::ConnectArgs;
use crate::connecting::{lost_features, missing_scopes, prepare_properties};
use crate::folder::DataFolder;
use crate::keyring::LocalKeyring;
use crate::output;
use crate::runner::Runner;
use anyhow::{Context, bail};
use domain::{ActorId, Settings};
use hubspot::{AccessToken, HubSpotError, TokenInfo};
use std::time::Duration;
use store::{Auth, Connection, PortalProperties, Saved, Secret};

/// How long HubSpot may take with all of it.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn connect(args: ConnectArgs) -> anyhow::Result<()> {
    let ai_user = ActorId::parse_user(&args.ai_user)?;
    anyhow::ensure!(ai_user.user_id().is_some(), "--ai-user has to be a HubSpot user: A-123 or 123");
    let folder = DataFolder::open(&args.data.data_dir)?;
    let keyring = LocalKeyring::open(&folder.keyring())?;
    let runner = open(&folder, &args.hubspot_url, &args.public_url).await?;
    let bridge = runner.bridge();
    let token = AccessToken::new(args.access_token.expose());
    let portal = bridge.hubspot.portal(&token, bridge.clock.now() + PATIENCE);
    let info = match portal.token_info().await {
        Err(HubSpotError::NotFound | HubSpotError::Unauthorized { .. }) => {
            bail!("HubSpot does not know this access token; copy it from the private app's Auth page")
        }
        info => info.map_err(said).context("verify the access token")?,
    };
    check(&info.scopes)?;
    let properties = prepare_properties(&portal).await.map_err(said).context("prepare the ticket properties")?;
    if let PortalProperties::Refused(why) = &properties {
        output::line(format_args!(
            "The portal refuses the OpenCX ticket properties; tickets are opened without: {why}"
        ));
    }
    save(&args, &runner, &keyring, Found { ai_user, info, properties }).await?;
    let parked = flows::replay_parked(runner.bridge(), &args.org).await?;
    if parked > 0 {
        output::line(format_args!("{parked} events waited for new credentials; the next `serve` processes them."));
    }
    if let Some(url) = runner.webhook_url(&args.org).await? {
        output::line(format_args!("Webhook URL: {url}"));
    }
    if !args.live {
        output::line("Not live: events are stored and nothing is posted. Run it again with --live.");
    }
    Ok(())
}

/// What HubSpot and the command line said.
struct Found {
    ai_user: ActorId,
    info: TokenInfo,
    properties: PortalProperties,
}

fn check(granted: &[String]) -> anyhow::Result<()> {
    let missing = missing_scopes(granted);
    for scope in &missing {
        output::line(format_args!("Missing scope: {scope}"));
    }
    for (scope, feature) in lost_features(granted) {
        output::line(format_args!("Without the scope {scope} there is no {feature}."));
    }
    if !missing.is_empty() {
        bail!("not connected: grant the missing scopes to the private app, and connect again");
    }
    Ok(())
}

/// HubSpot's own words help whoever types the command; they are not for the log.
fn said(error: HubSpotError) -> anyhow::Error {
    match &error {
        HubSpotError::Rejected { message, .. } => anyhow::anyhow!("{error}: {message}"),
        _ => error.into(),
    }
}

async fn save(args: &ConnectArgs, runner: &Runner, keyring: &LocalKeyring, found: Found) -> anyhow::Result<()> {
    let store = &runner.bridge().store;
    let now = runner.bridge().clock.now();
    let earlier = store.connection(&args.org).await?;
    let (settings, nonce, version, connected_at) = match earlier {
        Some(earlier) => (earlier.settings, earlier.nonce, earlier.version, earlier.connected_at),
        None => (Settings::default(), keyring.nonce().to_owned(), 0, now),
    };
    let connection = Connection {
        org: args.org.clone(),
        portal: found.info.portal.clone(),
        apps: vec![found.info.app],
        access_token: Secret::new(args.access_token.expose().to_owned()),
        client_secret: None,
        opencx_api_key: Secret::new(args.opencx_api_key.expose().to_owned()),
        auth: Auth::PrivateApp,
        settings: Settings {
            enabled: args.live,
            ai_user: Some(found.ai_user.clone()),
            default_user: Some(settings.default_user.clone().unwrap_or(found.ai_user)),
            ..settings
        },
        nonce,
        properties: found.properties,
        version,
        connected_at,
    };
    match store.save_connection(&connection, now).await? {
        Saved::Done => {
            output::line(format_args!("Connected {} to the portal {}.", args.org, found.info.portal));
            Ok(())
        }
        Saved::PortalTaken { by } => bail!("the portal {} is connected to the organization {by}", found.info.portal),
    }
}
