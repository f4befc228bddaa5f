//! A session's item: its HubSpot objects, whether the AI may speak, and its epochs.

use crate::session::objects::thread_link;
use crate::table::{
    Item, Key, Refusal, Store, StoreError, Transacted, Write, map, moment, number, prints_only, text, time, word,
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AiState, Channel, ChannelAccountId, ContactId, Lifecycle, OrgId, PortalId, Sentiment, SessionId, SessionStatus,
    ThreadId, TicketId,
};
use jiff::Timestamp;

/// An OpenCX session as the bridge knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The organization.
    pub org: OrgId,
    /// OpenCX's id.
    pub id: SessionId,
    /// The portal of its HubSpot objects.
    pub portal: Option<PortalId>,
    /// Its conversation.
    pub thread: Option<ThreadId>,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// Its customer.
    pub contact: Option<ContactId>,
    /// The channel of the customer.
    pub channel: Channel,
    /// Whether the AI may speak.
    pub ai: AiState,
    /// Whether it is resolved.
    pub lifecycle: Lifecycle,
    /// Rises with resolve and reopen only; a scheduled close carries it.
    pub lifecycle_epoch: u64,
    /// Rises with everything that changes whether the AI may speak.
    pub ai_epoch: u64,
    /// Which handoff comes next, from 1; rises with resume, close and reopen.
    pub handoff_epoch: u64,
    /// The session's own Assist Mode, which wins over the settings.
    pub assist_mode: Option<bool>,
    /// The newest change of ownership in HubSpot that was taken, by HubSpot's clock.
    pub ownership_changed_at: Option<Timestamp>,
    /// When we last caused HubSpot to assign the thread to the AI user.
    pub own_assignment_at: Option<Timestamp>,
    /// When a person last answered the customer.
    pub human_replied_at: Option<Timestamp>,
    /// The last hour (since 1970) in which the AI answered, and how often it did.
    pub answers: (i64, u32),
    /// The wish to close its ticket, until that is done.
    pub close_request: Option<CloseRequest>,
    /// When its ticket was to close, while it is resolved.
    pub resolved_at: Option<Timestamp>,
    /// The thread's session before this one. It had been resolved for too long to be reopened.
    pub previous: Option<SessionId>,
    /// The account of our custom channel its thread is on; a thread of HubSpot's own channels has none.
    pub custom_account: Option<ChannelAccountId>,
    /// When the bridge first knew of it.
    pub created_at: Timestamp,
}

/// The wish to close a resolved session's ticket.
#[derive(Clone, PartialEq, Eq)]
pub struct CloseRequest {
    /// Not before.
    pub closes_at: Timestamp,
    /// Goes into the ticket.
    pub summary: Option<String>,
    /// Goes into the ticket.
    pub sentiment: Option<Sentiment>,
    /// How the session was closed.
    pub status: SessionStatus,
}

prints_only!(CloseRequest: closes_at, status);

impl Session {
    /// A new session: the AI may speak, and the next handoff is the first.
    pub fn new(org: OrgId, id: SessionId, channel: Channel, created_at: Timestamp) -> Self {
        Self {
            org,
            id,
            portal: None,
            thread: None,
            ticket: None,
            contact: None,
            channel,
            ai: AiState::Active,
            lifecycle: Lifecycle::Open,
            lifecycle_epoch: 0,
            ai_epoch: 0,
            handoff_epoch: 1,
            assist_mode: None,
            ownership_changed_at: None,
            own_assignment_at: None,
            human_replied_at: None,
            answers: (0, 0),
            close_request: None,
            resolved_at: None,
            previous: None,
            custom_account: None,
            created_at,
        }
    }

    /// How often the AI has answered in the hour of `now`.
    pub fn answers_in_hour(&self, now: Timestamp) -> u32 {
        let (last, count) = self.answers;
        if last == hour(now) { count } else { 0 }
    }

