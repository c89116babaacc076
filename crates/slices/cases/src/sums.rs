//! Reading what the summary counts: sums and what is not added up yet, taken together, so that everything that one page
//! shows is of one instant and its parts add up to its wholes.

use crate::days::{Counts, Delta, Grain, MOST, PENDING, Part, SPANS, SUMS, fold};
use jiff::civil::Date;
use kernel::ids::Uuid;
use kernel::{Code, Kind, Result, TenantId};
use std::collections::BTreeMap;
use store::{FromRow, Row, Sql, Store, args, sql};

/// Counts were added up again and again while somebody read them.
pub const RESTLESS: Code = Code::new(Kind::Unavailable, "summary.restless");

/// How often a reading begins anew when counts are added up under it, which takes milliseconds and comes once a minute.
pub const ATTEMPTS: usize = 5;

static FOLDS: Sql = sql!("SELECT folds FROM case_fold WHERE tenant_id = :tenant");

struct Summed {
    key: String,
    counts: Counts,
}

impl FromRow for Summed {
    fn from_row(mut row: Row) -> Result<Self> {
        let name = row.columns().first().cloned().unwrap_or_default();
        Ok(Summed { key: row.take(0, &name)?, counts: Counts::take_from(&mut row, &mut 1)? })
    }
}

/// Most days of one page: thirty years.
pub const MOST_DAYS: i64 = 10_958;

/// Local days `from..=to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: Date,
    pub to: Date,
}

impl Days {
    /// Parses two days; nothing where they are none, lie backwards, or beyond what a calendar page shows.
    pub fn parse(from: &str, to: &str) -> Option<Days> {
        let day = |text: &str| text.parse::<Date>().ok().filter(|day| (1..=9998).contains(&day.year()));
        let (from, to) = (day(from)?, day(to)?);
        (from <= to).then_some(Days { from, to })
    }
    pub fn count(&self) -> i64 {
        i64::from((self.to - self.from).get_days()) + 1
    }
    /// The days right before, as many; for whole months as many months.
    pub fn before(&self) -> Days {
        let last = self.from.yesterday().unwrap_or(self.from);
        if self.from.day() == 1 && self.to == self.to.last_of_month() {
            let months =
                (i32::from(self.to.year()) - i32::from(self.from.year())) * 12 + i32::from(self.to.month()) - i32::from(self.from.month());
            let first = last.first_of_month().saturating_sub(jiff::Span::new().months(months));
            return Days { from: first, to: last };
        }
        Days { from: self.from.saturating_sub(jiff::Span::new().days(self.count())), to: last }
    }
    /// The fewest sums that make up these days: whole months, and the days around them.
    fn ranges(&self) -> Vec<(Grain, String, String)> {
        let days = |from: Date, to: Date| (Grain::Day, from.to_string(), to.to_string());
        let month = |day: Date| day.strftime("%Y-%m").to_string();
        let first = if self.from.day() == 1 { self.from } else { self.from.last_of_month().tomorrow().unwrap_or(Date::MAX) };
        let end = if self.to == self.to.last_of_month() { self.to } else { self.to.first_of_month().yesterday().unwrap_or(Date::MIN) };
        if first > end {
            return vec![days(self.from, self.to)];
        }
        let mut ranges = vec![(Grain::Month, month(first), month(end))];
        if self.from < first {
            ranges.push(days(self.from, first.yesterday().unwrap_or(first)));
        }
        if self.to > end {
            ranges.push(days(end.tomorrow().unwrap_or(end), self.to));
        }
        ranges
    }
}

/// A tenant's counts at one instant.
pub struct Book<'a> {
    store: &'a Store,
    tenant: TenantId,
    folds: i64,
    pending: Vec<Delta>,
}

async fn folds(store: &Store, tenant: TenantId) -> Result<i64> {
    Ok(store.opt::<(i64,)>(&FOLDS, args! { tenant: tenant }).await?.map_or(0, |(folds,)| folds))
}

