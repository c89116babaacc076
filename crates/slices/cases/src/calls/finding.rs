//! Finding cases by words, for programs.

use super::cases::{CaseLine, line_of};
use crate::case::find;
use crate::office::Office;
use crate::search_find::{Hit, Hits, Piece, Seeker, Start, Typed};
use crate::search_page::{EXCERPT, number};
use crate::searching::complete;
use crate::verbs::ListCases;
use api::params::FromText;
use api::{Answer, Call, Schema, Schemas, Text};
use kernel::Kind;
use serde_json::{Value, json};

api::operations! { "cases":
    /// Cases that hold some words, the best first.
    ///
    /// Words in what a case is about stand before words in answers, what is under way before what has ended, then the latest. Each
    /// case is looked at before it is given, so a page may have fewer than would fit, and `next` all the same.
    get "/search" search_cases;
}

/// Where a page of what was found begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Onward {
    /// What is written together may stand apart.
    apart: bool,
    start: Start,
}

impl Onward {
    const FIRST: Onward = Onward { apart: false, start: Start::FIRST };
}

impl std::fmt::Display for Onward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.apart { "a" } else { "t" }, self.start)
    }
}

impl Schema for Onward {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "^[at][0-3]\\.(0|[1-9][0-9]{0,18})$" })
    }
}

impl FromText for Onward {
    fn from_text(text: &str) -> Option<Self> {
        let (apart, rest) = match text.strip_prefix('a') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('t')?),
        };
        let start = Start::read(rest);
        // What is no beginning is read as the first, and written otherwise.
        (start.to_string() == rest).then_some(Onward { apart, start })
    }
}

api::params! {
    pub struct Sought {
        /// Words, each of which has to stand in a case; six of them count.
        q: Text<1, { crate::search_find::MOST_TYPED }>,
        /// `next` of the page before.
        after: Option<Onward>,
    }
}

api::object! {
    /// A piece of a text.
    pub struct FoundPiece {
        text: String,
        /// It is what was looked for.
        hit: bool,
    }
    /// A case that was found.
    pub struct FoundCase {
        case: CaseLine,
        /// What it is about, around the first of the words.
        what: Vec<FoundPiece>,
        /// What was answered or found on its way, where the words stand there; else empty.
        said: Vec<FoundPiece>,
    }
    /// Cases that were found.
    pub struct FoundCases {
        /// The case of this very number, where what is sought is one.
        numbered: Option<CaseLine>,
        found: Vec<FoundCase>,
        /// Words that are written together were looked for apart, as nothing holds them together.
        apart: bool,
        /// Not every case can be found yet.
        incomplete: bool,
        next: Option<String>,
    }
}

fn pieces(pieces: Vec<Piece>) -> Vec<FoundPiece> {
    pieces.into_iter().map(|piece| FoundPiece { text: piece.text, hit: piece.hit }).collect()
}

async fn search_cases(call: Call<(), Sought>) -> web::Result<Answer<FoundCases>> {
    let by = call.actor.permit_some::<ListCases>()?;
    let (store, asked) = (&call.app.store, &call.query);
    let office = Office::of(&call).await?;
    let now = call.app.world.now();
    let text = asked.q.0.trim();
    let from = asked.after.unwrap_or(Onward::FIRST);
    let mut numbered = None;
    if let Some(number) = number(text) {
        match find(store, &call.actor, number).await {
            Ok(case) => numbered = Some(line_of(&call, &office, &case, now)),
            // Perhaps the number of a house, or of another system.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let typed = Typed::read(text);
    let seeker = Seeker::new(store, &office, &by);
    let mut found = Hits { hits: Vec::new(), next: None, cut: false };
    if !from.apart {
        found = seeker.find(&typed, from.start).await?;
    }
    let none = found.hits.is_empty() && found.next.is_none() && from == Onward::FIRST;
    let loosely = typed.loosely().filter(|_| none || from.apart);
    if let Some(apart) = &loosely {
        found = seeker.find(apart, from.start).await?;
    }
    let shown = loosely.as_ref().unwrap_or(&typed);
    let view = |hit: &Hit| FoundCase {
        case: line_of(&call, &office, &hit.case, now),
        what: pieces(shown.excerpt(&hit.case.what, EXCERPT)),
        said: hit
            .said
            .iter()
            .find(|words| shown.marked(words).iter().any(|piece| piece.hit))
            .map(|words| pieces(shown.excerpt(words, EXCERPT)))
            .unwrap_or_default(),
    };
    Ok(Answer(FoundCases {
        numbered,
        found: found.hits.iter().map(view).collect(),
        apart: loosely.is_some() && !found.hits.is_empty(),
        incomplete: !complete(store, by.tenant()).await?,
        next: found.next.map(|start| Onward { apart: loosely.is_some(), start }.to_string()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_where_the_one_before_ended_and_nowhere_else() {
        for text in ["t0.77", "a3.1", "t0.9223372036854775807"] {
            assert_eq!(Onward::from_text(text).expect("a beginning").to_string(), text);
        }
        for bad in ["", "t", "0.77", "t4.1", "t0.", "t0.007", "x0.1", "t0.99999999999999999999"] {
            assert_eq!(Onward::from_text(bad), None, "{bad}");
        }
    }
}
