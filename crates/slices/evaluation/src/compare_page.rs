//! Two scores beside each other: of two units in one month, or of one unit in two months; line by line, each figure with where it opens.

use crate::evaluated_page::{Rules, reason_words, scaled, scored, signed};
use crate::evaluation::{self, Evaluation, EvaluationState, Standing};
use crate::evaluation_page::{Scored, inside, lamp, place_words};
use crate::league::{League, Shows};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme;
use crate::scheme_page::Room;
use crate::scoring::{Kept, first_of, spread_of_both, within_chance};
use crate::verbs::ReadScore;
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Error, Result};
use rules::{LineOf, Points, RateValue, Scheme};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use web::forms::Choice;
use web::html::render;
use web::parts::LampView;
use web::{PageContext, Words};

/// With whom and with which month a unit can be compared by whoever looks.
pub(crate) struct Choices {
    pub href: String,
    pub units: Vec<Choice>,
    pub months: Vec<Choice>,
}

impl Choices {
    /// The other units of the table, and the other months of the unit, whose lines the actor may see.
    pub async fn of(desk: &Desk, page: &PageContext, room: &Room, one: &Evaluation, league: &League, kept: &Kept) -> Result<Choices> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        let (inside, member) = (inside(desk), kept.known.member);
        let with_places = inside || league.shows != Shows::Grades;
        let may = |scored: &Scored<'_>| inside || desk.actor.can::<ReadScore>(scored);
        let mut table = evaluation::table(store, tenant, one.id).await?;
        table.retain(|other| other.member_id != member && may(&Scored::of(desk, room.directory(), league, other)));
        if !with_places {
            table.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let unit = |other: &Standing| {
            let placed = other.place.filter(|_| with_places);
            let label = placed.map(|place| page.w.a2("compare-choice", "name", other.name.clone(), "place", place).into_owned());
            Choice { value: other.member_id.to_string(), label: label.unwrap_or_else(|| other.name.clone()), on: false }
        };
        let mut months = evaluation::months_of(store, tenant, league.id, member).await?;
        months.retain(|month| {
            let seen = inside || month.state == EvaluationState::Published;
            month.month != one.month && seen && may(&Scored::by(desk, room.directory(), league, member, month.unit))
        });
        Ok(Choices {
            href: page.href(&format!("/evaluations/{}/units/{member}/compare", one.id)),
            units: table.iter().map(unit).collect(),
            months: months.into_iter().map(|one| Choice { value: one.month.clone(), label: one.month, on: false }).collect(),
        })
    }

    /// With what is compared now.
    fn chosen(mut self, asked: &Asked) -> Choices {
        for choice in &mut self.units {
            choice.on = choice.value == asked.with;
        }
        for choice in &mut self.months {
            choice.on = asked.with.is_empty() && choice.value == asked.month;
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.months.is_empty()
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Another unit of the same table.
    pub with: String,
    /// Another month of the same unit.
    pub month: String,
}

#[derive(Default)]
struct CellView {
    text: String,
    small: String,
    /// Where it opens.
    href: String,
}

struct RowView {
    code: String,
    name: String,
    cells: [CellView; 2],
    difference: String,
    kind: &'static str,
    differs: bool,
}

struct GroupView {
    title: String,
    rows: Vec<RowView>,
    /// Whether its figures have a difference that can be told.
    told: bool,
}

/// One of the two scores in the page's head.
struct HeadView {
    name: String,
    href: String,
    lamp: LampView,
    scheme: String,
    scheme_href: String,
}

#[derive(askama::Template)]
#[template(path = "compare.html")]
struct ComparePage {
    page: PageContext,
    table_href: String,
    league: String,
    month: String,
    unit_href: String,
    unit: String,
    choices: Choices,
    heads: Vec<HeadView>,
    other_scheme: bool,
    not_ranked: Vec<String>,
    sure: String,
    groups: Vec<GroupView>,
}

/// One of two scores that are compared.
struct Side<'a> {
    one: &'a Evaluation,
    kept: &'a Kept,
    scheme: &'a Scheme,
    standing: Standing,
    href: String,
}

impl Side<'_> {
    fn part_href(&self, dimension: &str) -> String {
        let at = self.scheme.dimensions.iter().position(|known| known.name == dimension);
        at.map_or_else(|| self.href.clone(), |at| format!("{}#part-{}", self.href, at + 1))
    }
    /// A line's points. A row that nothing matched has no line, and its dimension opens instead.
    fn line(&self, w: Words, of: &LineOf, dimension: &str) -> (i64, CellView) {
        match self.kept.score.lines.iter().enumerate().find(|(_, line)| line.of == *of) {
            Some((nth, line)) => {
                let facts = line.facts.len();
                let small = if facts > 0 { w.a("evaluation-facts", "n", facts).into_owned() } else { String::new() };
                let href = format!("{}?line={}#line-{}", self.href, nth + 1, nth + 1);
                (line.points.0, CellView { text: signed(line.points), small, href })
            }
            None => (0, CellView { text: "0".to_owned(), small: String::new(), href: self.part_href(dimension) }),
        }
    }
    fn dimension(&self, name: &str) -> (i64, CellView) {
        let Some(sum) = self.kept.score.dimensions.iter().find(|sum| sum.name == name) else { return (0, CellView::default()) };
        let full = self.scheme.dimensions.iter().find(|known| known.name == name).map_or(Points::ZERO, |known| known.full);
        let small = format!("/ {full}");
        (sum.points.0, CellView { text: sum.points.to_string(), small, href: self.part_href(name) })
    }
    fn rate(&self, w: Words, code: &str) -> CellView {
        let value = self.kept.score.rates.iter().find(|value| value.code == code);
        let scale = self.scheme.rates.iter().find(|rate| rate.code == code).map(|rate| rate.scale);
        let Some((RateValue { value, .. }, scale)) = value.zip(scale) else { return CellView::default() };
        let href = self.figures_href();
        match value {
            Ok(rate) => CellView { text: scaled(w, scale, rate), small: format!("{} / {}", rate.numerator, rate.denominator), href },
            Err(reason) => CellView { text: String::new(), small: reason_words(w, reason), href },
        }
    }
    fn figures_href(&self) -> String {
        format!("{}#figures", self.href)
    }
    /// A number that may not be known.
    fn number(&self, value: Option<u64>, small: String) -> CellView {
        value.map_or_else(CellView::default, |value| CellView { text: value.to_string(), small, href: self.figures_href() })
    }
}

