use super::*;

#[tokio::test(start_paused = true)]
async fn a_customers_message_reads_as_hubspot_has_it() {
    let world = World::live().await;
    let thread = world.thread(json!({ "channel": "email" })).await;
    let id = text(&thread, "thread_id");
    let said = json!({ "from": "visitor", "text": "a <b> & c", "subject": "Question" });
    let said = world.control("POST", &format!("/_sim/threads/{id}/messages"), said).await;
    let message = text(&said, "message_id");
    assert!(message.len() == 32 && message.chars().all(|c| c.is_ascii_hexdigit()));

    let (_, read) = world.hs("GET", &format!("{THREADS}/{id}/messages/{message}"), Value::Null).await;
    assert_eq!(read["richText"], "<div>a &lt;b&gt; &amp; c</div>");
    assert_eq!((&read["direction"], &read["subject"]), (&json!("INCOMING"), &json!("Question")));
    let identifier = json!({ "type": "HS_EMAIL_ADDRESS", "value": "ada@example.com" });
    assert_eq!(read["senders"][0]["deliveryIdentifier"], identifier);
    assert_eq!(read["senders"][0]["actorId"], format!("V-{}", text(&thread, "contact_id")));

    let (_, shown) = world.hs("GET", &format!("{V3_THREADS}/{id}?association=TICKET"), Value::Null).await;
    assert_eq!((&shown["status"], &shown["originalChannelId"]), (&json!("OPEN"), &json!("1002")));
    assert!(shown.get("assignedTo").is_none() && shown.get("threadAssociations").is_none(), "{shown}");
    let contacts = world.control("GET", "/_sim/contacts", Value::Null).await;
    assert_eq!(contacts[0]["properties"]["email"], "ada@example.com");
}

