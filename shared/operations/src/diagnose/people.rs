//! The AI sender and the one who gets handoffs: whether they are chosen, and still there.

use crate::diagnose::Patient;
use crate::diagnose::check::Check;
use domain::{ActorId, Reason};
use hubspot::HubSpotError;

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let settings = &patient.tenant.connection.settings;
    let sender = teammate(patient, ("ai_user", "AI sender"), settings.ai_user.as_ref()).await;
    let default =
        teammate(patient, ("default_user", "Default user for handoffs"), settings.default_user.as_ref()).await;
    vec![sender, default, live(patient)]
}

async fn teammate(patient: &Patient<'_>, (id, title): (&'static str, &'static str), user: Option<&ActorId>) -> Check {
    let sends = id == "ai_user";
    let means = if sends {
        "The AI has nobody to speak as, so customers get no answer."
    } else {
        "Tickets are opened, but nobody is assigned to them."
    };
    let Some(user) = user else {
        let check = if sends {
            Check::failed(id, title, "No AI sender is chosen.")
        } else {
            Check::warning(id, title, "No default user is chosen.")
        };
        return check.means(means).fix(&["Choose a teammate in the settings and save."]);
    };
    let number = user.user_id().unwrap_or_default();
    let owner = match patient.tenant.portal.owner_of_user(number).await {
        Ok(owner) => owner,
        Err(HubSpotError::MissingScopes(_)) => {
            return Check::unknown(id, title, format!("{user} is chosen; whether that teammate still exists cannot be read without the scope crm.objects.owners.read."))
                .fix(&["Grant the scope crm.objects.owners.read, and save the connection again."]);
        }
        Err(_) => return Check::unknown(id, title, format!("{user} is chosen; HubSpot could not be asked.")),
    };
    let gone = match &owner {
        Some(owner) => owner.archived,
        None => patient.tenant.portal.is_former_user(number).await.unwrap_or(false),
    };
    match owner {
        Some(_) if !gone => Check::ok(id, title, format!("{user} is an active teammate of the account.")),
        _ if gone => {
            let found = format!("The teammate {user} has been deactivated or removed in HubSpot.");
            Check::failed(id, title, found)
                .means(means)
                .fix(&[
                    "Choose another teammate in the settings and save.",
                    "Or activate the user again in HubSpot under Settings, Users & Teams.",
                ])
                .replay(patient.sample.offer(&Reason::HubspotRejected))
        }
        _ => Check::failed(
            id,
            title,
            format!("HubSpot has no teammate {user}: the id is wrong, or the user was removed."),
        )
        .means(means)
        .fix(&[
            "In HubSpot open Settings, Users & Teams, and look up the id of the right user (A-12345).",
            "Choose that teammate in the settings here and save.",
        ])
        .replay(patient.sample.offer(&Reason::HubspotRejected)),
    }
}

fn live(patient: &Patient<'_>) -> Check {
    let (id, title) = ("live", "Go live");
    if patient.tenant.connection.settings.enabled {
        return Check::ok(id, title, "The organization is live.");
    }
    Check::warning(id, title, "The organization is not live: events are stored, nothing is posted.")
        .means("Customers get no answer from the AI, and no ticket is opened.")
        .fix(&["Choose AI sender, inboxes and channels, and press Go live."])
}
