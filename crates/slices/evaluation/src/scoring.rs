//! A month's scores: what was told of each unit, put through the scheme; ranked; and the one hash of it all. The same journal up to
//! the same position, scheme and sizes give the same bytes.

use crate::appeal::{self, AppealId};
use crate::league::{LeagueId, MemberId};
use crate::run::{Progress, RunStep};
use crate::scheme::Ranked;
use crate::telling::ROUNDS;
use crate::terms::{AREA, AREA_ROUNDS, HOUSEHOLD_ROUNDS, HOUSEHOLDS, Tellers};
use contracts::scoring::{Of, Span, Told};
use jiff::civil::Date;
use kernel::canonical::{content_hash, hex, to_canonical};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Error, Instant, Result, TenantId};
use rules::{Fact, Input, Line, LineOf, Points, Reason, Scheme, Score, Table, Value, Why};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Sql, Store, args, sql};
use territory::Directory;

/// What is known of a unit beside what is told of its month; kept with its score, as it may change afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub member: MemberId,
    pub name: String,
    /// The company beside a compound, which answers for it.
    pub unit: Option<OrganisationId>,
    pub unit_name: String,
    /// By name of the measure; what is not known is left out.
    pub measures: BTreeMap<String, u64>,
}

/// A fact that scored, so that it can be explained at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub values: Vec<Option<Value>>,
    /// What a person gave, where it was entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// Where it is looked at, inside of the tenant.
    pub opens: String,
}

impl Seen {
    fn of(fact: &Fact, opens: &str) -> Seen {
        Seen { values: fact.values.clone(), points: fact.points, opens: opens.to_owned() }
    }
}

/// What an upheld appeal took away from a line: these facts, which count in no row; or the row, where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    pub appeal: AppealId,
    pub line: String,
    /// The row itself, as it has no facts.
    pub row: bool,
    pub facts: BTreeMap<String, Seen>,
}

/// The codes of rows that are struck as a whole.
fn struck_rows(struck: &[Struck]) -> BTreeSet<&str> {
    struck.iter().filter(|one| one.row).map(|one| one.line.as_str()).collect()
}

/// One unit of an evaluation: all that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    pub known: Known,
    pub counts: BTreeMap<String, u64>,
    /// Of the month before; empty where nothing was recorded then.
    pub last: BTreeMap<String, u64>,
    /// By id, those that a row matched.
    pub facts: BTreeMap<String, Seen>,
    /// What upheld appeals took away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Struck>,
    pub score: Score,
}

impl Kept {
    /// The codes of rows that upheld appeals struck as a whole.
    pub(crate) fn struck_rows(&self) -> BTreeSet<&str> {
        struck_rows(&self.struck)
    }
    /// Its canonical text.
    pub fn to_json(&self) -> Result<String> {
        Ok(to_canonical(self)?)
    }
    /// Errors: `internal`, as nothing else writes it.
    pub fn from_json(text: &str) -> Result<Kept> {
        serde_json::from_str(text).map_err(Error::internal)
    }
    /// Why it is scored and not compared: too small a sample, or nobody knows how large it is where the scheme asks.
    pub fn not_ranked(&self) -> Option<&Reason> {
        let unknown = self.score.undecided.iter().map(|open| &open.reason).find(|reason| reason.why == Why::NoMeasure);
        self.score.not_ranked.as_ref().or(unknown)
    }
    /// What each dimension came to, in the scheme's order, in thousandths.
    pub fn parts(&self) -> Vec<i64> {
        self.score.dimensions.iter().map(|dimension| dimension.points.0).collect()
    }
    /// How far the total may lie from another's by chance alone, in thousandths: what counted was found one by one, so that the
    /// square root of the sum of squares is the spread of the sum (a compound Poisson's).
    pub fn spread(&self) -> i64 {
        let counted = self.score.lines.iter().flat_map(|line| &line.facts).map(|fact| i128::from(fact.counted.0));
        let squares: i128 = counted.map(|points| points * points).sum();
        i64::try_from(squares.isqrt()).unwrap_or(i64::MAX)
    }
    /// The first line that another scoring has otherwise; `None` where all is the same.
    pub fn first_difference(&self, again: &Kept) -> Option<Option<LineOf>> {
        if self == again {
            return None;
        }
        let differs = |(at, line): (usize, &Line)| again.score.lines.get(at) != Some(line);
        let at = self.score.lines.iter().enumerate().find(|(at, line)| differs((*at, line))).map(|(_, line)| line.of.clone());
        Some(at.or_else(|| again.score.lines.get(self.score.lines.len()).map(|line| line.of.clone())))
    }
}

