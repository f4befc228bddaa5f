//! `/api/teammates`, `/api/inboxes`, `/api/pipelines`: what an admin chooses from.

use crate::Reply;
use crate::call::Call;
use crate::problem::Problem;
use domain::ActorId;
use hubspot::{HubSpotError, Owner, Portal};
use serde_json::{Value, json};

const OWNERS: &str = "crm.objects.owners.read";

pub(super) async fn teammates(call: &Call<'_>) -> Result<Reply, Problem> {
    let (portal, settings) = (call.portal().await?, call.draft().await?.settings);
    let chosen: Vec<ActorId> = [settings.ai_user, settings.default_user].into_iter().flatten().collect();
    let (active, archived) = futures::join!(portal.every_owner(false), portal.every_owner(true));
    let (mut listed, missing) = match (active, archived) {
        (Ok(active), archived) => {
            // A user who was removed and is still chosen has to be seen.
            let gone = archived.unwrap_or_default().into_iter().filter(|owner| is_among(owner, &chosen));
            (active.into_iter().chain(gone).filter_map(|owner| by_owner(&owner)).collect::<Vec<_>>(), None)
        }
        (Err(HubSpotError::MissingScopes(_)), _) => (Vec::new(), Some(OWNERS)),
        (Err(error), _) => return Err(error.into()),
    };
    for actor in chosen {
        let id = actor.to_string();
        if listed.iter().all(|mate| mate.get("actor_id").and_then(Value::as_str) != Some(&id)) {
            listed.push(by_actor(&portal, &actor, missing.is_some()).await);
        }
    }
    Ok(Reply::json(&json!({ "teammates": listed, "missing_scope": missing })))
}

fn is_among(owner: &Owner, actors: &[ActorId]) -> bool {
    actors.iter().any(|actor| actor.user_id().is_some_and(|id| Some(id) == owner.user_id.as_deref()))
}

fn by_owner(owner: &Owner) -> Option<Value> {
    let user = owner.user_id.as_ref()?;
    Some(json!({
        "actor_id": format!("A-{user}"), "owner_id": owner.id, "name": owner.name, "email": owner.email,
        "active": !owner.archived,
    }))
}

/// A user who is not in the list of owners. HubSpot still knows the name, but only that list tells whether the user is active.
async fn by_actor(portal: &Portal, actor: &ActorId, unlisted: bool) -> Value {
    let found = portal.actor(actor).await.ok();
    let active = unlisted && found.is_some();
    let (name, email) = found.map(|actor| (actor.name, actor.email)).unwrap_or_default();
    json!({ "actor_id": actor, "owner_id": null, "name": name, "email": email, "active": active })
}

pub(super) async fn inboxes(call: &Call<'_>) -> Result<Reply, Problem> {
    let inboxes = call.portal().await?.inboxes().await?;
    let inboxes: Vec<_> = inboxes
        .iter()
        .map(|inbox| {
            let kind = if inbox.help_desk { "HELP_DESK" } else { "INBOX" };
            json!({ "id": inbox.id, "name": inbox.name, "type": kind })
        })
        .collect();
    Ok(Reply::json(&json!({ "inboxes": inboxes })))
}

pub(super) async fn pipelines(call: &Call<'_>) -> Result<Reply, Problem> {
    let pipelines = call.portal().await?.ticket_pipelines().await?;
    let pipelines: Vec<_> = pipelines
        .iter()
        .map(|pipeline| {
            let stages = pipeline.stages.iter();
            let stages = stages.map(|stage| json!({ "id": stage.id, "label": stage.label, "closed": stage.closed }));
            json!({ "id": pipeline.id, "label": pipeline.label, "stages": stages.collect::<Vec<_>>() })
        })
        .collect();
    Ok(Reply::json(&json!({ "pipelines": pipelines })))
}
