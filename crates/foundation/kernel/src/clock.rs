//! Time and chance: the only doors to the wall clock and to randomness, so that tests and the demo can turn them.

use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

/// Microseconds since 1970-01-01T00:00:00Z; how every instant is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    pub const MICROS_PER_SECOND: i64 = 1_000_000;

    pub const fn from_micros(micros: i64) -> Self {
        Instant(micros)
    }
    pub const fn micros(self) -> i64 {
        self.0
    }
    pub fn from_timestamp(timestamp: jiff::Timestamp) -> Self {
        Instant(timestamp.as_microsecond())
    }
    /// The same instant for calendar work; instants outside jiff's range (years −9999 to 9999) are clamped to it.
    pub fn to_timestamp(self) -> jiff::Timestamp {
        let (low, high) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { low } else { high })
    }
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Instant(self.0.saturating_add(seconds.saturating_mul(Self::MICROS_PER_SECOND)))
    }
    pub fn seconds_since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0) / Self::MICROS_PER_SECOND
    }
}

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub struct Clock(Arc<ClockKind>);

#[derive(Debug)]
enum ClockKind {
    System,
    /// Runs on with the system's clock, from another instant.
    Shifted(AtomicI64),
    /// Stands still until it is set.
    Set(AtomicI64),
}

impl Clock {
    pub fn system() -> Self {
        Clock(Arc::new(ClockKind::System))
    }
    /// Says `start` now, and runs on from there.
    pub fn running_from(start: Instant) -> Self {
        Clock(Arc::new(ClockKind::Shifted(AtomicI64::new(start.0 - wall().0))))
    }
    /// Stands at `start` until `set` or `advance`.
    pub fn standing_at(start: Instant) -> Self {
        Clock(Arc::new(ClockKind::Set(AtomicI64::new(start.0))))
    }
    pub fn now(&self) -> Instant {
        match &*self.0 {
            ClockKind::System => wall(),
            ClockKind::Shifted(shift) => Instant(wall().0 + shift.load(Ordering::Relaxed)),
            ClockKind::Set(at) => Instant(at.load(Ordering::Relaxed)),
        }
    }
    /// Moves a standing or shifted clock to an instant; the system's clock is not ours to set.
    pub fn set(&self, to: Instant) {
        match &*self.0 {
            ClockKind::System => {}
            ClockKind::Shifted(shift) => shift.store(to.0 - wall().0, Ordering::Relaxed),
            ClockKind::Set(at) => at.store(to.0, Ordering::Relaxed),
        }
    }
    pub fn advance_seconds(&self, seconds: i64) {
        self.set(self.now().plus_seconds(seconds));
    }
    /// Whether this is not the real time, so that pages can say so.
    pub fn is_simulated(&self) -> bool {
        !matches!(&*self.0, ClockKind::System)
    }
}

#[allow(clippy::disallowed_methods)] // The one place that reads the wall clock.
fn wall() -> Instant {
    Instant::from_timestamp(jiff::Timestamp::now())
}

/// How long something takes, for bounds and for figures of operation. It gives no instant, so nothing recorded hangs on it, and a
/// clock that stands still does not stop it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Begins to count.
    #[allow(clippy::disallowed_methods)] // The one place that reads the monotonic clock.
    pub fn start() -> Self {
        Stopwatch(std::time::Instant::now())
    }
    /// What has passed since.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// Where randomness comes from: the operating system, or a seed.
#[derive(Debug, Clone)]
pub struct Entropy(Arc<EntropyKind>);

#[derive(Debug)]
enum EntropyKind {
    System,
    Seeded(Mutex<u64>),
}

/// What a thread has drawn from the operating system and not given out: an id or a salt takes a system call only now and then.
struct Drawn {
    bytes: [u8; 512],
    given: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; 512], given: 512 }) };
}

impl Drawn {
    #[allow(clippy::disallowed_methods)] // The one place that asks the operating system for randomness.
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(self.bytes.len()) {
            if self.bytes.len() - self.given < chunk.len() {
                getrandom::fill(&mut self.bytes).expect("the operating system gives randomness");
                self.given = 0;
            }
            let drawn = &mut self.bytes[self.given..self.given + chunk.len()];
            chunk.copy_from_slice(drawn);
            // Nobody gets it twice, and it lies nowhere else.
            drawn.fill(0);
            self.given += chunk.len();
        }
    }
}

impl Entropy {
    pub fn system() -> Self {
        Entropy(Arc::new(EntropyKind::System))
    }
    /// Repeatable bytes for tests and the demo; never for secrets of a real installation.
    pub fn seeded(seed: u64) -> Self {
        Entropy(Arc::new(EntropyKind::Seeded(Mutex::new(seed))))
    }
    pub fn fill(&self, bytes: &mut [u8]) {
        match &*self.0 {
            EntropyKind::System => DRAWN.with_borrow_mut(|drawn| drawn.fill(bytes)),
            EntropyKind::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                for chunk in bytes.chunks_mut(8) {
                    // SplitMix64 (Steele, Lea, Flood 2014).
                    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                    let mut z = *state;
                    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                    let word = (z ^ (z >> 31)).to_le_bytes();
                    chunk.copy_from_slice(&word[..chunk.len()]);
                }
            }
        }
    }
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
    /// A number in `0..bound`; `bound` must not be 0.
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound
    }
}

/// Clock and chance together, and the ids made from them.
#[derive(Debug, Clone)]
pub struct World {
    pub clock: Clock,
    pub entropy: Entropy,
}

impl World {
    pub fn system() -> Self {
        World { clock: Clock::system(), entropy: Entropy::system() }
    }
    /// A standing clock and seeded chance.
    pub fn simulated(start: Instant, seed: u64) -> Self {
        World { clock: Clock::standing_at(start), entropy: Entropy::seeded(seed) }
    }
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
    /// A new UUIDv7 (RFC 9562 §5.7) of any id type.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        let millis = u64::try_from(self.now().0 / 1000).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &self.entropy.bytes()).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_given_once() {
        let entropy = Entropy::system();
        let mut seen = std::collections::BTreeSet::new();
        // More than one drawing holds, in pieces that do not divide it, and one that is larger.
        for _ in 0..200 {
            assert!(seen.insert(entropy.bytes::<24>().to_vec()));
        }
        let mut long = vec![0; 2_000];
        entropy.fill(&mut long);
        assert!(long.chunks(16).all(|chunk| seen.insert(chunk.to_vec()) && chunk != [0; 16]));
    }
}
