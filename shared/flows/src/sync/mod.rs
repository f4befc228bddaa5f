//! The steps between custom data and ticket properties, in both directions, and of a contact.

pub(crate) mod book;
pub(crate) mod contact;
pub(crate) mod differences;
pub(crate) mod give_back;
pub(crate) mod push;
pub(crate) mod request;
pub(crate) mod stages;