#[tokio::test(start_paused = true)]
async fn an_agents_message_through_the_api_assigns_the_thread_and_comes_back_as_an_event() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let id = text(&thread, "thread_id");
    let body = json!({
        "type": "MESSAGE", "text": "Hi", "senderActorId": "A-3892666", "channelId": "1000", "channelAccountId": "148662",
        "attachments": [], "recipients": [{ "deliveryIdentifiers": [{ "type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "x" }] }],
    });
    let (status, sent) = world.hs("POST", &format!("{THREADS}/{id}/messages"), body.clone()).await;
    assert_eq!((status, &sent["client"]["integrationAppId"]), (201, &json!(1_098_266)));
    world.hs("POST", &format!("{THREADS}/{id}/messages"), body).await;

    let shown = world.control("GET", &format!("/_sim/threads/{id}"), Value::Null).await;
    assert_eq!(shown["assigned_to"], "A-3892666");
    let kinds: Vec<&str> = shown["messages"].as_array().unwrap().iter().map(|m| text(m, "type")).collect();
    assert_eq!(kinds, ["MESSAGE", "ASSIGNMENT", "MESSAGE"]);
    assert_eq!(shown["messages"][0]["integration_app_id"], "1098266");
    assert_eq!(
        (&shown["messages"][0]["from"], &shown["messages"][0]["direction"]),
        (&json!("A-3892666"), &json!("OUTGOING"))
    );

    let events = world.events().await;
    let about = |kind: &str| events.iter().filter(|e| e["subscriptionType"] == kind).count();
    assert_eq!((about("conversation.newMessage"), about("conversation.propertyChange")), (2, 1));
    let assigned = events.iter().find(|e| e["propertyName"] == "assignedTo").unwrap();
    assert_eq!(assigned["propertyValue"], "A-3892666");
    let own = events.iter().find(|e| e["messageId"] == sent["id"]).unwrap();
    assert_eq!((&own["objectId"], &own["messageType"]), (&json!(id.parse::<u64>().unwrap()), &json!("MESSAGE")));
}

#[tokio::test(start_paused = true)]
async fn a_reps_reply_assigns_and_a_customers_reopens() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let path = format!("/_sim/threads/{}", text(&thread, "thread_id"));
    world.control("POST", &format!("{path}/messages"), json!({ "from": "A-100", "text": "Hello" })).await;
    let note = json!({ "from": "A-101", "text": "internal", "type": "COMMENT" });
    world.control("POST", &format!("{path}/messages"), note).await;
    assert_eq!(world.control("GET", &path, Value::Null).await["assigned_to"], "A-100");
    world.control("PATCH", &path, json!({ "status": "CLOSED" })).await;
    world.control("POST", &format!("{path}/messages"), json!({ "from": "visitor", "text": "again" })).await;
    assert_eq!(world.control("GET", &path, Value::Null).await["status"], "OPEN");
    world.control("PUT", &format!("{path}/assignee"), json!({ "actor_id": null })).await;

    let events = world.events().await;
    let changes: Vec<(&str, &str)> = events
        .iter()
        .filter(|e| e["subscriptionType"] == "conversation.propertyChange")
        .map(|e| (text(e, "propertyName"), text(e, "propertyValue")))
        .collect();
    assert_eq!(changes, [("assignedTo", "A-100"), ("status", "CLOSED"), ("status", "OPEN"), ("assignedTo", "")]);
    let kinds: Vec<&Value> = events.iter().filter_map(|e| e.get("messageType")).collect();
    assert_eq!(kinds, ["MESSAGE", "COMMENT", "MESSAGE"]);
}

#[tokio::test(start_paused = true)]
async fn the_history_is_read_in_pages_newest_first() {
    let world = World::live().await;
    let thread = world.thread(json!({})).await;
    let id = text(&thread, "thread_id");
    for n in 0..5 {
        let said = json!({ "from": "visitor", "text": format!("{n}") });
        world.control("POST", &format!("/_sim/threads/{id}/messages"), said).await;
    }
    let texts = |page: &Value| -> Vec<String> {
        page["results"].as_array().unwrap().iter().map(|m| text(m, "text").to_owned()).collect()
    };
    let (_, page) = world.hs("GET", &format!("{THREADS}/{id}/messages?limit=3"), Value::Null).await;
    assert_eq!(texts(&page), ["4", "3", "2"]);
    let after = text(&page["paging"]["next"], "after").to_owned();
    let (_, page) = world.hs("GET", &format!("{THREADS}/{id}/messages?limit=3&after={after}"), Value::Null).await;
    assert_eq!(texts(&page), ["1", "0"]);
    assert!(page.get("paging").is_none());
    let (_, page) = world.hs("GET", &format!("{V3_THREADS}/{id}/messages?sort=createdAt&limit=1"), Value::Null).await;
    assert_eq!(texts(&page), ["0"]);
}

#[tokio::test(start_paused = true)]
async fn odd_messages_can_be_played() {
    let world = World::live().await;
    let thread = world.thread(json!({ "channel": "email" })).await;
    let id = text(&thread, "thread_id");
    let path = format!("/_sim/threads/{id}/messages");
    let cut = world.control("POST", &path, json!({ "text": "Thanks", "original": "Thanks\n> quoted" })).await;
    let read = format!("{THREADS}/{id}/messages/{}", text(&cut, "message_id"));
    assert_eq!(world.hs("GET", &read, Value::Null).await.1["truncationStatus"], "TRUNCATED");
    let (_, whole) = world.hs("GET", &format!("{read}/original-content"), Value::Null).await;
    assert_eq!(whole["text"], "Thanks\n> quoted");

    let failed = json!({ "from": "A-100", "text": "x", "failed": "mailbox full", "direction": "INCOMING" });
    let failed = world.control("POST", &path, failed).await;
    let (_, read) =
        world.hs("GET", &format!("{THREADS}/{id}/messages/{}", text(&failed, "message_id")), Value::Null).await;
    assert_eq!(read["status"]["failureDetails"]["errorMessage"], "mailbox full");
    assert_eq!(read["direction"], "INCOMING");

    let other = json!({ "text": "x", "integration_app_id": 55 });
    let other = world.control("POST", &path, other).await;
    let (_, read) =
        world.hs("GET", &format!("{THREADS}/{id}/messages/{}", text(&other, "message_id")), Value::Null).await;
    assert_eq!(read["client"], json!({ "clientType": "INTEGRATION", "integrationAppId": 55 }));

    let welcome = world.control("POST", &path, json!({ "type": "WELCOME_MESSAGE", "text": "Hi!" })).await;
    let (_, read) =
        world.hs("GET", &format!("{THREADS}/{id}/messages/{}", text(&welcome, "message_id")), Value::Null).await;
    assert!(read.get("direction").is_none() && read.get("richText").is_none(), "{read}");
}

#[tokio::test(start_paused = true)]
async fn actors_and_inboxes_are_told_apart() {
    let world = World::live().await;
    let thread = world.thread(json!({ "inbox": "HELP_DESK" })).await;
    let base = "/conversations/v3/conversations";
    let inputs = json!({ "inputs": ["A-100", format!("V-{}", text(&thread, "contact_id")), "S-hubspot", "A-999"] });
    let (status, answer) = world.hs("POST", &format!("{base}/actors/batch/read"), inputs).await;
    assert_eq!(status, 207);
    let names: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|a| &a["name"]).collect();
    assert_eq!(names, [&json!("Rita Rep"), &json!("Ada Example"), &Value::Null]);
    assert_eq!(world.hs("GET", &format!("{base}/actors/A-999"), Value::Null).await.0, 404);

    let (_, shown) = world.hs("GET", &format!("{V3_THREADS}/{}", text(&thread, "thread_id")), Value::Null).await;
    let (_, inbox) = world.hs("GET", &format!("{base}/inboxes/{}", text(&shown, "inboxId")), Value::Null).await;
    assert_eq!(inbox["type"], "HELP_DESK");
    let account = text(&shown, "originalChannelAccountId");
    let (_, account) = world.hs("GET", &format!("{base}/channel-accounts/{account}"), Value::Null).await;
    assert_eq!(account["inboxId"], shown["inboxId"]);

    let of_ticket = format!("{V3_THREADS}?associatedTicketId={}", text(&thread, "ticket_id"));
    let (_, list) = world.hs("GET", &of_ticket, Value::Null).await;
    assert_eq!(list["results"].as_array().unwrap().len(), 1);
    assert_eq!(world.hs("GET", &format!("{V3_THREADS}?associatedContactId=1"), Value::Null).await.0, 400);
}
