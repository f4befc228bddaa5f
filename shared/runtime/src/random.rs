use ring::rand::{SecureRandom, SystemRandom};

/// 32 hex digits nobody can guess or repeat.
///
/// # Errors
/// When the system gives no randomness, which ends a process that needs it.
#[expect(clippy::disallowed_methods, reason = "the one place that makes random ids")]
pub fn random_id() -> Result<String, ring::error::Unspecified> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut id, byte| {
        use std::fmt::Write;
        let _ = write!(id, "{byte:02x}");
        id
    }))
}
