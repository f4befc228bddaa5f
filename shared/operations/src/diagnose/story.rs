//! One conversation: why there was no reply, no ticket, no delivery.

use crate::diagnose::check::{Check, Topic, ago, counted, moment};
use crate::diagnose::crm;
use crate::diagnose::patient::{Patient, Subject};
use domain::{
    ActorId, AiState, Channel, Client, Direction, Lifecycle, Message, MessageKind, Reason, SessionId, Standing, Thread,
    ThreadId, ThreadOwner, TicketId, Voice,
};
use flows::HandoffAnswer;
use jiff::SignedDuration;
use store::{Delivery, Filter, Session, State, StoreError, Work};

/// HubSpot may take this long to announce a message.
const ANNOUNCED_WITHIN: SignedDuration = SignedDuration::from_secs(60);
const MAX_ENTRIES: u32 = 50;
const TICKET: Topic = Topic("ticket", "Ticket");
const SUBSCRIBE: [&str; 3] = [
    "In HubSpot open Settings, Integrations, Private Apps (Legacy Apps), your app, Webhooks.",
    "See that Conversation New message is subscribed, and click Commit changes.",
    "Compare the target URL there with the webhook URL here.",
];

/// What is known of the conversation.
#[derive(Default)]
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
    let (mut thread, mut entries) = (None, Vec::new());
    if let Some(id) = &known.thread {
        thread = patient.tenant.portal.thread(id).await.ok();
        entries = patient.tenant.portal.messages(id, MAX_ENTRIES).await.unwrap_or_default();
    }
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
    let session = patient.bridge.store.session(&patient.connection().org, id).await?;
    let rows = rows(patient, Filter { session: Some(id.clone()), ..Filter::default() }).await?;
    let (thread, ticket) = session.as_ref().map(|it| (it.thread.clone(), it.ticket.clone())).unwrap_or_default();
    Ok(Known { session, thread, ticket, rows })
}

async fn of_thread(patient: &Patient<'_>, id: &ThreadId) -> Result<Known, StoreError> {
    let (connection, thread) = (patient.connection(), Some(id.clone()));
    let link = patient.bridge.store.link_of_thread(&connection.portal, id).await?;
    if let Some(session) = link.filter(|link| link.org == connection.org).and_then(|link| link.session) {
        return Ok(Known { thread, ..of_session(patient, &session).await? });
    }
    let filter = Filter { thread: Some((connection.portal.clone(), id.clone())), ..Filter::default() };
    Ok(Known { thread, rows: rows(patient, filter).await?, ..Known::default() })
}

async fn of_ticket(patient: &Patient<'_>, id: &TicketId) -> Result<Known, StoreError> {
    let (connection, ticket) = (patient.connection(), Some(id.clone()));
    let link = patient.bridge.store.session_of_ticket(&connection.portal, id).await?;
    if let Some((_, session)) = link.filter(|(org, _)| *org == connection.org) {
        return Ok(Known { ticket, ..of_session(patient, &session).await? });
    }
    let filter = Filter { ticket: ticket.clone(), ..Filter::default() };
    Ok(Known { ticket, rows: rows(patient, filter).await?, ..Known::default() })
}

/// The newest hundred entries of its log.
async fn rows(patient: &Patient<'_>, filter: Filter) -> Result<Vec<Delivery>, StoreError> {
    Ok(patient.bridge.store.deliveries(&patient.connection().org, &filter, 100, None).await?.items)
}

fn link(known: &Known, subject: &Subject) -> Check {
    let topic = Topic("link", "Link between OpenCX and HubSpot");
    if let Some(session) = &known.session {
        let on = match &session.thread {
            Some(thread) => format!("the HubSpot conversation {thread}"),
            None => format!(
                "no HubSpot conversation: the customer writes on OpenCX's own {} channel",
                session.channel.as_str()
            ),
        };
        return topic.ok(format!("The session {} is linked to {on}.", session.id));
    }
    match subject {
        Subject::Session(_) => topic
            .failed("The bridge has never heard of this session: it did not begin in HubSpot, and OpenCX has not asked for a handoff.")
            .means("Only conversations from a chat or inbox that HubSpot owns get a ticket by themselves. Mail to a temporary…@instant.cx address never reaches HubSpot.")
            .fix(&[
                "Look at the session's channel in the OpenCX inbox.",
                "For OpenCX's own e-mail, widget, WhatsApp, SMS or phone, use the workflow action create-hubspot-ticket-from-session on handoff.",
            ]),
        Subject::Ticket(_) => topic
            .warning("The ticket belongs to no OpenCX session.")
            .means("Changes and notes on it go nowhere: it was not opened by a handoff."),
        _ if known.rows.is_empty() => topic
            .failed("HubSpot never told us of this conversation: no event about it has come.")
            .means("The customer gets no answer, and no session exists in OpenCX.")
            .fix(&SUBSCRIBE),
        _ => topic.warning("Events of this conversation came, but no OpenCX session exists for it; the next lines say why."),
    }
}

