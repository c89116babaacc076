//! How a month's bulletin is put together before it is published: which typical problems are behind the lines, who is to be lifted next
//! month, and from that, and what people wrote, the issue that is published.

use crate::bulletin_words::{self, Choice, Issue, Issuing, Lifted, Part, Said, Typical, Words};
use crate::concern::name_of;
use crate::evaluation::{self, Evaluation, EvaluationId, EvaluationState};
use crate::improvement::{self, ImprovementState, StepState};
use crate::league::{League, MemberId};
use crate::reckoning::MONTH_NEEDED;
use crate::scoring::{Kept, first_of, key};
use contracts::problems::{Problem, Problems};
use kernel::ids::FactId;
use kernel::{Error, Result, TenantId};
use rules::Points;
use std::collections::{BTreeMap, BTreeSet};
use store::Store;
use territory::Directory;

/// Typical problems of one league at most: with the sections that a paper has, no more fit on it.
pub const MOST_PROBLEMS: usize = 3;
/// How many are offered to choose from.
const MOST_OFFERED: usize = 12;
/// Of one unit.
const MOST_OF_UNIT: usize = 3;
/// How many problems are looked up for that.
const MOST_LOOKED_UP: usize = 60;
/// Characters of what was found, and of what was done.
const MOST_WORDS: usize = 300;

/// A problem behind the lines of a month.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub member: MemberId,
    pub name: String,
    /// What it cost its unit; negative.
    pub lost: Points,
    pub problem: Problem,
}

/// What each problem cost this unit, the most first. All facts of one problem open at the same address.
fn deducted(kept: &Kept) -> Result<Vec<(i64, FactId)>> {
    let mut lost: BTreeMap<&str, (i64, FactId)> = BTreeMap::new();
    let contributions = kept.score.lines.iter().flat_map(|line| &line.facts).filter(|one| one.counted.0 < 0);
    for one in contributions {
        let fact = usize::try_from(one.fact).ok().and_then(|nth| kept.score.facts.get(nth));
        let fact = fact.ok_or_else(|| Error::internal("a line without its fact"))?;
        let Some(seen) = kept.facts.get(&key(&fact.kind, &fact.id)) else { continue };
        let Ok(id) = fact.id.parse::<FactId>() else { continue };
        lost.entry(&seen.opens).or_insert((0, id)).0 += one.counted.0;
    }
    let mut lost: Vec<(i64, FactId)> = lost.into_values().collect();
    lost.sort_unstable();
    Ok(lost)
}

/// The problems with a photo that cost most in an evaluation, the most first.
pub async fn candidates(store: &Store, tenant: TenantId, problems: &dyn Problems, one: EvaluationId) -> Result<Vec<Candidate>> {
    let mut lost = Vec::new();
    for kept in evaluation::all_kept(store, tenant, one).await? {
        let of_unit = deducted(&kept)?.into_iter().take(MOST_OF_UNIT);
        lost.extend(of_unit.map(|(points, fact)| (points, kept.known.member, fact, kept.known.name.clone())));
    }
    lost.sort_unstable();
    let mut found = Vec::new();
    for (points, member, fact, name) in lost.into_iter().take(MOST_LOOKED_UP) {
        if found.len() == MOST_OFFERED {
            break;
        }
        let problem = problems.of_fact(store, tenant, fact).await?.filter(|problem| problem.before.is_some());
        found.extend(problem.map(|problem| Candidate { member, name, lost: Points(points), problem }));
    }
    Ok(found)
}

/// Those that are shown where nobody chooses: one of a unit, what cost most first, and before all what was mended and shows it. What
/// somebody outside said in words of their own is shown only where somebody has read it.
pub fn proposed(candidates: &[Candidate]) -> Vec<Choice> {
    let mut order: Vec<&Candidate> = candidates.iter().filter(|one| !one.problem.from_outside).collect();
    order.sort_by_key(|one| !(one.problem.closed && one.problem.after.is_some()));
    let mut units = BTreeSet::new();
    let one_of_each = order.into_iter().filter(|one| units.insert(one.member));
    one_of_each.take(MOST_PROBLEMS).map(|one| Choice { case: one.problem.case, public: false }).collect()
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_WORDS) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

