//! The words in which states are stored.

use crate::connection::Auth;
use crate::delivery::State;
use crate::grant::ConnectionState;
use domain::{AiState, Lifecycle, Sentiment, SessionStatus};

/// A state that is stored as a word.
pub(crate) trait Word: Sized + Copy + 'static {
    /// Every state with its word.
    const ALL: &'static [(Self, &'static str)];
    /// The word of this state.
    fn word(self) -> &'static str;

    /// The state of this word.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* })*) => {$(
        impl Word for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    Auth { PrivateApp = "private_app", OAuth = "oauth" }
    ConnectionState { Connected = "connected", ReconnectRequired = "reconnect_required", Disconnected = "disconnected" }
    AiState { Active = "active", HandedOff = "handed_off", Paused = "paused" }
    Lifecycle { Open = "open", Resolved = "resolved" }
    Sentiment { Angry = "angry", Happy = "happy", Neutral = "neutral" }
    State {
        InProgress = "in_progress", Delayed = "delayed", Retrying = "retrying", Parked = "parked",
        Done = "done", Skipped = "skipped", Failed = "failed"
    }
    SessionStatus { Open = "open", ClosedResolved = "closed_resolved", ClosedUnresolved = "closed_unresolved" }
}
