use super::*;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TransactWriteItem,
};

const TABLE: &str = "engine-test";

async fn table(engine: &Engine) -> Client {
    let client = engine.client();
    let id =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S).build().unwrap();
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let create = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    create.attribute_definitions(id).key_schema(key).send().await.unwrap();
    client
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn put_once(key: &str) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).item("pk", text(key)).condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

async fn has(client: &Client, key: &str) -> bool {
    client.get_item().table_name(TABLE).key("pk", text(key)).send().await.unwrap().item().is_some()
}

#[tokio::test]
async fn a_failed_condition_returns_the_item_that_stood_in_the_way() {
    let client = table(&Engine::memory().unwrap()).await;
    let put = |by: &str| {
        let put = client.put_item().table_name(TABLE).item("pk", text("a")).item("by", text(by));
        put.condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    put("first").await.unwrap();
    let error = put("second").await.unwrap_err().into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    let update = client.update_item().table_name(TABLE).key("pk", text("a")).update_expression("ADD n :one");
    let update = update.expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    let updated = update.return_values(ReturnValue::AllNew).send().await.unwrap();
    assert_eq!(updated.attributes().unwrap().get("by"), Some(&text("first")));
}

#[tokio::test]
async fn of_many_writers_one_wins() {
    let client = table(&Engine::memory().unwrap()).await;
    let puts = (0..50).map(|_| {
        let put = client.put_item().table_name(TABLE).item("pk", text("a"));
        put.condition_expression("attribute_not_exists(pk)").send()
    });
    let won = futures::future::join_all(puts).await.into_iter().flatten().count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_transaction_happens_as_a_whole_or_not_at_all() {
    let client = table(&Engine::memory().unwrap()).await;
    client.transact_write_items().transact_items(put_once("a")).send().await.unwrap();
    let both = client.transact_write_items().transact_items(put_once("b")).transact_items(put_once("a"));
    let error = both.send().await.unwrap_err().into_service_error();
    assert!(error.is_transaction_canceled_exception(), "{error:?}");
    assert!(!has(&client, "b").await);
}

#[tokio::test]
async fn a_missing_table_is_the_error_the_sdk_knows() {
    let client = Engine::memory().unwrap().client();
    let error = client.describe_table().table_name(TABLE).send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_keeps_what_was_written() {
    let folder = crate::folder::scratch("engine-file");
    let path = folder.join("bridge.db");
    let client = table(&Engine::file(&path).unwrap()).await;
    client.put_item().table_name(TABLE).item("pk", text("a")).send().await.unwrap();
    drop(client);
    assert!(has(&Engine::file(&path).unwrap().client(), "a").await);
    std::fs::remove_dir_all(folder).unwrap();
}
