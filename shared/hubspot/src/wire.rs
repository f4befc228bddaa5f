//! Parts that several of HubSpot's answers and requests have in common.

use domain::{ActorId, DeliveryIdentifier};
use serde::{Deserialize, Serialize};
use transport::json::{ListPage, Loose, WireError};

/// The answer to a create call; the rest of it repeats the request.
pub(crate) struct CreatedResponse<T>(pub(crate) T);

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct IdResponse {
    pub(crate) id: Loose,
}

impl<T: TryFrom<String>> TryFrom<IdResponse> for CreatedResponse<T> {
    type Error = WireError;

    fn try_from(wire: IdResponse) -> Result<Self, WireError> {
        wire.id.required("id").map(Self)
    }
}

#[derive(Serialize)]
pub(crate) struct IdRequest<'a> {
    pub(crate) id: &'a str,
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

impl<W, T: TryFrom<W, Error = WireError>> TryFrom<PageResponse<W>> for ListPage<T> {
    type Error = WireError;

    fn try_from(page: PageResponse<W>) -> Result<Self, WireError> {
        let next = page.paging.and_then(|paging| paging.next);
        Self::read(page.results, next.map(|next| next.after).unwrap_or_default())
    }
}

/// An address on a channel, as answers carry one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct IdentifierResponse {
    #[serde(rename = "type")]
    kind: Loose,
    value: Loose,
}

pub(crate) fn address(wire: Option<IdentifierResponse>) -> Option<DeliveryIdentifier> {
    let wire = wire?;
    let (kind, value) = wire.kind.filled().zip(wire.value.filled())?;
    Some(DeliveryIdentifier { kind, value })
}

/// An address on a channel, as requests carry one.
#[derive(Serialize)]
pub(crate) struct IdentifierRequest<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
}

impl<'a> From<&'a DeliveryIdentifier> for IdentifierRequest<'a> {
    fn from(address: &'a DeliveryIdentifier) -> Self {
        Self { kind: &address.kind, value: &address.value }
    }
}

/// An actor that may be missing.
pub(crate) fn actor(text: Loose, field: &'static str) -> Result<Option<ActorId>, WireError> {
    text.filled().map(|text| ActorId::parse(&text)).transpose().map_err(|_| WireError::no_id(field))
}

/// First and last name together.
pub(crate) fn joined(first: Option<String>, last: Option<String>) -> Option<String> {
    let names: Vec<String> = [first, last].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}

pub(crate) fn filled(text: Loose, field: &'static str) -> Result<String, WireError> {
    text.filled().ok_or(WireError::missing(field))
}

/// Ids rise with time, and a longer one is newer; as texts they would not sort so.
pub(crate) fn newest_first(a: &str, b: &str) -> std::cmp::Ordering {
    (b.len(), b).cmp(&(a.len(), a))
}
