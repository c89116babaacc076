//! The fixed words of papers by key; whoever fills them chooses the language, this crate holds none.

use std::collections::BTreeMap;

/// The fixed words of a paper (heads, column titles), by key. `{n}` and `{date}` in a text are places that the paper fills.
pub type Labels = BTreeMap<&'static str, String>;

/// Every word that papers need.
pub const KEYS: &[&str] = &[
    "paper-after",
    "paper-attachments",
    "paper-before",
    "paper-bulletin",
    "paper-bulletin_check_code",
    "paper-bulletin_corrections",
    "paper-bulletin_document",
    "paper-bulletin_draft",
    "paper-bulletin_level_1",
    "paper-bulletin_level_2",
    "paper-bulletin_none",
    "paper-bulletin_number_blank",
    "paper-bulletin_scan",
    "paper-bulletin_signatory",
    "paper-bulletin_table",
    "paper-case",
    "paper-circular",
    "paper-circular_of",
    "paper-colon",
    "paper-community",
    "paper-contact",
    "paper-copies",
    "paper-count",
    "paper-date_blank",
    "paper-date_done",
    "paper-deadline",
    "paper-done",
    "paper-dossier",
    "paper-dossier_facts",
    "paper-dossier_messages",
    "paper-dossier_notes",
    "paper-dossier_way",
    "paper-handler",
    "paper-head_of_unit",
    "paper-inspector",
    "paper-internal",
    "paper-language",
    "paper-level_1",
    "paper-level_2",
    "paper-list",
    "paper-no_photo",
    "paper-notice",
    "paper-notice_number",
    "paper-numerals",
    "paper-opinion",
    "paper-photos",
    "paper-printed_on",
    "paper-problem",
    "paper-problems",
    "paper-received_by",
    "paper-reinspection",
    "paper-scan",
    "paper-seal",
    "paper-separator",
    "paper-sheet",
    "paper-sheet_number",
    "paper-stitch_circular",
    "paper-stitch_found",
    "paper-stitch_rectify",
    "paper-stitch_reinspect",
    "paper-summary",
    "paper-total",
    "paper-unit",
    "paper-units",
];

/// Fills every word: `labels(|key| w.t(key).into_owned())`.
pub fn labels(say: impl Fn(&'static str) -> String) -> Labels {
    KEYS.iter().map(|key| (*key, say(key))).collect()
}

/// The word of a key; the key itself where it was left out, so that a paper shows what is missing.
pub(crate) fn word<'a>(labels: &'a Labels, key: &'static str) -> &'a str {
    labels.get(key).map_or(key, String::as_str)
}

/// A word with its place `{n}` filled.
pub(crate) fn counted(labels: &Labels, key: &'static str, n: usize) -> String {
    word(labels, key).replace("{n}", &n.to_string())
}

/// A word with its place `{n}` filled by a number from 1 to 99 as headings count: in the signs from one to ten that `paper-numerals`
/// holds, or in digits where it holds anything else.
pub(crate) fn numbered(labels: &Labels, key: &'static str, n: usize) -> String {
    let signs: Vec<char> = word(labels, "paper-numerals").chars().collect();
    let sign = |n: usize| n.checked_sub(1).and_then(|at| signs.get(at));
    let number: String = match (signs.len() == 10, n / 10, n % 10) {
        (true, 0, ones) => sign(ones).into_iter().collect(),
        (true, tens @ 1..10, ones) => [sign(tens).filter(|_| tens > 1), sign(10), sign(ones)].into_iter().flatten().collect(),
        _ => n.to_string(),
    };
    word(labels, key).replace("{n}", &number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_language_files_hold_every_word_of_every_paper() {
        for (language, _, text) in crate::LOCALES {
            let known = crate::samples::words_of(text);
            for key in KEYS {
                assert!(known.contains_key(*key), "{key} is missing in {language}");
            }
            for key in known.keys().filter(|key| key.starts_with("paper-")) {
                assert!(KEYS.contains(&key.as_str()), "{key} in {language} is used by no paper");
            }
        }
    }
}
