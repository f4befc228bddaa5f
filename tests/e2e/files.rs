//! Files both ways.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn talking(world: &World) -> (String, Value) {
    let thread = world.thread("web").await;
    world.say(&thread, "hello").await;
    world.pass(5).await;
    (thread, world.session().await["session_id"].clone())
}

fn reply(session: &Value, sender: &str, files: &Value) -> Value {
    let message = json!({ "id": "m-1", "sender": sender, "text": "See the files", "attachments": files });
    json!({ "org_id": ORG, "session_id": session, "message": message })
}

async fn last(world: &World, thread: &str) -> Value {
    world.entries(thread).await.into_iter().rfind(|m| m["direction"] == "OUTGOING").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_customers_files_go_to_opencx() {
    each_family(async || {
    let world = World::new().await;
    let kept =
        world.hs("POST", "/_sim/files", json!({ "name": "broken.png", "content": "picture" })).await["file_id"].clone();
    let thread = world.thread("web").await;
    let files = json!([
        { "type": "FILE", "fileId": "9", "name": "bill.pdf", "url": "https://files.example/bill.pdf", "fileUsageType": "OTHER" },
        { "type": "FILE", "fileId": kept, "name": "broken.png", "fileUsageType": "IMAGE" },
        { "type": "FILE", "fileId": "77", "name": "gone.txt", "fileUsageType": "OTHER" },
    ]);
    world.write(&thread, json!({ "from": "visitor", "text": "look", "attachments": files })).await;
    world.pass(5).await;
    let session = world.session().await;
    let told = &session["messages"][0];
    assert_eq!(told["text"], "look\n[File: gone.txt]");
    assert_eq!(told["attachments"][0], json!({ "name": "bill.pdf", "url": "https://files.example/bill.pdf" }));
    assert_eq!(told["attachments"][1]["url"], format!("https://files.example/signed/{}", kept.as_str().unwrap()));
    assert_eq!(told["attachments"].as_array().unwrap().len(), 2);
    // Files alone are a message, too.
    let alone = json!([{ "type": "FILE", "fileId": "9", "name": "bill.pdf", "url": "https://files.example/bill.pdf" }]);
    world.write(&thread, json!({ "from": "visitor", "text": "", "attachments": alone })).await;
    world.pass(5).await;
    assert_eq!(world.log().await, ["done", "done"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_replys_files_are_kept_in_the_portal_and_attached() {
    each_family(async || {
        for sender in ["ai", "agent"] {
            let world = World::new().await;
            let (thread, session) = talking(&world).await;
            world.web.publish("https://cdn.example/plan", "application/pdf", "the plan");
            world.web.redirect("https://inbox.example/f/1", "https://cdn.example/plan");
            let files =
                json!([{ "name": "Plan \"B\"", "url": "https://inbox.example/f/1", "mime_type": "application/pdf" }]);
            let answer = world.invoke("reply", reply(&session, sender, &files)).await.unwrap();
            assert!(!answer.to_string().contains("attachments_linked"), "{answer}");
            let message = last(&world, &thread).await;
            let kept = world.hs("GET", "/_sim/files", Value::Null).await;
            assert_eq!(kept.as_array().unwrap().len(), 1);
            assert_eq!(message["attachments"][0]["fileId"], kept[0]["id"]);
            assert_eq!((&kept[0]["size"], &kept[0]["access"]), (&json!(8), &json!("PUBLIC_NOT_INDEXABLE")));
            assert!(kept[0]["path"].as_str().unwrap().ends_with("Plan _B_.pdf"), "{kept}");
            assert!(message["text"].as_str().unwrap().ends_with("See the files"), "{message}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_go_along_is_named_and_nothing_private_is_asked() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    world.web.publish("https://cdn.example/big.pdf", "application/pdf", vec![b'x'; 5 * 1024 * 1024 + 1]);
    world.web.publish("https://cdn.example/page", "text/html", "<script>");
    world.web.redirect("https://cdn.example/trap.png", "https://169.254.169.254/latest/meta-data");
    let files = json!([
        { "name": "setup.exe", "url": "https://cdn.example/setup.exe" },
        { "name": "big.pdf", "url": "https://cdn.example/big.pdf" },
        { "name": "page", "url": "https://cdn.example/page" },
        { "name": "trap.png", "url": "https://cdn.example/trap.png" },
        { "name": "inner.png", "url": "https://10.0.0.1/inner.png" },
        { "name": "plain.png", "url": "http://cdn.example/plain.png" },
        { "name": "gone.png", "url": "https://cdn.example/gone.png" },
        { "name": "nowhere.png" },
    ]);
    let answer = world.invoke("reply", reply(&session, "ai", &files)).await.unwrap();
    assert_eq!(answer["warnings"][0]["code"], "attachments_linked");
    let message = last(&world, &thread).await;
    assert_eq!(message["attachments"], json!([]));
    let text = message["text"].as_str().unwrap();
    for named in
        ["setup.exe: https://cdn.example/setup.exe", "big.pdf: https://", "trap.png", "nowhere.png", "gone.png"]
    {
        assert!(text.contains(named), "{named} is missing in {text}");
    }
    let asked = world.web.asked();
    assert!(
        !asked
            .iter()
            .any(|a| a.contains("169.254") || a.contains("10.0.0.1") || a.starts_with("http:") || a.contains("setup")),
        "{asked:?}"
    );
    assert_eq!(world.hs("GET", "/_sim/files", Value::Null).await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn without_the_scope_files_are_links_and_the_reply_is_posted() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    let scopes = [
        "oauth",
        "conversations.read",
        "conversations.write",
        "tickets",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
    ];
    world.hs("PUT", "/_sim/scopes", json!(scopes)).await;
    world.web.publish("https://cdn.example/a.png", "image/png", "picture");
    let files = json!([{ "name": "a.png", "url": "https://cdn.example/a.png" }]);
    let answer = world.invoke("reply", reply(&session, "ai", &files)).await.unwrap();
    assert!(answer["warnings"][0]["message"].as_str().unwrap().contains("scope files"), "{answer}");
    assert!(last(&world, &thread).await["text"].as_str().unwrap().contains("a.png: https://cdn.example/a.png"));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_reply_keeps_its_file_once() {
    let world = World::new().await;
    let (thread, session) = talking(&world).await;
    world.web.publish("https://cdn.example/a.png", "image/png", "picture");
    let files = json!([{ "name": "a.png", "url": "https://cdn.example/a.png" }]);
    for fault in [
        json!({ "method": "POST", "path": "/files", "lose_answer": true, "times": 4 }),
        json!({ "method": "POST", "path": "/conversations", "lose_answer": true }),
    ] {
        world.hubspot_fault(fault).await;
        world.invoke("reply", reply(&session, "ai", &files)).await.unwrap_err();
    }
    world.invoke("reply", reply(&session, "ai", &files)).await.unwrap();
    assert_eq!(world.hs("GET", "/_sim/files", Value::Null).await.as_array().unwrap().len(), 1);
    assert_eq!(world.answers(&thread).await, ["You said: hello", "See the files"]);
}
