//! What a handoff needs to know, from the request and, where it is silent, from OpenCX.

use crate::conversation::contact::RequestContact;
use crate::conversation::warning::Warning;
use crate::invocations::handoff::request::HandoffRequest;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Channel, HandoffReason, RoutingFacts, Sentiment, ThreadId, TranscriptLine};
use opencx::{HistoryEvent, Sender};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Session;

pub(crate) struct Facts {
    pub(crate) ticket_number: Option<String>,
    pub(crate) channel: Channel,
    pub(crate) url: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) sentiment: Option<Sentiment>,
    pub(crate) summary: String,
    pub(crate) contact: RequestContact,
    pub(crate) custom_data: BTreeMap<String, Value>,
    pub(crate) transcript: Vec<TranscriptLine>,
    pub(crate) thread_id: Option<ThreadId>,
    /// The conversation is on a channel that OpenCX carries itself.
    pub(crate) own_channel: bool,
    /// What reps write in HubSpot reaches the customer.
    pub(crate) reps_reach: bool,
    pub(crate) reason: HandoffReason,
    pub(crate) reason_text: Option<String>,
    /// Whom it goes to: the request's word, else the routing rules', else the default user.
    pub(crate) assignee: Option<String>,
    pub(crate) assist_mode: bool,
    /// What OpenCX could not be asked.
    pub(crate) warnings: Vec<Warning>,
}

impl Facts {
    pub(crate) async fn gather(job: &Job<'_>, request: &HandoffRequest, session: &Session) -> Result<Self, FlowError> {
        let given = &request.session;
        let mut facts = Self {
            ticket_number: given.ticket_number.as_ref().and_then(number),
            channel: given.channel.unwrap_or(session.channel),
            url: given.url.clone(),
            language: given.language.clone(),
            sentiment: given.sentiment,
            summary: given.summary.clone().unwrap_or_default(),
            contact: given.contact.clone().unwrap_or_default(),
            custom_data: given.custom_data.clone().unwrap_or_default(),
            transcript: given.transcript.clone().unwrap_or_default(),
            thread_id: given.thread_id.clone().or_else(|| session.thread.clone()),
            own_channel: session.custom_account.is_some(),
            reps_reach: false,
            reason: request.reason.code.clone().unwrap_or(HandoffReason::InsufficientKnowledge),
            reason_text: request.reason.text.clone(),
            assignee: None,
            assist_mode: false,
            warnings: Vec::new(),
        };
        let published = facts.own_channel && job.tenant.connection.published_to().is_some();
        facts.reps_reach = published || facts.channel.hubspot_delivers();
        let settings = &job.tenant.connection.settings;
        facts.assist_mode = settings.assists(session.assist_mode, facts.channel);
        if given.summary.is_none() || given.contact.is_none() || given.transcript.is_none() {
            facts.complete_from_opencx(job, request, session).await?;
        }
        let routing = RoutingFacts {
            channel: facts.channel,
            language: facts.language.as_deref(),
            sentiment: facts.sentiment,
            reason: &facts.reason,
            custom_data: &facts.custom_data,
        };
        let routed = domain::route(settings, &routing).map(str::to_owned);
        let default = || settings.default_user.as_ref().map(ToString::to_string);
        facts.assignee = request.assignee.clone().or(routed).or_else(default);
        Ok(facts)
    }

    /// The history's entry of the handoff says why, as one of the known codes or in words.
    fn learn_reason(&mut self, told: &str) {
        match HandoffReason::from(told.to_owned()) {
            HandoffReason::Other(_) if told.is_empty() => {}
            HandoffReason::Other(words) => self.reason_text = Some(words),
            known => self.reason = known,
        }
    }

    /// Reads what the request leaves out. Where OpenCX is out of reach, the handoff goes on with what is there.
    async fn complete_from_opencx(
        &mut self,
        job: &Job<'_>,
        request: &HandoffRequest,
        session: &Session,
    ) -> Result<(), FlowError> {
        let read = async {
            let opencx = job.tenant.opencx().await?;
            Ok::<_, FlowError>(futures::join!(opencx.session(&session.id), opencx.history(&session.id)))
        };
        let (there, events) = match read.await {
            Ok((there, events)) => (there.map_err(FlowError::from), events.map_err(FlowError::from)),
            Err(error @ FlowError::Wait { .. }) => return self.go_on_without(request, "session and history", error),
            Err(error) => return Err(error),
        };
        match there {
            Ok(there) => self.learn_session(request, there),
            Err(error) => self.go_on_without(request, "session", error)?,
        }
        match events {
            Ok(events) => self.learn_history(request, events),
            Err(error) => self.go_on_without(request, "history", error)?,
        }
        Ok(())
    }

    /// The ticket opens without what OpenCX could not be asked, unless the request brings nothing to open it with: then a
    /// repeat may know more.
    fn go_on_without(&mut self, request: &HandoffRequest, what: &str, error: FlowError) -> Result<(), FlowError> {
        let given = &request.session;
        if given.summary.is_none() && given.contact.is_none() && given.transcript.is_none() {
            return Err(error);
        }
        tracing::warn!(error = %error, missing = what, "a handoff goes on without what OpenCX knows");
        self.warnings.push(Warning::new("opencx_not_read", format!("OpenCX could not be asked for the {what}")));
        Ok(())
    }

    fn learn_session(&mut self, request: &HandoffRequest, there: opencx::Session) {
        let given = &request.session;
        if given.summary.is_none() {
            self.summary = there.summary.unwrap_or_default();
        }
        if given.contact.is_none() {
            let person = there.contact;
            self.contact = RequestContact { name: person.name, email: person.email, phone_number: person.phone };
        }
        if given.custom_data.is_none() {
            // Our own probes are of no use to reps.
            let ours = |key: &String| key == "hubspot_thread_id" || key == "hubspot_message_id";
            self.custom_data = there.custom_data.into_iter().filter(|(key, _)| !ours(key)).collect();
        }
        self.ticket_number = self.ticket_number.take().or(there.ticket_number);
        self.language = self.language.take().or(there.language);
        self.sentiment = self.sentiment.or(there.sentiment);
        self.url = self.url.take().or(there.url);
    }

    fn learn_history(&mut self, request: &HandoffRequest, events: Vec<HistoryEvent>) {
        if request.reason.code.is_none()
            && let Some(told) = events.iter().rev().find(|event| event.kind == "handoff")
        {
            self.learn_reason(told.text.trim());
        }
        if request.session.transcript.is_none() {
            self.transcript = events.into_iter().filter_map(line).collect();
        }
    }
}

/// OpenCX's ticket number comes as a number or a string.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What was said; internal comments and state changes are not part of the transcript.
fn line(event: HistoryEvent) -> Option<TranscriptLine> {
    let sender = match event.sender {
        Sender::Contact => "contact",
        Sender::Ai => "ai",
        Sender::Agent => "agent",
        Sender::Other(_) => return None,
    };
    let said = (!event.text.trim().is_empty() || !event.files.is_empty()) && !event.kind.contains("comment");
    said.then(|| TranscriptLine {
        sender: sender.to_owned(),
        name: event.name.filter(|_| sender != "ai"),
        text: event.text,
        at: Some(event.at),
        attachments: event.files,
    })
}
