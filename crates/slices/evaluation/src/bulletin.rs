//! A month's bulletin (月度考评通报): what was scored, written out with its tables; on a page of its own for ever, as PDF and for the
//! office suite, and as the draft that is signed.

use crate::evaluation::{self, Evaluation, EvaluationId, EvaluationState, Standing, Take};
use crate::evaluation_page::{in_order, inside};
use crate::league::{self, League, LeagueId, Shows};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme;
use crate::scoring::{first_of, month_before};
use crate::verbs::ReadRanking;
use crate::witness;
use access::http::Desk;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use documents::{Bulletin, BulletinForm, BulletinSection, BulletinTable, Printed, RegisterColumn};
use kernel::canonical::{content_hash, hex};
use kernel::{Code, Error, Result, ensure};
use rules::Points;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::journal::{Journal, SignedHead};
use web::PageContext;
use web::html::render;

/// Nothing of the month was published, or checked where it is to be signed.
pub const NOTHING: Code = Code::not_found("bulletin.nothing");

/// Units that are named as the foremost of a league.
const PRAISED: usize = 5;
/// Corrections that a bulletin names one by one.
const MOST_CORRECTIONS: usize = 100;
/// Characters of a check code, and of what is printed of a root.
const CODE: usize = 16;

store::text_enum! {
    /// What it is made into.
    pub enum Form {
        Pdf = "pdf",
        Docx = "docx",
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The check code of a paper, to be held against what was published.
    pub code: String,
}

/// The evaluations of a month that a bulletin is of, league by league; a draft for signature is of what was checked as well.
pub(crate) async fn of_month(desk: &Desk, month: &str, draft: bool) -> Result<Vec<(League, Evaluation)>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    first_of(month).ok_or(MONTH_NEEDED)?;
    let mut found = Vec::new();
    for league in league::all(store, tenant).await? {
        let all = evaluation::editions(store, tenant, league.id, month).await?.into_iter();
        let good = |state| state == EvaluationState::Published || (draft && state == EvaluationState::Checked);
        if let Some(one) = all.into_iter().find(|one| good(one.state)) {
            found.push((league, one));
        }
    }
    ensure(!found.is_empty(), NOTHING)?;
    Ok(found)
}

/// The signed head that covers the publication of all of these.
async fn head_of(desk: &Desk, all: &[(League, Evaluation)]) -> Result<SignedHead> {
    let ids: Vec<EvaluationId> = all.iter().map(|(_, one)| one.id).collect();
    witness::head(&desk.app.get::<Journal>(), desk.actor.tenant, &ids).await
}

/// So many characters of the hash of all digests, league by league in the order of their ids, and of the root of the signed head that
/// covers them: the same as long as nothing was bent, neither the scores nor the journal up to there.
fn check_code(all: &[(League, Evaluation)], head: &SignedHead) -> String {
    let mut digests: Vec<(LeagueId, &str)> = all.iter().map(|(league, one)| (league.id, one.digest.as_str())).collect();
    digests.sort_unstable();
    let mut lines: String = digests.iter().map(|(league, digest)| format!("{league} {digest}\n")).collect();
    lines.push_str(&format!("{}\n", hex(&head.root)));
    let code: String = hex(&content_hash(lines.as_bytes())).chars().take(CODE).collect();
    let parts: Vec<&str> = (0..CODE / 4).filter_map(|nth| code.get(nth * 4..nth * 4 + 4)).collect();
    parts.join("-").to_uppercase()
}

/// How many months were published up to this one: the number of its bulletin.
async fn number(desk: &Desk, month: &str) -> Result<usize> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut months = BTreeSet::from([month.to_owned()]);
    for league in league::all(store, tenant).await? {
        let known = evaluation::months(store, tenant, league.id, true).await?.into_iter();
        months.extend(known.map(|one| one.month).filter(|known| known.as_str() < month));
    }
    Ok(months.len())
}

