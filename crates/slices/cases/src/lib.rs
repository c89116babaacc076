//! Cases: problems found, put into circulars, mended by a date, looked at again.

pub mod appealing;
pub mod asking;
pub mod at_once;
#[cfg(test)]
mod back_tests;
#[cfg(test)]
mod bad_input_tests;
#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod branch_tests;
pub mod bulk;
#[cfg(test)]
mod call_page_tests;
#[cfg(test)]
mod call_tests;
pub mod calls;
pub mod case;
pub mod case_forms;
pub mod case_page;
pub mod case_steps;
pub mod checking;
pub mod circular_page;
#[cfg(test)]
mod circular_tests;
pub mod clocks;
pub mod composing;
#[cfg(test)]
mod condition_tests;
pub mod conditions;
pub mod days;
#[cfg(test)]
mod desk_tests;
pub mod disputing;
pub mod district_page;
pub mod district_sheet;
#[cfg(test)]
mod district_tests;
pub mod extending;
pub mod facts;
pub mod figures;
pub mod filing;
pub mod foreign;
#[cfg(test)]
mod granted_tests;
pub mod handing_back;
pub mod handover;
#[cfg(test)]
mod handover_tests;
pub mod help_page;
pub mod holding;
pub mod import_kind;
pub mod importing;
pub mod inside;
pub mod issuing;
pub mod joining;
pub mod keeping;
pub mod kinds;
pub mod leading;
pub mod limits_page;
pub mod listing;
pub mod map;
pub mod matter_check;
pub mod matter_figures;
pub mod matter_page;
#[cfg(test)]
mod matter_tests;
pub mod matters;
pub mod mended_page;
pub mod months;
pub mod notes;
pub mod notice_page;
pub mod office;
#[cfg(test)]
mod office_tests;
pub mod order_answers;
pub mod order_columns;
pub mod order_import;
pub mod order_shape;
#[cfg(test)]
mod order_tests;
pub mod outside;
pub mod outside_page;
#[cfg(test)]
mod paper_tests;
pub mod papers;
pub mod passing_on;
pub mod photos;
pub mod pictured;
pub mod rebuild;
pub mod recounting;
pub mod rectifying;
pub mod register;
#[cfg(test)]
mod register_tests;
pub mod reinspecting;
pub mod report_page;
pub mod reporting;
pub mod saved_views;
pub mod screen_page;
pub mod search_also;
pub mod search_check;
pub mod search_find;
pub mod search_page;
#[cfg(test)]
mod search_tests;
pub mod searching;
pub mod signs;
#[cfg(test)]
mod spot_tests;
pub mod spots;
pub mod step_form;
pub mod steps;
pub mod summary;
pub mod summary_page;
pub mod summary_sheet;
pub mod sums;
pub mod telling;
#[cfg(test)]
mod telling_tests;
pub mod todo_page;
pub mod transferring;
#[cfg(test)]
mod trunk_tests;
pub mod verbs;
pub mod verifying;
#[cfg(test)]
mod video_tests;
pub mod videos;
pub mod views;
#[cfg(test)]
mod walk_tests;
pub mod wording;
#[cfg(test)]
mod wording_tests;
pub mod workbench;
#[cfg(test)]
mod workbench_tests;
pub mod worklist;

use access::NavEntry;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

web::words!();
store::migrations!(
    "../migrations/202611240700_cases.sql",
    "../migrations/202611240710_import.sql",
    "../migrations/202611261010_matters.sql",
    "../migrations/202611261245_case_condition.sql",
    "../migrations/202611261300_orders.sql",
    "../migrations/202611261500_counts.sql",
    "../migrations/202611261530_map.sql",
    "../migrations/202611261600_released.sql",
    "../migrations/202611261700_figures.sql",
    "../migrations/202611261800_months_behind.sql",
    "../migrations/202612020900_mine_ended.sql",
    "../migrations/202612020910_open_cell.sql"
);

