//! One conversation: why there was no reply, no ticket, no delivery.

use crate::diagnose::check::{Check, counted};
use crate::diagnose::sample::{ago, moment};
use crate::diagnose::{Patient, Subject, crm};
use domain::{
    ActorId, AiState, Channel, Client, Direction, Lifecycle, Message, MessageKind, Reason, SessionId, Standing, Thread,
    ThreadId, ThreadOwner, TicketId, Voice,
};
use flows::HandoffAnswer;
use jiff::SignedDuration;
use store::{Delivery, Filter, Session, State, StoreError, Work};

/// How long HubSpot may take to announce a message.
const LATE: SignedDuration = SignedDuration::from_secs(60);
const SUBSCRIBE: [&str; 3] = [
    "In HubSpot open Settings, Integrations, Private Apps (Legacy Apps), your app, Webhooks.",
    "See that Conversation New message is subscribed, and click Commit changes.",
    "Compare the target URL there with the webhook URL here.",
];

/// What is known of the conversation.
struct Known {
    session: Option<Session>,
    thread: Option<ThreadId>,
    ticket: Option<TicketId>,
    rows: Vec<Delivery>,
}

pub(crate) async fn checks(patient: &Patient<'_>, subject: &Subject) -> Result<Vec<Check>, StoreError> {
    let known = match subject {
        Subject::Org => return Ok(Vec::new()),
        Subject::Session(id) => of_session(patient, id).await?,
        Subject::Thread(id) => of_thread(patient, id).await?,
        Subject::Ticket(id) => of_ticket(patient, id).await?,
    };
    let mut checks = vec![link(&known, subject)];
    let thread = match &known.thread {
        Some(id) => patient.tenant.portal.thread(id).await.ok(),
        None => None,
    };
    let entries = match &known.thread {
        Some(id) => patient.tenant.portal.messages(id, 50).await.unwrap_or_default(),
        None => Vec::new(),
    };
    checks.extend(owner(patient, &known, thread.as_ref()));
    checks.extend(unannounced(patient, &known, &entries));
    checks.extend(last_message(patient, &known));
    checks.extend(rep(&entries));
    checks.push(ticket(patient, &known));
    if let Some(session) = &known.session {
        checks.extend(crm::contact(patient, &session.id).await);
    }
    Ok(checks)
}

async fn of_session(patient: &Patient<'_>, id: &SessionId) -> Result<Known, StoreError> {
    let org = &patient.tenant.connection.org;
    let session = patient.bridge.store.session(org, id).await?;
    let rows = rows(patient, Filter { session: Some(id.clone()), ..Filter::default() }).await?;
    let thread = session.as_ref().and_then(|session| session.thread.clone());
    let ticket = session.as_ref().and_then(|session| session.ticket.clone());
    Ok(Known { session, thread, ticket, rows })
}

async fn of_thread(patient: &Patient<'_>, id: &ThreadId) -> Result<Known, StoreError> {
    let (store, connection) = (&patient.bridge.store, &patient.tenant.connection);
    let link = store.link_of_thread(&connection.portal, id).await?.filter(|link| link.org == connection.org);
    if let Some(session) = link.and_then(|link| link.session) {
        return Ok(Known { thread: Some(id.clone()), ..of_session(patient, &session).await? });
    }
    let filter = Filter { thread: Some((connection.portal.clone(), id.clone())), ..Filter::default() };
    Ok(Known { session: None, thread: Some(id.clone()), ticket: None, rows: rows(patient, filter).await? })
}

async fn of_ticket(patient: &Patient<'_>, id: &TicketId) -> Result<Known, StoreError> {
    let (store, connection) = (&patient.bridge.store, &patient.tenant.connection);
    let link = store.session_of_ticket(&connection.portal, id).await?.filter(|(org, _)| *org == connection.org);
    if let Some((_, session)) = link {
        return Ok(Known { ticket: Some(id.clone()), ..of_session(patient, &session).await? });
    }
    let filter = Filter { ticket: Some(id.clone()), ..Filter::default() };
    Ok(Known { session: None, thread: None, ticket: Some(id.clone()), rows: rows(patient, filter).await? })
}

