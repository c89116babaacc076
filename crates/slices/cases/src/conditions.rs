//! The filing conditions of a case's category: choosing one in a form, and saying it in words.

use crate::case::Case;
use kernel::calendar::Limit;
use kernel::ids::Uuid;
use territory::Directory;
use territory::category::CategoryVersion;
use territory::condition::Condition;
use web::Words;
use web::forms::Choice;

/// A condition as forms carry it: a number alone could be of another category by the time that it arrives.
pub(crate) fn value(category: Uuid, number: i64) -> String {
    format!("{category}:{number}")
}

/// The number that a form carries, where it is of this category.
pub fn chosen(text: &str, category: &CategoryVersion) -> Option<i64> {
    let (of, number) = text.split_once(':')?;
    let number = number.parse().ok().filter(|number| category.has_condition(*number))?;
    (Uuid::try_parse(of).ok()? == category.id.0).then_some(number)
}

/// As a form carries what a case has.
pub fn chosen_of(case: &Case) -> String {
    match (case.category_id, case.condition_no) {
        (Some(category), Some(number)) => value(category, number),
        _ => String::new(),
    }
}

fn limit_words(w: Words, limit: Option<Limit>) -> String {
    limit.map_or_else(|| w.t("limit-none").into_owned(), |limit| territory::limit_words(w, limit))
}

/// What there is to choose from; nothing where the category has but one condition.
pub fn choices(w: Words, category: Option<&CategoryVersion>, on: &str) -> Vec<Choice> {
    let Some(category) = category.filter(|category| category.has_choice()) else { return Vec::new() };
    let choice = |(number, condition): (i64, Condition)| {
        let value = value(category.id.0, number);
        let limit = limit_words(w, condition.limit());
        Choice { on: value == on, value, label: w.a2("condition-choice", "filing", condition.filing, "limit", limit).into_owned() }
    };
    (1..).zip(category.filing_conditions()).map(choice).collect()
}

/// The condition that a case is filed under; none without a category, or while nobody has said which it is.
pub fn of_case(directory: &Directory, case: &Case) -> Option<Condition> {
    let category = case.category_id.and_then(|id| directory.category(id))?;
    (!case.lacks_condition()).then(|| category.condition(case.condition_no))
}

/// When it counts as mended, in a sentence; empty where the condition does not say.
pub fn closing_words(w: Words, directory: &Directory, case: &Case) -> String {
    let closing = of_case(directory, case).map(|condition| condition.closing).filter(|closing| !closing.is_empty());
    closing.map(|closing| w.a("condition-closing", "closing", closing).into_owned()).unwrap_or_default()
}