fn typical(directory: &Directory, one: &Candidate, public: bool) -> Typical {
    let problem = &one.problem;
    let place = problem.place.map(|id| directory.full_name(id)).unwrap_or_default();
    let unit = problem.unit.and_then(|id| directory.organisation(id)).map(|unit| unit.name.clone()).unwrap_or_default();
    Typical {
        case: problem.case,
        number: problem.number,
        member: one.member,
        name: one.name.clone(),
        unit,
        place: [place, problem.where_words.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
        category: problem.category.and_then(|id| directory.category(id)).map(|category| category.name.clone()).unwrap_or_default(),
        what: short(&problem.what),
        done: short(&problem.done),
        before: problem.before,
        after: problem.after,
        public,
    }
}

/// What is said of a league whose evaluation is not published yet.
fn said(directory: &Directory, part: &Part, candidates: &[Candidate]) -> Said {
    let chosen = part.problems.clone().unwrap_or_else(|| proposed(candidates));
    let shown = candidates.iter().filter_map(|one| {
        let choice = chosen.iter().find(|choice| choice.case == one.problem.case)?;
        Some(typical(directory, one, choice.public))
    });
    Said { remark: part.remark.clone(), problems: shown.take(MOST_PROBLEMS).collect() }
}

/// Who is on the improvement list with steps that are open and due by the end of the month after this one.
pub async fn lifted(store: &Store, directory: &Directory, month: &str) -> Result<Vec<Lifted>> {
    let first = first_of(month).ok_or(MONTH_NEEDED)?;
    let end = first.checked_add(jiff::Span::new().months(2)).map_err(Error::internal)?.to_string();
    let mut found = Vec::new();
    for one in improvement::in_state(store, directory.tenant, ImprovementState::Listed).await? {
        let steps = improvement::steps(store, directory.tenant, one.id).await?.into_iter();
        let open = steps.filter(|step| step.state != StepState::Accepted && step.due < end);
        let mut open: Vec<(String, String)> = open.map(|step| (short(&step.what), step.due)).collect();
        open.sort_by(|a, b| a.1.cmp(&b.1));
        if !open.is_empty() {
            found.push(Lifted { name: name_of(directory, one.ranked, one.member_id), steps: open });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// What a month's bulletin says now of these evaluations: of what was published what was said then, of the others what is written and
/// proposed for them.
pub async fn made(
    store: &Store,
    problems: &dyn Problems,
    directory: &Directory,
    month: &str,
    all: &[(League, Evaluation)],
) -> Result<Issuing> {
    let tenant = directory.tenant;
    let kept = bulletin_words::of_month(store, tenant, month).await?;
    let words = kept.as_ref().map(bulletin_words::Kept::written).transpose()?.unwrap_or_default();
    let before = match kept.as_ref().filter(|kept| kept.issues > 0) {
        Some(kept) => bulletin_words::issue(store, tenant, kept.id, kept.issues).await?.issue()?,
        None => Issue::default(),
    };
    let Words { intro, closing, next, leagues } = words;
    let mut parts = BTreeMap::new();
    for (league, one) in all {
        let said = if one.state == EvaluationState::Published {
            before.leagues.get(&league.id).filter(|_| before.evaluations.contains(&one.id)).cloned().unwrap_or_default()
        } else {
            let part = leagues.get(&league.id).cloned().unwrap_or_default();
            said(directory, &part, &candidates(store, tenant, problems, one.id).await?)
        };
        parts.insert(league.id, said);
    }
    let evaluations = all.iter().map(|(_, one)| one.id).collect();
    let lifted = lifted(store, directory, month).await?;
    let issue = Issue { evaluations, intro, closing, next, lifted, leagues: parts };
    Ok(Issuing { of: kept.map(|kept| (kept.id, kept.version)), issue })
}

/// The issue that publishing this evaluation makes: of it, and of what is published of the other leagues.
pub async fn issuing(store: &Store, problems: &dyn Problems, directory: &Directory, one: &Evaluation) -> Result<Issuing> {
    let tenant = directory.tenant;
    let mut all = Vec::new();
    for league in crate::league::all(store, tenant).await? {
        let mut editions = evaluation::editions(store, tenant, league.id, &one.month).await?.into_iter();
        let found = match league.id == one.league_id {
            true => Some(one.clone()),
            false => editions.find(|other| other.state == EvaluationState::Published),
        };
        all.extend(found.map(|found| (league, found)));
    }
    made(store, problems, directory, &one.month, &all).await
}
