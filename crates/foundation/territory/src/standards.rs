//! The lists that are shipped with the program: standard categories, samples of limits and local items, words people use for them.

use crate::category::{CategoryCode, CategoryKind, CategorySource, Reinspection};
use crate::condition::Condition;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A category as it is taken up by a new tenant.
#[derive(Debug, Clone)]
pub struct Shipped {
    pub code: CategoryCode,
    pub class_name: String,
    pub name: String,
    pub name_en: Option<String>,
    pub synonyms: Vec<String>,
    pub limit: Option<(String, i64)>,
    pub photo_demanded: bool,
    pub reinspect: Reinspection,
    pub sample_permille: i64,
    pub common_rank: Option<i64>,
    pub may_report: bool,
    /// None where the category has but one, without words.
    pub conditions: Vec<Condition>,
    pub source: CategorySource,
}

/// Where no sample says otherwise, re-inspection is on the spot, always.
const WHOLE: i64 = 1000;

/// An old code with its categories of today.
#[derive(Debug, Clone)]
pub struct LegacyAlias {
    pub kind: CategoryKind,
    pub class: String,
    pub item: String,
    pub name: String,
    pub code: CategoryCode,
}

/// Rows of a shipped file as name → value; the files are ours, so a row that cannot be read is a mistake found by the tests here.
fn rows(text: &'static str) -> impl Iterator<Item = HashMap<&'static str, &'static str>> {
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r').split(',').collect::<Vec<_>>());
    let heading = lines.next().unwrap_or_default();
    lines.filter(|fields| fields.len() > 1).map(move |fields| heading.iter().copied().zip(fields).collect())
}

fn code(row: &HashMap<&str, &str>) -> Option<CategoryCode> {
    CategoryCode::parse(&format!("{}-{}-{}", row.get("kind")?, row.get("class_code")?, row.get("item_code")?))
}

fn text(row: &HashMap<&str, &str>, name: &str) -> String {
    row.get(name).copied().unwrap_or_default().to_owned()
}

fn rule(shipped: &mut Shipped, row: &HashMap<&str, &str>) {
    shipped.limit = row.get("limit_value").and_then(|value| value.parse().ok()).map(|value| (text(row, "limit_unit"), value));
    shipped.photo_demanded = row.get("photo_demanded") == Some(&"yes");
    shipped.reinspect = row.get("reinspect").and_then(|word| word.parse().ok()).unwrap_or(Reinspection::OnSpot);
    shipped.sample_permille = row.get("spot_share_permille").and_then(|share| share.parse().ok()).unwrap_or(WHOLE);
}

fn plain(row: &HashMap<&str, &str>, source: CategorySource) -> Option<Shipped> {
    Some(Shipped {
        code: code(row)?,
        class_name: text(row, "class_name"),
        name: text(row, "item_name"),
        name_en: Some(text(row, "name_en")).filter(|name| !name.is_empty()),
        synonyms: Vec::new(),
        limit: None,
        photo_demanded: true,
        reinspect: Reinspection::OnSpot,
        sample_permille: WHOLE,
        common_rank: None,
        may_report: false,
        conditions: Vec::new(),
        source,
    })
}