/// Both sides, in the order in which they stand.
struct Pair<'a> {
    w: Words,
    left: Side<'a>,
    right: Side<'a>,
}

impl Pair<'_> {
    fn points(&self, name: String, code: String, left: (i64, CellView), right: (i64, CellView)) -> RowView {
        let difference = left.0 - right.0;
        let kind = match difference {
            0 => "",
            1.. => "rose",
            _ => "fell",
        };
        RowView { code, name, cells: [left.1, right.1], difference: signed(Points(difference)), kind, differs: difference != 0 }
    }
    fn said(&self, name: String, left: CellView, right: CellView) -> RowView {
        let differs = left.text != right.text || (left.text.is_empty() && left.small != right.small);
        RowView { code: String::new(), name, cells: [left, right], difference: String::new(), kind: "", differs }
    }
    /// Names that either side has, the left one's first.
    fn either<'n>(left: impl Iterator<Item = &'n str>, right: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
        let mut known = BTreeSet::new();
        left.chain(right).filter(|name| known.insert(*name)).collect()
    }
    fn dimensions(&self) -> Vec<&str> {
        let [left, right] = [self.left.scheme, self.right.scheme].map(|scheme| scheme.dimensions.iter().map(|known| known.name.as_str()));
        Self::either(left, right)
    }

    /// Total, place and grade, and what each dimension came to.
    fn sums(&self, page: &PageContext, with_places: bool) -> GroupView {
        let w = self.w;
        let (left, right) = (&self.left, &self.right);
        let plain = |side: &Side<'_>, text: String| CellView { text, small: String::new(), href: side.href.clone() };
        let total = |side: &Side<'_>| (side.kept.score.total.0, plain(side, side.kept.score.total.to_string()));
        let mut rows = vec![self.points(w.t("evaluation-total").into_owned(), String::new(), total(left), total(right))];
        if with_places {
            let place = |side: &Side<'_>| {
                let small = w.a("compare-of-units", "n", side.one.units).into_owned();
                CellView { small, ..plain(side, place_words(page, side.standing.place)) }
            };
            rows.push(self.said(w.t("evaluation-place").into_owned(), place(left), place(right)));
        }
        let grade = |side: &Side<'_>| plain(side, side.standing.grade.clone());
        rows.push(self.said(w.t("evaluation-grade").into_owned(), grade(left), grade(right)));
        for name in self.dimensions() {
            rows.push(self.points(name.to_owned(), String::new(), left.dimension(name), right.dimension(name)));
        }
        GroupView { title: w.t("compare-sums").into_owned(), rows, told: true }
    }

    /// The lines of each dimension in the order of the schemes; a row that is written otherwise in both is the same where its code is.
    fn lines(&self, rules: [&Rules<'_>; 2]) -> Vec<GroupView> {
        let has = |of: &LineOf| {
            let mut lines = [self.left.kept, self.right.kept].into_iter().flat_map(|kept| &kept.score.lines);
            lines.any(|line| line.of == *of)
        };
        let mut known: BTreeSet<LineOf> = BTreeSet::new();
        let mut groups = Vec::new();
        for dimension in self.dimensions() {
            let row = |scheme: &Scheme| {
                let rows = scheme.rows.iter().filter(|row| row.dimension == dimension);
                rows.map(|row| LineOf::Row { code: row.code.clone() }).collect::<Vec<_>>()
            };
            let name = dimension.to_owned();
            let all = [LineOf::Start { dimension: name.clone() }]
                .into_iter()
                .chain(row(self.left.scheme))
                .chain(row(self.right.scheme))
                .chain([LineOf::DimensionBound { dimension: name.clone() }]);
            let of: Vec<LineOf> = all.filter(|of| has(of) && known.insert(of.clone())).collect();
            groups.push(self.group(name, &of, dimension, rules));
        }
        let nonzero = |of: &LineOf| self.left.line(self.w, of, "").0 != 0 || self.right.line(self.w, of, "").0 != 0;
        let beside: Vec<LineOf> = [LineOf::Base, LineOf::TotalBound].into_iter().filter(nonzero).collect();
        groups.push(self.group(self.w.t("evaluation-beside").into_owned(), &beside, "", rules));
        // Where both only begin alike there is nothing to read: what the dimension came to stands above already.
        groups.retain(|group| group.rows.iter().any(|row| row.differs || !row.code.is_empty()));
        groups
    }

    fn group(&self, title: String, of: &[LineOf], dimension: &str, rules: [&Rules<'_>; 2]) -> GroupView {
        let rows = of.iter().map(|of| {
            let (code, name) = rules.map(|rules| rules.name(of)).into_iter().find(|(_, name)| !name.is_empty()).unwrap_or_default();
            self.points(name, code, self.left.line(self.w, of, dimension), self.right.line(self.w, of, dimension))
        });
        GroupView { title, rows: rows.collect(), told: true }
    }

    fn rates(&self) -> GroupView {
        let (left, right) = (self.left.scheme, self.right.scheme);
        let codes = Self::either(left.rates.iter().map(|rate| rate.code.as_str()), right.rates.iter().map(|rate| rate.code.as_str()));
        let rows = codes.into_iter().filter_map(|code| {
            let rate = left.rates.iter().chain(&right.rates).find(|rate| rate.code == code)?;
            Some(self.said(rate.name.clone(), self.left.rate(self.w, code), self.right.rate(self.w, code)))
        });
        GroupView { title: self.w.t("compare-rates").into_owned(), rows: rows.collect(), told: false }
    }

    /// Sizes, and what was counted with either.
    fn counts(&self) -> GroupView {
        let w = self.w;
        let (left, right) = (self.left.kept, self.right.kept);
        let keys = |one: &'_ BTreeMap<String, u64>, other: &'_ BTreeMap<String, u64>| -> BTreeSet<String> {
            one.keys().chain(other.keys()).cloned().collect()
        };
        let measure = |side: &Side<'_>, name: &str| side.number(side.kept.known.measures.get(name).copied(), String::new());
        let mut rows: Vec<RowView> = keys(&left.known.measures, &right.known.measures)
            .iter()
            .map(|name| self.said(w.t(&format!("told-measure-{name}")).into_owned(), measure(&self.left, name), measure(&self.right, name)))
            .collect();
        let some = |kept: &Kept, name: &str| [&kept.counts, &kept.last].into_iter().any(|counts| counts.get(name).is_some_and(|n| *n > 0));
        let count = |side: &Side<'_>, name: &str| {
            let last = side.kept.last.get(name).map(|last| w.a("evaluation-last", "n", *last).into_owned()).unwrap_or_default();
            side.number(side.kept.counts.get(name).copied(), last)
        };
        for name in keys(&left.counts, &right.counts).iter().filter(|name| some(left, name) || some(right, name)) {
            rows.push(self.said(w.t(&format!("told-count-{name}")).into_owned(), count(&self.left, name), count(&self.right, name)));
        }
        GroupView { title: w.t("evaluation-figures").into_owned(), rows, told: false }
    }

    /// How sure it is that one is better than the other; nothing where no fact was counted, as nothing is known of chance then.
    fn sure(&self) -> String {
        let (left, right) = (self.left.kept, self.right.kept);
        let difference = left.score.total.0 - right.score.total.0;
        let both = spread_of_both(left.spread(), right.spread());
        let key = match difference {
            _ if both == 0 => return String::new(),
            0 => "compare-sure-same",
            _ if within_chance(difference, left.spread(), right.spread()) => "compare-sure-chance",
            _ => "compare-sure-beyond",
        };
        let said = [("difference", Points(difference.abs()).to_string()), ("spread", Points(both / 100 * 100).to_string())];
        self.w.with(key, &said).into_owned()
    }
}

