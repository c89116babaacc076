//! What stands before the pages that strangers reach: attempts are counted by address and by invitation, and who tried too
//! often is told how long to wait, on the same page with what was typed.

use crate::backoff::{Attempts, Source};
use crate::client::party;
use crate::http::{Visit, pairs};
use crate::invitation::token_hash;
use crate::joining::{self, JoinPage};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::{Error, Result};
use std::future::Future;
use web::html::render;
use web::{App, PageContext};

/// Runs an attempt unless its sources must wait. It counts as failed where `failed` says so of its outcome.
pub(crate) async fn attempt<T>(
    app: &App,
    sources: &[Source],
    made: impl Future<Output = Result<T>>,
    failed: impl Fn(&Result<T>) -> bool,
) -> Result<T> {
    let attempts = app.get::<Attempts>();
    for (at, source) in sources.iter().enumerate() {
        if let Err(error) = attempts.begin(*source, app.world.now()) {
            sources[..at].iter().for_each(|begun| attempts.give_back(*begun, app.world.now()));
            return Err(error);
        }
    }
    let outcome = made.await;
    if !failed(&outcome) {
        sources.iter().for_each(|source| attempts.give_back(*source, app.world.now()));
    }
    outcome
}

/// The address that a visit comes from.
pub(crate) fn address(visit: &Visit) -> Source {
    Source::Address(party(visit.client))
}

/// An answer that the handler gave, whatever it says.
async fn answered(outcome: impl Future<Output = web::Result<Response>>) -> Result<Response> {
    outcome.await.map_err(|failure| failure.0)
}

/// A page that anybody reaches by an address that nobody can guess: whoever tries has to wait, as at the log-in.
pub async fn by_link(app: &App, visit: &Visit, made: impl Future<Output = web::Result<Response>>) -> web::Result<Response> {
    Ok(attempt(app, &[address(visit)], answered(made), Result::is_err).await?)
}

/// Nobody learns by trying which invitations there are.
pub(crate) async fn join_page(state: State<App>, visit: Visit, path: Path<(String, String)>) -> web::Result<Response> {
    let (app, source) = (state.0.clone(), address(&visit));
    Ok(attempt(&app, &[source], answered(joining::join_page(state, visit, path)), Result::is_err).await?)
}

pub(crate) async fn join(state: State<App>, visit: Visit, path: Path<(String, String)>, body: Bytes) -> web::Result<Response> {
    let app = state.0.clone();
    let (slug, token) = path.0.clone();
    let sources = [address(&visit), Source::Invitation(token_hash(&token))];
    let made = answered(joining::join(state, visit.clone(), path, body.clone()));
    let failed = |outcome: &Result<Response>| !outcome.as_ref().is_ok_and(|response| response.status().is_redirection());
    match attempt(&app, &sources, made, failed).await {
        Err(error) if error.is(crate::backoff::ADDRESS) || error.is(crate::backoff::INVITATION) => {
            let pairs = pairs(&body)?;
            let typed = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or(String::new(), |(_, value)| value.clone());
            let page = visit.page("join-title");
            let words = words(&page, &error);
            // Whoever guesses does not hear where a right guess would lead.
            let (of, path) = (String::new(), format!("/j/{slug}/{token}"));
            let page = JoinPage { page, of, path, phone: typed("phone"), name: typed("name"), error: words };
            Ok(render(axum::http::StatusCode::TOO_MANY_REQUESTS, &page))
        }
        outcome => Ok(outcome?),
    }
}

fn words(page: &PageContext, error: &Error) -> String {
    page.w.error(error.code(), error.args()).into_owned()
}