impl<'a> Book<'a> {
    async fn read(store: &'a Store, tenant: TenantId) -> Result<Book<'a>> {
        let folds = folds(store, tenant).await?;
        let pending = store.all::<Delta>(&PENDING, args! { tenant: tenant, first: Uuid::nil() }).await?;
        Ok(Book { store, tenant, folds, pending })
    }
    /// The counts as they are now. What is made of them is good where they [still hold](Book::still_holds) afterwards; else it is
    /// made again, [`ATTEMPTS`] times.
    pub async fn open(store: &'a Store, tenant: TenantId) -> Result<Book<'a>> {
        let book = Book::read(store, tenant).await?;
        if book.pending.len() < MOST {
            return Ok(book);
        }
        fold(store, tenant).await?;
        Book::read(store, tenant).await
    }
    /// Whether nothing was added up since it was opened, so that all that was read of it is of one instant.
    pub async fn still_holds(&self) -> Result<bool> {
        Ok(folds(self.store, self.tenant).await? == self.folds)
    }

    /// What is not added up yet.
    pub fn deltas(&self) -> &[Delta] {
        &self.pending
    }
    /// The counts of these days by the keys of a part, of the whole tenant or of one community.
    pub async fn by(&self, scope: Option<Uuid>, part: Part, days: &Days) -> Result<BTreeMap<String, Counts>> {
        let mut counts = BTreeMap::<String, Counts>::new();
        for (grain, from, to) in days.ranges() {
            let asked = args! { tenant: self.tenant, grain: grain, scope: scope.unwrap_or(Uuid::nil()), part: part, from: from, to: to };
            for summed in self.store.all::<Summed>(&SUMS, asked).await? {
                *counts.entry(summed.key).or_default() += summed.counts;
            }
        }
        for delta in self.pending(scope, days) {
            *counts.entry(delta.cell.key(part)).or_default() += delta.counts;
        }
        counts.retain(|_, counts| *counts != Counts::default());
        Ok(counts)
    }
    /// All counts of these days, by day or by month.
    pub async fn over_time(&self, scope: Option<Uuid>, grain: Grain, days: &Days) -> Result<BTreeMap<String, Counts>> {
        let mut counts = BTreeMap::<String, Counts>::new();
        let length = if grain == Grain::Month { 7 } else { 10 };
        // By month the edges may be parts of months, which are read by day.
        let ranges = if grain == Grain::Month { days.ranges() } else { vec![(Grain::Day, days.from.to_string(), days.to.to_string())] };
        for (grain, from, to) in ranges {
            let scope = scope.unwrap_or(Uuid::nil());
            let asked = args! { tenant: self.tenant, grain: grain, scope: scope, part: Part::All, from: from, to: to };
            for summed in self.store.all::<Summed>(&SPANS, asked).await? {
                *counts.entry(summed.key.get(..length).unwrap_or_default().to_owned()).or_default() += summed.counts;
            }
        }
        for delta in self.pending(scope, days) {
            *counts.entry(delta.cell.day.get(..length).unwrap_or_default().to_owned()).or_default() += delta.counts;
        }
        counts.retain(|_, counts| *counts != Counts::default());
        Ok(counts)
    }
    fn pending(&self, scope: Option<Uuid>, days: &Days) -> impl Iterator<Item = &Delta> {
        let (from, to) = (days.from.to_string(), days.to.to_string());
        self.pending
            .iter()
            .filter(move |delta| scope.is_none_or(|scope| delta.cell.community == scope) && delta.cell.day >= from && delta.cell.day <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days::parse(from, to).unwrap()
    }

    #[test]
    fn days_are_read_as_whole_months_and_what_is_left() {
        let said = |from: &str, to: &str| {
            let ranges = days(from, to).ranges();
            ranges.into_iter().map(|(grain, from, to)| format!("{grain} {from}..{to}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(said("2026-01-01", "2026-12-31"), "month 2026-01..2026-12");
        assert_eq!(said("2026-01-05", "2026-01-31"), "day 2026-01-05..2026-01-31");
        assert_eq!(said("2026-01-05", "2026-02-28"), "month 2026-02..2026-02, day 2026-01-05..2026-01-31");
        assert_eq!(said("2025-12-31", "2026-02-01"), "month 2026-01..2026-01, day 2025-12-31..2025-12-31, day 2026-02-01..2026-02-01");
        assert_eq!(said("2026-01-01", "2026-01-30"), "day 2026-01-01..2026-01-30");
        assert_eq!(said("2026-01-31", "2026-02-01"), "day 2026-01-31..2026-02-01");
    }

    #[test]
    fn every_day_of_a_period_is_read_once() {
        let all = days("2025-11-20", "2026-03-10");
        let (mut from, mut read) = (all.from, 0);
        while from <= all.to {
            let mut to = from;
            while to <= all.to {
                let mut seen = std::collections::BTreeSet::new();
                for (grain, first, last) in (Days { from, to }).ranges() {
                    let (mut day, end) = match grain {
                        Grain::Day => (first.parse::<Date>().unwrap(), last.parse::<Date>().unwrap()),
                        Grain::Month => {
                            let month = |text: &str| format!("{text}-01").parse::<Date>().unwrap();
                            (month(&first), month(&last).last_of_month())
                        }
                    };
                    while day <= end {
                        assert!(seen.insert(day), "{day} twice in {from}..{to}");
                        day = day.tomorrow().unwrap();
                    }
                }
                assert_eq!(i64::try_from(seen.len()).unwrap(), Days { from, to }.count());
                assert!(seen.iter().all(|day| *day >= from && *day <= to), "{from}..{to}");
                to = to.tomorrow().unwrap();
                read += 1;
            }
            from = from.tomorrow().unwrap();
        }
        assert!(read > 5_000);
    }

    #[test]
    fn the_days_before_are_as_many_and_before_a_month_the_month_before() {
        let before = |from: &str, to: &str| {
            let before = days(from, to).before();
            format!("{}..{}", before.from, before.to)
        };
        assert_eq!(before("2026-02-01", "2026-02-28"), "2026-01-01..2026-01-31");
        assert_eq!(before("2026-01-01", "2026-03-31"), "2025-10-01..2025-12-31");
        assert_eq!(before("2026-02-01", "2026-02-13"), "2026-01-19..2026-01-31");
        assert_eq!(before("2026-02-13", "2026-02-13"), "2026-02-12..2026-02-12");
    }
}
