//! Reporting a finding: the command behind the phone's form, the clerk's form for a caller, and the demo.

use crate::case::TO_BE_SAID;
use crate::clocks::Hours;
use crate::days::{Counting, Tally, slot};
use crate::facts::{CaseReported, Clock};
use crate::outside::{Limits, NewOrder};
use crate::steps::Source;
use crate::verbs::ReportCase;
use crate::wording;
use access::Permit;
use contracts::{CaseId, CircularId};
use kernel::ids::{AccountId, AttachmentId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Instant, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};
use territory::category::CategoryVersion;

/// The circular was issued or withdrawn meanwhile.
pub const CIRCULAR_NOT_OPEN: Code = Code::conflict("circular.not_open");
/// The number that it has in the other system stands on a case already.
pub const OUTSIDE_KNOWN: Code = Code::invalid("case.outside_known");

/// Where something is, as the territory answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub place: PlaceId,
    pub path: String,
    pub community: Option<PlaceId>,
    pub compound: Option<PlaceId>,
    pub point: Option<(i32, i32)>,
    pub cell: Option<i64>,
}

/// The limit that the category gave when the case was filed under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Under {
    pub category: Uuid,
    pub limit_unit: Option<String>,
    pub limit_value: Option<i64>,
    /// Re-inspected on the spot (else from photos, a share sampled on the spot).
    pub on_spot: bool,
    /// Which filing condition, as the case keeps it.
    pub condition: Option<i64>,
}

impl Under {
    /// Under no condition in particular: of several, the clerk will say which; until then the first one's limit stands.
    pub fn of(category: &CategoryVersion) -> Under {
        Under::at(category, None)
    }
    /// Under the condition with this number, where the category has several of which it is one.
    pub fn at(category: &CategoryVersion, number: Option<i64>) -> Under {
        let chosen = number.filter(|number| category.has_choice() && category.has_condition(*number));
        let condition = category.condition(chosen);
        Under {
            category: category.id.0,
            on_spot: condition.on_spot(),
            limit_unit: condition.limit_unit,
            limit_value: condition.limit_value,
            condition: chosen.or_else(|| category.has_choice().then_some(TO_BE_SAID)),
        }
    }
    /// The source's own limit goes before the category's.
    pub fn within(self, limit: Option<(String, i64)>) -> Under {
        match limit {
            Some((unit, value)) => Under { limit_unit: Some(unit), limit_value: Some(value), ..self },
            None => self,
        }
    }
}

/// A finding, checked and complete.
#[derive(Debug, Clone)]
pub struct Finding {
    pub source: Source,
    pub what: String,
    pub where_words: String,
    pub spot: Spot,
    pub under: Option<Under>,
    pub unit: Option<OrganisationId>,
    /// Why this unit, as the territory's typed reason in JSON.
    pub unit_reason: Option<String>,
    pub set_due: Option<Instant>,
    pub circular: Option<CircularId>,
    pub photos: Vec<AttachmentId>,
    pub video: Option<AttachmentId>,
    pub outside_number: Option<String>,
    /// Where the source hands out orders: its clocks, and who called.
    pub order: Option<NewOrder>,
}

/// Records a finding; into the open circular at once where one is named (the short way).
///
/// Errors: `circular.not_open`, `attachment.gone`, `case.outside_known` at its field.
pub struct Report {
    pub by: Permit<ReportCase>,
    pub finding: Finding,
    /// What the source gives, where it hands out orders.
    pub limits: Limits,
    pub hours: Arc<Hours>,
}

/// What the finder is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reported {
    pub case: CaseId,
    pub number: i64,
}

/// Locks the circular, so that it is not issued without what goes into it now.
static CIRCULAR_OPEN: Sql =
    sql!("UPDATE circular SET version = version + 1 WHERE tenant_id = :tenant AND id = :circular AND state = 'open'");

/// Holds a circular as it is composed until the end of the command; before all else. Errors: `circular.not_open`.
pub(crate) async fn hold_open(tx: &mut Write<'_>, circular: CircularId) -> Result<()> {
    tx.change_one(&CIRCULAR_OPEN, args! { tenant: tx.tenant(), circular: circular }).await?.or(CIRCULAR_NOT_OPEN)
}

static INSERT: Sql = sql!(
    "INSERT INTO cases (tenant_id, id, number, stage, open, source, outside_number, circular_id, category_id, place_id, place_path,
        community_id, compound_id, lng_e7, lat_e7, cell, what, where_words, salt, reported_by, unit_id, unit_reason,
        limit_unit, limit_value, set_due, clock_start, due, yellow_at, reported_at, rework, late, hand_backs, assigned_finally,
        extensions, holds, origin_id, disputed, on_spot, condition_no, photos, found_slot, version)
    VALUES (:tenant, :id, :number, 'reported', TRUE, :source, :outside, :circular, :category, :place, :path,
        :community, :compound, :lng, :lat, :cell, :what, :where_words, :salt, :reporter, :unit, :reason,
        :limit_unit, :limit_value, :set_due, :start, :due, :yellow, :now, 0, FALSE, 0, FALSE, 0, 0, :origin, FALSE, :on_spot, :condition, :photos,
        :slot, 1)
    ON CONFLICT (tenant_id, source, outside_number) WHERE outside_number IS NOT NULL DO NOTHING"
);
static KNOWN: Sql = sql!(
    "SELECT number FROM cases WHERE tenant_id = :tenant AND source = :source AND outside_number = :outside AND outside_number IS NOT NULL"
);

