//! A message with its thread, as HubSpot has them now, and its session.

use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::tenant::Tenant;
use domain::{AiState, Channel, Decision, Lifecycle, Message, MessageId, Situation, Thread, ThreadId};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Session;

/// The mark in a session or a message of OpenCX that names the HubSpot thread.
pub(crate) const THREAD_PROBE: &str = "hubspot_thread_id";
/// The mark in a message of OpenCX that names the HubSpot message.
pub(crate) const MESSAGE_PROBE: &str = "hubspot_message_id";

/// A message with its thread, as HubSpot has them now, and its session.
pub(crate) struct Incoming {
    pub(crate) message: Message,
    pub(crate) thread: Thread,
    pub(crate) session: Option<Session>,
    /// The execution of a workflow that sent this message to the AI. The session may have the message already.
    pub(crate) sent_by: Option<String>,
    /// Earlier messages of the customer that are answered with this one, oldest first.
    pub(crate) together: Vec<Message>,
}

impl Incoming {
    /// Reads message, thread and session at the same time.
    pub(crate) async fn read(job: &Job<'_>, thread: &ThreadId, message: &MessageId) -> Result<Self, FlowError> {
        let portal = &job.tenant.portal;
        let session = session_of_thread(&job.tenant, thread);
        let message = async { Ok::<_, FlowError>(portal.message(thread, message).await?) };
        let thread = async { Ok::<_, FlowError>(portal.thread(thread).await?) };
        let (message, thread, session) = futures::try_join!(message, thread, session)?;
        Ok(Self { message, thread, session, sent_by: None, together: Vec::new() })
    }

    /// The rules' decision about the message, given what is known now.
    pub(crate) fn decide(&self, job: &Job<'_>) -> Decision {
        self.decide_with(job, &self.thread, self.session.as_ref())
    }

    /// The same with a newer thread or session.
    pub(crate) fn decide_with(&self, job: &Job<'_>, thread: &Thread, session: Option<&Session>) -> Decision {
        // A resolved session reopens with an active AI: then only the thread's owner can silence it.
        let ai = session
            .map_or(AiState::Active, |s| if s.lifecycle == Lifecycle::Resolved { AiState::Active } else { s.ai });
        domain::decide(&Situation {
            message: &self.message,
            thread,
            settings: &job.tenant.connection.settings,
            our_apps: &job.tenant.connection.apps,
            our_channel: job.tenant.connection.custom_account().map(|account| &account.channel),
            ai,
            assist_mode: session.and_then(|s| s.assist_mode),
            answers_this_hour: session.map_or(0, |s| s.answers_in_hour(job.now())),
            recorded_human_reply_after: session
                .and_then(|s| s.human_replied_at)
                .is_some_and(|at| at > self.message.created_at),
        })
    }

    /// The mark by which a later run finds this message on the session.
    pub(crate) fn probe(&self) -> String {
        self.sent_by.as_ref().map_or_else(|| self.message.id.to_string(), |by| format!("{}#{by}", self.message.id))
    }

    /// The message after those that are answered with it, oldest first.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.together.iter().chain(std::iter::once(&self.message))
    }

    pub(crate) fn channel(&self) -> Channel {
        let channel = self.message.channel.as_ref().or(self.thread.channel.as_ref());
        channel.map_or(Channel::Web, Channel::of_hubspot)
    }
}

/// The session that the thread is linked to.
pub(crate) async fn session_of_thread(tenant: &Tenant<'_>, thread: &ThreadId) -> Result<Option<Session>, FlowError> {
    let (store, connection) = (&tenant.bridge.store, &tenant.connection);
    let link = store.link_of_thread(&connection.portal, thread).await?;
    match link.filter(|link| link.org == connection.org).and_then(|link| link.session) {
        Some(id) => Ok(store.session(&connection.org, &id).await?),
        None => Ok(None),
    }
}

/// The marks by which a later run finds what this run did.
pub(crate) fn probes(incoming: &Incoming) -> BTreeMap<String, Value> {
    BTreeMap::from([
        (THREAD_PROBE.to_owned(), Value::from(incoming.thread.id.as_str())),
        (MESSAGE_PROBE.to_owned(), Value::from(incoming.probe())),
    ])
}
