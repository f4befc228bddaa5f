//! One job and the item it is stored as.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

pub(super) type Item = HashMap<String, AttributeValue>;

/// The generation of job items.
const SCHEMA: u32 = 1;

/// How long a job belongs to the run that took it: the visibility timeout of the queue on AWS.
pub(super) const LEASE: Duration = Duration::from_secs(150);

/// Why jobs could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The engine refused. The causes are kept as text: the SDK's errors print whole items in their `Debug`.
    #[error("the table of jobs refused: {problem}")]
    Engine {
        /// The causes, outermost first.
        problem: String,
    },
    /// A job that a newer version stored. It is left for that version.
    #[error("a newer version stored job {key}")]
    Newer {
        /// Its sort key.
        key: String,
    },
    /// A stored job that this version cannot read.
    #[error("job {key} cannot be read: {problem}")]
    Corrupt {
        /// Its sort key.
        key: String,
        /// The contradiction.
        problem: String,
    },
}

/// The work of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// A message body for `events`.
    Message(String),
    /// A request for `close`.
    Close(String),
}

impl Work {
    /// The shard of the table it is stored in.
    pub(super) fn shard(&self) -> &'static str {
        match self {
            Self::Message(_) => MESSAGES,
            Self::Close(_) => CLOSES,
        }
    }
}

const MESSAGES: &str = "JOB#messages";
const CLOSES: &str = "JOB#closes";
/// Every shard there is.
pub(super) const SHARDS: [&str; 2] = [MESSAGES, CLOSES];
/// The place of jobs that were taken too often.
pub(super) const BURIED: &str = "JOB#buried";

/// A job before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewJob {
    /// Two jobs of one name are one.
    pub(crate) name: String,
    /// The line it stands in: jobs of one line run one at a time, in order.
    pub(crate) line: String,
    /// The work.
    pub(crate) work: Work,
}

/// One stored job. Its place in the line never changes; its due time may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    /// `<microseconds>#<name>`: the place in its line, and the receipt of a running job.
    pub(super) sort: String,
    pub(super) name: String,
    pub(super) line: String,
    pub(super) work: Work,
    pub(super) due: Timestamp,
    /// It joins the end of its line when it is due. A job that was taken once keeps its place.
    pub(super) joins_later: bool,
}

impl Job {
    pub(super) fn at_once(job: NewJob, position: i64, now: Timestamp) -> Self {
        let NewJob { name, line, work } = job;
        Self { sort: sort(position, &name), name, line, work, due: now, joins_later: false }
    }

    pub(super) fn at(job: NewJob, at: Timestamp) -> Self {
        let NewJob { name, line, work } = job;
        Self { sort: sort(at.as_microsecond(), &name), name, line, work, due: at, joins_later: true }
    }

    /// The place of the job in microseconds; new jobs stand behind it.
    pub(super) fn position(&self) -> i64 {
        self.sort.split('#').next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    pub(super) fn key(&self) -> Item {
        key(self.work.shard(), &self.sort)
    }

    pub(super) fn item(&self) -> Item {
        let mut item = self.key();
        let (Work::Message(body) | Work::Close(body)) = &self.work;
        item.extend([
            ("schema".to_owned(), AttributeValue::N(SCHEMA.to_string())),
            ("name".to_owned(), AttributeValue::S(self.name.clone())),
            ("line".to_owned(), AttributeValue::S(self.line.clone())),
            ("body".to_owned(), AttributeValue::S(body.clone())),
            ("due".to_owned(), AttributeValue::S(self.due.to_string())),
            ("joins_later".to_owned(), AttributeValue::Bool(self.joins_later)),
            ("receives".to_owned(), AttributeValue::N("0".to_owned())),
        ]);
        item
    }

    pub(super) fn read(item: &Item) -> Result<Self, JobError> {
        let sort = text(item, "sk").unwrap_or_default();
        let missing = |name: &str| JobError::Corrupt { key: sort.clone(), problem: format!("`{name}` is missing") };
        let need = |name: &str| text(item, name).ok_or_else(|| missing(name));
        let schema = item.get("schema").and_then(|schema| schema.as_n().ok()?.parse().ok());
        match schema {
            Some(0..=SCHEMA) => {}
            Some(_) => return Err(JobError::Newer { key: sort }),
            None => return Err(JobError::Corrupt { key: sort, problem: "`schema` is missing".to_owned() }),
        }
        let due = need("due")?;
        let due = due.parse().map_err(|e| JobError::Corrupt { key: sort.clone(), problem: format!("due: {e}") })?;
        let body = need("body")?;
        let work = if need("pk")? == CLOSES { Work::Close(body) } else { Work::Message(body) };
        let joins_later = matches!(item.get("joins_later"), Some(AttributeValue::Bool(true)));
        Ok(Self { name: need("name")?, line: need("line")?, work, due, joins_later, sort })
    }
}

/// The zeros make text order the order of numbers.
fn sort(position: i64, name: &str) -> String {
    format!("{position:020}#{name}")
}

pub(super) fn key(shard: &str, sort: &str) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(shard.to_owned())),
        ("sk".to_owned(), AttributeValue::S(sort.to_owned())),
    ])
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned()
}