impl Command for Report {
    const KIND: &'static str = "case.report";
    type Out = Reported;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Reported> {
        let Report { by, finding, limits, hours } = self;
        if let Some(circular) = finding.circular {
            hold_open(tx, circular).await?;
        }
        let now = tx.now();
        let clock = hours.file(now).unwrap_or_else(|_| Hours::none(now));
        let mut tally = Tally::default();
        let reported = enter(tx, finding, by.actor.account, None, clock, hours, &mut tally).await?;
        if let Some((order, limits)) = finding.order.as_ref().zip(limits.for_source(finding.source)) {
            crate::outside::receive(tx, reported.case, finding, order, limits, hours)?;
        }
        tally.write(tx);
        Ok(reported)
    }
}

/// The case that has this number of a source, if one has.
pub(crate) async fn known(tx: &mut Write<'_>, source: Source, outside: &str) -> Result<Option<i64>> {
    let args = args! { tenant: tx.tenant(), source: source, outside: outside };
    Ok(tx.opt::<(i64,)>(&KNOWN, args).await?.map(|(number,)| number))
}

/// Enters a finding as a case: the row, its photos, its fact, its count. A part of an `origin` takes the photos of that one.
pub(crate) async fn enter(
    tx: &mut Write<'_>,
    finding: &Finding,
    reporter: Option<AccountId>,
    origin: Option<CaseId>,
    clock: Clock,
    hours: &Hours,
    tally: &mut Tally,
) -> Result<Reported> {
    let now = tx.now();
    let number = tx.block_number("case").await?;
    let id: CaseId = tx.new_id();
    let salt = tx.salt();
    let (photos, video) = match origin {
        None => (
            wording::keep_photos(tx, id, &finding.photos, reporter, "before").await?,
            wording::keep_video(tx, id, finding.video, reporter, "before").await?,
        ),
        Some(origin) => wording::copy_photos(tx, origin, id, "before").await?,
    };
    let spot = &finding.spot;
    let under = finding.under.as_ref();
    let row = args! {
        tenant: tx.tenant(), id: id, number: number, source: finding.source, outside: finding.outside_number,
        circular: finding.circular, category: under.map(|u| u.category), place: spot.place, path: spot.path,
        community: spot.community, compound: spot.compound, lng: spot.point.map(|p| p.0), lat: spot.point.map(|p| p.1),
        cell: spot.cell, what: finding.what, where_words: finding.where_words, salt: salt, reporter: reporter,
        unit: finding.unit, reason: finding.unit_reason, limit_unit: under.and_then(|u| u.limit_unit.clone()),
        limit_value: under.and_then(|u| u.limit_value), set_due: finding.set_due, start: clock.start, due: clock.due,
        yellow: clock.yellow_at, now: now, origin: origin, on_spot: under.is_none_or(|u| u.on_spot),
        condition: under.and_then(|u| u.condition),
        photos: i64::try_from(photos.len()).unwrap_or(0), slot: slot(hours.zone(), now),
    };
    match &finding.outside_number {
        // Nothing else of it can be there already: it goes out with the facts.
        None => tx.later(&INSERT, row),
        Some(outside) => {
            if tx.exec(&INSERT, row).await? == 0 {
                let number = known(tx, finding.source, outside).await?.map_or_else(String::new, |number| number.to_string());
                return Err(crate::case_steps::field_error("outside_number", OUTSIDE_KNOWN, &[("number", number)]));
            }
        }
    }
    tx.fact(CaseReported {
        case: id,
        place: Some(spot.place),
        unit: finding.unit,
        number,
        source: finding.source,
        category: under.map(|u| u.category),
        community: spot.community,
        compound: spot.compound,
        circular: finding.circular,
        lng_e7: spot.point.map(|p| p.0),
        lat_e7: spot.point.map(|p| p.1),
        words: wording::hash(&salt, &words_of(&finding.where_words, &finding.what)),
        photos,
        video,
        clock,
        on_spot: under.is_none_or(|u| u.on_spot),
        condition: under.and_then(|u| u.condition),
        origin,
    })?;
    let case = Counting {
        community_id: spot.community,
        compound_id: spot.compound,
        cell: spot.cell,
        unit_id: finding.unit,
        category_id: under.map(|u| u.category),
        ..Counting::found(id, finding.source, hours.zone(), now)
    };
    tally.enters(hours.zone(), &case);
    Ok(Reported { case: id, number })
}

/// What the hash in the fact covers: where, a line feed, what.
pub fn words_of(where_words: &str, what: &str) -> String {
    format!("{where_words}\n{what}")
}
