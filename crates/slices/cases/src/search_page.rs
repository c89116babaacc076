//! The page that the box in every page's head leads to: a number goes straight to its case, words to what holds them.

use crate::case::find;
use crate::office::Office;
use crate::search_also::{Group, also, may_search};
use crate::search_find::{Hit, Hits, MOST_TYPED, Piece, Seeker, Start, Typed};
use crate::searching::complete;
use crate::verbs::ListCases;
use crate::views::{LineView, line_of};
use access::http::Desk;
use access::http::encode;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Kind;
use serde::Deserialize;
use store::search::folding::Folded;
use web::{Html, PageContext};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    pub after: String,
    /// What is written together may stand apart.
    pub loose: String,
}

/// Characters of a text that a line shows.
pub(crate) const EXCERPT: usize = 80;

/// A case as a line of what was found.
struct HitView {
    line: LineView,
    title: Vec<Piece>,
    place: Vec<Piece>,
    unit: Vec<Piece>,
    what: Vec<Piece>,
    /// What was answered or found, where the words stand there.
    said: Vec<Piece>,
}

#[derive(askama::Template)]
#[template(path = "search_page.html")]
struct SearchPage {
    page: PageContext,
    typed: String,
    hits: Vec<HitView>,
    groups: Vec<Group>,
    /// What is to be known about the answer.
    notes: Vec<String>,
    /// Nothing was found, and what to do about it.
    empty: Option<(String, String)>,
    first: String,
    next: String,
}

/// The number of a case: digits, with or without a sign before them.
pub(crate) fn number(text: &str) -> Option<i64> {
    let folded = Folded::of(text.trim()).text();
    let digits = folded.trim_start_matches('#');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) { None } else { digits.parse().ok() }
}

fn hit_view(page: &PageContext, office: &Office, typed: &Typed, hit: &Hit) -> HitView {
    let line = line_of(page, &office.directory, &hit.case);
    let said = hit.said.iter().find(|words| typed.marked(words).iter().any(|piece| piece.hit));
    // A case without a category is called by its own words already.
    let what = if line.category.starts_with(&*hit.case.what) { "" } else { hit.case.what.as_str() };
    HitView {
        title: typed.marked(&line.category),
        place: typed.marked(&line.place),
        unit: typed.marked(&line.unit),
        what: typed.excerpt(what, EXCERPT),
        said: said.map(|words| typed.excerpt(words, EXCERPT)).unwrap_or_default(),
        line,
    }
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    if !may_search(&desk.actor) {
        desk.actor.permit_some::<ListCases>()?;
    }
    let (store, text) = (&desk.app.store, asked.q.trim());
    let by = desk.actor.permit_some::<ListCases>().ok();
    if let (Some(number), Some(_)) = (number(text), &by) {
        match find(store, &desk.actor, number).await {
            Ok(_) => return Ok(Redirect::to(&desk.href(&format!("/cases/{number}"))).into_response()),
            // Perhaps the number of a house, or of another system.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut page = desk.page("search-title");
    page.search = (!text.is_empty()).then(|| text.chars().take(MOST_TYPED).collect());
    let office = Office::of(&desk).await?;
    let typed = Typed::read(text);
    let from = Start::read(&asked.after);
    let mut notes = Vec::new();
    let note = |key: &str| page.w.t(key).into_owned();
    let (mut found, mut loose) = (Hits { hits: Vec::new(), next: None, cut: false }, None);
    if let Some(by) = &by
        && !typed.is_empty()
    {
        let seeker = Seeker::new(store, &office, by);
        if asked.loose.is_empty() {
            found = seeker.find(&typed, from).await?;
        }
        let none = found.hits.is_empty() && found.next.is_none() && from == Start::FIRST;
        if let Some(apart) = typed.loosely().filter(|_| none || !asked.loose.is_empty()) {
            found = seeker.find(&apart, from).await?;
            loose = Some(apart).filter(|_| !found.hits.is_empty());
        }
        if !complete(store, by.tenant()).await? {
            notes.push(note("search-incomplete"));
        }
    }
    if found.cut {
        notes.push(note("search-cut"));
    }
    if loose.is_some() {
        notes.push(note("search-loose"));
    }
    if text.chars().count() > MOST_TYPED {
        notes.push(note("search-long"));
    }
    let groups = if from == Start::FIRST { also(&desk, &page, &office.directory, text, &typed).await? } else { Vec::new() };
    let shown = loose.as_ref().unwrap_or(&typed);
    let hits: Vec<HitView> = found.hits.iter().map(|hit| hit_view(&page, &office, shown, hit)).collect();
    let empty = (hits.is_empty() && groups.is_empty()).then(|| {
        let (title, help) = match (text.is_empty(), typed.is_empty(), found.next.is_some() || from != Start::FIRST) {
            (true, ..) => ("search-ask", "search-ask-help"),
            (_, true, _) => ("search-no-words", "search-ask-help"),
            (.., true) => ("search-no-more", "search-none-help"),
            _ => ("search-none", "search-none-help"),
        };
        (note(title), note(help))
    });
    let apart = if loose.is_some() { "&loose=1" } else { "" };
    let here = page.href(&format!("/search?q={}", encode(&text.chars().take(MOST_TYPED).collect::<String>())));
    let next = found.next.map(|next| format!("{here}&after={next}{apart}")).unwrap_or_default();
    let first = if from == Start::FIRST { String::new() } else { format!("{here}{apart}") };
    let typed = page.search.clone().unwrap_or_default();
    Ok(Html(SearchPage { typed, hits, groups, notes, empty, first, next, page }).into_response())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_digits_however_they_are_typed() {
        for same in ["1380", " 1380 ", "#1380", "＃１３８０"] {
            assert_eq!(number(same), Some(1380), "{same}");
        }
        for none in ["", "#", "13a", "十三", "1 2", "99999999999999999999"] {
            assert_eq!(number(none), None, "{none}");
        }
    }
}
