//! The part of `verify` that looks at cases: every row must follow from its facts, every text from its hash, and the
//! summary's counts from the cases.

use crate::case::{Case, case_columns};
use crate::days::{ALL_SUMS, COUNTED, Counting, Counts, Grain, Part, Place, Tally, spread};
use crate::months::Spot;
use crate::outside::{Order, OrderClocks, order_columns};
use crate::rebuild::{Misfit, State, Step, apply};
use crate::reporting::words_of;
use crate::sums::{ATTEMPTS, Book, RESTLESS};
use crate::wording;
use contracts::CaseId;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::ids::Uuid;
use kernel::{Instant, Result, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};
use store::{FromRow, Row, Sql, Store, args, sql};

/// Cases compared at a time.
const STRIDE: usize = 200;
/// Above every id.
const LAST: Uuid = Uuid::max();

static BATCH: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND id > :after ORDER BY id LIMIT 200"));
static ROWS: Sql = sql!(concat!(case_columns!(), " WHERE tenant_id = :tenant AND id > :after AND id <= :last ORDER BY id LIMIT 400"));
static TEXTS: Sql = sql!(
    "SELECT id, what, where_words, salt FROM cases
    WHERE tenant_id = :tenant AND id > :after AND id <= :last
    ORDER BY id
    LIMIT 400"
);
static KEPT: Sql = sql!(
    "SELECT id, words, salt FROM case_words
    WHERE tenant_id = :tenant AND case_id > :after AND case_id <= :last
    ORDER BY case_id, id
    LIMIT 100000"
);
static FACTS: Sql = sql!(
    "SELECT subject_id, kind, recorded_at, data FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id > :after AND subject_id <= :last
    ORDER BY subject_id, recorded_at, ordinal
    LIMIT 100000"
);
static ORDERS: Sql =
    sql!(concat!(order_columns!(), " WHERE tenant_id = :tenant AND case_id > :after AND case_id <= :last ORDER BY case_id LIMIT 400"));
/// Cases, their words and the summary's counts, each against what it was made from.
pub struct Cases;

impl StateCheck for Cases {
    fn name(&self) -> &'static str {
        "cases"
    }

    /// A finding names the case by `case` (its id) and what is wrong with it by `is`, or the sums that are wrong by `grain`, `part`
    /// and `span`.
    ///
    /// While the server works, rows and facts are read at different instants: what does not fit is read again, and only
    /// what still does not is a finding.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut after = Uuid::nil();
            loop {
                let rows: Vec<Case> = store.all(&BATCH, args! { tenant: tenant, after: after }).await?;
                let last = if rows.len() < STRIDE { LAST } else { rows.last().map_or(LAST, |row| row.id.0) };
                let mut wrong = compare(store, tenant, after, last).await?;
                if !wrong.is_empty() {
                    let again = compare(store, tenant, after, last).await?;
                    wrong.retain(|finding| again.contains(finding));
                }
                wrong.into_iter().for_each(|finding| report.add(finding));
                if last == LAST {
                    break;
                }
                after = last;
            }
            let zone = territory::Directory::load(store, tenant).await?.calendar().zone().clone();
            let mut wrong = compare_counts(store, tenant, &zone).await?;
            if !wrong.is_empty() {
                let again = compare_counts(store, tenant, &zone).await?;
                wrong.retain(|finding| again.contains(finding));
            }
            wrong.into_iter().for_each(|finding| report.add(finding));
            Ok(())
        })
    }
}

fn finding(case: Uuid, is: &str) -> Finding {
    Finding::new(STATE).with("check", "cases").with("case", case).with("is", is)
}

/// What the facts of one case say.
#[derive(Default)]
struct Told {
    state: Option<State>,
    misfit: Option<Misfit>,
    /// Hash of where and what.
    words: Option<String>,
    /// Words that an amendment put aside are not those that were told before it.
    severed: bool,
    /// Hashes of kept words, by their id.
    kept: Vec<(Uuid, String)>,
}

