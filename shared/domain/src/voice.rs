//! The AI's right to speak: who owns the conversation, whether Assist Mode is on, and what follows from both.
//!
//! Nothing else reads these settings. Start with [`Standing::voice`].

use crate::{ActorId, AiState, Channel, Reason, Settings, Thread};

/// The owner of a conversation in HubSpot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadOwner<'a> {
    /// The user that the AI speaks as.
    Ai,
    /// Another user, or an actor of a kind that HubSpot has added since: in doubt a person.
    Person(&'a ActorId),
    /// A chatflow bot, an app, HubSpot's own AI or its system. The AI is silent beside it, but no person is there.
    Bot,
    /// The thread is unassigned.
    Nobody,
}

impl<'a> ThreadOwner<'a> {
    /// The owner of a thread that is assigned to this actor.
    pub fn of(assigned_to: Option<&'a ActorId>, settings: &Settings) -> Self {
        match assigned_to {
            None => Self::Nobody,
            actor if actor == settings.ai_user.as_ref() => Self::Ai,
            Some(actor) if actor.is_machine() => Self::Bot,
            Some(actor) => Self::Person(actor),
        }
    }

    /// Whether a person has the conversation: nobody takes it from them, and nothing is said in their place.
    pub fn is_person(self) -> bool {
        matches!(self, Self::Person(_))
    }
}

impl Thread {
    /// The owner as HubSpot has it now.
    pub fn owner(&self, settings: &Settings) -> ThreadOwner<'_> {
        ThreadOwner::of(self.assigned_to.as_ref(), settings)
    }
}

impl Settings {
    /// Whether Assist Mode is on: the session's own word wins, else the setting for the channel counts.
    pub fn assists(&self, own_word: Option<bool>, channel: Channel) -> bool {
        own_word.unwrap_or_else(|| self.assist_mode.on(channel))
    }
}

/// How the AI may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// To the customer.
    Public,
    /// To people, as an internal comment.
    Draft,
    /// Not at all.
    Silent(Reason),
}

/// The facts that the AI's right to speak depends on.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The organization's choices.
    pub settings: &'a Settings,
    /// The channel of what is answered.
    pub channel: Channel,
    /// The session's own word on Assist Mode.
    pub assist_mode: Option<bool>,
    /// The session's state of the AI; active for a new thread.
    pub ai: AiState,
    /// The owner of the thread.
    pub owner: ThreadOwner<'a>,
    /// A person is known to have answered after the message in question.
    pub answered_by_person: bool,
}

impl Standing<'_> {
    /// How the AI may answer a customer. In Assist Mode it drafts for whoever owns the conversation.
    pub fn voice(&self) -> Voice {
        if self.settings.assists(self.assist_mode, self.channel) {
            return Voice::Draft;
        }
        let silent = match (self.ai, self.owner) {
            _ if self.answered_by_person => Some(Reason::AnsweredByHuman),
            (AiState::Paused, _) => Some(Reason::Paused),
            (_, ThreadOwner::Person(_) | ThreadOwner::Bot) => Some(Reason::NotAiOwner),
            (AiState::HandedOff, _) => Some(Reason::HandedOff),
            (AiState::Active, ThreadOwner::Nobody) if !self.settings.answer_unassigned => Some(Reason::NotAiOwner),
            // Nobody could speak: the organization is not live.
            (AiState::Active, _) if self.settings.ai_user.is_none() => Some(Reason::NotEnabled),
            (AiState::Active, _) => None,
        };
        match silent {
            Some(reason) => Voice::Silent(reason),
            None if self.channel.takes_apps_messages() => Voice::Public,
            // HubSpot does not let an app write there: people get the answer.
            None => Voice::Draft,
        }
    }

    /// The same for an answer that OpenCX brings itself: it hears of its session's state before the thread's owner.
    pub fn voice_of_reply(&self) -> Voice {
        match (self.voice(), self.ai) {
            (Voice::Silent(_), AiState::HandedOff) => Voice::Silent(Reason::HandedOff),
            (voice, _) => voice,
        }
    }
}

#[cfg(test)]
mod tests;
