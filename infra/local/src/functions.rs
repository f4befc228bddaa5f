//! The bundle's functions by name, as AWS Lambda would start them.

use crate::bridges::Bridges;
use flows::InvokeError;
use runtime::functions::{CLOSE, CONTEXT, HANDOFF, REPLY, RESOLVE, SYNC};
use serde_json::Value;

/// The functions the OpenCX backend and the timers invoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Opens or updates the ticket of a handoff.
    Handoff,
    /// Posts what OpenCX says.
    Reply,
    /// Promises a close, or takes the promise back.
    Resolve,
    /// Keeps the promise.
    Close,
    /// Shows what the CRM knows of a customer.
    Context,
    /// Takes contact and custom data to HubSpot.
    Sync,
}

impl Function {
    /// Reads a function's name, with or without a stack's prefix, as an ARN, with or without a version.
    pub fn named(name: &str) -> Option<Self> {
        let name = match name.strip_prefix("arn:") {
            Some(arn) => arn.split(':').nth(5)?,
            None => name.split(':').next()?,
        };
        match name.rsplit(['-', '_']).next()? {
            "handoff" => Some(Self::Handoff),
            "reply" => Some(Self::Reply),
            "resolve" => Some(Self::Resolve),
            "close" => Some(Self::Close),
            "context" => Some(Self::Context),
            "sync" => Some(Self::Sync),
            _ => None,
        }
    }

    /// Runs it under its own rights.
    pub(crate) async fn invoke(self, bridges: &Bridges, request: Value) -> Result<Value, InvokeError> {
        match self {
            Self::Handoff => handoff::handle(&bridges.of(&HANDOFF), &*bridges.queue(&HANDOFF), request).await,
            Self::Reply => reply::handle(&bridges.of(&REPLY), request).await,
            Self::Resolve => resolve::handle(&bridges.of(&RESOLVE), &*bridges.delays(&RESOLVE), request).await,
            Self::Close => close::handle(&bridges.of(&CLOSE), &*bridges.delays(&CLOSE), request).await,
            Self::Context => context::handle(&bridges.of(&CONTEXT), request).await,
            Self::Sync => sync::handle(&bridges.of(&SYNC), request).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Function;

    #[test]
    fn a_function_is_found_by_any_of_its_names() {
        for name in [
            "handoff",
            "opencx-hubspot-handoff",
            "my_stack_handoff",
            "stack-handoff:$LATEST",
            "arn:aws:lambda:eu-west-1:123456789012:function:stack-handoff",
            "arn:aws:lambda:eu-west-1:123456789012:function:stack-handoff:live",
        ] {
            assert_eq!(Function::named(name), Some(Function::Handoff), "{name}");
        }
        for name in ["", "handoffs", "arn:aws:lambda", "nothing", "reply-x"] {
            assert_eq!(Function::named(name), None, "{name}");
        }
    }
}
