//! What a workflow asked for and takes its time, in order with the messages of its thread.

use crate::action::unanswered::{Unanswered, latest, unanswered};
use crate::answer::{follow_answer, thread_session};
use crate::answer_customer;
use crate::open_handoff::{self, HandoffRequest};
use crate::sync::give_back::give_back;
use crate::work::errand::{Errand, Finish};
use crate::work::failure::FlowError;
use domain::{Action, AiState, Decision, Reason, ThreadId};
use jiff::Timestamp;
use store::{AiChange, Session};

/// A workflow's wish.
pub(crate) struct Requested<'e> {
    pub(crate) thread: &'e ThreadId,
    pub(crate) action: Action,
    pub(crate) callback: &'e str,
    pub(crate) reason: Option<&'e str>,
    pub(crate) assignee: Option<&'e str>,
}

/// Does it.
pub(crate) async fn run(errand: &Errand<'_>, requested: &Requested<'_>) -> Result<Finish, FlowError> {
    match requested.action {
        Action::PauseAi => pause(errand, requested).await,
        Action::ResumeAi => resume(errand, requested).await,
        Action::SendToAi => send_to_ai(errand, requested).await,
        Action::RequestHandoff => {
            let Some(session) = session_of(errand, requested.thread).await? else {
                return Ok(Finish::done("the customer has not written yet"));
            };
            let asked = Asked { reason: requested.reason, assignee: requested.assignee, until: None };
            hand_off(errand, &session, asked).await?;
            Ok(Finish::done("the conversation is handed off").of_session(&session.id))
        }
    }
}

/// OpenCX's AI falls silent, too. A conversation without session gets one, so that the pause holds.
async fn pause(errand: &Errand<'_>, requested: &Requested<'_>) -> Result<Finish, FlowError> {
    let known = known(errand, requested.thread).await?;
    let session = match known {
        // Somebody has let the AI speak again since.
        Some(session) if session.ai != AiState::Paused => {
            return Ok(Finish::done("the AI is no longer paused").of_session(&session.id));
        }
        Some(session) => session,
        None => match session_of(errand, requested.thread).await? {
            Some(session) => {
                let change = AiChange { to: AiState::Paused, occurred_at: None };
                errand.tenant.bridge.store.change_ai(&session.org, &session.id, &change).await?;
                session
            }
            None => return Ok(Finish::done("the customer has not written yet")),
        },
    };
    errand.silence_there(&session, "paused by a HubSpot workflow").await?;
    Ok(Finish::done("the AI is paused").of_session(&session.id))
}

async fn resume(errand: &Errand<'_>, requested: &Requested<'_>) -> Result<Finish, FlowError> {
    let Some(session) = known(errand, requested.thread).await? else {
        return Ok(Finish::done("the thread has no session yet"));
    };
    if session.ai == AiState::Active {
        errand.tenant.opencx().await?.set_handed_off(&session.id, false, None).await?;
    }
    Ok(Finish::done("the AI may speak").of_session(&session.id))
}

/// The AI gets the conversation, and answers what nobody has answered.
async fn send_to_ai(errand: &Errand<'_>, requested: &Requested<'_>) -> Result<Finish, FlowError> {
    let (mut incoming, in_its_turn) = match unanswered(errand, requested.thread, requested.callback).await? {
        Unanswered::Nothing => return Ok(Finish::done("no message of the customer is unanswered")),
        Unanswered::InItsTurn(incoming) => (*incoming, true),
        Unanswered::Ask(incoming) => (*incoming, false),
    };
    if !in_its_turn && let Some(finish) = follow_answer::go_on(errand, &incoming).await? {
        return Ok(finish);
    }
    let settings = &errand.tenant.connection.settings;
    if !settings.enabled {
        return Ok(Finish::skipped(Reason::NotEnabled));
    }
    let session = thread_session::session_for(errand, &mut incoming).await?;
    give_back(errand, &session).await?;
    if in_its_turn {
        return Ok(Finish::done("the message is answered in its turn").of_session(&session.id));
    }
    incoming.session = errand.tenant.bridge.store.session(&session.org, &session.id).await?;
    incoming.thread.assigned_to.clone_from(&settings.ai_user);
    match incoming.decide(errand) {
        Decision::Answer { draft } => answer_customer::answer(errand, &mut incoming, draft).await,
        Decision::StoreAsContact(reason) | Decision::Skip(reason) => {
            Ok(Finish::skipped(reason).of_session(&session.id))
        }
        Decision::TooManyAnswers | Decision::StoreAsAgent | Decision::StoreAsNote => {
            Ok(Finish::skipped(Reason::HandedOff).of_session(&session.id))
        }
    }
}

/// What a workflow says of the handoff it asks for.
pub(crate) struct Asked<'e> {
    pub(crate) reason: Option<&'e str>,
    pub(crate) assignee: Option<&'e str>,
    /// When the caller is gone; after that another run may go on.
    pub(crate) until: Option<Timestamp>,
}

/// Opens the handoff a workflow asks for.
pub(crate) async fn hand_off(errand: &Errand<'_>, session: &Session, asked: Asked<'_>) -> Result<(), FlowError> {
    let why = asked.reason.unwrap_or("requested by a HubSpot workflow");
    let request = HandoffRequest::by_workflow(session, why, asked.assignee);
    open_handoff::hand_off(&errand.tenant, &request, asked.until).await.map(drop)
}

async fn known(errand: &Errand<'_>, thread: &ThreadId) -> Result<Option<Session>, FlowError> {
    let (store, connection) = (&errand.tenant.bridge.store, &errand.tenant.connection);
    let link = store.link_of_thread(&connection.portal, thread).await?;
    match link.filter(|link| link.org == connection.org).and_then(|link| link.session) {
        Some(id) => Ok(store.session(&connection.org, &id).await?),
        None => Ok(None),
    }
}

/// The thread's session, created from the customer's latest message where there is none.
async fn session_of(errand: &Errand<'_>, thread: &ThreadId) -> Result<Option<Session>, FlowError> {
    if let Some(session) = known(errand, thread).await? {
        return Ok(Some(session));
    }
    match latest(errand, thread, |_| false).await? {
        Some(mut incoming) => Ok(Some(thread_session::session_for(errand, &mut incoming).await?)),
        None => Ok(None),
    }
}
