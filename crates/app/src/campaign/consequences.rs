//! What follows from results in the demo: the leader sets rules when the world begins, decides what each month proposes, and what was
//! confirmed is done by the time of the next.

use super::{BEGIN, Building};
use evaluation::consequence::{self, Confirm, Consequence, ConsequenceState, Done, Reject};
use evaluation::consequence_rule::{ConsequenceGround, ConsequenceKind, SetRule};
use evaluation::scheme::Ranked;
use kernel::{Error, Result};
use rules::Points;
use serde::Deserialize;

const TEXT: &str = include_str!("../../data/consequences.toml");
/// The working day of a month, counted from nought, on which it is decided: behind the days for appeals.
const DECIDED: usize = 11;
/// Of what is proposed, every so manieth is dropped.
const DROPPED: usize = 5;

#[derive(Deserialize)]
struct Text {
    rules: Vec<RuleText>,
    confirmed: Vec<String>,
    dropped: Vec<String>,
    done: Vec<String>,
}

#[derive(Deserialize)]
struct RuleText {
    ranked: Ranked,
    ground: ConsequenceGround,
    months: i64,
    kind: ConsequenceKind,
    name: String,
    days: i64,
}

fn text() -> Result<Text> {
    toml::from_str(TEXT).map_err(Error::internal)
}

impl Building {
    /// The rules, from the first month on.
    pub(super) async fn consequence_rules(&self) -> Result<()> {
        let leader = self.actor("leader")?;
        let month = BEGIN.strftime("%Y-%m").to_string();
        for rule in text()?.rules {
            let set = SetRule {
                by: leader.permit(&leader.tenant)?,
                ranked: rule.ranked,
                ground: rule.ground,
                grade: String::new(),
                points: Points::ZERO,
                months: rule.months,
                kind: rule.kind,
                name: rule.name,
                days: rule.days,
                from_month: month.clone(),
                this_month: month.clone(),
            };
            self.run(leader, set).await?;
        }
        Ok(())
    }

    /// A week after a month was published, what it proposed is decided.
    pub(super) async fn consequences_of(&self, nth: usize) -> Result<()> {
        if nth == DECIDED { self.follow_up(0).await } else { Ok(()) }
    }

    /// What was confirmed before is done, and what waits is decided, all but the latest `left`.
    pub(super) async fn follow_up(&self, left: usize) -> Result<()> {
        let (clerk, leader, text) = (self.actor("clerk")?, self.actor("leader")?, text()?);
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let today = self.directory.date_of(self.now())?;
        let said = |list: &[String], nth: usize| list[nth % list.len()].clone();
        for (nth, one) in self.waiting_for(ConsequenceState::Confirmed).await?.into_iter().enumerate() {
            let words = said(&text.done, nth);
            self.run(clerk, Done { by: clerk.permit(&tenant)?, consequence: one, day: today, words }).await?;
        }
        for (nth, one) in self.waiting_for(ConsequenceState::Proposed).await?.into_iter().skip(left).enumerate() {
            let rule = evaluation::consequence_rule::find(store, tenant, one.rule_id).await?;
            let by = leader.permit(&tenant)?;
            let stands = consequence::holds(store, tenant, &rule, &one).await?;
            let praise = rule.kind == ConsequenceKind::Praise;
            if !stands || (!praise && nth % DROPPED == DROPPED - 1) {
                let words = said(&text.dropped, nth);
                self.run(leader, Reject { by, consequence: one, words }).await?;
                continue;
            }
            let confirm = Confirm { by, consequence: one, today, words: said(&text.confirmed, nth) };
            match self.run(leader, confirm).await {
                // It waits for its appeal.
                Err(error) if error.is(consequence::APPEALED) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// At most a hundred of those in a state, the latest first.
    async fn waiting_for(&self, state: ConsequenceState) -> Result<Vec<Consequence>> {
        let tenant = self.actor("clerk")?.tenant;
        let mut all = consequence::in_state(&self.place.store, tenant, state, consequence::newest()).await?;
        all.truncate(consequence::ON_PAGE);
        Ok(all)
    }
}
