//! The names of things in HubSpot and OpenCX, checked when they are read.

use std::fmt;

/// A text that cannot be the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no valid {kind}: {problem}")]
pub struct InvalidId {
    /// Which id was expected, such as `thread id`.
    pub kind: &'static str,
    /// The fault of the text.
    pub problem: &'static str,
}

/// Ids end up in keys, paths and headers: short, printable ASCII, and without the separator of our keys.
fn check(kind: &'static str, text: &str) -> Result<(), InvalidId> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > 200 {
        "it is longer than 200 bytes"
    } else if text.chars().any(|c| !c.is_ascii_graphic() || c == '#' || c == '/') {
        "it has a space, a slash, a `#`, or a character that is not printable ASCII"
    } else {
        return Ok(());
    };
    Err(InvalidId { kind, problem })
}

/// Reads the text of an id. A fraction is refused, because `1.0` and `1` would be two ids of one thing.
struct TextOrNumber(&'static str);

impl serde::de::Visitor<'_> for TextOrNumber {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} as string or whole number", self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks that `text` can be such an id.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check($kind, &text)?;
                Ok(Self(text))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        /// From a string or a whole number: HubSpot and OpenCX send both.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(deserializer.deserialize_any(TextOrNumber($kind))?).map_err(serde::de::Error::custom)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An OpenCX organization: the tenant.
    OrgId = "org id";
    /// A HubSpot account ("portal").
    PortalId = "portal id";
    /// A HubSpot app: ours, or another one in the same portal.
    AppId = "app id";
    /// A HubSpot conversation thread.
    ThreadId = "thread id";
    /// A message, comment or other entry of a HubSpot thread.
    MessageId = "message id";
    /// A HubSpot ticket.
    TicketId = "ticket id";
    /// A HubSpot contact.
    ContactId = "contact id";
    /// A HubSpot CRM note.
    NoteId = "note id";
    /// A HubSpot inbox or help desk.
    InboxId = "inbox id";
    /// A HubSpot owner record: what a ticket is assigned to. Not the user id inside `A-<user>`.
    OwnerId = "owner id";
    /// A HubSpot channel kind (`1000` live chat, `1002` e-mail).
    ChannelId = "channel id";
    /// One connected account of a HubSpot channel.
    ChannelAccountId = "channel account id";
    /// An OpenCX session.
    SessionId = "session id";
    /// A message as OpenCX names it.
    OpenCxMessageId = "OpenCX message id";
}

/// The author of an entry, or the owner of a conversation. HubSpot's prefix tells the kind.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ActorId {
    /// `A-<user id>`: a HubSpot user.
    Agent(String),
    /// `B-…`: a bot.
    Bot(String),
    /// `E-<address>`: an e-mail address that is nobody's contact.
    Email(String),
    /// `I-<app id>`: an integration.
    Integration(String),
    /// `L-…`: HubSpot's own AI agent.
    Llm(String),
    /// `S-hubspot`: the system.
    System(String),
    /// `V-<contact id>`: a visitor, who may not be a contact yet.
    Visitor(String),
    /// A prefix HubSpot has added since.
    Other(String),
}

impl ActorId {
    /// Reads `A-1` and its kin. Text without a known prefix is [`ActorId::Other`].
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() || text.len() > 320 || text.chars().any(char::is_control) {
            return Err(InvalidId { kind: "actor id", problem: "it is empty, too long, or has a control character" });
        }
        let Some((prefix, rest)) = text.split_once('-').filter(|(_, rest)| !rest.is_empty()) else {
            return Ok(Self::Other(text.to_owned()));
        };
        let rest = rest.to_owned();
        Ok(match prefix {
            "A" => Self::Agent(rest),
            "B" => Self::Bot(rest),
            "E" => Self::Email(rest),
            "I" => Self::Integration(rest),
            "L" => Self::Llm(rest),
            "S" => Self::System(rest),
            "V" => Self::Visitor(rest),
            _ => Self::Other(text.to_owned()),
        })
    }

    /// Reads the forms a settings form or an assignment event uses for a user: `A-123` or `123`; others as [`Self::parse`].
    pub fn parse_user(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        if !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::Agent(text.to_owned()));
        }
        Self::parse(text)
    }

    /// Whether no person acts under this id: a bot, an app, HubSpot's own AI or its system.
    pub fn is_machine(&self) -> bool {
        matches!(self, Self::Bot(_) | Self::Integration(_) | Self::Llm(_) | Self::System(_))
    }

    /// The user id inside `A-<user id>`.
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::Agent(id) => Some(id),
            _ => None,
        }
    }
}

// `E-…` is somebody's address, and what HubSpot adds may be one.
impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(_) => f.write_str("ActorId(E-..)"),
            Self::Other(_) => f.write_str("ActorId(..)"),
            known => write!(f, "ActorId({known})"),
        }
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, rest) = match self {
            Self::Agent(id) => ("A-", id),
            Self::Bot(id) => ("B-", id),
            Self::Email(id) => ("E-", id),
            Self::Integration(id) => ("I-", id),
            Self::Llm(id) => ("L-", id),
            Self::System(id) => ("S-", id),
            Self::Visitor(id) => ("V-", id),
            Self::Other(id) => ("", id),
        };
        write!(f, "{prefix}{rest}")
    }
}

impl TryFrom<String> for ActorId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<ActorId> for String {
    fn from(actor: ActorId) -> Self {
        actor.to_string()
    }
}

#[cfg(test)]
mod tests;
