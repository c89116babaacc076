//! The page on which the words of a bulletin are written before it is published: what follows from the figures stands beside the
//! fields and cannot be changed; typical problems are chosen from those behind the month's lines.

use crate::bulletin_making::{self, Candidate, MOST_PROBLEMS, candidates, proposed};
use crate::bulletin_text::{Reader, Writing};
use crate::bulletin_words::{self, CLOSED, Choice, Issue, Part, STALE, Words, Write};
use crate::evaluation::{Evaluation, EvaluationState};
use crate::evaluation_page::lamp;
use crate::league::{League, LeagueId};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme_page::{mendable, status_of};
use crate::scoring::first_of;
use crate::verbs::WriteBulletin;
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use contracts::CaseId;
use contracts::problems::Shown;
use kernel::ids::CommandId;
use kernel::{Code, Error, FieldError, Result, ensure};
use rules::Points;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::journal::FactRow;
use territory::Directory;
use web::PageContext;
use web::forms::Filled;
use web::html::render;
use web::parts::LampView;

/// Words longer than their field takes.
pub const WORDS_TOO_LONG: Code = Code::invalid("bulletin.words_too_long");
/// More typical problems of a league than it shows.
pub const TOO_MANY_PROBLEMS: Code = Code::invalid("bulletin.too_many_problems");
/// The month has no evaluation yet.
pub const NOTHING_SCORED: Code = Code::not_found("bulletin.nothing_scored");

/// Characters of the words for a whole month, and of those for a league.
const MAX_WORDS: usize = 2_000;
const MAX_REMARK: usize = 600;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WordsForm {
    /// Empty before anything was written.
    pub version: String,
    pub intro: String,
    pub closing: String,
    pub next: String,
    /// The leagues whose words the form has, and in the same order their remarks.
    pub league: Vec<String>,
    pub remark: Vec<String>,
    /// The problems that are shown, each behind its league and a colon; and those that whoever has the link may see.
    pub problem: Vec<String>,
    pub public: Vec<String>,
}

struct ProblemView {
    value: String,
    shown: bool,
    public: bool,
    heading: String,
    href: String,
    lost: String,
    unit: String,
    what: String,
    done: String,
    before: String,
    after: String,
    /// Its words came from outside, so that it is not proposed.
    outside: bool,
}

struct LeagueView {
    id: LeagueId,
    name: String,
    href: String,
    lamp: LampView,
    /// What follows from the figures.
    figures: Vec<String>,
    /// It is published: nothing can be written for it any more.
    locked: bool,
    remark: String,
    remark_id: String,
    wrong: String,
    wrong_problems: String,
    problems: Vec<ProblemView>,
}

#[derive(askama::Template)]
#[template(path = "bulletin_edit.html")]
struct EditPage {
    page: PageContext,
    month: String,
    href: String,
    bulletin_href: String,
    draft_href: String,
    locked: bool,
    intro: String,
    closing: String,
    next: Vec<String>,
    leagues: Vec<LeagueView>,
    most: usize,
    form: Filled,
    /// What somebody else wrote meanwhile: the label of the field, and the words.
    theirs: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    version: String,
    command: CommandId,
}

pub async fn edit(desk: Desk, Path((_, month)): Path<(String, String)>) -> web::Result<Response> {
    desk.actor.permit::<WriteBulletin>(&desk.actor.tenant)?;
    show(&desk, &month, None).await
}

