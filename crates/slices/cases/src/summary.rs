//! The summary's figures of a period and of the one before: of the whole, over time, by each part, by the hour of the week.

use crate::days::{Counts, Grain, Part};
use crate::office::Office;
use crate::steps::Source;
use crate::sums::{ATTEMPTS, Book, Days, RESTLESS};
use access::permit::Reach;
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Kind, Result, ensure};
use std::collections::BTreeMap;
use store::Store;
use web::Words;

/// The words of the days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] =
    ["weekday-monday", "weekday-tuesday", "weekday-wednesday", "weekday-thursday", "weekday-friday", "weekday-saturday", "weekday-sunday"];

/// Hours of a week.
pub const SLOTS: usize = 168;
/// Up to so many days stand day by day.
const BY_DAY: i64 = 35;
/// Up to so many week by week.
const BY_WEEK: i64 = 190;

/// Counts of some days, as the chart over time shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub days: Days,
    pub counts: Counts,
}

/// One row of a part: what it is called, how a list is narrowed to it, and what it counts.
#[derive(Debug, Clone)]
pub struct Row {
    /// As the sums name it: an id, a source; nil for what has none.
    pub key: String,
    pub counts: Counts,
    /// The same in the period before.
    pub before: Counts,
}

/// All figures of one page, of one instant.
#[derive(Debug, Clone)]
pub struct Summary {
    pub days: Days,
    pub before: Days,
    pub whole: Counts,
    pub whole_before: Counts,
    pub over_time: Vec<Span>,
    pub parts: Vec<(Part, Vec<Row>)>,
    /// Found, by the hour of the week; Monday's first hour first.
    pub found_by_slot: Vec<i64>,
}

/// Sums are kept by community; a part of one is counted by nobody.
pub const BELOW_COMMUNITY: Code = Code::new(Kind::Forbidden, "summary.below_community");

/// What of a tenant somebody reaches: all of it, or these communities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    All,
    Communities(Vec<Uuid>),
}

impl Within {
    /// Errors: `summary.below_community` for who reaches a part of a community, whose sums are not kept.
    pub fn of(reach: &Reach, office: &Office) -> Result<Within> {
        if reach.all {
            return Ok(Within::All);
        }
        let mut communities = Vec::new();
        for path in &reach.paths {
            let before = communities.len();
            let within = office.directory.communities().filter(|place| place.path.starts_with(path.as_str()));
            communities.extend(within.map(|place| place.id.0));
            ensure(communities.len() > before, BELOW_COMMUNITY)?;
        }
        Ok(Within::Communities(communities))
    }
    fn scopes(&self) -> Vec<Option<Uuid>> {
        match self {
            Within::All => vec![None],
            Within::Communities(communities) => communities.iter().copied().map(Some).collect(),
        }
    }
}

/// Days as sums are read: up to the end of a month that goes on, as nothing is counted after today.
fn read_to(days: &Days, today: Date) -> Days {
    if days.to >= today { Days { from: days.from, to: days.to.last_of_month() } } else { *days }
}

async fn by(book: &Book<'_>, within: &Within, part: Part, days: &Days) -> Result<BTreeMap<String, Counts>> {
    let mut sums = BTreeMap::<String, Counts>::new();
    for scope in within.scopes() {
        // A community is all of itself.
        let asked = if part == Part::Community && scope.is_some() { Part::All } else { part };
        for (key, counts) in book.by(scope, asked, days).await? {
            let key = if asked == part { key } else { scope.unwrap_or_default().to_string() };
            *sums.entry(key).or_default() += counts;
        }
    }
    Ok(sums)
}

async fn whole(book: &Book<'_>, within: &Within, days: &Days) -> Result<Counts> {
    Ok(by(book, within, Part::All, days).await?.remove("").unwrap_or_default())
}

/// The days in the steps that a chart of them has.
fn steps(days: &Days) -> Vec<Days> {
    let (mut from, mut all) = (days.from, Vec::new());
    while from <= days.to {
        let count = days.count();
        let last = if count <= BY_DAY {
            from
        } else if count <= BY_WEEK {
            let left = 6 - i64::from(from.weekday().to_monday_zero_offset());
            from.saturating_add(jiff::Span::new().days(left))
        } else {
            from.last_of_month()
        };
        all.push(Days { from, to: last.min(days.to) });
        let Ok(next) = last.tomorrow() else { break };
        from = next;
    }
    all
}

async fn over_time(book: &Book<'_>, within: &Within, days: &Days) -> Result<Vec<Span>> {
    let grain = if days.count() > BY_WEEK { Grain::Month } else { Grain::Day };
    let mut read = BTreeMap::<String, Counts>::new();
    for scope in within.scopes() {
        for (span, counts) in book.over_time(scope, grain, days).await? {
            *read.entry(span).or_default() += counts;
        }
    }
    let spans = steps(days).into_iter().map(|step| {
        let (from, to) = (step.from.to_string(), step.to.to_string());
        let ends = |text: &str| text.get(..if grain == Grain::Month { 7 } else { 10 }).unwrap_or_default().to_owned();
        let mut counts = Counts::default();
        for (_, part) in read.range(ends(&from)..=ends(&to)) {
            counts += *part;
        }
        Span { days: step, counts }
    });
    Ok(spans.collect())
}

