//! The fixed words of papers by key; whoever fills them chooses the language, this crate holds none.

use std::collections::BTreeMap;

/// The fixed words of a paper (heads, column titles), by key. `{n}` and `{date}` in a text are places that the paper fills.
pub type Labels = BTreeMap<&'static str, String>;

/// Every word that papers need.
pub const KEYS: &[&str] = &[
    "paper-after",
    "paper-before",
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
    "paper-handler",
    "paper-head_of_unit",
    "paper-inspector",
    "paper-internal",
    "paper-language",
    "paper-level_1",
    "paper-list",
    "paper-no_photo",
    "paper-notice",
    "paper-notice_number",
    "paper-opinion",
    "paper-photos",
    "paper-printed_on",
    "paper-problem",
    "paper-problems",
    "paper-received_by",
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
