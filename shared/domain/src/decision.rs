//! The decision about an incoming message. Every rule by which a message is skipped is here.

use crate::automated::{is_auto_reply, is_daemon};
use crate::{
    AI_MARKER, ActorId, AiState, AppId, Channel, ChannelId, Client, Direction, HANDOFF_MARKER, Message, MessageKind,
    Reason, Settings, Standing, Thread, Voice, note_text,
};

/// More AI answers than this on one thread within an hour look like two machines talking.
pub const ANSWERS_PER_HOUR: u32 = 20;

/// A message, its thread, and what we know of its session.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The entry as HubSpot has it now.
    pub message: &'a Message,
    /// The thread as HubSpot has it now.
    pub thread: &'a Thread,
    /// The organization's choices.
    pub settings: &'a Settings,
    /// Apps of ours in the portal; two during a migration.
    pub our_apps: &'a [AppId],
    /// The custom channel into which we put what is said on OpenCX's own channels.
    pub our_channel: Option<&'a ChannelId>,
    /// Whether the AI may speak; active for a new thread.
    pub ai: AiState,
    /// The session's own word on Assist Mode, which wins.
    pub assist_mode: Option<bool>,
    /// AI answers on this thread within the present hour.
    pub answers_this_hour: u32,
    /// A person is known to have answered after this message.
    pub recorded_human_reply_after: bool,
}

/// The bridge's next step with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The AI answers.
    Answer {
        /// As an internal comment: Assist Mode.
        draft: bool,
    },
    /// The AI has answered too often: people take over.
    TooManyAnswers,
    /// A customer's words, stored for people, not answered.
    StoreAsContact(Reason),
    /// A rep's public reply.
    StoreAsAgent,
    /// A rep's internal comment.
    StoreAsNote,
    /// Nothing.
    Skip(Reason),
}

/// Decides. Pure: the same situation has the same decision.
pub fn decide(s: &Situation<'_>) -> Decision {
    if is_own(s) {
        return Decision::Skip(Reason::OwnMessage);
    }
    match by_kind(s).or_else(|| by_sender(s)) {
        Some(Decision::Skip(reason)) => return Decision::Skip(reason),
        // Nobody can answer an entry without words, and a rep's is no reply.
        _ if is_empty(s.message) => return Decision::Skip(Reason::AutomatedSender),
        Some(decision) => return decision,
        None => {}
    }
    if !s.settings.enabled {
        return Decision::Skip(Reason::NotEnabled);
    }
    if is_excluded(s) {
        return Decision::Skip(Reason::InboxExcluded);
    }
    let standing = Standing {
        settings: s.settings,
        channel: channel(s),
        assist_mode: s.assist_mode,
        ai: s.ai,
        owner: s.thread.owner(s.settings),
        answered_by_person: s.recorded_human_reply_after,
    };
    match standing.voice() {
        // Nobody could speak, so nothing is kept for people either.
        Voice::Silent(Reason::NotEnabled) => Decision::Skip(Reason::NotEnabled),
        Voice::Silent(reason) => Decision::StoreAsContact(reason),
        Voice::Draft => Decision::Answer { draft: true },
        Voice::Public if s.answers_this_hour >= ANSWERS_PER_HOUR => Decision::TooManyAnswers,
        Voice::Public => Decision::Answer { draft: false },
    }
}

/// The app id is the sure sign; the markers are for messages whose app HubSpot does not tell, or is another one of OpenCX.
fn is_own(s: &Situation<'_>) -> bool {
    let m = s.message;
    if matches!(&m.client, Client::Integration(Some(app)) if s.our_apps.contains(app)) {
        return true;
    }
    // Customers write there through OpenCX, which knows what they said before we do.
    if s.our_channel.is_some() && m.channel.as_ref() == s.our_channel && m.direction == Some(Direction::Incoming) {
        return true;
    }
    // A customer who quotes us is still the customer.
    if authors(m).any(|author| matches!(author, ActorId::Visitor(_) | ActorId::Email(_))) {
        return false;
    }
    let marked = |text: &str| text.contains(AI_MARKER) || text.contains(HANDOFF_MARKER);
    // So is a rep whose mail program quotes us; programs that post do not quote.
    let own_words = |text| if matches!(m.client, Client::Integration(_)) { text } else { before_quote(text) };
    marked(own_words(&m.text)) || m.rich_text.as_deref().is_some_and(|html| marked(own_words(html)))
}

