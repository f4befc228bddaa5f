//! A session's ticket over time: further handoffs, merges, deletions, pipelines of the portal's own.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

async fn talking(world: &World) -> (String, String) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    let session = world.sessions().await.last().unwrap()["session_id"].as_str().unwrap().to_owned();
    (thread, session)
}

async fn resolve(world: &World, session: &str) {
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved", "summary": "Refunded" });
    world.invoke("resolve", ask).await.unwrap();
    world.pass(30).await;
}

async fn ticket(world: &World, id: &Value) -> Value {
    world.hs("GET", &format!("/_sim/tickets/{}", id.as_str().unwrap()), Value::Null).await
}

async fn give_back(world: &World, thread: &str) {
    world.pass(60).await;
    world.assign(thread, json!("A-100")).await;
    world.pass(60).await;
    world.assign(thread, world.portal["ai_user"].clone()).await;
    world.pass(10).await;
}

#[tokio::test(start_paused = true)]
async fn a_further_handoff_updates_the_open_ticket() {
    each_family(async || {
        let world = World::new().await;
        let (thread, session) = talking(&world).await;
        let first = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
        give_back(&world, &thread).await;
        let mut ask = world.handoff(&session, Some(&thread));
        ask["session"]["summary"] = json!("Wants an apology, too");
        let second = world.invoke("handoff", ask).await.unwrap();
        assert_eq!((&second["ticket"], &second["ticket_id"]), (&json!("updated"), &first["ticket_id"]));
        let content = ticket(&world, &first["ticket_id"]).await["properties"]["content"].as_str().unwrap().to_owned();
        assert!(content.contains("Wants a refund") && content.contains("Wants an apology, too"), "{content}");
        assert_eq!((world.tickets().await.len(), world.comments(&thread).await.len()), (1, 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_was_closed_lately_is_reopened_by_a_further_handoff() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let first = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    resolve(&world, &session).await;
    assert_eq!(ticket(&world, &first["ticket_id"]).await["properties"]["hs_pipeline_stage"], "4");
    world.pass(DAY / 2).await;
    let ask = world.handoff(&session, Some(&thread));
    let second = world.invoke("handoff", ask.clone()).await.unwrap();
    assert_eq!((&second["ticket"], &second["ticket_id"]), (&json!("reopened"), &first["ticket_id"]));
    assert_eq!(ticket(&world, &first["ticket_id"]).await["properties"]["hs_pipeline_stage"], "1");
    assert_eq!(world.invoke("handoff", ask).await.unwrap(), second);
}

#[tokio::test(start_paused = true)]
async fn a_reopening_whose_answer_is_lost_is_still_called_one() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    resolve(&world, &session).await;
    world.hubspot_fault(json!({ "method": "PATCH", "path": "/crm", "lose_answer": true, "times": 4 })).await;
    let ask = world.handoff(&session, Some(&thread));
    world.invoke("handoff", ask.clone()).await.unwrap_err();
    let answer = world.invoke("handoff", ask).await.unwrap();
    assert_eq!(answer["ticket"], "reopened");
    let content = ticket(&world, &answer["ticket_id"]).await["properties"]["content"].as_str().unwrap().to_owned();
    assert_eq!(content.matches("OpenCX handoff").count(), 2, "{content}");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_closed_long_ago_is_followed_by_a_new_one_that_names_it() {
    let world = World::with_settings(json!({ "reopen_within_days": 1 })).await;
    let (thread, session) = talking(&world).await;
    let first = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    resolve(&world, &session).await;
    world.pass(DAY + 60).await;
    let second = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!(second["ticket"], "created");
    assert_ne!(second["ticket_id"], first["ticket_id"]);
    let content = ticket(&world, &second["ticket_id"]).await["properties"]["content"].as_str().unwrap().to_owned();
    assert!(content.contains(&format!("Follows ticket {}", first["ticket_id"].as_str().unwrap())), "{content}");
    assert_eq!(ticket(&world, &first["ticket_id"]).await["properties"]["hs_pipeline_stage"], "4");
}

#[tokio::test(start_paused = true)]
async fn two_threads_of_one_ticket_share_it_and_each_gets_its_comment() {
    let world = World::new().await;
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
    let first = world.thread_with(json!({ "channel": "email", "contact": contact, "inbox": "HELP_DESK" })).await;
    let shared = world.hs("GET", &format!("/_sim/threads/{first}"), Value::Null).await["ticket_id"].clone();
    let second = world.thread("email").await;
    world.hs("PATCH", &format!("/_sim/threads/{second}"), json!({ "ticket_id": shared })).await;
    let mut sessions = Vec::new();
    for thread in [&first, &second] {
        world.write(thread, json!({ "from": "visitor", "text": "hello there", "subject": "Help" })).await;
        world.pass(15).await;
        sessions.push(world.sessions().await.last().unwrap()["session_id"].as_str().unwrap().to_owned());
    }
    for (thread, session) in [&first, &second].into_iter().zip(&sessions) {
        let answer = world.invoke("handoff", world.handoff(session, Some(thread))).await.unwrap();
        assert_eq!((&answer["ticket"], &answer["ticket_id"]), (&json!("updated"), &shared));
    }
    assert_eq!(world.tickets().await.len(), 1);
    assert_eq!(world.comments(&second).await.len(), 1);
    assert!(ticket(&world, &shared).await["notes"].to_string().contains("AI decided to handoff"));
}

#[tokio::test(start_paused = true)]
async fn a_closed_help_desk_ticket_goes_on() {
    let world = World::new().await;
    let contact = json!({ "name": "Ada Example", "email": "ada@example.com" });
    let thread = world.thread_with(json!({ "channel": "email", "contact": contact, "inbox": "HELP_DESK" })).await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello there", "subject": "Help" })).await;
    world.pass(15).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let id = world.tickets().await[0]["ticket_id"].clone();
    let path = format!("/_sim/tickets/{}", id.as_str().unwrap());
    world.hs("PATCH", &path, json!({ "properties": { "hs_pipeline_stage": "4" } })).await;
    world.pass(5).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!((&answer["ticket"], &answer["ticket_id"]), (&json!("reopened"), &id));
    assert_eq!(ticket(&world, &id).await["properties"]["hs_pipeline_stage"], "1");
}

#[tokio::test(start_paused = true)]
async fn the_portals_own_pipeline_and_stages_are_used() {
    let settings = json!({ "pipeline_id": "900", "closed_stage_id": "904" });
    let world = World::with_settings(settings).await;
    let stage = |id: &str, closed: bool| json!({ "id": id, "label": format!("Stage {id}"), "closed": closed });
    world
        .hs(
            "PUT",
            "/_sim/pipelines",
            json!([
                { "id": "0", "label": "Support", "stages": [stage("1", false), stage("4", true)] },
                { "id": "900", "label": "Returns", "stages": [stage("903", true), stage("901", false), stage("904", true)] },
            ]),
        )
        .await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    let properties = ticket(&world, &answer["ticket_id"]).await["properties"].clone();
    assert_eq!((&properties["hs_pipeline"], &properties["hs_pipeline_stage"]), (&json!("900"), &json!("901")));
    resolve(&world, &session).await;
    assert_eq!(ticket(&world, &answer["ticket_id"]).await["properties"]["hs_pipeline_stage"], "904");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_reps_moved_closes_in_the_pipeline_it_is_in() {
    // The stage in the settings belongs to another pipeline: the first closed one of the ticket's own is used.
    let world = World::with_settings(json!({ "closed_stage_id": "4" })).await;
    let stage = |id: &str, closed: bool| json!({ "id": id, "label": format!("Stage {id}"), "closed": closed });
    world
        .hs(
            "PUT",
            "/_sim/pipelines",
            json!([
                { "id": "0", "label": "Support", "stages": [stage("1", false), stage("4", true)] },
                { "id": "900", "label": "Returns", "stages": [stage("901", false), stage("903", true), stage("904", true)] },
            ]),
        )
        .await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    let path = format!("/_sim/tickets/{}", answer["ticket_id"].as_str().unwrap());
    world.hs("PATCH", &path, json!({ "properties": { "hs_pipeline": "900", "hs_pipeline_stage": "901" } })).await;
    resolve(&world, &session).await;
    assert_eq!(ticket(&world, &answer["ticket_id"]).await["properties"]["hs_pipeline_stage"], "903");
}

#[tokio::test(start_paused = true)]
async fn a_full_ticket_still_says_how_it_ended() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    let path = format!("/_sim/tickets/{}", answer["ticket_id"].as_str().unwrap());
    let full = "words ".repeat(65_536 / 6);
    world.hs("PATCH", &path, json!({ "properties": { "content": full } })).await;
    resolve(&world, &session).await;
    let properties = ticket(&world, &answer["ticket_id"]).await["properties"].clone();
    let content = properties["content"].as_str().unwrap();
    assert!(content.encode_utf16().count() <= 65_536 && content.contains("Refunded"));
    assert_eq!(properties["hs_pipeline_stage"], "4");
}

#[tokio::test(start_paused = true)]
async fn a_merged_tickets_session_goes_on_with_the_one_that_is_left() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let gone = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap()["ticket_id"].clone();
    let left = world.invoke("handoff", world.handoff("s-other", None)).await.unwrap()["ticket_id"].clone();
    let path = format!("/_sim/tickets/{}/merge", gone.as_str().unwrap());
    world.hs("POST", &path, json!({ "into": left })).await;
    world.pass(5).await;
    assert_eq!(world.log_of("ticket.merge").await, ["done"]);
    assert_eq!(world.session().await["hubspot"]["hubspot_ticket_id"], left);
    let again = world.invoke("reply", json!({ "org_id": ORG, "session_id": session, "message": { "id": "m-1", "sender": "contact", "text": "by phone" } })).await.unwrap();
    assert_eq!(again["posted_as"], "note");
    assert!(ticket(&world, &left).await["notes"].to_string().contains("by phone"));
    resolve(&world, &session).await;
    assert_eq!(ticket(&world, &left).await["properties"]["hs_pipeline_stage"], "4");
}

#[tokio::test(start_paused = true)]
async fn a_merge_nobody_told_of_is_noticed_at_the_close() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let gone = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap()["ticket_id"].clone();
    let left = world.invoke("handoff", world.handoff("s-other", None)).await.unwrap()["ticket_id"].clone();
    world.quiet_webhooks().await;
    world.hs("POST", &format!("/_sim/tickets/{}/merge", gone.as_str().unwrap()), json!({ "into": left })).await;
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
    world.invoke("resolve", ask).await.unwrap();
    let close = json!({ "org_id": ORG, "session_id": session, "lifecycle_epoch": 1 });
    let answer = world.invoke("close", close).await.unwrap();
    assert_eq!((&answer["outcome"], &answer["ticket_id"]), (&json!("closed"), &left));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_ticket_is_unlinked_and_the_next_handoff_opens_a_new_one() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let gone = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap()["ticket_id"].clone();
    world.hs("DELETE", &format!("/_sim/tickets/{}", gone.as_str().unwrap()), Value::Null).await;
    world.pass(5).await;
    assert_eq!(world.log_of("ticket.deletion").await, ["done"]);
    let ask = json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" });
    assert_eq!(world.invoke("resolve", ask).await.unwrap()["skipped"], "no_ticket");
    world.say(&thread, "hello again").await;
    world.pass(5).await;
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    assert_ne!(answer["ticket_id"], gone);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_ticket_that_is_merged_or_deleted_is_nobodys() {
    let world = World::new().await;
    talking(&world).await;
    let number = |id: u64| json!(id);
    let events = [
        world.event(
            "ticket.merge",
            &json!({ "objectId": 55, "primaryObjectId": 55, "mergedObjectIds": [56, number(57)] }),
        ),
        world.event("ticket.deletion", &json!({ "objectId": 58 })),
    ];
    world.hs("POST", "/_sim/events", json!(events)).await;
    world.pass(5).await;
    assert_eq!(world.log_of("ticket.merge").await, ["skipped unlinked_ticket"]);
    assert_eq!(world.log_of("ticket.deletion").await, ["skipped unlinked_ticket"]);
}

#[tokio::test(start_paused = true)]
async fn the_conversation_closes_with_its_ticket_where_that_is_wanted() {
    each_family(async || {
        for closed_before in [false, true] {
            let world = World::with_settings(json!({ "close_thread_on_resolve": true })).await;
            let (thread, session) = talking(&world).await;
            let id =
                world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap()["ticket_id"].clone();
            if closed_before {
                let path = format!("/_sim/tickets/{}", id.as_str().unwrap());
                world.quiet_webhooks().await;
                world.hs("PATCH", &path, json!({ "properties": { "hs_pipeline_stage": "4" } })).await;
            }
            resolve(&world, &session).await;
            let state = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
            assert_eq!(state["status"], "CLOSED", "closed before: {closed_before}");
        }
    })
    .await;
}
