//! The steps of a reply.

pub(crate) mod attachments;
pub(crate) mod earlier;
pub(crate) mod note_of_customer;
pub(crate) mod request;
pub(crate) mod voice;