/// The first of a month (`YYYY-MM`). `None` for what is no month between 2000 and 9000.
pub fn first_of(month: &str) -> Option<Date> {
    let written = month.len() == 7 && month.is_ascii();
    let first = written.then(|| format!("{month}-01").parse::<Date>().ok()).flatten()?;
    (2000..=9000).contains(&first.year()).then_some(first)
}

/// The month before, or so many before it.
pub fn month_before(month: &str, by: i32) -> Option<String> {
    let first = first_of(month)?;
    Some(first.checked_sub(jiff::Span::new().months(by)).ok()?.strftime("%Y-%m").to_string())
}

/// A month as the journal had it at a position. Errors: 500 beyond the calendar.
pub fn span_of(directory: &Directory, month: &str, cut: i64) -> Result<Span> {
    let first = first_of(month).ok_or_else(|| Error::internal("a month"))?;
    let zone = directory.calendar().zone();
    let starts =
        |day: Date| -> Result<Instant> { Ok(Instant::from_timestamp(zone.to_timestamp(day.at(0, 0, 0, 0)).map_err(Error::internal)?)) };
    let next = first.checked_add(jiff::Span::new().months(1)).map_err(Error::internal)?;
    Ok(Span { from: starts(first)?, to: starts(next)?, cut })
}

static SIZE: Sql = sql!("SELECT size FROM journal_head WHERE tenant_id = :tenant");
static FIRST: Sql = sql!("SELECT recorded_at FROM fact WHERE tenant_id = :tenant AND position = 0");

/// How far the journal has come: where an evaluation is cut off.
pub async fn journal_size(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&SIZE, args! { tenant: tenant }).await?.map_or(0, |(size,)| size))
}

/// What an evaluation is made from.
pub struct Work<'a> {
    pub tellers: Tellers,
    pub directory: &'a Directory,
    pub league: LeagueId,
    pub ranked: Ranked,
    pub month: &'a str,
    pub cut: i64,
    pub table: &'a Table,
    /// Told how far it is.
    pub progress: Progress,
}

/// All that lines of work tell of one month, by member.
struct Heard {
    facts: BTreeMap<MemberId, Vec<(Fact, String)>>,
    counts: BTreeMap<MemberId, BTreeMap<String, u64>>,
}

