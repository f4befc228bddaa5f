//! The steps of a reply.

pub(crate) mod attachments;
pub(crate) mod earlier;
pub(crate) mod note_of_customer;
pub(crate) mod own_channel;
pub(crate) mod publish;
pub(crate) mod request;
pub(crate) mod right;
pub(crate) mod voice;
