//! One thread for all statements: interrupts each at its deadline, again and again until it ends.
//!
//! The progress handler alone would not do: SQLite asks it only between steps, and one step may take long.

use std::collections::BTreeMap;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::InterruptHandle;

/// Between two interrupts of a statement that goes on.
const AGAIN: Duration = Duration::from_millis(10);

static WATCHDOG: LazyLock<Watchdog> = LazyLock::new(Watchdog::default);

#[derive(Default)]
struct Watchdog {
    watched: Mutex<Watched>,
    changed: Condvar,
}

#[derive(Default)]
struct Watched {
    /// By deadline, and by number where two are the same.
    statements: BTreeMap<(Instant, u64), InterruptHandle>,
    next: u64,
    is_awake: bool,
}

/// Ends the watching when dropped; no interrupt comes after that.
pub struct Watch((Instant, u64));

/// Interrupts the connection's statement from the deadline on.
pub fn watch(deadline: Instant, handle: InterruptHandle) -> Watch {
    let mut watched = WATCHDOG.watched();
    let key = (deadline, watched.next);
    watched.next += 1;
    watched.statements.insert(key, handle);
    if !watched.is_awake {
        // Without the thread the progress handler still keeps the deadline, if less promptly.
        let thread = std::thread::Builder::new().name("watchdog".to_owned());
        watched.is_awake = thread.spawn(|| WATCHDOG.guard()).is_ok();
    } else if watched.statements.first_key_value().is_some_and(|(first, _)| *first == key) {
        WATCHDOG.changed.notify_one();
    }
    Watch(key)
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHDOG.watched().statements.remove(&self.0);
    }
}

impl Watchdog {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guard(&self) {
        let mut watched = self.watched();
        loop {
            let now = Instant::now();
            for (_, handle) in watched.statements.range(..=(now, u64::MAX)) {
                handle.interrupt();
            }
            let wait = match watched.statements.first_key_value() {
                None => None,
                Some(((first, _), _)) if *first <= now => Some(AGAIN),
                Some(((first, _), _)) => Some(*first - now),
            };
            watched = match wait {
                None => self.changed.wait(watched).unwrap_or_else(PoisonError::into_inner),
                Some(wait) => self.changed.wait_timeout(watched, wait).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}
