//! Which environment variables each function reads. The template gives exactly these (tests/e2e holds it to that).

use crate::DelayEngine;

/// The variables of one function.
#[derive(Debug, Clone, Copy)]
pub struct Variables {
    /// Without these it does not start.
    pub needed: &'static [&'static str],
    /// Nor without these where `DELAY_ENGINE` is `scheduler`.
    pub with_scheduler: &'static [&'static str],
    /// Nor without these where `DELAY_ENGINE` is `sqs`.
    pub with_sqs: &'static [&'static str],
    /// These have a default, or the function does less where they are absent.
    pub optional: &'static [&'static str],
}

impl Variables {
    /// All that it may not start without.
    pub(crate) fn needed(&self, engine: DelayEngine) -> impl Iterator<Item = &'static str> {
        let timers = match engine {
            DelayEngine::Scheduler => self.with_scheduler,
            DelayEngine::Sqs => self.with_sqs,
        };
        self.needed.iter().chain(timers).copied()
    }

    /// All that it reads.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        [self.needed, self.with_scheduler, self.with_sqs, self.optional].into_iter().flatten().copied()
    }
}

/// What a function reads that runs flows and sets no timers.
const FLOWS: Variables = Variables {
    needed: &["TABLE_NAME", "SECRET_ARN"],
    with_scheduler: &[],
    with_sqs: &[],
    optional: &["HUBSPOT_API_URL", "HUBSPOT_API_VERSIONS", "OPENCX_API_URL", "LOG_LEVEL"],
};

/// What a function reads that sets the timers of closes.
const CLOSES: Variables = Variables {
    with_scheduler: &["SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "CLOSE_FUNCTION_ARN"],
    with_sqs: &["CLOSE_DELAY_QUEUE_URL"],
    optional: &[
        "CLOSE_DELAY_SECONDS",
        "DELAY_ENGINE",
        "SCHEDULE_DLQ_ARN",
        "HUBSPOT_API_URL",
        "HUBSPOT_API_VERSIONS",
        "OPENCX_API_URL",
        "LOG_LEVEL",
    ],
    ..FLOWS
};

/// The door.
pub const WEBHOOK: Variables = Variables {
    needed: &["EVENTS_QUEUE_URL", "SECRET_ARN", "PUBLIC_URL"],
    with_scheduler: &[],
    with_sqs: &[],
    optional: &["ACCEPT_V1_SIGNATURES", "LOG_LEVEL"],
};
/// The worker.
pub const EVENTS: Variables = Variables {
    needed: &["TABLE_NAME", "EVENTS_QUEUE_URL", "SECRET_ARN"],
    with_scheduler: &["EVENTS_QUEUE_ARN", "SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "CLOSE_FUNCTION_ARN"],
    with_sqs: &["DELAY_QUEUE_URL", "CLOSE_DELAY_QUEUE_URL"],
    optional: &[
        "CLOSE_DELAY_SECONDS",
        "DELAY_ENGINE",
        "EMAIL_DELAY_SECONDS",
        "EVENTS_DEAD_LETTER_ARN",
        "SCHEDULE_DLQ_ARN",
        "HUBSPOT_API_URL",
        "HUBSPOT_API_VERSIONS",
        "OPENCX_API_URL",
        "LOG_LEVEL",
    ],
};
/// Tickets of handoffs.
pub const HANDOFF: Variables = FLOWS;
/// What OpenCX says.
pub const REPLY: Variables = FLOWS;
/// Promises of closes.
pub const RESOLVE: Variables = CLOSES;
/// Closes.
pub const CLOSE: Variables = CLOSES;
/// Contacts and properties.
pub const SYNC: Variables = FLOWS;
/// The CRM panel.
pub const CONTEXT: Variables = FLOWS;
/// Workflow actions: what takes long goes into the queue.
pub const ACTIONS: Variables =
    Variables { needed: &["TABLE_NAME", "EVENTS_QUEUE_URL", "SECRET_ARN", "PUBLIC_URL"], ..FLOWS };

/// The console, its API and OAuth.
pub const CONNECT: Variables = Variables {
    optional: &["HUBSPOT_API_URL", "HUBSPOT_APP_URL", "HUBSPOT_API_VERSIONS", "OPENCX_API_URL", "LOG_LEVEL"],
    ..ACTIONS
};

/// Each function with its variables.
pub const FUNCTIONS: [(&str, Variables); 10] = [
    ("webhook", WEBHOOK),
    ("events", EVENTS),
    ("handoff", HANDOFF),
    ("reply", REPLY),
    ("resolve", RESOLVE),
    ("close", CLOSE),
    ("sync", SYNC),
    ("context", CONTEXT),
    ("actions", ACTIONS),
    ("connect", CONNECT),
];
