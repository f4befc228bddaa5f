//! Custom data and ticket properties, in both directions; a ticket that a rep closes or reopens.

use crate::family::each_family;
use crate::length::length;
use crate::world::{ORG, World};
use hubspot::{NewProperty, PropertyKind};
use serde_json::{Value, json};

/// A property that the portal's admin has added.
async fn add(world: &World, name: &str, kind: PropertyKind, options: &[&str]) {
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    let property = NewProperty {
        name: name.into(),
        label: name.into(),
        group: "ticketinformation".into(),
        kind,
        unique: false,
        options,
    };
    world.portal_client().create_ticket_property(&property).await.unwrap();
}

/// A conversation that was handed off: world, session, ticket.
async fn handed_off(settings: Value) -> (World, String, String) {
    let world = World::with_settings(settings).await;
    add(&world, "plan", PropertyKind::Text, &[]).await;
    add(&world, "seats", PropertyKind::Number, &[]).await;
    add(&world, "vip", PropertyKind::Checkbox, &[]).await;
    add(&world, "tier", PropertyKind::Choice, &["gold", "silver"]).await;
    add(&world, "renewal", PropertyKind::Date, &[]).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let answer = world.invoke("handoff", world.handoff(&session, Some(&thread))).await.unwrap();
    world.pass(5).await;
    let ticket = answer["ticket_id"].as_str().unwrap().to_owned();
    (world, session, ticket)
}

async fn sync(world: &World, session: &str, custom_data: Value) -> Value {
    world.invoke("sync", json!({ "org_id": ORG, "session_id": session, "custom_data": custom_data })).await.unwrap()
}

async fn properties(world: &World, ticket: &str) -> Value {
    world.hs("GET", &format!("/_sim/tickets/{ticket}"), Value::Null).await["properties"].clone()
}

/// A rep changes the ticket.
async fn change(world: &World, ticket: &str, properties: Value) {
    world.hs("PATCH", &format!("/_sim/tickets/{ticket}"), json!({ "properties": properties })).await;
    world.pass(3).await;
}

async fn custom_data(world: &World) -> Value {
    world.session().await["custom_data"].clone()
}

async fn reasons(world: &World) -> Vec<String> {
    world.log_of("ticket.propertyChange").await
}

