//! Whether HubSpot lets us in, to the right portal, and for everything we need.

use crate::diagnose::check::{Check, Topic};
use crate::diagnose::patient::Patient;
use domain::{PortalId, Reason};
use hubspot::HubSpotError;
use store::Auth;

const SCOPES: Topic = Topic("scopes", "Permissions (scopes)");
const OWNERS_SCOPE: &str = "crm.objects.owners.read";

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let info = match patient.connection().auth {
        Auth::PrivateApp => Some(patient.tenant.portal.token_info().await),
        Auth::OAuth => None,
    };
    // A connection without the owners' scope is common, and its list of scopes does not always show it.
    let owners = patient.tenant.portal.owner_by_email("nobody@opencx.invalid").await.map(drop);
    let (info, refusal) = match &info {
        Some(Ok(info)) => (Some(info), owners.as_ref().err()),
        Some(Err(error)) => (None, Some(error)),
        None => (None, owners.as_ref().err()),
    };
    let granted = &patient.connection().grant.scopes;
    let scopes = match info {
        Some(info) => scopes(patient, &info.scopes, &owners),
        None if owners.is_ok() && patient.connection().auth == Auth::OAuth && !granted.is_empty() => {
            scopes(patient, granted, &owners)
        }
        None => tried_scopes(&owners),
    };
    vec![token(patient, refusal), scopes, portal(patient, info.map(|info| &info.portal))]
}

fn token(patient: &Patient<'_>, refusal: Option<&HubSpotError>) -> Check {
    let topic = Topic("token", "Access to HubSpot");
    match refusal {
        None | Some(HubSpotError::MissingScopes(_)) => topic.ok("HubSpot accepts the access token."),
        Some(HubSpotError::Unauthorized { .. } | HubSpotError::NotFound) => topic
            .failed("HubSpot refuses the access token: it has expired or was revoked.")
            .means("No customer is answered and no ticket is opened. What arrives meanwhile waits and is processed once HubSpot is connected again.")
            .replay(patient.offer(&Reason::ReconnectRequired))
            .fix(match patient.connection().auth {
                Auth::PrivateApp => &[
                    "In HubSpot open Settings, Integrations, Private Apps (or Development, Legacy Apps) and see whether the app is still active.",
                    "On its Auth tab show the access token. It starts with pat- (pat-na1-, pat-eu1-); if in doubt rotate it.",
                    "Check on the Scopes tab that all required scopes are on.",
                    "Paste the token here under HubSpot connection and save.",
                ],
                Auth::OAuth => &["Press Reconnect and consent as a HubSpot super admin."],
            }),
        Some(HubSpotError::RateLimited { .. }) => topic
            .warning("HubSpot's rate limit for this account is used up right now.")
            .means("Answers and tickets come late until HubSpot accepts requests again; nothing is lost.")
            .fix(&[
                "Wait a few minutes and run the diagnostics again.",
                "If it happens often, see in HubSpot under Development, Monitoring, API Calls which other app uses up the limit.",
            ]),
        Some(_) => topic
            .unknown("HubSpot could not be asked just now.")
            .means("HubSpot may be out of service. Work waits and is repeated by itself.")
            .fix(&["Look at status.hubspot.com, wait some minutes, and run the diagnostics again."]),
    }
}

fn scopes(patient: &Patient<'_>, granted: &[String], owners: &Result<(), HubSpotError>) -> Check {
    let missing = domain::missing_scopes(granted, false);
    if !missing.is_empty() {
        let found = format!("The app lacks what the bridge cannot work without: {}.", missing.join(", "));
        return grant(SCOPES.failed(found), "HubSpot refuses reading or answering conversations, or opening tickets.");
    }
    let mut granted = granted.to_vec();
    if matches!(owners, Err(HubSpotError::MissingScopes(_))) {
        granted.retain(|scope| scope != OWNERS_SCOPE);
    }
    // Many plans have no custom channels: their scopes are missed only where somebody wants them.
    if !patient.settings().custom_channels {
        granted.extend(domain::CUSTOM_CHANNEL_SCOPES.map(str::to_owned));
    }
    let lost = domain::lost_features(&granted);
    if lost.is_empty() {
        return SCOPES.ok("All required and optional scopes are granted.");
    }
    let lost: Vec<_> = lost.iter().map(|(scope, feature)| format!("{scope} ({feature})")).collect();
    let found = format!("The app lacks optional scopes: {}.", lost.join(", "));
    grant(SCOPES.warning(found), "Customers are answered; what stands in brackets does not work.")
}

/// Where HubSpot does not list the scopes, only its refusals tell.
fn tried_scopes(owners: &Result<(), HubSpotError>) -> Check {
    match owners {
        Err(HubSpotError::MissingScopes(scopes)) => {
            let named = if scopes.is_empty() { OWNERS_SCOPE.to_owned() } else { scopes.join(", ") };
            let found = format!("The app lacks the scope {named} (assignment by rep and the list of AI senders).");
            grant(SCOPES.warning(found), "Customers are answered, but reps are not recognised or assigned.")
        }
        Ok(()) => SCOPES.ok("HubSpot refused none of the requests that were tried."),
        Err(_) => SCOPES.unknown("The scopes cannot be read while HubSpot refuses the token."),
    }
}

fn grant(check: Check, means: &'static str) -> Check {
    check.means(means).fix(&[
        "In HubSpot open the app and its Scopes tab (a connection by OAuth: press Reconnect here instead).",
        "Switch on the scopes that are named above and commit the changes.",
        "Come back, save the connection again so that nothing old is remembered, and run the diagnostics.",
    ])
}

fn portal(patient: &Patient<'_>, found: Option<&PortalId>) -> Check {
    let (topic, connected) = (Topic("portal", "HubSpot account"), &patient.connection().portal);
    match found {
        Some(portal) if portal != connected => topic
            .failed(format!("The token opens the account {portal}, but {connected} is connected."))
            .means("Events of the connected account are refused.")
            .fix(&["Connect again with a token of the right account."]),
        Some(_) => topic.ok(format!("Connected to the HubSpot account {connected}.")),
        None => topic.ok(format!("Connected to the HubSpot account {connected}; HubSpot was not asked.")),
    }
}
