use std::time::Duration;

/// When work that failed `attempts` times is looked at again: after 5, 15, 45, 120, then every 300 s (design section 5).
pub fn next_look(attempts: u32) -> Duration {
    Duration::from_secs(match attempts {
        0 | 1 => 5,
        2 => 15,
        3 => 45,
        4 => 120,
        _ => 300,
    })
}

#[cfg(test)]
mod tests;
