//! A JSON API over HTTP: calls, retries, answers read field by field. `hubspot` and `opencx` are typed clients on top.
//!
//! A [`Policy`] holds the rules in which services differ. Nothing here knows a path or a status of either.
//! Start with [`JsonClient::send`], the only place that sends.

mod call;
mod client;
mod error;
mod loose;

pub use call::{JsonCall, without_nulls};
pub use client::{JsonClient, Policy, decide, retry_after};
pub use error::{Unreadable, WireError};
pub use loose::Loose;

/// One page of a list, read.
#[derive(Debug)]
pub struct ListPage<T> {
    /// Its entries, in the service's order.
    pub items: Vec<T>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

impl<T> ListPage<T> {
    /// Converts the entries.
    pub fn read<W>(items: Vec<W>, next: Loose) -> Result<Self, WireError>
    where
        T: TryFrom<W, Error = WireError>,
    {
        Ok(Self { items: items.into_iter().map(T::try_from).collect::<Result<_, _>>()?, next: next.filled() })
    }
}
