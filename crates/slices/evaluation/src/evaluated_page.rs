//! One unit of an evaluation, line by line: each with its rule, each fact with where it is looked at; and one fact with every rule, why
//! it matched or did not.

use crate::appeal_page::{self, Offer};
use crate::compare_page::Choices;
use crate::consequence_page;
use crate::evaluation::{self, Evaluation, EvaluationState, Past};
use crate::evaluation_page::{inside, lamp, place_words, seen, sees_lines, with_places};
use crate::improvement;
use crate::league::{League, MemberId, Shows};
use crate::scheme;
use crate::scheme_page::Room;
use crate::scoring::{Kept, Seen, Struck, key, month_before};
use crate::terms::{kind_name, value_words};
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Error, Instant, Result, ensure};
use rules::{Cell, Fact, FactRef, LineOf, Part, Points, Reason, Scheme, Sheet, Truth};
use serde::Deserialize;
use std::collections::BTreeMap;
use web::html::render;
use web::parts::LampView;
use web::{PageContext, Words};

/// Facts of a line that stand on the page at once; all of them stand with the cases.
const MOST_FACTS: usize = 100;
/// Lines that are named as what would have made the next grade.
const MOST_ADVICE: usize = 5;

/// The points with their sign, as lines show them.
pub(crate) fn signed(points: Points) -> String {
    if points.0 > 0 { format!("+{points}") } else { points.to_string() }
}

struct FactView {
    at: String,
    what: String,
    href: String,
    why: String,
    points: String,
    counted: String,
}

struct LineView {
    /// Its number in the score, by which other pages lead to it.
    at: usize,
    open: bool,
    code: String,
    name: String,
    rule: String,
    points: String,
    kind: &'static str,
    /// What the facts came to before normalising and the cap, where that is something else.
    before: String,
    facts: Vec<FactView>,
    more: usize,
    count: usize,
    offer: Option<Offer>,
}

/// What an upheld appeal took away: the line and what it was of.
struct StruckView {
    line: String,
    facts: Vec<(String, String)>,
    href: String,
}

struct PartView {
    name: String,
    points: String,
    full: String,
    permille: i64,
    lines: Vec<LineView>,
}

struct RateView {
    name: String,
    value: String,
    of: String,
}

struct CountView {
    name: String,
    now: u64,
    last: String,
}

struct ChangeView {
    name: String,
    points: String,
}

struct MonthView {
    month: String,
    total: String,
    place: String,
}

#[derive(askama::Template)]
#[template(path = "evaluated.html")]
struct EvaluatedPage {
    page: PageContext,
    table_href: String,
    league: String,
    month: String,
    edition: String,
    lamp: LampView,
    name: String,
    unit: String,
    place: String,
    units: i64,
    total: String,
    grade: String,
    not_ranked: String,
    advice: String,
    parts: Vec<PartView>,
    rates: Vec<RateView>,
    counts: Vec<CountView>,
    measures: Vec<(String, u64)>,
    open: Vec<String>,
    struck: Vec<StruckView>,
    /// Its plan, where it is on the improvement list.
    improving: String,
    follows: Vec<consequence_page::LineView>,
    changes: Vec<ChangeView>,
    changes_of: String,
    months: Vec<MonthView>,
    scheme_href: String,
    scheme: String,
    /// Where its proof is taken; empty before it is published.
    proof_href: String,
    choices: Choices,
}

/// The unit's score, whole, if the actor may see it. Errors: 404, also where nobody of that id was scored.
pub(crate) async fn scored(desk: &Desk, room: &Room, id: &str, member: &str) -> Result<(Evaluation, League, Kept)> {
    let (one, league) = seen(desk, id).await?;
    let member: MemberId = member.parse().map_err(|_| Error::not_found())?;
    let standing = evaluation::standing(&desk.app.store, desk.actor.tenant, one.id, member).await?;
    ensure(sees_lines(desk, room.directory(), &league, &standing), Error::not_found())?;
    let kept = evaluation::kept(&desk.app.store, desk.actor.tenant, one.id, member).await?;
    Ok((one, league, kept))
}

/// Whether a score of it has a proof that the actor may take. A proof holds the ranks of all: where a league publishes grades alone it
/// is for those who evaluate.
pub(crate) fn provable(desk: &Desk, one: &Evaluation, league: &League) -> bool {
    one.state == EvaluationState::Published && (league.shows != Shows::Grades || inside(desk))
}

