//! What stands beside a case's way: the order that it is, what may be the same problem, what was there before.

use super::{PhotoView, photo};
use crate::case::{Found, find};
use crate::outside::Order;
use crate::views::{LineView, line_of};
use access::http::{Desk, Submitted};
use access::unmasking::{About, Part, UnmaskField, UnmaskForm, Whose, answer};
use axum::extract::Path;
use axum::response::Response;
use kernel::{Error, Result};
use web::{PageContext, Words};

/// One thing that was said.
#[derive(Debug, Clone)]
pub struct NoteView {
    pub by: String,
    pub at: String,
    pub iso: String,
    pub words: String,
    /// The unit's own.
    pub from_unit: bool,
}

/// A case that may be the same problem.
#[derive(Debug, Clone)]
pub struct SimilarView {
    pub line: LineView,
    pub photos: Vec<PhotoView>,
}

/// The order that a case is: its clocks and who called.
pub struct OrderView {
    pub source: String,
    pub number: String,
    pub received: String,
    /// What is to be done, by when, and when it was; the lamp's class where it still runs.
    pub clocks: Vec<(String, String, &'static str)>,
    pub caller: String,
    pub phone: String,
    pub asking: Option<access::unmasking::Asking>,
    pub outcome: String,
}

/// The open cases that may be the same problem, with their photos.
pub(super) async fn similar(desk: &Desk, page: &PageContext, directory: &territory::Directory, case: &Found) -> Result<Vec<SimilarView>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut views = Vec::new();
    for spot in crate::spots::similar(store, directory, case).await? {
        let other = match crate::case::find_by_id(store, &desk.actor, spot.id).await {
            Ok(other) => other,
            Err(error) if error.kind() == kernel::Kind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let photos = store::attachments::of_subject(store, tenant, "case", other.id.0).await?;
        let before = photos.iter().filter(|photo| photo.role.as_deref() == Some("before"));
        let photos = before.take(2).map(|p| photo(page, p, &page.w.t("photo-before"))).collect();
        views.push(SimilarView { line: line_of(page, directory, &other), photos });
    }
    Ok(views)
}

/// What was found of this kind at this place before, as far as this person may see it.
pub(super) async fn earlier(desk: &Desk, page: &PageContext, directory: &territory::Directory, case: &Found) -> Result<Vec<LineView>> {
    let lines = crate::spots::earlier(&desk.app.store, directory, case).await?;
    Ok(lines.iter().map(|line| crate::views::line(page, directory, line)).collect())
}

/// The order in words: each clock with what has become of it.
pub(super) fn order_view(desk: &Desk, page: &PageContext, case: &Found, order: &Order) -> OrderView {
    let w = page.w;
    let clock = |label: &str, due: Option<kernel::Instant>, done: Option<kernel::Instant>, open: bool| {
        let words = match (due, done) {
            (due, Some(done)) => {
                let late = due.is_some_and(|due| due < done);
                (w.a(if late { "order-done-late" } else { "order-done" }, "at", page.at(&done)).into_owned(), "")
            }
            (Some(due), None) if open => {
                let lamp = if due < page.now { "x" } else { "y" };
                (
                    w.a2(if lamp == "x" { "order-over" } else { "order-left" }, "due", page.at(&due), "span", page.span(&due)).into_owned(),
                    lamp,
                )
            }
            _ => return None,
        };
        Some((w.t(label).into_owned(), words.0, words.1))
    };
    let open = order.answered_at.is_none();
    let clocks = [
        clock("order-sign", order.sign_due, order.signed_at, open && order.called_at.is_none()),
        clock("order-call", order.call_due, order.called_at, open),
        clock("order-answer", order.answer_due, order.answered_at, true),
    ];
    let outcome = order
        .solved
        .zip(order.satisfied)
        .map(|(solved, satisfied)| format!("{} · {}", w.t(&format!("solved-{solved}")), w.t(&format!("satisfied-{satisfied}"))));
    let known = order.caller.is_some() || order.caller_phone.is_some();
    let may = known && desk.actor.can::<access::unmasking::UnmaskCaller>(case);
    OrderView {
        source: w.t(&format!("source-{}", case.source)).into_owned(),
        number: case.outside_number.clone().unwrap_or_default(),
        received: page.at(&order.received_at),
        clocks: clocks.into_iter().flatten().collect(),
        caller: order.caller.as_ref().map(ToString::to_string).unwrap_or_default(),
        phone: order.caller_phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        asking: may.then(|| access::unmasking::Asking::fresh(desk, &format!("/cases/{}/caller", case.number))),
        outcome: outcome.unwrap_or_default(),
    }
}

/// The words that an amendment put aside: where, and what.
pub(super) fn former_words(w: Words, kept: &str) -> String {
    let (where_words, what) = kept.split_once('\n').unwrap_or(("", kept));
    let parts: Vec<&str> = [where_words, what].into_iter().filter(|part| !part.is_empty()).collect();
    w.a("detail-former", "words", parts.join(&*w.t("list-semicolon"))).into_owned()
}

/// Who called about it in full, for a reason.
pub async fn caller(Path((_, number)): Path<(String, String)>, submitted: Submitted<UnmaskForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    let case = find(&desk.app.store, &desk.actor, number).await?;
    let by = desk.actor.permit::<access::unmasking::UnmaskCaller>(&case)?;
    let order = crate::outside::of_case(&desk.app.store, desk.actor.tenant, case.id).await?.ok_or_else(Error::not_found)?;
    let w = Words::of(desk.visit.lang);
    let name = order.caller.as_ref().map(|name| Part::of(w.t("field-caller"), name));
    let phone = order.caller_phone.as_ref().map(|phone| Part::of(w.t("field-caller-phone"), phone));
    let parts: Vec<Part> = name.into_iter().chain(phone).collect();
    if parts.is_empty() {
        return Err(Error::not_found().into());
    }
    let about = About {
        whose: Whose::Case { id: case.id.0, number },
        field: UnmaskField::Caller,
        title: w.a("case-number", "number", number).into_owned(),
        path: format!("/cases/{number}/caller"),
        back: format!("/cases/{number}"),
        parts,
    };
    answer(&submitted, by, about).await
}
