//! `connect`: an organization and its HubSpot portal, by a private app's token.

use super::api::open;
use crate::cli::ConnectArgs;
use crate::folder::DataFolder;
use crate::keyring::random;
use crate::output;
use anyhow::bail;
use hubspot::HubSpotError;
use operations::{ConnectError, Desk, Established, PrivateApp};
use runtime::functions::CONNECT;
use store::{PortalProperties, Secret};

pub(super) async fn connect(args: ConnectArgs) -> anyhow::Result<()> {
    let folder = DataFolder::open(&args.data.data_dir)?;
    let runner = open(&folder, &args.hubspot_url, &args.public_url).await?;
    let bridge = runner.bridge_of(&CONNECT);
    let ports = runner.ports_of(&CONNECT);
    let bridge = &*bridge;
    let desk = &Desk { bridge, queue: ports.given().queue };
    let secret = random(16)?;
    let key = Secret::new(args.opencx_api_key.expose().to_owned());
    let app = PrivateApp {
        org: &args.org,
        actor: "cli",
        access_token: args.access_token.expose(),
        default_user: &args.ai_user,
        opencx_api_key: Some(&key),
        secret: &secret,
    };
    match operations::connect_private_app(desk, &app).await.map_err(said)? {
        Established::Connected => {}
        Established::Confirm { id, from, to } => {
            output::line(format_args!("The organization leaves the portal {from} for {to}."));
            operations::confirm_portal(desk, &args.org, &id, "cli").await.map_err(said)?;
            // Now it is the organization's portal, and its user can be chosen.
            operations::connect_private_app(desk, &app).await.map_err(said)?;
        }
    }
    let settings = operations::change_settings(bridge, &args.org, |settings| settings.enabled = args.live).await?;
    let Some(connection) = bridge.store.connection(&args.org).await? else { bail!("the connection is gone again") };
    for (scope, feature) in domain::lost_features(&connection.grant.scopes) {
        output::line(format_args!("Without the scope {scope} there is no {feature}."));
    }
    if let PortalProperties::Refused(why) = &connection.properties {
        output::line(format_args!(
            "The portal refuses the OpenCX ticket properties; tickets are opened without: {why}"
        ));
    }
    output::line(format_args!("Connected {} to the portal {}.", args.org, connection.portal));
    if let Some(url) = runner.webhook_url(&args.org).await? {
        output::line(format_args!("Webhook URL: {url}"));
    }
    if !settings.enabled {
        output::line("Not live: events are stored and nothing is posted. Run it again with --live.");
    }
    Ok(())
}

/// Tells the person at the keyboard how to mend it. HubSpot's own words help there; they are not for the log.
fn said(error: ConnectError) -> anyhow::Error {
    match &error {
        ConnectError::MissingScopes(scopes) => {
            for scope in scopes {
                output::line(format_args!("Missing scope: {scope}"));
            }
            anyhow::anyhow!("not connected: grant the missing scopes to the private app, and connect again")
        }
        ConnectError::TokenRefused => {
            anyhow::anyhow!("HubSpot does not know this access token; copy it from the private app's Auth page")
        }
        ConnectError::NotAToken => anyhow::anyhow!("this is no private app's access token: it starts with pat-"),
        ConnectError::NotAUser => anyhow::anyhow!("--ai-user has to be a HubSpot user: A-123 or 123"),
        ConnectError::UnknownUser => anyhow::anyhow!("--ai-user: the portal has no such user"),
        ConnectError::HubSpot(HubSpotError::Rejected { message, .. }) => anyhow::anyhow!("{error}: {message}"),
        _ => error.into(),
    }
}
