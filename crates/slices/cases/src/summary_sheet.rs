//! The summary's figures as sheets: of one tenant the whole and each of its parts, of a district each of its tenants.

use crate::days::Counts;
use crate::matter_figures::{MatterCounts, count};
use crate::matter_page::name_of;
use crate::matters::{Of, PARTS as PARTS_OF_MATTERS};
use crate::office::Office;
use crate::register::of_sheets;
use crate::summary::{SLOTS, WEEKDAYS, Within, gather, name};
use crate::summary_page::{FIGURES, PARTS, Period, period, today};
use crate::verbs::{ReadSummary, TakeRegister};
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use serde_json::json;
use territory::sheets::workbook::{Cell, Column, Sheet};
use web::Words;

/// What stands behind the figures: the keys of the heads.
const RATES: [&str; 6] = [
    "summary-with-deadline",
    "summary-rate",
    "summary-on-time-share",
    "summary-rework-share",
    "summary-solved-share",
    "summary-satisfied-share",
];
const APART: [&str; 3] = ["kind-mended_on_spot", "kind-self_check", "summary-before-circulars"];
/// The keys of the columns of difficult matters.
pub const MATTERS: [&str; 3] = ["summary-matters-opened", "summary-matters", "summary-matters-open"];

/// The keys of the columns of figures.
pub fn keys() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|(.., key)| *key).chain(RATES).chain(APART)
}

/// The columns of figures behind a first one.
fn columns(w: Words, first: &str) -> Vec<Column> {
    let mut columns = vec![Column::new(w.t(first), 28)];
    columns.extend(keys().map(|key| Column::new(w.t(key), 12)));
    columns
}

fn share(permille: Option<i64>) -> Cell {
    permille.map_or(Cell::Empty, Cell::Permille)
}

/// The cells of these columns.
pub fn figures(counts: &Counts, before: &Counts) -> Vec<Cell> {
    let mut cells = Vec::new();
    cells.extend(FIGURES.iter().map(|(figure, ..)| Cell::Number(figure(counts))));
    cells.push(Cell::Number(counts.with_deadline));
    cells.extend(
        [
            counts.rectified_permille(),
            counts.on_time_permille(),
            counts.rework_permille(),
            counts.solved_permille(),
            counts.satisfied_permille(),
        ]
        .map(share),
    );
    cells.extend([counts.on_spot, counts.self_checks, before.in_circulars].map(Cell::Number));
    cells
}

fn cells(name: String, counts: &Counts, before: &Counts) -> Vec<Cell> {
    let mut cells = vec![Cell::text(name)];
    cells.extend(figures(counts, before));
    cells
}

fn matter_columns(w: Words) -> impl Iterator<Item = Column> {
    MATTERS.into_iter().map(move |key| Column::new(w.t(key), 14))
}

/// The cells of [`MATTERS`].
pub fn matter_cells(counts: &MatterCounts) -> [Cell; 3] {
    [counts.opened, counts.settled, counts.standing].map(Cell::Number)
}

/// The figures of a period as sheets: the whole, and one for each part.
pub async fn get(desk: Desk, Query(asked): Query<Period>) -> web::Result<Response> {
    let (by, take) = (desk.actor.permit_some::<ReadSummary>()?, desk.actor.permit_some::<TakeRegister>()?);
    let office = Office::of(&desk).await?;
    let page = desk.page("summary-title");
    let (days, _) = period(today(&page), &asked);
    let (store, reach) = (&desk.app.store, by.reach());
    let summary = gather(store, &office, &Within::of(&reach, &office)?, days, today(&page), &PARTS).await?;
    let matters = count(store, &office, &reach, &days).await?;
    let w = page.w;
    let text = |key: &str| w.t(key).into_owned();
    let days_said = w.a2("filter-period", "from", days.from.to_string(), "to", days.to.to_string()).into_owned();
    let mut whole = Sheet {
        name: text("summary-total"),
        columns: columns(w, "summary-period"),
        rows: vec![cells(days_said, &summary.whole, &summary.whole_before)],
    };
    whole.columns.extend(matter_columns(w));
    whole.rows.iter_mut().for_each(|row| row.extend(matter_cells(&matters.whole)));
    let mut sheets = vec![whole];
    for (part, rows) in &summary.parts {
        let rows = rows.iter().map(|row| cells(name(w, &office, *part, &row.key), &row.counts, &row.before));
        sheets.push(Sheet { name: text(&format!("summary-by-{part}")), columns: columns(w, "summary-th-name"), rows: rows.collect() });
    }
    for part in PARTS_OF_MATTERS {
        let mut columns = vec![Column::new(w.t("summary-th-name"), 28)];
        columns.extend(matter_columns(w));
        let row = |(of, counts): (Of, MatterCounts)| {
            let mut row = vec![Cell::text(name_of(w, &office, part, of))];
            row.extend(matter_cells(&counts));
            row
        };
        let name = text(&format!("summary-matters-by-{part}"));
        sheets.push(Sheet { name, columns, rows: matters.by(part).map(row).collect() });
    }
    let spans = summary.over_time.iter().map(|span| {
        let said = w.a2("filter-period", "from", span.days.from.to_string(), "to", span.days.to.to_string()).into_owned();
        cells(said, &span.counts, &Counts::default())
    });
    sheets.push(Sheet { name: text("summary-over-time"), columns: columns(w, "summary-period"), rows: spans.collect() });
    let mut hours = vec![Column::new(text("summary-weekday"), 12)];
    hours.extend((0..24).map(|hour| Column::new(w.a("summary-hour", "hour", hour).into_owned(), 8)));
    let weekday = |day: usize| {
        let mut row = vec![Cell::text(WEEKDAYS.get(day).map(|key| text(key)).unwrap_or_default())];
        row.extend(summary.found_by_slot.iter().skip(day * 24).take(24).map(|n| Cell::Number(*n)));
        row
    };
    sheets.push(Sheet { name: text("summary-by-slot"), columns: hours, rows: (0..SLOTS / 24).map(weekday).collect() });
    let filter = json!({ "from": days.from.to_string(), "to": days.to.to_string() });
    of_sheets(&desk, &page, take, sheets, filter).await
}
