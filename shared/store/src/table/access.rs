//! The calls to the table: consistent reads, queries, conditional writes, transactions.

use crate::table::StoreError;
use crate::table::error::is_passing;
use crate::table::item::{Item, text};
use crate::table::keyring::Keyring;
use crate::table::keys::{Attributes, Key};
use crate::table::write::{Kind, Write};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, KeysAndAttributes, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update,
};
use std::sync::Arc;
use std::time::Duration;

/// A call that meets other calls is made this often; with its pauses that takes at most 0.7 s.
const ATTEMPTS: u32 = 6;
/// The pause after the first attempt; each later one is twice as long.
const FIRST_PAUSE_MS: u64 = 20;
const MET: &str = "other writes of the same items came between at every attempt";
/// `BatchGetItem` takes no more keys.
const BATCH: usize = 100;

/// The table. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) table: Arc<str>,
    pub(crate) keyring: Arc<Keyring>,
    boot: Option<Arc<str>>,
}

/// What became of a transaction.
pub(crate) enum Transacted {
    Yes,
    /// One entry per write, in their order.
    No(Vec<Refusal>),
}

/// One write of a transaction that was not done.
pub(crate) enum Refusal {
    /// Its own condition holds.
    Passed,
    /// Its condition does not hold for the item, or for its absence.
    Failed(Option<Item>),
}

impl Store {
    /// The table `table` as `client` reaches it; `keyring` seals and opens its secrets.
    pub fn new(client: aws_sdk_dynamodb::Client, table: &str, keyring: Arc<Keyring>) -> Self {
        Self { client, table: table.into(), keyring, boot: None }
    }

    /// For a runner that is the only one on its data: claims of an earlier boot count as expired, because that
    /// process is dead.
    #[must_use]
    pub fn with_boot(mut self, boot: String) -> Self {
        self.boot = Some(boot.into());
        self
    }

    /// The boot of this process, where it has one.
    pub(crate) fn boot(&self) -> Option<AttributeValue> {
        self.boot.as_deref().map(text)
    }

    /// Gives `write` the value `:boot`, and the condition that another boot than this one wrote `attribute`. Without boots
    /// the condition is never true.
    pub(crate) fn of_dead_boot(&self, write: Write, attribute: &str) -> (Write, String) {
        match self.boot() {
            Some(boot) => (write.with("boot", boot), format!("#{attribute} <> :boot")),
            None => (write, "attribute_not_exists(#pk)".to_owned()),
        }
    }

