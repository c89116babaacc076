//! Which unit is responsible for a problem: the table of responsibilities, whoever answers for the place, and who stands in.
//!
//! The most specific row wins: the deeper place first, then the item over the class over the kind over any category.
//! Without a row, the organisation that answers for the nearest enclosing place up to the community; then the community's
//! shares cooperative; then the community's office; then whoever answers for something above.

use crate::category::{CategoryCode, CategoryKind};
use crate::organisation::{AnswersForId, OrganisationKind, ProjectId, ResponsibilityId};
use crate::place::{Level, depth};
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId};
use serde::{Deserialize, Serialize};

store::row! {
    /// A row of the table of responsibilities; no kind means every category, no class every class of the kind, no item every item.
    #[derive(Debug, Clone)]
    pub struct Responsibility {
        pub id: ResponsibilityId,
        pub number: i64,
        pub kind: Option<CategoryKind>,
        pub class_code: Option<String>,
        pub item_code: Option<String>,
        pub place_id: PlaceId,
        pub organisation_id: OrganisationId,
        pub project_id: Option<ProjectId>,
        pub valid_from: String,
        pub valid_to: Option<String>,
        pub version: i64,
    }
}

store::row! {
    /// An organisation answers for a place and what lies below it, from one day to another (both included).
    #[derive(Debug, Clone)]
    pub struct AnswersFor {
        pub id: AnswersForId,
        pub organisation_id: OrganisationId,
        pub place_id: PlaceId,
        pub project_id: Option<ProjectId>,
        pub valid_from: String,
        pub valid_to: Option<String>,
    }
}

/// A unit and why it is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub unit: OrganisationId,
    pub project: Option<ProjectId>,
    pub reason: Reason,
}

/// Why a unit is proposed. Kept with the case as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    /// Row `number` of the table of responsibilities, for this place and category (`event-06`, `event-06-036`; none for any).
    ResponsibilityRow { number: i64, place: PlaceId, category: Option<String> },
    /// It answers for this place.
    AnswersFor { place: PlaceId },
    /// The shares cooperative of the community stands in.
    Cooperative { community: PlaceId },
    /// The office of the community stands in.
    CommunityOffice { community: PlaceId },
}

impl Reason {
    /// As a case keeps it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Responsibility {
    /// Whether the import that brought it in was taken back: it holds on no day.
    pub fn never_held(&self) -> bool {
        self.valid_to.as_ref().is_some_and(|to| *to < self.valid_from)
    }
    /// How closely the row names the category; none when it names another.
    fn closeness(&self, category: Option<&CategoryCode>) -> Option<u8> {
        let Some(kind) = self.kind else { return Some(0) };
        let category = category?;
        let class = self.class_code.as_deref();
        let item = self.item_code.as_deref();
        let fits =
            kind == category.kind && class.is_none_or(|class| class == category.class) && item.is_none_or(|item| item == category.item);
        fits.then(|| 1 + u8::from(class.is_some()) + u8::from(item.is_some()))
    }

    /// `event-06-036`, `event-06`, `event`, or none for any category.
    pub fn category_text(&self) -> Option<String> {
        let parts = [self.kind.map(CategoryKind::as_str), self.class_code.as_deref(), self.item_code.as_deref()];
        self.kind.map(|_| parts.into_iter().flatten().collect::<Vec<_>>().join("-"))
    }
}

/// Whether a day lies within, both ends included. Days are `YYYY-MM-DD`, which order as text.
pub fn in_force(from: &str, to: Option<&str>, day: &str) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

/// What the search needs to know of places and organisations.
pub trait Surroundings {
    /// The place and those above it, deepest first: id, level and path.
    fn upwards(&self, place: PlaceId) -> Vec<(PlaceId, Level, &str)>;
    /// The kind of an open organisation; none when it is closed or unknown.
    fn open_kind(&self, organisation: OrganisationId) -> Option<OrganisationKind>;
    fn responsibilities(&self) -> &[Responsibility];
    fn answering(&self, place: PlaceId) -> &[AnswersFor];
}

/// The unit for a problem of this category at this place on this day, with the reason; see the head of this module.
pub fn unit_for(around: &impl Surroundings, place: PlaceId, category: Option<&CategoryCode>, on: Date) -> Option<Proposal> {
    let day = on.to_string();
    let above = around.upwards(place);
    from_table(around, &above, category, &day).or_else(|| from_places(around, &above, &day))
}

fn from_table(
    around: &impl Surroundings,
    above: &[(PlaceId, Level, &str)],
    category: Option<&CategoryCode>,
    day: &str,
) -> Option<Proposal> {
    let rank = |row: &Responsibility| {
        let (_, _, path) = above.iter().find(|(id, _, _)| *id == row.place_id)?;
        let closeness = row.closeness(category)?;
        let stands = in_force(&row.valid_from, row.valid_to.as_deref(), day) && around.open_kind(row.organisation_id).is_some();
        // Of two equal rows the later one holds: it was written knowing the other.
        stands.then_some((depth(path), closeness, row.number))
    };
    let row = around.responsibilities().iter().filter(|row| rank(row).is_some()).max_by_key(|row| rank(row))?;
    Some(Proposal {
        unit: row.organisation_id,
        project: row.project_id,
        reason: Reason::ResponsibilityRow { number: row.number, place: row.place_id, category: row.category_text() },
    })
}

/// The unit where the table has no row: whoever answers for the place, or stands in.
pub(crate) fn without_table(around: &impl Surroundings, place: PlaceId, on: Date) -> Option<Proposal> {
    from_places(around, &around.upwards(place), &on.to_string())
}

fn from_places(around: &impl Surroundings, above: &[(PlaceId, Level, &str)], day: &str) -> Option<Proposal> {
    let answering = |place: PlaceId, wanted: &dyn Fn(OrganisationKind) -> bool| {
        let lines = around.answering(place).iter().filter(|line| {
            in_force(&line.valid_from, line.valid_to.as_deref(), day) && around.open_kind(line.organisation_id).is_some_and(wanted)
        });
        // Whoever came last took over from whoever was there before.
        lines.max_by_key(|line| (line.valid_from.clone(), line.id)).cloned()
    };
    let stands_in = |kind: OrganisationKind| matches!(kind, OrganisationKind::Cooperative | OrganisationKind::CommunityOffice);
    let proposal = |line: AnswersFor, reason: Reason| Proposal { unit: line.organisation_id, project: line.project_id, reason };
    let near = above.iter().filter(|(_, level, _)| *level >= Level::Community);
    for (place, _, _) in near.clone() {
        if let Some(line) = answering(*place, &|kind| !stands_in(kind)) {
            return Some(proposal(line, Reason::AnswersFor { place: *place }));
        }
    }
    for kind in [OrganisationKind::Cooperative, OrganisationKind::CommunityOffice] {
        for (place, _, _) in near.clone() {
            if let Some(line) = answering(*place, &|other| other == kind) {
                let community = *place;
                let reason = if kind == OrganisationKind::Cooperative {
                    Reason::Cooperative { community }
                } else {
                    Reason::CommunityOffice { community }
                };
                return Some(proposal(line, reason));
            }
        }
    }
    let far = above.iter().filter(|(_, level, _)| *level < Level::Community);
    far.into_iter().find_map(|(place, _, _)| Some(proposal(answering(*place, &|_| true)?, Reason::AnswersFor { place: *place })))
}

#[cfg(test)]
#[path = "responsibility_tests.rs"]
mod tests;
