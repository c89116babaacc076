//! A newer official list of places beside the places known: what it changes, adds and no longer has. A pure reckoning, without I/O.
//!
//! A line and a place are one when their codes are the same. What is left is paired by name without its kind (王台镇 and
//! 王台街道), first below the same parent, then where the name stands once in all of its level; such a pair is shown as a
//! change of code. A level that no line of the list has is not judged: a list of towns says nothing about villages.

use crate::import::{LineNote, PlaceLine};
use crate::place::{Level, PlaceKind};
use crate::places::{LEVEL, NAME_TAKEN};
use kernel::identifiers::PlaceCode;
use kernel::ids::PlaceId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

/// An open place as it is known.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: PlaceId,
    pub parent: Option<PlaceId>,
    pub level: Level,
    pub kind: Option<PlaceKind>,
    pub urban_rural: Option<String>,
    pub code: Option<String>,
    pub name: String,
}

/// Where a place is to hang: below one that is known, or below a new one, by its code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Above {
    Known(PlaceId),
    New(String),
}

/// What something was and what the list says.
pub type Turn<T> = Option<(T, T)>;

/// A place that the list has otherwise; only what differs is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub place: PlaceId,
    pub line: u64,
    pub level: Level,
    pub name_now: String,
    pub code: Turn<String>,
    pub name: Turn<String>,
    pub kind: Turn<Option<PlaceKind>>,
    pub urban_rural: Turn<Option<String>>,
    pub parent: Turn<Above>,
}

/// A place that only the list has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct New {
    pub level: Level,
    pub above: Above,
    #[serde(flatten)]
    pub place: PlaceLine,
}

/// A place that the list no longer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    pub place: PlaceId,
    pub level: Level,
    pub code: String,
    pub name: String,
}

/// What the list does when it is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// By level, from above.
    pub changed: Vec<Changed>,
    pub new: Vec<New>,
    /// To be closed.
    pub gone: Vec<Gone>,
    /// Gone from the list, but other open places still hang below: they stay open until those were moved or closed.
    pub kept: Vec<Gone>,
    pub unchanged: i64,
    /// Lines that cannot be followed, with the reason.
    pub rejected: Vec<LineNote>,
}

impl Plan {
    /// Whether applying it would change anything.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.new.is_empty() && self.gone.is_empty()
    }
    /// What says whether a plan is still the one that somebody looked at: SM3 of its content, in hex.
    ///
    /// Errors: 500 when it cannot be written as JSON.
    pub fn digest(&self) -> kernel::Result<String> {
        Ok(kernel::canonical::hex(&kernel::canonical::content_hash(kernel::canonical::to_canonical(self)?.as_bytes())))
    }
}

/// How the kinds of places end; a name without its ending is what stays when a town becomes a sub-district.
static KINDS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../data/kind_endings.csv").lines().skip(1).collect());

