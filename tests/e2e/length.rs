//! How long races and random walks are: short in `cargo test`, full in the step `races and walks` of `.ci/run`.

/// `short`, or `full` where the environment has `FULL_LENGTH`.
#[expect(clippy::disallowed_methods, reason = "the one switch of this suite; the code under test never reads it")]
pub(crate) fn length(short: usize, full: usize) -> usize {
    if std::env::var_os("FULL_LENGTH").is_some() { full } else { short }
}
