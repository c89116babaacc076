//! What people of the demo write down by hand: rounds, surveys, what a committee decided, and who is to be lifted by which steps.

use super::evaluated::UnitOf;
use super::{Building, CAMPAIGN, Lifted, months_since_begin};
use evaluation::entry::{Enter, Enterer, EntryKind, What};
use evaluation::improvement::{self, Improvement, Judge, Leave, List, Plan, Report};
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use jiff::civil::Date;
use kernel::{Error, Result};
use rules::Points;

/// Of a month's working days, counted from nought: when everybody is looked at, and when residents are asked.
const ROUNDS: [usize; 4] = [2, 7, 12, 17];
const SURVEY: usize = 15;
/// When the committee sat in January.
const COMMITTEE: usize = 12;

impl Building {
    /// What is written down on the `nth` working day of a month.
    pub(super) async fn by_hand(&self, day: Date, nth: usize) -> Result<()> {
        let (clerk, inspector) = (self.actor("clerk")?, self.actor("inspector")?);
        let tenant = clerk.tenant;
        let members = || self.compounds.iter().map(|(id, _)| MemberId(id.0));
        let enter = |by, kind, members, words: &str, photos| Enter {
            by,
            kind,
            ranked: Ranked::Compound,
            day,
            members,
            words: words.to_owned(),
            photos,
        };
        let evaluated = day.first_of_month() <= CAMPAIGN.first_of_month();
        if evaluated && ROUNDS.contains(&nth) {
            let all = members().map(|id| (id, What::default())).collect();
            let by = Enterer::Round(inspector.permit(&tenant)?);
            self.run(inspector, enter(by, EntryKind::Round, all, "", Vec::new())).await?;
        }
        if evaluated && nth == SURVEY {
            let said = |(at, id)| (id, self.asked(at, months_since_begin(day)));
            let all = members().enumerate().map(said).collect();
            let by = Enterer::Figures(clerk.permit(&tenant)?);
            self.run(clerk, enter(by, EntryKind::Survey, all, &self.text.survey, Vec::new())).await?;
        }
        if day.first_of_month() == CAMPAIGN.first_of_month() && nth == COMMITTEE {
            for (at, words) in self.text.items.iter().enumerate() {
                let photo = self.photo(clerk, 700_000 + at as u64, false, None).await?;
                let what = What { item: "C3".to_owned(), points: Points::whole(2 + 2 * at as i64), ..What::default() };
                let one = members().nth(at * 7 + 3).map(|id| (id, what)).into_iter().collect();
                let by = Enterer::Figures(clerk.permit(&tenant)?);
                self.run(clerk, enter(by, EntryKind::Item, one, words, vec![photo])).await?;
            }
        }
        for lifted in &self.text.lifted {
            self.lift(lifted, day).await?;
        }
        Ok(())
    }

    /// How many of a compound's people were asked in a month and how many were content: most somewhat otherwise than the month before,
    /// and those that are to be lifted better from month to month.
    fn asked(&self, at: usize, month: i64) -> What {
        let n = i64::try_from(at).unwrap_or(0);
        let asked = 20 + n * 7 % 21;
        let lifted = self.text.lifted.iter().any(|lifted| lifted.compound == at);
        let not = if lifted { (10 - 2 * month).max(1) } else { (n * 11 + (5 - month) * (n % 4)) % 9 };
        What { asked, content: asked - not, ..What::default() }
    }

    /// What becomes of a compound that is to be lifted on this day: put on the list with its plan, a step done, off the list.
    async fn lift(&self, lifted: &Lifted, day: Date) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let (compound, _) = self.compounds.get(lifted.compound).ok_or_else(|| Error::internal("no such compound to be lifted"))?;
        let member = MemberId(compound.0);
        if lifted.listed == day {
            let list = List { by: clerk.permit(&tenant)?, ranked: Ranked::Compound, member, why: lifted.why.clone() };
            let id = self.run(clerk, list).await?;
            for step in &lifted.steps {
                let improvement = improvement::find(store, tenant, id).await?;
                self.run(clerk, Plan { by: clerk.permit(&tenant)?, improvement, what: step.what.clone(), due: step.due }).await?;
            }
            return Ok(());
        }
        if lifted.left != Some(day) && lifted.steps.iter().all(|step| step.done != Some(day)) {
            return Ok(());
        }
        let listed = improvement::in_state(store, tenant, improvement::ImprovementState::Listed).await?;
        let one = listed.into_iter().find(|one| one.member_id == member).ok_or_else(|| Error::internal("it is not on the list"))?;
        for step in lifted.steps.iter().filter(|step| step.done == Some(day)) {
            self.step_done(&one, &step.what, day).await?;
        }
        if lifted.left == Some(day) {
            let improvement = improvement::find(store, tenant, one.id).await?;
            let leave = Leave { by: clerk.permit(&tenant)?, improvement, reached: true, words: lifted.left_words.clone() };
            self.run(clerk, leave).await?;
        }
        Ok(())
    }

    /// A step is reported done by who answers for the compound, and the clerk looks at it.
    async fn step_done(&self, one: &Improvement, what: &str, today: Date) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let unit = self.directory.unit_for(one.member_id.place(), None, today).map(|proposal| proposal.unit);
        let handler = unit.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)?;
        let find = async || -> Result<_> {
            let steps = improvement::steps(store, tenant, one.id).await?;
            steps.into_iter().find(|step| step.what == what).ok_or_else(Error::not_found)
        };
        let step = find().await?;
        let seed = 710_000 + u64::try_from(step.nth).unwrap_or(0) * 1000 + u64::try_from(today.day()).unwrap_or(0);
        let photo = self.photo(handler, seed, true, None).await?;
        let place = self.directory.place_or_404(one.member_id.place())?;
        let by = handler.permit(&UnitOf { tenant, unit, path: &place.path })?;
        let improvement = improvement::find(store, tenant, one.id).await?;
        let words = self.text.steps_done[usize::from(today.day().unsigned_abs()) % self.text.steps_done.len()].clone();
        self.run(handler, Report { by, improvement, step, today, words, photos: vec![photo] }).await?;
        let improvement = improvement::find(store, tenant, one.id).await?;
        let judge = Judge { by: clerk.permit(&tenant)?, improvement, step: find().await?, good: true, words: String::new() };
        self.run(clerk, judge).await
    }
}
