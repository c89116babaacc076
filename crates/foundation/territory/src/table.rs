//! Writing the table of responsibilities: adding a row, ending one, and applying a whole table that was looked at.

use crate::category::{CategoryKind, CategoryVersion};
use crate::directory;
use crate::facts::{ResponsibilityAdded, ResponsibilityEnded, ResponsibilityRestored, SheetApplied};
use crate::imports::applying::{Change, ChangeKind, Counts, Log, Writes};
use crate::imports::{BoxFuture, Planned};
use crate::lists;
use crate::organisation::{Organisation, ProjectId, ResponsibilityId};
use crate::organisations::{self, DATES};
use crate::place::{Place, State};
use crate::places::{self, PARENT_CLOSED};
use crate::received::{self, SheetId, SheetKind};
use crate::responsibility::Responsibility;
use crate::table_sheet::{Becomes, Ground, Plan, TableSheet, plan};
use crate::verbs::ManageTerritory;
use access::Permit;
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{Command, Sql, Store, Write, args, sql};

pub const CATEGORY: Code = Code::invalid("responsibility.category");
pub const STALE: Code = Code::conflict("responsibility.stale");

static INSERT: Sql = sql!(
    "INSERT INTO responsibility (tenant_id, id, number, kind, class_code, item_code, place_id, organisation_id, project_id,
        valid_from, valid_to, version)
    VALUES (:tenant, :id, :number, :kind, :class, :item, :place, :organisation, :project, :from, :to, 1)"
);

static FIND: Sql = sql!(
    "SELECT id, number, kind, class_code, item_code, place_id, organisation_id, project_id, valid_from, valid_to, version
    FROM responsibility
    WHERE tenant_id = :tenant AND id = :id"
);

static END: Sql = sql!(
    "UPDATE responsibility
    SET valid_to = :to, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

/// Which categories a row is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct About {
    pub kind: Option<CategoryKind>,
    pub class: Option<String>,
    pub item: Option<String>,
}

impl About {
    /// Reads `event-06-036`, `event-06`, `event`, or nothing for any category.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-').filter(|part| !part.is_empty());
        let kind = match parts.next() {
            None => None,
            Some(kind) => Some(kind.parse().ok()?),
        };
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        let (class, item) = (parts.next(), parts.next());
        let sound = class.is_none_or(|class| digits(class, 2)) && item.is_none_or(|item| digits(item, 3)) && parts.next().is_none();
        sound.then(|| About { kind, class: class.map(str::to_owned), item: item.map(str::to_owned) })
    }

    /// As [`Self::parse`] reads it; empty for any category.
    pub fn text(&self) -> String {
        let parts = [self.kind.map(CategoryKind::as_str), self.class.as_deref(), self.item.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("-")
    }
}

/// Adds a row: for these categories, at this place and below, this unit.
///
/// Errors: 404, `organisation.closed`, `place.parent_closed`, field `to` with `field.dates`.
pub struct AddResponsibility {
    pub by: Permit<ManageTerritory>,
    pub about: About,
    pub place: PlaceId,
    pub organisation: OrganisationId,
    pub project: Option<ProjectId>,
    pub from: Date,
    pub to: Option<Date>,
}

impl Command for AddResponsibility {
    const KIND: &'static str = "responsibility.add";
    type Out = ResponsibilityId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<ResponsibilityId> {
        ensure(self.to.is_none_or(|to| to >= self.from), Error::field("to", DATES))?;
        let place = places::find(tx, self.place).await?;
        ensure(place.state == State::Open, PARENT_CLOSED)?;
        let organisation = organisations::find_open(tx, self.organisation).await?;
        organisations::own_project(tx, self.project, organisation.id).await?;
        let row = RowToWrite {
            about: &self.about,
            place: place.id,
            organisation: organisation.id,
            project: self.project,
            from: self.from.to_string(),
            to: self.to.map(|to| to.to_string()),
        };
        let id = write_row(tx, row).await?;
        tx.bump_revision();
        Ok(id)
    }
}

