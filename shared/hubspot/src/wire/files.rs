//! Files (facts on neighbouring APIs).

use super::{Loose, WireError};
use crate::files::SignedUrl;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SignedUrlResponse {
    url: Loose,
}

impl TryFrom<SignedUrlResponse> for SignedUrl {
    type Error = WireError;

    fn try_from(wire: SignedUrlResponse) -> Result<Self, WireError> {
        Ok(Self(wire.url.filled()))
    }
}
