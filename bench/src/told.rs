//! A month of a town as its journal tells of it: problems found, filed, dispatched, mended and looked at again in a thousand compounds,
//! as facts that the program itself would have recorded.

use crate::town::TENANT;
use cases::facts::{CaseDispatched, CaseFailed, CaseFiled, CasePassed, CaseRectified, CaseReported, Clock, WordsRef};
use cases::steps::Source;
use contracts::{CaseId, NoticeId};
use kernel::Instant;
use kernel::canonical::to_canonical;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use rusqlite::types::Value;
use serde::Serialize;

pub const HOUR: i64 = 3_600_000_000;
/// What every category gives its unit here.
const LIMIT: i64 = 48 * HOUR;

/// Where a case may lie, and who answers for it.
pub struct Court {
    pub compound: PlaceId,
    pub community: PlaceId,
    pub unit: OrganisationId,
}

/// One row of `fact`, without the tenant and without what is the same of all.
pub struct Told {
    id: Uuid,
    ordinal: i64,
    kind: &'static str,
    case: Uuid,
    place: PlaceId,
    unit: Option<OrganisationId>,
    at: i64,
    data: String,
}

pub const COLUMNS: &str = "tenant_id, id, command_id, ordinal, kind, kind_version, subject, subject_id, place_id, organisation_id,
    recorded_at, data";

impl Told {
    pub fn values(self) -> Vec<Value> {
        let id = |id: Uuid| Value::Blob(id.as_bytes().to_vec());
        vec![
            Value::Integer(TENANT.0),
            id(self.id),
            id(self.id),
            Value::Integer(self.ordinal),
            Value::Text(self.kind.to_owned()),
            Value::Integer(1),
            Value::Text("case".to_owned()),
            id(self.case),
            id(self.place.0),
            self.unit.map_or(Value::Null, |unit| id(unit.0)),
            Value::Integer(self.at),
            Value::Text(self.data),
        ]
    }
}

/// An id that was made at this instant, one of its own by `n`.
fn id(at: i64, n: u64) -> Uuid {
    let milliseconds = (at / 1000).cast_unsigned();
    Uuid::from_u128(u128::from(milliseconds) << 80 | 7 << 76 | 2 << 62 | u128::from(n))
}

fn hash(n: u64) -> String {
    format!("{:064x}", u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834))
}

/// The cases of a month from its first instant on: so many of them that the facts are at least `facts`.
pub struct Month<'a> {
    pub first: i64,
    pub facts: i64,
    pub courts: &'a [Court],
    pub categories: &'a [Uuid],
}

impl Month<'_> {
    /// Hands the facts to `take`, case by case, and says how many there were.
    pub fn each(&self, mut take: impl FnMut(Vec<Told>)) -> i64 {
        let (mut told, mut n) = (0, 0_u64);
        // Facts of a case are five or seven; the last day leaves time for all of them.
        let step = 24 * 24 * HOUR / (self.facts / 5).max(1);
        while told < self.facts {
            let facts = self.case(n, self.first + step * n.cast_signed());
            told += i64::try_from(facts.len()).expect("a few");
            n += 1;
            take(facts);
        }
        told
    }

    fn case(&self, n: u64, reported: i64) -> Vec<Told> {
        // Each property by chance of its own.
        let chance = |of: u64| {
            let mixed = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ of.wrapping_mul(0xD1B5_4A32_D192_ED03);
            ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as usize
        };
        let which = chance(1) % self.courts.len();
        let court = &self.courts[which];
        let category = Some(self.categories[chance(2) % self.categories.len()]);
        // Some courts are slower than others, and some mend worse.
        let late = chance(3).is_multiple_of(20 + which % 400);
        let fails = chance(4).is_multiple_of(30 + which % 200);
        let case = CaseId(id(reported, n));
        let (place, unit, sees) = (Some(court.compound), Some(court.unit), Some(court.community));
        let mut all: Vec<Told> = Vec::with_capacity(7);
        let number = 1_000_000 + n.cast_signed();
        let clock = |at: i64| Clock { start: Instant(at), due: Instant(at + LIMIT), yellow_at: Instant(at + LIMIT - 4 * HOUR) };
        let words = |of: u64| WordsRef { id: id(reported, n << 8 | of), hash: hash(n << 8 | of) };
        let photos = |of: u64| vec![hash(n << 8 | of | 64), hash(n << 8 | of | 128)];
        let mut push = |kind, at, data| {
            let ordinal = 0;
            let nth = u64::try_from(all.len()).expect("a few");
            all.push(Told { id: id(at, n << 8 | nth), ordinal, kind, case: case.0, place: court.compound, unit, at, data });
        };
        let begun = CaseReported {
            case,
            place,
            unit,
            number,
            source: Source::Inspection,
            category,
            community: sees,
            compound: place,
            circular: None,
            lng_e7: Some(1_180_000_000),
            lat_e7: Some(245_000_000),
            words: hash(n),
            photos: photos(0),
            video: None,
            clock: clock(reported),
            on_spot: false,
            condition: Some(1),
            origin: None,
        };
        push("case.reported", reported, text(&begun));
        let at = reported + HOUR / 2;
        push("case.filed", at, text(&CaseFiled { case, place, unit, category, clock: clock(at), on_spot: false, condition: Some(1) }));
        let handed = reported + HOUR;
        let dispatched = CaseDispatched {
            case,
            place,
            unit,
            circular: None,
            notice: NoticeId(id(handed, n)),
            filed: false,
            clock: clock(handed),
            limit_unit: Some("natural_hours".into()),
            limit_value: Some(48),
            assisting: Vec::new(),
        };
        push("case.dispatched", handed, text(&dispatched));
        let mut mended = handed + if late { LIMIT + 7 * HOUR } else { 20 * HOUR };
        let rectified = |attempt: i64, at: i64, late| CaseRectified {
            case,
            place,
            unit,
            by: None,
            attempt,
            words: words(1),
            photos: photos(1),
            video: None,
            late,
            clock: clock(at),
            sampled: false,
            dissuaded: false,
        };
        push("case.rectified", mended, text(&rectified(1, mended, late)));
        let mut rework = 0;
        if fails {
            rework = 1;
            let at = mended + 3 * HOUR;
            push("case.failed", at, text(&CaseFailed { case, place, unit, words: words(2), photos: photos(2), rework, clock: clock(at) }));
            mended = at + 9 * HOUR;
            push("case.rectified", mended, text(&rectified(2, mended, late)));
        }
        push("case.passed", mended + 5 * HOUR, text(&CasePassed { case, place, unit, words: words(3), photos: photos(3), rework }));
        all
    }
}

fn text(fact: &impl Serialize) -> String {
    to_canonical(fact).expect("JSON")
}