/// How a reason that something could not be evaluated is said.
pub(crate) fn reason_words(w: Words, reason: &Reason) -> String {
    let name = |name: &String| {
        let keys = ["told-count-", "told-measure-", "told-column-"].map(|prefix| format!("{prefix}{name}"));
        keys.iter().find(|key| w.has(key)).map_or_else(|| name.clone(), |key| w.t(key).into_owned())
    };
    let said = |nth: usize| reason.of.get(nth).map(name).unwrap_or_default();
    let all = reason.of.iter().map(name).collect::<Vec<_>>().join(&w.t("comma"));
    w.with(&format!("why-{}", reason.why), &[("of", all), ("what", said(0)), ("value", said(1)), ("least", said(2))]).into_owned()
}

/// The rules of a scheme as they are printed, by the code of their row.
pub(crate) struct Rules<'a> {
    pub w: Words,
    pub scheme: &'a Scheme,
    pub sheet: Sheet,
}

impl Rules<'_> {
    fn cell(&self, code: &str, cell: Cell) -> String {
        let grid = self.sheet.parts.get(&Part::Row);
        let at = self.scheme.rows.iter().position(|row| row.code == code);
        let column = grid.and_then(|grid| grid.columns.iter().position(|known| *known == cell));
        let text = grid.zip(at).zip(column).and_then(|((grid, at), column)| grid.lines.get(at)?.get(column));
        text.cloned().unwrap_or_default()
    }
    /// What a row says, in one line; nothing of a row that the scheme does not have.
    pub(crate) fn rule(&self, code: &str) -> String {
        let parts = [Cell::Applies, Cell::Conditions, Cell::Worth, Cell::Normalise, Cell::Cap].map(|cell| {
            let text = self.cell(code, cell);
            let key = match cell {
                Cell::Worth => "evaluation-rule-worth",
                Cell::Normalise => "evaluation-rule-normalise",
                Cell::Cap => "evaluation-rule-cap",
                _ => return text,
            };
            if text.is_empty() { text } else { self.w.a2(key, "text", text, "sign", self.cell(code, Cell::Sign)).into_owned() }
        });
        parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(&self.w.t("evaluation-rule-join"))
    }
    /// The code of a row, and what a line is called.
    pub(crate) fn name(&self, of: &LineOf) -> (String, String) {
        match of {
            LineOf::Row { code } => {
                let row = self.scheme.rows.iter().find(|row| row.code == *code);
                (code.clone(), row.map(|row| row.name.clone()).unwrap_or_default())
            }
            LineOf::Base => (String::new(), self.w.t("line-base").into_owned()),
            LineOf::Start { .. } => (String::new(), self.w.t("line-start").into_owned()),
            LineOf::DimensionBound { .. } => (String::new(), self.w.t("line-dimension").into_owned()),
            LineOf::TotalBound => (String::new(), self.w.t("line-total").into_owned()),
        }
    }
    /// The same in one text, with the dimension of a line that each of them has.
    pub(crate) fn called(&self, of: &LineOf) -> String {
        let (code, name) = self.name(of);
        let dimension = match of {
            LineOf::Start { dimension } | LineOf::DimensionBound { dimension } => dimension.as_str(),
            _ => "",
        };
        [code.as_str(), name.as_str(), dimension].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A fact in words: what it is, and of what category or row.
pub(crate) fn fact_words(room: &Room, w: Words, fact: &FactRef, kept: &Kept) -> String {
    match kept.facts.get(&key(&fact.kind, &fact.id)) {
        Some(seen) => seen_words(room, w, &fact.kind, seen),
        None => kind_name(w, &fact.kind),
    }
}

fn seen_words(room: &Room, w: Words, kind: &str, seen: &Seen) -> String {
    let columns = room.vocabulary().kinds.iter().find(|known| known.name == kind).map(|known| known.columns.as_slice());
    let category = columns.and_then(|columns| {
        let at = columns.iter().position(|column| column.name == "category")?;
        room.value(w, &columns[at].name, seen.values.get(at)?.as_ref())
    });
    let kind = kind_name(w, kind);
    category.map_or_else(|| kind.clone(), |category| format!("{kind} · {category}"))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AskedLine {
    /// The number of a line whose facts stand open.
    pub line: usize,
}

pub async fn one(
    desk: Desk,
    Path((_, id, member)): Path<(String, String, String)>,
    Query(asked): Query<AskedLine>,
) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let (one, league, kept) = scored(&desk, &room, &id, &member).await?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("evaluations-title");
    let w = page.w;
    page.title = w.a2("evaluation-of", "league", kept.known.name.clone(), "month", one.month.clone()).into_owned();
    let scheme = scheme::table(store, tenant, one.scheme_id).await?;
    let version = scheme::find(store, tenant, one.scheme_id).await?;
    let rules = Rules { w, scheme: &scheme, sheet: room.sheet(&scheme) };
    let score = &kept.score;
    let href = page.href(&format!("/evaluations/{}/units/{}", one.id, kept.known.member));
    let line = |(nth, line): (usize, &rules::Line)| {
        let (code, name) = rules.name(&line.of);
        let facts = line.facts.iter().take(MOST_FACTS).filter_map(|part| {
            let fact = score.facts.get(usize::try_from(part.fact).ok()?)?;
            let named = key(&fact.kind, &fact.id);
            Some(FactView {
                at: page.at(&Instant(fact.at)),
                what: fact_words(&room, w, fact, &kept),
                href: kept.facts.get(&named).map(|seen| page.href(&seen.opens)).unwrap_or_default(),
                why: format!("{href}/why?fact={}", access::http::encode(&named)),
                points: signed(part.points),
                counted: signed(part.counted),
            })
        });
        let changed = line.raw != line.points && !line.facts.is_empty();
        LineView {
            at: nth + 1,
            open: nth + 1 == asked.line,
            rule: if code.is_empty() { String::new() } else { rules.rule(&code) },
            code,
            name,
            points: signed(line.points),
            kind: match line.points.0 {
                0 => "",
                1.. => "rose",
                _ => "fell",
            },
            before: if changed { w.a("evaluation-before-cap", "points", signed(line.raw)).into_owned() } else { String::new() },
            facts: facts.collect(),
            more: line.facts.len().saturating_sub(MOST_FACTS),
            count: line.facts.len(),
            offer: None,
        }
    };
    let mut parts: Vec<PartView> = scheme
        .dimensions
        .iter()
        .map(|dimension| {
            let points = score.dimensions.iter().find(|sum| sum.name == dimension.name).map_or(0, |sum| sum.points.0);
            let lines = score.lines.iter().enumerate().filter(|(_, line)| line.dimension.as_deref() == Some(dimension.name.as_str()));
            PartView {
                name: dimension.name.clone(),
                points: Points(points).to_string(),
                full: dimension.full.to_string(),
                permille: (points * 1000).checked_div(dimension.full.0).unwrap_or(0).clamp(0, 1000),
                lines: lines.map(line).collect(),
            }
        })
        .collect();
    for (code, offer) in appeal_page::offers(&desk, &page, &room, &one, &league, &kept).await? {
        if let Some(line) = parts.iter_mut().flat_map(|part| &mut part.lines).find(|line| line.code == code) {
            line.offer = Some(offer);
        }
    }
    let rest = score.lines.iter().enumerate().filter(|(_, line)| line.dimension.is_none() && line.points.0 != 0);
    let rest: Vec<LineView> = rest.map(line).collect();
    if !rest.is_empty() {
        let name = w.t("evaluation-beside").into_owned();
        parts.push(PartView { name, points: String::new(), full: String::new(), permille: 0, lines: rest });
    }
    let rates = score.rates.iter().filter_map(|value| {
        let rate = scheme.rates.iter().find(|rate| rate.code == value.code)?;
        let (text, of) = match &value.value {
            Ok(fraction) => (scaled(w, rate.scale, fraction), format!("{} / {}", fraction.numerator, fraction.denominator)),
            Err(reason) => (String::new(), reason_words(w, reason)),
        };
        Some(RateView { name: rate.name.clone(), value: text, of })
    });
    let rates = rates.collect();
    let counts = kept.counts.iter().filter(|(name, number)| **number > 0 || kept.last.get(*name).is_some_and(|last| *last > 0));
    let counts = counts.map(|(name, number)| CountView {
        name: w.t(&format!("told-count-{name}")).into_owned(),
        now: *number,
        last: kept.last.get(name).map(ToString::to_string).unwrap_or_default(),
    });
    let counts = counts.collect();
    let before = month_before(&one.month, 1).unwrap_or_default();
    let earlier = evaluation::editions(store, tenant, league.id, &before).await?.into_iter();
    let earlier = earlier.into_iter().find(|earlier| earlier.state == EvaluationState::Published);
    let changes = match &earlier {
        Some(earlier) => match evaluation::kept(store, tenant, earlier.id, kept.known.member).await {
            Ok(was) => changes(&rules, &was, &kept),
            Err(error) if error.kind() == kernel::Kind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        },
        None => Vec::new(),
    };
    let begins = month_before(&one.month, 11).unwrap_or_default();
    let past = evaluation::history_of(store, tenant, league.id, kept.known.member, &begins, &one.month).await?;
    let with_places = with_places(&desk, &league);
    let standing = evaluation::standing(store, tenant, one.id, kept.known.member).await?;
    let improving = improvement::of_member(store, tenant, kept.known.member).await?;
    let choices = Choices::of(&desk, &page, &room, &one, &league, &kept).await?;
    let template = EvaluatedPage {
        choices,
        table_href: page.href(&format!("/evaluations/{}", one.id)),
        league: league.name.clone(),
        edition: if one.edition > 1 { w.a("evaluation-edition", "n", one.edition).into_owned() } else { String::new() },
        lamp: lamp(&page, &one),
        name: kept.known.name.clone(),
        unit: kept.known.unit_name.clone(),
        place: if with_places { place_words(&page, standing.place) } else { String::new() },
        units: one.units,
        total: score.total.to_string(),
        grade: score.grade.clone().unwrap_or_default(),
        not_ranked: kept.not_ranked().map(|reason| reason_words(w, reason)).unwrap_or_default(),
        advice: advice(w, &scheme, &kept),
        parts,
        rates,
        counts,
        measures: kept.known.measures.iter().map(|(name, n)| (w.t(&format!("evaluation-size-{name}")).into_owned(), *n)).collect(),
        open: open(&room, w, &rules, &kept),
        struck: struck(&page, &room, &rules, &kept),
        follows: consequence_page::of_score(&desk, &page, &one, kept.known.member).await?,
        improving: improving.map(|one| page.href(&format!("/improvements/{}", one.id))).unwrap_or_default(),
        changes_of: if changes.is_empty() { String::new() } else { before },
        changes,
        months: months(&page, &past, with_places),
        scheme_href: page.href(&format!("/schemes/{}", version.id)),
        scheme: version.name,
        proof_href: if provable(&desk, &one, &league) { format!("{href}/proof.json") } else { String::new() },
        month: one.month,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// What upheld appeals took away, as it was.
fn struck(page: &PageContext, room: &Room, rules: &Rules<'_>, kept: &Kept) -> Vec<StruckView> {
    let view = |one: &Struck| {
        let (code, name) = rules.name(&LineOf::Row { code: one.line.clone() });
        let facts = one.facts.iter().map(|(key, seen)| {
            let kind = key.split_once(':').map_or("", |(kind, _)| kind);
            (page.href(&seen.opens), seen_words(room, page.w, kind, seen))
        });
        StruckView { line: format!("{code} {name}"), facts: facts.collect(), href: page.href(&format!("/score-appeals/{}", one.appeal)) }
    };
    kept.struck.iter().map(view).collect()
}

pub(crate) fn scaled(w: Words, scale: rules::Scale, fraction: &rules::Fraction) -> String {
    let value = fraction.times(scale.factor(), 2);
    match scale {
        rules::Scale::Plain => value,
        rules::Scale::Percent => format!("{value}%"),
        rules::Scale::Permille => format!("{value}‰"),
        _ => w.a2("evaluation-rate-each", "value", value, "of", scale.factor()).into_owned(),
    }
}

/// What moved the total since the month before, the strongest first.
fn changes(rules: &Rules<'_>, was: &Kept, now: &Kept) -> Vec<ChangeView> {
    let mut all = rules::changes(&was.score, &now.score);
    all.sort_by_key(|change| -(change.after.0 - change.before.0).abs());
    let view =
        |change: &rules::Change| ChangeView { name: rules.called(&change.of), points: signed(Points(change.after.0 - change.before.0)) };
    all.iter().map(view).collect()
}

fn months(page: &PageContext, past: &BTreeMap<String, Past>, with_places: bool) -> Vec<MonthView> {
    let view = |(month, past): (&String, &Past)| MonthView {
        month: month.clone(),
        total: Points(past.total).to_string(),
        place: if with_places { place_words(page, past.place) } else { String::new() },
    };
    past.iter().rev().map(view).collect()
}

/// What would have made the next grade: the fewest lines whose deductions reach it.
fn advice(w: Words, scheme: &Scheme, kept: &Kept) -> String {
    let total = kept.score.total.0;
    let Some(grade) = scheme.grades.iter().rev().find(|grade| grade.from.0 > total) else { return String::new() };
    let missing = grade.from.0 - total;
    let mut lost: Vec<(&str, i64)> = kept
        .score
        .lines
        .iter()
        .filter_map(|line| match &line.of {
            LineOf::Row { code } if line.points.0 < 0 => Some((code.as_str(), -line.points.0)),
            _ => None,
        })
        .collect();
    lost.sort_by_key(|(_, points)| -points);
    let (mut sum, mut named) = (0, Vec::new());
    for (code, points) in lost.into_iter().take(MOST_ADVICE) {
        if sum >= missing {
            break;
        }
        sum += points;
        let name = scheme.rows.iter().find(|row| row.code == code).map(|row| row.name.as_str()).unwrap_or_default();
        named.push(w.a2("evaluation-advice-line", "name", format!("{code} {name}"), "points", Points(points).to_string()).into_owned());
    }
    let said = [
        ("grade", grade.name.clone()),
        ("from", grade.from.to_string()),
        ("missing", Points(missing).to_string()),
        ("lines", named.join(&w.t("evaluation-advice-join"))),
    ];
    let key = if named.is_empty() {
        "evaluation-advice-none"
    } else if sum >= missing {
        "evaluation-advice"
    } else {
        "evaluation-advice-most"
    };
    w.with(key, &said).into_owned()
}

/// What could not be evaluated, and what rows contradict each other about.
pub(crate) fn open(room: &Room, w: Words, rules: &Rules<'_>, kept: &Kept) -> Vec<String> {
    let undecided = kept.score.undecided.iter().map(|one| {
        let row = one.row.as_ref().map(|code| format!("{code} {}", rules.name(&LineOf::Row { code: code.clone() }).1)).unwrap_or_default();
        let fact = one.fact.as_ref().map(|fact| fact_words(room, w, fact, kept)).unwrap_or_default();
        let about = [row, fact].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        w.a2("evaluation-open", "about", about, "why", reason_words(w, &one.reason)).into_owned()
    });
    let conflicts = kept.score.conflicts.iter().map(|one| {
        let rows = one.rows.join(&w.t("comma"));
        w.a2("evaluation-conflict", "about", fact_words(room, w, &one.fact, kept), "rows", rows).into_owned()
    });
    undecided.chain(conflicts).take(MOST_FACTS).collect()
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub fact: String,
}

/// A condition in words, and what it read.
pub(crate) struct ReadBack {
    pub words: String,
    pub value: String,
    pub truth: Truth,
}

/// What a row made of a fact.
pub(crate) struct RowSaid {
    pub code: String,
    pub name: String,
    pub truth: Truth,
    /// What it gives the row, where it scores.
    pub points: Option<Points>,
    /// Why it does not score, though it may match.
    pub why: String,
    pub read: Vec<ReadBack>,
}

/// A fact with what it was and what every row made of it.
pub(crate) struct FactSaid {
    pub at: Instant,
    pub what: String,
    /// Where it is looked at, inside of the tenant.
    pub opens: String,
    /// The name of each column, and its value in words.
    pub values: Vec<(String, String)>,
    pub rows: Vec<RowSaid>,
    /// The codes of rows that contradict one another about it.
    pub conflict: Vec<String>,
}

struct ReadView {
    words: String,
    value: String,
    lamp: LampView,
}

struct RowView {
    code: String,
    name: String,
    lamp: LampView,
    points: String,
    why: String,
    read: Vec<ReadView>,
}

#[derive(askama::Template)]
#[template(path = "why.html")]
struct WhyPage {
    page: PageContext,
    table_href: String,
    league: String,
    month: String,
    unit_href: String,
    unit: String,
    what: String,
    at: String,
    href: String,
    values: Vec<(String, String)>,
    rows: Vec<RowView>,
    conflict: String,
}

fn verdict(w: Words, truth: Truth) -> LampView {
    let kind = match truth {
        Truth::Yes => "g",
        Truth::No => "n",
        Truth::Unknown => "y",
    };
    LampView { kind, text: w.t(&format!("truth-{truth}")).into_owned() }
}

/// Why a fact of a score, by its key, counted as it did: every row, every condition, and the value that it read. Errors: 404.
pub(crate) async fn explained(desk: &Desk, room: &Room, w: Words, one: &Evaluation, kept: &Kept, asked: &str) -> Result<FactSaid> {
    let fact = kept.score.facts.iter().find(|fact| key(&fact.kind, &fact.id) == asked);
    let (fact, seen) = fact.zip(kept.facts.get(asked)).ok_or_else(Error::not_found)?;
    let scheme = scheme::table(&desk.app.store, desk.actor.tenant, one.scheme_id).await?;
    let table = scheme.compile(room.vocabulary()).map_err(|problems| Error::internal(format!("a scheme: {problems:?}")))?;
    let told = Fact { points: seen.points, ..Fact::new(fact.kind.clone(), &fact.id, fact.at, seen.values.clone()) };
    let explained = table.explain_fact(&told);
    let rows = explained.rows.iter().map(|row| {
        // Each condition is printed as if it stood alone.
        let alone =
            scheme.rows.iter().filter(|known| known.code == row.code).flat_map(|known| {
                known.conditions.iter().map(|condition| rules::Row { conditions: vec![condition.clone()], ..known.clone() })
            });
        let apart = Scheme { rows: alone.collect(), ..scheme.clone() };
        let sheet = room.sheet(&apart);
        let column = sheet.parts.get(&Part::Row).and_then(|grid| grid.columns.iter().position(|cell| *cell == Cell::Conditions));
        let words =
            |nth: usize| sheet.parts.get(&Part::Row).zip(column).and_then(|(grid, column)| grid.lines.get(nth)?.get(column).cloned());
        let read = row.conditions.iter().enumerate().map(|(nth, condition)| ReadBack {
            words: words(nth).unwrap_or_default(),
            value: room.value(w, &condition.condition.column, condition.value.as_ref()).unwrap_or_else(|| value_words(w, "", None)),
            truth: condition.truth,
        });
        let reason = row.reason.as_ref().map(|reason| reason_words(w, reason));
        let passed_over = row.truth == Truth::Yes && row.points.is_none() && row.reason.is_none();
        RowSaid {
            code: row.code.clone(),
            name: scheme.rows.iter().find(|known| known.code == row.code).map(|known| known.name.clone()).unwrap_or_default(),
            truth: row.truth,
            points: row.points,
            why: reason.or_else(|| passed_over.then(|| w.t("evaluation-passed-over").into_owned())).unwrap_or_default(),
            read: read.collect(),
        }
    });
    let rows = rows.collect();
    let columns =
        room.vocabulary().kinds.iter().find(|kind| kind.name == *fact.kind).map(|kind| kind.columns.as_slice()).unwrap_or_default();
    let values = columns.iter().zip(&seen.values).map(|(column, value)| {
        let said = room.value(w, &column.name, value.as_ref()).unwrap_or_else(|| value_words(w, &column.name, None));
        (w.t(&format!("told-column-{}", column.name)).into_owned(), said)
    });
    Ok(FactSaid {
        at: Instant(fact.at),
        what: fact_words(room, w, fact, kept),
        opens: seen.opens.clone(),
        values: values.collect(),
        rows,
        conflict: explained.conflict,
    })
}

/// Why a fact counted as it did.
pub async fn why(desk: Desk, Path((_, id, member)): Path<(String, String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let (one, league, kept) = scored(&desk, &room, &id, &member).await?;
    let mut page = desk.page("evaluations-title");
    let w = page.w;
    let said = explained(&desk, &room, w, &one, &kept, &asked.fact).await?;
    page.title.clone_from(&said.what);
    let read = |read: ReadBack| ReadView { words: read.words, value: read.value, lamp: verdict(w, read.truth) };
    let row = |row: RowSaid| RowView {
        code: row.code,
        name: row.name,
        lamp: verdict(w, row.truth),
        points: row.points.map(signed).unwrap_or_default(),
        why: row.why,
        read: row.read.into_iter().map(read).collect(),
    };
    let template = WhyPage {
        table_href: page.href(&format!("/evaluations/{}", one.id)),
        league: league.name,
        unit_href: page.href(&format!("/evaluations/{}/units/{}", one.id, kept.known.member)),
        unit: kept.known.name.clone(),
        what: said.what,
        at: page.at_full(&said.at),
        href: page.href(&said.opens),
        values: said.values,
        rows: said.rows.into_iter().map(row).collect(),
        conflict: said.conflict.join(&w.t("comma")),
        month: one.month,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}
