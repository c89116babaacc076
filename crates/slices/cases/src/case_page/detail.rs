//! What is to be known beside each step of a case's timeline, in words.

use serde_json::Value;
use web::PageContext;

/// What a step says beside its title.
pub(super) fn detail(page: &PageContext, kind: &str, data: &Value, unit: &str, due: &str) -> String {
    let w = page.w;
    let n = |name: &str| data[name].as_i64().unwrap_or(1);
    let named =
        |prefix: &str, name: &str| data[name].as_str().map(|value| w.t(&format!("{prefix}{value}")).into_owned()).unwrap_or_default();
    let until = || data["until"].as_i64().map(|at| page.at(&kernel::Instant(at))).unwrap_or_default();
    let due = || due.to_owned();
    // Whose word it was, where it was not of this case itself; and where the word of what was merged is answered.
    let merged = |key: &str, of: &str| data[of].as_str().map(|_| w.a(key, "number", n("number")).into_owned());
    let from = || merged("detail-from-merged", "from");
    match kind {
        "case.dispatched" => w.a2("detail-dispatched", "unit", unit.to_owned(), "due", due()).into_owned(),
        "case.failed" | "case.dispute_upheld" | "case.reopened" | "case.transfer_failed" => {
            let again = w.a2("detail-failed", "n", n("rework"), "due", due()).into_owned();
            match from() {
                Some(from) => format!("{from} · {again}"),
                None => again,
            }
        }
        "case.refiled" if data["upheld"].as_bool() == Some(true) => w.t("detail-upheld").into_owned(),
        "case.refiled" | "case.caller_unsatisfied" => from().unwrap_or_default(),
        "case.disputed" => from().or_else(|| merged("detail-asked-there", "into")).unwrap_or_default(),
        "case.deadline_recounted" | "case.hold_ended" => w.a("detail-recounted", "due", due()).into_owned(),
        "case.rectified" if data["dissuaded"].as_bool() == Some(true) => w.t("field-dissuaded").into_owned(),
        "case.called_back" => format!("{} · {}", named("solved-", "solved"), named("satisfied-", "satisfied")),
        "case.order_signed" | "case.caller_called" | "case.order_answered" if data["late"].as_bool() == Some(true) => {
            w.t("detail-order-late").into_owned()
        }
        "case.recurs" => w.a("case-number", "number", n("number")).into_owned(),
        "case.rectified" if data["sampled"].as_bool() == Some(true) => w.t("detail-sampled").into_owned(),
        "case.rectified" if data["late"].as_bool() == Some(true) => w.a("detail-rectified-late", "n", n("attempt")).into_owned(),
        "case.rectified" => w.a("detail-rectified", "n", n("attempt")).into_owned(),
        "case.declined" => named("decline-", "reason"),
        "case.hand_back_asked" => named("hand_back-", "reason"),
        "case.appealed" => named("ground-", "ground"),
        "case.appeal_reviewed" => named("advice-", "advice"),
        "case.appeal_decided" => format!("{} · {}", named("ground-", "ground"), named("decided-", "end")),
        "case.verified" => named("verdict-", "verdict"),
        "case.sample_checked" => named("sampled-", "found"),
        "case.mended_at_once" => named("apart-", "apart"),
        "case.taken_over" => w
            .a2(
                "detail-taken-over",
                "number",
                n("number"),
                "at",
                data["found_at"].as_i64().map(|at| page.at(&kernel::Instant(at))).unwrap_or_default(),
            )
            .into_owned(),
        "case.transferred" => match data["receipt"].as_str() {
            Some(receipt) => format!("{} · {receipt}", named("receiver-", "receiver")),
            None => named("receiver-", "receiver"),
        },
        "case.assigned_finally" => unit.to_owned(),
        "case.extension_asked" => w.a("asked-until", "until", until()).into_owned(),
        "case.extension_granted" => w.a2("detail-extended", "n", n("extensions"), "due", due()).into_owned(),
        "case.hold_asked" => format!("{} · {}", named("hold-", "reason"), w.a("asked-until", "until", until())),
        "case.hold_granted" | "case.hold_renewed" => w.a2("detail-held", "until", until(), "due", due()).into_owned(),
        "case.merged" | "case.joined" => w.a("case-number", "number", n("number")).into_owned(),
        "case.split" => w.a("detail-split", "n", data["into"].as_array().map_or(0, Vec::len)).into_owned(),
        _ => String::new(),
    }
}
