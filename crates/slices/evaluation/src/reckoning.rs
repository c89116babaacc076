//! Reckoning a league's month: as it stands now, for a draft; and once more as it was, to see that nothing was bent.

use crate::evaluation::{self, DIFFERS, Evaluation, EvaluationState};
use crate::league::{self, League};
use crate::run::Progress;
use crate::scheme::{self, SchemeId, Version};
use crate::scoring::{Kept, Known, Sealed, Work, first_of, journal_size, known, month_before, sealed};
use crate::terms::Tellers;
use jiff::civil::Date;
use kernel::{Code, Error, Result, TenantId, ensure};
use rules::{LineOf, Table};
use std::collections::BTreeMap;
use store::Store;
use territory::{Directory, boundaries};

/// What is evaluated is a month that is over, `YYYY-MM`.
pub const MONTH_NEEDED: Code = Code::invalid("evaluation.month_needed");
/// The month is not over.
pub const MONTH_OPEN: Code = Code::invalid("evaluation.month_open");
/// Nobody is in the league in that month.
pub const NO_MEMBERS: Code = Code::conflict("evaluation.no_members");
/// No scheme holds in that month.
pub const NO_SCHEME: Code = Code::conflict("evaluation.no_scheme");

/// A month, scored.
pub struct Reckoned {
    pub scheme: SchemeId,
    pub cut: i64,
    pub units: Vec<Kept>,
}

/// Scores a month of a league from all that the journal has, by the scheme in force in it.
///
/// Errors: `evaluation.month_needed`, `evaluation.month_open`, `evaluation.no_members`, `evaluation.no_scheme`.
pub async fn reckon(store: &Store, tellers: Tellers, directory: &Directory, league: &League, month: &str) -> Result<Reckoned> {
    reckon_telling(store, tellers, directory, league, month, &Progress::default()).await
}

/// The same, telling how far it is.
pub async fn reckon_telling(
    store: &Store,
    tellers: Tellers,
    directory: &Directory,
    league: &League,
    month: &str,
    progress: &Progress,
) -> Result<Reckoned> {
    let tenant = directory.tenant;
    let units = units_of(store, directory, league, month).await?;
    let scheme = scheme::in_force(store, tenant, league.ranked, month).await?.ok_or(NO_SCHEME)?;
    let table = compiled(store, tellers, tenant, scheme.id).await?;
    let cut = journal_size(store, tenant).await?;
    let work = Work { tellers, directory, league: league.id, ranked: league.ranked, month, cut, table: &table, progress: progress.clone() };
    Ok(Reckoned { scheme: scheme.id, cut, units: work.score(store, tenant, units).await? })
}

/// Who is in a league in a month that is over, as they are known today.
async fn units_of(store: &Store, directory: &Directory, league: &League, month: &str) -> Result<Vec<Known>> {
    let first = over(store, directory, month)?;
    let members = league::members(store, directory.tenant, league.id, month).await?;
    ensure(!members.is_empty(), NO_MEMBERS)?;
    // Who answered for a compound is who did so when the month ended.
    let on = first.last_of_month();
    let areas = match league.ranked.is_place() {
        true => boundaries::areas(store, directory.tenant, &members.iter().map(|member| member.place()).collect()).await?,
        false => BTreeMap::new(),
    };
    members.into_iter().map(|member| known(directory, &areas, league.ranked, member, on)).collect()
}

/// The first day of a month that is over. Errors: `evaluation.month_needed`, `evaluation.month_open`, at the field `month`.
fn over(store: &Store, directory: &Directory, month: &str) -> Result<Date> {
    let first = first_of(month).ok_or_else(|| Error::field("month", MONTH_NEEDED))?;
    let this_month = directory.date_of(store.world().now())?.first_of_month();
    ensure(first < this_month, Error::field("month", MONTH_OPEN))?;
    Ok(first)
}

/// What a trial is held against.
pub enum Stands {
    /// What was kept of the month: as it was published last, else its latest draft.
    Evaluation(Evaluation),
    /// The scheme that is in force in the month, as nobody scored it yet.
    Scheme(Version),
    Nothing,
}

/// A month scored by a scheme that is not in force; nothing of it is kept.
pub struct Tried {
    pub stands: Stands,
    /// In the order of their ids, all of them or none.
    pub before: Vec<Kept>,
    /// The same units in the same order.
    pub after: Vec<Kept>,
}

