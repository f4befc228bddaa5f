//! The context panel: what HubSpot's CRM knows of a customer.

use crate::canaries;
use crate::family::each_family;
use crate::world::{ORG, World};
use domain::OrgId;
use operations::{CrmRefused, CrmSource};
use runtime::functions::CONNECT;
use serde_json::{Value, json};
use store::Secret;

const ADA: &str = "ada@example.com";

async fn connect(world: &World, source: CrmSource) -> Result<store::CrmConnection, CrmRefused> {
    operations::connect_crm(&world.bridge_of(&CONNECT), &OrgId::parse(ORG).unwrap(), source).await
}

/// A panel with a token of its own.
async fn connected() -> World {
    let world = World::new().await;
    let token = world.portal["access_token"].as_str().unwrap().to_owned();
    connect(&world, CrmSource::Token(Secret::new(token))).await.unwrap();
    world
}

async fn record(world: &World, kind: &str, properties: Value, associated: Value) -> String {
    let body = json!({ "type": kind, "properties": properties, "associated": associated });
    world.hs("POST", "/_sim/records", body).await["id"].as_str().unwrap().to_owned()
}

/// Ada of Example Ltd, with deals, tickets and a rep of hers.
async fn ada(world: &World) -> String {
    let person = json!({ "email": ADA, "firstname": "Ada", "lastname": "Example", "phone": "+1 555 0100", "hubspot_owner_id": "81538100" });
    let contact = record(world, "contact", person, json!([])).await;
    let hers = json!([{ "type": "contact", "id": contact }]);
    let company = json!({ "name": "Example Ltd", "domain": "example.com", "industry": "COMPUTER_SOFTWARE", "numberofemployees": "42" });
    record(world, "company", company, hers.clone()).await;
    record(world, "company", json!({ "name": "Another" }), hers.clone()).await;
    let deal = |name: &str, stage: &str, closes: &str| json!({ "dealname": name, "dealstage": stage, "pipeline": "default", "amount": "1200.50", "closedate": closes });
    record(world, "deal", deal("Lost one", "closedlost", "2026-12-01T00:00:00Z"), hers.clone()).await;
    record(world, "deal", deal("Renewal", "contractsent", "2026-11-30T00:00:00Z"), hers.clone()).await;
    let mut euros = deal("First", "closedwon", "2025-01-01T00:00:00Z");
    euros["deal_currency_code"] = json!("EUR");
    record(world, "deal", euros, hers.clone()).await;
    record(world, "ticket", json!({ "subject": "Old trouble", "hs_pipeline_stage": "4" }), hers.clone()).await;
    world.pass(60).await;
    record(world, "ticket", json!({ "subject": "New trouble", "hs_pipeline_stage": "2" }), hers).await;
    contact
}

