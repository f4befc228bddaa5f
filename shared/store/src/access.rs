//! The calls to the table: consistent reads, conditional writes, transactions.

use crate::error::is_passing;
use crate::item::{Attributes, Item, text};
use crate::keys::Key;
use crate::write::{Kind, Write};
use crate::{Store, StoreError};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, KeysAndAttributes, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use std::collections::HashMap;

/// Two transactions that meet cancel each other; the next attempt usually meets nobody.
const TRANSACTION_ATTEMPTS: u32 = 4;
/// `BatchGetItem` takes no more.
const BATCH: usize = 100;

/// What became of a conditional write.
pub(crate) enum Written {
    /// It was done: the item's attributes that were asked for.
    Yes(Attributes),
    /// The condition does not hold for the item, or for its absence.
    No(Option<Item>),
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
    /// Reads one item, strongly consistent.
    pub(crate) async fn get(&self, action: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&*self.table).consistent_read(true);
        let answer = request.key("pk", text(&key.pk)).key("sk", text(&key.sk)).send().await;
        let answer = answer.map_err(|error| StoreError::of_sdk(action, &error))?;
        answer.item.map(Item::read).transpose()
    }

    /// Reads many items, strongly consistent, in no order. Those that are gone are left out.
    pub(crate) async fn get_all(&self, action: &'static str, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let keys =
                keys.iter().map(|key| Attributes::from([("pk".into(), text(&key.pk)), ("sk".into(), text(&key.sk))]));
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys.collect())).consistent_read(true).build();
            let mut wanted = Some(wanted.map_err(|error| StoreError::Aws { action, problem: error.to_string() })?);
            while let Some(keys) = wanted.take() {
                let answer = self.client.batch_get_item().request_items(&*self.table, keys).send().await;
                let mut answer = answer.map_err(|error| StoreError::of_sdk(action, &error))?;
                let found =
                    answer.responses.as_mut().and_then(|tables| tables.remove(&*self.table)).unwrap_or_default();
                items.extend(found.into_iter().map(Item::read).collect::<Result<Vec<_>, _>>()?);
                wanted = answer.unprocessed_keys.as_mut().and_then(|tables| tables.remove(&*self.table));
            }
        }
        Ok(items)
    }

    /// Does one conditional update; `returning` says which attributes are wanted back.
    pub(crate) async fn update(
        &self,
        action: &'static str,
        write: Write,
        returning: ReturnValue,
    ) -> Result<Written, StoreError> {
        let key = write.key.clone();
        let parts = write.parts();
        let request =
            self.client.update_item().table_name(&*self.table).key("pk", text(key.pk)).key("sk", text(key.sk));
        let request = request.update_expression(&parts.expression).condition_expression(&parts.condition);
        let request =
            request.set_expression_attribute_values(parts.values()).set_expression_attribute_names(Some(parts.names));
        let request = request.return_values(returning);
        let answer =
            request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).send().await;
        match answer {
            Ok(answer) => Ok(Written::Yes(answer.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(refusal) = service.into_err() else {
                    return Ok(Written::No(None));
                };
                Ok(Written::No(refusal.item.map(Item::read).transpose()?))
            }
            Err(error) => Err(StoreError::of_sdk(action, &error)),
        }
    }

    /// The same where all of the new item is wanted.
    pub(crate) async fn update_to_item(
        &self,
        action: &'static str,
        write: Write,
    ) -> Result<Result<Item, Option<Item>>, StoreError> {
        match self.update(action, write, ReturnValue::AllNew).await? {
            Written::Yes(attributes) => Item::read(attributes).map(Ok),
            Written::No(item) => Ok(Err(item)),
        }
    }

    /// Does all writes, or none.
    pub(crate) async fn transact(&self, action: &'static str, writes: Vec<Write>) -> Result<Transacted, StoreError> {
        let steps: Vec<_> = writes.into_iter().map(|write| self.step(action, write)).collect::<Result<_, _>>()?;
        let mut attempt = 1;
        loop {
            // The SDK gives each request a token, so that its own repeats of a lost answer are not done twice.
            let answer = self.client.transact_write_items().set_transact_items(Some(steps.clone())).send().await;
            let Err(error) = answer else { return Ok(Transacted::Yes) };
            let reasons = canceled(&error);
            if reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                return Ok(Transacted::No(reasons.iter().map(refusal).collect::<Result<_, _>>()?));
            }
            let met = !reasons.is_empty()
                && reasons.iter().filter_map(CancellationReason::code).all(|code| code == "None" || is_passing(code));
            if !met {
                return Err(StoreError::of_sdk(action, &error));
            }
            if attempt == TRANSACTION_ATTEMPTS {
                return Err(StoreError::Unavailable {
                    action,
                    problem: "other writes of the same items came between".to_owned(),
                });
            }
            attempt += 1;
        }
    }

    fn step(&self, action: &'static str, write: Write) -> Result<TransactWriteItem, StoreError> {
        let (kind, key) =
            (write.kind, Attributes::from([("pk".into(), text(&write.key.pk)), ("sk".into(), text(&write.key.sk))]));
        let parts = write.parts();
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let (table, values) = (&*self.table, parts.values());
        let names: Option<HashMap<_, _>> = Some(parts.names);
        let step = TransactWriteItem::builder();
        let step = match kind {
            Kind::Update => {
                let update = Update::builder().table_name(table).set_key(Some(key)).update_expression(parts.expression);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
                update
                    .condition_expression(parts.condition)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .map(|it| step.update(it))
            }
            Kind::Replace => {
                let put =
                    Put::builder().table_name(table).set_item(Some(parts.item)).set_expression_attribute_names(names);
                let put = put.set_expression_attribute_values(values).condition_expression(parts.condition);
                put.return_values_on_condition_check_failure(old).build().map(|it| step.put(it))
            }
            Kind::Delete => {
                let delete =
                    Delete::builder().table_name(table).set_key(Some(key)).set_expression_attribute_names(names);
                let delete = delete.set_expression_attribute_values(values).condition_expression(parts.condition);
                delete.return_values_on_condition_check_failure(old).build().map(|it| step.delete(it))
            }
        };
        Ok(step.map_err(|error| StoreError::Aws { action, problem: error.to_string() })?.build())
    }
}

fn canceled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Vec<CancellationReason> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons().to_vec()
        }
        _ => Vec::new(),
    }
}

fn refusal(reason: &CancellationReason) -> Result<Refusal, StoreError> {
    if reason.code() == Some("ConditionalCheckFailed") {
        Ok(Refusal::Failed(reason.item.clone().map(Item::read).transpose()?))
    } else {
        Ok(Refusal::Passed)
    }
}