fn owner(patient: &Patient<'_>, known: &Known, thread: Option<&Thread>) -> Option<Check> {
    let (thread, session, settings) = (thread?, known.session.as_ref(), patient.settings());
    let standing = Standing {
        settings,
        channel: thread.channel.as_ref().map_or(Channel::Web, Channel::of_hubspot),
        assist_mode: session.and_then(|session| session.assist_mode),
        ai: session.map_or(AiState::Active, |session| session.ai),
        owner: thread.owner(settings),
        answered_by_person: false,
    };
    let topic = Topic("owner", "Who answers");
    let failed = |found: &str, fix: &[&'static str]| {
        let means = "The AI stays silent; the customer's messages are kept on the session for people.";
        topic.failed(found).means(means).fix(fix)
    };
    Some(match (standing.voice(), standing.owner) {
        (Voice::Public, _) => topic.ok("The AI may answer this conversation."),
        (Voice::Draft, _) => topic.ok("The AI answers this conversation with internal comments for people."),
        (Voice::Silent(Reason::Paused), _) => failed(
            "A HubSpot workflow paused the AI on this conversation.",
            &["Run the workflow action Resume OpenCX AI, or assign the conversation to the AI sender."],
        ),
        (Voice::Silent(Reason::HandedOff), _) => failed(
            "The session was handed off to people, and nobody has given it back.",
            &["Assign the conversation to the AI sender in HubSpot to give it back to the AI."],
        ),
        (Voice::Silent(Reason::NotEnabled), _) => {
            failed("No AI sender is chosen in the settings.", &["Choose the AI sender in the settings, and save."])
        }
        (Voice::Silent(_), owner @ (ThreadOwner::Person(_) | ThreadOwner::Bot)) => {
            let sender = settings.ai_user.as_ref().map_or_else(|| "the AI sender".to_owned(), ToString::to_string);
            failed(
                &format!("The conversation is assigned to {}, not to the AI sender {sender}.", named(owner)),
                &[
                    "In HubSpot open the conversation, and look at Assigned to.",
                    "Assign it to the AI sender, and the AI goes on with the customer's next message.",
                    "If the AI should draft while reps own the conversation, switch on Assist Mode.",
                ],
            )
        }
        (Voice::Silent(_), ThreadOwner::Nobody | ThreadOwner::Ai) => failed(
            "The conversation is unassigned, and the settings say that the AI answers only its own ones.",
            &["Assign it to the AI sender in HubSpot, or switch on answering unassigned conversations."],
        ),
    })
}

/// An e-mail address is never shown.
fn named(owner: ThreadOwner<'_>) -> String {
    match owner {
        ThreadOwner::Person(actor @ ActorId::Agent(_)) => format!("the teammate {actor}"),
        ThreadOwner::Bot => "a bot".to_owned(),
        _ => "somebody else".to_owned(),
    }
}

/// Messages that HubSpot has and never announced.
fn unannounced(patient: &Patient<'_>, known: &Known, entries: &[Message]) -> Option<Check> {
    let connection = patient.connection();
    let ours = |m: &Message| matches!(&m.client, Client::Integration(Some(app)) if connection.apps.contains(app));
    let missing = entries.iter().filter(|m| m.kind == MessageKind::Message && !ours(m)).filter(|m| {
        let key = format!("message:{}:{}", connection.portal, m.id);
        m.created_at > connection.connected_at
            && patient.now.duration_since(m.created_at) > ANNOUNCED_WITHIN
            && known.rows.iter().all(|row| row.key.as_str() != key)
    });
    let written: Vec<_> = missing.map(|m| m.created_at).collect();
    let newest = moment(written.iter().copied().max()?);
    let count = counted(written.len() as u64, "message");
    let topic = Topic("unannounced", "Messages that were never announced");
    let check = topic.failed(format!("HubSpot has {count} here that it never announced, the last one from {newest}."));
    Some(check.means("What was written there is not answered, and not passed on.").fix(&SUBSCRIBE))
}