/// Tries a table on a month that is over: the same units with the same facts, counts and sizes as what it is held against, so that all
/// that differs is the scheme's doing. It is bounded by the members that a league may have.
///
/// Errors: `evaluation.month_needed`, `evaluation.month_open`, `evaluation.no_members`.
pub async fn tried(store: &Store, tellers: Tellers, directory: &Directory, league: &League, month: &str, table: &Table) -> Result<Tried> {
    over(store, directory, month)?;
    let tenant = directory.tenant;
    let ranked = league.ranked;
    let mut editions = evaluation::editions(store, tenant, league.id, month).await?;
    let published = editions.iter().position(|one| one.state == EvaluationState::Published);
    if !editions.is_empty() {
        let one = editions.swap_remove(published.unwrap_or(0));
        let before = evaluation::all_kept(store, tenant, one.id).await?;
        let units = before.iter().map(|kept| kept.known.clone()).collect();
        let after = Work { tellers, directory, league: league.id, ranked, month, cut: one.cut, table, progress: Progress::default() }
            .score(store, tenant, units)
            .await?;
        return Ok(Tried { stands: Stands::Evaluation(one), before, after });
    }
    let units = units_of(store, directory, league, month).await?;
    let cut = journal_size(store, tenant).await?;
    let after = Work { tellers, directory, league: league.id, ranked, month, cut, table, progress: Progress::default() }
        .score(store, tenant, units.clone())
        .await?;
    let Some(scheme) = scheme::in_force(store, tenant, ranked, month).await? else {
        return Ok(Tried { stands: Stands::Nothing, before: Vec::new(), after });
    };
    let table = compiled(store, tellers, tenant, scheme.id).await?;
    let before = Work { tellers, directory, league: league.id, ranked, month, cut, table: &table, progress: Progress::default() }
        .score(store, tenant, units)
        .await?;
    Ok(Tried { stands: Stands::Scheme(scheme), before, after })
}

async fn compiled(store: &Store, tellers: Tellers, tenant: TenantId, scheme: SchemeId) -> Result<Table> {
    let table = scheme::table(store, tenant, scheme).await?.compile(&tellers.vocabulary());
    table.map_err(|problems| Error::internal(format!("a scheme that was adopted: {problems:?}")))
}

/// Where what was kept and what is reckoned anew part ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The unit's name; empty where their list itself is another.
    pub unit: String,
    /// The first line that is another; none where all lines are the same and something else is not.
    pub line: Option<LineOf>,
}

/// Reckons an evaluation anew: from the same journal up to the same position, by the same scheme, with the sizes that were known then.
pub async fn again(
    store: &Store,
    tellers: Tellers,
    directory: &Directory,
    league: &League,
    evaluation: &Evaluation,
    progress: &Progress,
) -> Result<Option<Difference>> {
    let tenant = directory.tenant;
    let kept = evaluation::all_kept(store, tenant, evaluation.id).await?;
    let table = compiled(store, tellers, tenant, evaluation.scheme_id).await?;
    let (month, cut) = (evaluation.month.as_str(), evaluation.cut);
    let work = Work { tellers, directory, league: league.id, ranked: league.ranked, month, cut, table: &table, progress: progress.clone() };
    let anew = work.score(store, tenant, kept.iter().map(|kept| kept.known.clone()).collect()).await?;
    for (kept, anew) in kept.iter().zip(&anew) {
        if let Some(line) = kept.first_difference(anew) {
            return Ok(Some(Difference { unit: kept.known.name.clone(), line }));
        }
    }
    let Sealed { hashes, places, digest: found, .. } = sealed(&anew)?;
    // The lines of its table are what pages read.
    let table = evaluation::table(store, tenant, evaluation.id).await?;
    for ((kept, place), hash) in anew.iter().zip(&places).zip(&hashes) {
        let line = table.iter().find(|line| line.member_id == kept.known.member);
        let parts = kept.parts();
        let same = line.is_some_and(|line| {
            line.total == kept.score.total.0
                && line.place == *place
                && line.grade == kept.score.grade.as_deref().unwrap_or_default()
                && line.name == kept.known.name
                && line.unit_id == kept.known.unit
                && line.unit_name == kept.known.unit_name
                && line.hash == *hash
                // What was scored before spreads were kept has none.
                && (line.spread == kept.spread() || line.spread == 0)
                && line.parts().is_ok_and(|known| known == parts)
        });
        if !same {
            return Ok(Some(Difference { unit: kept.known.name.clone(), line: None }));
        }
    }
    Ok((found != evaluation.digest || table.len() != anew.len()).then(|| Difference { unit: String::new(), line: None }))
}

/// The same, as an error with the unit's name and the row's code. Errors: `evaluation.differs`.
pub async fn sound(
    store: &Store,
    tellers: Tellers,
    directory: &Directory,
    league: &League,
    evaluation: &Evaluation,
    progress: &Progress,
) -> Result<()> {
    match again(store, tellers, directory, league, evaluation, progress).await? {
        None => Ok(()),
        Some(difference) => Err(DIFFERS.err().arg("unit", difference.unit).arg("line", line_name(difference.line))),
    }
}

/// What a line is called where its scheme is not at hand: the code of its row, or its dimension.
pub fn line_name(line: Option<LineOf>) -> String {
    match line {
        Some(LineOf::Row { code }) => code,
        Some(LineOf::Start { dimension } | LineOf::DimensionBound { dimension }) => dimension,
        _ => String::new(),
    }
}

/// The last month that is over. Errors: 500 beyond the calendar.
pub fn last_month(store: &Store, directory: &Directory) -> Result<String> {
    let today = directory.date_of(store.world().now())?;
    month_before(&today.strftime("%Y-%m").to_string(), 1).ok_or_else(|| Error::internal("a month"))
}
