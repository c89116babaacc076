//! Who may do what: accounts, sessions, roles with a scope, and permits that every command demands.

pub mod above;
pub mod account;
pub mod actor;
pub mod backoff;
pub mod bearer;
pub mod client;
pub mod expired;
pub mod finding;
pub mod giving;
pub mod grants;
mod grants_page;
mod guard;
pub mod http;
pub mod invitation;
mod joining;
pub mod keeping;
mod log;
pub mod login;
pub mod nav;
pub mod oidc;
pub mod pages;
pub mod passwords;
pub mod permit;
pub mod personal;
pub mod role;
pub mod scopes;
pub mod session;
pub mod settings;
pub mod staff;
pub mod token_pages;
pub mod token_scope;
pub mod tokens;
pub mod totp;
pub mod unmasking;
pub mod waiting;

pub use account::names;
pub use actor::{Actor, Assignment, Scope};
pub use guard::by_link;
pub use nav::{Nav, NavEntry, SearchBox};
pub use permit::{Governed, Permit, Relation, Rule, Subject, Verb, VerbEntry};
pub use role::Role;

#[doc(hidden)]
pub use inventory;

web::words!();
store::migrations!(
    "../migrations/202611240500_access.sql",
    "../migrations/202611252200_grants.sql",
    "../migrations/202611252310_personal.sql",
    "../migrations/202611260930_oidc.sql",
    "../migrations/202611261300_api_tokens.sql",
    "../migrations/202611261335_invitation_id.sql",
    "../migrations/202611261710_invited_to_a_place.sql"
);

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// For the district's people, where they may act.
pub const CHILDREN: NavEntry =
    NavEntry { key: "nav-children", path: "/children", group: "", also: &[], visible: |actor| actor.of_district };

/// What accounts offer in the navigation.
pub const NAV: &[NavEntry] = &[
    NavEntry {
        key: "nav-accounts",
        path: "/accounts",
        group: "nav-group-installation",
        also: &["/grants"],
        visible: |actor| actor.can_some::<account::ListAccounts>(),
    },
    NavEntry {
        key: "nav-account-log",
        path: "/accounts/log",
        group: "nav-group-installation",
        also: &[],
        visible: |actor| actor.can_some::<account::ReadAudit>(),
    },
    NavEntry {
        key: "nav-tokens",
        path: "/accounts/tokens",
        group: "nav-group-installation",
        also: &[],
        visible: |actor| actor.can_some::<tokens::RevokeTokens>(),
    },
    NavEntry {
        key: "nav-invitations",
        path: "/invitations",
        group: "nav-group-installation",
        also: &[],
        visible: |actor| actor.can_some::<account::InviteToUnit>(),
    },
    NavEntry {
        key: "nav-personal",
        path: "/personal",
        group: "nav-group-installation",
        also: &[],
        visible: |actor| actor.can_some::<keeping::ReadRegister>(),
    },
    NavEntry {
        key: "nav-settings",
        path: "/settings",
        group: "nav-group-installation",
        also: &[],
        visible: |actor| actor.can_some::<settings::ManageSettings>(),
    },
];

/// Logging in and out, the way home, and the pages of accounts.
pub fn routes() -> Router<web::App> {
    Router::new()
        .route("/", get(login::root))
        .route("/t/{slug}", get(login::tenant_home))
        .route("/t/{slug}/", get(login::tenant_home))
        .route("/login", get(login::get).post(login::post))
        .route("/login/code", post(login::second_step))
        .route("/logout", post(login::log_out))
        .route("/lang/{tag}", get(login::language))
        .merge(oidc::pages::routes())
        .merge(pages::routes())
        .merge(token_pages::routes())
        // What has no session yet is read whole, so it is bounded here.
        .layer(DefaultBodyLimit::max(http::MAX_FORM))
}

/// The whole matrix, a line for each verb and role, sorted.
pub fn matrix() -> String {
    let mut lines: Vec<String> = inventory::iter::<VerbEntry>
        .into_iter()
        .flat_map(|entry| entry.rules.iter().map(|rule| format!("{} | {} | {:?}", entry.name, rule.role, rule.relation).to_lowercase()))
        .collect();
    lines.sort();
    lines.dedup();
    lines.join("\n")
}
