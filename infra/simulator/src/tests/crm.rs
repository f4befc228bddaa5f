use super::*;

const TICKETS: &str = "/crm/objects/2026-09/tickets";
const V3_TICKETS: &str = "/crm/v3/objects/tickets";
const CONTACTS: &str = "/crm/v3/objects/contacts";

fn ticket(more: &Value) -> Value {
    let mut properties =
        json!({ "subject": "Help", "content": "Please", "hs_pipeline": "0", "hs_pipeline_stage": "1" });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "properties": properties })
}

#[tokio::test(start_paused = true)]
async fn values_that_hubspot_would_not_take_refuse_the_whole_write() {
    let world = World::live().await;
    let cases = [
        (json!({ "missing": "x" }), "PROPERTY_DOESNT_EXIST"),
        (json!({ "hs_object_id": "1" }), "READ_ONLY_VALUE"),
        (json!({ "hs_pipeline_stage": "9" }), "INVALID_OPTION"),
        (json!({ "hs_pipeline": "77" }), "INVALID_OPTION"),
        (json!({ "hs_pipeline_stage": "" }), "REQUIRED_FIELD"),
        (json!({ "hs_ticket_priority": "SOMEWHAT" }), "INVALID_OPTION"),
        (json!({ "hubspot_owner_id": "3892666" }), "INVALID_OWNER_ID"),
        (json!({ "content": "é".repeat(65_537) }), "VALUE_TOO_LONG"),
    ];
    for path in [TICKETS, V3_TICKETS] {
        for (more, code) in cases.clone() {
            let (status, answer) = world.hs("POST", path, ticket(&more)).await;
            assert_eq!((status, text(&answer, "category")), (400, "VALIDATION_ERROR"), "{code}: {answer}");
            let message = text(&answer, "message");
            let list = message.strip_prefix("Property values were not valid: ").expect(message);
            let list: Value = serde_json::from_str(list).unwrap();
            assert_eq!(list[0]["error"], code, "{list}");
        }
    }
    assert_eq!(world.control("GET", "/_sim/tickets", Value::Null).await, json!([]));
    assert_eq!(world.hs("POST", TICKETS, ticket(&json!({ "content": "é".repeat(65_536) }))).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_unique_property_is_created_once_and_holds() {
    let world = World::live().await;
    let properties = "/crm/properties/2026-09/tickets";
    let group = json!({ "name": "opencx", "label": "OpenCX" });
    let id = json!({
        "name": "opencx_handoff_id", "label": "Handoff", "groupName": "opencx", "type": "string", "fieldType": "text",
        "hasUniqueValue": true,
    });
    assert_eq!(world.hs("POST", properties, id.clone()).await.0, 400, "there is no such group yet");
    assert_eq!(world.hs("POST", &format!("{properties}/groups"), group.clone()).await.0, 201);
    assert_eq!(world.hs("POST", &format!("{properties}/groups"), group).await.0, 409);
    assert_eq!(world.hs("POST", properties, id.clone()).await.0, 201);
    assert_eq!(world.hs("POST", properties, id).await.0, 409);

    let (status, first) = world.hs("POST", TICKETS, ticket(&json!({ "opencx_handoff_id": "s#1" }))).await;
    assert_eq!(status, 201, "{first}");
    let (status, second) = world.hs("POST", TICKETS, ticket(&json!({ "opencx_handoff_id": "s#1" }))).await;
    assert_eq!((status, text(&second, "category")), (400, "VALIDATION_ERROR"));
    assert!(text(&second, "message").contains("CONFLICTING_UNIQUE_VALUE"), "{second}");

    let by = format!("{V3_TICKETS}/s%231?idProperty=opencx_handoff_id&properties=subject,content");
    let (status, found) = world.hs("GET", &by, Value::Null).await;
    assert_eq!((status, &found["id"], &found["properties"]["subject"]), (200, &first["id"], &json!("Help")));
    assert_eq!(world.hs("GET", &format!("{V3_TICKETS}/x?idProperty=subject"), Value::Null).await.0, 400);
    let missing = format!("{V3_TICKETS}/s%232?idProperty=opencx_handoff_id");
    assert_eq!(world.hs("GET", &missing, Value::Null).await.0, 404);

    world.control("PUT", "/_sim/properties", json!({ "refuse": true })).await;
    let (status, refused) = world.hs("POST", TICKETS, ticket(&json!({ "opencx_handoff_id": "s#3" }))).await;
    assert_eq!(status, 400);
    assert!(text(&refused, "message").contains("PROPERTY_DOESNT_EXIST"));
    let again = json!({ "name": "opencx", "label": "OpenCX" });
    assert_eq!(world.hs("POST", &format!("{properties}/groups"), again).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_contact_is_known_by_its_address() {
    let world = World::live().await;
    let (status, first) = world.hs("POST", CONTACTS, json!({ "properties": { "email": "Ada@Example.com" } })).await;
    assert_eq!(status, 201);
    let (status, second) = world.hs("POST", CONTACTS, json!({ "properties": { "email": "ada@example.com" } })).await;
    assert_eq!((status, text(&second, "category")), (409, "CONFLICT"));
    assert_eq!(text(&second, "message"), format!("Contact already exists. Existing ID: {}", text(&first, "id")));

    for bad in ["ada", "ada@example", "a b@example.com", "ada@@example.com"] {
        let (status, answer) = world.hs("POST", CONTACTS, json!({ "properties": { "email": bad } })).await;
        assert_eq!(status, 400, "{bad}");
        assert!(text(&answer, "message").contains("INVALID_EMAIL"), "{answer}");
    }
    let by = "/crm/objects/2026-03/contacts/ada%40example.com?idProperty=email&properties=email,phone";
    let (status, found) = world.hs("GET", by, Value::Null).await;
    assert_eq!((status, &found["id"]), (200, &first["id"]));
    assert_eq!(found["properties"]["phone"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn search_lags_behind_creation() {
    let world = World::live().await;
    world.hs("POST", CONTACTS, json!({ "properties": { "email": "ada@example.com" } })).await;
    let filter = json!({ "propertyName": "email", "operator": "EQ", "value": "ada@example.com" });
    let search = json!({ "filterGroups": [{ "filters": [filter] }], "properties": ["email"], "limit": 1 });
    let path = format!("{CONTACTS}/search");
    assert_eq!(world.hs("POST", &path, search.clone()).await.1["total"], 0);
    world.clock.sleep(Duration::from_millis(1990)).await;
    assert_eq!(world.hs("POST", &path, search.clone()).await.1["total"], 0);
    world.clock.sleep(Duration::from_millis(10)).await;
    let (_, found) = world.hs("POST", &path, search).await;
    assert_eq!(found["results"][0]["properties"]["email"], "ada@example.com");
}

#[tokio::test(start_paused = true)]
async fn tickets_and_notes_are_associated_in_the_call_that_creates_them() {
    let world = World::live().await;
    let (_, contact) = world.hs("POST", CONTACTS, json!({ "properties": { "email": "ada@example.com" } })).await;
    let of_type = |id: Value, number: u64| json!([{ "to": { "id": id }, "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number }] }]);
    let mut body = ticket(&json!({ "hubspot_owner_id": "81538100" }));
    body["associations"] = of_type(json!("1"), 16);
    assert_eq!(world.hs("POST", TICKETS, body.clone()).await.0, 400, "no such contact");
    body["associations"] = of_type(contact["id"].clone(), 228);
    assert_eq!(world.hs("POST", TICKETS, body.clone()).await.0, 400, "not a type from tickets");
    body["associations"] = of_type(contact["id"].clone(), 16);
    let (status, made) = world.hs("POST", TICKETS, body).await;
    assert_eq!(status, 201, "{made}");
    let id: u64 = text(&made, "id").parse().unwrap();

    let note = json!({
        "properties": { "hs_timestamp": "2026-11-20T10:00:00Z", "hs_note_body": "<p>Seen</p>" },
        "associations": of_type(json!(id), 228),
    });
    let (status, noted) = world.hs("POST", "/crm/v3/objects/notes", note.clone()).await;
    assert_eq!(status, 201, "{noted}");
    let mut timeless = note;
    timeless["properties"]["hs_timestamp"] = json!("");
    assert_eq!(world.hs("POST", "/crm/v3/objects/notes", timeless).await.0, 400);

    let path = format!(
        "/crm/v3/objects/notes/{}?properties=hs_note_body,hs_object_source_id&associations=tickets",
        text(&noted, "id")
    );
    let (_, read) = world.hs("GET", &path, Value::Null).await;
    assert_eq!(read["associations"]["tickets"]["results"], json!([{ "id": id.to_string(), "type": "note_to_ticket" }]));
    assert_eq!(read["properties"]["hs_object_source_id"], "1098266");

    let shown = world.control("GET", &format!("/_sim/tickets/{id}"), Value::Null).await;
    assert_eq!(shown["contact_ids"], json!([contact["id"]]));
    assert_eq!(shown["notes"], json!([{ "id": noted["id"], "body": "<p>Seen</p>" }]));

    let inputs = json!({ "inputs": [{ "id": contact["id"] }] });
    let (_, linked) = world.hs("POST", "/crm/associations/2026-09/contacts/tickets/batch/read", inputs.clone()).await;
    assert_eq!(linked["results"][0]["to"][0]["toObjectId"], json!(id), "a number, as HubSpot has it");
    let (status, batch) =
        world.hs("POST", &format!("{CONTACTS}/batch/read"), json!({ "inputs": [{ "id": "5" }] })).await;
    assert_eq!((status, &batch["numErrors"]), (207, &json!(1)));
}

#[tokio::test(start_paused = true)]
async fn owners_are_found_by_user_id_and_by_address() {
    let world = World::live().await;
    let (_, owner) = world.hs("GET", "/crm/owners/2026-09/3892666?idProperty=userId", Value::Null).await;
    assert_eq!(owner["id"], "81538190");
    assert_eq!(world.hs("GET", "/crm/v3/owners/3892666", Value::Null).await.0, 404, "a user id is no owner id");
    let (_, list) = world.hs("GET", "/crm/v3/owners?email=RITA%40support.example", Value::Null).await;
    assert_eq!(list["results"][0]["userId"], 100);
    let gone =
        json!([{ "user_id": 7, "owner_id": 8, "name": "Old Rep", "email": "old@support.example", "archived": true }]);
    world.control("PUT", "/_sim/owners", gone).await;
    let (_, archived) = world.hs("GET", "/crm/v3/owners/7?idProperty=userId&archived=true", Value::Null).await;
    assert_eq!((&archived["userId"], &archived["userIdIncludingInactive"]), (&Value::Null, &json!(7)));
}

#[tokio::test(start_paused = true)]
async fn pipelines_can_be_more_than_the_default_one() {
    let world = World::live().await;
    let path = "/crm/pipelines/2026-09/tickets";
    let (_, list) = world.hs("GET", path, Value::Null).await;
    let stages = list["results"][0]["stages"].as_array().unwrap();
    let closed: Vec<&Value> =
        stages.iter().filter(|s| s["metadata"]["ticketState"] == "CLOSED").map(|s| &s["id"]).collect();
    assert_eq!(closed, ["4"]);
    let more = json!([
        { "id": "0", "label": "Support", "stages": [{ "id": "1", "label": "New" }, { "id": "4", "label": "Closed", "closed": true }] },
        { "id": "55", "label": "Returns", "stages": [{ "id": "551", "label": "New" }, { "id": "559", "label": "Done", "closed": true }] },
    ]);
    world.control("PUT", "/_sim/pipelines", more).await;
    let stage = |stage: &str| ticket(&json!({ "hs_pipeline": "55", "hs_pipeline_stage": stage }));
    assert_eq!(world.hs("POST", TICKETS, stage("4")).await.0, 400, "the stage of another pipeline");
    let (status, made) = world.hs("POST", TICKETS, stage("551")).await;
    assert_eq!(status, 201);
    let path = format!("{TICKETS}/{}", text(&made, "id"));
    let close = json!({ "properties": { "hs_pipeline_stage": "559" } });
    assert_eq!(world.hs("PATCH", &path, close).await.0, 200);
    assert_eq!(world.hs("PATCH", &path, json!({ "properties": { "hs_pipeline_stage": "4" } })).await.0, 400);
}
