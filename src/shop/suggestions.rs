//! The price that is suggested for an article in a store, why, and what it is expected to change.

use super::competitors::cheapest_now;
use super::prices::{Cents, dollars, shelf_price};
use super::products::round_to;
use super::world::{Paid, World};

pub(super) struct Suggestion {
    pub current: Cents,
    pub suggested: Cents,
    /// `None` if the current price is the suggested one.
    pub reason: Option<&'static str>,
    /// Expected change of weekly units and of weekly revenue in dollars; `None` for articles never sold.
    pub impact: Option<(f64, f64)>,
}

pub(super) fn suggestion(world: &World, product: usize, store: usize) -> Suggestion {
    let (p, s, week) = (&world.products[product], &world.stores[store], world.weeks.len() - 1);
    let current = world.path(p, s.zone).regular[week];
    let (suggested, reason) = suggested_price(current, p.cost, p.elasticity, cheapest_now(world, product, s.zone));
    let impact = (!p.new_listing).then(|| {
        let units = |price| round_to(world.expected_units(product, store, week, Paid { price, promoted: false }), 10.0);
        let (now, then) = (units(current), units(suggested));
        (round_to(then - now, 10.0), round_to(then * dollars(suggested) - now * dollars(current), 100.0))
    });
    Suggestion { current, suggested, reason, impact }
}

/// No suggestion is further than this share from the current price, but for rounding.
const REACH: f64 = 0.08;
/// Percent of the price below which a margin is thin, and above which it can be spent.
const THIN: Cents = 15;
const AMPLE: Cents = 30;

/// Where there is hardly a margin, up. Where a competitor is well below, after it. Else where revenue grows: up if
/// demand is inelastic, down if it is elastic and the margin allows it.
fn suggested_price(
    current: Cents,
    cost: Cents,
    elasticity: f64,
    rival: Option<Cents>,
) -> (Cents, Option<&'static str>) {
    let margin = 100 * (current - cost) / current;
    let undercut = rival.filter(|price| price * 110 < current * 100);
    let (change, reason) = match undercut {
        _ if margin < THIN => (REACH, "Margin improvement"),
        Some(price) => (price as f64 / current as f64 - 1.0, "Competitor response"),
        _ if elasticity > -1.0 => (REACH * (1.0 + elasticity / 2.0), "Elasticity optimization"),
        _ if elasticity < -1.5 && margin > AMPLE => (REACH * elasticity / 3.0, "Elasticity optimization"),
        _ => (0.0, ""),
    };
    let suggested = shelf_price(dollars(current) * (1.0 + change.clamp(-REACH, REACH)));
    (suggested, (suggested != current).then_some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_where_revenue_grows_unless_margin_or_competitors_say_otherwise() {
        assert_eq!(suggested_price(999, 500, -0.5, Some(999)), (1_059, Some("Elasticity optimization")));
        assert_eq!(suggested_price(999, 500, -3.0, Some(999)), (919, Some("Elasticity optimization")));
        assert_eq!(suggested_price(999, 500, -1.2, Some(999)), (999, None));
        assert_eq!(suggested_price(999, 980, -3.0, Some(700)), (1_079, Some("Margin improvement")));
        assert_eq!(suggested_price(999, 500, -0.5, Some(800)), (919, Some("Competitor response")));
    }
}
