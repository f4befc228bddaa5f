//! Whether HubSpot's events come in: what came, what never did, and what was turned away at the door.

use crate::diagnose::Patient;
use crate::diagnose::check::{Check, counted};
use crate::diagnose::sample::{ago, moment};
use domain::Reason;
use jiff::SignedDuration;

/// HubSpot may take this long to announce a message, and we to take it in.
const LATE: SignedDuration = SignedDuration::from_secs(120);
/// The subscriptions that the guide asks for: type, its name in HubSpot, and what is lost without it.
const WANTED: [(&str, &str, &str); 3] = [
    (
        "conversation.newMessage",
        "Conversation, New message",
        "customers get no answer and reps' replies are not passed on",
    ),
    (
        "conversation.creation",
        "Conversation, Conversation creation",
        "new conversations are known only with their first message",
    ),
    (
        "ticket.propertyChange",
        "Ticket, Property change",
        "a ticket that is closed in HubSpot does not resolve the session",
    ),
];
const SUBSCRIBE: [&str; 5] = [
    "In HubSpot open Settings, Integrations, Private Apps (Legacy Apps), your app, Webhooks.",
    "See that Conversation New message, Conversation creation and Ticket property change are subscribed.",
    "Click Commit changes: changes that are not committed do not fire.",
    "Set event throttling to 100 per second; with the default of 10 HubSpot drops events in bursts.",
    "Copy the webhook URL here again, and compare it with the target URL there.",
];

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    vec![events(patient).await, subscriptions(patient), stale_url(patient), door(patient)]
}

/// What HubSpot has and never told us of is the surest sign.
async fn events(patient: &Patient<'_>) -> Check {
    let (id, title) = ("events", "Events from HubSpot");
    let kinds = patient.sample.kinds();
    let last = kinds.values().map(|(_, last)| *last).max();
    let last_message = kinds.get("conversation.newMessage").map(|(_, last)| *last + LATE);
    let since = last_message.unwrap_or(patient.tenant.connection.connected_at);
    let unheard = match patient.tenant.portal.threads_active_since(since).await {
        Ok(threads) => {
            threads.into_iter().filter(|thread| thread.received_at.is_some_and(|at| at < patient.now - LATE)).count()
        }
        Err(_) => 0,
    };
    let heard = match last {
        Some(last) => format!("The last event came {}", ago(last, patient.now)),
        None => "No event has come in the last days".to_owned(),
    };
    if unheard > 0 {
        let more = counted(unheard as u64, "conversation");
        let found =
            format!("{heard}, but HubSpot has customers' messages in {more} since then that were never announced.");
        return Check::failed(id, title, found)
            .means("HubSpot does not send its events here: customers are not answered, and reps' replies do not reach them.")
            .fix(&SUBSCRIBE);
    }
    if last.is_none() {
        return Check::warning(
            id,
            title,
            format!("{heard}; nobody has written in HubSpot either, as far as can be seen."),
        )
        .means("Whether events arrive is not proven yet.")
        .fix(&["Write a test message through the HubSpot chat or e-mail channel, and run the diagnostics again."]);
    }
    let by_kind: Vec<_> = kinds
        .iter()
        .map(|(kind, (count, last))| format!("{kind} {}, last {}", counted(*count, "time"), moment(*last)))
        .collect();
    let at_least = if patient.sample.truncated { " (counted among the newest entries of the log)" } else { "" };
    Check::ok(id, title, format!("{heard}: {}{at_least}.", by_kind.join("; ")))
}

/// What the webhook is subscribed to is only known by what has come.
fn subscriptions(patient: &Patient<'_>) -> Check {
    let (id, title) = ("subscriptions", "Webhook subscriptions");
    let kinds = patient.sample.kinds();
    let missing: Vec<_> = WANTED.iter().filter(|(kind, ..)| !kinds.contains_key(kind)).collect();
    if missing.is_empty() {
        return Check::ok(id, title, "Every kind of event that is needed has come.");
    }
    let names: Vec<_> = missing.iter().map(|(_, name, lost)| format!("{name} (without it {lost})")).collect();
    let found = format!("Never received so far: {}.", names.join("; "));
    // A message is what every conversation has; the others may just not have happened.
    let others_came = !kinds.is_empty();
    let check = if others_came && missing.iter().any(|(kind, ..)| *kind == "conversation.newMessage") {
        Check::failed(id, title, found)
    } else {
        Check::unknown(id, title, found)
    };
    check.means("HubSpot does not tell which subscriptions are on; this is what was seen.").fix(&SUBSCRIBE)
}

fn stale_url(patient: &Patient<'_>) -> Check {
    let (id, title) = ("webhook_url", "Webhook URL");
    let count = |reason| patient.sample.count(&reason);
    let (stale, foreign, forged) = (count(Reason::StaleUrl), count(Reason::WrongPortal), patient.door.bad_urls);
    let check = if stale > 0 {
        let found = format!("{} came through an old webhook URL that was replaced since.", counted(stale, "event"));
        Check::failed(id, title, found).means("HubSpot shows them as delivered, but they are not processed.")
    } else if foreign > 0 {
        let found = format!(
            "{} came from another HubSpot account than the connected one: its webhook URL was copied from a different organization.",
            counted(foreign, "event")
        );
        Check::failed(id, title, found).means("HubSpot shows them as delivered, but nothing happens.")
    } else if forged > 0 {
        let found = format!(
            "{} with a webhook URL that is not valid {} refused.",
            counted(forged, "request"),
            if forged == 1 { "was" } else { "were" }
        );
        Check::warning(id, title, found)
            .means("If they come from HubSpot, its target URL is incomplete or of another installation.")
    } else {
        return Check::ok(id, title, "No event came through a wrong or old URL.");
    };
    check.fix(&[
        "Copy the webhook URL on the connection page here.",
        "In HubSpot open Settings, Integrations, Private Apps (Legacy Apps), your app, Webhooks, and replace the target URL.",
        "Commit the changes, write a test message, and run the diagnostics again.",
    ])
}

fn door(patient: &Patient<'_>) -> Check {
    let (id, title) = ("signatures", "Signed events");
    let door = &patient.door;
    if door.bad_signatures > 0 {
        let found = format!(
            "{} without HubSpot's right signature {} refused in the last days (all organizations of this installation).",
            counted(door.bad_signatures, "request"),
            if door.bad_signatures == 1 { "was" } else { "were" }
        );
        return Check::warning(id, title, found)
            .means("If they come from HubSpot, the app's client secret here is an old one, or the public URL is another one.")
            .fix(&["Compare the app's client secret and the public URL of this installation with those in HubSpot."]);
    }
    let ignored = if door.unsupported > 0 {
        format!(" {} of kinds that are not used were ignored.", counted(door.unsupported, "event"))
    } else {
        String::new()
    };
    Check::ok(id, title, format!("No request with a wrong signature was refused.{ignored}"))
}
