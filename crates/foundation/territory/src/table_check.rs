//! Looking the table of responsibilities over: where nobody would answer but who stands in, which rows say two units at once, and which
//! rows say a unit, a place or a category that is closed. A pure reckoning over a [`Directory`].

use crate::category::{CategoryCode, CategoryKind};
use crate::directory::Directory;
use crate::responsibility::{self, Proposal, Reason, Responsibility, Surroundings, in_force};
use crate::table::About;
use crate::table_sheet::overlap;
use jiff::civil::Date;
use kernel::ids::PlaceId;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A class of categories at a community for which nobody answers, by the table or as whoever keeps the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub community: PlaceId,
    /// None: every class.
    pub class: Option<(CategoryKind, String)>,
    /// How many items of the class have nobody, and how many it has.
    pub items: (usize, usize),
    /// Who stands in; none where not even a cooperative or an office does.
    pub stands_in: Option<Proposal>,
}

/// Two rows that name the same categories at the same place on some of the same days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The numbers of the rows; the later one holds.
    pub rows: (i64, i64),
    /// From today on at the earliest.
    pub first: String,
    pub last: Option<String>,
    /// They name the same unit, so that one of them is left over.
    pub same_unit: bool,
}

/// What is wrong with the table on a day, and from it on.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// By community, then by class.
    pub gaps: Vec<Gap>,
    pub conflicts: Vec<Conflict>,
    /// The numbers of rows in force whose unit, place or category is closed.
    pub void: Vec<i64>,
}

/// What the rows above one place cover.
#[derive(Default)]
struct Covered<'a> {
    all: bool,
    kinds: HashSet<CategoryKind>,
    classes: HashSet<(CategoryKind, &'a str)>,
    items: HashSet<(CategoryKind, &'a str, &'a str)>,
}

impl<'a> Covered<'a> {
    fn add(&mut self, row: &'a Responsibility) {
        match (row.kind, row.class_code.as_deref(), row.item_code.as_deref()) {
            (None, ..) => self.all = true,
            (Some(kind), None, _) => drop(self.kinds.insert(kind)),
            (Some(kind), Some(class), None) => drop(self.classes.insert((kind, class))),
            (Some(kind), Some(class), Some(item)) => drop(self.items.insert((kind, class, item))),
        }
    }
    fn class(&self, kind: CategoryKind, class: &str) -> bool {
        self.all || self.kinds.contains(&kind) || self.classes.contains(&(kind, class))
    }
}

/// Looks the table over on a day.
pub fn check(directory: &Directory, on: Date) -> Checked {
    let day = on.to_string();
    Checked { gaps: gaps(directory, on, &day), conflicts: conflicts(directory, &day), void: void(directory, &day) }
}

/// Whether the unit, the place and the category of a row are all in use.
pub(crate) fn says_something(directory: &Directory, row: &Responsibility) -> bool {
    if row.never_held() {
        return false;
    }
    let code = row.category_text().and_then(|text| CategoryCode::parse(&text));
    directory.open_kind(row.organisation_id).is_some()
        && directory.place(row.place_id).is_some_and(|place| place.open)
        && code.is_none_or(|code| directory.category_in_force(&code).is_some())
}

fn gaps(directory: &Directory, on: Date, day: &str) -> Vec<Gap> {
    let mut rows: HashMap<PlaceId, Vec<&Responsibility>> = HashMap::new();
    for row in directory.responsibility_rows() {
        if in_force(&row.valid_from, row.valid_to.as_deref(), day) && directory.open_kind(row.organisation_id).is_some() {
            rows.entry(row.place_id).or_default().push(row);
        }
    }
    let mut classes: BTreeMap<(CategoryKind, &str), Vec<&str>> = BTreeMap::new();
    for version in directory.categories() {
        classes.entry((version.kind, version.class_code.as_str())).or_default().push(&version.item_code);
    }
    let mut found = Vec::new();
    for community in directory.communities() {
        let stands_in = responsibility::without_table(directory, community.id, on);
        // Whoever keeps the place answers for everything there.
        if matches!(stands_in.as_ref().map(|proposal| &proposal.reason), Some(Reason::AnswersFor { .. })) {
            continue;
        }
        let mut covered = Covered::default();
        for (place, ..) in directory.upwards(community.id) {
            rows.get(&place).into_iter().flatten().for_each(|row| covered.add(row));
        }
        let open = classes.iter().filter_map(|((kind, class), items)| {
            if covered.class(*kind, class) {
                return None;
            }
            let bare = items.iter().filter(|item| !covered.items.contains(&(*kind, *class, **item))).count();
            (bare > 0).then_some((*kind, *class, (bare, items.len())))
        });
        let open: Vec<_> = open.collect();
        let whole = open.len() == classes.len() && open.iter().all(|(_, _, (bare, all))| bare == all);
        if whole && !open.is_empty() {
            let all = open.iter().map(|(_, _, (_, all))| all).sum();
            found.push(Gap { community: community.id, class: None, items: (all, all), stands_in });
            continue;
        }
        let gap = |(kind, class, items): (CategoryKind, &str, (usize, usize))| Gap {
            community: community.id,
            class: Some((kind, class.to_owned())),
            items,
            stands_in: stands_in.clone(),
        };
        found.extend(open.into_iter().map(gap));
    }
    found
}

fn conflicts(directory: &Directory, day: &str) -> Vec<Conflict> {
    let mut groups: BTreeMap<(PlaceId, Option<String>), Vec<&Responsibility>> = BTreeMap::new();
    for row in directory.responsibility_rows() {
        let over = row.valid_to.as_deref().is_some_and(|to| to < day);
        if !over && says_something(directory, row) {
            groups.entry((row.place_id, row.category_text())).or_default().push(row);
        }
    }
    let mut found = Vec::new();
    for rows in groups.values() {
        for (at, row) in rows.iter().enumerate() {
            // The next one that holds over it says enough: whoever mends that one comes to the others.
            let meets =
                |other: &&&Responsibility| overlap(&row.valid_from, row.valid_to.as_deref(), &other.valid_from, other.valid_to.as_deref());
            let Some(other) = rows.iter().skip(at + 1).find(meets) else { continue };
            let first = [row.valid_from.as_str(), other.valid_from.as_str(), day].into_iter().max().unwrap_or(day);
            let last = [&row.valid_to, &other.valid_to].into_iter().flatten().min();
            found.push(Conflict {
                rows: (row.number, other.number),
                first: first.to_owned(),
                last: last.cloned(),
                same_unit: row.organisation_id == other.organisation_id,
            });
        }
    }
    found.sort_by_key(|conflict| conflict.rows);
    found
}

fn void(directory: &Directory, day: &str) -> Vec<i64> {
    let rows = directory.responsibility_rows().iter();
    let bad = rows.filter(|row| row.valid_to.as_deref().is_none_or(|to| day <= to) && !says_something(directory, row));
    bad.map(|row| row.number).collect()
}

impl Gap {
    /// As the table's form takes it.
    pub fn about(&self) -> About {
        match &self.class {
            Some((kind, class)) => About { kind: Some(*kind), class: Some(class.clone()), item: None },
            None => About::default(),
        }
    }
}
