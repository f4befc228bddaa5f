//! A message in a HubSpot thread: decide whose it is, and answer it if it is the AI's to answer.

use crate::answer::ask_ai::{self, Asked};
use crate::answer::thread_session::session_for;
use crate::answer::{follow_answer, post_answer, quiet};
use crate::open_handoff::{self, HandoffRequest};
use crate::store_reply;
use crate::work::errand::{Ending, Errand, Finish, done};
use crate::work::failure::FlowError;
use domain::{AiState, Channel, Decision, Lifecycle, Message, MessageId, Reason, Situation, Thread, ThreadId};
use futures::future::OptionFuture;
use store::Session;

/// A message as HubSpot has it now, with what we know of its thread.
pub(crate) struct Incoming {
    pub(crate) message: Message,
    pub(crate) thread: Thread,
    pub(crate) session: Option<Session>,
    /// A workflow's execution that had it sent to the AI: it may have been on the session before.
    pub(crate) sent_by: Option<String>,
    /// Earlier messages of the customer that are answered with this one, oldest first.
    pub(crate) together: Vec<Message>,
}

impl Incoming {
    /// Message, thread and link in parallel, then the session.
    pub(crate) async fn read(errand: &Errand<'_>, thread: &ThreadId, message: &MessageId) -> Result<Self, FlowError> {
        let (portal, store) = (&errand.tenant.portal, &errand.tenant.bridge.store);
        let org = &errand.tenant.connection.org;
        let link = async {
            let link = store.link_of_thread(&errand.tenant.connection.portal, thread).await?;
            let session =
                OptionFuture::from(link.as_ref().and_then(|l| l.session.as_ref()).map(|id| store.session(org, id)))
                    .await;
            Ok::<_, FlowError>(session.transpose()?.flatten())
        };
        let message = async { Ok::<_, FlowError>(portal.message(thread, message).await?) };
        let thread = async { Ok::<_, FlowError>(portal.thread(thread).await?) };
        let (message, thread, session) = futures::try_join!(message, thread, link)?;
        Ok(Self { message, thread, session, sent_by: None, together: Vec::new() })
    }

    /// The rules' word on it, given what is known now.
    pub(crate) fn decide(&self, errand: &Errand<'_>) -> Decision {
        let session = self.session.as_ref();
        // A resolved session reopens with the AI speaking; only the thread's owner can silence it then.
        let ai = session
            .map_or(AiState::Active, |s| if s.lifecycle == Lifecycle::Resolved { AiState::Active } else { s.ai });
        domain::decide(&Situation {
            message: &self.message,
            thread: &self.thread,
            settings: &errand.tenant.connection.settings,
            our_apps: &errand.tenant.connection.apps,
            our_channel: errand.tenant.connection.custom_account().map(|account| &account.channel),
            ai,
            assist_mode: session.and_then(|s| s.assist_mode),
            answers_this_hour: session.map_or(0, |s| s.answers_in_hour(errand.now())),
            recorded_human_reply_after: session
                .and_then(|s| s.human_replied_at)
                .is_some_and(|at| at > self.message.created_at),
        })
    }

    /// What a later run recognises this message on the session by.
    pub(crate) fn probe(&self) -> String {
        self.sent_by.as_ref().map_or_else(|| self.message.id.to_string(), |by| format!("{}#{by}", self.message.id))
    }

    pub(crate) fn channel(&self) -> Channel {
        let channel = self.message.channel.as_ref().or(self.thread.channel.as_ref());
        channel.map_or(Channel::Web, Channel::of_hubspot)
    }
}

/// Takes one `conversation.newMessage`.
pub(crate) async fn take_message(
    errand: &Errand<'_>,
    thread: &ThreadId,
    message: &MessageId,
) -> Result<Ending, FlowError> {
    let mut incoming = Incoming::read(errand, thread, message).await?;
    if let Some(finish) = follow_answer::go_on(errand, &incoming).await? {
        return Ok(Ending::Finished(finish));
    }
    if let Some(finish) = quiet::given_away(errand) {
        return Ok(Ending::Finished(finish));
    }
    let decision = incoming.decide(errand);
    let finish = match decision {
        Decision::Skip(reason) => Finish::skipped(reason),
        Decision::StoreAsAgent => store_reply::store_agent_reply(errand, &incoming).await?,
        Decision::StoreAsNote => store_reply::store_note(errand, &incoming).await?,
        Decision::Answer { .. } if !errand.won.delayed_before && !quiet::wait(errand, &incoming).is_zero() => {
            return Ok(Ending::DelayedUntil(errand.now() + quiet::wait(errand, &incoming)));
        }
        Decision::Answer { draft } => match quiet::give_way(errand, &incoming).await? {
            Some(finish) => finish,
            None => answer(errand, &mut incoming, draft).await?,
        },
        Decision::StoreAsContact(reason) => {
            let session = session_for(errand, &mut incoming).await?;
            keep_for_people(errand, &incoming, session, reason).await?
        }
        Decision::TooManyAnswers => {
            let session = session_for(errand, &mut incoming).await?;
            let why = "more than 20 AI answers within an hour on this thread";
            let request = HandoffRequest::by_us(&errand.tenant.connection.org, &session, why, Some(&incoming.message));
            open_handoff::hand_off(&errand.tenant, &request, None).await?;
            keep_for_people(errand, &incoming, session, Reason::HandedOff).await?
        }
    };
    Ok(Ending::Finished(finish))
}

/// Asks the AI and posts what it says.
pub(crate) async fn answer(errand: &Errand<'_>, incoming: &mut Incoming, draft: bool) -> Result<Finish, FlowError> {
    let session = session_for(errand, incoming).await?;
    let began = errand.now();
    let asked = ask_ai::ask(errand, incoming, &session).await?;
    let Asked { answer, thinking_since } = asked;
    let slow = errand.now().duration_since(thinking_since.unwrap_or(began)).unsigned_abs() > post_answer::QUICK;
    let finish =
        post_answer::post_answer(errand, incoming, &session, post_answer::Saying { answer: &answer, draft, slow })
            .await?;
    follow_answer::follow(errand, &session, &answer, finish).await
}

/// Stores the customer's words on the session without an AI answer.
async fn keep_for_people(
    errand: &Errand<'_>,
    incoming: &Incoming,
    session: Session,
    reason: Reason,
) -> Result<Finish, FlowError> {
    let session = match session.ai {
        AiState::Active => errand.silence(&session, None, "a person owns the conversation in HubSpot").await?,
        AiState::HandedOff | AiState::Paused => session,
    };
    ask_ai::tell(errand, incoming, &session).await?;
    Ok(Finish::skipped(reason).of_session(&session.id).with_step("told", done(incoming.message.id.as_str())))
}
