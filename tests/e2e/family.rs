//! The two families of HubSpot's paths: every feature's story is told on both.

use hubspot::ApiVersions;
use std::cell::Cell;

thread_local! {
    /// The family of the story that this thread tells.
    static TOLD: Cell<ApiVersions> = Cell::default();
}

/// Tells a story twice: on HubSpot's dated paths, and on those of v3.
pub(crate) async fn each_family(story: impl AsyncFn()) {
    for versions in [ApiVersions::dated(), ApiVersions::v3()] {
        TOLD.set(versions);
        story().await;
    }
}

/// The family that a world of this story is in; the dated one outside of [`each_family`].
pub(crate) fn told() -> ApiVersions {
    TOLD.get()
}
