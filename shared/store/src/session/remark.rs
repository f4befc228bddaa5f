//! Remarks for colleagues. HubSpot may send the same words twice: as a conversation's comment and as a ticket's note.

use crate::table::{Key, Store, StoreError, Write, moment, number, text, time, word, words};
use domain::{OrgId, SessionId};
use jiff::{SignedDuration, Timestamp};

/// Comment and note of one remark are up to this far apart.
const APART: SignedDuration = SignedDuration::from_secs(120);
/// A remark is known for this long.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The form in which a remark came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemarkSource {
    /// As a comment in a conversation.
    Comment,
    /// As a note on a ticket.
    Note,
}

words! {
    RemarkSource { Comment = "comment", Note = "note" }
}

impl Store {
    /// Takes the right to store a remark, which is known by the digest of its words. False where the remark came in the other
    /// form at about that time. The same words in the same form are another remark, or another attempt.
    pub async fn begin_remark(
        &self,
        org: &OrgId,
        session: &SessionId,
        digest: &str,
        (way, at): (RemarkSource, Timestamp),
    ) -> Result<bool, StoreError> {
        let write = Write::update(Key::remark(org, session, digest))
            .set("way", word(way))
            .set("at", time(at))
            .set("expires_at", number((at + KEPT).as_second()))
            .if_absent_or("#way = :way OR #at < :from OR #at > :to")
            .with("way", word(way))
            .with("from", text(moment(at - APART)))
            .with("to", text(moment(at + APART)));
        self.write("begin a remark", write).await
    }
}
