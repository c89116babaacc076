//! The pages of appeals against scores: the form for one line, the list of those that wait, and one with its two looks.

use crate::appeal::{self, Advise, Appeal, AppealEnd, AppealId, AppealState, Ask, Decide, STALE, WRONG_STATE};
use crate::concern::{Concern, name_of};
use crate::evaluated_page::{fact_words, scored, signed};
use crate::evaluation::{self, Evaluation};
use crate::evidence;
use crate::league::{self, League};
use crate::scheme;
use crate::scheme_page::{Room, mendable, status_of};
use crate::scoring::{Kept, first_of, key};
use crate::settings;
use crate::verbs::{AdviseScoreAppeal, AppealScore, DecideScoreAppeal, ReadEvaluation, ReadScore};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::ids::CommandId;
use kernel::{Code, Error, Instant, Result, ensure};
use rules::LineOf;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::attachments::Size;
use territory::Directory;
use web::PageContext;
use web::forms::Filled;
use web::html::render;
use web::parts::{LampView, PhotoView};

/// There is no such line, or nothing was deducted by it.
pub const NO_LINE: Code = Code::invalid("score_appeal.no_line");
/// None of the line's facts was chosen.
pub const FACT_NEEDED: Code = Code::invalid("score_appeal.fact_needed");
pub const WORDS_NEEDED: Code = Code::invalid("score_appeal.words_needed");
pub const WORDS_TOO_LONG: Code = Code::invalid("score_appeal.words_too_long");
/// Neither upheld nor refused.
pub const END_NEEDED: Code = Code::invalid("score_appeal.end_needed");

const MAX_WORDS: usize = 500;

fn said(text: &str) -> Result<String> {
    let text = text.trim().to_owned();
    ensure(!text.is_empty(), Error::field("words", WORDS_NEEDED))?;
    ensure(text.chars().count() <= MAX_WORDS, Error::field("words", WORDS_TOO_LONG).arg("max", MAX_WORDS))?;
    Ok(text)
}

fn lamp(page: &PageContext, state: AppealState) -> LampView {
    let kind = match state {
        AppealState::Asked | AppealState::Advised => "y",
        AppealState::Upheld => "g",
        AppealState::Refused => "n",
    };
    LampView { kind, text: page.w.t(&format!("score-appeal-state-{state}")).into_owned() }
}

/// A fact of the line, to be chosen.
struct FactView {
    key: String,
    at: String,
    what: String,
    href: String,
    points: String,
    on: bool,
}

#[derive(askama::Template)]
#[template(path = "appeal.html")]
struct FormPage {
    page: PageContext,
    back: String,
    unit: String,
    month: String,
    line: String,
    name: String,
    points: String,
    until: String,
    facts: Vec<FactView>,
    photos: Vec<PhotoView>,
    form: Filled,
    command: CommandId,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskForm {
    pub line: String,
    pub fact: Vec<String>,
    pub words: String,
    pub photo: Vec<String>,
}

/// A line of the score by which something was taken: its points and facts. Errors: `score_appeal.no_line`.
fn line_of<'a>(kept: &'a Kept, code: &str) -> Result<&'a rules::Line> {
    let such = |line: &&rules::Line| matches!(&line.of, LineOf::Row { code: known } if known == code);
    kept.score.lines.iter().find(such).filter(|line| line.points.0 < 0).ok_or_else(|| Error::from(NO_LINE))
}

type Address = Path<(String, String, String)>;

pub async fn form(desk: Desk, Path((_, id, member)): Address, Query(asked): Query<AskForm>) -> web::Result<Response> {
    show_form(&desk, &id, &member, &asked, Filled::default(), None).await
}

/// The evaluation and the unit's score, for whoever may appeal for it. Errors: 404, 403.
async fn own(desk: &Desk, room: &Room, id: &str, member: &str) -> Result<(Evaluation, League, Kept, access::Permit<AppealScore>)> {
    let (one, league, kept) = scored(desk, room, id, member).await?;
    let on = first_of(&one.month).map(jiff::civil::Date::last_of_month).ok_or_else(Error::not_found)?;
    let by = desk.actor.permit::<AppealScore>(&Concern::of(room.directory(), league.ranked, kept.known.member, on))?;
    Ok((one, league, kept, by))
}