/// How the customer's or the rep's last message ended.
fn last_message(patient: &Patient<'_>, known: &Known) -> Option<Check> {
    let topic = Topic("last_message", "The last message");
    let row = known.rows.iter().find(|row| {
        row.label == "conversation.newMessage" && !matches!(row.reason, Some(Reason::OwnMessage | Reason::Duplicate))
    })?;
    let (came, attempts) = (format!("The last message came {}", ago(row.created_at, patient.now)), row.attempts);
    let because = row.reason.as_ref().map(Reason::why).unwrap_or_default();
    Some(match row.state {
        State::Done => topic.ok(format!("{came} and was processed: {}.", row.detail.as_deref().unwrap_or("done"))),
        State::Skipped => topic.warning(format!("{came} and was not answered. {because}")),
        State::Failed => topic
            .failed(format!("{came} and failed after {attempts} attempts. {because}"))
            .means("The customer got no answer; the conversation was handed to people.")
            .fix(&["Mend what the checks below name as failed.", "Then replay the delivery."]),
        State::Parked => topic
            .failed(format!("{came} and waits. {because}"))
            .means("The customer has no answer yet; nothing is lost.")
            .fix(&["Connect HubSpot again; what waits is processed then."]),
        State::InProgress | State::Delayed | State::Retrying => {
            topic.warning(format!("{came} and is not finished yet ({attempts} attempts). {because}"))
        }
    })
}

/// Whether the rep's last words can have reached the customer.
fn rep(entries: &[Message]) -> Option<Check> {
    let topic = Topic("rep_reply", "The rep's reply");
    let mut sent = entries.iter().filter(|m| m.direction == Some(Direction::Outgoing));
    if let Some(failed) = sent.find_map(|m| m.failed.as_deref()) {
        let why = failed.trim_end_matches('.');
        return Some(
            topic
                .failed(format!("HubSpot could not deliver a message to the customer: {why}."))
                .means("The customer's channel is not reachable any more.")
                .fix(&[
                    "Check that the customer's e-mail address or phone number is right and the chat is still open.",
                ]),
        );
    }
    let by_rep = |m: &&Message| {
        matches!(m.kind, MessageKind::Message | MessageKind::Comment)
            && !matches!(m.client, Client::Integration(_))
            && matches!(m.created_by, Some(ActorId::Agent(_)))
            && m.direction != Some(Direction::Incoming)
    };
    Some(match entries.iter().find(by_rep)?.kind {
        MessageKind::Comment => topic
            .failed("The rep wrote an internal comment, not a public reply.")
            .means("Customers never see comments.")
            .fix(&["Write the reply again in HubSpot as a public message (Reply, not Comment)."]),
        _ => topic.ok("The rep's last reply was public."),
    })
}

/// Why there is no ticket, if there is none.
fn ticket(patient: &Patient<'_>, known: &Known) -> Check {
    let handoff = known.rows.iter().find(|row| matches!(row.work, Work::Handoff { .. }));
    let answer: Option<HandoffAnswer> = handoff.and_then(|row| serde_json::from_str(row.answer.as_deref()?).ok());
    let no_email = answer.is_some_and(|answer| answer.warnings.iter().any(|warning| warning.code == "no_email"));
    let session = known.session.as_ref();
    if let Some(ticket) = &known.ticket {
        let resolved = session.is_some_and(|session| session.lifecycle == Lifecycle::Resolved);
        let found = format!("The ticket is {ticket}{}.", if resolved { "; the session is resolved" } else { "" });
        return if no_email { without_contact(&found) } else { TICKET.ok(found) };
    }
    let handed_off = session.is_some_and(|session| session.ai == AiState::HandedOff);
    match handoff {
        _ if !patient.settings().ticketing_enabled => TICKET
            .failed("No ticket: ticket creation is switched off in the settings.")
            .means("A handoff leaves its comment in the conversation only.")
            .fix(&["Switch on tickets in the settings, save, and hand off again."]),
        Some(row) if row.state != State::Done => {
            let (came, why) = (ago(row.created_at, patient.now), row.reason.as_ref().map(Reason::why));
            let why = why.unwrap_or_default();
            TICKET
                .failed(format!("The handoff came {came} and has not opened a ticket. {why}"))
                .means("People do not see the conversation as a ticket yet.")
                .fix(&[
                    "Mend what the checks below name as failed.",
                    "Then hand off again in OpenCX; what was done already is not done twice.",
                ])
        }
        Some(_) if no_email => without_contact("The handoff is done."),
        None if handed_off => TICKET
            .warning("No ticket: a person took the conversation over in HubSpot; OpenCX asked for no handoff.")
            .fix(&["Use the workflow action Request OpenCX handoff if a ticket is wanted."]),
        _ => TICKET.ok("No ticket, because nobody asked for a handoff so far."),
    }
}

fn without_contact(found: &str) -> Check {
    TICKET
        .warning(format!(
            "{found} The customer has no e-mail address, so no HubSpot contact could be associated with it."
        ))
        .means("The ticket does not appear on the customer's record in HubSpot.")
        .fix(&["Add the customer's e-mail address to the contact in the OpenCX session, and hand off again."])
}
