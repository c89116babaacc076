//! Back-off by who asks: failed log-ins of one address over all names, and wrong answers to one invitation.
//!
//! An account has its own back-off ([`crate::session`]); this one stops who tries one password on many accounts. It lives
//! in memory, each process counting for itself: a restart forgives, and nothing of it is kept of anybody.

use kernel::{Code, Instant, Kind, Result};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Too many failures from this address.
pub const ADDRESS: Code = Code::new(Kind::TooMany, "login.address");
/// Too many wrong answers to this invitation.
pub const INVITATION: Code = Code::new(Kind::TooMany, "invitation.too_many");

/// Whose failures are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    Address(IpAddr),
    /// By the hash of its token.
    Invitation([u8; 32]),
}

struct Bounds {
    /// So many failures, and then a wait.
    most: i64,
    /// One is forgotten each time this has passed.
    forgotten_seconds: i64,
    wait_seconds: i64,
    code: Code,
}

impl Source {
    /// An office of thirty goes out through one address. On a Monday morning each of them may mistype until the account's
    /// own back-off begins: five times, 150 in all, and nobody may be kept waiting for it. Whoever tries names and
    /// passwords gets 200 guesses, then two a minute: too few, where a password has ten characters.
    ///
    /// An invitation is one person's, who knows the own number: twenty slips, then four an hour. Found in a waste bin, it
    /// lasts a week, and 700 guesses find no number of eleven digits.
    const fn bounds(self) -> Bounds {
        match self {
            Source::Address(_) => Bounds { most: 200, forgotten_seconds: 30, wait_seconds: 600, code: ADDRESS },
            Source::Invitation(_) => Bounds { most: 20, forgotten_seconds: 900, wait_seconds: 900, code: INVITATION },
        }
    }
}

/// Sources remembered at once; with more, those with the fewest failures are forgotten.
const MOST_SOURCES: usize = 20_000;

#[derive(Debug, Clone, Copy)]
struct Account {
    failures: i64,
    /// Up to when `failures` has been lessened.
    counted_to: Instant,
    waits_until: Instant,
}

impl Account {
    fn at(mut self, now: Instant, bounds: &Bounds) -> Account {
        let passed = now.seconds_since(self.counted_to).max(0) / bounds.forgotten_seconds;
        self.failures = (self.failures - passed).max(0);
        self.counted_to = if self.failures == 0 { now } else { self.counted_to.plus_seconds(passed * bounds.forgotten_seconds) };
        self
    }
}

/// The failures of everybody, for one process.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<Source, Account>>);

impl Attempts {
    fn all(&self) -> MutexGuard<'_, HashMap<Source, Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt as failed before it is made, so that many at once count as well as one after the other; who
    /// succeeds gives it back. Errors: [`ADDRESS`], [`INVITATION`], with the `minutes` to wait.
    pub fn begin(&self, source: Source, now: Instant) -> Result<()> {
        let bounds = source.bounds();
        let mut all = self.all();
        let fresh = Account { failures: 0, counted_to: now, waits_until: now };
        let mut account = all.get(&source).copied().unwrap_or(fresh).at(now, &bounds);
        if account.waits_until > now {
            let minutes = (account.waits_until.seconds_since(now) + 59) / 60;
            return Err(bounds.code.err().arg("minutes", minutes.max(1)));
        }
        account.failures += 1;
        if account.failures >= bounds.most {
            account.waits_until = now.plus_seconds(bounds.wait_seconds);
        }
        if all.len() >= MOST_SOURCES && !all.contains_key(&source) {
            make_room(&mut all, now);
        }
        all.insert(source, account);
        Ok(())
    }

    /// It was no failure: this one is taken back, and nobody else's.
    pub fn give_back(&self, source: Source, now: Instant) {
        let bounds = source.bounds();
        let mut all = self.all();
        if let Some(account) = all.get_mut(&source) {
            *account = account.at(now, &bounds);
            account.failures = (account.failures - 1).max(0);
            if account.failures < bounds.most {
                account.waits_until = now;
            }
        }
    }
}

/// Forgets who has nothing to answer for any more, and where that is nobody, who has the least: so a crowd of fresh
/// addresses can't push out the one that tries most.
fn make_room(all: &mut HashMap<Source, Account>, now: Instant) {
    all.retain(|source, account| account.at(now, &source.bounds()).failures > 0);
    if all.len() < MOST_SOURCES {
        return;
    }
    let mut failures: Vec<i64> = all.values().map(|account| account.failures).collect();
    let (_, least, _) = failures.select_nth_unstable(MOST_SOURCES / 10);
    let least = *least;
    let mut left = MOST_SOURCES / 10;
    all.retain(|_, account| {
        let goes = account.failures <= least && left > 0;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const NOW: Instant = Instant(1_769_994_000_000_000);

    fn address(n: u32) -> Source {
        Source::Address(IpAddr::V4(Ipv4Addr::from_bits(n)))
    }

    #[test]
    fn an_office_of_thirty_that_mistypes_goes_on_and_a_guesser_waits() {
        let attempts = Attempts::default();
        for _ in 0..30 * 5 {
            attempts.begin(address(1), NOW).unwrap();
        }
        for _ in 0..50 {
            attempts.begin(address(1), NOW).unwrap();
        }
        let refused = attempts.begin(address(1), NOW).unwrap_err();
        assert!(refused.is(ADDRESS) && refused.args()["minutes"] == "10");
        attempts.begin(address(2), NOW).unwrap();
        let later = NOW.plus_seconds(601);
        let made = (0..100).take_while(|_| attempts.begin(address(1), later).is_ok()).count();
        assert_eq!(made, 20, "two a minute came back");
    }

    #[test]
    fn a_success_takes_back_itself_and_no_failure_of_anybody() {
        let attempts = Attempts::default();
        for _ in 0..199 {
            attempts.begin(address(1), NOW).unwrap();
        }
        for _ in 0..50 {
            attempts.begin(address(1), NOW).unwrap();
            attempts.give_back(address(1), NOW);
        }
        attempts.begin(address(1), NOW).unwrap();
        assert!(attempts.begin(address(1), NOW).is_err());
    }

    #[test]
    fn memory_is_bounded_and_whoever_tries_most_is_not_forgotten_for_it() {
        let attempts = Attempts::default();
        for _ in 0..200 {
            attempts.begin(address(0), NOW).unwrap();
        }
        for n in 1..50_000 {
            attempts.begin(address(n), NOW).unwrap();
        }
        assert!(attempts.all().len() <= MOST_SOURCES);
        assert!(attempts.begin(address(0), NOW).is_err());
    }
}
