//! What a line of somebody's table means: a place, a unit or a category by the words that people write for them.
//!
//! White space, full-width forms and capitals do not count. A word that means nothing comes back with what is written most
//! like it; one that could mean several comes back with all of these, and none is chosen.

use crate::category::{CategoryKind, CategoryVersion};
use crate::organisation::Organisation;
use crate::place::{Level, Place, State};
use crate::sheets::fold;
use crate::standards::legacy_of;
use crate::table::About;
use kernel::ids::{OrganisationId, PlaceId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

/// What a word was found to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    One(T),
    /// All that it could mean, as people tell them apart.
    Several(Vec<String>),
    /// What is written most like it, if anything is.
    Unknown(Vec<String>),
}

/// How many names a message gives.
const NAMED: usize = 3;

/// Whether two words of one length differ in one character: a slip, or another character of the same sound.
fn one_slip(one: &str, other: &str) -> bool {
    one.chars().count() == other.chars().count() && one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() == 1
}

/// Names written most like `text`: those that hold it or are held by it, those with one slip, then those that share half of their
/// pairs of characters.
fn near<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let typed = fold(text);
    if typed.is_empty() {
        return Vec::new();
    }
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).map(|two| (two[0], two[1])).collect::<HashSet<_>>()
    };
    let own = pairs(&typed);
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for name in names {
        let folded = fold(name);
        if folded.is_empty() {
            continue;
        }
        let distance = folded.chars().count().abs_diff(typed.chars().count());
        let slip = folded.chars().count() > 2 && one_slip(&folded, &typed);
        if slip || folded.contains(&typed) || (typed.contains(&folded) && folded.chars().count() > 1) {
            found.push((0, distance, name));
            continue;
        }
        let theirs = pairs(&folded);
        let shared = own.intersection(&theirs).count();
        // Dice's coefficient of one half at least.
        if shared > 0 && shared * 4 >= own.len() + theirs.len() {
            found.push((1, own.len() + theirs.len() - 2 * shared, name));
        }
    }
    found.sort_unstable();
    found.dedup_by(|one, other| one.2 == other.2);
    found.into_iter().take(NAMED).map(|(_, _, name)| name.to_owned()).collect()
}

fn decide<T: Copy + Eq + std::hash::Hash>(found: Vec<(T, String)>, near: impl FnOnce() -> Vec<String>) -> Found<T> {
    let mut seen = HashSet::new();
    let distinct: Vec<(T, String)> = found.into_iter().filter(|(one, _)| seen.insert(*one)).collect();
    match distinct.as_slice() {
        [] => Found::Unknown(near()),
        [(one, _)] => Found::One(*one),
        several => Found::Several(several.iter().take(NAMED + 1).map(|(_, label)| label.clone()).collect()),
    }
}

struct KnownPlace {
    id: PlaceId,
    level: Level,
    /// From the root down to its own.
    names: Vec<String>,
    folded: Vec<String>,
    /// From the community down.
    full: String,
}

/// The open places of a territory, to be found by what people write.
pub struct Places {
    known: Vec<KnownPlace>,
    at: HashMap<PlaceId, usize>,
    by_name: HashMap<String, Vec<usize>>,
    by_code: HashMap<String, usize>,
    former: Vec<(String, usize)>,
}

impl Places {
    /// From the places in the order of their paths (closed ones too), and codes and names that they had before.
    pub fn new(places: &[Place], former: &[(PlaceId, Option<String>, String)]) -> Places {
        let mut all: HashMap<PlaceId, (Vec<String>, String)> = HashMap::new();
        let mut found =
            Places { known: Vec::new(), at: HashMap::new(), by_name: HashMap::new(), by_code: HashMap::new(), former: Vec::new() };
        for place in places {
            let above = place.parent_id.and_then(|parent| all.get(&parent)).cloned();
            let mut names = above.as_ref().map(|(names, _)| names.clone()).unwrap_or_default();
            names.push(place.name.clone());
            let full = match above {
                Some((_, full)) if place.level > Level::Community && !full.is_empty() => format!("{full} {}", place.name),
                _ => place.name.clone(),
            };
            all.insert(place.id, (names.clone(), if place.level >= Level::Community { full.clone() } else { String::new() }));
            if place.state != State::Open {
                continue;
            }
            let at = found.known.len();
            found.by_name.entry(fold(&place.name)).or_default().push(at);
            if let Some(code) = &place.code {
                found.by_code.insert(code.clone(), at);
            }
            found.at.insert(place.id, at);
            found.known.push(KnownPlace {
                id: place.id,
                level: place.level,
                folded: names.iter().map(|name| fold(name)).collect(),
                names,
                full,
            });
        }
        for (place, code, name) in former {
            if let Some(at) = found.at.get(place).copied() {
                if let Some(code) = code {
                    found.by_code.entry(code.clone()).or_insert(at);
                }
                found.former.push((fold(name), at));
            }
        }
        found
    }

