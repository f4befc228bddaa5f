//! The AI sender and the default user for handoffs: whether they are chosen, and still there.

use crate::diagnose::check::{Check, Topic};
use crate::diagnose::patient::Patient;
use domain::{ActorId, Reason};
use hubspot::HubSpotError;

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let choose = ["Choose a teammate in the settings and save."];
    let (topic, means) = (Topic("ai_user", "AI sender"), "The AI has nobody to speak as, so customers get no answer.");
    let sender = match &patient.settings().ai_user {
        Some(user) => teammate(patient, topic, user, means).await,
        None => topic.failed("No AI sender is chosen.").means(means).fix(&choose),
    };
    let topic = Topic("default_user", "Default user for handoffs");
    let means = "Tickets are opened, but nobody is assigned to them.";
    let default = match &patient.settings().default_user {
        Some(user) => teammate(patient, topic, user, means).await,
        None => topic.warning("No default user is chosen.").means(means).fix(&choose),
    };
    vec![sender, default, live(patient)]
}

async fn teammate(patient: &Patient<'_>, topic: Topic, user: &ActorId, means: &'static str) -> Check {
    let number = user.user_id().unwrap_or_default();
    let owner = match patient.tenant.portal.owner_of_user(number).await {
        Ok(owner) => owner,
        Err(HubSpotError::MissingScopes(_)) => {
            return topic
                .unknown(format!(
                    "{user} is chosen; whether that teammate still exists cannot be read without the scope crm.objects.owners.read."
                ))
                .fix(&["Grant the scope crm.objects.owners.read, and save the connection again."]);
        }
        Err(_) => return topic.unknown(format!("{user} is chosen; HubSpot could not be asked.")),
    };
    let gone = match &owner {
        Some(owner) => owner.archived,
        None => patient.tenant.portal.is_former_user(number).await.unwrap_or(false),
    };
    let check = if gone {
        topic.failed(format!("The teammate {user} has been deactivated or removed in HubSpot.")).fix(&[
            "Choose another teammate in the settings and save.",
            "Or activate the user again in HubSpot under Settings, Users & Teams.",
        ])
    } else if owner.is_some() {
        return topic.ok(format!("{user} is an active teammate of the account."));
    } else {
        topic.failed(format!("HubSpot has no teammate {user}: the id is wrong, or the user was removed.")).fix(&[
            "In HubSpot open Settings, Users & Teams, and look up the id of the right user (A-12345).",
            "Choose that teammate in the settings here and save.",
        ])
    };
    check.means(means).replay(patient.offer(&Reason::HubspotRejected))
}

fn live(patient: &Patient<'_>) -> Check {
    let topic = Topic("live", "Go live");
    if patient.settings().enabled {
        return topic.ok("The organization is live.");
    }
    topic
        .warning("The organization is not live: events are stored, nothing is posted.")
        .means("Customers get no answer from the AI, and no ticket is opened.")
        .fix(&["Choose AI sender, inboxes and channels, and press Go live."])
}
