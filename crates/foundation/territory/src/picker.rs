//! Searching categories, and the list that the picker on a phone keeps.

use crate::category::{CategoryCode, CategoryVersion};
use crate::standards::{SYNONYM_ORDER, legacy_of};
use kernel::words::matches_initials;

/// Categories by word, code, pinyin initials or synonym; the closest first, the common ones before others as close.
///
/// Codes are found as `06-036`, `06036` and `event-06-036`, and those of the standard before as `01-02`, `0102` and `event-01-02`,
/// with the names that they had. Several words, parted by spaces, must all be found.
pub fn search<'a>(categories: impl Iterator<Item = &'a CategoryVersion>, typed: &str, most: usize) -> Vec<&'a CategoryVersion> {
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let rank = |category: &CategoryVersion| {
        words.iter().map(|word| closeness(category, word)).try_fold((0, 0), |worst, one| one.map(|one| worst.max(one)))
    };
    let mut found: Vec<_> = categories.filter_map(|category| Some((rank(category)?, category))).collect();
    found.sort_by_cached_key(|(rank, category)| (*rank, category.common_rank.unwrap_or(i64::MAX), category.code()));
    found.truncate(most);
    found.into_iter().map(|(_, category)| category).collect()
}

/// The grade of a match, smaller is closer, and within synonyms the likelier meaning first.
fn closeness(category: &CategoryVersion, word: &str) -> Option<(u8, usize)> {
    let plain = (|| {
        let name = category.name.to_lowercase();
        let spoken = |same: &dyn Fn(&str) -> bool| {
            category.synonym_list().any(|synonym| same(&synonym.to_lowercase()))
                || legacy_of(&category.code()).iter().any(|item| same(&item.name))
        };
        if name == word {
            return Some(0);
        }
        let former = legacy_of(&category.code());
        if is_code(&category.code(), word) || former.iter().any(|item| item.is_code(word)) {
            return Some(1);
        }
        if name.starts_with(word) {
            return Some(2);
        }
        if spoken(&|synonym| synonym == word) {
            return Some(3);
        }
        if name.contains(word) {
            return Some(4);
        }
        if spoken(&|synonym| synonym.contains(word)) {
            return Some(5);
        }
        let latin = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if latin && category.initials.starts_with(word) {
            return Some(6);
        }
        if latin && category.synonym_list().any(|synonym| kernel::words::initials(synonym) == word) {
            return Some(6);
        }
        if latin && (matches_initials(&category.name, word) || category.synonym_list().any(|synonym| matches_initials(synonym, word))) {
            return Some(7);
        }
        if category.name_en.as_ref().is_some_and(|english| english.to_lowercase().contains(word)) {
            return Some(8);
        }
        category.class_name.to_lowercase().contains(word).then_some(9)
    })()?;
    let code = category.code().to_string();
    let likely = category.synonym_list().filter(|synonym| synonym.contains(word));
    let order = likely
        .filter_map(|synonym| SYNONYM_ORDER.iter().find(|((said, of), _)| *said == synonym && *of == code).map(|(_, order)| *order))
        .min();
    Some((plain, if matches!(plain, 3 | 5) { order.unwrap_or(usize::MAX) } else { 0 }))
}

fn is_code(code: &CategoryCode, word: &str) -> bool {
    let digits: String = word.chars().filter(|c| *c != '-').collect();
    word == code.to_string() || (digits.len() == 5 && digits == format!("{}{}", code.class, code.item))
}