impl Work<'_> {
    /// Whose something is, in such a league.
    fn member(&self, of: Of) -> Option<MemberId> {
        match self.ranked {
            Ranked::Compound => of.compound.map(|place| MemberId(place.0)),
            Ranked::Community => of.community.map(|place| MemberId(place.0)),
            Ranked::Cooperative | Ranked::Department => of.unit.map(|unit| MemberId(unit.0)),
        }
    }

    fn hear(&self, told: Told, members: &BTreeSet<MemberId>, heard: &mut Heard) {
        for told in told.facts {
            let Some(member) = self.member(told.of).filter(|member| members.contains(member)) else { continue };
            heard.facts.entry(member).or_default().push((told.fact, told.opens));
        }
        for (of, counts) in told.counts {
            let Some(member) = self.member(of).filter(|member| members.contains(member)) else { continue };
            let known = heard.counts.entry(member).or_default();
            for (what, number) in counts {
                *known.entry(what.to_owned()).or_default() += number;
            }
        }
    }

    async fn month(&self, store: &Store, tenant: TenantId, month: &str, members: &BTreeSet<MemberId>) -> Result<Heard> {
        let span = span_of(self.directory, month, self.cut)?;
        let mut heard = Heard { facts: BTreeMap::new(), counts: BTreeMap::new() };
        for teller in self.tellers.0 {
            // What nobody counted is none, where it is counted at all: units report nothing themselves.
            let counted = teller.vocabulary().counts.into_iter();
            let counted = counted.filter(|count| self.ranked.is_place() || !teller.of_places_alone().contains(&count.as_str()));
            let none: BTreeMap<String, u64> = counted.map(|count| (count, 0)).collect();
            for member in members {
                heard.counts.entry(*member).or_default().extend(none.clone());
            }
            self.hear(teller.tell(store, tenant, span).await?, members, &mut heard);
        }
        Ok(heard)
    }

    /// Scores each of these units, in the order of their ids.
    pub async fn score(&self, store: &Store, tenant: TenantId, units: Vec<Known>) -> Result<Vec<Kept>> {
        let units: BTreeMap<MemberId, Known> = units.into_iter().map(|known| (known.member, known)).collect();
        let members: BTreeSet<MemberId> = units.keys().copied().collect();
        let before = month_before(self.month, 1).ok_or_else(|| Error::internal("a month"))?;
        let begun: Option<(Instant,)> = store.opt(&FIRST, args! { tenant: tenant }).await?;
        let recorded = begun.map(|(at,)| at) < Some(span_of(self.directory, &before, self.cut)?.to) && begun.is_some();
        let mut last = match recorded {
            true => self.month(store, tenant, &before, &members).await?.counts,
            false => BTreeMap::new(),
        };
        let mut heard = self.month(store, tenant, self.month, &members).await?;
        let end = span_of(self.directory, self.month, self.cut)?.to;
        let mut strikes = appeal::strikes(store, tenant, self.league, self.month, end, self.cut).await?;
        let mut scored = Vec::with_capacity(units.len());
        self.progress.enters(RunStep::Score, units.len());
        for known in units.into_values() {
            let member = known.member;
            let told: Vec<(Fact, String)> = heard.facts.remove(&member).unwrap_or_default();
            let measures = measures(&known, heard.counts.get(&member));
            let counts = heard.counts.remove(&member).unwrap_or_default();
            let last = last.remove(&member).unwrap_or_default();
            let mut struck: Vec<Struck> = Vec::new();
            for strike in strikes.remove(&member).unwrap_or_default() {
                let meant = told.iter().filter(|(fact, _)| strike.facts.contains(&key(&fact.kind, &fact.id)));
                let facts = meant.map(|(fact, opens)| (key(&fact.kind, &fact.id), Seen::of(fact, opens))).collect();
                struck.push(Struck { appeal: strike.appeal, line: strike.line, row: strike.facts.is_empty(), facts });
            }
            let gone: BTreeSet<&String> = struck.iter().flat_map(|one| one.facts.keys()).collect();
            let (facts, opens): (Vec<Fact>, Vec<String>) =
                told.into_iter().filter(|(fact, _)| !gone.contains(&key(&fact.kind, &fact.id))).unzip();
            let input = Input { facts, counts, last, measures };
            let rows = struck_rows(&struck);
            let score = match rows.is_empty() {
                true => self.table.score(&input),
                false => {
                    let compiled = without(self.table.scheme(), &rows).compile(&self.tellers.vocabulary());
                    compiled.map_err(|problems| Error::internal(format!("a scheme without struck rows: {problems:?}")))?.score(&input)
                }
            };
            let matched: BTreeSet<String> = score.facts.iter().map(|fact| key(&fact.kind, &fact.id)).collect();
            let seen = input.facts.iter().zip(&opens).map(|(fact, opens)| (key(&fact.kind, &fact.id), Seen::of(fact, opens)));
            let facts = seen.filter(|(key, _)| matched.contains(key)).collect();
            scored.push(Kept { known, counts: input.counts, last: input.last, facts, struck, score });
            self.progress.one_more();
            // Others have the processor between two units.
            tokio::task::yield_now().await;
        }
        self.progress.enters(RunStep::Keep, scored.len());
        Ok(scored)
    }
}

/// A scheme without these rows.
pub(crate) fn without(scheme: &Scheme, rows: &BTreeSet<&str>) -> Scheme {
    let mut scheme = scheme.clone();
    scheme.rows.retain(|row| !rows.contains(row.code.as_str()));
    scheme
}

