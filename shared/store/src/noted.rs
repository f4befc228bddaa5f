//! What people wrote for colleagues: the same words may reach us as a conversation's comment and as a ticket's note.

use crate::access::Written;
use crate::item::{number, text, time};
use crate::keys::{Key, moment};
use crate::write::Write;
use crate::{Store, StoreError};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{OrgId, SessionId};
use jiff::{SignedDuration, Timestamp};

/// The two ways of one remark end up to this far apart.
const APART: SignedDuration = SignedDuration::from_secs(120);
/// A remark is looked for this long.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How a remark came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As a comment in a conversation.
    Comment,
    /// As a note on a ticket.
    Note,
}

impl Way {
    fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Note => "note",
        }
    }
}

impl Store {
    /// Takes the right to store a remark, known by the digest of its words. False where it came the other way at that time;
    /// the same words by the same way are another remark, or another attempt.
    pub async fn begin_remark(
        &self,
        org: &OrgId,
        session: &SessionId,
        digest: &str,
        (way, at): (Way, Timestamp),
    ) -> Result<bool, StoreError> {
        let write = Write::update(Key::remark(org, session, digest))
            .set("way", text(way.as_str()))
            .set("at", time(at))
            .set("expires_at", number((at + KEPT).as_second()))
            .if_absent_or("#way = :way OR #at < :from OR #at > :to")
            .with("way", text(way.as_str()))
            .with("from", text(moment(at - APART)))
            .with("to", text(moment(at + APART)));
        Ok(matches!(self.update("begin a remark", write, ReturnValue::None).await?, Written::Yes(_)))
    }
}
