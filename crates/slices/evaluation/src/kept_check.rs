//! The part of `verify` that looks at what this slice keeps beside evaluations: entries, the improvement list, appeals against scores,
//! the words of bulletins.
//! Every row must follow from its facts.

use crate::appeal::{self, Appeal, AppealEnd, AppealId, AppealState};
use crate::bulletin_words::{self, BulletinId, Kept as Bulletin};
use crate::entry::{self, Entry, EntryId, EntryState};
use crate::facts::{
    BulletinIssued, BulletinShared, BulletinWritten, EntryMade, ImprovementLeft, ImprovementListed, ScoreAppealAdvised, ScoreAppealDecided,
    ScoreAppealed, StepAccepted, StepPlanned, StepRefused, StepReported, words_hash,
};
use crate::improvement::{self, Improvement, ImprovementId, ImprovementState, PlanStep, StepState};
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use store::Store;
use store::journal::verify::what::STATE;
use store::journal::{FactRow, Finding, Report, StateCheck};

fn read<T: DeserializeOwned>(fact: &FactRow) -> Option<T> {
    serde_json::from_str(&fact.data).ok()
}

/// Entries, the improvement list, appeals against scores, and what bulletins say beside their figures.
pub struct Kept;

impl StateCheck for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    /// A finding names what it is of (`entry`, `improvement`, `score_appeal`, `bulletin`: its id) and what is wrong with it by `is`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            // While the server works, row and facts are read at different instants: what is wrong is read once more.
            let mut after = EntryId(Uuid::nil());
            loop {
                let rows = entry::after(store, tenant, after).await?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in &rows {
                    let mut wrong = wrong_entry(store, tenant, row).await?;
                    if wrong.is_some() {
                        wrong = wrong_entry(store, tenant, &entry::find(store, tenant, row.id).await?).await?;
                    }
                    add(report, "entry", row.id.0, wrong);
                }
            }
            let mut after = ImprovementId(Uuid::nil());
            loop {
                let rows = improvement::after(store, tenant, after).await?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in &rows {
                    let mut wrong = wrong_improvement(store, tenant, row).await?;
                    if wrong.is_some() {
                        wrong = wrong_improvement(store, tenant, &improvement::find(store, tenant, row.id).await?).await?;
                    }
                    add(report, "improvement", row.id.0, wrong);
                }
            }
            let mut after = AppealId(Uuid::nil());
            loop {
                let rows = appeal::after(store, tenant, after).await?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in &rows {
                    let mut wrong = wrong_appeal(store, tenant, row).await?;
                    if wrong.is_some() {
                        wrong = wrong_appeal(store, tenant, &appeal::find(store, tenant, row.id).await?).await?;
                    }
                    add(report, "score_appeal", row.id.0, wrong);
                }
            }
            let mut after = BulletinId(Uuid::nil());
            loop {
                let rows = bulletin_words::after(store, tenant, after).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id;
                for row in &rows {
                    let mut wrong = wrong_bulletin(store, tenant, row).await?;
                    if wrong.is_some() {
                        wrong = wrong_bulletin(store, tenant, &bulletin_words::find(store, tenant, row.id).await?).await?;
                    }
                    add(report, "bulletin", row.id.0, wrong);
                }
            }
        })
    }
}

fn add(report: &mut Report, subject: &'static str, id: Uuid, wrong: Option<&'static str>) {
    if let Some(is) = wrong {
        report.add(Finding::new(STATE).with("check", "kept").with(subject, id).with("is", is));
    }
}

async fn wrong_entry(store: &Store, tenant: TenantId, row: &Entry) -> Result<Option<&'static str>> {
    let (mut made, mut state) = (None::<EntryMade>, None);
    for fact in store.timeline(tenant, "entry", row.id.0).await? {
        match fact.kind.as_str() {
            "entry.made" => {
                made = read(&fact);
                let waits = made.as_ref().is_some_and(|made| made.waits);
                state = Some(if waits { EntryState::Waiting } else { EntryState::Standing });
            }
            "entry.confirmed" => state = Some(EntryState::Standing),
            "entry.withdrawn" => state = Some(EntryState::Withdrawn),
            _ => {}
        }
    }
    let Some(made) = made else { return Ok(Some("unreadable")) };
    if state != Some(row.state) {
        return Ok(Some("state"));
    }
    if made.words != words_hash(&row.salt, &row.words) {
        return Ok(Some("words"));
    }
    let said = (made.kind, made.ranked, made.member, made.day, made.item, made.points, made.asked, made.content);
    let kept = (row.kind, row.ranked, row.member_id, row.day.clone(), row.item.clone(), row.points, row.asked, row.content);
    Ok((said != kept).then_some("figures"))
}

