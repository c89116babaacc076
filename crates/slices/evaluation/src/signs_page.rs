//! The page of what was noticed in an evaluation's month (异常提示), for those who evaluate: each with its cases, why it was noticed, and
//! what else it may be. Nothing of it scores.

use crate::evaluation::{self, Evaluation, Standing};
use crate::evaluation_page::seen;
use crate::league::{League, MemberId};
use crate::scheme::Ranked;
use crate::scheme_page::status_of;
use crate::scoring::span_of;
use crate::verbs::ReadSigns;
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::response::Response;
use contracts::scoring::Of;
use contracts::signs::{Sign, SignKind, Watchers};
use kernel::{Instant, Result, TenantId};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use web::PageContext;
use web::forms::Choice;
use web::html::render;

/// Signs on a page; all are counted.
const ON_PAGE: usize = 50;
/// Members that are named with one sign.
const MOST_NAMED: usize = 5;

/// Whose a sign is, of those that a league compares.
fn members(sign: &Sign, ranked: Ranked, table: &[Standing]) -> Vec<MemberId> {
    let whose = sign.whose();
    let is = |standing: &Standing, of: &Of| {
        let (place, unit) = (Some(standing.member_id.place()), Some(standing.member_id.organisation()));
        match ranked {
            // What is about a unit alone is about all that it answers for.
            Ranked::Compound if of.compound.is_none() && of.community.is_none() => of.unit.is_some() && of.unit == standing.unit_id,
            Ranked::Compound => of.compound == place,
            Ranked::Community => of.community == place,
            Ranked::Cooperative | Ranked::Department => of.unit == unit,
        }
    };
    table.iter().filter(|standing| whose.iter().any(|of| is(standing, of))).map(|standing| standing.member_id).collect()
}

/// Looking through the months of a city takes seconds: for so long the table of an evaluation says how many there were. The page of
/// signs itself always looks anew.
const REMEMBERED: i64 = 600_000_000;
const MOST_REMEMBERED: usize = 64;

/// What was noticed, and when it was looked at.
type Look = (Instant, Arc<Vec<Sign>>);

/// What was noticed of the months that were looked at last; a part of the application.
#[derive(Default)]
pub struct Noticed(Mutex<BTreeMap<(TenantId, Instant), Look>>);

impl Noticed {
    async fn of(&self, desk: &Desk, month: &str, anew: bool) -> Result<Arc<Vec<Sign>>> {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        let directory = territory::directory_of(desk).await?;
        let span = span_of(&directory, month, 0)?;
        let (key, now) = ((tenant, span.from), desk.app.world.now());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((_, signs)) = known.filter(|(at, _)| !anew && now.0 - at.0 < REMEMBERED) {
            return Ok(signs);
        }
        let signs = Arc::new(desk.app.get::<Watchers>().signs(store, tenant, span.from, span.to).await?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_REMEMBERED {
            all.clear();
        }
        all.insert(key, (now, signs.clone()));
        Ok(signs)
    }
}

/// What was noticed of those in an evaluation, the latest first, each with whose it is.
fn of_members<'a>(all: &'a [Sign], league: &League, table: &[Standing]) -> Vec<(&'a Sign, Vec<MemberId>)> {
    let whose = |sign: &'a Sign| {
        let members = members(sign, league.ranked, table);
        (!members.is_empty()).then_some((sign, members))
    };
    all.iter().rev().filter_map(whose).collect()
}

/// How many there are, for whoever may see them; `None` for everybody else.
pub(crate) async fn count(desk: &Desk, one: &Evaluation, league: &League, table: &[Standing]) -> Result<Option<usize>> {
    if !desk.actor.can::<ReadSigns>(&desk.actor.tenant) {
        return Ok(None);
    }
    let all = desk.app.get::<Noticed>().of(desk, &one.month, false).await?;
    Ok(Some(of_members(&all, league, table).len()))
}

struct SignView {
    kind: String,
    whose: String,
    why: String,
    innocent: String,
    /// Where each case opens, what it is called, and when it was found.
    cases: Vec<(String, String, String)>,
    more: usize,
    scores: Vec<(String, String)>,
}

