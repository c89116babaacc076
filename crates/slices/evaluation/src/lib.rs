//! The month's evaluation: the schemes by which compounds, cooperatives, communities and departments are scored, the leagues in which
//! they are compared, and what each month found.

pub mod appeal;
pub mod appeal_page;
pub mod board;
pub mod bulletin;
pub mod bulletin_edit_page;
pub mod bulletin_link;
pub mod bulletin_making;
pub mod bulletin_text;
pub mod bulletin_words;
pub mod bundle;
pub mod bundle_check;
pub mod calls;
pub mod checking;
pub mod compare_page;
mod concern;
pub mod consequence;
pub mod consequence_check;
pub mod consequence_page;
pub mod consequence_rule;
pub mod consequence_rule_page;
pub mod entry;
pub mod entry_page;
mod entry_sheet;
pub mod evaluated_page;
pub mod evaluation;
pub mod evaluation_page;
mod evidence;
pub mod facts;
pub mod improvement;
pub mod improvement_page;
pub mod kept_check;
pub mod league;
pub mod league_page;
pub mod reckoning;
pub mod run;
pub mod run_page;
pub mod samples;
pub mod scheme;
pub mod scheme_edit_page;
pub mod scheme_file;
pub mod scheme_page;
pub mod scoring;
pub mod settings;
pub mod signs_page;
pub mod telling;
pub mod terms;
pub mod trial_page;
pub mod verbs;
pub mod waiting;
pub mod witness;

use access::NavEntry;
use axum::Router;
use axum::routing::{get, post};

web::words!();
store::migrations!(
    "../migrations/202611270900_schemes.sql",
    "../migrations/202611271000_evaluations.sql",
    "../migrations/202611280900_spread.sql",
    "../migrations/202611281000_entries.sql",
    "../migrations/202611281100_improvements.sql",
    "../migrations/202611301000_bulletins.sql",
    "../migrations/202611301100_consequences.sql",
    "../migrations/202611301200_runs.sql",
    "../migrations/202611301300_steps_by_state.sql",
    "../migrations/202612010900_bodies.sql",
);

