//! The users of the portal.

use crate::hubspot::identity::AI_USER;
use serde::Deserialize;

/// A user of the portal. `A-<user_id>` in conversations, `owner_id` in the CRM: two numbers for one person.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Teammate {
    pub(crate) user_id: u64,
    pub(crate) owner_id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) archived: bool,
    /// Conversations can be assigned to them.
    #[serde(default = "seated")]
    pub(crate) seat: bool,
}

impl Teammate {
    /// As an actor of a conversation.
    pub(crate) fn actor(&self) -> String {
        format!("A-{}", self.user_id)
    }
}

fn seated() -> bool {
    true
}

/// The users that every portal begins with.
pub(crate) fn first_team() -> Vec<Teammate> {
    let mate = |user_id, owner_id, name: &str, email: &str| Teammate {
        user_id,
        owner_id,
        name: name.to_owned(),
        email: email.to_owned(),
        archived: false,
        seat: true,
    };
    vec![
        mate(AI_USER, 81_538_190, "AI Assistant", "ai@support.example"),
        mate(100, 81_538_100, "Rita Rep", "rita@support.example"),
        mate(101, 81_538_101, "Rob Rep", "rob@support.example"),
    ]
}
