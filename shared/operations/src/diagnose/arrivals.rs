//! Whether HubSpot's events come in: which kinds came, which never did, and what was refused at the door.

use crate::diagnose::check::{Check, Topic, ago, counted, moment};
use crate::diagnose::patient::Patient;
use domain::Reason;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// HubSpot may take this long to announce a message, and we to take it in.
const ANNOUNCED_WITHIN: SignedDuration = SignedDuration::from_secs(120);
const NEW_MESSAGE: &str = "conversation.newMessage";
/// The subscriptions that the guide asks for: type, its name in HubSpot, and what is lost without it.
const WANTED: [(&str, &str, &str); 3] = [
    (NEW_MESSAGE, "Conversation, New message", "customers get no answer and reps' replies are not passed on"),
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

/// Kinds of events with how many came and when the last one did.
type Kinds<'a> = BTreeMap<&'a str, (u64, Timestamp)>;

pub(crate) async fn checks(patient: &Patient<'_>) -> Vec<Check> {
    let mut kinds = Kinds::new();
    for row in &patient.log.rows {
        let (count, last) = kinds.entry(row.label.as_str()).or_insert((0, row.created_at));
        *count += 1;
        *last = row.created_at.max(*last);
    }
    vec![events(patient, &kinds).await, subscriptions(&kinds), stale_url(patient), door(patient)]
}

/// The surest sign is a message that HubSpot has and never announced.
async fn events(patient: &Patient<'_>, kinds: &Kinds<'_>) -> Check {
    let topic = Topic("events", "Events from HubSpot");
    let last_message = kinds.get(NEW_MESSAGE).map(|(_, last)| *last + ANNOUNCED_WITHIN);
    let since = last_message.unwrap_or(patient.connection().connected_at);
    let threads = patient.tenant.portal.threads_active_since(since).await.unwrap_or_default();
    let overdue = |at| at < patient.now - ANNOUNCED_WITHIN;
    let unannounced = threads.iter().filter(|thread| thread.received_at.is_some_and(overdue)).count();
    let last = kinds.values().map(|(_, last)| *last).max();
    let heard = match last {
        Some(last) => format!("The last event came {}", ago(last, patient.now)),
        None => "No event has come in the last days".to_owned(),
    };
    if unannounced > 0 {
        let more = counted(unannounced as u64, "conversation");
        return topic
            .failed(format!(
                "{heard}, but HubSpot has customers' messages in {more} since then that were never announced."
            ))
            .means("HubSpot does not send its events here: customers are not answered, and reps' replies do not reach them.")
            .fix(&SUBSCRIBE);
    }
    if last.is_none() {
        return topic
            .warning(format!("{heard}; nobody has written in HubSpot either, as far as can be seen."))
            .means("Whether events arrive is not proven yet.")
            .fix(&["Write a test message through the HubSpot chat or e-mail channel, and run the diagnostics again."]);
    }
    let kind = |(kind, (count, last)): (&&str, &(u64, Timestamp))| {
        format!("{kind} {}, last {}", counted(*count, "time"), moment(*last))
    };
    let by_kind: Vec<_> = kinds.iter().map(kind).collect();
    let at_least = if patient.log.truncated { " (counted among the newest entries of the log)" } else { "" };
    topic.ok(format!("{heard}: {}{at_least}.", by_kind.join("; ")))
}

/// HubSpot does not tell a private app its subscriptions, so only what has come proves them.
fn subscriptions(kinds: &Kinds<'_>) -> Check {
    let topic = Topic("subscriptions", "Webhook subscriptions");
    let missing: Vec<_> = WANTED.iter().filter(|(kind, ..)| !kinds.contains_key(kind)).collect();
    if missing.is_empty() {
        return topic.ok("Every kind of event that is needed has come.");
    }
    let names: Vec<_> = missing.iter().map(|(_, name, lost)| format!("{name} (without it {lost})")).collect();
    let found = format!("Never received so far: {}.", names.join("; "));
    // Every conversation has messages. The other events may just not have happened.
    let check =
        if kinds.is_empty() || kinds.contains_key(NEW_MESSAGE) { topic.unknown(found) } else { topic.failed(found) };
    check.means("HubSpot does not tell which subscriptions are on; this is what was seen.").fix(&SUBSCRIBE)
}

fn stale_url(patient: &Patient<'_>) -> Check {
    let topic = Topic("webhook_url", "Webhook URL");
    let (stale, foreign) = (patient.log.count(&Reason::StaleUrl), patient.log.count(&Reason::WrongPortal));
    let check = if stale > 0 {
        let events = counted(stale, "event");
        topic
            .failed(format!("{events} came through an old webhook URL that was replaced since."))
            .means("HubSpot shows them as delivered, but they are not processed.")
    } else if foreign > 0 {
        let events = counted(foreign, "event");
        topic
            .failed(format!(
                "{events} came from another HubSpot account than the connected one: its webhook URL was copied from a different organization."
            ))
            .means("HubSpot shows them as delivered, but nothing happens.")
    } else if patient.door.bad_urls > 0 {
        topic
            .warning(refused(patient.door.bad_urls, "with a webhook URL that is not valid", ""))
            .means("If they come from HubSpot, its target URL is incomplete or of another installation.")
    } else {
        return topic.ok("No event came through a wrong or old URL.");
    };
    check.fix(&[
        "Copy the webhook URL on the connection page here.",
        "In HubSpot open Settings, Integrations, Private Apps (Legacy Apps), your app, Webhooks, and replace the target URL.",
        "Commit the changes, write a test message, and run the diagnostics again.",
    ])
}

fn door(patient: &Patient<'_>) -> Check {
    let (topic, door) = (Topic("signatures", "Signed events"), &patient.door);
    if door.bad_signatures > 0 {
        let when = " in the last days (all organizations of this installation)";
        return topic
            .warning(refused(door.bad_signatures, "without HubSpot's right signature", when))
            .means("If they come from HubSpot, the app's client secret here is an old one, or the public URL is another one.")
            .fix(&["Compare the app's client secret and the public URL of this installation with those in HubSpot."]);
    }
    let ignored = match door.unsupported {
        0 => String::new(),
        n => format!(" {} of kinds that are not used were ignored.", counted(n, "event")),
    };
    topic.ok(format!("No request with a wrong signature was refused.{ignored}"))
}

fn refused(n: u64, which: &str, when: &str) -> String {
    format!("{} {which} {} refused{when}.", counted(n, "request"), if n == 1 { "was" } else { "were" })
}
