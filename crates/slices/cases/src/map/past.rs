//! Lists of what has ended or of a period, remembered for as long as the journal stands still: a screen asks for a dozen tiles of
//! one list, and only the first of them reads it.

use super::live;
use crate::listing::{self, Filter, Leg, Plot};
use kernel::{Instant, Result, TenantId};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// Lists remembered over all tenants, each of at most [`super::tiles::MOST`] cases: some megabytes.
const MOST_LISTS: usize = 32;
/// Lamps and bounds by the clock move on: a list is read again after so many microseconds.
const MOST_AGE: i64 = 60_000_000;

/// The first cases of a list, and whether there are more.
pub type List = Arc<(Vec<Plot>, bool)>;

/// What a list was read of: how far the journal had come, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    journal: live::Journal,
    minute: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    tenant: TenantId,
    filter: Filter,
    legs: Vec<Leg>,
}

type Shared = Arc<tokio::sync::Mutex<Option<(Stamp, List)>>>;

/// The lists that maps were asked for lately, the latest first.
#[derive(Default)]
pub struct Memory {
    lists: Mutex<Vec<(Key, Shared)>>,
}

impl Memory {
    fn of(&self, key: Key) -> Shared {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let at = lists.iter().position(|(known, _)| *known == key);
        let entry = at.map_or_else(|| (key, Shared::default()), |at| lists.remove(at));
        let shared = Arc::clone(&entry.1);
        lists.insert(0, entry);
        lists.truncate(MOST_LISTS);
        shared
    }

    /// The first `most` cases of a list, as they stand now.
    pub async fn list(&self, store: &Store, tenant: TenantId, filter: &Filter, legs: &[Leg], now: Instant, most: u16) -> Result<List> {
        let shared = self.of(Key { tenant, filter: filter.clone(), legs: legs.to_vec() });
        // One at a time: whoever comes second finds what the first has read.
        let mut kept = shared.lock().await;
        // Before the list: what changes while it is read is looked at again next time.
        let journal = live::journal(store, tenant).await?;
        let stamp = journal.map(|journal| Stamp { journal, minute: now.0 / MOST_AGE });
        if let (Some(stamp), Some((known, list))) = (&stamp, &*kept)
            && stamp == known
        {
            return Ok(Arc::clone(list));
        }
        let list = Arc::new(listing::plotted(store, tenant, filter, legs, now, most).await?);
        *kept = stamp.map(|stamp| (stamp, Arc::clone(&list)));
        Ok(list)
    }
}
