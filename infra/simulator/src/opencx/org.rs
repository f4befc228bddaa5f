//! The organization with its clock and its way out, shared by all requests.

use super::state::State;
use crate::controls::Controls;
use std::sync::{Arc, Mutex};
use transport::{Clock, Transport};

pub(crate) struct Org {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) functions: Arc<dyn Transport>,
    pub(crate) controls: Controls,
    pub(crate) state: Mutex<State>,
}
