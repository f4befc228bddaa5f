//! The jobs as items: every move is one write.

use super::job::{BURIED, Item, Job, JobError, LEASE, SHARDS, key};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, Select, TransactWriteItem,
};
use jiff::Timestamp;

/// The most items of one transaction. Each transaction waits for the disk once.
const PER_WRITE: usize = 100;

/// The outcome of taking a job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leased {
    /// It is this run's until the lease ends.
    Yes {
        /// How often it was taken, this time included.
        receives: u32,
    },
    /// Another run of this boot has it.
    Held,
    /// It was done or cancelled.
    Gone,
}

pub(super) struct JobTable {
    client: Client,
    table: String,
    boot: String,
}

impl JobTable {
    pub(super) fn new(client: Client, table: &str, boot: &str) -> Self {
        Self { client, table: table.to_owned(), boot: boot.to_owned() }
    }

    /// Stores jobs, up to a hundred in one write.
    pub(super) async fn put(&self, jobs: &[Job]) -> Result<(), JobError> {
        if let [job] = jobs {
            let put = self.client.put_item().table_name(&self.table).set_item(Some(job.item()));
            return put.send().await.map(|_| ()).map_err(engine);
        }
        for jobs in jobs.chunks(PER_WRITE) {
            let puts = jobs.iter().map(|job| self.transact_put(job.item())).collect::<Result<Vec<_>, _>>()?;
            self.client.transact_write_items().set_transact_items(Some(puts)).send().await.map_err(engine)?;
        }
        Ok(())
    }

    fn transact_put(&self, item: Item) -> Result<TransactWriteItem, JobError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(engine)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// All stored jobs in the order of their places.
    pub(super) async fn load(&self) -> Result<Vec<Job>, JobError> {
        let mut jobs = Vec::new();
        for shard in SHARDS {
            let mut pages = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :shard")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                .consistent_read(true)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                for item in page.map_err(engine)?.items() {
                    match Job::read(item) {
                        Err(error @ JobError::Newer { .. }) => tracing::warn!(%error, "a job waits"),
                        job => jobs.push(job?),
                    }
                }
            }
        }
        jobs.sort_by(|a, b| a.sort.cmp(&b.sort));
        Ok(jobs)
    }

    /// How many jobs were buried.
    pub(super) async fn buried(&self) -> Result<u64, JobError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :buried");
        let query = query.expression_attribute_values(":buried", AttributeValue::S(BURIED.to_owned()));
        let counted = query.select(Select::Count).send().await.map_err(engine)?;
        Ok(u64::from(counted.count().unsigned_abs()))
    }

    /// Takes a job for one run, unless a run of this boot has it. From now on it keeps its place in its line.
    pub(super) async fn lease(&self, job: &Job, now: Timestamp) -> Result<Leased, JobError> {
        let free = "attribute_not_exists(lease_boot) OR lease_boot <> :boot OR lease_until < :now";
        let taken = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(job.key()))
            .update_expression("SET lease_boot = :boot, lease_until = :until, joins_later = :no ADD receives :one")
            .condition_expression(format!("attribute_exists(pk) AND ({free})"))
            .expression_attribute_values(":boot", AttributeValue::S(self.boot.clone()))
            .expression_attribute_values(":until", micros(now + LEASE))
            .expression_attribute_values(":now", micros(now))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match taken {
            Ok(taken) => {
                let receives = taken.attributes().and_then(|item| item.get("receives")?.as_n().ok()?.parse().ok());
                Ok(Leased::Yes { receives: receives.unwrap_or(1) })
            }
            Err(SdkError::ServiceError(e)) => match e.err() {
                UpdateItemError::ConditionalCheckFailedException(refused) => {
                    Ok(if refused.item().is_some() { Leased::Held } else { Leased::Gone })
                }
                _ => Err(engine(SdkError::ServiceError(e))),
            },
            Err(error) => Err(engine(error)),
        }
    }

    /// Gives a job back. It is due again at `due`.
    pub(super) async fn release(&self, job: &Job, due: Timestamp) -> Result<(), JobError> {
        let released = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(job.key()))
            .update_expression("SET due = :due REMOVE lease_boot, lease_until")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":due", AttributeValue::S(due.to_string()))
            .send()
            .await;
        match released {
            Ok(_) => Ok(()),
            // It was done or cancelled meanwhile.
            Err(SdkError::ServiceError(e)) if e.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(engine(error)),
        }
    }

    /// The job is done.
    pub(super) async fn delete(&self, job: &Job) -> Result<(), JobError> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(job.key()));
        delete.send().await.map(|_| ()).map_err(engine)
    }

    /// Moves the job to a shard that nothing runs, so that a person can look at it.
    pub(super) async fn bury(&self, job: &Job) -> Result<(), JobError> {
        let mut item = job.item();
        item.extend(key(BURIED, &job.sort));
        let delete = Delete::builder().table_name(&self.table).set_key(Some(job.key())).build().map_err(engine)?;
        let moved = [self.transact_put(item)?, TransactWriteItem::builder().delete(delete).build()];
        let write = self.client.transact_write_items().set_transact_items(Some(moved.to_vec()));
        write.send().await.map(|_| ()).map_err(engine)
    }
}

fn micros(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_microsecond().to_string())
}

fn engine(error: impl std::error::Error) -> JobError {
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    JobError::Engine { problem: causes.map(ToString::to_string).collect::<Vec<_>>().join(": ") }
}
