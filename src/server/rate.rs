//! Questions a minute and client.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// Clients remembered before those that are idle are forgotten.
const CLIENTS: usize = 10_000;

type Limiter<C> = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Lets each client ask so many questions a minute: a burst of that size, then one at a time.
pub struct RateLimit<C: Clock = DefaultClock> {
    /// `None` if the limit is off.
    limiter: Option<Limiter<C>>,
    clock: C,
}

impl RateLimit {
    /// 0 switches the limit off.
    pub fn per_minute(questions: u32) -> Self {
        Self::with_clock(questions, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimit<C> {
    fn with_clock(questions: u32, clock: C) -> Self {
        let limiter = NonZeroU32::new(questions)
            .map(|questions| RateLimiter::hashmap_with_clock(Quota::per_minute(questions), clock.clone()));
        Self { limiter, clock }
    }

    /// Counts one question of a client. The error is how long the client must wait.
    pub fn admit(&self, client: IpAddr) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if limiter.len() > CLIENTS {
            limiter.retain_recent();
        }
        limiter.check_key(&one_household(client)).map_err(|denied| denied.wait_time_from(self.clock.now()))
    }
}

/// One client has a whole /64 of IPv6 addresses to ask from.
fn one_household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const TWO: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_client_that_asked_enough_waits_and_others_do_not() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(2, clock.clone());
        assert_eq!(limit.admit(ONE), Ok(()));
        assert_eq!(limit.admit(ONE), Ok(()));
        assert_eq!(limit.admit(ONE), Err(Duration::from_secs(30)));
        assert_eq!(limit.admit(TWO), Ok(()));
        clock.advance(Duration::from_secs(30));
        assert_eq!(limit.admit(ONE), Ok(()));
    }

    #[test]
    fn nought_is_no_limit() {
        let limit = RateLimit::per_minute(0);
        assert!((0..1_000).all(|_| limit.admit(ONE).is_ok()));
    }

    #[test]
    fn addresses_of_one_network_are_one_client() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(one_household(address("2001:db8::1")), one_household(address("2001:db8::ffff:2")));
        assert_ne!(one_household(address("2001:db8::1")), one_household(address("2001:db8:0:1::1")));
        assert_eq!(one_household(address("::ffff:192.0.2.1")), ONE);
    }

    #[test]
    fn idle_clients_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(60, clock.clone());
        for n in 0..=CLIENTS as u32 {
            assert_eq!(limit.admit(IpAddr::V4((0x0a00_0000 + n).into())), Ok(()));
        }
        clock.advance(Duration::from_mins(2));
        assert_eq!(limit.admit(ONE), Ok(()));
        assert_eq!(limit.limiter.as_ref().map(RateLimiter::len), Some(1));
    }
}
