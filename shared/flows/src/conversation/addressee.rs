//! The addressee of a public message.

use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{Channel, ChannelAccountId, ChannelId, Direction, Message, MessageKind, Party, Reason, Thread, ThreadId};
use hubspot::FileId;

/// The addressee of a public message: what HubSpot needs to send one, copied from a message of the customer.
///
/// See <https://developers.hubspot.com/docs/api-reference/latest/conversations/guide>.
pub(crate) struct Addressee {
    pub(crate) thread: ThreadId,
    pub(crate) channel: ChannelId,
    pub(crate) channel_account: ChannelAccountId,
    pub(crate) recipients: Vec<Party>,
    pub(crate) subject: Option<String>,
    /// Files that the portal keeps and that are attached.
    pub(crate) files: Vec<FileId>,
}

impl Addressee {
    /// The sender of `message`, on its channel.
    pub(crate) fn of(message: &Message, thread: &Thread) -> Result<Self, FlowError> {
        let missing = |what: &str| unanswerable(&format!("the thread has no {what} to answer to"));
        let channel = message.channel.clone().or_else(|| thread.channel.clone()).ok_or_else(|| missing("channel"))?;
        let account = message.channel_account.clone().or_else(|| thread.channel_account.clone());
        let recipients: Vec<Party> =
            message.senders.iter().filter(|sender| sender.address.is_some()).cloned().collect();
        if recipients.is_empty() {
            return Err(missing("recipient"));
        }
        let channel_account = account.ok_or_else(|| missing("channel account"))?;
        let subject =
            message.subject.as_deref().filter(|_| Channel::of_hubspot(&channel) == Channel::Email).map(reply_subject);
        Ok(Self { thread: thread.id.clone(), channel, channel_account, recipients, subject, files: Vec::new() })
    }

    /// The sender of the customer's latest message in the thread.
    pub(crate) async fn latest(tenant: &Tenant<'_>, thread: &Thread) -> Result<Self, FlowError> {
        let recent = tenant.portal.messages(&thread.id, 50).await?;
        let from_customer = |m: &&Message| m.kind == MessageKind::Message && m.direction == Some(Direction::Incoming);
        let latest = recent.iter().find(from_customer);
        Self::of(latest.ok_or_else(|| unanswerable("the thread has no message of a customer to answer to"))?, thread)
    }
}

fn unanswerable(message: &str) -> FlowError {
    FlowError::Impossible { reason: Reason::HubspotRejected, message: message.to_owned() }
}

fn reply_subject(subject: &str) -> String {
    let answered = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    if answered { subject.to_owned() } else { format!("Re: {subject}") }
}