async fn wrong_improvement(store: &Store, tenant: TenantId, row: &Improvement) -> Result<Option<&'static str>> {
    /// What facts say of a step: its words' hash, its last day, its state, and the day on which it was done.
    type Said = (String, String, StepState, Option<String>, String);
    let (mut listed, mut state, mut plan) = (None::<ImprovementListed>, ImprovementState::Listed, BTreeMap::<i64, Said>::new());
    let mut end = None;
    for fact in store.timeline(tenant, "improvement", row.id.0).await? {
        match fact.kind.as_str() {
            "improvement.listed" => listed = read(&fact),
            "improvement.planned" => {
                let Some(step) = read::<StepPlanned>(&fact) else { return Ok(Some("unreadable")) };
                plan.insert(step.nth, (step.what, step.due, StepState::Planned, None, String::new()));
            }
            "improvement.reported" => {
                let Some(said) = read::<StepReported>(&fact) else { return Ok(Some("unreadable")) };
                let Some(step) = plan.get_mut(&said.nth) else { return Ok(Some("steps")) };
                (step.2, step.3, step.4) = (StepState::Reported, Some(said.day), said.words);
            }
            "improvement.accepted" => {
                let Some(step) = read::<StepAccepted>(&fact).and_then(|said| plan.get_mut(&said.nth)) else { return Ok(Some("steps")) };
                step.2 = StepState::Accepted;
            }
            "improvement.refused" => {
                let Some(said) = read::<StepRefused>(&fact) else { return Ok(Some("unreadable")) };
                let Some(step) = plan.get_mut(&said.nth) else { return Ok(Some("steps")) };
                (step.2, step.3, step.4) = (StepState::Planned, None, said.words);
            }
            "improvement.left" => {
                let Some(left) = read::<ImprovementLeft>(&fact) else { return Ok(Some("unreadable")) };
                state = if left.reached { ImprovementState::Reached } else { ImprovementState::Dropped };
                end = Some(left.words);
            }
            _ => {}
        }
    }
    let Some(listed) = listed else { return Ok(Some("unreadable")) };
    if state != row.state {
        return Ok(Some("state"));
    }
    let hash = |text: &str| words_hash(&row.salt, text);
    if (listed.ranked, listed.member) != (row.ranked, row.member_id)
        || listed.why != hash(&row.why)
        || end.is_some_and(|end| end != hash(&row.end_words))
    {
        return Ok(Some("words"));
    }
    let steps = improvement::steps(store, tenant, row.id).await?;
    let of = |step: &PlanStep| {
        let hash = |text: &str| words_hash(&step.salt, text);
        // Nothing was said of a step that nobody has reported.
        let words = if step.words.is_empty() { String::new() } else { hash(&step.words) };
        (step.nth, (hash(&step.what), step.due.clone(), step.state, step.done_on.clone(), words))
    };
    let kept: BTreeMap<i64, Said> = steps.iter().map(of).collect();
    Ok((kept != plan || i64::try_from(plan.len()) != Ok(row.steps)).then_some("steps"))
}

async fn wrong_appeal(store: &Store, tenant: TenantId, row: &Appeal) -> Result<Option<&'static str>> {
    let (mut asked, mut advised, mut decided) = (None::<ScoreAppealed>, None::<ScoreAppealAdvised>, None::<ScoreAppealDecided>);
    for fact in store.timeline(tenant, "score_appeal", row.id.0).await? {
        match fact.kind.as_str() {
            "score_appeal.asked" => asked = read(&fact),
            "score_appeal.advised" => advised = read(&fact),
            "score_appeal.decided" => decided = read(&fact),
            _ => {}
        }
    }
    let Some(asked) = asked else { return Ok(Some("unreadable")) };
    let state = match (&advised, decided.as_ref().map(|decided| decided.end)) {
        (_, Some(AppealEnd::Upheld)) => AppealState::Upheld,
        (_, Some(AppealEnd::Refused)) => AppealState::Refused,
        (Some(_), None) => AppealState::Advised,
        (None, None) => AppealState::Asked,
    };
    if state != row.state || advised.as_ref().map(|advised| advised.advice) != row.advice {
        return Ok(Some("state"));
    }
    let hash = |text: &str| words_hash(&row.salt, text);
    let words = asked.words == hash(&row.words)
        && advised.is_none_or(|advised| advised.words == hash(&row.advice_words))
        && decided.is_none_or(|decided| decided.words == hash(&row.decision_words));
    if !words {
        return Ok(Some("words"));
    }
    let said = (asked.evaluation, asked.league, asked.month, asked.member, asked.line, asked.facts);
    let kept = (row.evaluation_id, row.league_id, row.month.clone(), row.member_id, row.line.clone(), row.keys()?);
    Ok((said != kept).then_some("line"))
}

/// The words that stand, every issue as it was published, and the link.
async fn wrong_bulletin(store: &Store, tenant: TenantId, row: &Bulletin) -> Result<Option<&'static str>> {
    let (mut written, mut issued, mut link) = (None::<BulletinWritten>, Vec::new(), None::<String>);
    for fact in store.timeline(tenant, "bulletin", row.id.0).await? {
        match fact.kind.as_str() {
            "bulletin.written" => written = read(&fact),
            "bulletin.issued" => {
                let Some(said) = read::<BulletinIssued>(&fact) else { return Ok(Some("unreadable")) };
                issued.push((said.nth, said.evaluation, said.body));
            }
            "bulletin.shared" => link = read::<BulletinShared>(&fact).map(|said| said.link),
            "bulletin.unshared" => link = None,
            _ => {}
        }
    }
    let Some(written) = written else { return Ok(Some("unreadable")) };
    if (written.month, written.words) != (row.month.clone(), words_hash(&row.salt, &row.words)) {
        return Ok(Some("words"));
    }
    let kept = bulletin_words::issues(store, tenant, row.id).await?;
    let kept: Vec<_> = kept.iter().map(|one| (one.nth, one.evaluation_id, one.hash())).collect();
    if kept != issued || i64::try_from(kept.len()) != Ok(row.issues) {
        return Ok(Some("issues"));
    }
    Ok((link != row.link.as_deref().map(bulletin_words::link_hash)).then_some("link"))
}
