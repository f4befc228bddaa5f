//! What each function may do: its ports, its operations on the table, its environment variables.
//!
//! This is the one table of rights. Each `main.rs` takes its ports and variables from it, the runner on one machine and
//! all stories work under it, and tests/e2e/template compares the roles and environments of `template.yaml` with it.
//! A right that is not named here exists nowhere. Start with [`FUNCTIONS`].

use QueueRight::{Count, Receive, Send};
use TableRight::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, QueryIndex, UpdateItem};
use TimerRight::{SetClose, SetReturn};

/// The engine behind the timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DelayEngine {
    /// EventBridge Scheduler: up to 60 s late.
    Scheduler,
    /// Standard SQS queues whose messages wait: about a second late.
    Sqs,
}

/// A function and its rights.
#[derive(Debug, Clone, Copy)]
pub struct FunctionSpec {
    /// The name of its package, and the end of its name on AWS.
    pub name: &'static str,
    /// What it does with the events queue.
    pub queue: &'static [QueueRight],
    /// What it does with timers.
    pub timers: &'static [TimerRight],
    /// What it does with the table.
    pub table: &'static [TableRight],
    /// Variables that it needs beside those that follow from its rights.
    pub needed: &'static [&'static str],
    /// Variables that it does without where they are absent, beside those that follow from its rights.
    pub optional: &'static [&'static str],
}

/// A right on the events queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueRight {
    /// Sends messages.
    Send,
    /// Takes messages, hides them for a while and removes them.
    Receive,
    /// Counts what waits, here and among the dead letters.
    Count,
}

/// A right on the timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerRight {
    /// Lets a thread return to the events queue.
    SetReturn,
    /// Lets `close` be invoked.
    SetClose,
}

/// A right on the table, as IAM names it. A transaction needs the rights of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableRight {
    /// Reads one item.
    GetItem,
    /// Reads several items.
    BatchGetItem,
    /// Writes an item.
    PutItem,
    /// Changes an item.
    UpdateItem,
    /// Removes an item.
    DeleteItem,
    /// Makes a transaction depend on an item that it does not write.
    ConditionCheckItem,
    /// Lists the items under one key.
    Query,
    /// Lists the items of an index.
    QueryIndex(&'static str),
    /// Reads the whole table. No function may; the operator of one machine does.
    Scan,
}

/// The index of deliveries by day.
const BY_DAY: TableRight = QueryIndex("gsi1");
/// The index of deliveries by thread, ticket, session and message.
const BY_OBJECT: TableRight = QueryIndex("gsi2");
/// The index of what is overdue.
const BY_DUE: TableRight = QueryIndex("gsi3");

/// A function that may do nothing but read the secret and write its log.
const NONE: FunctionSpec = FunctionSpec { name: "", queue: &[], timers: &[], table: &[], needed: &[], optional: &[] };

/// The door: it stores HubSpot's events in the queue.
pub const WEBHOOK: FunctionSpec = FunctionSpec {
    name: "webhook",
    queue: &[Send],
    needed: &["PUBLIC_URL"],
    optional: &["ACCEPT_V1_SIGNATURES"],
    ..NONE
};
/// The worker: it processes what the queue holds.
pub const EVENTS: FunctionSpec = FunctionSpec {
    name: "events",
    queue: &[Send, Receive],
    timers: &[SetReturn, SetClose],
    table: &[
        GetItem,
        BatchGetItem,
        PutItem,
        UpdateItem,
        DeleteItem,
        ConditionCheckItem,
        Query,
        BY_DAY,
        BY_OBJECT,
        BY_DUE,
    ],
    optional: &["EVENTS_DEAD_LETTER_ARN"],
    ..NONE
};
/// Opens the ticket of a handoff. The timeout of a handoff is a message in the queue, and customers are told by e-mail
/// under a signature where nobody is there.
pub const HANDOFF: FunctionSpec = FunctionSpec {
    name: "handoff",
    queue: &[Send],
    table: &[GetItem, BatchGetItem, PutItem, UpdateItem, DeleteItem, ConditionCheckItem, Query, BY_OBJECT],
    ..NONE
};
/// Posts what OpenCX says. Where the customer writes on a channel of OpenCX, a resolved session opens again.
pub const REPLY: FunctionSpec = FunctionSpec {
    name: "reply",
    table: &[GetItem, BatchGetItem, PutItem, UpdateItem, DeleteItem, ConditionCheckItem, Query, BY_OBJECT],
    ..NONE
};
/// Promises a close, or makes the promise void.
pub const RESOLVE: FunctionSpec = FunctionSpec {
    name: "resolve",
    timers: &[SetClose],
    table: &[GetItem, PutItem, UpdateItem, DeleteItem, ConditionCheckItem],
    ..NONE
};
/// Closes the ticket of a resolved session.
pub const CLOSE: FunctionSpec = FunctionSpec {
    name: "close",
    timers: &[SetClose],
    table: &[GetItem, PutItem, UpdateItem, DeleteItem, ConditionCheckItem],
    ..NONE
};
/// Takes contact and custom data to HubSpot.
pub const SYNC: FunctionSpec = FunctionSpec {
    name: "sync",
    table: &[GetItem, BatchGetItem, PutItem, UpdateItem, DeleteItem, ConditionCheckItem, BY_OBJECT],
    ..NONE
};
/// Shows what the CRM knows of a customer.
pub const CONTEXT: FunctionSpec = FunctionSpec { name: "context", table: &[GetItem, PutItem, UpdateItem], ..NONE };
/// Takes workflow actions; what takes long goes into the queue. It opens handoffs as `handoff` does.
pub const ACTIONS: FunctionSpec =
    FunctionSpec { name: "actions", queue: HANDOFF.queue, table: HANDOFF.table, needed: &["PUBLIC_URL"], ..NONE };
