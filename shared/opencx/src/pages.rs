//! Lists that OpenCX gives page by page: `{"items": […], "next": cursor}`.

use crate::client::Org;
use crate::error::OpenCxError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use transport::Path;
use transport::json::{JsonCall, ListPage, Loose, WireError};

/// One page as it comes.
#[derive(Deserialize)]
struct ItemsResponse<W> {
    items: Vec<W>,
    #[serde(default)]
    next: Loose,
}

impl<W, T: TryFrom<W, Error = WireError>> TryFrom<ItemsResponse<W>> for ListPage<T> {
    type Error = WireError;

    fn try_from(page: ItemsResponse<W>) -> Result<Self, WireError> {
        Self::read(page.items, page.next)
    }
}

impl Org {
    /// Follows the pages from `first`, at most `bound` of them. A cursor that comes again ends the list too.
    pub(crate) async fn pages<W, T>(
        &self,
        what: &'static str,
        first: &Path,
        bound: usize,
    ) -> Result<Vec<T>, OpenCxError>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let (mut items, mut path, mut seen) = (Vec::new(), first.clone(), BTreeSet::new());
        for _ in 0..bound {
            let page: ListPage<T> = self.fetch::<ItemsResponse<W>, _>(JsonCall::get(what, path)).await?;
            items.extend(page.items);
            match page.next {
                Some(cursor) if seen.insert(cursor.clone()) => path = first.clone().with("cursor", cursor),
                _ => return Ok(items),
            }
        }
        tracing::warn!(call = what, pages = bound, "OpenCX has more pages than are read");
        Ok(items)
    }
}