/// The month of a unit that it is compared with. Errors: `evaluation.month_needed`; 404 where it was not scored then.
async fn of_month(desk: &Desk, league: &League, kept: &Kept, month: &str) -> Result<String> {
    first_of(month).ok_or(MONTH_NEEDED)?;
    let all = evaluation::months_of(&desk.app.store, desk.actor.tenant, league.id, kept.known.member).await?;
    let found = all.into_iter().find(|one| one.month == month).ok_or_else(Error::not_found)?;
    Ok(found.evaluation.to_string())
}

pub async fn one(desk: Desk, Path((_, id, member)): Path<(String, String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let (one, league, kept) = scored(&desk, &room, &id, &member).await?;
    let asked = Asked { with: asked.with.trim().to_owned(), month: asked.month.trim().to_owned() };
    // Whoever may not see the other's lines does not learn that there are any.
    let other = if !asked.with.is_empty() {
        Some(scored(&desk, &room, &id, &asked.with).await?)
    } else if !asked.month.is_empty() {
        let of = of_month(&desk, &league, &kept, &asked.month).await?;
        Some(scored(&desk, &room, &of, &member).await?)
    } else {
        None
    };
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("compare");
    let w = page.w;
    let choices = Choices::of(&desk, &page, &room, &one, &league, &kept).await?.chosen(&asked);
    let unit_href = |one: &Evaluation, kept: &Kept| page.href(&format!("/evaluations/{}/units/{}", one.id, kept.known.member));
    let with_places = league.shows != Shows::Grades || inside(&desk);
    let (mut heads, mut not_ranked, mut sure, mut groups, mut other_scheme) = (Vec::new(), Vec::new(), String::new(), Vec::new(), false);
    let mut title = w.a2("compare-title-one", "unit", kept.known.name.clone(), "month", one.month.clone()).into_owned();
    if let Some((second, _, beside)) = &other {
        let schemes = [scheme::table(store, tenant, one.scheme_id).await?, scheme::table(store, tenant, second.scheme_id).await?];
        let rules = [0, 1].map(|nth: usize| Rules { w, scheme: &schemes[nth], sheet: room.sheet(&schemes[nth]) });
        let standings = [
            evaluation::standing(store, tenant, one.id, kept.known.member).await?,
            evaluation::standing(store, tenant, second.id, beside.known.member).await?,
        ];
        let [first, last] = standings;
        let pair = Pair {
            w,
            left: Side { one: &one, kept: &kept, scheme: &schemes[0], standing: first, href: unit_href(&one, &kept) },
            right: Side { one: second, kept: beside, scheme: &schemes[1], standing: last, href: unit_href(second, beside) },
        };
        let by_month = second.month != one.month;
        title = if by_month {
            let said = [("unit", kept.known.name.clone()), ("one", one.month.clone()), ("other", second.month.clone())];
            w.with("compare-title-months", &said).into_owned()
        } else {
            w.a2("compare-title-units", "one", kept.known.name.clone(), "other", beside.known.name.clone()).into_owned()
        };
        other_scheme = one.scheme_id != second.scheme_id;
        for side in [&pair.left, &pair.right] {
            let version = scheme::find(store, tenant, side.one.scheme_id).await?;
            let name = if by_month { side.one.month.clone() } else { side.kept.known.name.clone() };
            if let Some(reason) = side.kept.not_ranked() {
                not_ranked.push(w.a2("compare-not-ranked", "name", name.clone(), "why", reason_words(w, reason)).into_owned());
            }
            heads.push(HeadView {
                name,
                href: side.href.clone(),
                lamp: lamp(&page, side.one),
                scheme_href: page.href(&format!("/schemes/{}", version.id)),
                scheme: version.name,
            });
        }
        if inside(&desk) {
            sure = pair.sure();
        }
        groups.push(pair.sums(&page, with_places));
        groups.extend(pair.lines([&rules[0], &rules[1]]));
        groups.extend([pair.rates(), pair.counts()].into_iter().filter(|group| !group.rows.is_empty()));
    }
    let unit_href = unit_href(&one, &kept);
    page.title = title;
    let template = ComparePage {
        table_href: page.href(&format!("/evaluations/{}", one.id)),
        league: league.name,
        unit_href,
        unit: kept.known.name.clone(),
        choices,
        heads,
        other_scheme,
        not_ranked,
        sure,
        groups,
        month: one.month,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}
