//! The portal with its clock and its way out, shared by requests, controls and deliveries.

use super::state::State;
use crate::controls::Controls;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::Semaphore;
use transport::{Clock, Transport};

pub(crate) struct Portal {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) out: Arc<dyn Transport>,
    pub(crate) in_flight: Semaphore,
    pub(crate) controls: Controls,
    pub(crate) state: Mutex<State>,
}
