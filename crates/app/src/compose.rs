//! The composition root: which parts make the program, in which order their pages stand in the navigation, and what
//! stands around every route.

use crate::health::Health;
use crate::installation::Installation;
use crate::layers::{self, Limits};
use crate::metrics::{self, Metrics};
use crate::{components_page, config, health, providers, statics};
use access::Nav;
use access::backoff::Attempts;
use access::bearer::Rates;
use access::client::TrustedProxies;
use access::login::DemoAccounts;
use access::oidc::Providers;
use access::waiting::Waiting;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::{Router, middleware};
use cases::map::base::{Base, Ground};
use contracts::problems::Shown;
use contracts::scoring::Board;
use contracts::signs::Watchers;
use documents::Press;
use evaluation::terms::Tellers;
use kernel::{Code, Kind, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::journal::{Journal, Signer, StateCheck};
use web::{App, AppParts};

/// What only the demo has.
pub struct Demo {
    /// Offered on the log-in page.
    pub accounts: DemoAccounts,
}

/// Wires the parts into the state that every handler reaches.
///
/// Errors: [`providers::BAD`], [`BAD_MAP`].
pub fn app(place: &Installation, press: Arc<dyn Press>, demo: Option<Demo>) -> Result<App> {
    let config = &place.loaded.config;
    let oidc = providers::settings(&config.oidc, &place.data, |name| std::env::var(name).ok())?;
    let mut parts = AppParts::new(place.store.clone(), press, config.public_url.trim_end_matches('/').to_owned());
    parts.secure_cookies = config.web.secure_cookies;
    parts.css_url = assets::url("app.css").to_owned();
    parts.js_url = assets::url("app.js").to_owned();
    parts.icon_url = assets::url("icon.svg").to_owned();
    parts.demo = demo.is_some();
    let parts = parts.with(place.attachments.clone()).with(territory::Caches::default()).with(navigation());
    let parts = parts.with(access::SearchBox(cases::search_also::may_search));
    let parts = parts.with(territory::scopes()).with(territory::units());
    let mut imports = territory::imports::Kinds::own();
    imports.push(Arc::new(cases::import_kind::Cases));
    imports.extend(
        cases::order_shape::SOURCES.map(|source| Arc::new(cases::order_import::Orders(source)) as Arc<dyn territory::imports::Kind>),
    );
    let parts = parts.with(territory::imports::Kinds(imports));
    let parts = parts.with(TELLERS).with(Board(&evaluation::board::Latest)).with(Waiting(&[&evaluation::waiting::Evaluating]));
    let parts = parts
        .with(evaluation::run_page::Patience::default())
        .with(PROBLEMS)
        .with(WATCHERS)
        .with(evaluation::signs_page::Noticed::default());
    // The journal has the key for itself; the installation's own is for the command line.
    let parts = parts.with(Journal::new(place.store.clone(), Signer::open(&place.key_file, place.store.world())?));
    let parts = parts.with(access::pages::SeparateAdministrators(config.access.separate_administrators));
    let parts = parts.with(Metrics::of(&place.store)).with(Health::default());
    let parts = parts.with(Rates::new(config.web.api_requests_a_minute));
    let parts = parts.with(Attempts::default()).with(TrustedProxies(config.web.trusted_proxies.clone()));
    let parts = parts.with(Providers::new(oidc)).with(ground(&config.map, &place.data)?);
    Ok(match demo {
        Some(demo) => parts.with(demo.accounts).build(),
        None => parts.build(),
    })
}

/// The entry `[map]` cannot be used; the detail says why.
pub const BAD_MAP: Code = Code::invalid("config.map");

/// The map's own files, and the base map that the configuration names. Errors: [`BAD_MAP`].
fn ground(map: &config::Map, data: &Path) -> Result<Ground> {
    let bad = |why: String| BAD_MAP.err().detail(why);
    let base = match map.base.trim() {
        "none" | "" => Base::None,
        "xyz" => Base::xyz(&map.url, &map.attribution).map_err(|why| bad(why.to_owned()))?,
        "tianditu" => Base::tianditu(&map.key).map_err(|why| bad(why.to_owned()))?,
        "pmtiles" => Base::pmtiles(&data.join(&map.file), &map.attribution).map_err(bad)?,
        other => return Err(bad(format!("map.base: {other}; none, xyz, tianditu or pmtiles"))),
    };
    Ok(Ground { css_url: assets::url("map.css").to_owned(), js_url: assets::url("map.js").to_owned(), base })
}

/// The navigation: the day's work first, then what it stands on, then the installation itself.
fn navigation() -> Nav {
    let mut entries = cases::NAV.to_vec();
    entries.extend_from_slice(evaluation::NAV);
    entries.extend([cases::DISTRICT_NAV, access::CHILDREN, cases::HELP_NAV]);
    entries.extend_from_slice(territory::NAV);
    entries.extend_from_slice(cases::SETTINGS_NAV);
    entries.extend_from_slice(access::NAV);
    Nav(entries)
}

/// The program is still bringing its database up to date.
pub const STARTING: Code = Code::new(Kind::Unavailable, "starting");

/// What is answered until the database is up to date: that it is not yet, on connections that are not kept for later.
pub fn starting(app: &App) -> Router {
    let not_yet = || async { web::Failure::from(STARTING) };
    let pages = Router::new()
        .fallback(not_yet)
        .layer(middleware::from_fn_with_state(app.clone(), web::errors::show))
        .layer(middleware::from_fn_with_state(app.clone(), web::errors::headers));
    let ends = |mut response: Response| async {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        response
    };
    pages.merge(health::routes(app.store.clone(), app.get::<Health>())).layer(middleware::map_response(ends))
}

/// Every route of the program, with the layers around them.
pub fn router(app: &App, limits: Limits) -> Router {
    let pages = Router::new()
        .merge(cases::routes())
        .merge(evaluation::routes())
        .merge(access::routes())
        .merge(territory::pages::routes())
        .merge(components_page::routes())
        .merge(api::routes());
    let pages = pages.fallback(async || web::Failure::from(kernel::Error::not_found())).with_state(app.clone());
    let pages = layers::inner(pages, limits)
        .merge(statics::routes())
        .layer(middleware::from_fn_with_state(app.clone(), web::errors::show))
        .layer(middleware::from_fn_with_state(app.clone(), web::errors::headers));
    metrics::measured(layers::traced(pages.merge(health::routes(app.store.clone(), app.get::<Health>()))), app.get::<Metrics>())
}

/// Typesetting.
pub fn press() -> Arc<dyn Press> {
    Arc::new(press::TypstPress::new())
}

/// The lines of work that tell of their months.
pub const TELLERS: Tellers = Tellers(&[&cases::telling::Problems, &evaluation::telling::Entries]);

/// The lines of work that look at themselves.
pub const WATCHERS: Watchers = Watchers(&[&cases::signs::Watch]);

/// Who keeps problems, for the bulletin.
pub const PROBLEMS: Shown = Shown(&cases::pictured::Pictured);

/// What reckons evaluations anew.
static EVALUATIONS: evaluation::checking::Evaluations = evaluation::checking::Evaluations(TELLERS);

/// What `verify` rebuilds from facts and compares.
pub fn state_checks(place: &Installation) -> Vec<&dyn StateCheck> {
    vec![
        &cases::checking::Cases,
        &cases::matter_check::Matters,
        &cases::search_check::Index,
        &evaluation::checking::Schemes,
        &evaluation::checking::Leagues,
        &EVALUATIONS,
        &evaluation::kept_check::Kept,
        &evaluation::consequence_check::Consequences,
        &place.attachments,
    ]
}

/// The bounds that the configuration sets.
pub fn limits(place: &Installation) -> Limits {
    let web = &place.loaded.config.web;
    Limits { most_bytes: web.most_bytes, most_time: Duration::from_secs(web.most_seconds) }
}
