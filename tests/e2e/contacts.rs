//! The customer's HubSpot contact: linked by address or number, else created; never in anybody's way.

use crate::family::each_family;
use crate::world::{ORG, World};
use serde_json::{Value, json};

async fn contacts(world: &World) -> Vec<Value> {
    world.hs("GET", "/_sim/contacts", Value::Null).await.as_array().unwrap().clone()
}

async fn person(world: &World, properties: Value) -> String {
    let record = json!({ "type": "contact", "properties": properties });
    world.hs("POST", "/_sim/records", record).await["id"].as_str().unwrap().to_owned()
}

/// A session that began in OpenCX.
async fn session(world: &World) -> String {
    let begun =
        json!({ "channel": { "type": "sms" }, "contact": { "name": "Ada Example", "email": "ada@example.com" } });
    world.ocx("POST", "/_sim/sessions", begun).await["session_id"].as_str().unwrap().to_owned()
}

async fn sync(world: &World, session: &str, contact: Value) -> Value {
    world.invoke("sync", json!({ "org_id": ORG, "session_id": session, "contact": contact })).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_linked_by_address_and_created_where_hubspot_has_none() {
    each_family(async || {
        let world = World::new().await;
        let ada = person(&world, json!({ "email": "ada@example.com" })).await;
        let id = session(&world).await;
        let answer = sync(&world, &id, json!({ "name": "Ada Example", "email": "ADA@example.com" })).await;
        assert_eq!((&answer["contact_id"], &answer["contact"]), (&json!(ada), &json!("linked")));
        assert_eq!(world.session().await["hubspot"]["hubspot_contact_id"], json!(ada));
        // Asked again in other words: nothing is news.
        let answer = sync(&world, &id, json!({ "email": "ada@example.com" })).await;
        assert_eq!((&answer["contact_id"], &answer["contact"]), (&json!(ada), &json!("unchanged")));
        let answer = sync(&world, &id, json!({ "name": "Grace Example", "email": "grace@example.com" })).await;
        assert_eq!(answer["contact"], "created");
        let created = contacts(&world).await.into_iter().find(|c| c["contact_id"] == answer["contact_id"]).unwrap();
        assert_eq!(
            (&created["properties"]["firstname"], &created["properties"]["email"]),
            (&json!("Grace"), &json!("grace@example.com"))
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_a_contacts_second_one_leads_to_that_contact() {
    let world = World::new().await;
    let ada = person(
        &world,
        json!({ "email": "ada@example.com", "hs_additional_emails": "ada@work.example;a@home.example" }),
    )
    .await;
    let id = session(&world).await;
    let answer = sync(&world, &id, json!({ "email": "ada@work.example" })).await;
    assert_eq!((&answer["contact_id"], &answer["contact"]), (&json!(ada), &json!("linked")));
    assert_eq!(contacts(&world).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_has_a_number_only_is_found_by_it_or_created_with_it() {
    each_family(async || {
        let world = World::new().await;
        let ada = person(&world, json!({ "firstname": "Ada", "mobilephone": "+15550100" })).await;
        world.pass(10).await;
        let id = session(&world).await;
        let answer = sync(&world, &id, json!({ "phone_number": "+15550100" })).await;
        assert_eq!((&answer["contact_id"], &answer["contact"]), (&json!(ada), &json!("linked")));
        let answer = sync(&world, &id, json!({ "name": "Grace", "phone_number": "+15550199" })).await;
        assert_eq!(answer["contact"], "created");
        assert_eq!(contacts(&world).await.len(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_made_of_nothing() {
    let world = World::new().await;
    let id = session(&world).await;
    for contact in
        [json!({}), json!({ "name": "Ada" }), json!({ "email": "temporary+7@instant.cx" }), json!({ "email": "" })]
    {
        let answer = sync(&world, &id, contact).await;
        assert_eq!((&answer["contact"], &answer["warnings"][0]["code"]), (&json!("unchanged"), &json!("no_email")));
    }
    assert!(contacts(&world).await.is_empty());
    let error =
        world.invoke("sync", json!({ "org_id": ORG, "session_id": "nobodys", "ai": "resumed" })).await.unwrap_err();
    assert_eq!(error["errorType"], "InvalidRequest");
}

#[tokio::test(start_paused = true)]
async fn a_contact_that_hubspot_refuses_is_a_warning_and_the_customer_is_answered_all_the_same() {
    let world = World::new().await;
    let id = session(&world).await;
    let answer = sync(&world, &id, json!({ "email": "ada@not a domain" })).await;
    assert_eq!(answer["warnings"][0]["code"], "contact_not_created");
    world.hubspot_fault(json!({ "path": "/crm", "status": 400, "times": 50 })).await;
    let thread = world.thread("email").await;
    world.say(&thread, "hello").await;
    world.pass(90).await;
    assert_eq!(world.answers(&thread).await, ["You said: hello"]);
}
