//! What the channels can and cannot.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn told(world: &World) -> Vec<String> {
    world.said().await.into_iter().filter(|line| line.starts_with("contact")).collect()
}

#[tokio::test(start_paused = true)]
async fn only_the_customers_own_words_of_an_e_mail_reach_the_ai() {
    let world = World::new().await;
    let thread = world.thread("email").await;
    let mail = "It still fails.\n\nOn Tue, Nov 3, 2026 at 10:15 Support <support@support.example> wrote:\n> Have you tried again?\n\n-- \nAda";
    world.write(&thread, json!({ "from": "visitor", "text": mail, "subject": "Re: Help" })).await;
    world.pass(15).await;
    assert_eq!(told(&world).await, ["contact: It still fails."]);
    // On a chat nothing is cut: people quote with a sign there.
    let chat = world.thread("web").await;
    world.say(&chat, "> this is what it says").await;
    world.pass(5).await;
    let last = world.sessions().await.pop().unwrap();
    assert_eq!(last["messages"][0]["text"], "> this is what it says");
}

#[tokio::test(start_paused = true)]
async fn a_message_hubspot_cut_is_fetched_whole_before_its_history_is() {
    each_family(async || {
        let world = World::new().await;
        let thread = world.thread("email").await;
        let whole = format!("{}the end.\n\nAm 03.11.2026 um 10:15 schrieb Support:\n> alt", "long ".repeat(200));
        world
            .write(&thread, json!({ "from": "visitor", "text": "long long", "original": whole, "subject": "Re: Help" }))
            .await;
        world.pass(15).await;
        let said = told(&world).await;
        assert!(said[0].ends_with("the end.") && said[0].len() > 1000, "{said:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_markup_only_is_read() {
    let world = World::new().await;
    let thread = world.thread("email").await;
    let html = "<p>Hello <b>there</b></p><blockquote type=\"cite\">old</blockquote>";
    world.write(&thread, json!({ "from": "visitor", "text": "", "html": html, "subject": "Help" })).await;
    world.pass(15).await;
    assert_eq!(told(&world).await, ["contact: Hello there"]);
}

#[tokio::test(start_paused = true)]
async fn an_agents_html_reaches_an_e_mail_customer_as_html() {
    let world = World::new().await;
    let thread = world.thread("email").await;
    world.write(&thread, json!({ "from": "visitor", "text": "hello", "subject": "Help" })).await;
    world.pass(15).await;
    let session = world.session().await["session_id"].clone();
    let message = json!({ "id": "m-1", "sender": "agent", "text": "Two steps", "html": "<ol><li>One</li><li><b>Two</b></li></ol><script>x</script>",
        "agent": { "name": "Rita", "email": "rita@support.example" } });
    world.invoke("reply", json!({ "org_id": ORG, "session_id": session, "message": message })).await.unwrap();
    let entries = world.entries(&thread).await;
    let html =
        entries.iter().rfind(|m| m["direction"] == "OUTGOING").unwrap()["rich_text"].as_str().unwrap().to_owned();
    assert!(html.contains("<ol><li>One</li><li><b>Two</b></li></ol>") && !html.contains("script"), "{html}");
    assert_eq!(entries.iter().rfind(|m| m["direction"] == "OUTGOING").unwrap()["subject"], "Re: Help");
}

#[tokio::test(start_paused = true)]
async fn on_whatsapp_the_answer_is_a_comment_that_says_it_was_not_sent() {
    let world = World::new().await;
    let thread = world.thread("whatsapp").await;
    world.say(&thread, "hello there").await;
    world.pass(5).await;
    assert!(world.answers(&thread).await.is_empty());
    let comments = world.comments(&thread).await;
    assert!(
        comments.len() == 1 && comments[0].contains("not sent") && comments[0].contains("You said: hello there"),
        "{comments:?}"
    );
    assert_eq!(world.said().await, ["contact: hello there", "ai: You said: hello there"]);
    assert_eq!(world.log().await, ["done"]);
    let session = world.session().await["session_id"].clone();
    let ask = json!({ "org_id": ORG, "session_id": session, "message": { "id": "m-1", "sender": "agent", "text": "On it", "agent": { "name": "Grace" } } });
    let answer = world.invoke("reply", ask).await.unwrap();
    assert_eq!(
        (&answer["posted_as"], &answer["warnings"][0]["code"]),
        (&json!("comment"), &json!("channel_not_writable"))
    );
    let answer = world.invoke("handoff", world.handoff(session.as_str().unwrap(), Some(&thread))).await.unwrap();
    assert_eq!(answer["ticket"], "created");
    // A rep owns it: the AI is silent here as anywhere.
    world.assign(&thread, json!("A-100")).await;
    world.say(&thread, "and now?").await;
    world.pass(5).await;
    assert_eq!(world.log().await.last().unwrap(), "skipped not_ai_owner");
    assert_eq!(world.answers(&thread).await, Vec::<String>::new());
    assert_eq!(world.hs("GET", "/_sim/tickets", Value::Null).await.as_array().unwrap().len(), 1);
}