    /// Reads one item, strongly consistent.
    pub(crate) async fn get(&self, action: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&*self.table).consistent_read(true);
        let answer = request.set_key(Some(key.attributes())).send().await;
        answer.map_err(|error| StoreError::of_sdk(action, &error))?.item.map(Item::read).transpose()
    }

    /// Reads many items, strongly consistent, in no order. Items that are gone are left out.
    pub(crate) async fn get_all(&self, action: &'static str, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let keys = keys.iter().map(Key::attributes).collect();
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let mut wanted = wanted.map_err(|error| StoreError::of_request(action, &error))?;
            let mut attempt = 1;
            loop {
                let answer = self.client.batch_get_item().request_items(&*self.table, wanted).send().await;
                let answer = answer.map_err(|error| StoreError::of_sdk(action, &error))?;
                let found = answer.responses.and_then(|mut tables| tables.remove(&*self.table)).unwrap_or_default();
                // The bound is for a table that gives nothing; one that gives a part is asked for the rest.
                attempt = if found.is_empty() { attempt } else { 1 };
                items.extend(found.into_iter().map(Item::read).collect::<Result<Vec<_>, _>>()?);
                match answer.unprocessed_keys.and_then(|mut tables| tables.remove(&*self.table)) {
                    Some(rest) => wanted = rest,
                    None => break,
                }
                pause(&mut attempt, action, "the table left all keys unread").await?;
            }
        }
        Ok(items)
    }

    /// A query of the table, or of an index; the condition's values are all texts.
    pub(crate) fn query<const N: usize>(
        &self,
        index: Option<&str>,
        condition: &str,
        values: [(&str, &str); N],
    ) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&*self.table).set_index_name(index.map(str::to_owned));
        let query = query.key_condition_expression(condition);
        values.into_iter().fold(query, |query, (name, value)| query.expression_attribute_values(name, text(value)))
    }

    /// Does one conditional update; `returning` says which attributes the answer has. A refusal has the item that stood
    /// in the way, or nothing where there is none.
    pub(crate) async fn update(
        &self,
        action: &'static str,
        write: Write,
        returning: ReturnValue,
    ) -> Result<Result<Attributes, Option<Item>>, StoreError> {
        let key = write.key.attributes();
        let parts = write.parts();
        let request = self.client.update_item().table_name(&*self.table).set_key(Some(key)).return_values(returning);
        let request = request.update_expression(&parts.expression).condition_expression(&parts.condition);
        let request =
            request.set_expression_attribute_values(parts.values()).set_expression_attribute_names(Some(parts.names));
        let request = request.return_values_on_condition_check_failure(AllOld);
        let mut attempt = 1;
        loop {
            match request.clone().send().await {
                Ok(answer) => return Ok(Ok(answer.attributes.unwrap_or_default())),
                Err(SdkError::ServiceError(service)) if service.err().is_transaction_conflict_exception() => {}
                Err(error) => {
                    return match error.as_service_error() {
                        Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                            Ok(Err(refused.item.clone().map(Item::read).transpose()?))
                        }
                        _ => Err(StoreError::of_sdk(action, &error)),
                    };
                }
            }
            pause(&mut attempt, action, MET).await?;
        }
    }

    /// The same where all of the new item is wanted.
    pub(crate) async fn update_to_item(
        &self,
        action: &'static str,
        write: Write,
    ) -> Result<Result<Item, Option<Item>>, StoreError> {
        Ok(match self.update(action, write, ReturnValue::AllNew).await? {
            Ok(attributes) => Ok(Item::read(attributes)?),
            Err(refused) => Err(refused),
        })
    }

    /// Does one write, of any kind. The answer is whether its condition held.
    pub(crate) async fn write(&self, action: &'static str, write: Write) -> Result<bool, StoreError> {
        match write.kind {
            Kind::Update => Ok(self.update(action, write, ReturnValue::None).await?.is_ok()),
            Kind::Replace | Kind::Delete => Ok(matches!(self.transact(action, vec![write]).await?, Transacted::Yes)),
        }
    }

    /// Does all writes, or none. Its own repeat after a lost answer is not done twice: the SDK gives each request a token.
    pub(crate) async fn transact(&self, action: &'static str, writes: Vec<Write>) -> Result<Transacted, StoreError> {
        let steps: Vec<_> = writes.into_iter().map(|write| self.step(action, write)).collect::<Result<_, _>>()?;
        let mut attempt = 1;
        loop {
            let answer = self.client.transact_write_items().set_transact_items(Some(steps.clone())).send().await;
            let Err(error) = answer else { return Ok(Transacted::Yes) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    canceled.cancellation_reasons()
                }
                _ => &[],
            };
            if reasons.iter().any(is_refused) {
                return Ok(Transacted::No(reasons.iter().map(refusal).collect::<Result<_, _>>()?));
            }
            let met = !reasons.is_empty()
                && reasons.iter().filter_map(CancellationReason::code).all(|code| code == "None" || is_passing(code));
            if !met {
                return Err(StoreError::of_sdk(action, &error));
            }
            pause(&mut attempt, action, MET).await?;
        }
    }

    fn step(&self, action: &'static str, write: Write) -> Result<TransactWriteItem, StoreError> {
        let (kind, key, table) = (write.kind, Some(write.key.attributes()), &*self.table);
        let parts = write.parts();
        let (condition, names, values) = (parts.condition.clone(), Some(parts.names.clone()), parts.values());
        let step = TransactWriteItem::builder();
        let step = match kind {
            Kind::Update => {
                let update = Update::builder().table_name(table).set_key(key).update_expression(parts.expression);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
                let update = update.condition_expression(condition).return_values_on_condition_check_failure(AllOld);
                update.build().map(|update| step.update(update))
            }
            Kind::Replace => {
                let put = Put::builder().table_name(table).set_item(Some(parts.item));
                let put = put.set_expression_attribute_names(names).set_expression_attribute_values(values);
                let put = put.condition_expression(condition).return_values_on_condition_check_failure(AllOld);
                put.build().map(|put| step.put(put))
            }
            Kind::Delete => {
                let delete = Delete::builder().table_name(table).set_key(key).condition_expression(condition);
                let delete = delete.set_expression_attribute_names(names).set_expression_attribute_values(values);
                let delete = delete.return_values_on_condition_check_failure(AllOld);
                delete.build().map(|delete| step.delete(delete))
            }
        };
        Ok(step.map_err(|error| StoreError::of_request(action, &error))?.build())
    }
}

/// One page of a query.
pub(crate) async fn read_page(action: &'static str, query: QueryFluentBuilder) -> Result<Vec<Attributes>, StoreError> {
    let answer = query.send().await.map_err(|error| StoreError::of_sdk(action, &error))?;
    Ok(answer.items.unwrap_or_default())
}

/// All that a query finds.
pub(crate) async fn read_all(action: &'static str, query: QueryFluentBuilder) -> Result<Vec<Attributes>, StoreError> {
    let found: Result<Vec<_>, _> = query.into_paginator().items().send().collect().await;
    found.map_err(|error| StoreError::of_sdk(action, &error))
}

/// Waits before the next attempt: twice as long as before, and not as long as another that met the same writes.
async fn pause(attempt: &mut u32, action: &'static str, problem: &str) -> Result<(), StoreError> {
    if *attempt == ATTEMPTS {
        return Err(StoreError::unavailable(action, problem));
    }
    let longest = FIRST_PAUSE_MS << (*attempt - 1);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(longest / 2..=longest))).await;
    *attempt += 1;
    Ok(())
}

fn is_refused(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn refusal(reason: &CancellationReason) -> Result<Refusal, StoreError> {
    if !is_refused(reason) {
        return Ok(Refusal::Passed);
    }
    Ok(Refusal::Failed(reason.item.clone().map(Item::read).transpose()?))
}