/// How large a unit is: what is known of it, the rounds that were made at it, and each size together with the rounds.
pub(crate) fn measures(known: &Known, counts: Option<&BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut all = known.measures.clone();
    // No round is not a size: whoever was never looked at is not compared.
    if let Some(rounds) = counts.and_then(|counts| counts.get(ROUNDS)).copied().filter(|rounds| *rounds > 0) {
        for (size, with_rounds) in [(HOUSEHOLDS, HOUSEHOLD_ROUNDS), (AREA, AREA_ROUNDS)] {
            if let Some(size) = all.get(size).copied() {
                all.insert(with_rounds.to_owned(), size.saturating_mul(rounds));
            }
        }
        all.insert(ROUNDS.to_owned(), rounds);
    }
    all
}

/// By what [`Kept::facts`] finds a fact: two kinds may be told of by one fact of the journal.
pub fn key(kind: &str, id: &str) -> String {
    format!("{kind}:{id}")
}

/// The places of scored units, in their order: the highest total is first, equal totals share a place and the next ones are passed over;
/// none for those that are not compared.
pub fn places(kept: &[Kept]) -> Vec<Option<i64>> {
    let mut totals: Vec<Points> = kept.iter().filter(|kept| kept.not_ranked().is_none()).map(|kept| kept.score.total).collect();
    totals.sort_unstable_by(|a, b| b.cmp(a));
    let place = |kept: &Kept| {
        let above = totals.partition_point(|total| *total > kept.score.total);
        kept.not_ranked().is_none().then(|| i64::try_from(above + 1).unwrap_or(i64::MAX))
    };
    kept.iter().map(place).collect()
}

/// What the difference of two totals may be off by, in thousandths: the squares of both spreads add up.
pub fn spread_of_both(one: i64, other: i64) -> i64 {
    let squares = i128::from(one) * i128::from(one) + i128::from(other) * i128::from(other);
    i64::try_from(squares.isqrt()).unwrap_or(i64::MAX)
}

/// Whether two totals lie so near that chance alone may have put one above the other: nearer than twice what both may be off by, as
/// nineteen of twenty differences are that chance alone makes.
pub fn within_chance(difference: i64, one: i64, other: i64) -> bool {
    let squares = i128::from(one) * i128::from(one) + i128::from(other) * i128::from(other);
    i128::from(difference).pow(2) < squares.saturating_mul(4)
}

/// Scored units as they are kept, in their order.
pub struct Sealed {
    /// Canonical texts, and the hash of each.
    pub bodies: Vec<String>,
    pub hashes: Vec<String>,
    pub places: Vec<Option<i64>>,
    /// One hash of it all: of each unit's id, place and hash.
    pub digest: String,
}

/// Seals units that stand in the order of their ids.
pub fn sealed(units: &[Kept]) -> Result<Sealed> {
    let bodies = units.iter().map(Kept::to_json).collect::<Result<Vec<String>>>()?;
    let hashes: Vec<String> = bodies.iter().map(|body| hex(&content_hash(body.as_bytes()))).collect();
    let places = places(units);
    let lines = units.iter().zip(&places).zip(&hashes).map(|((kept, place), hash)| (kept.known.member, place.unwrap_or(0), hash.as_str()));
    let digest = digest_of(lines);
    Ok(Sealed { bodies, hashes, places, digest })
}

/// The one hash of units in the order of their ids: each with its place, 0 for none, and the hash of what is kept of it.
pub fn digest_of<'a>(units: impl Iterator<Item = (MemberId, i64, &'a str)>) -> String {
    let lines: String = units.map(|(member, place, hash)| format!("{member} {place} {hash}\n")).collect();
    hex(&content_hash(lines.as_bytes()))
}