fn load() -> Vec<Shipped> {
    const CATEGORIES: &str = include_str!("../../../../standards/categories/gbt47678_5.csv");
    const LIMITS: &str = include_str!("../../../../standards/categories/limits_sample.csv");
    const LOCAL: &str = include_str!("../../../../standards/categories/local_sample.csv");
    const COMMON: &str = include_str!("../../../../standards/categories/common.csv");
    const MAY_REPORT: &str = include_str!("../../../../standards/categories/may_report_sample.csv");
    const CONDITIONS: &str = include_str!("../../../../standards/categories/conditions_sample.csv");
    const SYNONYMS: &str = include_str!("../../../../standards/categories/synonyms.csv");
    let mut all: Vec<Shipped> = rows(CATEGORIES).filter_map(|row| plain(&row, CategorySource::Standard)).collect();
    all.extend(rows(LOCAL).filter_map(|row| {
        let mut local = plain(&row, CategorySource::Local)?;
        rule(&mut local, &row);
        Some(local)
    }));
    let at: HashMap<CategoryCode, usize> = all.iter().enumerate().map(|(at, category)| (category.code.clone(), at)).collect();
    let mut edit = |row: &HashMap<&str, &str>, change: &dyn Fn(&mut Shipped)| {
        if let Some(&at) = code(row).and_then(|code| at.get(&code)) {
            change(&mut all[at]);
        }
    };
    for row in rows(LIMITS) {
        edit(&row, &|category| rule(category, &row));
    }
    for row in rows(CONDITIONS) {
        edit(&row, &|category| {
            let first = category.conditions.is_empty();
            let limit = row.get("limit_value").and_then(|value| value.parse().ok()).map(|value| (text(&row, "limit_unit"), value));
            let condition = Condition {
                filing: text(&row, "filing"),
                limit_unit: limit.as_ref().map(|limit| limit.0.clone()),
                limit_value: limit.as_ref().map(|limit| limit.1),
                closing: text(&row, "closing"),
                photo_demanded: row.get("photo_demanded") == Some(&"yes"),
                reinspect: row.get("reinspect").and_then(|word| word.parse().ok()).unwrap_or(Reinspection::OnSpot),
            };
            if first {
                (category.limit, category.photo_demanded, category.reinspect) = (limit, condition.photo_demanded, condition.reinspect);
            }
            category.conditions.push(condition);
        });
    }
    for row in rows(MAY_REPORT) {
        edit(&row, &|category| category.may_report = true);
    }
    for row in rows(COMMON) {
        edit(&row, &|category| {
            category.common_rank = row.get("position").and_then(|rank| rank.parse().ok());
            category.name_en = Some(text(&row, "name_en"));
        });
    }
    for row in rows(SYNONYMS) {
        edit(&row, &|category| category.synonyms.push(text(&row, "synonym")));
    }
    all
}

/// GB/T 47678.5-2026 with the samples laid over it, and the sample of local items.
pub static CATEGORIES: LazyLock<Vec<Shipped>> = LazyLock::new(load);

/// The items of GB/T 30428.2-2013 with their categories of today, likeliest first.
pub static LEGACY: LazyLock<Vec<LegacyAlias>> = LazyLock::new(|| {
    rows(include_str!("../../../../standards/categories/legacy_aliases.csv"))
        .filter_map(|row| {
            Some(LegacyAlias {
                kind: row.get("legacy_kind")?.parse().ok()?,
                class: text(&row, "legacy_class_code"),
                item: text(&row, "legacy_item_code"),
                name: text(&row, "legacy_item_name"),
                code: code(&row)?,
            })
        })
        .collect()
});

/// The same by the category of today.
static LEGACY_OF: LazyLock<HashMap<CategoryCode, Vec<&'static LegacyAlias>>> = LazyLock::new(|| {
    let mut found: HashMap<CategoryCode, Vec<&'static LegacyAlias>> = HashMap::new();
    for alias in LEGACY.iter() {
        found.entry(alias.code.clone()).or_default().push(alias);
    }
    found
});

/// The items of GB/T 30428.2-2013 that a category stands for today.
pub fn legacy_of(code: &CategoryCode) -> &'static [&'static LegacyAlias] {
    LEGACY_OF.get(code).map_or(&[], Vec::as_slice)
}

impl LegacyAlias {
    /// `01-02`
    pub fn shown(&self) -> String {
        format!("{}-{}", self.class, self.item)
    }
    /// Whether a word in small letters is this item's code: `01-02`, `0102`, `event-01-02`.
    pub fn is_code(&self, word: &str) -> bool {
        let bare = word.strip_prefix(self.kind.as_str()).and_then(|rest| rest.strip_prefix('-')).unwrap_or(word);
        bare == self.shown() || bare.strip_prefix(self.class.as_str()) == Some(self.item.as_str())
    }
}

/// What people say, in the file's order: likelier categories first.
pub static SYNONYM_ORDER: LazyLock<HashMap<(&'static str, String), usize>> = LazyLock::new(|| {
    rows(include_str!("../../../../standards/categories/synonyms.csv"))
        .enumerate()
        .filter_map(|(position, row)| Some(((*row.get("synonym")?, code(&row)?.to_string()), position)))
        .collect()
});