/// The bulletin of these evaluations as it is today; without a head that covers them, the draft that is signed: as nothing of it is
/// published, nothing can be held against it. Errors: `evaluation.month_needed`.
async fn written(
    desk: &Desk,
    page: &PageContext,
    month: &str,
    all: &[(League, Evaluation)],
    head: Option<&SignedHead>,
) -> Result<Bulletin> {
    let first = first_of(month).ok_or(MONTH_NEEDED)?;
    let w = page.w;
    let said = [("year", first.year().to_string()), ("month", first.month().to_string())];
    let month_words = w.with("bulletin-month", &said).into_owned();
    let (mut sections, mut corrections) = (Vec::with_capacity(all.len()), Vec::new());
    let (mut units, mut latest, mut edition) = (0, None, 1);
    for (league, one) in all {
        units += usize::try_from(one.units).unwrap_or(0);
        latest = latest.max(one.published_at.or(one.checked_at));
        edition = edition.max(one.edition);
        sections.push(section(desk, page, league, one).await?);
        corrections.extend(corrected(desk, page, league, one).await?);
    }
    if corrections.len() > MOST_CORRECTIONS {
        let more = corrections.len() - MOST_CORRECTIONS;
        corrections.truncate(MOST_CORRECTIONS);
        corrections.push(w.a("bulletin-more-corrections", "n", more).into_owned());
    }
    let leagues = all.iter().map(|(league, _)| league.name.clone()).collect::<Vec<_>>().join(&w.t("comma"));
    let intro = [("month", month_words.clone()), ("leagues", leagues), ("n", units.to_string())];
    let check_code = head.map(|head| check_code(all, head)).unwrap_or_default();
    let sealed = head.map(|head| {
        let root: String = hex(&head.root).chars().take(CODE).collect();
        w.with("bulletin-sealed", &[("n", head.size.to_string()), ("at", page.at_full(&head.signed_at)), ("root", root)]).into_owned()
    });
    let link = head.map(|_| format!("{}{}?code={check_code}", desk.app.public_url, page.href(&format!("/bulletins/{month}"))));
    let day = latest.unwrap_or(page.now).to_timestamp().to_zoned_datetime(page.zone.clone()).date();
    let parts = [("year", day.year().to_string()), ("month", day.month().to_string()), ("day", day.day().to_string())];
    Ok(Bulletin {
        form: if head.is_some() { BulletinForm::Working } else { BulletinForm::Signature },
        tenant: page.tenant_name.clone(),
        office: desk.tenant.office_name(page)?,
        number: w.a("bulletin-number", "n", number(desk, month).await?).into_owned(),
        edition: if edition > 1 { w.a("bulletin-edition", "n", edition).into_owned() } else { String::new() },
        title: w.a("bulletin-title", "month", month_words).into_owned(),
        date: w.with("paper-date", &parts).into_owned(),
        addressees: w.t("bulletin-addressees").into_owned(),
        corrections,
        intro: vec![w.with("bulletin-intro", &intro).into_owned()],
        sections,
        closing: vec![w.t("bulletin-closing").into_owned()],
        link: link.unwrap_or_default(),
        check_code,
        sealed: sealed.unwrap_or_default(),
        labels: documents::labels(|key| w.t(key).into_owned()),
        demo_banner: page.demo_banner.clone(),
        ..Bulletin::default()
    })
}

/// What an edition after the first has otherwise than the one before it, unit by unit.
async fn corrected(desk: &Desk, page: &PageContext, league: &League, one: &Evaluation) -> Result<Vec<String>> {
    let (store, tenant, w) = (&desk.app.store, desk.actor.tenant, page.w);
    let editions = evaluation::editions(store, tenant, league.id, &one.month).await?;
    let Some(before) = editions.into_iter().find(|other| other.edition + 1 == one.edition) else { return Ok(Vec::new()) };
    let was = evaluation::table(store, tenant, before.id).await?;
    let with_places = league.shows != Shows::Grades;
    let said = |standing: Option<&Standing>| match standing {
        None => w.t("bulletin-not-scored").into_owned(),
        Some(standing) if !with_places => standing.grade.clone(),
        Some(standing) => {
            let place = standing.place.map_or_else(|| w.t("evaluation-not-ranked").into_owned(), |place| place.to_string());
            let said = [("total", Points(standing.total).to_string()), ("place", place), ("grade", standing.grade.clone())];
            w.with("bulletin-standing", &said).into_owned()
        }
    };
    let now = evaluation::table(store, tenant, one.id).await?;
    let line = |standing: &Standing| {
        let (was, now) = (said(was.iter().find(|other| other.member_id == standing.member_id)), said(Some(standing)));
        let said = [("league", league.name.clone()), ("unit", standing.name.clone()), ("was", was.clone()), ("now", now.clone())];
        (was != now).then(|| w.with("bulletin-correction", &said).into_owned())
    };
    Ok(now.iter().filter_map(line).collect())
}

