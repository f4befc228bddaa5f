//! Actors: people, visitors and bots in conversations.

use crate::client::Portal;
use crate::error::HubSpotError;
use crate::wire::actor;
use domain::ActorId;
use serde::Deserialize;
use serde_json::json;
use transport::debug_only;
use transport::json::{JsonCall, Loose, WireError};

/// HubSpot reads at most this many actors in one call.
const ACTORS: usize = 100;

/// Somebody who takes part in conversations.
#[derive(Clone, PartialEq, Eq)]
pub struct Actor {
    /// The kind of actor and its number.
    pub id: ActorId,
    /// As HubSpot shows it.
    pub name: Option<String>,
    /// Visitors have one once HubSpot knows them.
    pub email: Option<String>,
}

// Not even the id: an e-mail actor's id is the address.
debug_only!(Actor {});

#[derive(Deserialize, Default)]
#[serde(default)]
struct ActorResponse {
    id: Loose,
    name: Loose,
    email: Loose,
}

impl TryFrom<ActorResponse> for Actor {
    type Error = WireError;

    fn try_from(wire: ActorResponse) -> Result<Self, WireError> {
        let id = actor(wire.id, "id")?.ok_or(WireError::missing("id"))?;
        Ok(Self { id, name: wire.name.filled(), email: wire.email.filled() })
    }
}

impl Portal {
    /// One actor's name and address.
    pub async fn actor(&self, actor: &ActorId) -> Result<Actor, HubSpotError> {
        let path = self.conversations().then("actors").then(actor);
        self.fetch::<ActorResponse, _>(JsonCall::get("read an actor", path)).await
    }

    /// Names and addresses of several actors. HubSpot leaves out those that it does not know.
    pub async fn actors(&self, actors: &[ActorId]) -> Result<Vec<Actor>, HubSpotError> {
        let mut found = Vec::with_capacity(actors.len());
        for part in actors.chunks(ACTORS) {
            let path = self.conversations().then("actors").then("batch").then("read");
            let inputs: Vec<String> = part.iter().map(ToString::to_string).collect();
            let call = JsonCall::post_repeatable("read actors", path, &json!({"inputs": inputs}));
            found.extend(self.list::<ActorResponse, Actor>(call).await?);
        }
        Ok(found)
    }
}
