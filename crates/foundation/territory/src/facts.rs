//! What the world learns when the territory changes: ids, codes and numbers; names stay in their rows.

use crate::category::{CategoryKind, Reinspection};
use crate::condition::Condition;
use crate::duty::DutyId;
use crate::lists::PlaceListId;
use crate::organisation::{AnswersForId, CategoryVersionId, OrganisationKind, ProjectId, ResponsibilityId};
use crate::periods::{PeriodId, SeasonId};
use crate::place::{Level, State};
use crate::received::{SheetId, SheetKind};
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use serde::Serialize;
use store::Fact;

/// Implements [`Fact`] for facts of one subject each.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $kind:literal of $subject:literal by $key:ident { $($field:ident: $t:ty),* $(,)? } $(at $place:ident)? $(with $organisation:ident)?;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        pub struct $name { $(pub $field: $t),* }
        impl Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = $subject;
            fn subject(&self) -> Uuid {
                self.$key.into()
            }
            $(fn place(&self) -> Option<PlaceId> {
                Some(self.$place)
            })?
            $(fn organisation(&self) -> Option<OrganisationId> {
                Some(self.$organisation)
            })?
        }
    )+};
}

facts! {
    PlaceCreated = "place.created" of "place" by place {
        place: PlaceId, parent: Option<PlaceId>, level: Level, number: i64, code: Option<String>,
    } at place;
    PlaceEdited = "place.edited" of "place" by place { place: PlaceId, code: Option<String>, version: i64 } at place;
    /// The place and all below it hang elsewhere now; `from` and `to` are the old and the new path.
    PlaceMoved = "place.moved" of "place" by place {
        place: PlaceId, from_parent: Option<PlaceId>, to_parent: PlaceId, from: String, to: String,
    } at place;
    PlaceClosed = "place.closed" of "place" by place { place: PlaceId } at place;
    /// A file of places was taken in below `root`; each new place has its own `place.created`.
    PlacesImported = "places.imported" of "place" by root {
        root: PlaceId, created: i64, unchanged: i64, different: i64, rejected: i64,
    } at root;
    /// A place that was closed is open again.
    PlaceReopened = "place.reopened" of "place" by place { place: PlaceId } at place;
    /// An official list was received, to be looked at; `lines` of it lie in the territory, `hash` is SM3 of them.
    PlaceListReceived = "place_list.received" of "place_list" by list { list: PlaceListId, root: PlaceId, lines: i64, hash: String };
    /// It was laid over the places known; each place that it touched has facts of its own.
    PlaceListApplied = "place_list.applied" of "place_list" by list {
        list: PlaceListId, root: PlaceId, created: i64, changed: i64, closed: i64, kept: i64, rejected: i64,
    };
    /// All that it did was taken back.
    PlaceListUndone = "place_list.undone" of "place_list" by list { list: PlaceListId, root: PlaceId, places: i64 };
    PolygonSet = "polygon.set" of "place" by place { place: PlaceId, version: i64, vertices: i64 } at place;

    OrganisationCreated = "organisation.created" of "organisation" by organisation {
        organisation: OrganisationId, kind: OrganisationKind, credit_code: Option<String>,
    } with organisation;
    OrganisationEdited = "organisation.edited" of "organisation" by organisation {
        organisation: OrganisationId, kind: OrganisationKind, credit_code: Option<String>, state: State, version: i64,
    } with organisation;
    ProjectCreated = "project.created" of "organisation" by organisation {
        organisation: OrganisationId, project: ProjectId, place: PlaceId,
    } at place with organisation;
    AnswersForBegun = "answers_for.begun" of "organisation" by organisation {
        organisation: OrganisationId, line: AnswersForId, place: PlaceId, project: Option<ProjectId>, from: String,
    } at place with organisation;
    AnswersForEnded = "answers_for.ended" of "organisation" by organisation {
        organisation: OrganisationId, line: AnswersForId, place: PlaceId, to: String,
    } at place with organisation;
    ResponsibilityAdded = "responsibility.added" of "responsibility" by row {
        row: ResponsibilityId, number: i64, category: Option<String>, place: PlaceId, organisation: OrganisationId, from: String,
    } at place with organisation;
    ResponsibilityEnded = "responsibility.ended" of "responsibility" by row {
        row: ResponsibilityId, number: i64, place: PlaceId, organisation: OrganisationId, to: String,
    } at place with organisation;

    /// The import that ended a row, or added it, was taken back: its last day is this again.
    ResponsibilityRestored = "responsibility.restored" of "responsibility" by row {
        row: ResponsibilityId, number: i64, place: PlaceId, organisation: OrganisationId, to: Option<String>,
    } at place with organisation;

    /// A table was received, to be looked at; `hash` is SM3 of its lines.
    SheetReceived = "sheet.received" of "sheet" by sheet { sheet: SheetId, kind: SheetKind, lines: i64, hash: String };
    /// What was looked at of a table was applied; each row that it touched has a fact of its own.
    SheetApplied = "sheet.applied" of "sheet" by sheet {
        sheet: SheetId, kind: SheetKind, added: i64, changed: i64, same: i64, wrong: i64,
    };

    /// The wrong lines of a table were taken out as they were written, with the personal data in them, to be mended.
    SheetTaken = "sheet.taken" of "sheet" by sheet { sheet: SheetId, kind: SheetKind, lines: i64 };

    /// All that a table did was taken back.
    SheetUndone = "sheet.undone" of "sheet" by sheet { sheet: SheetId, kind: SheetKind, rows: i64 };

    /// A category has a new version in force; limits are in the unit's own measure.
    CategoryVersioned = "category.versioned" of "category" by category {
        category: CategoryVersionId, code: String, kind: CategoryKind, version: i64, limit_unit: Option<String>,
        limit_value: Option<i64>, photo_demanded: bool, reinspect: Reinspection, sample_permille: i64, may_report: bool, conditions: Vec<ConditionFact>,
    };
    /// An account is on duty for a place on these weekdays (a bit each, Monday the lowest).
    PlaceDutyAdded = "duty.added" of "duty" by line {
        line: DutyId, place: PlaceId, account: AccountId, weekdays: i64, from: String, to: Option<String>,
    } at place;
    /// A line of the duty roster holds until a day; without one it never held.
    PlaceDutyEnded = "duty.ended" of "duty" by line { line: DutyId, place: PlaceId, account: AccountId, to: Option<String> } at place;
    /// Days of every year have these hours; days as `06-01`.
    SeasonSet = "season.set" of "season" by season { season: SeasonId, first: String, last: String, hours: String, version: i64 };
    SeasonRemoved = "season.removed" of "season" by season { season: SeasonId };
    /// A special period is these dates with these rules; deadlines that ran before it was set are not counted again.
    PeriodSet = "period.set" of "period" by period {
        period: PeriodId, first: String, last: String, hours: Option<String>, every_day: bool, limit_permille: Option<i64>, version: i64,
    };
    PeriodRemoved = "period.removed" of "period" by period { period: PeriodId };
    /// On these days of a period these accounts are on duty, and nobody else.
    PeriodDutySet = "period.duty_set" of "period" by period {
        period: PeriodId, first: String, last: String, leader: Option<AccountId>, person: Option<AccountId>,
    };
    CategoryWithdrawn = "category.withdrawn" of "category" by category { category: CategoryVersionId, code: String };
}