fn stem(name: &str) -> &str {
    KINDS.iter().find_map(|kind| name.strip_suffix(kind)).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// The places of a tenant and a list's lines, while they are being compared.
struct Comparison<'a> {
    root: &'a Known,
    root_code: &'a PlaceCode,
    known: &'a [Known],
    by_code: HashMap<&'a str, &'a Known>,
    /// Open places by codes that they had before.
    former: &'a HashMap<String, PlaceId>,
    lines: Vec<(Level, &'a PlaceLine)>,
    /// Levels that the list has lines of.
    covered: BTreeSet<Level>,
    /// Which place a line is, by the line's code.
    pair: HashMap<&'a str, &'a Known>,
    taken: HashSet<PlaceId>,
    /// Codes of new places that are accepted.
    made: BTreeSet<&'a str>,
}

/// Compares `known`, all open places of a tenant with the root first, with the lines of a list that lie in it.
///
/// `former` finds open places by codes of before.
pub fn compare(root_code: &PlaceCode, known: &[Known], former: &HashMap<String, PlaceId>, lines: &[PlaceLine]) -> Plan {
    let Some(root) = known.first() else { return Plan::default() };
    let within = lines.iter().filter(|line| line.code.is_within(root_code));
    let leveled: Vec<(Level, &PlaceLine)> = within.filter_map(|line| Some((Level::of_code(&line.code)?, line))).collect();
    let covered = leveled.iter().filter(|(_, line)| line.code != *root_code).map(|(level, _)| *level).collect();
    let by_code = known.iter().filter_map(|place| Some((place.code.as_deref()?, place))).collect();
    let mut lines = leveled;
    lines.sort_by_key(|(level, line)| (*level, line.line));
    let mut comparison = Comparison {
        root,
        root_code,
        known,
        by_code,
        former,
        lines,
        covered,
        pair: HashMap::new(),
        taken: HashSet::new(),
        made: BTreeSet::new(),
    };
    comparison.pair_by_code();
    comparison.pair_by_name();
    comparison.plan()
}

impl<'a> Comparison<'a> {
    fn take(&mut self, line: &'a PlaceLine, place: &'a Known) {
        self.taken.insert(place.id);
        self.pair.insert(line.code.as_str(), place);
    }

    fn pair_by_code(&mut self) {
        for (_, line) in self.lines.clone() {
            if let Some(place) = self.by_code.get(line.code.as_str()).copied() {
                self.take(line, place);
            }
        }
        // An older list again: a place that has another code by now, unless that one is in the list too.
        for (level, line) in self.lines.clone() {
            let before = self.former.get(line.code.as_str()).and_then(|id| self.known.iter().find(|place| place.id == *id));
            if let Some(place) = before.filter(|place| place.level == level && !self.taken.contains(&place.id))
                && !self.pair.contains_key(line.code.as_str())
            {
                self.take(line, place);
            }
        }
    }

    /// The known place above a line, where it is known.
    fn known_above(&self, code: &PlaceCode) -> Option<PlaceId> {
        match self.above(code) {
            Above::Known(id) => Some(id),
            Above::New(_) => None,
        }
    }

    fn pair_by_name(&mut self) {
        for level in self.covered.clone() {
            let once = |names: &mut dyn Iterator<Item = (Option<PlaceId>, &'a str)>| {
                let mut counts: BTreeMap<(Option<PlaceId>, &'a str), usize> = BTreeMap::new();
                names.for_each(|name| *counts.entry(name).or_default() += 1);
                counts
            };
            let lines: Vec<&'a PlaceLine> = self.lines.iter().filter(|(of, _)| *of == level).map(|(_, line)| *line).collect();
            let places: Vec<&'a Known> = self.known.iter().filter(|place| place.level == level && place.code.is_some()).collect();
            for near in [true, false] {
                let line_key = |line: &'a PlaceLine| (self.known_above(&line.code).filter(|_| near), stem(&line.name));
                let place_key = |place: &'a Known| (place.parent.filter(|_| near), stem(&place.name));
                let free_lines: Vec<&'a PlaceLine> =
                    lines.iter().copied().filter(|line| !self.pair.contains_key(line.code.as_str())).collect();
                let free_places: Vec<&'a Known> = places.iter().copied().filter(|place| !self.taken.contains(&place.id)).collect();
                // Near by, the name must stand once among what is left; anywhere, once in all of the level.
                let (in_lines, in_places) = if near { (&free_lines, &free_places) } else { (&lines, &places) };
                let line_counts = once(&mut in_lines.iter().map(|line| line_key(line)));
                let place_counts = once(&mut in_places.iter().map(|place| place_key(place)));
                let mut found = Vec::new();
                for line in &free_lines {
                    let key = line_key(line);
                    if line_counts.get(&key) == Some(&1) && place_counts.get(&key) == Some(&1) {
                        found.extend(free_places.iter().find(|place| place_key(place) == key).map(|place| (*line, *place)));
                    }
                }
                for (line, place) in found {
                    self.take(line, place);
                }
            }
        }
    }

    /// Where a line's place hangs: its parent by code, or the nearest above it where a level is missing.
    fn above(&self, code: &PlaceCode) -> Above {
        let mut above = code.parent();
        while let Some(code) = above.filter(|code| code.is_within(self.root_code) && code != self.root_code) {
            let text = code.as_str();
            // A place that the list itself no longer has takes nothing new.
            let stays = |place: &&Known| !self.covered.contains(&place.level) || self.taken.contains(&place.id);
            if let Some(place) = self.pair.get(text).copied().or_else(|| self.by_code.get(text).copied().filter(stays)) {
                return Above::Known(place.id);
            }
            if self.made.contains(text) {
                return Above::New(text.to_owned());
            }
            if let Some(id) = self.former.get(text) {
                return Above::Known(*id);
            }
            above = code.parent();
        }
        Above::Known(self.root.id)
    }

    fn changed(&self, level: Level, line: &PlaceLine, place: &Known) -> Option<Changed> {
        let turn = |was: &str, is: &str| (was != is).then(|| (was.to_owned(), is.to_owned()));
        let above = self.above(&line.code);
        let is_root = place.id == self.root.id;
        let parent = place.parent.filter(|_| !is_root).map(Above::Known);
        let changed = Changed {
            place: place.id,
            line: line.line,
            level,
            name_now: place.name.clone(),
            code: turn(place.code.as_deref().unwrap_or(""), line.code.as_str()),
            name: turn(&place.name, &line.name),
            // What the list doesn't say stays as it is.
            kind: line.kind.filter(|kind| place.kind != Some(*kind)).map(|kind| (place.kind, Some(kind))),
            urban_rural: line
                .urban_rural
                .clone()
                .filter(|it| place.urban_rural.as_ref() != Some(it))
                .map(|it| (place.urban_rural.clone(), Some(it))),
            parent: parent.filter(|was| *was != above).map(|was| (was, above)),
        };
        let differs = changed.code.is_some() || changed.name.is_some() || changed.parent.is_some();
        (differs || changed.kind.is_some() || changed.urban_rural.is_some()).then_some(changed)
    }

    fn plan(mut self) -> Plan {
        let mut plan = Plan::default();
        let mut changed: Vec<(Changed, &'a PlaceLine)> = Vec::new();
        let mut fresh: Vec<New> = Vec::new();
        for (level, line) in self.lines.clone() {
            match self.pair.get(line.code.as_str()).copied() {
                Some(place) => match self.changed(level, line, place) {
                    Some(change) => changed.push((change, line)),
                    None => plan.unchanged += 1,
                },
                None => {
                    fresh.push(New { level, above: self.above(&line.code), place: line.clone() });
                    self.made.insert(line.code.as_str());
                }
            }
        }
        let moved = changed.iter().filter(|(change, _)| change.parent.is_some()).map(|(change, _)| change.place).collect();
        let (gone, kept) = self.gone(&moved);
        (plan.gone, plan.kept) = (gone, kept);
        let closing: HashSet<PlaceId> = plan.gone.iter().map(|gone| gone.place).collect();
        let changing: HashSet<PlaceId> = changed.iter().map(|(change, _)| change.place).collect();
        let mut names: HashSet<(Above, String)> = HashSet::new();
        for place in self.known.iter().filter(|place| !closing.contains(&place.id) && !changing.contains(&place.id)) {
            names.extend(place.parent.map(|parent| (Above::Known(parent), place.name.clone())));
        }
        let at: HashMap<PlaceId, &Known> = self.known.iter().map(|place| (place.id, place)).collect();
        for (change, line) in changed {
            let Some(place) = at.get(&change.place).copied() else { continue };
            let above = change.parent.as_ref().map(|(_, to)| to.clone()).or(place.parent.map(Above::Known));
            let free = above.is_none_or(|above| names.insert((above, line.name.clone())));
            if free {
                plan.changed.push(change);
            } else {
                names.extend(place.parent.map(|parent| (Above::Known(parent), place.name.clone())));
                plan.rejected.push(note(line, NAME_TAKEN.name));
            }
        }
        let mut refused: HashSet<String> = HashSet::new();
        for new in fresh {
            let level_above = match &new.above {
                Above::Known(id) => at.get(id).map(|place| place.level),
                Above::New(code) => {
                    (!refused.contains(code)).then(|| PlaceCode::parse(code).ok().and_then(|code| Level::of_code(&code))).flatten()
                }
            };
            let reason = match level_above {
                None => Some(crate::import::NO_PARENT.name),
                Some(above) if !new.level.may_stand_below(above) => Some(LEVEL.name),
                Some(_) if !names.insert((new.above.clone(), new.place.name.clone())) => Some(NAME_TAKEN.name),
                Some(_) => None,
            };
            match reason {
                None => plan.new.push(new),
                Some(reason) => {
                    refused.insert(new.place.code.as_str().to_owned());
                    plan.rejected.push(note(&new.place, reason));
                }
            }
        }
        self.keep_what_is_needed(&mut plan);
        plan
    }

    /// Places of covered levels that are in no line: those that can be closed, and those below which something stays open.
    fn gone(&self, moved: &HashSet<PlaceId>) -> (Vec<Gone>, Vec<Gone>) {
        let mut missing: Vec<&Known> = self
            .known
            .iter()
            .filter(|place| place.id != self.root.id && place.code.is_some() && self.covered.contains(&place.level))
            .filter(|place| !self.taken.contains(&place.id))
            .collect();
        // From below, so that a place below which only gone ones hang can go too.
        missing.sort_by_key(|place| std::cmp::Reverse(place.level));
        let (mut gone, mut kept) = (Vec::new(), Vec::new());
        let mut closing: HashSet<PlaceId> = HashSet::new();
        let mut children: HashMap<PlaceId, Vec<PlaceId>> = HashMap::new();
        for place in self.known {
            children.entry(place.parent.unwrap_or(self.root.id)).or_default().push(place.id);
        }
        for place in missing {
            let stays = |child: &PlaceId| !closing.contains(child) && !moved.contains(child);
            let one = Gone { place: place.id, level: place.level, code: place.code.clone().unwrap_or_default(), name: place.name.clone() };
            if children.get(&place.id).is_some_and(|below| below.iter().any(stays)) {
                kept.push(one);
            } else {
                closing.insert(place.id);
                gone.push(one);
            }
        }
        gone.sort_by(|a, b| a.code.cmp(&b.code));
        kept.sort_by(|a, b| a.code.cmp(&b.code));
        (gone, kept)
    }

    /// A move that was refused leaves its place where it is: what is above it cannot be closed.
    fn keep_what_is_needed(&self, plan: &mut Plan) {
        let moving: HashSet<PlaceId> = plan.changed.iter().filter(|change| change.parent.is_some()).map(|change| change.place).collect();
        let (gone, kept) = self.gone(&moving);
        (plan.gone, plan.kept) = (gone, kept);
    }
}

fn note(line: &PlaceLine, reason: &str) -> LineNote {
    LineNote { line: line.line, text: format!("{},{}", line.code.as_str(), line.name), code: reason.to_owned() }
}
