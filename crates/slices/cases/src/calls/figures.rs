//! The summary's figures for programs, and how long the office gives itself for a step.

use crate::days::Part;
use crate::matter_figures::{self, count};
use crate::matters::Of;
use crate::office::Office;
use crate::steps::Optional;
use crate::summary::{Row, Within, gather};
use crate::sums::Days;
use crate::verbs::{ListCases, ReadSummary};
use api::{Answer, Call, Day};
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, ensure};

/// The period ends before it begins.
pub const BAD_PERIOD: Code = Code::invalid("summary.bad_period");

api::operations! { "figures":
    /// The figures of a period: of all, by community, by unit.
    ///
    /// Each figure counts what the list of cases with the same days, `kind` and `outcome` gives.
    get "/summary" get_summary;
    /// How long the office gives itself and others for a step, and which desks it does without.
    get "/limits" get_limits;
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
    }
    pub struct OfOneUnit {
        /// Null: of none.
        unit: Option<OrganisationId>,
        name: Option<String>,
        counts: Counts,
    }
    /// The figures of a period.
    pub struct Summary {
        from: Day,
        to: Day,
        total: Counts,
        /// Difficult matters settled in the period.
        matters_settled: i64,
        matters: MatterCounts,
        matters_by_community: Vec<MattersOfCommunity>,
        matters_by_unit: Vec<MattersOfUnit>,
        matters_by_category: Vec<MattersOfCategory>,
        communities: Vec<OfCommunity>,
        units: Vec<OfOneUnit>,
    }
    /// The office's own limits: minutes of working time unless they say otherwise.
    pub struct Limits {
        file_working_minutes: i64,
        verify_working_minutes: i64,
        dispatch_working_minutes: i64,
        transfer_working_minutes: i64,
        hand_back_working_minutes: i64,
        reinspect_working_minutes: i64,
        /// In natural days.
        dispute_days: i64,
        /// In natural days.
        appeal_days: i64,
        self_check_sample_permille: i64,
        /// When a lamp turns yellow: the share of the limit that has passed.
        yellow_permille: i64,
        /// The desks that this office does without.
        without: Vec<Optional>,
    }
}

fn counts(figures: &crate::days::Counts) -> Counts {
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

async fn get_summary(call: Call<(), Period>) -> web::Result<Answer<Summary>> {
    let by = call.actor.permit_some::<ReadSummary>()?;
    let (first, last) = (call.query.from, call.query.to);
    ensure(first <= last, Error::field("to", BAD_PERIOD))?;
    let office = Office::of(&call).await?;
    let (from, to) = (first.0.to_string(), last.0.to_string());
    let days = Days::parse(&from, &to).ok_or_else(|| Error::field("to", BAD_PERIOD))?;
    let (store, tenant, reach) = (&call.app.store, by.tenant(), by.reach());
    let today = call.app.world.now().to_timestamp().to_zoned_datetime(office.hours.zone().clone()).date();
    let within = Within::of(&reach, &office);
    let summary = gather(store, tenant, &within, days, today, &[Part::Community, Part::Unit]).await?;
    let matters = count(store, tenant, office.hours.zone(), &reach, &days).await?;
    let matter_counts =
        |counts: matter_figures::MatterCounts| MatterCounts { opened: counts.opened, settled: counts.settled, standing: counts.standing };
    let id = |of: Of| if let Of::One(id) = of { Some(id) } else { None };
    let matters_of_community = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let community = id(of).map(PlaceId);
        let name = community.and_then(|id| office.directory.place(id)).map(|place| place.name.clone());
        MattersOfCommunity { community, name, counts: matter_counts(counts) }
    };
    let matters_of_unit = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let unit = id(of).map(OrganisationId);
        let name = unit.and_then(|id| office.directory.organisation(id)).map(|unit| unit.name.clone());
        MattersOfUnit { unit, name, counts: matter_counts(counts) }
    };
    let matters_of_category = |(of, counts): (Of, matter_figures::MatterCounts)| {
        let category = id(of);
        let name = category.and_then(|id| office.directory.category(id)).map(|category| category.name.clone());
        MattersOfCategory { category, name, counts: matter_counts(counts) }
    };
    let some = |row: &Row| Uuid::try_parse(&row.key).ok().filter(|id| !id.is_nil());
    let rows = |part: Part| summary.parts.iter().filter(move |(of, _)| *of == part).flat_map(|(_, rows)| rows);
    let of_community = |row: &Row| {
        let community = some(row).map(PlaceId);
        let name = community.and_then(|id| office.directory.place(id)).map(|place| place.name.clone());
        OfCommunity { community, name, counts: counts(&row.counts) }
    };
    let of_unit = |row: &Row| {
        let unit = some(row).map(OrganisationId);
        let name = unit.and_then(|id| office.directory.organisation(id)).map(|unit| unit.name.clone());
        OfOneUnit { unit, name, counts: counts(&row.counts) }
    };
    Ok(Answer(Summary {
        from: first,
        to: last,
        total: counts(&summary.whole),
        matters_settled: matters.whole.settled,
        matters: matter_counts(matters.whole),
        matters_by_community: matters.by(Part::Community).map(matters_of_community).collect(),
        matters_by_unit: matters.by(Part::Unit).map(matters_of_unit).collect(),
        matters_by_category: matters.by(Part::Category).map(matters_of_category).collect(),
        communities: rows(Part::Community).map(of_community).collect(),
        units: rows(Part::Unit).map(of_unit).collect(),
    }))
}

async fn get_limits(call: Call<()>) -> web::Result<Answer<Limits>> {
    call.actor.permit_some::<ListCases>()?;
    let office = Office::of(&call).await?;
    let centre = office.hours.centre;
    Ok(Answer(Limits {
        file_working_minutes: centre.file_working_minutes.into(),
        verify_working_minutes: centre.verify_working_minutes.into(),
        dispatch_working_minutes: centre.dispatch_working_minutes.into(),
        transfer_working_minutes: centre.transfer_working_minutes.into(),
        hand_back_working_minutes: centre.hand_back_working_minutes.into(),
        reinspect_working_minutes: centre.reinspect_working_minutes.into(),
        dispute_days: centre.dispute_days.into(),
        appeal_days: centre.appeal_days.into(),
        self_check_sample_permille: centre.self_check_sample_permille.into(),
        yellow_permille: centre.yellow_permille.into(),
        without: office.off().to_vec(),
    }))
}