async fn ask(world: &World, email: &str) -> Value {
    world.invoke("context", json!({ "org_id": ORG, "email": email })).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_panel_shows_owner_company_deals_and_tickets_with_their_labels() {
    each_family(async || {
        let world = connected().await;
        let contact = ada(&world).await;
        world.forget_calls().await;
        world.one_second_per_call();
        let (panel, depth) = world.depth_of(ask(&world, "Ada@Example.com ")).await;
        let (calls, _) = world.calls().await;
        assert!(calls.len() <= 4 && depth <= 2, "{depth} deep: {calls:?}");

        assert_eq!(panel["status"], "found");
        let person = &panel["contact"];
        assert_eq!((&person["id"], &person["name"]), (&json!(contact), &json!("Ada Example")));
        assert_eq!((&person["email"], &person["phone"]), (&json!(ADA), &json!("+1 555 0100")));
        assert_eq!(person["owner"], json!({ "id": "81538100", "name": "Rita Rep", "email": "rita@support.example" }));
        assert!(person["url"].as_str().unwrap().ends_with(&format!("/record/0-1/{contact}")), "{person}");
        let company =
            json!({ "name": "Example Ltd", "domain": "example.com", "industry": "COMPUTER_SOFTWARE", "size": 42 });
        assert_eq!(panel["company"], company);
        let deal = |name: &str, stage: &str, currency: &str, closes: &str, open: bool| json!({ "name": name, "stage": stage, "amount": "1200.50", "currency": currency, "close_date": closes, "open": open });
        let deals = json!([
            deal("Renewal", "Contract Sent", "USD", "2026-11-30T00:00:00Z", true),
            deal("Lost one", "Closed Lost", "USD", "2026-12-01T00:00:00Z", false),
            deal("First", "Closed Won", "EUR", "2025-01-01T00:00:00Z", false),
        ]);
        assert_eq!(panel["deals"], deals);
        let shown: Vec<_> =
            panel["tickets"].as_array().unwrap().iter().map(|t| (&t["subject"], &t["status"], &t["open"])).collect();
        let expected = [
            (json!("New trouble"), json!("Waiting on contact"), json!(true)),
            (json!("Old trouble"), json!("Closed"), json!(false)),
        ];
        assert_eq!(shown, expected.each_ref().map(|(a, b, c)| (a, b, c)));
        assert_eq!(panel["missing_scopes"], json!([]));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_found_is_an_empty_panel() {
    let world = connected().await;
    let empty = json!({ "status": "no_match", "contact": null, "company": null, "deals": [], "tickets": [], "missing_scopes": [] });
    assert_eq!(ask(&world, "nobody@example.com").await, empty);
    world.forget_calls().await;
    assert_eq!(ask(&world, "temporary+1@instant.cx").await, empty);
    assert!(world.calls().await.0.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_panel_nobody_connected_says_so() {
    let world = World::new().await;
    ada(&world).await;
    assert_eq!(ask(&world, ADA).await["status"], "not_connected");
    connect(&world, CrmSource::Integration).await.unwrap();
    assert_eq!(ask(&world, ADA).await["status"], "found");
    world.operator().store.delete_crm_connection(&OrgId::parse(ORG).unwrap()).await.unwrap();
    assert_eq!(ask(&world, ADA).await["status"], "not_connected");
}

#[tokio::test(start_paused = true)]
async fn what_the_scopes_do_not_cover_is_named_and_the_rest_is_shown() {
    let world = connected().await;
    ada(&world).await;
    let without_deals =
        json!(["tickets", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.owners.read"]);
    world.hs("PUT", "/_sim/scopes", without_deals).await;
    world.forget_calls().await;
    let panel = ask(&world, ADA).await;
    assert_eq!((&panel["status"], &panel["deals"]), (&json!("found"), &json!([])));
    assert_eq!((&panel["company"]["name"], panel["tickets"].as_array().unwrap().len()), (&json!("Example Ltd"), 2));
    assert_eq!(panel["missing_scopes"], json!(["crm.objects.deals.read"]));
    assert!(world.calls().await.0.len() <= 4);

    world.hs("PUT", "/_sim/scopes", json!(["tickets"])).await;
    let panel = ask(&world, ADA).await;
    assert_eq!((&panel["status"], &panel["contact"]), (&json!("missing_scope"), &Value::Null));
    assert_eq!(panel["missing_scopes"], json!(["crm.objects.contacts.read"]));
}

#[tokio::test(start_paused = true)]
async fn only_a_token_that_reads_contacts_connects_the_panel() {
    let world = World::new().await;
    canaries::plant("pat-na1-not-a-token".to_owned());
    let refused = connect(&world, CrmSource::Token(Secret::new("pat-na1-not-a-token".to_owned()))).await;
    assert!(matches!(refused, Err(CrmRefused::Token)), "{refused:?}");
    let token = world.portal["access_token"].as_str().unwrap().to_owned();
    world.hs("PUT", "/_sim/scopes", json!(["tickets"])).await;
    let refused = connect(&world, CrmSource::Token(Secret::new(token))).await;
    let wanted = vec!["crm.objects.contacts.read".to_owned()];
    assert!(matches!(&refused, Err(CrmRefused::MissingScopes(scopes)) if *scopes == wanted), "{refused:?}");
    assert_eq!(ask(&world, ADA).await["status"], "not_connected");
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_is_new_to_the_panel_is_asked_for_once() {
    let world = connected().await;
    let contact = ada(&world).await;
    let stages = json!([{ "id": "1", "label": "New" }, { "id": "77", "label": "Escalated" }, { "id": "4", "label": "Closed", "closed": true }]);
    world.hs("PUT", "/_sim/pipelines", json!([{ "id": "0", "label": "Support", "stages": stages }])).await;
    record(
        &world,
        "ticket",
        json!({ "subject": "Fire", "hs_pipeline_stage": "77" }),
        json!([{ "type": "contact", "id": contact }]),
    )
    .await;
    world.pass(600).await;
    assert_eq!(ask(&world, ADA).await["tickets"][0]["status"], "Escalated");
    world.forget_calls().await;
    assert_eq!(ask(&world, ADA).await["tickets"][0]["status"], "Escalated");
    assert_eq!(world.calls().await.0.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn hubspot_being_out_of_reach_is_an_error_and_not_an_empty_panel() {
    let world = connected().await;
    world.hubspot_fault(json!({ "status": 503, "times": 20 })).await;
    let error = world.invoke("context", json!({ "org_id": ORG, "email": ADA })).await.unwrap_err();
    assert_eq!(error["errorType"], "HubSpotUnavailable");
}