async fn show_form(desk: &Desk, id: &str, member: &str, asked: &AskForm, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let room = Room::of(desk).await?;
    let (one, league, kept, _) = own(desk, &room, id, member).await?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let days = settings::of(store, tenant).await?.appeal_days;
    let until = appeal::until(room.directory(), &one, days)?;
    let line = line_of(&kept, &asked.line)?;
    let mut page = desk.page("score-appeals-title");
    page.title = page.w.t("score-appeal-ask").into_owned();
    let rules = scheme::table(store, tenant, one.scheme_id).await?;
    let name = rules.rows.into_iter().find(|row| row.code == asked.line).map(|row| row.name).unwrap_or_default();
    let chosen: BTreeSet<&str> = asked.fact.iter().map(String::as_str).collect();
    let view = |part: &rules::Contribution| {
        let fact = kept.score.facts.get(usize::try_from(part.fact).ok()?)?;
        let named = key(&fact.kind, &fact.id);
        Some(FactView {
            at: page.at(&Instant(fact.at)),
            what: fact_words(&room, page.w, fact, &kept),
            href: kept.facts.get(&named).map(|seen| page.href(&seen.opens)).unwrap_or_default(),
            points: signed(part.counted),
            on: !form.is_again() || chosen.contains(named.as_str()),
            key: named,
        })
    };
    let template = FormPage {
        back: page.href(&format!("/evaluations/{}/units/{}", one.id, kept.known.member)),
        unit: name_of(room.directory(), league.ranked, kept.known.member),
        month: one.month.clone(),
        line: asked.line.clone(),
        name,
        points: signed(line.points),
        until: page.at(&until),
        facts: line.facts.iter().filter_map(view).collect(),
        photos: evidence::drafts(desk, &page, &asked.photo).await?,
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

pub async fn ask(Path((_, id, member)): Address, submitted: Submitted<AskForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let room = Room::of(desk).await?;
    let (one, _, kept, by) = own(desk, &room, &id, &member).await?;
    let line = line_of(&kept, &form.line)?;
    let outcome = async {
        let words = said(&form.words)?;
        let known: BTreeSet<String> = line
            .facts
            .iter()
            .filter_map(|part| kept.score.facts.get(usize::try_from(part.fact).ok()?))
            .map(|fact| key(&fact.kind, &fact.id))
            .collect();
        let facts: BTreeSet<String> = form.fact.iter().filter(|key| known.contains(*key)).cloned().collect();
        ensure(known.is_empty() || !facts.is_empty(), Error::field("fact", FACT_NEEDED))?;
        let ask = Ask {
            by,
            directory: territory::directory_of(desk).await?,
            evaluation: one.clone(),
            member: kept.known.member,
            line: form.line.clone(),
            facts,
            words,
            photos: evidence::ids(&form.photo),
        };
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), ask).await?.out)
    };
    match outcome.await {
        Ok(appeal) => Ok(desk.done("done-score-appeal-asked", &format!("/score-appeals/{appeal}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("score-appeals-title").w, form, &error);
            show_form(desk, &id, &member, form, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct LineView {
    href: String,
    unit: String,
    month: String,
    line: String,
    at: String,
    lamp: LampView,
}

#[derive(askama::Template)]
#[template(path = "appeals.html")]
struct AppealsPage {
    page: PageContext,
    open: Vec<LineView>,
    ended: Vec<LineView>,
}

/// Whom an appeal concerns, in its month.
fn concern<'a>(directory: &'a Directory, leagues: &[League], one: &Appeal) -> Option<Concern<'a>> {
    let league = leagues.iter().find(|league| league.id == one.league_id)?;
    Some(Concern::of(directory, league.ranked, one.member_id, first_of(&one.month)?.last_of_month()))
}

/// Whether the actor sees an appeal: who evaluates, and whom it concerns.
pub(crate) fn may_see(desk: &Desk, directory: &Directory, leagues: &[League], one: &Appeal) -> bool {
    let own = || concern(directory, leagues, one).is_some_and(|concern| desk.actor.can::<ReadScore>(&concern));
    desk.actor.can::<ReadEvaluation>(&desk.actor.tenant) || own()
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    desk.actor.permit_some::<ReadScore>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("score-appeals-title");
    let directory = territory::directory_of(&desk).await?;
    let leagues = league::all(store, tenant).await?;
    let (mut open, mut ended) = (Vec::new(), Vec::new());
    for state in AppealState::ALL {
        for one in appeal::in_state(store, tenant, *state).await? {
            if !may_see(&desk, &directory, &leagues, &one) {
                continue;
            }
            let ranked = leagues.iter().find(|league| league.id == one.league_id).map(|league| league.ranked);
            let view = LineView {
                href: page.href(&format!("/score-appeals/{}", one.id)),
                unit: ranked.map(|ranked| name_of(&directory, ranked, one.member_id)).unwrap_or_default(),
                month: one.month.clone(),
                line: one.line.clone(),
                at: page.at(&one.asked_at),
                lamp: lamp(&page, one.state),
            };
            if one.is_open() { open.push(view) } else { ended.push(view) }
        }
    }
    Ok(render(status_of(None), &AppealsPage { page, open, ended }))
}

struct SaidView {
    title: String,
    by: String,
    at: String,
    words: String,
    end: String,
}

#[derive(askama::Template)]
#[template(path = "appealed.html")]
struct AppealPage {
    page: PageContext,
    href: String,
    unit: String,
    month: String,
    line: String,
    name: String,
    score_href: String,
    lamp: LampView,
    facts: Vec<(String, String)>,
    photos: Vec<PhotoView>,
    /// None: what comes back carries no photos.
    nothing: Vec<PhotoView>,
    said: Vec<SaidView>,
    may_advise: bool,
    may_decide: bool,
    own_advice: bool,
    /// What comes next, in words: another edition where it was upheld after publication.
    after: String,
    form: Filled,
    version: i64,
    command: CommandId,
}

/// An appeal that the actor may see. Errors: 404.
async fn seen(desk: &Desk, room: &Room, id: &str) -> Result<(Appeal, League)> {
    let id: AppealId = id.parse().map_err(|_| Error::not_found())?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let one = appeal::find(store, tenant, id).await?;
    let leagues = league::all(store, tenant).await?;
    ensure(may_see(desk, room.directory(), &leagues, &one), Error::not_found())?;
    let league = leagues.into_iter().find(|league| league.id == one.league_id).ok_or_else(Error::not_found)?;
    Ok((one, league))
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let (one, league) = seen(&desk, &room, &id).await?;
    show(&desk, &room, one, &league, Filled::default(), None).await
}

async fn show(desk: &Desk, room: &Room, one: Appeal, league: &League, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("score-appeals-title");
    let w = page.w;
    let of = evaluation::find(store, tenant, one.evaluation_id).await?;
    let kept = evaluation::kept(store, tenant, of.id, one.member_id).await?;
    let rules = scheme::table(store, tenant, of.scheme_id).await?;
    let name = rules.rows.into_iter().find(|row| row.code == one.line).map(|row| row.name).unwrap_or_default();
    let keys: BTreeSet<String> = one.keys()?.into_iter().collect();
    let meant = kept.score.facts.iter().filter(|fact| keys.contains(&key(&fact.kind, &fact.id)));
    let fact = |fact: &rules::FactRef| {
        let href = kept.facts.get(&key(&fact.kind, &fact.id)).map(|seen| page.href(&seen.opens)).unwrap_or_default();
        (href, format!("{} {}", page.at(&Instant(fact.at)), fact_words(room, w, fact, &kept)))
    };
    let facts = meant.map(fact).collect();
    let timeline = store.timeline(tenant, "score_appeal", one.id.0).await?;
    let names = access::names(store, tenant, timeline.iter().filter_map(|fact| fact.actor_id)).await?;
    let step = |fact: &store::journal::FactRow| {
        let (words, end) = match fact.kind.as_str() {
            "score_appeal.asked" => (&one.words, None),
            "score_appeal.advised" => (&one.advice_words, one.advice),
            _ => (&one.decision_words, if one.state == AppealState::Upheld { Some(AppealEnd::Upheld) } else { Some(AppealEnd::Refused) }),
        };
        SaidView {
            title: w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(),
            by: fact.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            at: page.at(&fact.recorded_at),
            words: words.clone(),
            end: end.map(|end| w.t(&format!("score-appeal-state-{end}")).into_owned()).unwrap_or_default(),
        }
    };
    // What the unit's people hear is how it ended, and why; what the handler advised is for those who decide.
    let inside = desk.actor.can::<ReadEvaluation>(&tenant);
    let shown = timeline.iter().filter(|fact| inside || fact.kind != "score_appeal.advised");
    let said = shown.map(step).collect();
    let latest = evaluation::editions(store, tenant, league.id, &one.month).await?.into_iter().next();
    let after = match (one.state, latest) {
        (AppealState::Upheld, Some(latest)) if latest.edition > of.edition => w.t("score-appeal-corrected").into_owned(),
        (AppealState::Upheld, _) => w.t("score-appeal-to-correct").into_owned(),
        _ => String::new(),
    };
    let own_advice = one.advised_by.is_some() && one.advised_by == desk.actor.account;
    let decides = one.state == AppealState::Advised && desk.actor.can::<DecideScoreAppeal>(&tenant);
    let photos = store::attachments::of_subject(store, tenant, "score_appeal", one.id.0).await?;
    let template = AppealPage {
        href: page.href(&format!("/score-appeals/{}", one.id)),
        unit: name_of(room.directory(), league.ranked, one.member_id),
        score_href: page.href(&format!("/evaluations/{}/units/{}", of.id, one.member_id)),
        lamp: lamp(&page, one.state),
        name,
        facts,
        photos: photos
            .iter()
            .map(|photo| evidence::view(&page, photo, &format!("/score-appeals/{}/photos/{}", one.id, photo.id)))
            .collect(),
        nothing: Vec::new(),
        said,
        may_advise: one.state == AppealState::Asked && desk.actor.can::<AdviseScoreAppeal>(&tenant),
        may_decide: decides && !own_advice,
        own_advice: decides && own_advice,
        after,
        form,
        version: one.version,
        command: desk.app.world.new_id(),
        month: one.month,
        line: one.line,
        page: {
            page.title = w.t("score-appeal").into_owned();
            page
        },
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub end: String,
    pub words: String,
}

pub async fn act(Path((_, id, step)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let room = Room::of(desk).await?;
    let (one, league) = seen(desk, &room, &id).await?;
    let (advise, decide) = match step.as_str() {
        "advise" => (Some(desk.actor.permit::<AdviseScoreAppeal>(&tenant)?), None),
        "decide" => (None, Some(desk.actor.permit::<DecideScoreAppeal>(&tenant)?)),
        _ => return Err(Error::not_found().into()),
    };
    let outcome = async {
        ensure(form.version == one.version.to_string(), STALE)?;
        let end: AppealEnd = form.end.parse().map_err(|_| Error::field("end", END_NEEDED))?;
        let (words, appeal) = (said(&form.words)?, one.clone());
        if let Some(by) = advise {
            store.run(submitted.pass.clone(), Advise { by, appeal, advice: end, words }).await?;
            return Ok("done-score-appeal-advised");
        }
        let by = decide.ok_or(WRONG_STATE)?;
        store.run(submitted.pass.clone(), Decide { by, appeal, end, words }).await?;
        Ok::<_, Error>("done-score-appeal-decided")
    };
    match outcome.await {
        Ok(done) => Ok(desk.done(done, &format!("/score-appeals/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("score-appeals-title").w, form, &error);
            let now = appeal::find(store, tenant, one.id).await?;
            show(desk, &room, now, &league, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn photo(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &Room::of(&desk).await?, &id).await?;
    evidence::serve(&desk, "score_appeal", one.id.0, &photo, Size::Full, &headers).await
}

pub async fn thumb(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &Room::of(&desk).await?, &id).await?;
    evidence::serve(&desk, "score_appeal", one.id.0, &photo, Size::Thumb, &headers).await
}

/// What a line of a score offers to whoever looks: to appeal, or the appeal that there is.
pub(crate) struct Offer {
    pub href: String,
    pub words: String,
}

/// By code of the row. Errors: 500.
pub(crate) async fn offers(
    desk: &Desk,
    page: &PageContext,
    room: &Room,
    one: &Evaluation,
    league: &League,
    kept: &Kept,
) -> Result<Vec<(String, Offer)>> {
    let (store, tenant, member) = (&desk.app.store, desk.actor.tenant, kept.known.member);
    if one.published_at.is_none() {
        return Ok(Vec::new());
    }
    let known = appeal::of_member(store, tenant, league.id, &one.month, member).await?;
    let mut offers: Vec<(String, Offer)> = Vec::new();
    for appeal in &known {
        let words = page.w.a("score-appeal-known", "state", page.w.t(&format!("score-appeal-state-{}", appeal.state)).into_owned());
        offers.push((appeal.line.clone(), Offer { href: page.href(&format!("/score-appeals/{}", appeal.id)), words: words.into_owned() }));
    }
    let on = first_of(&one.month).map(jiff::civil::Date::last_of_month).ok_or_else(Error::not_found)?;
    let may = desk.actor.can::<AppealScore>(&Concern::of(room.directory(), league.ranked, member, on));
    let days = settings::of(store, tenant).await?.appeal_days;
    if !may || page.now > appeal::until(room.directory(), one, days)? {
        return Ok(offers);
    }
    for line in kept.score.lines.iter().filter(|line| line.points.0 < 0) {
        let LineOf::Row { code } = &line.of else { continue };
        if known.iter().all(|appeal| appeal.line != *code) {
            let at = format!("/evaluations/{}/units/{member}/appeal?line={}", one.id, access::http::encode(code));
            offers.push((code.clone(), Offer { href: page.href(&at), words: page.w.t("score-appeal-ask").into_owned() }));
        }
    }
    Ok(offers)
}
