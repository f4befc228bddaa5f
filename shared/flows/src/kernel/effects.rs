//! The calls that must not be repeated. Each needs a [`Permit`], and only `once.rs` makes permits.
//!
//! `tests/e2e/tidy.rs` checks that no other file of `flows` and `operations` makes these calls.

use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{MessageId, NoteId, RichText, SessionId, ThreadId, TicketId};
use hubspot::{ChannelMessage, FileId, NewFile, NewTicket, OutgoingMessage, PublishedMessage};
use opencx::{AgentMessage, Answer, ContactMessage, NewSession};

/// The right to one effect.
pub(crate) struct Permit<'a> {
    tenant: &'a Tenant<'a>,
}

impl<'a> Permit<'a> {
    /// For `once` alone.
    pub(super) fn of(tenant: &'a Tenant<'a>) -> Self {
        Self { tenant }
    }

    pub(crate) fn tenant(&self) -> &'a Tenant<'a> {
        self.tenant
    }

    pub(crate) async fn message(&self, thread: &ThreadId, message: &OutgoingMessage) -> Result<MessageId, FlowError> {
        Ok(self.tenant.portal.send_message(thread, message).await?)
    }

    pub(crate) async fn comment(&self, thread: &ThreadId, words: &RichText) -> Result<MessageId, FlowError> {
        Ok(self.tenant.portal.send_comment(thread, words).await?)
    }

    pub(crate) async fn note(&self, ticket: &TicketId, html: &str) -> Result<NoteId, FlowError> {
        Ok(self.tenant.portal.create_note(ticket, html, self.tenant.bridge.clock.now()).await?)
    }

    pub(crate) async fn ticket(&self, ticket: &NewTicket) -> Result<TicketId, FlowError> {
        Ok(self.tenant.portal.create_ticket(ticket).await?)
    }

    pub(crate) async fn file(&self, file: &NewFile) -> Result<FileId, FlowError> {
        Ok(self.tenant.portal.upload_file(file).await?)
    }

    pub(crate) async fn publish(
        &self,
        channel: &domain::ChannelId,
        message: &ChannelMessage,
    ) -> Result<PublishedMessage, FlowError> {
        Ok(self.tenant.portal.publish(channel, message).await?)
    }

    pub(crate) async fn session(&self, session: &NewSession) -> Result<SessionId, FlowError> {
        Ok(self.tenant.opencx().await?.create_session(session).await?)
    }

    pub(crate) async fn customers_words(&self, id: &SessionId, said: &ContactMessage) -> Result<Answer, FlowError> {
        Ok(self.tenant.opencx().await?.send_as_contact(id, said).await?)
    }

    pub(crate) async fn reps_words(
        &self,
        id: &SessionId,
        said: &AgentMessage,
    ) -> Result<Option<domain::OpenCxMessageId>, FlowError> {
        Ok(self.tenant.opencx().await?.send_as_agent(id, said).await?)
    }

    pub(crate) async fn session_note(&self, id: &SessionId, note: &opencx::SessionNote) -> Result<(), FlowError> {
        Ok(self.tenant.opencx().await?.add_note(id, note).await?)
    }
}
