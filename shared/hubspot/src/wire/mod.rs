//! What HubSpot puts on the wire, as tolerant as HubSpot is loose: ids as numbers or texts, fields that come and go.

mod card;
mod conversations;
mod crm;
mod files;
mod loose;
mod places;
mod property;

pub(crate) use conversations::*;
pub(crate) use crm::*;
pub(crate) use files::*;
pub(crate) use loose::Loose;
pub(crate) use places::*;
pub(crate) use property::PropertyResponse;

use domain::InvalidId;
use serde::Deserialize;
use transport::Unreadable;

/// A field that cannot become what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireError {
    pub(crate) field: &'static str,
    pub(crate) problem: &'static str,
}

impl WireError {
    pub(crate) fn unreadable(self, what: &'static str) -> Unreadable {
        Unreadable { what, at: self.field.to_owned(), problem: self.problem }
    }
}

impl From<InvalidId> for WireError {
    fn from(error: InvalidId) -> Self {
        Self { field: error.kind, problem: error.problem }
    }
}

/// The answer to a create call; the rest of it is what we sent.
#[derive(Deserialize)]
pub(crate) struct CreatedResponse {
    #[serde(default)]
    pub(crate) id: Loose,
}

/// One page of a list.
#[derive(Deserialize)]
pub(crate) struct PageResponse<W> {
    results: Vec<W>,
    #[serde(default)]
    paging: Option<PagingResponse>,
}

#[derive(Deserialize)]
struct PagingResponse {
    #[serde(default)]
    next: Option<NextResponse>,
}

#[derive(Deserialize)]
struct NextResponse {
    #[serde(default)]
    after: Loose,
}

/// One page, read.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

impl<W, T: TryFrom<W, Error = WireError>> TryFrom<PageResponse<W>> for Page<T> {
    type Error = WireError;

    fn try_from(page: PageResponse<W>) -> Result<Self, WireError> {
        let next = page.paging.and_then(|paging| paging.next).and_then(|next| next.after.filled());
        Ok(Self { items: page.results.into_iter().map(T::try_from).collect::<Result<_, _>>()?, next })
    }
}
