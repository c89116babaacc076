//! The summary's figures for programs.

use crate::days::Part;
use crate::matter_figures::{self, count};
use crate::matters::Of;
use crate::office::Office;
use crate::steps::Source;
use crate::summary::{Row, Within, gather};
use crate::summary_page::PARTS;
use crate::sums::{Days, MOST_DAYS};
use crate::verbs::ReadSummary;
use api::{Answer, Call, Day};
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Result};

/// The period ends before it begins, or is longer than thirty years.
pub const BAD_PERIOD: Code = Code::invalid("summary.bad_period");

api::operations! { "figures":
    /// The figures of a period beside those of the one before: of all, over time, by each part, by the hour of the week.
    ///
    /// Each figure counts what the list of cases with the same days, `kind` and `outcome` gives.
    get "/summary" get_summary;
}

api::params! {
    pub struct Period {
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    }
}

api::object! {
    /// Counts of problems.
    pub struct Counts {
        /// Found in the period.
        found: i64,
        /// Went out with a notice in the period.
        in_circulars: i64,
        /// Of those, accepted on re-inspection, whenever that was.
        rectified: i64,
        /// Of the rectified, those that had a deadline.
        with_deadline: i64,
        /// Of those with a deadline, never submitted late.
        on_time: i64,
        /// In circulars and not yet rectified.
        remaining: i64,
        /// Of those in circulars, came back at least once.
        rework: i64,
        /// Of those found, the same kind at the same spot as another one not long before.
        recurring: i64,
        /// Of those in circulars, granted a later deadline.
        extended: i64,
        /// Of those in circulars, whose clock was stopped at some time.
        held: i64,
        /// Of those found, taken over by somebody outside.
        transferred: i64,
        /// Of those in circulars, disputed by the reporter after the end, and those where the reporter was right.
        disputed: i64,
        upheld: i64,
        /// Of those found, orders of those outside whose callers were asked how it is, and reached; the last call back holds.
        called_back: i64,
        /// Of the called back, those whose caller finds it solved.
        solved: i64,
        /// Of the called back, those whose caller is content (very, yes, fairly).
        satisfied: i64,
        /// Mended on the spot; in none of the figures above.
        on_spot: i64,
        /// Found and mended by units themselves; in none of the figures above.
        self_checks: i64,
        /// `rectified` of a thousand `in_circulars`; null over nothing.
        rectified_permille: Option<i64>,
        /// `on_time` of a thousand `with_deadline`; null over nothing.
        on_time_permille: Option<i64>,
        /// `solved` of a thousand `called_back`; null over nothing.
        solved_permille: Option<i64>,
        /// `satisfied` of a thousand `called_back`; null over nothing.
        satisfied_permille: Option<i64>,
    }
    /// Counts of difficult matters.
    pub struct MatterCounts {
        /// Opened in the period.
        opened: i64,
        /// Settled in the period, whenever they were opened.
        settled: i64,
        /// Open when the period ended.
        standing: i64,
    }
    pub struct MattersOfCommunity {
        /// That of the first of its problems. Null: of no problem, or of one in none.
        community: Option<PlaceId>,
        name: Option<String>,
        counts: MatterCounts,
    }
    pub struct MattersOfUnit {
        /// That of the first of its problems. Null: of no problem, or of one that has none yet.
        unit: Option<OrganisationId>,
        name: Option<String>,
        counts: MatterCounts,
    }
    pub struct MattersOfCategory {
        /// That of the first of its problems. Null: of no problem, or of one that has none.
        category: Option<Uuid>,
        name: Option<String>,
        counts: MatterCounts,
    }
    pub struct OfCommunity {
        /// Null: in none.
        community: Option<PlaceId>,
        name: Option<String>,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
    }
    pub struct OfCompound {
        /// Null: in none.
        compound: Option<PlaceId>,
        name: Option<String>,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
    }
    pub struct OfOneUnit {
        /// Null: of none.
        unit: Option<OrganisationId>,
        name: Option<String>,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
    }
    pub struct OfOneCategory {
        /// Its latest version, for all of them. Null: without one.
        category: Option<Uuid>,
        name: Option<String>,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
    }
    pub struct OfSource {
        source: Source,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
    }
    /// What was found in an hour of the week.
    pub struct FoundAt {
        /// Monday is 1.
        weekday: i64,
        /// The local hour, 0 to 23.
        hour: i64,
        found: i64,
    }
    /// Counts of some of the days.
    pub struct OfDays {
        from: Day,
        to: Day,
        counts: Counts,
    }
    /// The figures of a period.
    pub struct Summary {
        from: Day,
        to: Day,
        total: Counts,
        /// The period before: as many days, for whole months as many months.
        before: OfDays,
        /// By day, by week or by month, as the period is long.
        over_time: Vec<OfDays>,
        /// Difficult matters settled in the period.
        matters_settled: i64,
        matters: MatterCounts,
        matters_by_community: Vec<MattersOfCommunity>,
        matters_by_unit: Vec<MattersOfUnit>,
        matters_by_category: Vec<MattersOfCategory>,
        communities: Vec<OfCommunity>,
        compounds: Vec<OfCompound>,
        units: Vec<OfOneUnit>,
        categories: Vec<OfOneCategory>,
        sources: Vec<OfSource>,
        /// The hours of the week in which anything was found.
        found_at: Vec<FoundAt>,
    }
}

