//! The part of `verify` that looks at what follows from results: every rule and every consequence must follow from its facts.

use crate::consequence::{self, Consequence, ConsequenceId, ConsequenceState};
use crate::consequence_rule::{self, Rule};
use crate::facts::{
    ConsequenceConfirmed, ConsequenceDone, ConsequenceDropped, ConsequenceProposed, ConsequenceWithdrawn, RuleSet, words_hash,
};
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use serde::de::DeserializeOwned;
use store::Store;
use store::journal::verify::what::STATE;
use store::journal::{FactRow, Finding, Report, StateCheck};

fn read<T: DeserializeOwned>(fact: &FactRow) -> Option<T> {
    serde_json::from_str(&fact.data).ok()
}

/// Rules, and what followed from them.
pub struct Consequences;

impl StateCheck for Consequences {
    fn name(&self) -> &'static str {
        "consequences"
    }

    /// A finding names what it is of (`consequence_rule`, `consequence`: its id) and what is wrong with it by `is`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            // While the server works, row and facts are read at different instants: what is wrong is read once more.
            for rule in consequence_rule::all(store, tenant).await? {
                let mut wrong = wrong_rule(store, tenant, &rule).await?;
                if wrong.is_some() {
                    wrong = wrong_rule(store, tenant, &consequence_rule::find(store, tenant, rule.id).await?).await?;
                }
                add(report, "consequence_rule", rule.id.0, wrong);
            }
            let mut after = ConsequenceId(Uuid::nil());
            loop {
                let rows = consequence::after(store, tenant, after).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id;
                for row in &rows {
                    let mut wrong = wrong_consequence(store, tenant, row).await?;
                    if wrong.is_some() {
                        wrong = wrong_consequence(store, tenant, &consequence::find(store, tenant, row.id).await?).await?;
                    }
                    add(report, "consequence", row.id.0, wrong);
                }
            }
        })
    }
}

fn add(report: &mut Report, subject: &'static str, id: Uuid, wrong: Option<&'static str>) {
    if let Some(is) = wrong {
        report.add(Finding::new(STATE).with("check", "consequences").with(subject, id).with("is", is));
    }
}

async fn wrong_rule(store: &Store, tenant: TenantId, row: &Rule) -> Result<Option<&'static str>> {
    let facts = store.timeline(tenant, "consequence_rule", row.id.0).await?;
    let set = facts.iter().find(|fact| fact.kind == "consequence_rule.set").and_then(read::<RuleSet>);
    let Some(set) = set else { return Ok(Some("unreadable")) };
    if row.open == facts.iter().any(|fact| fact.kind == "consequence_rule.ended") {
        return Ok(Some("state"));
    }
    if set.name != words_hash(&row.salt, &row.name) {
        return Ok(Some("words"));
    }
    let said = (set.ranked, set.ground, set.grade, set.points, set.months, (set.kind, set.days, set.from_month));
    let kept = (row.ranked, row.ground, row.grade.clone(), row.points, row.months, (row.kind, row.days, row.from_month.clone()));
    Ok((said != kept).then_some("rule"))
}

async fn wrong_consequence(store: &Store, tenant: TenantId, row: &Consequence) -> Result<Option<&'static str>> {
    let (mut proposed, mut state) = (None::<ConsequenceProposed>, ConsequenceState::Proposed);
    // What the facts keep of words, and the days.
    let (mut words, mut done, mut end, mut due, mut done_on) = (None, None, None, None, None);
    for fact in store.timeline(tenant, "consequence", row.id.0).await? {
        match fact.kind.as_str() {
            "consequence.proposed" => proposed = read(&fact),
            "consequence.confirmed" => {
                let Some(said) = read::<ConsequenceConfirmed>(&fact) else { return Ok(Some("unreadable")) };
                (state, words, due) = (ConsequenceState::Confirmed, Some(said.words), Some(said.due));
            }
            "consequence.dropped" => {
                let Some(said) = read::<ConsequenceDropped>(&fact) else { return Ok(Some("unreadable")) };
                (state, words) = (ConsequenceState::Dropped, Some(said.words));
            }
            "consequence.done" => {
                let Some(said) = read::<ConsequenceDone>(&fact) else { return Ok(Some("unreadable")) };
                (state, done, done_on) = (ConsequenceState::Done, Some(said.words), Some(said.day));
            }
            "consequence.withdrawn" => {
                let Some(said) = read::<ConsequenceWithdrawn>(&fact) else { return Ok(Some("unreadable")) };
                (state, end) = (ConsequenceState::Withdrawn, Some(said.words));
            }
            _ => {}
        }
    }
    let Some(proposed) = proposed else { return Ok(Some("unreadable")) };
    if state != row.state {
        return Ok(Some("state"));
    }
    let hash = |text: &str| (!text.is_empty()).then(|| words_hash(&row.salt, text));
    if (words, done, end) != (hash(&row.words), hash(&row.done_words), hash(&row.end_words)) {
        return Ok(Some("words"));
    }
    if (&due, &done_on) != (&row.due, &row.done_on) {
        return Ok(Some("days"));
    }
    let said = (proposed.rule, proposed.evaluation, proposed.league, proposed.month, proposed.member, proposed.unit);
    let kept = (row.rule_id, row.evaluation_id, row.league_id, row.month.clone(), row.member_id, row.unit_id);
    Ok((said != kept).then_some("whose"))
}
