//! Which unit is proposed, told as small streets with a table and the answer that people expect.

use super::*;
use crate::place::path_below;
use kernel::ids::Uuid;
use std::collections::HashMap;

/// A street: root 1, community 2, compound 3 with building 4, and a second community 5 with compound 6.
struct Street {
    tree: HashMap<u128, (Option<u128>, Level, String)>,
    kinds: HashMap<u128, OrganisationKind>,
    rows: Vec<Responsibility>,
    answers: HashMap<u128, Vec<AnswersFor>>,
}

fn id(number: u128) -> PlaceId {
    PlaceId(Uuid::from_u128(number))
}

fn unit(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(number))
}

fn street() -> Street {
    let mut tree = HashMap::new();
    for (place, parent, level) in [
        (1, None, Level::SubDistrict),
        (2, Some(1), Level::Community),
        (3, Some(2), Level::Compound),
        (4, Some(3), Level::Building),
        (5, Some(1), Level::Community),
        (6, Some(5), Level::Compound),
    ] {
        let above =
            parent.map_or(String::new(), |parent: u128| tree.get(&parent).map(|(_, _, path): &(_, _, String)| path.clone()).unwrap());
        tree.insert(place, (parent, level, path_below(&above, place as i64)));
    }
    Street { tree, kinds: HashMap::new(), rows: Vec::new(), answers: HashMap::new() }
}

impl Street {
    fn with(mut self, number: u128, kind: OrganisationKind) -> Self {
        self.kinds.insert(number, kind);
        self
    }
    fn row(mut self, place: u128, category: &str, organisation: u128) -> Self {
        let mut parts = category.split('-').filter(|part| !part.is_empty());
        let kind = parts.next().map(|kind| kind.parse().unwrap());
        let number = self.rows.len() as i64 + 1;
        self.rows.push(Responsibility {
            id: ResponsibilityId(Uuid::from_u128(number as u128)),
            number,
            kind,
            class_code: parts.next().map(str::to_owned),
            item_code: parts.next().map(str::to_owned),
            place_id: id(place),
            organisation_id: unit(organisation),
            project_id: None,
            valid_from: "2026-01-01".into(),
            valid_to: None,
            version: 1,
        });
        self
    }
    fn until(mut self, day: &str) -> Self {
        self.rows.last_mut().unwrap().valid_to = Some(day.into());
        self
    }
    fn answers(mut self, place: u128, organisation: u128, from: &str) -> Self {
        let line = AnswersFor {
            id: AnswersForId(Uuid::from_u128(organisation)),
            organisation_id: unit(organisation),
            place_id: id(place),
            project_id: None,
            valid_from: from.into(),
            valid_to: None,
        };
        self.answers.entry(place).or_default().push(line);
        self
    }
    fn ask(&self, place: u128, category: &str) -> Option<(u128, Reason)> {
        let code = CategoryCode::parse(category);
        unit_for(self, id(place), code.as_ref(), jiff::civil::date(2026, 2, 10))
            .map(|proposal| (proposal.unit.0.as_u128(), proposal.reason))
    }
    fn unit_of(&self, place: u128, category: &str) -> Option<u128> {
        self.ask(place, category).map(|(unit, _)| unit)
    }
}

impl Surroundings for Street {
    fn upwards(&self, place: PlaceId) -> Vec<(PlaceId, Level, &str)> {
        let mut found = Vec::new();
        let mut at = Some(place.0.as_u128());
        while let Some((parent, level, path)) = at.and_then(|number| self.tree.get(&number)) {
            found.push((id(at.unwrap()), *level, path.as_str()));
            at = *parent;
        }
        found
    }
    fn open_kind(&self, organisation: OrganisationId) -> Option<OrganisationKind> {
        self.kinds.get(&organisation.0.as_u128()).copied()
    }
    fn responsibilities(&self) -> &[Responsibility] {
        &self.rows
    }
    fn answering(&self, place: PlaceId) -> &[AnswersFor] {
        self.answers.get(&place.0.as_u128()).map_or(&[], Vec::as_slice)
    }
}