/// What is known of a member today, with the square metres of those that have a boundary. Errors: 404 where it is gone altogether.
pub fn known(directory: &Directory, areas: &BTreeMap<PlaceId, u64>, ranked: Ranked, member: MemberId, on: Date) -> Result<Known> {
    let mut measures = BTreeMap::new();
    let (name, unit) = if ranked.is_place() {
        let place = directory.place_or_404(member.place())?;
        // Nobody counted is not zero.
        if let Some(households) = place.households.and_then(|households| u64::try_from(households).ok()).filter(|n| *n > 0) {
            measures.insert(HOUSEHOLDS.to_owned(), households);
        }
        measures.extend(areas.get(&place.id).map(|area| (AREA.to_owned(), *area)));
        let unit = match ranked {
            Ranked::Compound => directory.unit_for(place.id, None, on).map(|proposal| proposal.unit),
            _ => None,
        };
        (place.name.clone(), unit)
    } else {
        let organisation = directory.organisation(member.organisation()).ok_or_else(Error::not_found)?;
        (organisation.short_name.clone(), Some(organisation.id))
    };
    let unit_name = unit.filter(|_| ranked.is_place()).map(|unit| directory.short_name(unit).to_owned()).unwrap_or_default();
    Ok(Known { member, name, unit, unit_name, measures })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::Uuid;
    use proptest::prelude::*;

    #[test]
    fn a_size_counts_with_the_rounds_that_were_made() {
        let sizes = BTreeMap::from([(HOUSEHOLDS.to_owned(), 400), (AREA.to_owned(), 25_000)]);
        let known = Known { measures: sizes, ..kept(0, true).known };
        let with = |rounds| measures(&known, Some(&BTreeMap::from([(ROUNDS.to_owned(), rounds)])));
        let all = with(4);
        assert_eq!([HOUSEHOLD_ROUNDS, AREA_ROUNDS, ROUNDS, AREA].map(|name| all[name]), [1600, 100_000, 4, 25_000]);
        assert_eq!(with(0), known.measures, "never looked at is no size");
    }

    fn kept(total: i64, compared: bool) -> Kept {
        let reason = Reason { why: Why::SmallSample, of: Vec::new() };
        Kept {
            known: Known {
                member: MemberId(Uuid::nil()),
                name: String::new(),
                unit: None,
                unit_name: String::new(),
                measures: BTreeMap::new(),
            },
            counts: BTreeMap::new(),
            last: BTreeMap::new(),
            facts: BTreeMap::new(),
            struck: Vec::new(),
            score: Score {
                total: Points(total),
                grade: None,
                not_ranked: (!compared).then_some(reason),
                dimensions: Vec::new(),
                rates: Vec::new(),
                facts: Vec::new(),
                lines: Vec::new(),
                undecided: Vec::new(),
                conflicts: Vec::new(),
            },
        }
    }

    #[test]
    fn equal_totals_share_a_place_and_the_next_is_passed_over() {
        let list = [kept(90, true), kept(95, true), kept(90, true), kept(99, false), kept(80, true)];
        assert_eq!(places(&list), [Some(2), Some(1), Some(2), None, Some(4)]);
    }

    #[test]
    fn months_are_written_one_way() {
        assert_eq!(month_before("2026-01", 1).as_deref(), Some("2025-12"));
        assert_eq!(month_before("2026-03", 12).as_deref(), Some("2025-03"));
        for wrong in ["2026-13", "2026-1", "26-01", "2026-011", "1999-12", "２０２６", ""] {
            assert_eq!(first_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_chance_alone_may_do_is_twice_both_spreads() {
        assert_eq!(spread_of_both(300, 400), 500);
        assert!(within_chance(999, 300, 400) && within_chance(-999, 300, 400));
        assert!(!within_chance(1_000, 300, 400) && !within_chance(0, 0, 0) && !within_chance(1, 0, 0));
        assert_eq!(spread_of_both(i64::MAX, i64::MAX), i64::MAX);
    }

    proptest! {
        /// A place is one more than how many are better, whatever the order of the list.
        #[test]
        fn places_are_a_total_order(totals in proptest::collection::vec((0_i64..5, any::<bool>()), 0..30), turn in 0_usize..30) {
            let list: Vec<Kept> = totals.iter().map(|(total, compared)| kept(*total, *compared)).collect();
            let found = places(&list);
            for (one, place) in totals.iter().zip(&found) {
                let better = totals.iter().filter(|other| other.1 && other.0 > one.0).count() as i64;
                prop_assert_eq!(*place, one.1.then_some(better + 1));
            }
            let mut turned = list;
            let by = turn % turned.len().max(1);
            turned.rotate_left(by);
            let mut expected = found;
            expected.rotate_left(by);
            prop_assert_eq!(places(&turned), expected);
        }
    }
}