/// One filing condition of a version: its rule, and SM3 of what it says.
#[derive(Debug, Clone, Serialize)]
pub struct ConditionFact {
    pub limit_unit: Option<String>,
    pub limit_value: Option<i64>,
    pub photo_demanded: bool,
    pub reinspect: Reinspection,
    pub words: String,
}

impl ConditionFact {
    pub fn of(condition: &Condition) -> Self {
        let words = format!("{}\n{}", condition.filing, condition.closing);
        ConditionFact {
            limit_unit: condition.limit_unit.clone(),
            limit_value: condition.limit_value,
            photo_demanded: condition.photo_demanded,
            reinspect: condition.reinspect,
            words: kernel::canonical::hex(&kernel::canonical::content_hash(words.as_bytes())),
        }
    }
}

/// The standard categories and the sample of limits were taken up.
#[derive(Debug, Clone, Serialize)]
pub struct CategoriesSeeded {
    pub tenant: i64,
    pub count: i64,
}

impl Fact for CategoriesSeeded {
    const KIND: &'static str = "categories.seeded";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        tenant_subject(self.tenant)
    }
}

/// The calendar changed: other hours, or holidays announced until a later day.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarChanged {
    pub tenant: i64,
    pub zone: String,
    pub hours: String,
    pub known_until: Option<String>,
    pub days: i64,
    pub version: i64,
    /// Open deadlines later than this local day are to be counted again; none are when it is absent.
    pub deadlines_beyond: Option<String>,
}

impl Fact for CalendarChanged {
    const KIND: &'static str = "calendar.changed";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        tenant_subject(self.tenant)
    }
}

/// A tenant's number in the shape of a subject's id.
pub fn tenant_subject(tenant: i64) -> Uuid {
    Uuid::from_u128(u128::from(tenant.unsigned_abs()))
}
