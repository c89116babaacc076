//! Reading what the summary counts: sums and what is not added up yet, taken together, so that everything that one page
//! shows is of one instant and its parts add up to its wholes.

use crate::days::{Counts, Delta, Grain, MOST, PENDING, Part, SPANS, SUMS, fold};
use jiff::civil::Date;
use kernel::ids::Uuid;
use kernel::{Code, Kind, Result, TenantId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
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

/// Which sums were read: by the keys of a part, or by the spans of all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    tenant: TenantId,
    spans: bool,
    scope: Uuid,
    part: Part,
    sum: Sum,
}

/// Sums that pages asked for lately, each with the adding up that it was read after: until the next one it holds.
#[derive(Default)]
struct Memo(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    read: HashMap<Question, (i64, Arc<Vec<Summed>>)>,
    rows: usize,
}

/// Rows remembered over all tenants: some megabytes.
const MOST_REMEMBERED: usize = 40_000;

impl Memo {
    fn known(&self, question: &Question, folds: i64) -> Option<Arc<Vec<Summed>>> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.read.get(question).filter(|(known, _)| *known == folds).map(|(_, rows)| Arc::clone(rows))
    }
    fn note(&self, question: Question, folds: i64, rows: &Arc<Vec<Summed>>) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.rows + rows.len() > MOST_REMEMBERED {
            *remembered = Remembered::default();
        }
        remembered.rows += rows.len();
        if let Some((_, before)) = remembered.read.insert(question, (folds, Arc::clone(rows))) {
            remembered.rows -= before.len();
        }
    }
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
    /// The fewest sums that make up these days: whole months with the days around them added, or whole months with the days that
    /// are not asked for taken away.
    fn ranges(&self) -> Vec<Sum> {
        let (first_of, last_of) = (self.from.first_of_month(), self.to.last_of_month());
        if first_of == self.to.first_of_month() {
            // One month: its days, or all of it without the days before and behind.
            let whole = i64::from(last_of.day());
            return if self.count() > (whole + 1) / 2 {
                let mut sums = vec![Sum::months(first_of, last_of)];
                sums.extend(Sum::days(first_of, self.from.yesterday().unwrap_or(Date::MIN)).map(Sum::taken));
                sums.extend(Sum::days(self.to.tomorrow().unwrap_or(Date::MAX), last_of).map(Sum::taken));
                sums
            } else {
                Sum::days(self.from, self.to).into_iter().collect()
            };
        }
        let mut edges = Vec::new();
        let (mut first, mut end) = (first_of, last_of);
        if i64::from(self.from.day()) > (i64::from(self.from.last_of_month().day()) + 2) / 2 {
            first = self.from.last_of_month().tomorrow().unwrap_or(Date::MAX);
            edges.extend(Sum::days(self.from, self.from.last_of_month()));
        } else {
            edges.extend(Sum::days(first_of, self.from.yesterday().unwrap_or(Date::MIN)).map(Sum::taken));
        }
        if i64::from(self.to.day()) <= i64::from(last_of.day()) / 2 {
            end = self.to.first_of_month().yesterday().unwrap_or(Date::MIN);
            edges.extend(Sum::days(self.to.first_of_month(), self.to));
        } else {
            edges.extend(Sum::days(self.to.tomorrow().unwrap_or(Date::MAX), last_of).map(Sum::taken));
        }
        if first <= end {
            edges.insert(0, Sum::months(first, end));
        }
        edges
    }
}

/// Sums of these spans, to be added or to be taken away.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sum {
    grain: Grain,
    from: String,
    to: String,
    taken: bool,
}