/// Every address of this slice.
pub fn routes() -> Router<web::App> {
    Router::new()
        .route("/t/{slug}/bulletins/{month}", get(bulletin::page))
        .route("/t/{slug}/bulletins/{month}/{file}", get(bulletin::paper))
        .route("/t/{slug}/bulletins/{month}/photos/{photo}", get(bulletin::photo))
        .route("/t/{slug}/bulletins/{month}/words", get(bulletin_edit_page::edit).post(bulletin_edit_page::save))
        .route("/t/{slug}/bulletins/{month}/share", post(bulletin_link::share))
        .route("/t/{slug}/bulletins/{month}/unshare", post(bulletin_link::unshare))
        .route("/b/{slug}/{token}", get(bulletin_link::page))
        .route("/b/{slug}/{token}/photos/{photo}", get(bulletin_link::photo))
        .route("/t/{slug}/consequences", get(consequence_page::list))
        .route("/t/{slug}/consequences/rules", get(consequence_rule_page::list).post(consequence_rule_page::set))
        .route("/t/{slug}/consequences/rules/{id}/end", post(consequence_rule_page::end))
        .route("/t/{slug}/consequences/{id}", get(consequence_page::one))
        .route("/t/{slug}/consequences/{id}/{step}", post(consequence_page::act))
        .route("/t/{slug}/entries", get(entry_page::list).post(entry_page::enter))
        .route("/t/{slug}/entries/survey.xlsx", get(entry_sheet::take))
        .route("/t/{slug}/entries/import", post(entry_sheet::bring))
        .route("/t/{slug}/entries/settings", post(entry_page::set))
        .route("/t/{slug}/entries/{id}", get(entry_page::one))
        .route("/t/{slug}/entries/{id}/{step}", post(entry_page::act))
        .route("/t/{slug}/entries/{id}/photos/{photo}", get(entry_page::photo))
        .route("/t/{slug}/entries/{id}/photos/{photo}/thumb", get(entry_page::thumb))
        .route("/t/{slug}/evaluations", get(evaluation_page::list).post(run_page::draft))
        .route("/t/{slug}/evaluations/{id}", get(evaluation_page::one))
        .route("/t/{slug}/evaluations/{id}/table.xlsx", get(evaluation_page::workbook_of))
        .route("/t/{slug}/evaluations/{id}/signs", get(signs_page::list))
        .route("/t/{slug}/evaluations/{id}/check", post(run_page::check))
        .route("/t/{slug}/evaluations/{id}/publish", post(run_page::publish))
        .route("/t/{slug}/evaluations/{id}/units/{member}", get(evaluated_page::one))
        .route("/t/{slug}/evaluations/{id}/units/{member}/proof.json", get(bundle::take))
        .route("/t/{slug}/evaluations/{id}/units/{member}/compare", get(compare_page::one))
        .route("/t/{slug}/evaluations/{id}/units/{member}/why", get(evaluated_page::why))
        .route("/t/{slug}/evaluations/{id}/units/{member}/appeal", get(appeal_page::form).post(appeal_page::ask))
        .route("/t/{slug}/evaluation-runs/{league}", get(run_page::one))
        .route("/t/{slug}/improvements", get(improvement_page::list).post(improvement_page::add))
        .route("/t/{slug}/improvements/{id}", get(improvement_page::one))
        .route("/t/{slug}/improvements/{id}/{step}", post(improvement_page::act))
        .route("/t/{slug}/improvements/{id}/photos/{photo}", get(improvement_page::photo))
        .route("/t/{slug}/improvements/{id}/photos/{photo}/thumb", get(improvement_page::thumb))
        .route("/t/{slug}/score-appeals", get(appeal_page::list))
        .route("/t/{slug}/score-appeals/{id}", get(appeal_page::one))
        .route("/t/{slug}/score-appeals/{id}/{step}", post(appeal_page::act))
        .route("/t/{slug}/score-appeals/{id}/photos/{photo}", get(appeal_page::photo))
        .route("/t/{slug}/score-appeals/{id}/photos/{photo}/thumb", get(appeal_page::thumb))
        .route("/t/{slug}/leagues", get(league_page::list).post(league_page::make))
        .route("/t/{slug}/leagues/{id}", get(league_page::one).post(league_page::change))
        .route("/t/{slug}/leagues/{id}/members", post(league_page::set_members))
        .route("/t/{slug}/schemes", get(scheme_page::list))
        .route("/t/{slug}/schemes/import", post(scheme_page::receive))
        .route("/t/{slug}/schemes/sample", post(scheme_page::from_sample))
        .route("/t/{slug}/schemes/{id}", get(scheme_page::one))
        .route("/t/{slug}/schemes/{id}/photos/{photo}", get(scheme_page::photo))
        .route("/t/{slug}/schemes/{id}/photos/{photo}/thumb", get(scheme_page::thumb))
        .route("/t/{slug}/schemes/{id}/table.xlsx", get(scheme_page::workbook_of))
        .route("/t/{slug}/schemes/{id}/table", get(scheme_edit_page::edit).post(scheme_edit_page::save))
        .route("/t/{slug}/schemes/{id}/trial", get(trial_page::one))
        .route("/t/{slug}/schemes/{id}/adopt", post(scheme_page::adopt))
        .route("/t/{slug}/schemes/{id}/anew", post(scheme_page::anew))
        .route("/t/{slug}/schemes/{id}/drop", post(scheme_page::drop_draft))
}

/// What this slice offers in the navigation.
pub const NAV: &[NavEntry] = &[
    NavEntry {
        key: "nav-evaluations",
        path: "/evaluations",
        group: "",
        also: &["/bulletins", "/evaluation-runs", "/leagues"],
        visible: |actor| actor.can_some::<verbs::ReadRanking>(),
    },
    NavEntry {
        key: "nav-improvements",
        path: "/improvements",
        group: "",
        also: &[],
        visible: |actor| actor.can_some::<verbs::ReadImprovement>(),
    },
    NavEntry {
        key: "nav-consequences",
        path: "/consequences",
        group: "",
        also: &[],
        visible: |actor| actor.can_some::<verbs::ReadConsequence>(),
    },
    NavEntry {
        key: "nav-score-appeals",
        path: "/score-appeals",
        group: "",
        also: &[],
        visible: |actor| actor.can_some::<verbs::ReadScore>(),
    },
    NavEntry { key: "nav-entries", path: "/entries", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ReadEntry>() },
    NavEntry { key: "nav-schemes", path: "/schemes", group: "", also: &[], visible: |actor| actor.can_some::<verbs::ReadScheme>() },
];