/// The newest hundred entries of its log.
async fn rows(patient: &Patient<'_>, filter: Filter) -> Result<Vec<Delivery>, StoreError> {
    Ok(patient.bridge.store.deliveries(&patient.tenant.connection.org, &filter, 100, None).await?.items)
}

fn link(known: &Known, subject: &Subject) -> Check {
    let (id, title) = ("link", "Link between OpenCX and HubSpot");
    if let Some(session) = &known.session {
        let on = match (&session.thread, session.channel) {
            (Some(thread), _) => format!("the HubSpot conversation {thread}"),
            (None, channel) => {
                format!("no HubSpot conversation: the customer writes on OpenCX's own {} channel", channel.as_str())
            }
        };
        return Check::ok(id, title, format!("The session {} is linked to {on}.", session.id));
    }
    match subject {
        Subject::Session(_) => Check::failed(id, title, "The bridge has never heard of this session: it did not begin in HubSpot, and OpenCX has not asked for a handoff.")
            .means("Only conversations from a chat or inbox that HubSpot owns get a ticket by themselves. Mail to a temporary…@instant.cx address never reaches HubSpot.")
            .fix(&[
                "Look at the session's channel in the OpenCX inbox.",
                "For OpenCX's own e-mail, widget, WhatsApp, SMS or phone, use the workflow action create-hubspot-ticket-from-session on handoff.",
            ]),
        Subject::Ticket(_) => Check::warning(id, title, "The ticket belongs to no OpenCX session.")
            .means("Changes and notes on it go nowhere: it was not opened by a handoff."),
        _ if known.rows.is_empty() => Check::failed(id, title, "HubSpot never told us of this conversation: no event about it has come.")
            .means("The customer gets no answer, and no session exists in OpenCX.")
            .fix(&SUBSCRIBE),
        _ => Check::warning(id, title, "Events of this conversation came, but no OpenCX session exists for it; the next lines say why."),
    }
}

fn owner(patient: &Patient<'_>, known: &Known, thread: Option<&Thread>) -> Option<Check> {
    let (id, title) = ("owner", "Who answers");
    let settings = &patient.tenant.connection.settings;
    let (thread, session) = (thread?, known.session.as_ref());
    let standing = Standing {
        settings,
        channel: thread.channel.as_ref().map_or(Channel::Web, Channel::of_hubspot),
        assist_mode: session.and_then(|session| session.assist_mode),
        ai: session.map_or(AiState::Active, |session| session.ai),
        owner: thread.owner(settings),
        answered_by_person: false,
    };
    let means = "The AI stays silent; the customer's messages are kept on the session for people.";
    let failed = |summary: String| Check::failed(id, title, summary).means(means);
    let wanted = || settings.ai_user.as_ref().map_or_else(|| "the AI sender".to_owned(), ToString::to_string);
    Some(match (standing.voice(), standing.owner) {
        (Voice::Public, _) => Check::ok(id, title, "The AI may answer this conversation."),
        (Voice::Draft, _) => {
            Check::ok(id, title, "The AI answers this conversation with internal comments for people.")
        }
        (Voice::Silent(Reason::Paused), _) => {
            failed("A HubSpot workflow paused the AI on this conversation.".to_owned())
                .fix(&["Run the workflow action Resume OpenCX AI, or assign the conversation to the AI sender."])
        }
        (Voice::Silent(Reason::HandedOff), _) => {
            failed("The session was handed off to people, and nobody has given it back.".to_owned())
                .fix(&["Assign the conversation to the AI sender in HubSpot to give it back to the AI."])
        }
        (Voice::Silent(Reason::NotEnabled), _) => failed("No AI sender is chosen in the settings.".to_owned())
            .fix(&["Choose the AI sender in the settings, and save."]),
        (Voice::Silent(_), owner @ (ThreadOwner::Person(_) | ThreadOwner::Bot)) => {
            failed(format!("The conversation is assigned to {}, not to the AI sender {}.", named(owner), wanted())).fix(
                &[
                    "In HubSpot open the conversation, and look at Assigned to.",
                    "Assign it to the AI sender, and the AI goes on with the customer's next message.",
                    "If the AI should draft while reps own the conversation, switch on Assist Mode.",
                ],
            )
        }
        (Voice::Silent(_), ThreadOwner::Nobody | ThreadOwner::Ai) => failed(
            "The conversation is unassigned, and the settings say that the AI answers only its own ones.".to_owned(),
        )
        .fix(&["Assign it to the AI sender in HubSpot, or switch on answering unassigned conversations."]),
    })
}