/// Reads the figures of `days` and of the period before, by these parts. Errors: `summary.restless`.
pub async fn gather(store: &Store, office: &Office, within: &Within, days: Days, today: Date, parts: &[Part]) -> Result<Summary> {
    for _ in 0..ATTEMPTS {
        let book = Book::open(store, office.directory.tenant).await?;
        let summary = read(&book, office, within, days, today, parts).await?;
        if book.still_holds().await? {
            return Ok(summary);
        }
    }
    Err(RESTLESS.into())
}

/// The counts of one part. A category is one in all its versions, called by its latest.
async fn parted(book: &Book<'_>, office: &Office, within: &Within, part: Part, days: &Days) -> Result<BTreeMap<String, Counts>> {
    let counts = by(book, within, part, days).await?;
    if part != Part::Category {
        return Ok(counts);
    }
    let mut joined = BTreeMap::<String, Counts>::new();
    for (key, counts) in counts {
        let latest = Uuid::try_parse(&key).ok().and_then(|id| office.directory.kin(id).into_iter().next());
        *joined.entry(latest.map_or(key, |id| id.to_string())).or_default() += counts;
    }
    Ok(joined)
}

async fn read(book: &Book<'_>, office: &Office, within: &Within, days: Days, today: Date, parts: &[Part]) -> Result<Summary> {
    let (before, now) = (days.before(), read_to(&days, today));
    let mut rows = Vec::new();
    for part in parts {
        let mut earlier = parted(book, office, within, *part, &before).await?;
        let counts = parted(book, office, within, *part, &now).await?;
        let row = |(key, counts): (String, Counts)| Row { before: earlier.remove(&key).unwrap_or_default(), key, counts };
        let mut list: Vec<Row> = counts.into_iter().map(row).collect();
        let order = |row: &Row| (row.counts.in_circulars, row.counts.found);
        list.sort_by(|a, b| order(b).cmp(&order(a)).then_with(|| a.key.cmp(&b.key)));
        rows.push((*part, list));
    }
    let mut found_by_slot = vec![0; SLOTS];
    for (key, counts) in by(book, within, Part::Slot, &now).await? {
        if let Some(found) = key.parse::<usize>().ok().and_then(|slot| found_by_slot.get_mut(slot)) {
            *found += counts.found;
        }
    }
    Ok(Summary {
        days,
        before,
        whole: whole(book, within, &now).await?,
        whole_before: whole(book, within, &before).await?,
        over_time: over_time(book, within, &days).await?,
        parts: rows,
        found_by_slot,
    })
}

/// What a row is called.
pub fn name(w: Words, office: &Office, part: Part, key: &str) -> String {
    let directory = &office.directory;
    let id = Uuid::try_parse(key).unwrap_or_default();
    let named = match part {
        Part::Community | Part::Compound => directory.place(PlaceId(id)).map(|place| place.name.clone()),
        Part::Unit => directory.organisation(OrganisationId(id)).map(|unit| unit.name.clone()),
        Part::Category => directory.category(id).map(|category| category.name.clone()),
        Part::Source => key.parse::<Source>().ok().map(|source| w.t(&format!("source-{source}")).into_owned()),
        Part::All | Part::Slot => None,
    };
    let none = match part {
        Part::Community => "summary-elsewhere",
        Part::Compound => "without-compound",
        Part::Unit => "summary-no-unit",
        Part::Category => "without-category",
        Part::All | Part::Source | Part::Slot => "summary-total",
    };
    named.unwrap_or_else(|| w.t(none).into_owned())
}

/// Percent of change, rounded half away from nought; nothing where there was nothing before.
pub fn change_percent(now: i64, before: i64) -> Option<i64> {
    let twice = (now - before) * 200;
    (before > 0).then(|| (twice + before * twice.signum()) / (2 * before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_days_then_weeks_then_months_and_leaves_none_out() {
        for (from, to, wanted) in [("2026-01-01", "2026-01-31", 31), ("2026-01-01", "2026-03-31", 14), ("2026-01-15", "2026-12-31", 12)] {
            let days = Days::parse(from, to).unwrap();
            let steps = steps(&days);
            assert_eq!(steps.len(), wanted, "{from}..{to}");
            assert_eq!((steps[0].from, steps[wanted - 1].to), (days.from, days.to));
            assert!(steps.windows(2).all(|pair| pair[0].to.tomorrow().unwrap() == pair[1].from));
        }
    }

    #[test]
    fn a_change_is_told_in_percent_where_there_was_something() {
        assert_eq!(change_percent(115, 100), Some(15));
        assert_eq!(change_percent(50, 100), Some(-50));
        assert_eq!(change_percent(2, 3), Some(-33));
        assert_eq!(change_percent(1, 200), Some(-100));
        assert_eq!(change_percent(5, 0), None);
    }
}