pub(super) fn counts(figures: &crate::days::Counts) -> Counts {
    Counts {
        found: figures.found,
        in_circulars: figures.in_circulars,
        rectified: figures.rectified,
        with_deadline: figures.with_deadline,
        on_time: figures.on_time,
        remaining: figures.remaining(),
        rework: figures.rework,
        recurring: figures.recurring,
        extended: figures.extended,
        held: figures.held,
        transferred: figures.transferred,
        disputed: figures.disputed,
        upheld: figures.upheld,
        called_back: figures.called_back,
        solved: figures.solved,
        satisfied: figures.satisfied,
        on_spot: figures.on_spot,
        self_checks: figures.self_checks,
        rectified_permille: figures.rectified_permille(),
        on_time_permille: figures.on_time_permille(),
        solved_permille: figures.solved_permille(),
        satisfied_permille: figures.satisfied_permille(),
    }
}

impl From<matter_figures::MatterCounts> for MatterCounts {
    fn from(counts: matter_figures::MatterCounts) -> Self {
        MatterCounts { opened: counts.opened, settled: counts.settled, standing: counts.standing }
    }
}

impl Period {
    /// Its days. Errors: `summary.bad_period`.
    pub(super) fn days(&self) -> Result<Days> {
        let days = Days::parse(&self.from.0.to_string(), &self.to.0.to_string());
        // The period before has to have days too.
        let fits = |days: &Days| days.count() <= MOST_DAYS && days.before().from.year() >= 1;
        days.filter(fits).ok_or_else(|| Error::field("to", BAD_PERIOD))
    }
}

async fn get_summary(call: Call<(), Period>) -> web::Result<Answer<Summary>> {
    let by = call.actor.permit_some::<ReadSummary>()?;
    let days = call.query.days()?;
    let office = Office::of(&call).await?;
    let (store, reach) = (&call.app.store, by.reach());
    let today = call.app.world.now().to_timestamp().to_zoned_datetime(office.hours.zone().clone()).date();
    let within = Within::of(&reach, &office)?;
    let summary = gather(store, &office, &within, days, today, &PARTS).await?;
    let matters = count(store, &office, &reach, &days).await?;
    let id = |of: Of| if let Of::One(id) = of { Some(id) } else { None };
    let matters_of_community = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let community = id(of).map(PlaceId);
        let name = community.and_then(|id| office.directory.place(id)).map(|place| place.name.clone());
        MattersOfCommunity { community, name, counts: counts.into() }
    };
    let matters_of_unit = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let unit = id(of).map(OrganisationId);
        let name = unit.and_then(|id| office.directory.organisation(id)).map(|unit| unit.name.clone());
        MattersOfUnit { unit, name, counts: counts.into() }
    };
    let matters_of_category = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let category = id(of);
        let name = category.and_then(|id| office.directory.category(id)).map(|category| category.name.clone());
        MattersOfCategory { category, name, counts: counts.into() }
    };
    let some = |row: &Row| Uuid::try_parse(&row.key).ok().filter(|id| !id.is_nil());
    let rows = |part: Part| summary.parts.iter().filter(move |(of, _)| *of == part).flat_map(|(_, rows)| rows);
    let of_community = |row: &Row| {
        let community = some(row).map(PlaceId);
        let name = community.and_then(|id| office.directory.place(id)).map(|place| place.name.clone());
        OfCommunity { community, name, counts: counts(&row.counts), before: counts(&row.before) }
    };
    let of_compound = |row: &Row| {
        let compound = some(row).map(PlaceId);
        let name = compound.and_then(|id| office.directory.place(id)).map(|place| place.full_name.clone());
        OfCompound { compound, name, counts: counts(&row.counts), before: counts(&row.before) }
    };
    let of_unit = |row: &Row| {
        let unit = some(row).map(OrganisationId);
        let name = unit.and_then(|id| office.directory.organisation(id)).map(|unit| unit.name.clone());
        OfOneUnit { unit, name, counts: counts(&row.counts), before: counts(&row.before) }
    };
    let of_category = |row: &Row| {
        let category = some(row);
        let name = category.and_then(|id| office.directory.category(id)).map(|category| category.name.clone());
        OfOneCategory { category, name, counts: counts(&row.counts), before: counts(&row.before) }
    };
    let of_source = |row: &Row| {
        let source = row.key.parse::<Source>().ok()?;
        Some(OfSource { source, counts: counts(&row.counts), before: counts(&row.before) })
    };
    let of_days = |days: Days, figures: &crate::days::Counts| OfDays { from: Day(days.from), to: Day(days.to), counts: counts(figures) };
    let hours = (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour)));
    let found_at = hours.zip(&summary.found_by_slot).map(|((weekday, hour), found)| FoundAt { weekday, hour, found: *found });
    Ok(Answer(Summary {
        from: call.query.from,
        to: call.query.to,
        total: counts(&summary.whole),
        before: of_days(summary.before, &summary.whole_before),
        over_time: summary.over_time.iter().map(|span| of_days(span.days, &span.counts)).collect(),
        matters_settled: matters.whole.settled,
        matters: matters.whole.into(),
        matters_by_community: matters.by(Part::Community).map(matters_of_community).collect(),
        matters_by_unit: matters.by(Part::Unit).map(matters_of_unit).collect(),
        matters_by_category: matters.by(Part::Category).map(matters_of_category).collect(),
        communities: rows(Part::Community).map(of_community).collect(),
        compounds: rows(Part::Compound).map(of_compound).collect(),
        units: rows(Part::Unit).map(of_unit).collect(),
        categories: rows(Part::Category).map(of_category).collect(),
        sources: rows(Part::Source).filter_map(of_source).collect(),
        found_at: found_at.filter(|at| at.found != 0).collect(),
    }))
}