use OrganisationKind::{CommunityOffice, Cooperative, Department, PropertyCompany};

#[test]
fn the_deeper_place_wins_then_the_closer_category() {
    let street = street().with(10, Department).with(11, Department).with(12, Department).with(13, Department).with(14, PropertyCompany);
    let street = street.row(1, "", 10).row(1, "event", 11).row(1, "event-06", 12).row(1, "event-06-036", 13).row(3, "", 14);
    assert_eq!(street.unit_of(2, "component-01-037"), Some(10));
    assert_eq!(street.unit_of(2, "event-09-005"), Some(11));
    assert_eq!(street.unit_of(2, "event-06-010"), Some(12));
    assert_eq!(street.unit_of(2, "event-06-036"), Some(13));
    assert_eq!(street.unit_of(4, "event-06-036"), Some(14), "a row for the compound beats an item's row for the whole street");
    assert_eq!(street.unit_of(6, "event-06-036"), Some(13));
    let reason = Reason::ResponsibilityRow { number: 4, place: id(1), category: Some("event-06-036".into()) };
    assert_eq!(street.ask(6, "event-06-036").unwrap().1, reason);
}

#[test]
fn rows_out_of_date_and_closed_organisations_are_passed_over() {
    let street = street().with(10, Department).with(11, Department);
    let street = street.row(1, "event-06", 10).row(2, "event-06", 11).until("2026-02-09").row(3, "event-06", 99);
    assert_eq!(street.unit_of(3, "event-06-010"), Some(10), "row 2 ended yesterday, and organisation 99 is closed");
}

#[test]
fn of_two_equal_rows_the_later_one_holds() {
    let street = street().with(10, Department).with(11, Department).row(2, "event-06", 10).row(2, "event-06", 11);
    assert_eq!(street.unit_of(3, "event-06-010"), Some(11));
}

#[test]
fn without_a_row_the_nearest_that_answers_then_the_cooperative_then_the_office() {
    let base = || {
        street().with(20, PropertyCompany).with(21, Cooperative).with(22, CommunityOffice).with(23, Department).answers(1, 23, "2020-01-01")
    };
    let office = base().answers(2, 22, "2020-01-01");
    assert_eq!(office.ask(4, "event-06-010"), Some((22, Reason::CommunityOffice { community: id(2) })));
    let cooperative = office.answers(2, 21, "2020-01-01");
    assert_eq!(cooperative.ask(4, "event-06-010"), Some((21, Reason::Cooperative { community: id(2) })));
    let company = cooperative.answers(3, 20, "2025-06-01");
    assert_eq!(company.ask(4, "event-06-010"), Some((20, Reason::AnswersFor { place: id(3) })));
    assert_eq!(company.unit_of(2, "event-06-010"), Some(21), "outside the compound the cooperative stands in");
    assert_eq!(company.ask(6, "event-06-010"), Some((23, Reason::AnswersFor { place: id(1) })), "nobody nearer answers");
}

#[test]
fn the_company_that_came_last_took_over() {
    let street = street().with(20, PropertyCompany).with(30, PropertyCompany).answers(3, 20, "2024-01-01").answers(3, 30, "2026-01-01");
    assert_eq!(street.unit_of(4, "event-06-010"), Some(30));
    let street = street.answers(3, 20, "2026-03-01");
    assert_eq!(street.unit_of(4, "event-06-010"), Some(30), "what begins in March does not hold in February");
}

#[test]
fn no_place_is_without_a_unit_when_its_community_has_an_office() {
    let street = street().with(22, CommunityOffice).with(32, CommunityOffice).answers(2, 22, "2020-01-01").answers(5, 32, "2020-01-01");
    for (place, office) in [(2, 22), (3, 22), (4, 22), (5, 32), (6, 32)] {
        for category in ["event-06-010", "component-01-001", ""] {
            assert_eq!(street.unit_of(place, category), Some(office), "place {place}, {category:?}");
        }
    }
    assert_eq!(street.ask(1, ""), None, "the street as a whole has nobody in this one");
}