/// The part before the history that mail programs quote.
fn before_quote(text: &str) -> &str {
    let starts = ["<blockquote", "gmail_quote", "id=\"appendonsend\"", "\n>", "-----Original Message-----"];
    let end = starts.iter().filter_map(|start| text.find(start)).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Nothing a person could answer. A message that HubSpot cut is not empty: the rest is fetched.
fn is_empty(m: &Message) -> bool {
    let words = || m.rich_text.as_deref().is_some_and(|html| !note_text(html).is_empty());
    m.attachments.is_empty() && !m.truncated && m.text.trim().is_empty() && !words()
}

/// The people or programs that wrote it: the senders, else the creator.
fn authors(m: &Message) -> impl Iterator<Item = &ActorId> {
    let senders = || m.senders.iter().filter_map(|sender| sender.actor.as_ref());
    let creator = m.created_by.as_ref().filter(|creator| {
        // HubSpot creates entries for senders that it does not know: they are not its own words.
        m.senders.is_empty() || (senders().next().is_none() && matches!(creator, ActorId::Agent(_)))
    });
    senders().chain(creator)
}

fn by_kind(s: &Situation<'_>) -> Option<Decision> {
    match &s.message.kind {
        _ if s.message.archived || s.thread.archived || s.thread.spam => Some(Decision::Skip(Reason::AutomatedSender)),
        MessageKind::Welcome => Some(Decision::Skip(Reason::WelcomeMessage)),
        MessageKind::Assignment { .. } | MessageKind::Other(_) => Some(Decision::Skip(Reason::AutomatedSender)),
        MessageKind::Comment => {
            Some(authors(s.message).find_map(machine).map_or(Decision::StoreAsNote, Decision::Skip))
        }
        MessageKind::Message => None,
    }
}

/// The reason to skip what a machine wrote.
fn machine(actor: &ActorId) -> Option<Reason> {
    let reason = if matches!(actor, ActorId::Bot(_)) { Reason::BotSender } else { Reason::AutomatedSender };
    actor.is_machine().then_some(reason)
}

fn by_sender(s: &Situation<'_>) -> Option<Decision> {
    let m = s.message;
    if let Some(reason) = authors(m).find_map(machine) {
        return Some(Decision::Skip(reason));
    }
    // On e-mail a rep's answer from their own mail program can come as incoming: the sender tells.
    if authors(m).any(|actor| matches!(actor, ActorId::Agent(_))) {
        return Some(Decision::StoreAsAgent);
    }
    // Live-chat visitors come with the client SYSTEM, so the client alone says nothing.
    let customer = authors(m).any(|actor| matches!(actor, ActorId::Visitor(_) | ActorId::Email(_)));
    let automated = m.direction == Some(Direction::Outgoing) || (m.client == Client::System && !customer);
    let addresses = || m.senders.iter().filter_map(|sender| sender.address.as_ref());
    if automated || addresses().any(|address| is_daemon(&address.value)) {
        return Some(Decision::Skip(Reason::AutomatedSender));
    }
    let auto_reply = channel(s) == Channel::Email && is_auto_reply(m.subject.as_deref(), &m.text);
    auto_reply.then_some(Decision::Skip(Reason::AutoReply))
}

fn channel(s: &Situation<'_>) -> Channel {
    s.message.channel.as_ref().or(s.thread.channel.as_ref()).map_or(Channel::Web, Channel::of_hubspot)
}

fn is_excluded(s: &Situation<'_>) -> bool {
    let inboxes = s.settings.inboxes.as_ref();
    let other_inbox =
        inboxes.is_some_and(|chosen| !s.thread.inbox.as_ref().is_some_and(|inbox| chosen.contains(inbox)));
    other_inbox || s.settings.channels.as_ref().is_some_and(|chosen| !chosen.contains(&channel(s)))
}

#[cfg(test)]
mod tests;