    /// By code, by full name, by name where there is one of it, or by the names on the way to it, with or without something between.
    pub fn find(&self, text: &str) -> Found<PlaceId> {
        let whole = fold(text);
        if let Some(at) = self.by_code.get(&whole) {
            return Found::One(self.known[*at].id);
        }
        let label = |at: usize| (self.known[at].id, self.known[at].names.join(" "));
        let parts: Vec<String> =
            text.split(|c: char| c.is_whitespace() || "/>\\\u{ff0f}".contains(c)).map(fold).filter(|part| !part.is_empty()).collect();
        let mut candidates: Vec<usize> = Vec::new();
        if let Some((last, above)) = parts.split_last() {
            let named = self.by_name.get(last).into_iter().flatten().copied();
            candidates = named.filter(|at| in_order(above, &self.known[*at].folded)).collect();
        }
        if candidates.is_empty() {
            let joined = parts.concat();
            let fits = |place: &KnownPlace| {
                place.folded.last().is_some_and(|name| joined.ends_with(name.as_str()))
                    && (0..place.folded.len()).any(|from| place.folded[from..].concat() == joined)
            };
            candidates = (0..self.known.len()).filter(|at| fits(&self.known[*at])).collect();
        }
        if candidates.is_empty() {
            candidates = self.former.iter().filter(|(name, _)| *name == whole).map(|(_, at)| *at).collect();
        }
        // The one that is called so in full comes before those that only end so.
        let exact: Vec<usize> = candidates.iter().copied().filter(|at| fold(&self.known[*at].full) == parts.concat()).collect();
        let candidates = if exact.len() == 1 { exact } else { candidates };
        decide(candidates.into_iter().map(label).collect(), || near(text, self.known.iter().map(|place| place.full.as_str())))
    }

    /// The one community, area or compound that an address names, the smallest where it names several of one way down; `within`
    /// narrows to what lies below a place. None where it names none, or two that are not of one way.
    pub fn named_in(&self, address: &str, within: Option<PlaceId>) -> Option<PlaceId> {
        let text = fold(address);
        let above = within.and_then(|id| self.at.get(&id)).map(|at| self.known[*at].folded.as_slice());
        let fits = |place: &&KnownPlace| {
            let name = place.folded.last().map_or("", String::as_str);
            matches!(place.level, Level::Community | Level::Area | Level::Compound)
                && name.chars().count() > 1
                && text.contains(name)
                && above.is_none_or(|above| place.folded.starts_with(above) && place.folded.len() > above.len())
        };
        let named: Vec<&KnownPlace> = self.known.iter().filter(fits).collect();
        // A name that is a part of a longer one that stands there is not named by itself.
        let name = |place: &KnownPlace| place.folded.last().cloned().unwrap_or_default();
        let swallowed = |one: &KnownPlace, other: &KnownPlace| {
            let (short, long) = (name(one), name(other));
            short != long && long.contains(&short) && text.matches(&short).count() == text.matches(&long).count()
        };
        let is_above =
            |one: &KnownPlace, other: &KnownPlace| other.folded.len() > one.folded.len() && other.folded.starts_with(&one.folded);
        let alone = |one: &&&KnownPlace| !named.iter().any(|other| is_above(one, other) || swallowed(one, other));
        // Of two of one name the one whose way down is named, too.
        let way = |one: &KnownPlace| named.iter().filter(|other| is_above(other, one)).count();
        let smallest: Vec<&&KnownPlace> = named.iter().filter(alone).collect();
        let longest = smallest.iter().map(|one| way(one)).max()?;
        let mut found = smallest.into_iter().filter(|one| way(one) == longest);
        let first = found.next()?;
        found.next().is_none().then_some(first.id)
    }

