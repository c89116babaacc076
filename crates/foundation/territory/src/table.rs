//! Writing the table of responsibilities: adding a row, ending one, and where nobody is responsible.

use crate::category::CategoryKind;
use crate::facts::{ResponsibilityAdded, ResponsibilityEnded};
use crate::organisation::{ProjectId, ResponsibilityId};
use crate::organisations::{self, DATES};
use crate::place::State;
use crate::places::{self, PARENT_CLOSED};
use crate::responsibility::Responsibility;
use crate::verbs::ManageTerritory;
use access::Permit;
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Error, Result, ensure};
use store::{Command, Sql, Write, args, sql};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
        let (id, tenant): (ResponsibilityId, _) = (tx.new_id(), tx.tenant());
        let About { kind, class, item } = &self.about;
        let category =
            [kind.map(|kind| kind.as_str().to_owned()), class.clone(), item.clone()].into_iter().flatten().collect::<Vec<_>>().join("-");
        let number = tx.next_number("responsibility").await?;
        tx.exec(
            &INSERT,
            args! {
                tenant: tenant, id: id, number: number, kind: kind, class: class, item: item, place: place.id,
                organisation: organisation.id, project: self.project, from: self.from.to_string(), to: self.to.map(|to| to.to_string()),
            },
        )
        .await?;
        tx.fact(ResponsibilityAdded {
            row: id,
            number,
            category: Some(category).filter(|category| !category.is_empty()),
            place: place.id,
            organisation: organisation.id,
            from: self.from.to_string(),
        })?;
        tx.bump_revision();
        Ok(id)
    }
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
        let (tenant, to) = (tx.tenant(), self.to.to_string());
        let row: Responsibility = tx.one(&FIND, args! { tenant: tenant, id: self.row }).await?;
        ensure(row.valid_from <= to, Error::field("to", DATES))?;
        tx.change_one(&END, args! { tenant: tenant, id: row.id, version: self.version, to: to }).await?.or(STALE)?;
        tx.fact(ResponsibilityEnded { row: row.id, number: row.number, place: row.place_id, organisation: row.organisation_id, to })?;
        tx.bump_revision();
        Ok(())
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
