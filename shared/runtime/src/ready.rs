//! What a function works with, made while Lambda is already asked for the first event.

use futures::future::{FutureExt as _, LocalBoxFuture};
use tokio::sync::SetOnce;

/// A place for something that is still being made. There is one per process, and it lives as long.
pub struct Ready<T: 'static>(SetOnce<T>);

impl<T: Send + Sync> Ready<T> {
    /// An empty place.
    pub fn new() -> &'static Self {
        Box::leak(Box::new(Self(SetOnce::new())))
    }

    /// What was made, as soon as it is. Where it cannot be made, [`crate::serve`] ends the process.
    pub async fn get(&self) -> &T {
        self.0.wait().await
    }

    /// Makes it.
    pub fn fill<'a, E>(&'a self, making: impl Future<Output = Result<T, E>> + 'a) -> LocalBoxFuture<'a, Result<(), E>> {
        async move {
            // Nobody else fills the place.
            let _ = self.0.set(making.await?);
            Ok(())
        }
        .boxed_local()
    }
}