/// A row whose place and unit are known to be open.
struct RowToWrite<'a> {
    about: &'a About,
    place: PlaceId,
    organisation: OrganisationId,
    project: Option<ProjectId>,
    from: String,
    to: Option<String>,
}

async fn write_row(tx: &mut Write<'_>, row: RowToWrite<'_>) -> Result<ResponsibilityId> {
    let (id, tenant): (ResponsibilityId, _) = (tx.new_id(), tx.tenant());
    let About { kind, class, item } = row.about;
    let number = tx.next_number("responsibility").await?;
    tx.later(
        &INSERT,
        args! {
            tenant: tenant, id: id, number: number, kind: kind, class: class, item: item, place: row.place,
            organisation: row.organisation, project: row.project, from: row.from, to: row.to,
        },
    );
    tx.fact(ResponsibilityAdded {
        row: id,
        number,
        category: Some(row.about.text()).filter(|text| !text.is_empty()),
        place: row.place,
        organisation: row.organisation,
        from: row.from,
    })?;
    Ok(id)
}

/// Says until which day a row holds; the row stays, for the sake of the cases that cite it.
///
/// Errors: 404, `responsibility.stale`, field `to` with `field.dates`.
pub struct EndResponsibility {
    pub by: Permit<ManageTerritory>,
    pub row: ResponsibilityId,
    pub version: i64,
    pub to: Date,
}

impl Command for EndResponsibility {
    const KIND: &'static str = "responsibility.end";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        end_row(tx, self.row, self.version, self.to.to_string()).await?;
        tx.bump_revision();
        Ok(())
    }
}

async fn end_row(tx: &mut Write<'_>, row: ResponsibilityId, version: i64, to: String) -> Result<()> {
    let tenant = tx.tenant();
    let row: Responsibility = tx.one(&FIND, args! { tenant: tenant, id: row }).await?;
    ensure(row.valid_from <= to, Error::field("to", DATES))?;
    tx.change_one(&END, args! { tenant: tenant, id: row.id, version: version, to: to }).await?.or(STALE)?;
    tx.fact(ResponsibilityEnded { row: row.id, number: row.number, place: row.place_id, organisation: row.organisation_id, to })
}

/// What a table that was received would change now.
///
/// Errors: 404.
pub async fn planned(store: &Store, tenant: TenantId, sheet: SheetId) -> Result<Plan> {
    if let Some(kept) = received::plan(store, tenant, sheet).await? {
        return Ok(kept);
    }
    let lines: TableSheet = received::lines(store, tenant, sheet).await?;
    Ok(plan(&ground(store, tenant).await?, &lines))
}

/// The territory as lines of a table are held against it.
pub async fn ground(store: &Store, tenant: TenantId) -> Result<Ground> {
    let first = Uuid::nil();
    Ok(Ground {
        places: store.all::<Place>(&directory::PLACES, args! { tenant: tenant }).await?,
        former: lists::former(store, tenant).await?,
        organisations: store.all::<Organisation>(&directory::ORGANISATIONS, args! { tenant: tenant, first: first }).await?,
        categories: store.all::<CategoryVersion>(&directory::CATEGORIES, args! { tenant: tenant }).await?,
        rows: store.all::<Responsibility>(&directory::RESPONSIBILITIES, args! { tenant: tenant }).await?,
    })
}

/// Applies a table that was received, as the plan with this digest says. Lines that are wrong are left out.
///
/// Errors: 404, `sheet.done`, `sheet.stale` when something changed since the plan was looked at.
pub struct ApplyTable {
    pub by: Permit<ManageTerritory>,
    pub sheet: SheetId,
    pub digest: String,
}