impl Told {
    fn hear(&mut self, kind: &str, at: Instant, data: &str) {
        if self.misfit.is_some() {
            return;
        }
        let json: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
        match &json["words"] {
            serde_json::Value::String(hash) => {
                if let serde_json::Value::Object(former) = &json["former"] {
                    let id = former.get("id").and_then(|id| id.as_str()).and_then(|id| Uuid::try_parse(id).ok());
                    let hash = former.get("hash").and_then(|hash| hash.as_str()).map(str::to_owned);
                    self.severed |= hash != self.words;
                    self.kept.extend(id.zip(hash));
                }
                self.words = Some(hash.clone());
            }
            serde_json::Value::Object(kept) => {
                let id = kept.get("id").and_then(|id| id.as_str()).and_then(|id| Uuid::try_parse(id).ok());
                let hash = kept.get("hash").and_then(|hash| hash.as_str());
                self.kept.extend(id.zip(hash.map(str::to_owned)));
            }
            _ => {}
        }
        let answer = &json["answer"];
        let id = answer["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        self.kept.extend(id.zip(answer["hash"].as_str().map(str::to_owned)));
        match apply(self.state.take(), Step { kind, at, data }) {
            Ok(state) => self.state = Some(state),
            Err(misfit) => self.misfit = Some(misfit),
        }
    }
}

/// What doesn't fit about the cases with ids in `(after, last]`.
async fn compare(store: &Store, tenant: TenantId, after: Uuid, last: Uuid) -> Result<Vec<Finding>> {
    let range = || args! { tenant: tenant, after: after, last: last };
    let facts: Vec<(Uuid, String, Instant, String)> = store.all(&FACTS, range()).await?;
    let rows: Vec<Case> = store.all(&ROWS, range()).await?;
    let texts: Vec<(CaseId, String, String, [u8; 32])> = store.all(&TEXTS, range()).await?;
    let kept: Vec<(Uuid, String, [u8; 32])> = store.all(&KEPT, range()).await?;
    let mut told = BTreeMap::<Uuid, Told>::new();
    for (case, kind, at, data) in &facts {
        told.entry(*case).or_default().hear(kind, *at, data);
    }
    let kept: BTreeMap<Uuid, String> = kept.into_iter().map(|(id, words, salt)| (id, wording::hash(&salt, &words))).collect();
    let mut texts: BTreeMap<Uuid, String> =
        texts.into_iter().map(|(id, what, place, salt)| (id.0, wording::hash(&salt, &words_of(&place, &what)))).collect();
    let orders: Vec<Order> = store.all(&ORDERS, range()).await?;
    let orders: BTreeMap<Uuid, OrderClocks> = orders.iter().map(|order| (order.case_id.0, order.clocks())).collect();
    let mut wrong = Vec::new();
    for row in &rows {
        let id = row.id.0;
        let Some(told) = told.remove(&id) else {
            wrong.push(finding(id, "without_facts"));
            continue;
        };
        if let Some(misfit) = told.misfit {
            wrong.push(finding(id, misfit.name()));
        } else if let Some(state) = &told.state {
            wrong.extend(state.differs(&State::from(row)).into_iter().map(|column| finding(id, column)));
            if state.order.as_ref() != orders.get(&id) {
                wrong.push(finding(id, "order"));
            }
        }
        if told.words != texts.remove(&id) {
            wrong.push(finding(id, "words"));
        }
        if told.severed {
            wrong.push(finding(id, "former_words"));
        }
        for (words, hash) in &told.kept {
            if kept.get(words) != Some(hash) {
                wrong.push(finding(id, "kept_words").with("words", words));
            }
        }
    }
    wrong.extend(told.keys().map(|case| finding(*case, "removed")));
    Ok(wrong)
}

/// Sums of one grain, part and span, of all scopes and keys: what they come to, mixed with where each stands. The mixture of
/// a sum is that of its terms, so that cases and sums are compared without holding every sum in memory.
type Mixed = BTreeMap<(Grain, Part, String), u64>;

/// A number that belongs to a text (FNV-1a), well stirred (SplitMix64; Steele, Lea, Flood 2014).
fn stirred(seed: u64, text: &[u8]) -> u64 {
    let hash = text.iter().fold(seed ^ 0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn mix(into: &mut Mixed, place: &Place, counts: &Counts) {
    let stands = stirred(stirred(1, place.scope.as_bytes()), place.key.as_bytes());
    let mut sum = 0_u64;
    for (n, count) in (1_u64..).zip(counts.each()) {
        sum = sum.wrapping_add(stirred(stands, &n.to_le_bytes()).wrapping_mul(count.cast_unsigned()));
    }
    if sum != 0 {
        let mixed = into.entry((place.grain, place.part, place.span.clone())).or_default();
        *mixed = mixed.wrapping_add(sum);
    }
}

/// What doesn't fit about the summary's counts.
async fn compare_counts(store: &Store, tenant: TenantId, zone: &TimeZone) -> Result<Vec<Finding>> {
    let mut wanted = Mixed::new();
    let mut spots = BTreeMap::<Spot, i64>::new();
    let mut after = Uuid::nil();
    loop {
        let rows: Vec<Counting> = store.all(&COUNTED, args! { tenant: tenant, after: after }).await?;
        let Some(last) = rows.last() else { break };
        after = last.id.0;
        let mut tally = Tally::default();
        rows.iter().for_each(|row| tally.enters(zone, row));
        spread(tally.cells()).iter().for_each(|(place, counts)| mix(&mut wanted, place, counts));
        for (spot, found) in crate::months::spots(tally.cells()) {
            *spots.entry(spot).or_default() += found;
        }
    }
    let there = summed(store, tenant).await?;
    let differ = |key: &&(Grain, Part, String)| wanted.get(*key).unwrap_or(&0) != there.get(*key).unwrap_or(&0);
    let keys: BTreeSet<_> = wanted.keys().chain(there.keys()).collect();
    let mut wrong: Vec<Finding> = keys.into_iter().filter(differ).map(count).collect();
    wrong.extend(crate::months::compare(store, tenant, &spots).await?);
    Ok(wrong)
}

/// What the sums and what is not added up yet come to.
async fn summed(store: &Store, tenant: TenantId) -> Result<Mixed> {
    for _ in 0..ATTEMPTS {
        let book = Book::open(store, tenant).await?;
        let mut there = Mixed::new();
        let mut at = Place { grain: Grain::Day, scope: Uuid::nil(), part: Part::All, span: String::new(), key: String::new() };
        loop {
            let from = args! { tenant: tenant, grain: at.grain, scope: at.scope, part: at.part, span: at.span, key: at.key };
            let rows: Vec<SumRow> = store.all(&ALL_SUMS, from).await?;
            let Some(last) = rows.last() else { break };
            at = last.0.clone();
            rows.iter().for_each(|SumRow(place, counts)| mix(&mut there, place, counts));
        }
        for delta in book.deltas() {
            spread([(&delta.cell, &delta.counts)]).iter().for_each(|(place, counts)| mix(&mut there, place, counts));
        }
        if book.still_holds().await? {
            return Ok(there);
        }
    }
    Err(RESTLESS.into())
}

struct SumRow(Place, Counts);

impl FromRow for SumRow {
    fn from_row(mut row: Row) -> Result<Self> {
        let place = Place {
            grain: row.take(0, "grain")?,
            scope: row.take(1, "scope_id")?,
            part: row.take(2, "part")?,
            span: row.take(3, "span")?,
            key: row.take(4, "part_key")?,
        };
        Ok(SumRow(place, Counts::take_from(&mut row, &mut 5)?))
    }
}

fn count((grain, part, span): &(Grain, Part, String)) -> Finding {
    Finding::new(STATE).with("check", "counts").with("grain", grain).with("part", part).with("span", span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Reported in the words with the hash `one`, amended to others.
    fn told(former: &str) -> Told {
        let case = Uuid::from_u128(1);
        let clock = json!({ "start": 0, "due": 0, "yellow_at": 0 });
        let reported = json!({
            "case": case, "number": 1, "source": "inspection", "words": "one", "photos": [], "clock": clock, "on_spot": true,
        });
        let amended = json!({ "case": case, "words": "two", "former": { "id": Uuid::from_u128(2), "hash": former }, "on_spot": true });
        let mut told = Told::default();
        told.hear("case.reported", Instant(0), &reported.to_string());
        told.hear("case.amended", Instant(1), &amended.to_string());
        told
    }

    #[test]
    fn what_an_amendment_put_aside_is_what_was_told_before_it() {
        let (whole, severed) = (told("one"), told("other"));
        assert_eq!((whole.misfit, whole.severed, whole.words.as_deref()), (None, false, Some("two")));
        assert_eq!(whole.kept, [(Uuid::from_u128(2), "one".to_owned())]);
        assert_eq!((severed.misfit, severed.severed), (None, true));
    }
}
