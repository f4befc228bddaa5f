use super::{Refusals, Rights, wanted};
use crate::testing::Machine;
use domain::OrgId;
use runtime::functions::{CLOSE, CONTEXT, FunctionSpec, QueueRight, REPLY, TableRight, TimerRight, WEBHOOK};
use store::StoreError;

#[test]
fn a_request_needs_the_rights_of_its_parts() {
    let check = |operation: &str, request: &str, expected: &[&str]| {
        assert_eq!(wanted(operation, request.as_bytes()), expected, "{operation} {request}");
    };
    check("GetItem", "{}", &["GetItem"]);
    check("Query", r#"{"TableName":"t"}"#, &["Query"]);
    check("Query", r#"{"TableName":"t","IndexName":"gsi2"}"#, &["Query on gsi2"]);
    check(
        "TransactWriteItems",
        r#"{"TransactItems":[{"Put":{"Item":{}}},{"ConditionCheck":{}},{"Update":{}},{"Delete":{}}]}"#,
        &["PutItem", "ConditionCheckItem", "UpdateItem", "DeleteItem"],
    );
    check("Query", "[", &["unreadable Query"]);
}

#[tokio::test(start_paused = true)]
async fn a_function_with_a_right_removed_is_refused() {
    let machine = Machine::new();
    let runner = machine.start("boot").await;
    let org = OrgId::parse("org_1").unwrap();
    let left: Vec<_> = REPLY.table.iter().copied().filter(|right| *right != TableRight::Query).collect();
    let less = FunctionSpec { name: "less", table: left.leak(), ..REPLY };
    assert!(runner.bridge_of(&REPLY).store.signatures(&org).await.is_ok());
    let refused = runner.bridge_of(&less).store.signatures(&org).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Aws { .. }), "no retry of the SDK mends it: {refused}");
    assert!(refused.to_string().contains("AccessDenied"), "{refused}");
    assert!(runner.bridge_of(&less).store.connection(&org).await.is_ok(), "what it may do it still does");
    assert_eq!(runner.refusals().all(), ["less: Query"]);
}

#[test]
fn a_port_that_a_function_lacks_refuses() {
    let refusals = Refusals::default();
    let rights = |function: &FunctionSpec| Rights::new(function, refusals.clone());
    assert!(rights(&WEBHOOK).on_queue(QueueRight::Send).is_ok());
    assert!(rights(&WEBHOOK).on_queue(QueueRight::Receive).is_err());
    assert!(rights(&CLOSE).on_timers(TimerRight::SetClose).is_ok());
    assert!(rights(&CLOSE).on_timers(TimerRight::SetReturn).is_err());
    assert!(rights(&CONTEXT).on_table("DeleteItem", b"{}").is_err());
    let all = ["webhook: Receive on the queue", "close: SetReturn on the timers", "context: DeleteItem"];
    assert_eq!(refusals.all(), all);
}