impl Command for ApplyTable {
    const KIND: &'static str = "responsibility.apply_table";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (tenant, first) = (tx.tenant(), Uuid::nil());
        let sheet: TableSheet = received::waiting(tx, SheetKind::Responsibilities, self.sheet).await?;
        let ground = Ground {
            places: tx.all::<Place>(&directory::PLACES, args! { tenant: tenant }).await?,
            former: lists::former_within(tx).await?,
            organisations: tx.all::<Organisation>(&directory::ORGANISATIONS, args! { tenant: tenant, first: first }).await?,
            categories: tx.all::<CategoryVersion>(&directory::CATEGORIES, args! { tenant: tenant }).await?,
            rows: tx.all::<Responsibility>(&directory::RESPONSIBILITIES, args! { tenant: tenant }).await?,
        };
        let plan = plan(&ground, &sheet);
        ensure(plan.digest()? == self.digest && !plan.is_empty(), received::STALE)?;
        let (mut added, mut changed, mut same, mut wrong) = (0, 0, 0, 0);
        let ends: HashMap<ResponsibilityId, Option<String>> = ground.rows.iter().map(|row| (row.id, row.valid_to.clone())).collect();
        let mut log = Log::default();
        for line in &plan.lines {
            match &line.becomes {
                Becomes::New(row) => {
                    let row = RowToWrite {
                        about: &row.about,
                        place: row.place,
                        organisation: row.unit,
                        project: None,
                        from: row.from.clone(),
                        to: row.to.clone(),
                    };
                    let id = write_row(tx, row).await?;
                    log.created(line.written.line, id.0, &line.written.line.to_string(), 1);
                    added += 1;
                }
                Becomes::Ends { row, version, to, number } => {
                    end_row(tx, *row, *version, to.clone()).await?;
                    log.edited(row.0, &number.to_string(), &ends.get(row).cloned().flatten(), version + 1)?;
                    changed += 1;
                }
                Becomes::Same { .. } => same += 1,
                Becomes::Wrong(_) => wrong += 1,
            }
        }
        log.write(tx, self.sheet, 0);
        received::applied(tx, self.sheet, &plan, Counts { added, changed, same, wrong }).await?;
        tx.fact(SheetApplied { sheet: self.sheet, kind: SheetKind::Responsibilities, added, changed, same, wrong })?;
        tx.bump_revision();
        Ok(())
    }
}

static RESTORE: Sql = sql!(
    "UPDATE responsibility
    SET valid_to = :to, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

/// Takes a table's rows back. A new one stays, for the sake of the cases that cite it, and holds on no day; one that was ended
/// has the last day that it had.
pub struct Rows;

impl Writes for Rows {
    type Verb = ManageTerritory;
    const HELD_BY_FACTS: bool = false;

    fn write<'a>(
        &'a self,
        _: &'a Permit<ManageTerritory>,
        _: &'a mut Write<'_>,
        _: &'a Planned,
        _: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        // These are written by `ApplyTable`, whose lines look at one another.
        Box::pin(async { Err(Error::internal("a table of responsibilities is applied as a whole")) })
    }

    fn take_back<'a>(&'a self, _: &'a Permit<ManageTerritory>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let tenant = tx.tenant();
            let id = ResponsibilityId(change.subject);
            let row: Responsibility = tx.one(&FIND, args! { tenant: tenant, id: id }).await?;
            let to = match change.kind {
                ChangeKind::Created => {
                    let first: Date = row.valid_from.parse().map_err(Error::internal)?;
                    Some(first.yesterday().map_err(Error::internal)?.to_string())
                }
                ChangeKind::Edited => change.was::<Option<String>>()?,
            };
            tx.change_one(&RESTORE, args! { tenant: tenant, id: id, version: change.version, to: to }).await?.or(STALE)?;
            tx.fact(ResponsibilityRestored { row: id, number: row.number, place: row.place_id, organisation: row.organisation_id, to })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_is_about_is_read_from_a_code_or_its_beginning() {
        assert_eq!(About::parse(""), Some(About::default()));
        let class = About::parse("event-06").unwrap();
        assert_eq!((class.kind, class.class.as_deref(), class.item), (Some(CategoryKind::Event), Some("06"), None));
        assert_eq!(About::parse("component-01-037").unwrap().item.as_deref(), Some("037"));
        for bad in ["06", "event-6", "event-06-36", "event-06-036-1"] {
            assert_eq!(About::parse(bad), None, "{bad}");
        }
    }
}
