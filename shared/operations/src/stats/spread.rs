//! How durations are spread, by nearest rank.

use serde::Serialize;

/// How durations are spread, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// The longest.
    pub max: f64,
    /// How many there are.
    pub samples: usize,
}

pub(crate) fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |hundredths: usize| {
        let rank = (values.len() * hundredths).div_ceil(100).max(1);
        values.get(rank - 1).copied().unwrap_or_default()
    };
    Spread { p50: at(50), p95: at(95), max: values.last().copied().unwrap_or_default(), samples: values.len() }
}

#[cfg(test)]
mod tests {
    use super::{Spread, spread};

    #[test]
    fn a_spread_is_by_nearest_rank() {
        assert_eq!(spread(Vec::new()), Spread::default());
        assert_eq!(spread(vec![2.0]), Spread { p50: 2.0, p95: 2.0, max: 2.0, samples: 1 });
        let values = (1..=100_u32).rev().map(f64::from).collect();
        assert_eq!(spread(values), Spread { p50: 50.0, p95: 95.0, max: 100.0, samples: 100 });
    }
}
