use std::error::Error;

/// The causes of an AWS error, outermost first: its own text is only "service error" or "dispatch failure".
///
/// Not its `Debug`, which prints whole requests.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