/// One league: its figures in words, who is foremost, who is in the last grade, and the table.
async fn section(desk: &Desk, page: &PageContext, league: &League, one: &Evaluation) -> Result<BulletinSection> {
    let (store, tenant, w) = (&desk.app.store, desk.actor.tenant, page.w);
    let rules = scheme::table(store, tenant, one.scheme_id).await?;
    let grades: Vec<String> = rules.grades.iter().map(|grade| grade.name.clone()).collect();
    let with_places = league.shows != Shows::Grades;
    let table = in_order(evaluation::table(store, tenant, one.id).await?, &grades, !with_places);
    let before = month_before(&one.month, 1).unwrap_or_default();
    let past = evaluation::history(store, tenant, league.id, &before, &before).await?;
    let compared: Vec<&Standing> = table.iter().filter(|standing| standing.place.is_some()).collect();
    let names = |list: &[&Standing]| list.iter().map(|standing| standing.name.clone()).collect::<Vec<_>>().join(&w.t("comma"));
    let by_grade = grades.iter().filter_map(|grade| {
        let n = compared.iter().filter(|standing| standing.grade == *grade).count();
        (n > 0).then(|| w.a2("bulletin-of-grade", "grade", grade.clone(), "n", n).into_owned())
    });
    let by_grade = by_grade.collect::<Vec<_>>().join(&w.t("comma"));
    let mut paragraphs = Vec::new();
    if !compared.is_empty() {
        let sum: i64 = compared.iter().map(|standing| standing.total).sum();
        let mean = Points(sum / i64::try_from(compared.len()).unwrap_or(1) / 10 * 10).to_string();
        let said = [("n", compared.len().to_string()), ("mean", mean), ("grades", by_grade)];
        let key = if with_places { "bulletin-figures" } else { "bulletin-figures-grades" };
        paragraphs.push(w.with(key, &said).into_owned());
    }
    // Named for praise are those of the best grade, for mending those of the last one: the scheme's own thresholds.
    let of = |grade: Option<&String>| compared.iter().filter(|standing| grade == Some(&standing.grade)).copied().collect::<Vec<_>>();
    let best = of(grades.first());
    if !best.is_empty() {
        paragraphs.push(w.a("bulletin-praised", "names", names(&best[..best.len().min(PRAISED)])).into_owned());
    }
    let last = if grades.len() > 1 { of(grades.last()) } else { Vec::new() };
    if !last.is_empty() {
        paragraphs.push(w.a("bulletin-named", "names", names(&last)).into_owned());
    }
    let aside = table.len() - compared.len();
    let with_units = table.iter().any(|standing| !standing.unit_name.is_empty());
    let column = |key: &str, share| RegisterColumn { title: w.t(key).into_owned(), share };
    let mut columns = Vec::new();
    if with_places {
        columns.push(column("evaluation-place", 2));
    }
    columns.push(column("evaluation-unit", 5));
    if with_units {
        columns.push(column("evaluation-company", 5));
    }
    if with_places {
        columns.push(column("evaluation-total", 3));
        // Nobody had a rank where nothing was published.
        columns.extend((!past.is_empty()).then(|| column("bulletin-before", 3)));
    }
    columns.push(column("evaluation-grade", 2));
    let row = |standing: &Standing| {
        let mut cells = Vec::new();
        if with_places {
            cells.push(standing.place.map_or_else(|| w.t("evaluation-not-ranked").into_owned(), |place| place.to_string()));
        }
        cells.push(standing.name.clone());
        if with_units {
            cells.push(standing.unit_name.clone());
        }
        if with_places {
            let was = past.get(&standing.member_id).and_then(|months| months.get(&before)).and_then(|past| past.place);
            cells.push(Points(standing.total).to_string());
            cells.extend((!past.is_empty()).then(|| was.map(|place| place.to_string()).unwrap_or_default()));
        }
        cells.push(standing.grade.clone());
        cells
    };
    // Names stand at the left, figures in the middle.
    let figures = (0..columns.len()).filter(|nth| columns[*nth].share < 5).collect();
    let table = BulletinTable {
        title: w.a("bulletin-table", "league", league.name.clone()).into_owned(),
        note: if aside > 0 { w.a("bulletin-aside", "n", aside).into_owned() } else { String::new() },
        numbers: figures,
        rows: table.iter().map(row).collect(),
        columns,
    };
    Ok(BulletinSection { heading: league.name.clone(), paragraphs, tables: vec![table], cases: Vec::new() })
}