/// Every address of this slice.
pub fn routes() -> Router<web::App> {
    Router::new()
        .route("/t/{slug}/work", get(workbench::get))
        .route("/t/{slug}/cases", get(worklist::get))
        .route("/t/{slug}/cases/fresh", get(worklist::fresh))
        .route("/t/{slug}/cases/bulk", post(bulk::post))
        .route("/t/{slug}/cases/views", post(saved_views::keep))
        .route("/t/{slug}/cases/views/{id}/drop", post(saved_views::drop_view))
        .route("/t/{slug}/cases/register.xlsx", get(register::cases_sheet))
        .route("/t/{slug}/cases/register.pdf", get(register::cases_paper))
        .route("/t/{slug}/cases/{number}", get(case_page::get))
        .route("/t/{slug}/cases/{number}/conditions", get(case_forms::amending::conditions))
        .route("/t/{slug}/cases/{number}/caller", post(case_page::caller))
        .route("/t/{slug}/cases/dossiers.pdf", get(papers::dossiers))
        .route("/t/{slug}/cases/{number}/dossier.pdf", get(papers::dossier))
        .route("/t/{slug}/cases/{number}/{step}", post(case_steps::post))
        .route("/t/{slug}/report", get(report_page::get).post(report_page::post))
        .route("/t/{slug}/report/place.json", get(report_page::place))
        .route("/t/{slug}/report/proposal", get(report_page::proposal))
        .route("/t/{slug}/circulars", get(circular_page::list).post(circular_page::open))
        .route("/t/{slug}/circulars/register.xlsx", get(register::circulars_sheet))
        .route("/t/{slug}/circulars/register.pdf", get(register::circulars_paper))
        .route("/t/{slug}/circulars/{id}", get(circular_page::get))
        .route("/t/{slug}/circulars/{id}/issue", post(circular_page::issue))
        .route("/t/{slug}/circulars/{id}/add", get(composing::get).post(composing::post))
        .route("/t/{slug}/circulars/{id}/amend", post(circular_page::amend))
        .route("/t/{slug}/circulars/{id}/paper/{file}", get(papers::of_a_circular))
        .route("/t/{slug}/notices/{id}", get(notice_page::get))
        .route("/t/{slug}/notices/{id}/paper/{file}", get(papers::of_a_notice))
        .route("/t/{slug}/notices/{id}/told", post(circular_page::told))
        .route("/t/{slug}/matters", get(matter_page::list).post(matter_page::open))
        .route("/t/{slug}/matters/register.xlsx", get(register::matters_sheet))
        .route("/t/{slug}/matters/register.pdf", get(register::matters_paper))
        .route("/t/{slug}/matters/{number}", get(matter_page::get))
        .route("/t/{slug}/matters/{number}/{step}", post(matter_page::post))
        .route("/t/{slug}/orders", get(outside_page::get))
        .route("/t/{slug}/orders/answers.xlsx", get(order_answers::sheet))
        .route("/t/{slug}/orders/columns/{source}", get(order_columns::get).post(order_columns::set_columns))
        .route("/t/{slug}/orders/columns/{source}/answers", post(order_columns::set_answers))
        .route("/t/{slug}/orders/columns/{source}/recognise", post(order_columns::recognise))
        .route("/t/{slug}/orders/columns/{source}/recognised", post(order_columns::recognised))
        .route("/t/{slug}/orders/limits", post(outside_page::set_limits))
        .route("/t/{slug}/search", get(search_page::get))
        .route("/t/{slug}/todo", get(todo_page::get))
        .route("/t/{slug}/summary", get(summary_page::get))
        .route("/t/{slug}/summary.xlsx", get(summary_sheet::get))
        .route("/t/{slug}/screen", get(screen_page::get))
        .route("/t/{slug}/district", get(district_page::get))
        .route("/t/{slug}/district.xlsx", get(district_sheet::sheet))
        .route("/t/{slug}/district.pdf", get(district_sheet::paper))
        .route("/t/{slug}/limits", get(limits_page::get).post(limits_page::post))
        .route("/t/{slug}/handover", get(handover::get).post(handover::post))
        .route("/t/{slug}/limits/desks", post(limits_page::desks))
        .route("/t/{slug}/mended/{how}", get(mended_page::get).post(mended_page::post))
        .route("/t/{slug}/help/steps", get(help_page::get))
        .route("/t/{slug}/photos", post(photos::upload).layer(DefaultBodyLimit::max(access::http::MAX_UPLOAD)))
        .route("/t/{slug}/photos/{id}", get(photos::full))
        .route("/t/{slug}/photos/{id}/thumb", get(photos::thumb))
        // As large as the policy of attachments lets it be, which is asked while it is read.
        .route("/t/{slug}/videos", post(videos::upload).layer(DefaultBodyLimit::disable()))
        .route("/t/{slug}/videos/{id}", get(videos::get))
        .merge(map::routes())
}

/// What this slice offers in the navigation, the day's work first.
pub const NAV: &[NavEntry] = &[
    NavEntry {
        key: "nav-todo",
        path: "/todo",
        group: "",
        also: &[],
        visible: |actor| !actor.is_system() && !actor.organisations().is_empty() && actor.can_some::<verbs::RectifyCase>(),
    },
    NavEntry { key: "nav-work", path: "/work", group: "", also: &[], visible: workbench::has },
    NavEntry { key: "nav-cases", path: "/cases", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ListCases>() },
    NavEntry { key: "nav-map", path: "/map", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ListCirculars>() },
    NavEntry { key: "nav-report", path: "/report", group: "", also: &["/mended"], visible: |actor| actor.can_some::<verbs::ReportCase>() },
    NavEntry {
        key: "nav-circulars",
        path: "/circulars",
        group: "",
        also: &["/notices"],
        visible: |actor| actor.can_some::<verbs::ListCirculars>(),
    },
    NavEntry { key: "nav-orders", path: "/orders", group: "", also: &[], visible: |actor| actor.can_some::<verbs::NoteCase>() },
    NavEntry { key: "nav-matters", path: "/matters", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ListMatters>() },
    NavEntry { key: "nav-summary", path: "/summary", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ReadSummary>() },
];

/// For the district's people, at home: the tenants below side by side.
pub const DISTRICT_NAV: NavEntry = NavEntry {
    key: "nav-district",
    path: "/district",
    group: "",
    also: &[],
    visible: |actor| actor.of_district && actor.tenant == actor.home,
};

/// How a problem goes, for everybody: after all that is work.
pub const HELP_NAV: NavEntry = NavEntry { key: "nav-help", path: "/help/steps", group: "", also: &[], visible: |_| true };

/// What stands among the tenant's settings.
pub const SETTINGS_NAV: &[NavEntry] = &[
    NavEntry {
        key: "nav-limits",
        path: "/limits",
        group: "nav-group-territory",
        also: &[],
        visible: |actor| actor.can_some::<verbs::SetCentreLimits>(),
    },
    NavEntry {
        key: "nav-handover",
        path: "/handover",
        group: "nav-group-territory",
        also: &[],
        visible: |actor| actor.can::<verbs::HandleCase>(&actor.tenant),
    },
];