/// State Council holidays and make-up days, `date,day_off,name`.
pub const HOLIDAYS: &str = include_str!("../../../../standards/calendar/china_holidays_2019_2026.csv");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_list_is_whole_and_185_have_no_limit() {
        let standard: Vec<_> = CATEGORIES.iter().filter(|category| category.source == CategorySource::Standard).collect();
        assert_eq!(standard.len(), 403);
        assert_eq!(standard.iter().filter(|category| category.limit.is_none()).count(), 185);
        let local: Vec<_> = CATEGORIES.iter().filter(|category| category.source == CategorySource::Local).collect();
        assert_eq!(local.len(), 14);
        for name in ["楼道堆物", "飞线充电", "毁绿种菜"] {
            assert!(local.iter().any(|category| category.name == name), "{name}");
        }
        let mut codes: Vec<_> = CATEGORIES.iter().map(|category| &category.code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 417, "a code is unique with its kind");
    }

    #[test]
    fn every_limit_shipped_is_one_that_the_calendar_takes() {
        use kernel::calendar::{Limit, LimitUnit};
        for category in CATEGORIES.iter() {
            let Some((unit, value)) = &category.limit else { continue };
            let unit = LimitUnit::parse(unit).unwrap_or_else(|| panic!("{} {unit}", category.code));
            assert!(Limit::new(unit, u32::try_from(*value).unwrap()).is_ok(), "{}", category.code);
            assert!((0..=1000).contains(&category.sample_permille));
        }
    }

    #[test]
    fn thirty_are_common_and_synonyms_find_their_categories() {
        let mut ranks: Vec<i64> = CATEGORIES.iter().filter_map(|category| category.common_rank).collect();
        ranks.sort_unstable();
        assert_eq!(ranks, (1..=30).collect::<Vec<_>>());
        let car = CATEGORIES.iter().find(|category| category.synonyms.iter().any(|word| word == "僵尸车")).unwrap();
        assert_eq!((car.code.to_string().as_str(), car.name.as_str()), ("event-06-034", "废弃车辆"));
        let said = rows(include_str!("../../../../standards/categories/synonyms.csv")).count();
        assert_eq!(CATEGORIES.iter().map(|category| category.synonyms.len()).sum::<usize>(), said, "each synonym has its category");
    }

    #[test]
    fn each_category_that_may_be_answered_by_reporting_is_there_under_its_name() {
        let sample: Vec<_> = rows(include_str!("../../../../standards/categories/may_report_sample.csv")).collect();
        assert_eq!(CATEGORIES.iter().filter(|category| category.may_report).count(), sample.len());
        for row in sample {
            let found = CATEGORIES.iter().find(|category| Some(&category.code) == code(&row).as_ref()).unwrap();
            assert_eq!(found.name, text(&row, "item_name"));
        }
    }

    #[test]
    fn conditions_shipped_are_sound_and_their_limits_are_taken_by_the_calendar() {
        let with: Vec<_> = CATEGORIES.iter().filter(|category| !category.conditions.is_empty()).collect();
        assert!(with.len() >= 8);
        for category in with {
            assert!(category.conditions.len() > 1, "{}", category.code);
            crate::condition::Conditions::checked(&category.conditions).unwrap();
            let limited = category.conditions.iter().filter(|condition| condition.limit_unit.is_some());
            assert!(limited.clone().all(|condition| condition.limit().is_some()), "{}", category.code);
            assert!(category.conditions.iter().all(|condition| !condition.closing.is_empty()), "{}", category.code);
        }
        let said = rows(include_str!("../../../../standards/categories/conditions_sample.csv"));
        for row in said {
            let found = CATEGORIES.iter().find(|category| Some(&category.code) == code(&row).as_ref()).unwrap();
            assert_eq!(found.name, text(&row, "item_name"));
        }
    }

    #[test]
    fn legacy_codes_lead_to_categories_that_are_there() {
        assert!(LEGACY.len() > 120);
        for alias in LEGACY.iter() {
            assert!(CATEGORIES.iter().any(|category| category.code == alias.code), "{} {}", alias.name, alias.code);
        }
    }
}
