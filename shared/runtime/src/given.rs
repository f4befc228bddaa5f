//! The ports that a function is given. Its type says which: a function without one cannot call what needs it.

use crate::aws::Aws;
use crate::functions::FunctionSpec;
use crate::start_error::StartError;
use flows::{Delays, Ports, Queue};
use std::sync::Arc;

/// Made at the cold start, from what the table of functions says.
pub trait Given: Sized {
    /// Fails where the table gives the function no such port.
    fn of(aws: &Aws<'_>, spec: &FunctionSpec) -> Result<Self, StartError>;
}

/// No port.
pub(crate) struct NoPorts;

/// The events queue.
pub struct QueuePort(pub Arc<dyn Queue>);

/// The timers.
pub struct DelaysPort(pub Arc<dyn Delays>);

/// Both, for the worker.
pub struct BothPorts(QueuePort, DelaysPort);

impl BothPorts {
    /// As the flows take them.
    pub fn given(&self) -> Ports<'_> {
        Ports { queue: &*self.0.0, delays: &*self.1.0 }
    }
}

impl Given for NoPorts {
    fn of(_: &Aws<'_>, _: &FunctionSpec) -> Result<Self, StartError> {
        Ok(Self)
    }
}

impl Given for QueuePort {
    fn of(aws: &Aws<'_>, spec: &FunctionSpec) -> Result<Self, StartError> {
        if spec.queue.is_empty() {
            return Err(StartError::NoPort { function: spec.name, port: "queue" });
        }
        Ok(Self(aws.sqs_queue()))
    }
}

impl Given for DelaysPort {
    fn of(aws: &Aws<'_>, spec: &FunctionSpec) -> Result<Self, StartError> {
        if spec.timers.is_empty() {
            return Err(StartError::NoPort { function: spec.name, port: "timers" });
        }
        Ok(Self(aws.timers(spec)))
    }
}

impl Given for BothPorts {
    fn of(aws: &Aws<'_>, spec: &FunctionSpec) -> Result<Self, StartError> {
        Ok(Self(QueuePort::of(aws, spec)?, DelaysPort::of(aws, spec)?))
    }
}