/// An address is not named.
fn named(owner: ThreadOwner<'_>) -> String {
    match owner {
        ThreadOwner::Person(actor @ ActorId::Agent(_)) => format!("the teammate {actor}"),
        ThreadOwner::Bot => "a bot".to_owned(),
        _ => "somebody else".to_owned(),
    }
}

/// What HubSpot has and never announced.
fn unannounced(patient: &Patient<'_>, known: &Known, entries: &[Message]) -> Option<Check> {
    let apps = &patient.tenant.connection.apps;
    let ours = |m: &Message| matches!(&m.client, Client::Integration(Some(app)) if apps.contains(app));
    let silent = entries.iter().filter(|m| m.kind == MessageKind::Message && !ours(m)).filter(|m| {
        let key = format!("message:{}:{}", patient.tenant.connection.portal, m.id);
        m.created_at > patient.tenant.connection.connected_at
            && patient.now.duration_since(m.created_at) > LATE
            && known.rows.iter().all(|row| row.key.as_str() != key)
    });
    let missing: Vec<_> = silent.collect();
    let newest = missing.iter().map(|m| m.created_at).max()?;
    let count = counted(missing.len() as u64, "message");
    let found = format!("HubSpot has {count} here that it never announced, the last one from {}.", moment(newest));
    let check = Check::failed("unannounced", "Messages that were never announced", found);
    Some(check.means("What was written there is not answered, and not passed on.").fix(&SUBSCRIBE))
}

/// What became of the customer's or the rep's last message.
fn last_message(patient: &Patient<'_>, known: &Known) -> Option<Check> {
    let (id, title) = ("last_message", "The last message");
    let told = |row: &&Delivery| {
        row.label == "conversation.newMessage" && !matches!(row.reason, Some(Reason::OwnMessage | Reason::Duplicate))
    };
    let row = known.rows.iter().find(told)?;
    let came = format!("The last message came {}", ago(row.created_at, patient.now));
    let because = row.reason.as_ref().map(Reason::why).unwrap_or_default();
    Some(match row.state {
        State::Done => {
            Check::ok(id, title, format!("{came} and was processed: {}.", row.detail.as_deref().unwrap_or("done")))
        }
        State::Skipped => Check::warning(id, title, format!("{came} and was not answered. {because}")),
        State::Failed => {
            Check::failed(id, title, format!("{came} and failed after {} attempts. {because}", row.attempts))
                .means("The customer got no answer; the conversation was handed to people.")
                .fix(&["Mend what the checks below name as failed.", "Then replay the delivery."])
        }
        State::Parked => Check::failed(id, title, format!("{came} and waits. {because}"))
            .means("The customer has no answer yet; nothing is lost.")
            .fix(&["Connect HubSpot again; what waits is processed then."]),
        State::InProgress | State::Delayed | State::Retrying => {
            Check::warning(id, title, format!("{came} and is not finished yet ({} attempts). {because}", row.attempts))
        }
    })
}