#[derive(askama::Template)]
#[template(path = "bulletin.html")]
struct BulletinPage {
    page: PageContext,
    href: String,
    bulletin: Bulletin,
    /// The signed head that covers it: what it is called, and what it is.
    head: Vec<(String, String)>,
    /// The evaluations that it is of: name and address.
    of: Vec<(String, String)>,
    /// Of a code that was brought along: whether it is this one.
    same: Option<bool>,
    inside: bool,
}

/// What was published of a month, at an address that stays.
pub async fn page(desk: Desk, Path((_, month)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadRanking>()?;
    let mut page = desk.page("evaluations-title");
    let all = of_month(&desk, &month, false).await?;
    let head = head_of(&desk, &all).await?;
    let bulletin = written(&desk, &page, &month, &all, Some(&head)).await?;
    page.title.clone_from(&bulletin.title);
    let said = [
        ("proof-head-size", head.size.to_string()),
        ("proof-head-root", hex(&head.root)),
        ("proof-head-signed", page.at_full(&head.signed_at)),
        ("proof-head-key", head.key_id),
    ];
    let template = BulletinPage {
        head: said.into_iter().map(|(key, text)| (page.w.t(key).into_owned(), text)).collect(),
        href: page.href(&format!("/bulletins/{month}")),
        of: all.iter().map(|(league, one)| (league.name.clone(), page.href(&format!("/evaluations/{}", one.id)))).collect(),
        same: (!asked.code.is_empty()).then(|| asked.code.trim().eq_ignore_ascii_case(&bulletin.check_code)),
        inside: inside(&desk),
        bulletin,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// The bulletin on paper, `bulletin.pdf` or `bulletin.docx`; the draft for signature, `draft.pdf` or `draft.docx`, is for those who evaluate.
pub async fn paper(desk: Desk, Path((_, month, file)): Path<(String, String, String)>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ReadRanking>()?;
    let (name, form) = file.split_once('.').ok_or_else(Error::not_found)?;
    let draft = name == "draft";
    ensure(name == "bulletin" || (draft && inside(&desk)), Error::not_found())?;
    let form: Form = form.parse().map_err(|_| Error::not_found())?;
    let page = desk.page("evaluations-title");
    let all = of_month(&desk, &month, draft).await?;
    let head = if draft { None } else { Some(head_of(&desk, &all).await?) };
    let bulletin = written(&desk, &page, &month, &all, head.as_ref()).await?;
    let evaluations = all.iter().map(|(_, one)| one.id).collect();
    let name = format!("{} {}", page.tenant_name, bulletin.title);
    let press = desk.app.press.clone();
    let work = move || match form {
        Form::Pdf => press.pdf(&Printed::Bulletin(bulletin)),
        Form::Docx => documents::docx(&Printed::Bulletin(bulletin)).map_err(Error::from),
    };
    let bytes = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    desk.app.store.run(desk.own_pass(), Take { by, evaluations, form: form.as_str() }).await?;
    let (media, shown) = match form {
        Form::Pdf => ("application/pdf", "inline"),
        Form::Docx => ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
    };
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        // RFC 8187 §3.2.1
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{}.{form}", access::http::encode(&name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