/// The console, its API and OAuth.
pub const CONNECT: FunctionSpec = FunctionSpec {
    name: "connect",
    queue: &[Send, Count],
    table: EVENTS.table,
    needed: &["PUBLIC_URL"],
    optional: &["HUBSPOT_APP_URL"],
    ..NONE
};

/// All of them.
pub const FUNCTIONS: [FunctionSpec; 10] =
    [WEBHOOK, EVENTS, HANDOFF, REPLY, RESOLVE, CLOSE, SYNC, CONTEXT, ACTIONS, CONNECT];

/// Whether a function reads a variable.
enum Need {
    Needed,
    WithScheduler,
    WithSqs,
    Optional,
}

impl FunctionSpec {
    /// The variables without which it does not start, where that engine keeps the time.
    pub fn needed(&self, engine: DelayEngine) -> Vec<&'static str> {
        let needed = |need: &Need| match need {
            Need::Needed => true,
            Need::WithScheduler => engine == DelayEngine::Scheduler,
            Need::WithSqs => engine == DelayEngine::Sqs,
            Need::Optional => false,
        };
        self.reads().filter(|(_, need)| needed(need)).map(|(name, _)| name).collect()
    }

    /// All variables that it reads.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.reads().map(|(name, _)| name)
    }

    fn reads(&self) -> impl Iterator<Item = (&'static str, Need)> {
        use Need::{Needed, Optional, WithScheduler, WithSqs};
        let (timers, flows) = (!self.timers.is_empty(), !self.table.is_empty());
        let (returns, closes) = (self.timers.contains(&SetReturn), self.timers.contains(&SetClose));
        let of_rights = [
            (flows, "TABLE_NAME", Needed),
            (!self.queue.is_empty(), "EVENTS_QUEUE_URL", Needed),
            (true, "SECRET_ARN", Needed),
            (returns, "EVENTS_QUEUE_ARN", WithScheduler),
            (timers, "SCHEDULE_GROUP", WithScheduler),
            (timers, "SCHEDULE_ROLE_ARN", WithScheduler),
            (closes, "CLOSE_FUNCTION_ARN", WithScheduler),
            (returns, "DELAY_QUEUE_URL", WithSqs),
            (closes, "CLOSE_DELAY_QUEUE_URL", WithSqs),
            (timers, "DELAY_ENGINE", Optional),
            (timers, "SCHEDULE_DLQ_ARN", Optional),
            (closes, "CLOSE_DELAY_SECONDS", Optional),
            (returns, "EMAIL_DELAY_SECONDS", Optional),
            (flows, "HUBSPOT_API_URL", Optional),
            (flows, "HUBSPOT_API_VERSIONS", Optional),
            (flows, "OPENCX_API_URL", Optional),
            (true, "LOG_LEVEL", Optional),
        ];
        let of_rights = of_rights.into_iter().filter(|(reads, ..)| *reads).map(|(_, name, need)| (name, need));
        let needed = self.needed.iter().map(|name| (*name, Needed));
        of_rights.chain(needed).chain(self.optional.iter().map(|name| (*name, Optional)))
    }
}
