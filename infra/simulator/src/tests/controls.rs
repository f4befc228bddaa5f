use super::*;

const OWNERS: &str = "/crm/v3/owners";

async fn post_ticket(world: &World) -> Reply {
    let body = json!({ "properties": { "subject": "x", "hs_pipeline_stage": "1" } });
    world.send(To::HubSpot, "POST", "/crm/v3/objects/tickets", &body).await
}

async fn tickets(world: &World) -> usize {
    world.control("GET", "/_sim/tickets", Value::Null).await.as_array().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn faults_come_in_order_and_as_often_as_asked() {
    let world = World::live().await;
    let fault = json!({ "method": "get", "path": "/crm", "status": 502, "times": 2 });
    world.control("POST", "/_sim/faults", fault).await;
    let busy = json!({ "path": "/crm", "status": 429, "headers": { "Retry-After": "1" } });
    world.control("POST", "/_sim/faults", busy).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(world.hs("GET", OWNERS, Value::Null).await.0);
    }
    assert_eq!(seen, [502, 502, 429, 200]);

    world.control("POST", "/_sim/faults", json!({ "status": 503, "body": { "odd": true } })).await;
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await, (503, json!({ "odd": true })));
    world.control("POST", "/_sim/faults", json!({ "status": 429 })).await;
    let (_, answer) = world.hs("GET", OWNERS, Value::Null).await;
    assert_eq!(answer["policyName"], "TEN_SECONDLY_ROLLING");
    world.control("POST", "/_sim/faults", json!({ "status": 500 })).await;
    world.control("DELETE", "/_sim/faults", Value::Null).await;
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await.0, 200);
    assert_eq!(world.hs("POST", "/_sim/faults", json!({ "stauts": 500 })).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_does_nothing_and_a_lost_answer_everything() {
    let world = World::live().await;
    world.control("POST", "/_sim/faults", json!({ "drop": true })).await;
    assert!(matches!(post_ticket(&world).await, Reply::Cut));
    assert_eq!(tickets(&world).await, 0);
    world.control("POST", "/_sim/faults", json!({ "lose_answer": true })).await;
    assert!(matches!(post_ticket(&world).await, Reply::Cut));
    assert_eq!(tickets(&world).await, 1);
    world.control("POST", "/_sim/faults", json!({ "half": true })).await;
    assert!(matches!(post_ticket(&world).await, Reply::Half(_)));
    assert_eq!(tickets(&world).await, 2);
    let statuses: Vec<Value> = calls(&world, "").await.iter().map(|call| call["status"].clone()).collect();
    assert_eq!(statuses, [Value::Null, Value::Null, json!(201)]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_has_done_its_work_although_the_caller_went_away() {
    let world = World::live().await;
    world.control("POST", "/_sim/faults", json!({ "delay_ms": 20_000 })).await;
    let gone = tokio::time::timeout(Duration::from_secs(10), post_ticket(&world)).await;
    assert!(gone.is_err());
    assert_eq!(tickets(&world).await, 1);
}

async fn calls(world: &World, query: &str) -> Vec<Value> {
    world.control("GET", &format!("/_sim/calls{query}"), Value::Null).await.as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn calls_are_listed_without_tokens_and_without_controls() {
    let world = World::live().await;
    world.hs("GET", "/crm/v3/owners?email=a%40b.c", Value::Null).await;
    world.clock.sleep(Duration::from_secs(5)).await;
    world.hs("POST", "/oauth/v2/private-apps/get/access-token-info", json!({ "tokenKey": world.token })).await;
    let all = calls(&world, "").await;
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["method"], &all[0]["path"]), (&json!("GET"), &json!(OWNERS)));
    assert_eq!((&all[0]["query"], &all[0]["status"]), (&json!("email=a%40b.c"), &json!(200)));
    assert_eq!(all[0]["headers"]["authorization"], "Bearer ***");
    assert_eq!(all[1]["body"], json!({ "tokenKey": "***" }));
    assert_eq!(calls(&world, "?since=2026-11-20T10:00:05Z").await.len(), 1);
    assert_eq!(calls(&world, "?since=1").await.len(), 1);
    world.control("DELETE", "/_sim/calls", Value::Null).await;
    assert!(calls(&world, "").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn hubspot_counts_requests_in_ten_seconds_and_searches_in_one() {
    let world = World::new();
    let mut last = None;
    for _ in 0..110 {
        last = Some(world.send(To::HubSpot, "GET", OWNERS, &Value::Null).await);
    }
    let Some(Reply::Answer(last)) = last else { panic!() };
    assert_eq!(
        (last.status().as_u16(), &last.headers()["x-hubspot-ratelimit-remaining"]),
        (200, &http::HeaderValue::from_static("0"))
    );
    let (status, answer) = world.hs("GET", OWNERS, Value::Null).await;
    assert_eq!((status, text(&answer, "policyName")), (429, "TEN_SECONDLY_ROLLING"));
    assert_eq!(text(&answer, "message"), "You have reached your ten_secondly_rolling limit.");

    for n in 0..6 {
        let Reply::Answer(answer) =
            world.send(To::HubSpot, "POST", "/crm/v3/objects/contacts/search", &json!({})).await
        else {
            panic!()
        };
        assert_eq!(answer.status().as_u16(), if n < 5 { 200 } else { 429 });
        assert!(!answer.headers().contains_key("x-hubspot-ratelimit-max"), "search has no such headers");
    }
    world.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await.0, 200);

    world.control("PUT", "/_sim/limits", json!({ "per_10_s": 1 })).await;
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await.0, 429);
    world.control("PUT", "/_sim/limits", json!({ "off": true })).await;
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_reset_forgets_everything_but_the_registration() {
    let world = World::live().await;
    let before = world.thread(json!({})).await;
    world.control("POST", "/_sim/faults", json!({ "status": 500 })).await;
    world.control("POST", "/_sim/reset", Value::Null).await;
    assert_eq!(world.control("GET", "/_sim/threads", Value::Null).await, json!([]));
    assert_eq!(world.hs("GET", OWNERS, Value::Null).await.0, 200);
    let after = world.thread(json!({})).await;
    assert_ne!(before["thread_id"], after["thread_id"]);
    assert!(!world.events().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_seed_gives_one_story() {
    let (one, two) = (World::live().await, World::live().await);
    for world in [&one, &two] {
        let thread = world.thread(json!({})).await;
        world
            .control("POST", &format!("/_sim/threads/{}/messages", text(&thread, "thread_id")), json!({ "text": "x" }))
            .await;
    }
    let shown = [
        one.control("GET", "/_sim/threads", Value::Null).await,
        two.control("GET", "/_sim/threads", Value::Null).await,
    ];
    assert_eq!(shown[0], shown[1]);
}
