//! Whether HubSpot lets us in, to the right portal, for everything we need, and whether the clocks agree.

use crate::diagnose::Patient;
use crate::diagnose::check::Check;
use domain::{PortalId, Reason};
use hubspot::HubSpotError;
use store::Auth;

const TOKEN: (&str, &str) = ("token", "Access to HubSpot");
const SCOPES: (&str, &str) = ("scopes", "Permissions (scopes)");
const PORTAL: (&str, &str) = ("portal", "HubSpot account");

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let info = match patient.tenant.connection.auth {
        Auth::PrivateApp => Some(patient.tenant.portal.token_info().await),
        Auth::OAuth => None,
    };
    // The owners' scope is tried as well: it is the one whose absence seed documents tell support people to look for.
    let owners = patient.tenant.portal.owner_by_email("nobody@opencx.invalid").await.map(drop);
    let refusal = info.as_ref().and_then(|info| info.as_ref().err()).or(owners.as_ref().err());
    let granted = &patient.tenant.connection.grant.scopes;
    let token = token(patient, refusal);
    let scopes = match &info {
        Some(Ok(info)) => scopes(patient, &info.scopes, &owners),
        None if owners.is_ok() && !granted.is_empty() => scopes(patient, granted, &owners),
        _ => tried_scopes(&owners),
    };
    let portal = portal(patient, info.as_ref().and_then(|info| info.as_ref().ok()).map(|info| &info.portal));
    vec![token, scopes, portal]
}

fn token(patient: &Patient<'_>, refusal: Option<&HubSpotError>) -> Check {
    let (id, title) = TOKEN;
    let legacy = patient.tenant.connection.auth == Auth::PrivateApp;
    match refusal {
        None | Some(HubSpotError::MissingScopes(_)) => Check::ok(id, title, "HubSpot accepts the access token."),
        Some(HubSpotError::Unauthorized { .. } | HubSpotError::NotFound) => {
            let check = Check::failed(id, title, "HubSpot refuses the access token: it has expired or was revoked.")
                .means("No customer is answered and no ticket is opened. What arrives meanwhile waits and is processed once HubSpot is connected again.")
                .replay(patient.sample.offer(&Reason::ReconnectRequired));
            if legacy {
                check.fix(&[
                    "In HubSpot open Settings, Integrations, Private Apps (or Development, Legacy Apps) and see whether the app is still active.",
                    "On its Auth tab show the access token. It starts with pat- (pat-na1-, pat-eu1-); if in doubt rotate it.",
                    "Check on the Scopes tab that all required scopes are on.",
                    "Paste the token here under HubSpot connection and save.",
                ])
            } else {
                check.fix(&["Press Reconnect and consent as a HubSpot super admin."])
            }
        }
        Some(HubSpotError::RateLimited { .. }) => rate_limited(id, title),
        Some(_) => Check::unknown(id, title, "HubSpot could not be asked just now.")
            .means("HubSpot may be out of service. Work waits and is repeated by itself.")
            .fix(&["Look at status.hubspot.com, wait some minutes, and run the diagnostics again."]),
    }
}

fn rate_limited(id: &'static str, title: &'static str) -> Check {
    Check::warning(id, title, "HubSpot's rate limit for this account is used up right now.")
        .means("Answers and tickets come late until HubSpot accepts requests again; nothing is lost.")
        .fix(&[
            "Wait a few minutes and run the diagnostics again.",
            "If it happens often, see in HubSpot under Development, Monitoring, API Calls which other app uses up the limit.",
        ])
}

fn scopes(patient: &Patient<'_>, granted: &[String], owners: &Result<(), HubSpotError>) -> Check {
    let has = |scope: &str| granted.iter().any(|granted| granted == scope);
    let missing = domain::missing_scopes(granted, false);
    let (id, title) = SCOPES;
    if !missing.is_empty() {
        let found = format!("The app lacks what the bridge cannot work without: {}.", missing.join(", "));
        return grant(
            Check::failed(id, title, found),
            "HubSpot refuses reading or answering conversations, or opening tickets.",
        );
    }
    let no_owners = matches!(owners, Err(HubSpotError::MissingScopes(_)));
    // Many plans have no custom channels: their scopes are missed only where somebody wants them.
    let wanted = |scope: &str| {
        patient.tenant.connection.settings.custom_channels || !domain::CUSTOM_CHANNEL_SCOPES.contains(&scope)
    };
    let lost: Vec<_> = domain::OPTIONAL_SCOPES
        .into_iter()
        .filter(|(scope, _)| wanted(scope))
        .filter(|(scope, _)| !has(scope) || (no_owners && *scope == "crm.objects.owners.read"))
        .map(|(scope, feature)| format!("{scope} ({feature})"))
        .collect();
    if lost.is_empty() {
        return Check::ok(id, title, "All required and optional scopes are granted.");
    }
    let found = format!("The app lacks optional scopes: {}.", lost.join(", "));
    grant(Check::warning(id, title, found), "Customers are answered; what stands in brackets does not work.")
}

/// Where HubSpot does not list the scopes, what it refused tells.
fn tried_scopes(owners: &Result<(), HubSpotError>) -> Check {
    let (id, title) = SCOPES;
    match owners {
        Err(HubSpotError::MissingScopes(scopes)) => {
            let named = if scopes.is_empty() { "crm.objects.owners.read".to_owned() } else { scopes.join(", ") };
            let found = format!("The app lacks the scope {named} (assignment by rep and the list of AI senders).");
            grant(Check::warning(id, title, found), "Customers are answered, but reps are not recognised or assigned.")
        }
        Ok(()) => Check::ok(id, title, "HubSpot refused none of the requests that were tried."),
        Err(_) => Check::unknown(id, title, "The scopes cannot be read while HubSpot refuses the token."),
    }
}

fn grant(check: Check, means: &str) -> Check {
    check.means(means).fix(&[
        "In HubSpot open the app and its Scopes tab (a connection by OAuth: press Reconnect here instead).",
        "Switch on the scopes that are named above and commit the changes.",
        "Come back, save the connection again so that nothing old is remembered, and run the diagnostics.",
    ])
}

fn portal(patient: &Patient<'_>, found: Option<&PortalId>) -> Check {
    let (id, title) = PORTAL;
    let connected = &patient.tenant.connection.portal;
    match found {
        Some(portal) if portal != connected => {
            let found = format!("The token opens the account {portal}, but {connected} is connected.");
            Check::failed(id, title, found)
                .means("Events of the connected account are refused.")
                .fix(&["Connect again with a token of the right account."])
        }
        Some(_) => Check::ok(id, title, format!("Connected to the HubSpot account {connected}.")),
        None => Check::ok(id, title, format!("Connected to the HubSpot account {connected}; HubSpot was not asked.")),
    }
}
