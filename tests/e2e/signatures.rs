//! E-mails end in the signature of the domain they are sent from.

use crate::family::each_family;
use crate::world::{Differently, ORG, World};
use domain::OrgId;
use runtime::functions::CONNECT;
use serde_json::{Value, json};

fn org() -> OrgId {
    OrgId::parse(ORG).unwrap()
}

async fn sign(world: &World, pattern: &str, html: &str) {
    operations::save_signature(&world.bridge_of(&CONNECT), &org(), pattern, html).await.unwrap();
}

/// The customer writes an e-mail, and has its answer.
async fn mail(world: &World, thread: &str, text: &str) {
    world.write(thread, json!({ "from": "visitor", "text": text, "subject": "Question" })).await;
    world.pass(10).await;
}

/// Our last message, as text and HTML.
async fn last(world: &World, thread: &str) -> (String, String) {
    let entries = world.entries(thread).await;
    let ours = |m: &&Value| !m["integration_app_id"].is_null();
    let last = entries.iter().rfind(ours).unwrap();
    (last["text"].as_str().unwrap().to_owned(), last["rich_text"].as_str().unwrap().to_owned())
}

async fn sent_from(world: &World, address: Value) {
    world.hs("PUT", "/_sim/email-address", json!({ "address": address })).await;
    world.forget_what_was_read();
}