    /// How to write a place so that [`Self::find`] finds it and no other; none for one that is closed or unknown.
    pub fn written(&self, place: PlaceId) -> Option<String> {
        let known = self.at.get(&place).map(|at| &self.known[*at])?;
        let whole = known.names.join(" ");
        Some(if self.find(&known.full) == Found::One(place) { known.full.clone() } else { whole })
    }
}

/// Whether the parts stand in this order among the names above the last one.
fn in_order(parts: &[String], names: &[String]) -> bool {
    let mut above = names.iter().take(names.len().saturating_sub(1));
    parts.iter().all(|part| above.any(|name| name == part))
}

/// The organisations of a tenant, to be found by what people write.
pub struct Units<'a> {
    open: HashMap<String, Vec<&'a Organisation>>,
    closed: HashSet<String>,
    all: &'a [Organisation],
}

impl<'a> Units<'a> {
    pub fn new(all: &'a [Organisation]) -> Units<'a> {
        let mut units = Units { open: HashMap::new(), closed: HashSet::new(), all };
        for one in all {
            let names = [Some(&one.name), Some(&one.short_name), one.credit_code.as_ref()];
            for name in names.into_iter().flatten().map(|name| fold(name)).filter(|name| !name.is_empty()) {
                if one.state == State::Open {
                    units.open.entry(name).or_default().push(one);
                } else {
                    units.closed.insert(name);
                }
            }
        }
        units
    }

    /// By name, short name or credit code.
    pub fn find(&self, text: &str) -> Found<OrganisationId> {
        let found = self.open.get(&fold(text)).into_iter().flatten();
        let names = || self.all.iter().filter(|one| one.state == State::Open).map(|one| one.name.as_str());
        decide(found.map(|one| (one.id, one.name.clone())).collect(), || near(text, names()))
    }

    /// Whether a closed organisation, and no open one, is called so.
    pub fn is_closed(&self, text: &str) -> bool {
        let name = fold(text);
        self.closed.contains(&name) && !self.open.contains_key(&name)
    }
}

/// Words that tables use, and what they mean.
static WORDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/sheet_words.csv").lines().skip(1);
    lines.filter_map(|line| line.trim().split_once(',')).map(|(meaning, word)| (fold(word), meaning)).collect()
});

/// What a word of a table means, whatever the table: `any`, `component`, `event`, `open_end`.
pub fn meaning(text: &str) -> Option<&'static str> {
    WORDS.get(&fold(text)).copied()
}

fn kind_of(text: &str) -> Option<CategoryKind> {
    text.trim().parse().ok().or_else(|| meaning(text)?.parse().ok())
}

/// How a line names its category: by code, by name, by the columns of a table with classes and items, or several of these at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    pub code: &'a str,
    pub kind: &'a str,
    pub class: &'a str,
    pub item: &'a str,
    pub category: &'a str,
}

/// What became of a line's category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Category {
    About(About),
    /// Nothing stands there; any category must be said in words.
    Missing,
    /// The code says one, the words another.
    Other,
    Several(Vec<String>),
    Unknown(Vec<String>),
}

/// The categories in force, to be found by what people write.
pub struct Categories<'a> {
    items: Vec<&'a CategoryVersion>,
    /// Folded words, and the places among `items` and `classes` that they mean.
    names: HashMap<String, Vec<About>>,
    synonyms: HashMap<String, Vec<About>>,
    labels: HashMap<String, String>,
}

fn class_about(version: &CategoryVersion) -> About {
    About { kind: Some(version.kind), class: Some(version.class_code.clone()), item: None }
}

fn item_about(version: &CategoryVersion) -> About {
    About { item: Some(version.item_code.clone()), ..class_about(version) }
}

/// A class is called with and without its last character (市容环境类, 市容环境).
fn bare_class(name: &str) -> String {
    let folded = fold(name);
    folded.strip_suffix('\u{7c7b}').map(str::to_owned).unwrap_or(folded)
}

