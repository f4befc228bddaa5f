//! The keys of items: partition and sort keys, and the partitions of the three indexes.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ContactId, OpenCxMessageId, OrgId, PortalId, SessionId, SignaturePattern, ThreadId, TicketId};
use jiff::Timestamp;
use std::collections::HashMap;

/// The attributes of an item, or of a map within one.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// The index of an organization's log, by day.
pub(crate) const BY_DAY: &str = "gsi1";
/// The index of a thread's, a ticket's or a session's story.
pub(crate) const BY_OBJECT: &str = "gsi2";
/// The index of what has to happen, by time. Few items are in it.
pub(crate) const BY_DUE: &str = "gsi3";

/// One partition would take at most 1,000 writes a second.
const DUE_SHARDS: u32 = 8;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The key of an item, or of an index's entry.
    pub(crate) fn of(attributes: &Attributes) -> Option<Self> {
        let part = |name| attributes.get(name)?.as_s().ok().cloned();
        Some(Self { pk: part("pk")?, sk: part("sk")? })
    }

    /// The key as a request names it.
    pub(crate) fn attributes(&self) -> Attributes {
        [("pk", &self.pk), ("sk", &self.sk)]
            .map(|(name, part)| (name.to_owned(), AttributeValue::S(part.clone())))
            .into()
    }

    pub(crate) fn connection(org: &OrgId) -> Self {
        Self::new(format!("ORG#{org}"), "CONNECTION")
    }

    /// The read-only connection of the context panel.
    pub(crate) fn crm(org: &OrgId) -> Self {
        Self::new(format!("ORG#{org}"), "CRM")
    }

    pub(crate) fn signature(org: &OrgId, pattern: &SignaturePattern) -> Self {
        Self::new(format!("ORG#{org}"), format!("SIGNATURE#{pattern}"))
    }

    /// The refusals of one day; without an organization, of the whole installation.
    pub(crate) fn door(org: Option<&OrgId>, day: Timestamp) -> Self {
        // No organization is called `*#`, because ids have no `#`.
        let whose = org.map_or("*#", |org| org.as_str());
        Self::new(format!("DOOR#{whose}"), day.strftime("%Y-%m-%d").to_string())
    }

    pub(crate) fn oauth_state(state: &str) -> Self {
        Self::new(format!("OAUTH#{state}"), "STATE")
    }

    pub(crate) fn portal(portal: &PortalId) -> Self {
        Self::new(format!("PORTAL#{portal}"), "ORG")
    }

    pub(crate) fn session(org: &OrgId, session: &SessionId) -> Self {
        Self::new(format!("SESSION#{org}#{session}"), "SESSION")
    }

    pub(crate) fn thread(portal: &PortalId, thread: &ThreadId) -> Self {
        Self::new(format!("THREAD#{portal}#{thread}"), "SESSION")
    }

    pub(crate) fn ticket(portal: &PortalId, ticket: &TicketId) -> Self {
        Self::new(format!("TICKET#{portal}#{ticket}"), "SESSION")
    }

    pub(crate) fn contact_partition(portal: &PortalId, contact: &ContactId) -> String {
        format!("CONTACT#{portal}#{contact}")
    }

    pub(crate) fn of_contact(portal: &PortalId, contact: &ContactId, org: &OrgId, session: &SessionId) -> Self {
        Self::new(Self::contact_partition(portal, contact), format!("SESSION#{org}#{session}"))
    }

    pub(crate) fn posted(org: &OrgId, message: &OpenCxMessageId) -> Self {
        Self::new(format!("POSTED#{org}#{message}"), "POSTED")
    }

    pub(crate) fn remark(org: &OrgId, session: &SessionId, digest: &str) -> Self {
        Self::new(format!("REMARK#{org}#{session}#{digest}"), "REMARK")
    }

    /// The OpenCX calls of one organization in one minute since 1970.
    pub(crate) fn opencx_minute(org: &OrgId, minute: i64) -> Self {
        Self::new(format!("LIMIT#{org}#{minute}"), "OPENCX")
    }

    /// The session whose item has this key.
    pub(crate) fn read_session(&self) -> Option<(OrgId, SessionId)> {
        let (org, session) = self.pk.strip_prefix("SESSION#")?.split_once('#')?;
        Some((OrgId::parse(org).ok()?, SessionId::parse(session).ok()?))
    }
}

/// The partition of one day of an organization's log; `day` is any moment of it.
pub(crate) fn day_of(org: &OrgId, day: Timestamp) -> String {
    format!("ORG#{org}#{}", day.strftime("%Y-%m-%d"))
}

/// The partition of a thread's story. It names the organization, because a portal may change hands.
pub(crate) fn story_of_thread(org: &OrgId, portal: &PortalId, thread: &ThreadId) -> String {
    format!("THREAD#{org}#{portal}#{thread}")
}

/// The partition of a ticket's story.
pub(crate) fn story_of_ticket(org: &OrgId, ticket: &TicketId) -> String {
    format!("TICKET#{org}#{ticket}")
}

/// The partition of a session's story, where it has no thread.
pub(crate) fn story_of_session(org: &OrgId, session: &SessionId) -> String {
    format!("SESSION#{org}#{session}")
}

/// The partition in which an item waits for its time.
pub(crate) fn due_of(key: &Key) -> String {
    sharded("DUE", shard_of(key))
}

/// All partitions of waiting items.
pub(crate) fn all_due() -> impl Iterator<Item = String> {
    (0..DUE_SHARDS).map(|shard| sharded("DUE", shard))
}

/// The partition in which a posted message waits for its delivery check.
pub(crate) fn watched_of(key: &Key) -> String {
    sharded("WATCH", shard_of(key))
}

/// All partitions of posted messages.
pub(crate) fn all_watched() -> impl Iterator<Item = String> {
    (0..DUE_SHARDS).map(|shard| sharded("WATCH", shard))
}

fn shard_of(key: &Key) -> u32 {
    key.pk.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % DUE_SHARDS
}

fn sharded(kind: &str, shard: u32) -> String {
    format!("{kind}#{shard}")
}

/// The partition of an organization's deliveries that wait for new credentials.
pub(crate) fn parked_of(org: &OrgId) -> String {
    format!("PARKED#{org}")
}

/// The partition of an organization's audit trail.
pub(crate) fn audit_of(org: &OrgId) -> String {
    format!("AUDIT#{org}")
}

/// A moment as text that sorts as time does: all nine digits of the second's fraction, always.
pub(crate) fn moment(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// A sort key in an index: the moment, and what makes it unique.
pub(crate) fn in_order(at: Timestamp, of: &Key) -> String {
    // Index keys may have 1,024 bytes; what is cut off only orders items of the same nanosecond.
    let name: String = of.pk.chars().take(240).collect();
    format!("{}#{name}", moment(at))
}