    pub(crate) fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            org: item.parsed("org")?,
            id: item.parsed("session")?,
            portal: item.parsed_if("portal")?,
            thread: item.parsed_if("thread")?,
            ticket: item.parsed_if("ticket")?,
            contact: item.parsed_if("contact")?,
            channel: item.parsed("channel")?,
            ai: item.word("ai")?,
            lifecycle: item.word("lifecycle")?,
            lifecycle_epoch: item.number("lifecycle_epoch")?,
            ai_epoch: item.number("ai_epoch")?,
            handoff_epoch: item.number("handoff_epoch")?,
            assist_mode: item.flag_if("assist_mode")?,
            ownership_changed_at: item.time_if("ownership_changed_at")?,
            own_assignment_at: item.time_if("own_assignment_at")?,
            human_replied_at: item.time_if("human_replied_at")?,
            answers: read_answers(item)?,
            close_request: item.map_if("wish")?.map(|wish| read_close_request(&wish)).transpose()?,
            resolved_at: item.time_if("resolved_at")?,
            previous: item.parsed_if("previous")?,
            custom_account: item.parsed_if("custom_account")?,
            created_at: item.time("created_at")?,
        })
    }

    /// The write that puts the whole item.
    pub(crate) fn whole(&self) -> Write {
        let (last, count) = self.answers;
        let counted = last.to_string();
        let answers = map([(counted.as_str(), (count > 0).then(|| number(count)))]);
        Write::update(Key::session(&self.org, &self.id))
            .set("org", text(self.org.as_str()))
            .set("session", text(self.id.as_str()))
            .set_if("portal", self.portal.as_ref().map(|id| text(id.as_str())))
            .set_if("thread", self.thread.as_ref().map(|id| text(id.as_str())))
            .set_if("ticket", self.ticket.as_ref().map(|id| text(id.as_str())))
            .set_if("contact", self.contact.as_ref().map(|id| text(id.as_str())))
            .set("channel", text(self.channel.as_str()))
            .set("ai", word(self.ai))
            .set("lifecycle", word(self.lifecycle))
            .set("lifecycle_epoch", number(self.lifecycle_epoch))
            .set("ai_epoch", number(self.ai_epoch))
            .set("handoff_epoch", number(self.handoff_epoch))
            .set_if("assist_mode", self.assist_mode.map(AttributeValue::Bool))
            .set_if("ownership_changed_at", self.ownership_changed_at.map(time))
            .set_if("own_assignment_at", self.own_assignment_at.map(time))
            .set_if("human_replied_at", self.human_replied_at.map(time))
            .set("answers", answers)
            .set_if("wish", self.close_request.as_ref().map(write_close_request))
            .set_if("resolved_at", self.resolved_at.map(time))
            .set_if("previous", self.previous.as_ref().map(|id| text(id.as_str())))
            .set_if("custom_account", self.custom_account.as_ref().map(|id| text(id.as_str())))
            .set("created_at", time(self.created_at))
    }
}

impl Store {
    /// Reads a session, strongly consistent.
    pub async fn session(&self, org: &OrgId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let item = self.get("read a session", &Key::session(org, id)).await?;
        item.map(|item| Session::read(&item)).transpose()
    }

    /// Puts a session that HubSpot did not begin, unless it is there; the answer is the stored one.
    ///
    /// If it names a thread that has no link yet, the same transaction links them, so that people's messages there reach
    /// the session.
    pub async fn ensure_session(&self, session: &Session) -> Result<Session, StoreError> {
        if let (Some(portal), Some(thread)) = (&session.portal, &session.thread) {
            let link = thread_link(portal, thread, &session.org, &session.id).if_absent();
            let writes = vec![session.whole().if_absent(), link];
            match self.transact("put a session and its thread's link", writes).await? {
                Transacted::Yes => return Ok(session.clone()),
                Transacted::No(refusals) => {
                    if let Some(Refusal::Failed(Some(stored))) = refusals.first() {
                        return Session::read(stored);
                    }
                }
            }
        }
        match self.update_to_item("put a session", session.whole().if_absent()).await? {
            Ok(stored) | Err(Some(stored)) => Session::read(&stored),
            Err(None) => Err(StoreError::unavailable("put a session", "it was deleted meanwhile")),
        }
    }

    /// Records that a person answered the customer, unless a later answer is recorded.
    pub async fn human_replied(&self, org: &OrgId, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.raise("record a person's answer", Key::session(org, id), "human_replied_at", at).await
    }

    /// Records that we caused HubSpot to assign the thread to the AI user, unless a later one is recorded.
    pub async fn own_assignment(&self, org: &OrgId, id: &SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.raise("record our own assignment", Key::session(org, id), "own_assignment_at", at).await
    }

    /// Raises a time, so that the latest one stays. A session without item is left alone.
    async fn raise(&self, action: &'static str, key: Key, name: &'static str, at: Timestamp) -> Result<(), StoreError> {
        let write = Write::update(key)
            .set(name, time(at))
            .only_if(&format!("attribute_not_exists(#{name}) OR #{name} < :at"))
            .with("at", text(moment(at)));
        self.write(action, write).await.map(drop)
    }
}

pub(crate) fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

/// Answers are counted by hour, because one write cannot both find out that an hour is new and begin it at 1.
/// A resolve empties the map; only the last hour in it is read.
fn read_answers(item: &Item) -> Result<(i64, u32), StoreError> {
    let counts = item.map("answers")?;
    let hours: Result<Vec<i64>, _> = counts.names().map(str::parse).collect();
    match hours.map_err(|_| item.corrupt("`answers` counts something that is no hour"))?.into_iter().max() {
        Some(last) => Ok((last, counts.number(&last.to_string())?)),
        None => Ok((0, 0)),
    }
}

pub(crate) fn write_close_request(wish: &CloseRequest) -> AttributeValue {
    map([
        ("closes_at", Some(time(wish.closes_at))),
        ("summary", wish.summary.as_deref().map(text)),
        ("sentiment", wish.sentiment.map(word)),
        ("status", Some(word(wish.status))),
    ])
}

fn read_close_request(wish: &Item) -> Result<CloseRequest, StoreError> {
    Ok(CloseRequest {
        closes_at: wish.time("closes_at")?,
        summary: wish.owned_if("summary")?,
        sentiment: wish.word_if("sentiment")?,
        status: wish.word("status")?,
    })
}