impl<'a> Categories<'a> {
    pub fn new(versions: impl Iterator<Item = &'a CategoryVersion>) -> Categories<'a> {
        let mut found = Categories { items: versions.collect(), names: HashMap::new(), synonyms: HashMap::new(), labels: HashMap::new() };
        let mut put = |names: &mut HashMap<String, Vec<About>>, word: String, about: About, label: &dyn Fn() -> String| {
            let known = names.entry(word).or_default();
            if !known.contains(&about) {
                found.labels.insert(about.text(), label());
                known.push(about);
            }
        };
        let (mut names, mut synonyms) = (HashMap::new(), HashMap::new());
        for version in &found.items {
            let item_label = || format!("{} ({}-{} {})", version.name, version.class_code, version.item_code, version.class_name);
            let class = || format!("{} ({})", version.class_name, version.class_code);
            put(&mut names, fold(&version.name), item_about(version), &item_label);
            for english in version.name_en.iter().map(|name| fold(name)).filter(|name| !name.is_empty()) {
                put(&mut names, english, item_about(version), &item_label);
            }
            put(&mut names, bare_class(&version.class_name), class_about(version), &class);
            put(&mut names, fold(&version.class_name), class_about(version), &class);
            for item in legacy_of(&version.code()).iter().filter(|item| item.name != version.name) {
                put(&mut synonyms, fold(&item.name), item_about(version), &item_label);
            }
            for word in version.synonym_list() {
                put(&mut synonyms, fold(word), item_about(version), &item_label);
            }
        }
        (found.names, found.synonyms) = (names, synonyms);
        found
    }

    fn is_in_force(&self, about: &About) -> bool {
        let fits = |version: &&&CategoryVersion| {
            about.kind.is_none_or(|kind| kind == version.kind)
                && about.class.as_ref().is_none_or(|class| *class == version.class_code)
                && about.item.as_ref().is_none_or(|item| *item == version.item_code)
        };
        self.items.iter().any(|version| fits(&version))
    }

    /// A code, whole or of a class, with or without its kind and hyphens; a number has lost the noughts before it. Codes of the
    /// standard before mean what their items became; where both standards have the code, it could be either.
    fn by_code(&self, text: &str) -> Option<Vec<About>> {
        let folded = fold(text);
        let former = self.items.iter().filter(|version| legacy_of(&version.code()).iter().any(|item| item.is_code(&folded)));
        let former: Vec<About> = former.map(|version| item_about(version)).collect();
        let mut found = self.by_code_of_today(&folded);
        if !former.is_empty() {
            let known = found.get_or_insert_default();
            known.extend(former);
        }
        found
    }

    fn by_code_of_today(&self, folded: &str) -> Option<Vec<About>> {
        if let Some(about) = About::parse(folded).filter(|about| about.kind.is_some()) {
            return Some(vec![about].into_iter().filter(|about| self.is_in_force(about)).collect());
        }
        let digits: String = folded.chars().filter(|c| *c != '-').collect();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > 5 || folded.starts_with('-') {
            return None;
        }
        let (class, item) = match digits.len() {
            1 | 2 => (format!("{digits:0>2}"), None),
            // A class and an item parted by a hyphen say themselves how long they are.
            _ => {
                let (class, item) = match folded.split_once('-') {
                    Some((class, item)) => (format!("{class:0>2}"), format!("{item:0>3}")),
                    None => {
                        let whole = format!("{digits:0>5}");
                        (whole[..2].to_owned(), whole[2..].to_owned())
                    }
                };
                (class, Some(item))
            }
        };
        let of = |kind: &CategoryKind| About { kind: Some(*kind), class: Some(class.clone()), item: item.clone() };
        Some(CategoryKind::ALL.iter().map(of).filter(|about| self.is_in_force(about)).collect())
    }

    fn by_name(&self, text: &str) -> Vec<About> {
        let word = fold(text);
        if meaning(text) == Some("any") {
            return vec![About::default()];
        }
        let mut found = self.names.get(&word).cloned().unwrap_or_default();
        if found.is_empty() {
            found = kind_of(text).map(|kind| vec![About { kind: Some(kind), ..About::default() }]).unwrap_or_default();
        }
        if found.is_empty() {
            found = self.synonyms.get(&word).cloned().unwrap_or_default();
        }
        found
    }

    fn labelled(&self, found: &[About]) -> Vec<String> {
        found.iter().take(NAMED + 1).map(|about| self.labels.get(&about.text()).cloned().unwrap_or_else(|| about.text())).collect()
    }

    /// What a line's words mean together.
    pub fn find(&self, named: Named<'_>) -> Category {
        let empty = |text: &str| text.trim().is_empty();
        let words = [named.item, named.category].into_iter().find(|text| !empty(text)).unwrap_or("");
        if empty(named.code) && empty(named.kind) && empty(named.class) && empty(words) {
            return Category::Missing;
        }
        let unknown = |text: &str| {
            let names = self.items.iter().flat_map(|version| [version.name.as_str(), version.class_name.as_str()]);
            Category::Unknown(near(text, names))
        };
        let by_code = if empty(named.code) { None } else { Some(self.by_code(named.code).unwrap_or_else(|| self.by_name(named.code))) };
        if by_code.as_ref().is_some_and(|found| found.is_empty() || !found.iter().any(|about| self.is_in_force(about))) {
            return unknown(named.code);
        }
        let kind = if empty(named.kind) || meaning(named.kind) == Some("any") { None } else { Some(kind_of(named.kind)) };
        if kind == Some(None) {
            return unknown(named.kind);
        }
        let fits_kind = |about: &About| kind.flatten().is_none_or(|kind| about.kind == Some(kind));
        let classes: Option<Vec<About>> = (!empty(named.class) && meaning(named.class) != Some("any")).then(|| {
            let found = self.by_code(named.class).filter(|found| !found.is_empty()).unwrap_or_else(|| {
                let named = [fold(named.class), bare_class(named.class)];
                named.iter().filter_map(|word| self.names.get(word)).flatten().cloned().collect()
            });
            let mut found: Vec<About> = found.into_iter().filter(|about| about.item.is_none() && fits_kind(about)).collect();
            found.sort_by_key(About::text);
            found.dedup();
            found
        });
        if classes.as_ref().is_some_and(Vec::is_empty) {
            return unknown(named.class);
        }
        let within = |about: &About| {
            fits_kind(about)
                && classes.as_ref().is_none_or(|classes| classes.iter().any(|of| of.kind == about.kind && of.class == about.class))
        };
        // "All" within a class is the class.
        let words = if classes.is_some() && meaning(words) == Some("any") { "" } else { words };
        let by_words: Option<Vec<About>> = if !empty(words) {
            let numbered = classes.iter().flatten().filter_map(|of| {
                let item = fold(words);
                let sound = item.len() <= 3 && item.bytes().all(|byte| byte.is_ascii_digit());
                sound.then(|| About { item: Some(format!("{item:0>3}")), ..of.clone() }).filter(|about| self.is_in_force(about))
            });
            let numbered: Vec<About> = numbered.collect();
            let found = if numbered.is_empty() {
                let named = self.by_name(words);
                if named.is_empty() { self.by_code(words).unwrap_or_default() } else { named }
            } else {
                numbered
            };
            // Any category within a kind is the kind.
            let narrowed =
                found.into_iter().map(|about| if about.kind.is_none() { About { kind: kind.flatten(), ..about } } else { about });
            let found: Vec<About> = narrowed.filter(&within).collect();
            if found.is_empty() {
                return unknown(words);
            }
            Some(found)
        } else if let Some(classes) = classes.clone() {
            Some(classes)
        } else if by_code.is_none() {
            Some(vec![About { kind: kind.flatten(), ..About::default() }])
        } else {
            None
        };
        let found = match (by_code, by_words) {
            (Some(codes), Some(words)) => {
                let both: Vec<About> = codes.into_iter().filter(|about| words.contains(about)).collect();
                if both.is_empty() {
                    return Category::Other;
                }
                both
            }
            (Some(codes), None) => codes.into_iter().filter(fits_kind).collect(),
            (None, words) => words.unwrap_or_default(),
        };
        match found.as_slice() {
            [] => Category::Other,
            [one] => Category::About(one.clone()),
            several => Category::Several(self.labelled(several)),
        }
    }
}

/// What a refusal's words are filled with: names parted as lists are in Chinese, which names themselves never hold.
pub fn listed(names: &[String]) -> BTreeMap<String, String> {
    BTreeMap::from([("names".to_owned(), names.join("\u{3001}"))])
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