#[tokio::test(start_paused = true)]
async fn custom_data_becomes_properties_each_in_its_own_form() {
    each_family(async || {
        let settings = json!({ "property_map": { "level": "tier" } });
        let (world, session, ticket) = handed_off(settings).await;
        let data = json!({
            "plan": "pro", "Seats": "12.0", "vip": "yes", "level": "GOLD", "renewal": "2026-12-24T10:00:00Z",
            "unknown key": "x", "subject": "mine", "empty": "",
        });
        let answer = sync(&world, &session, data.clone()).await;
        assert_eq!(answer["properties_pushed"], json!(["Seats", "level", "plan", "renewal", "vip"]));
        let warnings: Vec<_> =
            answer["warnings"].as_array().unwrap().iter().map(|w| w["message"].as_str().unwrap()).collect();
        let expected = [
            "subject: the property is not written from custom data",
            "unknown key: the portal has no ticket property for it",
        ];
        assert_eq!(warnings, expected);
        let now = properties(&world, &ticket).await;
        let values = ["plan", "seats", "vip", "tier", "renewal"].map(|name| now[name].clone());
        assert_eq!(values, ["pro", "12", "true", "gold", "2026-12-24"].map(Value::from));

        // The same request again has its answer, and no call.
        world.pass(3).await;
        world.forget_calls().await;
        assert_eq!(sync(&world, &session, data).await, answer);
        assert!(world.calls().await.0.is_empty());
        // Our own changes do not come back.
        assert!(reasons(&world).await.iter().all(|line| line == "skipped echo"), "{:?}", reasons(&world).await);
        assert!(world.session().await["custom_data"].get("seats").is_none());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_does_not_fit_costs_itself_only() {
    let (world, session, ticket) = handed_off(json!({})).await;
    let answer =
        sync(&world, &session, json!({ "plan": "pro", "seats": "a dozen", "tier": "bronze", "vip": { "a": 1 } })).await;
    assert_eq!(answer["properties_pushed"], json!(["plan"]));
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 3, "{answer}");
    assert_eq!(properties(&world, &ticket).await["plan"], "pro");

    // HubSpot changes its mind about what it takes after we have read it.
    world
        .hubspot_fault(json!({ "method": "PATCH", "path": "/crm", "status": 400, "body": {
        "status": "error", "category": "VALIDATION_ERROR", "message": "Property values were not valid",
        "errors": [{ "code": "INVALID_OPTION", "message": "no", "context": { "propertyName": ["tier"] } }],
    } }))
        .await;
    let answer = sync(&world, &session, json!({ "plan": "max", "tier": "gold" })).await;
    assert_eq!(
        (&answer["properties_pushed"], &answer["warnings"][0]["message"]),
        (&json!(["plan"]), &json!("tier: HubSpot does not take its value"))
    );
    assert_eq!(properties(&world, &ticket).await["plan"], "max");
}

#[tokio::test(start_paused = true)]
async fn missing_properties_are_created_where_that_is_wanted() {
    let (world, session, ticket) = handed_off(json!({ "create_properties": true })).await;
    let answer = sync(&world, &session, json!({ "Loyal since": "2019", "Score": 7.5, "Is partner": true })).await;
    assert_eq!((&answer["warnings"], answer["properties_pushed"].as_array().unwrap().len()), (&json!([]), 3));
    let now = properties(&world, &ticket).await;
    assert_eq!(
        (&now["loyal_since"], &now["score"], &now["is_partner"]),
        (&json!("2019"), &json!("7.5"), &json!("true"))
    );
    change(&world, &ticket, json!({ "score": "9" })).await;
    assert_eq!(custom_data(&world).await["Score"], 9);
}

#[tokio::test(start_paused = true)]
async fn without_a_ticket_the_data_waits_for_the_handoff() {
    let world = World::new().await;
    add(&world, "plan", PropertyKind::Text, &[]).await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let answer = sync(&world, &session, json!({ "plan": "pro" })).await;
    assert_eq!(answer["warnings"][0]["code"], "no_ticket");
    let mut handoff = world.handoff(&session, Some(&thread));
    handoff["session"]["custom_data"] = json!({ "plan": "pro" });
    let ticket = world.invoke("handoff", handoff).await.unwrap()["ticket_id"].as_str().unwrap().to_owned();
    assert_eq!(properties(&world, &ticket).await["plan"], "pro");
    // The handoff has written it: nothing is left to do, and the rep's change is news.
    world.pass(5).await;
    world.forget_calls().await;
    assert_eq!(sync(&world, &session, json!({ "plan": "pro" })).await["properties_pushed"], json!(["plan"]));
    assert!(world.calls().await.0.iter().all(|call| !call.starts_with("PATCH")));
    change(&world, &ticket, json!({ "plan": "max" })).await;
    assert_eq!(custom_data(&world).await["plan"], "max");
}

#[tokio::test(start_paused = true)]
async fn a_reps_change_reaches_the_custom_data_typed_and_under_its_own_key() {
    let (world, session, ticket) = handed_off(json!({ "property_map": { "level": "tier" } })).await;
    change(&world, &ticket, json!({ "plan": "basic", "seats": "3", "vip": "false", "tier": "silver" })).await;
    let data = custom_data(&world).await;
    let values = ["plan", "seats", "vip", "level"].map(|key| data[key].clone());
    assert_eq!(values, [json!("basic"), json!(3), json!(false), json!("silver")]);
    // A property that was written from another key goes back to it.
    sync(&world, &session, json!({ "Seats": 4 })).await;
    change(&world, &ticket, json!({ "seats": "5" })).await;
    assert_eq!(properties(&world, &ticket).await["seats"], "5");
    assert!(custom_data(&world).await.as_object().unwrap().values().any(|value| *value == 5));
}

#[tokio::test(start_paused = true)]
async fn every_reason_not_to_take_a_change_is_said() {
    let (world, session, ticket) = handed_off(json!({})).await;
    sync(&world, &session, json!({ "plan": "pro" })).await;
    world.pass(60).await;
    let older = world.event("ticket.propertyChange", &json!({ "objectId": ticket.parse::<u64>().unwrap(), "propertyName": "plan", "propertyValue": "old", "changeSource": "CRM_UI", "sourceId": "userId:100" }));
    world.pass(60).await;
    let send = async |event: Value| {
        world.hs("POST", "/_sim/events", json!([event])).await;
        world.pass(3).await;
        reasons(&world).await.last().unwrap().clone()
    };
    let event = |more: Value| {
        let mut event = world.event("ticket.propertyChange", &json!({ "objectId": ticket.parse::<u64>().unwrap(), "propertyName": "plan", "changeSource": "CRM_UI", "sourceId": "userId:100" }));
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    assert_eq!(send(event(json!({ "propertyValue": "" }))).await, "skipped empty_property_value");
    assert_eq!(send(event(json!({ "propertyValue": null }))).await, "skipped empty_property_value");
    assert_eq!(send(event(json!({ "propertyValue": "pro" }))).await, "skipped echo");
    let app = world.portal["app_id"].as_str().unwrap();
    assert_eq!(
        send(event(json!({ "propertyValue": "mine", "changeSource": "INTEGRATION", "sourceId": app }))).await,
        "skipped echo"
    );
    assert_eq!(send(event(json!({ "propertyValue": "x", "objectId": 99 }))).await, "skipped unlinked_ticket");
    change(&world, &ticket, json!({ "plan": "new" })).await;
    assert_eq!(reasons(&world).await.last().unwrap(), "done");
    assert_eq!(send(older).await, "skipped stale_change");
    assert_eq!(custom_data(&world).await["plan"], "new");
}

#[tokio::test(start_paused = true)]
async fn where_tickets_are_disabled_their_changes_are_nobodys() {
    let world = World::with_settings(json!({ "ticketing_enabled": false })).await;
    let event =
        world.event("ticket.propertyChange", &json!({ "objectId": 1, "propertyName": "plan", "propertyValue": "pro" }));
    world.hs("POST", "/_sim/events", json!([event])).await;
    world.pass(3).await;
    assert_eq!(reasons(&world).await, ["skipped ticketing_disabled"]);
}

#[tokio::test(start_paused = true)]
async fn what_hubspot_does_not_tell_of_is_seen_on_the_next_event_of_the_ticket() {
    let (world, _, ticket) = handed_off(json!({ "property_map": { "plan": "plan" } })).await;
    let only_stages = json!(["conversation.newMessage", "ticket.propertyChange:hs_pipeline_stage"]);
    let hook =
        json!({ "url": world.url, "client_secret": world.portal["client_secret"], "subscriptions": only_stages });
    world.hs("PUT", "/_sim/webhook", hook).await;
    change(&world, &ticket, json!({ "plan": "max" })).await;
    assert!(custom_data(&world).await.get("plan").is_none());
    change(&world, &ticket, json!({ "hs_pipeline_stage": "2" })).await;
    assert_eq!(custom_data(&world).await["plan"], "max");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_closed_in_hubspot_resolves_the_session_and_a_reopened_one_opens_it() {
    let (world, _, ticket) = handed_off(json!({})).await;
    change(&world, &ticket, json!({ "hs_pipeline_stage": "4" })).await;
    let session = world.session().await;
    assert_eq!((&session["status"], &session["reflected"]), (&json!("closed_resolved"), &json!(false)));
    world.pass(60).await;
    assert_eq!(properties(&world, &ticket).await["hs_pipeline_stage"], "4");
    change(&world, &ticket, json!({ "hs_pipeline_stage": "2" })).await;
    let session = world.session().await;
    assert_eq!((&session["status"], &session["handed_off"]), (&json!("open"), &json!(true)));
    let (world, _, ticket) = handed_off(json!({ "resolve_session_on_ticket_close": false })).await;
    change(&world, &ticket, json!({ "hs_pipeline_stage": "4" })).await;
    assert_eq!(world.session().await["status"], "open");
}

#[tokio::test(start_paused = true)]
async fn the_bridges_own_close_is_no_news_to_the_session() {
    let (world, session, ticket) = handed_off(json!({})).await;
    world
        .invoke("resolve", json!({ "org_id": ORG, "session_id": session, "status": "closed_resolved" }))
        .await
        .unwrap();
    world.pass(60).await;
    assert_eq!(properties(&world, &ticket).await["hs_pipeline_stage"], "4");
    let stages: Vec<_> = reasons(&world).await.into_iter().filter(|line| line != "skipped echo").collect();
    assert!(stages.is_empty(), "{stages:?}");
}

#[tokio::test(start_paused = true)]
async fn resumed_by_opencx_the_conversation_is_the_ais_again() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(60).await;
    world.assign(&thread, json!("A-100")).await;
    world.pass(60).await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    world.invoke("sync", json!({ "org_id": ORG, "session_id": session, "ai": "resumed" })).await.unwrap();
    world.pass(5).await;
    let now = world.hs("GET", &format!("/_sim/threads/{thread}"), Value::Null).await;
    assert_eq!(now["assigned_to"], world.portal["ai_user"]);
    world.say(&thread, "and now?").await;
    world.pass(5).await;
    assert_eq!(world.answers(&thread).await.last().unwrap(), "You said: and now?");
}

#[tokio::test(start_paused = true)]
async fn while_not_live_nothing_is_synced() {
    let (world, session, ticket) = handed_off(json!({})).await;
    world.change_settings(|settings| settings.enabled = false).await;
    let answer = sync(&world, &session, json!({ "plan": "pro" })).await;
    assert_eq!(answer["warnings"][0]["code"], "not_enabled");
    assert!(properties(&world, &ticket).await.get("plan").is_none());
    world.change_settings(|settings| settings.enabled = true).await;
    sync(&world, &session, json!({ "plan": "pro" })).await;
    assert_eq!(properties(&world, &ticket).await["plan"], "pro");
}

/// Small and seeded: a walk needs no more.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[tokio::test(start_paused = true)]
async fn walk_of_both_directions_ends_in_agreement_and_in_silence() {
    let (world, session, ticket) = handed_off(json!({})).await;
    let mut dice = Dice(0x5EED_CAFE);
    let mut events = Vec::new();
    for step in 0..length(500, 10_000) {
        // HubSpot tells two changes of one property apart by their milliseconds.
        tokio::time::sleep(std::time::Duration::from_millis(1 + dice.below(20))).await;
        let (name, value) = match dice.below(2) {
            0 => ("plan", json!(format!("p{}", dice.below(4)))),
            _ => ("seats", json!(dice.below(4))),
        };
        match dice.below(10) {
            0..4 => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                world.hs("PATCH", &format!("/_sim/tickets/{ticket}"), json!({ "properties": { name: text } })).await;
                let fields = json!({ "objectId": ticket.parse::<u64>().unwrap(), "propertyName": name, "propertyValue": text, "changeSource": "CRM_UI", "sourceId": "userId:100" });
                events.push(world.event("ticket.propertyChange", &fields));
            }
            4..8 => {
                // OpenCX writes it and tells us, as it does of every change of custom data.
                let data = json!({ name: value });
                let body = json!({ "custom_data": data });
                world.ocx("PATCH", &format!("/_sim/sessions/{session}"), body).await;
                let request = json!({ "org_id": ORG, "session_id": session, "custom_data": data });
                // Where both directions meet, the caller is told to repeat it.
                while world.invoke("sync", request.clone()).await.is_err() {
                    world.pass(1).await;
                }
            }
            8 if !events.is_empty() => {
                // HubSpot repeats itself, and not in order.
                let at = usize::try_from(dice.below(events.len() as u64)).unwrap();
                world.hs("POST", "/_sim/events", json!([events[at]])).await;
            }
            _ => world.pass(dice.below(4)).await,
        }
        if step % 100 == 99 {
            world.pass(20).await;
            // OpenCX reflects what it has; this must end.
            let mine = custom_data(&world).await;
            let both: serde_json::Map<_, _> =
                ["plan", "seats"].into_iter().filter_map(|k| Some((k.to_owned(), mine.get(k)?.clone()))).collect();
            sync(&world, &session, Value::Object(both)).await;
            world.pass(20).await;
            let (here, there) = (custom_data(&world).await, properties(&world, &ticket).await);
            for name in ["plan", "seats"] {
                let text = here.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
                let theirs = there.get(name).and_then(Value::as_str).map(str::to_owned);
                assert_eq!(text, theirs, "step {step}: {name}");
            }
            // What was posted is looked at twice: has it arrived?
            world.pass(3_600).await;
            world.forget_calls().await;
            world.pass(120).await;
            let (hubspot, opencx) = world.calls().await;
            assert!(hubspot.is_empty() && opencx.is_empty(), "step {step}: {hubspot:?} {opencx:?}");
        }
    }
}