/// Whether what a rep wrote last can have reached the customer.
fn rep(entries: &[Message]) -> Option<Check> {
    let (id, title) = ("rep_reply", "The rep's reply");
    let by_rep = |m: &&Message| {
        !matches!(m.client, Client::Integration(_))
            && matches!(m.created_by, Some(ActorId::Agent(_)))
            && m.direction != Some(Direction::Incoming)
    };
    if let Some(failed) = entries.iter().find(|m| m.direction == Some(Direction::Outgoing) && m.failed.is_some()) {
        return Some(
            Check::failed(
                id,
                title,
                format!(
                    "HubSpot could not deliver a message to the customer: {}.",
                    failed.failed.as_deref().unwrap_or_default().trim_end_matches('.')
                ),
            )
            .means("The customer's channel is not reachable any more.")
            .fix(&["Check that the customer's e-mail address or phone number is right and the chat is still open."]),
        );
    }
    let last = entries.iter().filter(|m| matches!(m.kind, MessageKind::Message | MessageKind::Comment)).find(by_rep)?;
    Some(match last.kind {
        MessageKind::Comment => Check::failed(id, title, "The rep wrote an internal comment, not a public reply.")
            .means("Customers never see comments.")
            .fix(&["Write the reply again in HubSpot as a public message (Reply, not Comment)."]),
        _ => Check::ok(id, title, "The rep's last reply was public."),
    })
}

/// Why there is no ticket, if there is none.
fn ticket(patient: &Patient<'_>, known: &Known) -> Check {
    let (id, title) = ("ticket", "Ticket");
    let handoff = known.rows.iter().find(|row| matches!(row.work, Work::Handoff { .. }));
    let answer: Option<HandoffAnswer> = handoff.and_then(|row| serde_json::from_str(row.answer.as_deref()?).ok());
    let no_email = answer.as_ref().is_some_and(|answer| answer.warnings.iter().any(|w| w.code == "no_email"));
    if let Some(ticket) = &known.ticket {
        let resolved = known.session.as_ref().is_some_and(|session| session.lifecycle == Lifecycle::Resolved);
        let found = format!("The ticket is {ticket}{}.", if resolved { "; the session is resolved" } else { "" });
        return if no_email { without_contact(&found) } else { Check::ok(id, title, found) };
    }
    let handed_off = known.session.as_ref().is_some_and(|session| session.ai == AiState::HandedOff);
    match handoff {
        _ if !patient.tenant.connection.settings.ticketing_enabled => {
            Check::failed(id, title, "No ticket: ticket creation is switched off in the settings.")
                .means("A handoff leaves its comment in the conversation only.")
                .fix(&["Switch on tickets in the settings, save, and hand off again."])
        }
        Some(row) if row.state != State::Done => {
            let why = row.reason.as_ref().map(Reason::why).unwrap_or_default();
            Check::failed(
                id,
                title,
                format!("The handoff came {} and has not opened a ticket. {why}", ago(row.created_at, patient.now)),
            )
            .means("People do not see the conversation as a ticket yet.")
            .fix(&[
                "Mend what the checks below name as failed.",
                "Then hand off again in OpenCX; what was done already is not done twice.",
            ])
        }
        Some(_) if no_email => without_contact("The handoff is done."),
        None if handed_off => Check::warning(
            id,
            title,
            "No ticket: a person took the conversation over in HubSpot; OpenCX asked for no handoff.",
        )
        .fix(&["Use the workflow action Request OpenCX handoff if a ticket is wanted."]),
        _ => Check::ok(id, title, "No ticket, because nobody asked for a handoff so far."),
    }
}

fn without_contact(found: &str) -> Check {
    let found =
        format!("{found} The customer has no e-mail address, so no HubSpot contact could be associated with it.");
    Check::warning("ticket", "Ticket", found)
        .means("The ticket does not appear on the customer's record in HubSpot.")
        .fix(&["Add the customer's e-mail address to the contact in the OpenCX session, and hand off again."])
}