#[derive(askama::Template)]
#[template(path = "signs.html")]
struct SignsPage {
    page: PageContext,
    href: String,
    table_href: String,
    of: String,
    counts: Vec<(String, usize)>,
    total: usize,
    signs: Vec<SignView>,
    units: Vec<Choice>,
    filtered: bool,
    first: String,
    next: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub unit: String,
    pub from: usize,
}

pub async fn list(desk: Desk, Path((_, id)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let (one, league) = seen(&desk, &id).await?;
    desk.actor.permit::<ReadSigns>(&desk.actor.tenant)?;
    let mut page = desk.page("signs-title");
    let w = page.w;
    let table = evaluation::table(&desk.app.store, desk.actor.tenant, one.id).await?;
    let names: BTreeMap<MemberId, &str> = table.iter().map(|standing| (standing.member_id, standing.name.as_str())).collect();
    let signs = desk.app.get::<Noticed>().of(&desk, &one.month, true).await?;
    let all = of_members(&signs, &league, &table);
    let mut by_member: BTreeMap<MemberId, usize> = BTreeMap::new();
    for member in all.iter().flat_map(|(_, members)| members) {
        *by_member.entry(*member).or_default() += 1;
    }
    let unit = asked.unit.parse::<MemberId>().ok().filter(|unit| names.contains_key(unit));
    let shown: Vec<&(&Sign, Vec<MemberId>)> = all.iter().filter(|(_, members)| unit.is_none_or(|unit| members.contains(&unit))).collect();
    let of_kind = |kind: &SignKind| {
        let many = shown.iter().filter(|(sign, _)| sign.kind == *kind).count();
        (w.t(&format!("sign-kind-{kind}")).into_owned(), many)
    };
    let counts = SignKind::ALL.iter().map(of_kind).filter(|(_, many)| *many > 0).collect();
    let score = |member: &MemberId| {
        let name = names.get(member).copied().unwrap_or_default().to_owned();
        (page.href(&format!("/evaluations/{}/units/{member}", one.id)), name)
    };
    let view = |(sign, members): &(&Sign, Vec<MemberId>)| SignView {
        kind: w.t(&format!("sign-kind-{}", sign.kind)).into_owned(),
        whose: if members.len() > MOST_NAMED {
            w.a("signs-more-units", "n", members.len() - MOST_NAMED).into_owned()
        } else {
            String::new()
        },
        why: w.a2(&format!("sign-why-{}", sign.kind), "n", sign.count, "of", sign.of).into_owned(),
        innocent: w.t(&format!("sign-innocent-{}", sign.kind)).into_owned(),
        cases: sign.cases.iter().map(|case| (page.href(&case.opens), case.name.clone(), page.at(&case.at))).collect(),
        more: sign.more,
        scores: members.iter().take(MOST_NAMED).map(score).collect(),
    };
    let at = asked.from.min(shown.len());
    let signs = shown[at..shown.len().min(at + ON_PAGE)].iter().map(|sign| view(sign)).collect();
    let pager = |from: usize| {
        let of_unit = unit.map(|unit| format!("&unit={unit}")).unwrap_or_default();
        page.href(&format!("/evaluations/{}/signs?from={from}{of_unit}", one.id))
    };
    let choice = |(member, many): (&MemberId, &usize)| Choice {
        value: member.to_string(),
        label: format!("{} ({many})", names.get(member).copied().unwrap_or_default()),
        on: unit == Some(*member),
    };
    let template = SignsPage {
        href: page.href(&format!("/evaluations/{}/signs", one.id)),
        table_href: page.href(&format!("/evaluations/{}", one.id)),
        of: format!("{} {}", league.name, one.month),
        counts,
        total: shown.len(),
        signs,
        units: by_member.iter().map(choice).collect(),
        filtered: unit.is_some(),
        first: if at > 0 { pager(0) } else { String::new() },
        next: if at + ON_PAGE < shown.len() { pager(at + ON_PAGE) } else { String::new() },
        page: {
            page.title = w.t("signs-title").into_owned();
            page
        },
    };
    Ok(render(status_of(None), &template))
}
