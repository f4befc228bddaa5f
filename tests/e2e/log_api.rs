//! The console's API for the log, the figures and the signatures.

use crate::world::World;
use serde_json::{Value, json};

async fn get(world: &World, path: &str) -> Value {
    let (status, answer) = world.api("GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test(start_paused = true)]
async fn the_log_says_what_happened_to_a_message_and_why() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    let message = world.say(&thread, "hello").await;
    world.pass(5).await;
    world.assign(&thread, json!("A-100")).await;
    let unanswered = world.say(&thread, "again").await;
    world.pass(5).await;
    let page = get(&world, &format!("/api/deliveries?message={message}")).await;
    let one = page["deliveries"][0].clone();
    assert_eq!(
        (&one["state"], &one["message_id"], &one["thread_id"]),
        (&json!("done"), &json!(message), &json!(thread))
    );
    let whole = get(&world, &format!("/api/deliveries/{}", one["id"].as_str().unwrap())).await;
    let post = whole["steps"].as_array().unwrap().iter().find(|step| step["name"] == "post").unwrap();
    assert!(post["done"].is_string(), "{whole:#}");
    assert!(whole["links"]["thread"].as_str().unwrap().contains(&thread), "{whole:#}");
    let nonce = world.url.rsplit('/').next().unwrap().split('.').nth(1).unwrap();
    assert!(!whole.to_string().contains(&format!("\"{nonce}\"")), "the URL's nonce is nobody's business: {whole:#}");
    let page = get(&world, &format!("/api/deliveries?thread={thread}&state=skipped&limit=5")).await;
    let rows = page["deliveries"].as_array().unwrap();
    let skipped = rows.iter().find(|row| row["message_id"] == unanswered.as_str()).unwrap();
    assert_eq!(skipped["reason"], "not_ai_owner");
    assert!(skipped["why"].as_str().unwrap().contains("assigned to a person"), "{skipped}");
}

#[tokio::test(start_paused = true)]
async fn the_log_is_filtered_by_reason_and_what_failed_is_counted_for_a_replay() {
    let world = World::new().await;
    let threads = [world.thread("web").await, world.thread("web").await];
    world.say(&threads[0], "hello").await;
    world.pass(5).await;
    assert_eq!(get(&world, "/api/deliveries/failures").await, json!({ "failures": [], "truncated": false }));
    let fault = json!({ "method": "POST", "path": "/conversations", "status": 400, "times": 4 });
    world.hs("POST", "/_sim/faults", fault).await;
    let refused = [world.say(&threads[0], "one").await, world.say(&threads[1], "two").await];
    world.pass(5).await;
    let mut found = Vec::new();
    let mut path = "/api/deliveries?reason=hubspot_rejected&state=failed&limit=1".to_owned();
    loop {
        let page = get(&world, &path).await;
        let [row] = page["deliveries"].as_array().unwrap().as_slice() else { panic!("one each: {page:#}") };
        assert_eq!(row["reason"], "hubspot_rejected");
        found.push(row["message_id"].as_str().unwrap().to_owned());
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!(
            "/api/deliveries?reason=hubspot_rejected&state=failed&limit=1&cursor={}",
            cursor.replace('#', "%23")
        );
    }
    found.reverse();
    assert_eq!(found, refused);
    let counted = get(&world, "/api/deliveries/failures").await;
    assert_eq!(
        (
            &counted["failures"][0]["reason"],
            &counted["failures"][0]["count"],
            counted["failures"].as_array().unwrap().len()
        ),
        (&json!("hubspot_rejected"), &json!(2), 1)
    );
    assert!(counted["failures"][0]["why"].as_str().unwrap().contains("refused"), "{counted}");
    let (status, problem) = world.api("GET", "/api/deliveries?reason=bad_luck", Value::Null).await;
    assert_eq!((status, &problem["field"]), (400, &json!("reason")));
    let (_, other) = world.api_of("org_2", "GET", "/api/deliveries/failures", Value::Null).await;
    assert_eq!(other["failures"], json!([]));
    world.hs("DELETE", "/_sim/faults", Value::Null).await;
    let (_, answer) = world.api("POST", "/api/deliveries/replay", json!({ "reason": "hubspot_rejected" })).await;
    assert_eq!(answer["replayed"], 2);
    world.pass(5).await;
    assert_eq!(get(&world, "/api/deliveries/failures").await["failures"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn the_figures_count_outcomes_and_waits_and_say_where_they_end() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    world.script(json!([{ "contains": "slow", "reply": "Slowly", "delay_ms": 3000 }])).await;
    world.say(&thread, "slow one").await;
    world.pass(10).await;
    let stats = get(&world, "/api/stats").await;
    let sum =
        |field: &str| stats["buckets"].as_array().unwrap().iter().map(|b| b[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(stats["kinds"]["conversation.newMessage"], 2, "the customer's, and our own that came back: {stats:#}");
    assert_eq!(stats["reasons"]["own_message"], 1);
    assert!(sum("done") >= 1 && sum("failed") == 0, "{stats:#}");
    assert_eq!(stats["answer_seconds"]["samples"], 1);
    let waited = stats["answer_seconds"]["p50"].as_f64().unwrap();
    assert!((3.0..6.0).contains(&waited), "{stats:#}");
    let hours = stats["buckets"].as_array().unwrap();
    let measured: Vec<_> = hours.iter().filter(|hour| !hour["answer_p95"].is_null()).collect();
    assert_eq!(measured.len(), 1, "one hour has an answer: {stats:#}");
    assert_eq!(measured[0]["answer_p95"], stats["answer_seconds"]["p95"]);
    assert_eq!(measured[0]["lateness_p95"], stats["lateness_seconds"]["p95"]);
    assert_eq!(stats["truncated"], false);
    let (code, problem) =
        world.api("GET", "/api/stats?from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z", Value::Null).await;
    assert_eq!((code, &problem["field"]), (400, &json!("from")));
}

#[tokio::test(start_paused = true)]
async fn signatures_are_saved_tried_out_and_deleted() {
    let world = World::new().await;
    let put = |html: &str| json!({ "html": html });
    let (status, saved) = world.api("PUT", "/api/signatures/*.NL", put("<p>Groeten</p><script>x()</script>")).await;
    assert_eq!(
        (status, &saved["pattern"], &saved["html"], &saved["removed"]),
        (200, &json!("*.nl"), &json!("<p>Groeten</p>"), &json!(["script"]))
    );
    let (status, problem) = world.api("PUT", "/api/signatures/ada@open.cx", put("<p>x</p>")).await;
    assert_eq!((status, &problem["field"]), (400, &json!("pattern")));
    let (status, problem) = world.api("PUT", "/api/signatures/open.cx", put("<script>x()</script>")).await;
    assert_eq!((status, &problem["field"]), (400, &json!("html")));
    let (_, tried) = world.api("POST", "/api/signatures/preview", json!({ "address": "ada@a.co.nl" })).await;
    assert_eq!(tried, json!({ "pattern": "*.nl", "html": "<p>Groeten</p>", "text": "Groeten" }));
    let (_, none) = world.api("POST", "/api/signatures/preview", json!({ "address": "ada@nl.example" })).await;
    assert_eq!(none, json!({ "pattern": null, "html": "", "text": "" }));
    assert_eq!(get(&world, "/api/signatures").await["signatures"].as_array().unwrap().len(), 1);
    let (_, other) = world.api_of("org_2", "GET", "/api/signatures", Value::Null).await;
    assert_eq!(other["signatures"], json!([]));
    assert_eq!(world.api("DELETE", "/api/signatures/*.nl", Value::Null).await.0, 200);
    assert_eq!(world.api("DELETE", "/api/signatures/*.nl", Value::Null).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn the_audit_tells_who_saved_and_replayed_what() {
    let world = World::new().await;
    let thread = world.thread("web").await;
    let message = world.say(&thread, "hello").await;
    world.pass(5).await;
    world.api("PUT", "/api/signatures/open.cx", json!({ "html": "<p>Kind regards</p>" })).await;
    world.pass(1).await;
    let id = format!("message:{}:{message}", world.portal["portal_id"].as_str().unwrap());
    assert_eq!(world.api("POST", &format!("/api/deliveries/{id}/replay"), Value::Null).await.0, 202);
    world.pass(5).await;
    let audit = get(&world, "/api/audit").await;
    let line = |entry: &Value| format!("{} {} {}", entry["actor"], entry["action"], entry["what"]).replace('"', "");
    let lines: Vec<_> = audit["entries"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines[..2], [format!("admin delivery.replayed {id}"), "admin signature.saved open.cx".to_owned()]);
    assert_eq!(lines.len(), 4, "before that the organization was connected and its settings were saved: {lines:?}");
    assert_eq!(world.answers(&thread).await.len(), 1, "what was done stays done");
}
