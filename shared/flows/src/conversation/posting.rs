//! Posts words into a HubSpot thread, and finds posts whose confirmation was lost.

use crate::conversation::addressee::Addressee;
use crate::kernel::effects::Permit;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use crate::kernel::once::{Announced, Effect};
use crate::kernel::tenant::Tenant;
use domain::{ActorId, Client, Message, MessageId, Reason, RichText, Thread, TicketId, normalised};
use hubspot::{HubSpotError, OutgoingMessage};
use jiff::{SignedDuration, Timestamp};
use store::{Filter, PostGuard, Session, Work};

/// HubSpot's clock may be behind ours by this much.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Posts a public message as `speaker`.
pub(crate) async fn message(
    permit: &Permit<'_>,
    to: &Addressee,
    speaker: ActorId,
    words: &RichText,
) -> Result<MessageId, FlowError> {
    let message = OutgoingMessage {
        text: words.clone(),
        sender: speaker,
        recipients: to.recipients.clone(),
        channel: to.channel.clone(),
        channel_account: to.channel_account.clone(),
        subject: to.subject.clone(),
        files: to.files.clone(),
    };
    permit.message(&to.thread, &message).await
}

/// Posts an internal comment. On a help desk, or if HubSpot refuses the comment, it leaves a note on the thread's ticket.
///
/// The answer is the id of the comment or the note.
pub(crate) async fn comment(permit: &Permit<'_>, thread: &Thread, words: &RichText) -> Result<MessageId, FlowError> {
    let help_desk = match &thread.inbox {
        Some(inbox) => permit.tenant().is_help_desk(inbox).await.unwrap_or(false),
        None => false,
    };
    match &thread.ticket {
        Some(ticket) if help_desk => note(permit, ticket, words).await,
        ticket => match (permit.comment(&thread.id, words).await, ticket) {
            (Err(FlowError::HubSpot(HubSpotError::Rejected { .. })), Some(ticket)) => note(permit, ticket, words).await,
            (posted, _) => posted,
        },
    }
}

/// The user as whom the AI posts.
pub(crate) fn ai_user(job: &Job<'_>) -> Result<ActorId, FlowError> {
    job.tenant.connection.settings.ai_user.clone().ok_or_else(|| FlowError::Impossible {
        reason: Reason::NotEnabled,
        message: "settings.ai_user: no AI sender is chosen".to_owned(),
    })
}

/// The guard refuses a message if somebody has silenced or resumed the AI since `session` was read.
///
/// With `active` it also refuses if the AI may not speak. It marks the assignment that HubSpot makes of a post as our own.
pub(crate) fn guard(session: &Session, count_answer: bool, active: bool) -> PostGuard {
    let (org, session, ai_epoch) = (session.org.clone(), session.id.clone(), session.ai_epoch);
    PostGuard { org, session, ai_epoch, require_active: active, count_answer, own_assignment: true }
}

/// Leaves a note on a ticket.
pub(crate) async fn note(permit: &Permit<'_>, ticket: &TicketId, words: &RichText) -> Result<MessageId, FlowError> {
    let note = permit.note(ticket, &words.html).await?;
    MessageId::parse(note.as_str()).map_err(|_| FlowError::Impossible {
        reason: Reason::HubspotRejected,
        message: "the id of HubSpot's note cannot be read".to_owned(),
    })
}

/// Posts an internal comment once.
pub(crate) async fn comment_once(
    job: &Job<'_>,
    effect: Effect,
    thread: &Thread,
    words: &RichText,
) -> Result<MessageId, FlowError> {
    let find = async |announced: Announced| find(job, thread, &Lost::of(words, &announced)).await;
    job.once(effect, find, async |permit| comment(permit, thread, words).await).await
}

/// Leaves a note on a ticket once.
pub(crate) async fn note_once(
    job: &Job<'_>,
    effect: Effect,
    ticket: &TicketId,
    words: &RichText,
) -> Result<MessageId, FlowError> {
    let find = async |announced: Announced| find_note(&job.tenant, ticket, &Lost::of(words, &announced)).await;
    job.once(effect, find, async |permit| note(permit, ticket, words).await).await
}

/// A post whose confirmation was lost. HubSpot may have the post or not.
pub(crate) struct Lost<'a> {
    pub(crate) words: &'a RichText,
    /// When that run was about to post.
    pub(crate) since: Timestamp,
    /// A signature stood under the words. An admin may have changed the signature since.
    pub(crate) signed: bool,
}

impl<'a> Lost<'a> {
    /// An announced post. The detail of the announcement is the signature under the words.
    pub(crate) fn of(words: &'a RichText, announced: &Announced) -> Self {
        Self { words, since: announced.since, signed: announced.detail.is_some() }
    }

    fn is(&self, entry: &Message) -> bool {
        let same = |posted: &str, words: &str| {
            let (posted, words) = (normalised(posted), normalised(words));
            posted == words || (self.signed && !words.is_empty() && posted.starts_with(&words))
        };
        same(&entry.text, &self.words.text)
            || entry.rich_text.as_deref().is_some_and(|html| same(html, &self.words.html))
    }
}

/// Looks for a lost post: by our app, with the same words, not older, and in no other journal of the thread.
pub(crate) async fn find(job: &Job<'_>, thread: &Thread, lost: &Lost<'_>) -> Result<Option<MessageId>, FlowError> {
    let (tenant, work) = (&job.tenant, &job.work);
    let connection = &tenant.connection;
    let since = lost.since - CLOCK_SKEW;
    let recent = tenant.portal.messages(&thread.id, 50).await?;
    let ours = |m: &&Message| {
        matches!(&m.client, Client::Integration(Some(app)) if connection.apps.contains(app))
            && m.created_at >= since
            && lost.is(m)
    };
    let candidates: Vec<&Message> = recent.iter().filter(ours).collect();
    if candidates.is_empty() {
        return match &thread.ticket {
            Some(ticket) => find_note(tenant, ticket, lost).await,
            None => Ok(None),
        };
    }
    let filter = Filter { thread: Some((connection.portal.clone(), thread.id.clone())), ..Filter::default() };
    let page = tenant.bridge.store.deliveries(&connection.org, &filter, 50, None).await?;
    let others = page.items.iter().filter(|row| !matches!(work, Work::Delivery { key, .. } if *key == row.key));
    let others: Vec<&str> =
        others.flat_map(|row| row.journal.values().filter_map(|step| step.done.as_deref())).collect();
    Ok(candidates.iter().rev().map(|m| &m.id).find(|id| !others.contains(&id.as_str())).cloned())
}

/// Looks for a lost post among the notes of a ticket.
pub(crate) async fn find_note(
    tenant: &Tenant<'_>,
    ticket: &TicketId,
    lost: &Lost<'_>,
) -> Result<Option<MessageId>, FlowError> {
    let since = lost.since - CLOCK_SKEW;
    let wanted = normalised(&lost.words.html);
    let notes = tenant.portal.notes_of_ticket(ticket).await?;
    let same = notes.iter().find(|note| note.created_at >= since && normalised(&note.body_html) == wanted);
    Ok(same.and_then(|note| MessageId::parse(note.id.as_str()).ok()))
}
