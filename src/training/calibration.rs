//! How often the best plan is right, by its lead: isotonic regression (pool adjacent violators, Ayer et al. 1955).

/// Steps of a rising function: from each first number on, the second. Pairs are a lead and whether it was right.
pub fn fit(mut pairs: Vec<(f32, bool)>) -> Vec<(f32, f32)> {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pools: Vec<(f32, f64, f64)> = Vec::new();
    for (lead, right) in pairs {
        pools.push((lead, f64::from(u8::from(right)), 1.0));
        while let [.., (_, a, n), (_, b, m)] = pools.as_slice()
            && a / n >= b / m
        {
            let (a, n, b, m) = (*a, *n, *b, *m);
            pools.pop();
            if let Some(last) = pools.last_mut() {
                *last = (last.0, a + b, n + m);
            }
        }
    }
    // Small pools say more than they know.
    let mut steps: Vec<(f32, f64, f64)> = Vec::new();
    for pool in pools {
        match steps.last_mut() {
            Some(last) if last.2 < LEAST => *last = (last.0, last.1 + pool.1, last.2 + pool.2),
            _ => steps.push(pool),
        }
    }
    steps.into_iter().map(|(lead, right, n)| (lead, ((right + 0.5) / (n + 1.0)) as f32)).collect()
}

/// Questions in a step at the least.
const LEAST: f64 = 40.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_rise_with_the_lead() {
        let pairs = (0..1000).map(|i| (i as f32 / 1000.0, (i * 7919) % 1000 < i)).collect();
        let steps = fit(pairs);
        assert!(steps.len() > 5 && steps.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1), "{steps:?}");
        let middle = steps[steps.partition_point(|s| s.0 <= 0.5) - 1].1;
        assert!((middle - 0.5).abs() < 0.1, "{steps:?}");
    }
}