impl Sum {
    fn months(from: Date, to: Date) -> Sum {
        let month = |day: Date| day.strftime("%Y-%m").to_string();
        Sum { grain: Grain::Month, from: month(from), to: month(to), taken: false }
    }
    /// Nothing where there are no days.
    fn days(from: Date, to: Date) -> Option<Sum> {
        (from <= to).then(|| Sum { grain: Grain::Day, from: from.to_string(), to: to.to_string(), taken: false })
    }
    fn taken(self) -> Sum {
        Sum { taken: true, ..self }
    }
    fn signed(&self, counts: Counts) -> Counts {
        if self.taken { -counts } else { counts }
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

    async fn sums(&self, spans: bool, scope: Option<Uuid>, part: Part, sum: &Sum) -> Result<Arc<Vec<Summed>>> {
        let memo = self.store.memo::<Memo>();
        let scope = scope.unwrap_or_default();
        let question = Question { tenant: self.tenant, spans, scope, part, sum: sum.clone() };
        if let Some(known) = memo.known(&question, self.folds) {
            return Ok(known);
        }
        let asked = args! { tenant: self.tenant, grain: sum.grain, scope: scope, part: part, from: &sum.from, to: &sum.to };
        let read = Arc::new(self.store.all::<Summed>(if spans { &SPANS } else { &SUMS }, asked).await?);
        // Where something was added up meanwhile, the book does not hold, and nobody asks for its count again.
        memo.note(question, self.folds, &read);
        Ok(read)
    }

    /// How often something was added up before it was opened.
    pub fn folds(&self) -> i64 {
        self.folds
    }
    /// What is not added up yet.
    pub fn deltas(&self) -> &[Delta] {
        &self.pending
    }
    /// The counts of these days by the keys of a part, of the whole tenant or of one community.
    pub async fn by(&self, scope: Option<Uuid>, part: Part, days: &Days) -> Result<BTreeMap<String, Counts>> {
        let mut counts = BTreeMap::<String, Counts>::new();
        for sum in days.ranges() {
            for summed in self.sums(false, scope, part, &sum).await?.iter() {
                *counts.entry(summed.key.clone()).or_default() += sum.signed(summed.counts);
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
        let sums = if grain == Grain::Month { days.ranges() } else { Sum::days(days.from, days.to).into_iter().collect() };
        for sum in sums {
            for summed in self.sums(true, scope, Part::All, &sum).await?.iter() {
                *counts.entry(summed.key.get(..length).unwrap_or_default().to_owned()).or_default() += sum.signed(summed.counts);
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
    fn days_are_read_as_whole_months_and_what_is_around_or_missing() {
        let said = |from: &str, to: &str| {
            let sign = |sum: &Sum| if sum.taken { "-" } else { "" };
            let said = |sum: Sum| format!("{}{} {}..{}", sign(&sum), sum.grain, sum.from, sum.to);
            days(from, to).ranges().into_iter().map(said).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(said("2026-01-01", "2026-12-31"), "month 2026-01..2026-12");
        assert_eq!(said("2026-01-05", "2026-01-31"), "month 2026-01..2026-01, -day 2026-01-01..2026-01-04");
        assert_eq!(said("2026-01-05", "2026-02-28"), "month 2026-01..2026-02, -day 2026-01-01..2026-01-04");
        assert_eq!(said("2025-12-31", "2026-02-01"), "month 2026-01..2026-01, day 2025-12-31..2025-12-31, day 2026-02-01..2026-02-01");
        assert_eq!(said("2026-01-01", "2026-01-30"), "month 2026-01..2026-01, -day 2026-01-31..2026-01-31");
        assert_eq!(said("2026-01-31", "2026-02-01"), "day 2026-01-31..2026-01-31, day 2026-02-01..2026-02-01");
        assert_eq!(said("2026-01-10", "2026-01-20"), "day 2026-01-10..2026-01-20");
        assert_eq!(said("2026-01-03", "2026-01-29"), "month 2026-01..2026-01, -day 2026-01-01..2026-01-02, -day 2026-01-30..2026-01-31");
    }

    #[test]
    fn every_day_of_a_period_counts_once_and_no_other_and_few_sums_are_read() {
        let all = days("2025-11-20", "2026-03-10");
        let (mut from, mut read) = (all.from, 0);
        while from <= all.to {
            let mut to = from;
            while to <= all.to {
                let (mut counted, mut spans) = (BTreeMap::<Date, i64>::new(), 0);
                for sum in (Days { from, to }).ranges() {
                    let (mut day, end) = match sum.grain {
                        Grain::Day => (sum.from.parse::<Date>().unwrap(), sum.to.parse::<Date>().unwrap()),
                        Grain::Month => {
                            let month = |text: &str| format!("{text}-01").parse::<Date>().unwrap();
                            (month(&sum.from), month(&sum.to).last_of_month())
                        }
                    };
                    while day <= end {
                        *counted.entry(day).or_default() += if sum.taken { -1 } else { 1 };
                        spans += i64::from(sum.grain == Grain::Day || day.day() == 1);
                        day = day.tomorrow().unwrap();
                    }
                }
                counted.retain(|_, times| *times != 0);
                assert!(counted.values().all(|times| *times == 1), "{from}..{to}");
                assert_eq!(counted.keys().next().zip(counted.keys().last()), Some((&from, &to)));
                assert_eq!(i64::try_from(counted.len()).unwrap(), Days { from, to }.count());
                assert!(spans <= 16 + 16 + 4, "{spans} for {from}..{to}");
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