/// The fields of the words as they are kept, with those that are proposed where nobody has chosen.
async fn show(desk: &Desk, month: &str, again: Option<(&WordsForm, &Error)>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    first_of(month).ok_or(MONTH_NEEDED)?;
    let mut page = desk.page("evaluations-title");
    let w = page.w;
    page.title = w.a("bulletin-words-of", "month", month.to_owned()).into_owned();
    let directory = territory::directory_of(desk).await?;
    let latest = bulletin_words::latest(store, tenant, month).await?;
    ensure(!latest.is_empty(), NOTHING_SCORED)?;
    let kept = bulletin_words::of_month(store, tenant, month).await?;
    let words = kept.as_ref().map(bulletin_words::Kept::written).transpose()?.unwrap_or_default();
    let writing = Writing {
        app: &desk.app,
        tenant: &desk.tenant,
        page: &page,
        month,
        all: &latest,
        head: None,
        // Without what people write: what stands beside the fields follows from the figures alone.
        issue: None,
        issued: None,
        reader: Reader::Inside,
    };
    let generated = writing.written().await?;
    let (mut leagues, mut named) = (Vec::with_capacity(latest.len()), Vec::new());
    for (league, one) in &latest {
        let figures = writing.figures(league, one, &mut named).await?;
        leagues.push(league_view(desk, &page, &directory, (league, one), figures, &words, again).await?);
    }
    let lifted = bulletin_making::lifted(store, &directory, month).await?;
    let next = writing.next(&Issue { lifted, ..Issue::default() }, &named).map(|section| section.paragraphs).unwrap_or_default();
    let filled = match again {
        Some((typed, error)) => Filled::again(w, typed, error),
        None => Filled::default().with("intro", &words.intro).with("closing", &words.closing).with("next", &words.next),
    };
    let error = again.map(|(_, error)| error);
    let stale = error.is_some_and(|error| error.is(STALE));
    let facts = match &kept {
        Some(kept) => store.timeline(tenant, "bulletin", kept.id.0).await?,
        None => Vec::new(),
    };
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let fact = |fact: &FactRow| {
        let by = fact.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
        let at = page.at(&fact.recorded_at);
        (w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(), format!("{by} {at}").trim().to_owned())
    };
    let template = EditPage {
        href: page.href(&format!("/bulletins/{month}/words")),
        bulletin_href: if kept.as_ref().is_some_and(|kept| kept.issues > 0) {
            page.href(&format!("/bulletins/{month}"))
        } else {
            String::new()
        },
        draft_href: if latest.iter().any(|(_, one)| one.state != EvaluationState::Draft) {
            page.href(&format!("/bulletins/{month}/draft.docx"))
        } else {
            String::new()
        },
        locked: bulletin_words::open(&latest).next().is_none(),
        intro: generated.intro.join("\n"),
        closing: w.t("bulletin-closing").into_owned(),
        next,
        leagues,
        most: MOST_PROBLEMS,
        theirs: if stale { theirs(&page, &latest, &words) } else { Vec::new() },
        form: filled,
        facts: facts.iter().map(fact).collect(),
        version: kept.map(|kept| kept.version.to_string()).unwrap_or_default(),
        month: month.to_owned(),
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

/// What stands now, where somebody wrote while another did.
fn theirs(page: &PageContext, latest: &[(League, Evaluation)], words: &Words) -> Vec<(String, String)> {
    let w = page.w;
    let whole = [("bulletin-field-intro", &words.intro), ("bulletin-field-closing", &words.closing), ("bulletin-field-next", &words.next)];
    let whole = whole.into_iter().map(|(key, text)| (w.t(key).into_owned(), text.clone()));
    let remarks = latest.iter().filter_map(|(league, _)| Some((league.name.clone(), words.leagues.get(&league.id)?.remark.clone())));
    whole.chain(remarks).filter(|(_, text)| !text.is_empty()).collect()
}

async fn league_view(
    desk: &Desk,
    page: &PageContext,
    directory: &Directory,
    (league, one): (&League, &Evaluation),
    figures: Vec<String>,
    words: &Words,
    again: Option<(&WordsForm, &Error)>,
) -> Result<LeagueView> {
    let locked = one.state == EvaluationState::Published;
    let part = words.leagues.get(&league.id).cloned().unwrap_or_default();
    let offered = match locked {
        true => Vec::new(),
        false => candidates(&desk.app.store, desk.actor.tenant, desk.app.get::<Shown>().0, one.id).await?,
    };
    let chosen = match again {
        Some((typed, _)) => typed.chosen(league.id),
        None => part.problems.unwrap_or_else(|| proposed(&offered)),
    };
    let remark = match again {
        Some((typed, _)) => typed.remark_of(league.id).unwrap_or_default().to_owned(),
        None => part.remark,
    };
    let wrong = |name: &str| {
        let field = format!("{name}-{}", league.id);
        let found = again.and_then(|(_, error)| error.field_errors().iter().find(|one| one.field == field));
        found.map(|one| page.w.error(&one.code, &one.args).into_owned()).unwrap_or_default()
    };
    Ok(LeagueView {
        id: league.id,
        name: league.name.clone(),
        href: page.href(&format!("/evaluations/{}", one.id)),
        lamp: lamp(page, one),
        figures,
        locked,
        remark,
        remark_id: format!("remark-{}", league.id),
        wrong: wrong("remark"),
        wrong_problems: wrong("problem"),
        problems: offered.iter().map(|one| problem_view(page, directory, league.id, one, &chosen)).collect(),
    })
}

fn problem_view(page: &PageContext, directory: &Directory, league: LeagueId, one: &Candidate, chosen: &[Choice]) -> ProblemView {
    let (w, problem) = (page.w, &one.problem);
    let choice = chosen.iter().find(|choice| choice.case == problem.case);
    let category = problem.category.and_then(|id| directory.category(id)).map(|category| category.name.clone()).unwrap_or_default();
    let thumb = |id: Option<kernel::ids::AttachmentId>| id.map(|id| page.href(&format!("/photos/{id}/thumb"))).unwrap_or_default();
    let place = problem.place.map(|id| directory.full_name(id).to_owned()).unwrap_or_default();
    ProblemView {
        value: format!("{league}:{}", problem.case),
        shown: choice.is_some(),
        public: choice.is_some_and(|choice| choice.public),
        heading: w
            .a2("bulletin-problem", "place", format!("{place} {}", problem.where_words).trim().to_owned(), "category", category)
            .into_owned(),
        href: page.href(&format!("/cases/{}", problem.number)),
        lost: Points(one.lost.0).to_string(),
        unit: one.name.clone(),
        what: problem.what.clone(),
        done: problem.done.clone(),
        before: thumb(problem.before),
        after: thumb(problem.after),
        outside: problem.from_outside,
    }
}

/// What is wrong with one field, and how much it takes.
fn wrong(field: &str, code: Code, most: usize) -> FieldError {
    FieldError { field: field.to_owned(), code: code.name.to_owned(), args: BTreeMap::from([("max".to_owned(), most.to_string())]) }
}

impl WordsForm {
    fn remark_of(&self, league: LeagueId) -> Option<&str> {
        let at = self.league.iter().position(|id| *id == league.to_string())?;
        self.remark.get(at).map(String::as_str)
    }

    fn chosen(&self, league: LeagueId) -> Vec<Choice> {
        let of = |value: &String| {
            let (of, case) = value.split_once(':')?;
            (of == league.to_string()).then(|| case.parse::<CaseId>().ok()).flatten()
        };
        let public: Vec<CaseId> = self.public.iter().filter_map(of).collect();
        self.problem.iter().filter_map(of).map(|case| Choice { case, public: public.contains(&case) }).collect()
    }

    /// What is to be kept: of the leagues that are open what the form says, of the others what is kept. Errors: field by field.
    fn words(&self, latest: &[(League, Evaluation)], before: Words) -> Result<Words> {
        let mut errors = Vec::new();
        let mut text = |text: &str, field: &str, most: usize| {
            let text = text.trim();
            if text.chars().count() > most {
                errors.push(wrong(field, WORDS_TOO_LONG, most));
            }
            text.to_owned()
        };
        let mut words = Words {
            intro: text(&self.intro, "intro", MAX_WORDS),
            closing: text(&self.closing, "closing", MAX_WORDS),
            next: text(&self.next, "next", MAX_WORDS),
            leagues: before.leagues,
        };
        for (league, _) in bulletin_words::open(latest) {
            let Some(remark) = self.remark_of(league.id) else { continue };
            let remark = text(remark, &format!("remark-{}", league.id), MAX_REMARK);
            words.leagues.insert(league.id, Part { remark, problems: Some(self.chosen(league.id)) });
        }
        for (league, part) in &words.leagues {
            if part.problems.as_ref().is_some_and(|chosen| chosen.len() > MOST_PROBLEMS) {
                errors.push(wrong(&format!("problem-{league}"), TOO_MANY_PROBLEMS, MOST_PROBLEMS));
            }
        }
        ensure(errors.is_empty(), Error::fields(errors))?;
        Ok(words)
    }
}

pub async fn save(Path((_, month)): Path<(String, String)>, submitted: Submitted<WordsForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let by = desk.actor.permit::<WriteBulletin>(&tenant)?;
    first_of(&month).ok_or(MONTH_NEEDED)?;
    let path = format!("/bulletins/{month}/words");
    if submitted.replayed.is_some() {
        return Ok(desk.done("done-bulletin-written", &path));
    }
    let outcome = async {
        let latest = bulletin_words::latest(store, tenant, &month).await?;
        ensure(bulletin_words::open(&latest).next().is_some(), CLOSED)?;
        let kept = bulletin_words::of_month(store, tenant, &month).await?;
        let version = kept.as_ref().map(|kept| kept.version.to_string()).unwrap_or_default();
        ensure(version == form.version, STALE)?;
        let of = kept.as_ref().map(|kept| (kept.id, kept.version));
        let before = kept.as_ref().map(bulletin_words::Kept::written).transpose()?.unwrap_or_default();
        let words = form.words(&latest, before)?;
        store.run(submitted.pass.clone(), Write { by, month: month.clone(), of, words }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-bulletin-written", &path)),
        Err(error) if mendable(&error) => show(desk, &month, Some((form, &error))).await,
        Err(error) => Err(error.into()),
    }
}