#[tokio::test(start_paused = true)]
async fn the_ais_e_mail_ends_in_the_signature_of_the_inbox_it_is_sent_from() {
    each_family(async || {
        let world = World::new().await;
        sign(&world, "*.example", "<p>Any example</p>").await;
        sign(&world, "support.example", "<p>Kind regards,<br><b>Support</b></p><script>steal()</script>").await;
        let thread = world.thread("email").await;
        mail(&world, &thread, "by e-mail").await;
        let (text, html) = last(&world, &thread).await;
        assert_eq!(text, "You said: by e-mail\n\nKind regards,\nSupport");
        assert!(html.contains("<b>Support</b>") && html.contains("<!-- OpenCX-AI-Response -->"), "{html}");
        assert!(!html.contains("steal"), "{html}");
        sent_from(&world, json!("help@shop.example")).await;
        mail(&world, &thread, "again").await;
        assert_eq!(last(&world, &thread).await.0, "You said: again\n\nAny example");
        sent_from(&world, json!("help@shop.test")).await;
        mail(&world, &thread, "once more").await;
        assert_eq!(last(&world, &thread).await.0, "You said: once more");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_inbox_without_address_signs_for_the_ai_users_domain() {
    let world = World::new().await;
    sign(&world, "support.example", "<p>The AI's own</p>").await;
    sent_from(&world, Value::Null).await;
    let thread = world.thread("email").await;
    mail(&world, &thread, "hello").await;
    assert_eq!(last(&world, &thread).await.0, "You said: hello\n\nThe AI's own");
}

#[tokio::test(start_paused = true)]
async fn chats_and_drafts_carry_no_signature() {
    let world = World::with_settings(json!({ "assist_mode": { "email": true } })).await;
    sign(&world, "support.example", "<p>Kind regards</p>").await;
    let chat = world.thread("web").await;
    world.say(&chat, "hello").await;
    world.pass(5).await;
    assert_eq!(world.answers(&chat).await, ["You said: hello"]);
    let thread = world.thread("email").await;
    mail(&world, &thread, "hello").await;
    let drafts = world.comments(&thread).await;
    assert_eq!(drafts.len(), 1);
    assert!(!drafts[0].contains("Kind regards"), "{drafts:?}");
}

#[tokio::test(start_paused = true)]
async fn an_agents_e_mail_is_signed_once_and_the_answer_names_the_pattern() {
    let world = World::new().await;
    sign(&world, "*.example", "<p>Kind regards</p>").await;
    let thread = world.thread("email").await;
    mail(&world, &thread, "hello").await;
    let session = world.session().await["session_id"].as_str().unwrap().to_owned();
    let ask = |id: &str, text: &str| json!({ "org_id": ORG, "session_id": session, "message": { "id": id, "text": text, "sender": "agent" } });
    let answer = world.invoke("reply", ask("m-1", "From a person")).await.unwrap();
    assert_eq!(answer["signature"], "*.example");
    assert_eq!(last(&world, &thread).await.0, "From a person\n\nKind regards");
    world.invoke("reply", ask("m-2", "I sign myself.\n\nKind regards")).await.unwrap();
    assert_eq!(last(&world, &thread).await.0, "I sign myself.\n\nKind regards");
    let again = world.invoke("reply", ask("m-1", "From a person")).await.unwrap();
    assert_eq!(again, answer);
}

#[tokio::test(start_paused = true)]
async fn a_signed_e_mail_whose_confirmation_was_lost_is_recognised_even_if_the_signature_has_changed() {
    let world = World::new().await;
    sign(&world, "*.example", "<p>Kind regards</p>").await;
    let thread = world.thread("email").await;
    mail(&world, &thread, "hello").await;
    let calls = world.calls().await.0;
    let path = calls.iter().find_map(|c| c.strip_prefix("POST ").filter(|p| p.ends_with("/messages"))).unwrap();
    world.hubspot_fault(json!({ "method": "POST", "path": path, "lose_answer": true })).await;
    world.write(&thread, json!({ "from": "visitor", "text": "again", "subject": "Question" })).await;
    world.pass(7).await;
    sign(&world, "*.example", "<p>Yours</p>").await;
    world.pass(60).await;
    let again = world.answers(&thread).await.into_iter().filter(|a| a.contains("again")).collect::<Vec<_>>();
    assert_eq!(again, ["You said: again\n\nKind regards"]);
    assert_eq!(world.log().await, ["done", "done"]);
}

#[tokio::test(start_paused = true)]
async fn a_signature_costs_no_call_once_it_is_known() {
    let world = World::with(Differently { oauth: true, ..Differently::default() }).await;
    sign(&world, "*.example", "<p>Kind regards</p>").await;
    let thread = world.thread("email").await;
    mail(&world, &thread, "hello").await;
    world.quiet_webhooks().await;
    let message = world.write(&thread, json!({ "from": "visitor", "text": "again", "subject": "Q" })).await;
    let body = world.queued(&world.new_message(&thread, &message));
    world.process(&body).await;
    world.forget_calls().await;
    world.database_operations();
    world.pass(8).await;
    let (hubspot, _) = world.calls().await;
    assert_eq!(hubspot.iter().filter(|c| c.starts_with("GET")).count(), 2, "{hubspot:?}");
    assert_eq!(hubspot.len(), 3, "{hubspot:?}");
    let flow = world.database_operations();
    // The return reads the thread's due deliveries; any message costs the rest.
    assert!(flow.len() <= 2 * 7, "DynamoDB: {flow:?}");
    assert!(last(&world, &thread).await.0.ends_with("Kind regards"));
}

#[test]
fn what_runs_or_loads_is_taken_out_and_named_and_looks_stay() {
    let check = |html: &str, clean: &str, removed: &[&str]| {
        let (got, gone) = operations::harmless_html(html);
        assert_eq!(
            (got.as_str(), gone.as_slice()),
            (clean, removed.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice())
        );
    };
    check(
        "<table width=\"300\"><tbody><tr><td style=\"color:#123456;padding:4px\">Ada</td></tr></tbody></table>",
        "<table width=\"300\"><tbody><tr><td style=\"color:#123456;padding:4px\">Ada</td></tr></tbody></table>",
        &[],
    );
    check(
        "<img src=\"https://open.cx/logo.png\" onerror=\"x()\">",
        "<img src=\"https://open.cx/logo.png\">",
        &["onerror"],
    );
    check("<p style=\"background:url(https://x/t.gif);color:red\">x</p>", "<p style=\"color:red\">x</p>", &[]);
    check("<iframe src=\"https://x\"></iframe><b>x</b>", "<b>x</b>", &["iframe"]);
    check("<a href=\"javascript:x()\">x</a>", "<a rel=\"noopener noreferrer\">x</a>", &["javascript:"]);
}
