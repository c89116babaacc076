//! A category of problem, by version: its code, its limit, and how what was mended is looked at again; the model, without I/O.

use crate::condition::Conditions;
use crate::organisation::CategoryVersionId;
use kernel::Instant;
use kernel::calendar::{Limit, LimitUnit};
use store::text_enum;

text_enum! {
    /// Component (部件) or event (事项); a code is unique only together with it.
    pub enum CategoryKind {
        Component = "component",
        Event = "event",
    }
}

text_enum! {
    /// How a rectification is looked at again.
    pub enum Reinspection {
        OnSpot = "on_spot",
        /// From photos, with a share sampled on the spot.
        FromPhotos = "from_photos",
    }
}

text_enum! {
    /// Where a category comes from.
    pub enum CategorySource {
        /// GB/T 47678.5-2026
        Standard = "standard",
        /// The tenant's own, items 080 to 999.
        Local = "local",
    }
}

/// The place of a category in the list: kind, class and item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct CategoryCode {
    pub kind: CategoryKind,
    /// Two digits.
    pub class: String,
    /// Three digits.
    pub item: String,
}

impl CategoryCode {
    /// Reads `event-06-036`; none when it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (kind, class, item) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        let sound = parts.next().is_none() && digits(class, 2) && digits(item, 3);
        let kind = kind.parse().ok()?;
        sound.then(|| CategoryCode { kind, class: class.to_owned(), item: item.to_owned() })
    }
}

impl std::fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.kind, self.class, self.item)
    }
}

store::row! {
    /// One version of a category, as it is stored.
    #[derive(Debug, Clone)]
    pub struct CategoryVersion {
        pub id: CategoryVersionId,
        pub kind: CategoryKind,
        pub class_code: String,
        pub item_code: String,
        pub class_name: String,
        pub name: String,
        pub name_en: Option<String>,
        pub initials: String,
        /// Parted by a bar: `僵尸车|废旧车`.
        pub synonyms: String,
        pub limit_unit: Option<String>,
        pub limit_value: Option<i64>,
        pub photo_demanded: bool,
        pub reinspect: Reinspection,
        pub sample_permille: i64,
        pub common_rank: Option<i64>,
        /// Whether a unit may answer that it dissuaded and reported (已劝阻、已报告), where it has no power to enforce.
        pub may_report: bool,
        pub conditions: Conditions,
        pub source: CategorySource,
        pub valid_from: Instant,
        pub valid_to: Option<Instant>,
        pub version: i64,
    }
}

impl CategoryVersion {
    pub fn code(&self) -> CategoryCode {
        CategoryCode { kind: self.kind, class: self.class_code.clone(), item: self.item_code.clone() }
    }
    /// The time limit of the first condition; none means that the clerk sets the deadline.
    pub fn limit(&self) -> Option<Limit> {
        let unit = LimitUnit::parse(self.limit_unit.as_deref()?)?;
        Limit::new(unit, u32::try_from(self.limit_value?).ok()?).ok()
    }
    /// Whether a rectification is always looked at on the spot; otherwise from photos, with a share sampled.
    pub fn on_spot(&self) -> bool {
        self.reinspect == Reinspection::OnSpot
    }
    /// The name in the reader's language: the English one where it is asked for and there is one.
    pub fn shown(&self, english: bool) -> &str {
        self.name_en.as_deref().filter(|_| english).unwrap_or(&self.name)
    }
    pub fn is_current(&self) -> bool {
        self.valid_to.is_none()
    }
    pub fn synonym_list(&self) -> impl Iterator<Item = &str> {
        self.synonyms.split('|').filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_as_it_prints_and_nothing_else_does() {
        let code = CategoryCode::parse("event-06-036").unwrap();
        assert_eq!(code.to_string(), "event-06-036");
        for bad in ["", "event-06", "event-6-036", "event-06-36", "events-06-036", "event-06-036-1", "event-０６-036"] {
            assert_eq!(CategoryCode::parse(bad), None, "{bad}");
        }
    }
}
