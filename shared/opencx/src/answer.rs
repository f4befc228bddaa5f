//! OpenCX's answer to a message. The shape has changed at least four times, so everything in it may be missing.

use crate::wire::{Tree, id, word};
use domain::{OpenCxMessageId, Sentiment};
use transport::debug_only;
use transport::json::{Loose, WireError};

#[cfg(test)]
mod tests;

/// The outcome of a customer's message. Without a message, OpenCX answers later or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The AI's words.
    pub message: Option<AiMessage>,
    /// The AI has given the session to a human.
    pub handed_off: bool,
    /// The AI has resolved the session.
    pub resolved: Option<Resolution>,
    /// OpenCX's reason for giving no answer, such as `session_assigned_to_human_agent`; `ai_error` where the AI failed.
    pub code: Option<String>,
}

/// One message of the AI.
#[derive(Clone, PartialEq, Eq)]
pub struct AiMessage {
    /// The same message has the same id when it comes another way.
    pub id: Option<OpenCxMessageId>,
    /// Never blank.
    pub text: String,
}

debug_only!(AiMessage { id });

/// The end of a session.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Its subject in a few words.
    pub summary: Option<String>,
    /// The customer's mood.
    pub sentiment: Option<Sentiment>,
}

debug_only!(Resolution { sentiment });

/// Our code where the AI itself failed: its error text is not for customers.
const AI_ERROR: &str = "ai_error";

/// The answer to `send`, in whichever of its shapes:
///
/// 1. `{"ai_response": {"text", "error"?}}` (2024)
/// 2. `{"success", "code", "autopilotResponse": {"type", "value": {"error", "content"}, "id"}, "sessionIsHandedOff"}`
/// 3. `{"success", "data": {…as 2…, "resolveArgs": {"summary", "sentiment"}}}`
/// 4. `{"success", "data": {"message": {"id"}}}`: the id of what was sent, no answer of the AI
pub(crate) struct Sent(Tree);

impl TryFrom<Tree> for Sent {
    type Error = WireError;

    fn try_from(tree: Tree) -> Result<Self, WireError> {
        let sent = Self(tree);
        if !sent.0.is_object() && !sent.0.is_null() {
            return Err(WireError { field: "the answer", problem: "it is no object" });
        }
        let refused = sent.scalar("success").flag() == Some(false) && sent.scalar("code").filled().is_none();
        if refused {
            return Err(WireError { field: "success", problem: "it is false, and no code says why" });
        }
        Ok(sent)
    }
}

impl Sent {
    /// A field of the wrapped answer, else of the flat one.
    fn get(&self, field: &str) -> Option<&Tree> {
        let wrapped = self.0.get("data").and_then(|data| data.get(field));
        wrapped.filter(|value| !value.is_null()).or_else(|| self.0.get(field))
    }

    fn scalar(&self, field: &str) -> Loose {
        let wrapped = self.0.get("data").filter(|data| data.get(field).is_some_and(|value| !value.is_null()));
        Loose::at(wrapped.unwrap_or(&self.0), field)
    }

    /// The id of the message that was sent (shape 4).
    pub(crate) fn own_id(&self) -> Option<OpenCxMessageId> {
        id(Loose::at(self.get("message")?, "id"))
    }

    /// The text in `message` is never taken for the AI's: it may be the customer's own.
    pub(crate) fn answer(&self) -> Answer {
        let spoken = self.autopilot().or_else(|| self.ai_response()).unwrap_or(Spoken::Nothing);
        let failed = matches!(spoken, Spoken::Error).then(|| AI_ERROR.to_owned());
        Answer {
            message: if let Spoken::Message(message) = spoken { Some(message) } else { None },
            handed_off: self.scalar("sessionIsHandedOff").flag() == Some(true),
            resolved: self.get("resolveArgs").filter(|args| args.is_object()).map(resolution),
            code: self.scalar("code").filled().or(failed),
        }
    }

    fn autopilot(&self) -> Option<Spoken> {
        let response = self.get("autopilotResponse").filter(|response| response.is_object())?;
        let value = response.get("value").unwrap_or(&Tree::Null);
        let text = value.get("content").unwrap_or(value);
        Some(Spoken::of(text, id(Loose::at(response, "id")), value.get("error")))
    }

    fn ai_response(&self) -> Option<Spoken> {
        let response = self.get("ai_response").filter(|response| response.is_object())?;
        let text = response.get("text").unwrap_or(&Tree::Null);
        Some(Spoken::of(text, id(Loose::at(response, "id")), response.get("error")))
    }
}

enum Spoken {
    Message(AiMessage),
    Error,
    Nothing,
}

impl Spoken {
    /// `error` is a flag in one shape and an object in another.
    fn of(text: &Tree, id: Option<OpenCxMessageId>, error: Option<&Tree>) -> Self {
        let failed = error.is_some_and(|error| match error {
            Tree::Null => false,
            Tree::Bool(flag) => *flag,
            Tree::String(text) => !text.is_empty(),
            _ => true,
        });
        match text.as_str().filter(|text| !text.trim().is_empty()) {
            _ if failed => Self::Error,
            Some(text) => Self::Message(AiMessage { id, text: text.to_owned() }),
            None => Self::Nothing,
        }
    }
}

fn resolution(args: &Tree) -> Resolution {
    Resolution { summary: Loose::at(args, "summary").filled(), sentiment: word(&Loose::at(args, "sentiment")) }
}
