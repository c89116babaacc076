//! What leaves the straight way in the demo's campaign: extensions, holds, hand-backs, transfers, disputes, what was mended already,
//! and the requests that wait on somebody's desk today.

use super::rounds::Event;
use super::{Building, PER_CIRCULAR, TENANT, at};
use access::Actor;
use cases::appealing::{Appeal, DecideAppeal, ReviewAppeal};
use cases::at_once::{By, CheckSample, Mended};
use cases::case::{Case, Found};
use cases::disputing::{AnswerDispute, Dispute};
use cases::extending::{AnswerExtension, AskExtension, latest};
use cases::filing::{Decline, Dispatch};
use cases::handing_back::{AnswerHandBack, AskHandBack};
use cases::holding::{AnswerHold, AskHold};
use cases::joining::Merge;
use cases::kinds::{AppealEnd, AppealGround, Ask, DeclineReason, HandBackReason, HoldReason, Receiver, Sample, Satisfied, Solved};
use cases::leading::{AskVoid, Supervise};
use cases::matters::{End, MatterOrigin, Note, Open};
use cases::outside::{Deed, Handle};
use cases::rectifying::Urge;
use cases::reinspecting::Findings;
use cases::steps::Source;
use cases::transferring::{AnswerTransfer, Transfer};
use cases::verifying::AskVerify;
use contracts::CaseId;
use kernel::ids::OrganisationId;
use kernel::{Error, Instant, Result};
use std::collections::BTreeMap;

/// Of the last round, how many problems stay open, each for a reason that its page tells.
pub(super) const LEFT: usize = 10;

/// What somebody asks or answers on the way of a case.
#[derive(Clone, Copy)]
pub(super) enum Branch {
    AskExtension,
    AnswerExtension(bool),
    AskHold {
        days: i64,
    },
    GrantHold,
    AskHandBack,
    AnswerHandBack(bool),
    DispatchElsewhere,
    Transfer,
    AnswerTransfer,
    Dispute,
    AnswerDispute(bool),
    Appeal,
    AnswerAppeal(bool),
    SignOrder,
    CallCaller,
    AnswerOrder,
    CallBack,
    /// Called back, and the caller isn't content.
    NotContent,
}

/// The next working hour after an instant, ten minutes before it is full: what falls into one hour happens side by side.
pub(super) fn hour(at: Instant) -> Instant {
    Instant((at.0 / 3_600_000_000 + 1) * 3_600_000_000 - 600_000_000)
}

/// The circular with the order whose caller is not content.
const NOT_CONTENT: usize = 2;

impl Building {
    /// The way of case number `k` of the campaign, issued now: when what happens.
    pub(super) fn plan(&self, k: usize, case: &Case, events: &mut BTreeMap<Instant, Vec<Event>>) -> Result<()> {
        let (now, due, id) = (self.now(), case.due, case.id);
        let share = |permille: i64| hour(now.plus_seconds(due.seconds_since(now) * permille / 1000));
        // What falls into one hour happens side by side, so one case's steps stand in hours of their own.
        let mut last = now;
        let mut then = |at: Instant, event: Event| {
            last = hour(at).max(last.plus_seconds(3600));
            events.entry(last).or_default().push(event);
        };
        if case.source.orders() {
            then(now.plus_seconds(600), Event::Branch(id, Branch::SignOrder));
            then(now.plus_seconds(4200), Event::Branch(id, Branch::CallCaller));
        }
        // With a few hours there is no time to ask for anything.
        let roomy = due.seconds_since(now) > 8 * 3600;
        // Most well within their time; one in fifty late; one in sixteen comes back once.
        let mut done = if k % 53 == 7 { due.plus_seconds(7200) } else { share(600) };
        if k % 41 == 9 && roomy {
            let granted = k % 82 == 9;
            then(share(300), Event::Branch(id, Branch::AskExtension));
            then(share(300).plus_seconds(7200), Event::Branch(id, Branch::AnswerExtension(granted)));
            done = if granted { due.plus_seconds(1800) } else { share(900) };
        } else if k % 173 == 20 && roomy {
            then(share(300), Event::Branch(id, Branch::AskHold { days: 3 }));
            then(share(300).plus_seconds(7200), Event::Branch(id, Branch::GrantHold));
            done = share(300).plus_seconds(3 * 86_400 + 7200);
        } else if k % 137 == 50 {
            let accepted = k % 274 == 50;
            then(now.plus_seconds(3 * 3600), Event::Branch(id, Branch::AskHandBack));
            then(now.plus_seconds(5 * 3600), Event::Branch(id, Branch::AnswerHandBack(accepted)));
            if accepted {
                then(now.plus_seconds(6 * 3600), Event::Branch(id, Branch::DispatchElsewhere));
                done = now.plus_seconds(24 * 3600);
            }
        } else if k % 307 == 150 {
            then(now.plus_seconds(4 * 3600), Event::Branch(id, Branch::Transfer));
            then(now.plus_seconds(52 * 3600), Event::Branch(id, Branch::AnswerTransfer));
            then(now.plus_seconds(70 * 3600), Event::Accept(id));
            if case.source.orders() {
                then(now.plus_seconds(72 * 3600), Event::Branch(id, Branch::AnswerOrder));
            }
            return Ok(());
        }
        then(done, Event::Rectify(id));
        let mut looked = done.plus_seconds(14 * 3600);
        if k % 16 == 3 {
            then(looked, Event::Refuse(id));
            then(looked.plus_seconds(3 * 3600), Event::Rectify(id));
            looked = looked.plus_seconds(8 * 3600);
        }
        then(looked, Event::Accept(id));
        if case.source.orders() {
            then(looked.plus_seconds(3600), Event::Branch(id, Branch::AnswerOrder));
            if k / PER_CIRCULAR == NOT_CONTENT && k % 53 != 7 {
                // Opened again and mended; not called back again yet.
                then(looked.plus_seconds(25 * 3600), Event::Branch(id, Branch::NotContent));
                then(looked.plus_seconds(28 * 3600), Event::Rectify(id));
                then(looked.plus_seconds(45 * 3600), Event::Accept(id));
            } else {
                then(looked.plus_seconds(25 * 3600), Event::Branch(id, Branch::CallBack));
            }
        }
        // Of those that were late, one in four appeals; half of the appeals are upheld.
        if k % 53 == 7 && k % 41 != 9 && k % 4 == 2 {
            let appealed = looked.plus_seconds(26 * 3600);
            then(appealed, Event::Branch(id, Branch::Appeal));
            then(appealed.plus_seconds(24 * 3600), Event::Branch(id, Branch::AnswerAppeal(k % 8 == 2)));
        }
        // The inspector disputes what he found himself; which case is the `k`th of a round is the machine's to say.
        if k % 211 == 100 && !case.source.orders() {
            let upheld = k % 422 == 100;
            then(looked.plus_seconds(20 * 3600), Event::Branch(id, Branch::Dispute));
            then(looked.plus_seconds(24 * 3600), Event::Branch(id, Branch::AnswerDispute(upheld)));
            if upheld {
                then(looked.plus_seconds(27 * 3600), Event::Rectify(id));
                then(looked.plus_seconds(44 * 3600), Event::Accept(id));
            }
        }
        Ok(())
    }

    fn handler(&self, case: &Found) -> Result<&Actor> {
        case.unit_id.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)
    }

    /// A line of the demo's text, by the case.
    fn said(&self, list: &[String], case: &Found) -> String {
        list[usize::try_from(case.number).unwrap_or(0) % list.len()].clone()
    }

    pub(super) async fn branch(&self, id: CaseId, branch: Branch) -> Result<()> {
        let (clerk, leader, inspector) = (self.actor("clerk")?, self.actor("leader")?, self.actor("inspector")?);
        let case = self.found(&Actor::system(TENANT), id).await?;
        let (text, hours) = (&self.text, self.hours.clone());
        match branch {
            Branch::AskExtension => {
                let (unit, until, words) = (self.handler(&case)?, latest(&case, &hours)?, self.said(&text.extensions, &case));
                self.run(unit, AskExtension { by: unit.permit(&case)?, case, until, words, hours }).await
            }
            Branch::AnswerExtension(grant) => {
                let (by, until) = (clerk.permit(&case)?, case.ask_until.filter(|_| grant));
                let words = if grant { String::new() } else { self.said(&text.no_extensions, &case) };
                self.run(clerk, AnswerExtension { by, case, until, words, hours }).await
            }
            Branch::AskHold { days } => {
                let reasons = [HoldReason::Season, HoldReason::RepairFundVote, HoldReason::ProjectFunds, HoldReason::Ownership];
                let n = usize::try_from(case.number).unwrap_or(0) % reasons.len();
                let (unit, until) = (self.handler(&case)?, self.now().plus_seconds(days * 86_400));
                let words = text.holds[n % text.holds.len()].clone();
                self.run(unit, AskHold { by: unit.permit(&case)?, case, reason: reasons[n], until, words }).await
            }
            Branch::GrantHold => {
                let (by, until) = (leader.permit(&case)?, case.ask_until);
                self.run(leader, AnswerHold { by, case, until, words: String::new(), hours }).await
            }
            Branch::AskHandBack => {
                let (unit, words) = (self.handler(&case)?, self.said(&text.hand_backs, &case));
                self.run(unit, AskHandBack { by: unit.permit(&case)?, case, reason: HandBackReason::NotOurArea, words, hours }).await
            }
            Branch::AnswerHandBack(accept) => {
                let words = if accept { String::new() } else { self.said(&text.no_hand_backs, &case) };
                self.run(clerk, AnswerHandBack { by: clerk.permit(&case)?, case, accept, words, hours }).await
            }
            Branch::DispatchElsewhere => {
                let unit = self.another(&case)?;
                let (by, unit_reason, set_due) = (clerk.permit(&case)?, None, None);
                self.run(clerk, Dispatch { by, case, unit, unit_reason, set_due, assisting: Vec::new(), hours }).await.map(drop)
            }
            Branch::Transfer => {
                let receivers = [Receiver::Enforcement, Receiver::Owner, Receiver::Department];
                let receiver = receivers[usize::try_from(case.number).unwrap_or(0) % receivers.len()];
                let (words, receipt) = (self.said(&text.transfers, &case), Some(format!("YJ-{:05}", case.number)));
                let by = clerk.permit(&case)?;
                self.run(clerk, Transfer { by, case, receiver, receipt, set_due: None, words, hours }).await
            }
            Branch::AnswerTransfer => {
                let words =
                    text.answer(case.category_id.and_then(|id| self.directory.category(id)), usize::try_from(case.number).unwrap_or(0));
                let by = clerk.permit(&case)?;
                self.run(clerk, AnswerTransfer { by, case, receipt: None, words, photos: Vec::new(), hours }).await
            }
            Branch::SignOrder => self.run(clerk, Handle { by: clerk.permit(&case)?, case, deed: Deed::Sign, hours }).await,
            Branch::CallCaller => {
                let deed = Deed::Call { words: self.said(&text.calls, &case) };
                self.run(clerk, Handle { by: clerk.permit(&case)?, case, deed, hours }).await
            }
            Branch::AnswerOrder => {
                let deed = Deed::Answer { words: self.said(&text.order_answers, &case) };
                self.run(clerk, Handle { by: clerk.permit(&case)?, case, deed, hours }).await
            }
            Branch::CallBack => {
                // Most are content; one in eight so far, and one in eight did not answer.
                let (solved, satisfied) = match case.number % 8 {
                    1 => (Solved::Partly, Satisfied::Fairly),
                    5 => (Solved::Yes, Satisfied::NotReached),
                    3 | 6 => (Solved::Yes, Satisfied::Very),
                    _ => (Solved::Yes, Satisfied::Yes),
                };
                let words = if satisfied.reached() { self.said(&text.call_backs, &case) } else { String::new() };
                let deed = Deed::CallBack { solved, satisfied, words, set_due: None };
                self.run(clerk, Handle { by: clerk.permit(&case)?, case, deed, hours }).await
            }
            Branch::NotContent => {
                let words = self.said(&text.refusals, &case);
                let deed = Deed::CallBack { solved: Solved::No, satisfied: Satisfied::No, words, set_due: None };
                self.run(clerk, Handle { by: clerk.permit(&case)?, case, deed, hours }).await
            }
            Branch::Dispute => {
                let words = self.said(&text.refusals, &case);
                self.run(inspector, Dispute { by: inspector.permit(&case)?, case, words, photos: Vec::new(), hours }).await
            }
            // Where it was in time after all there is nothing to appeal against, and nothing to answer.
            Branch::Appeal if !case.grounds().contains(&AppealGround::Late) => Ok(()),
            Branch::AnswerAppeal(_) if case.ask != Some(Ask::Appeal) => Ok(()),
            Branch::Appeal => {
                let (unit, words) = (self.handler(&case)?, self.said(&text.appeals, &case));
                let (by, ground) = (unit.permit(&case)?, AppealGround::Late);
                self.run(unit, Appeal { by, case, ground, words, photos: Vec::new(), hours }).await
            }
            Branch::AnswerAppeal(uphold) => {
                let (advice, words) = match uphold {
                    true => (AppealEnd::Upheld, self.said(&text.appeals_upheld, &case)),
                    false => (AppealEnd::Refused, self.said(&text.appeals_refused, &case)),
                };
                let review = ReviewAppeal { by: clerk.permit(&case)?, case, advice, words: words.clone() };
                self.run(clerk, review).await?;
                let case = self.found(leader, id).await?;
                self.run(leader, DecideAppeal { by: leader.permit(&case)?, case, uphold, words, hours }).await
            }
            Branch::AnswerDispute(uphold) => {
                let words = self.said(if uphold { &text.refusals } else { &text.findings }, &case);
                self.run(clerk, AnswerDispute { by: clerk.permit(&case)?, case, uphold, set_due: None, words, hours }).await
            }
        }
    }

    /// Another unit than the one that has it, with somebody who submits for it.
    fn another(&self, case: &Found) -> Result<OrganisationId> {
        self.handlers.keys().copied().find(|unit| case.unit_id != Some(*unit)).ok_or_else(Error::not_found)
    }

    /// What inspectors saw mended on the spot, and what units found and mended themselves, on the day of round `n`.
    pub(super) async fn mended_already(&self, n: usize) -> Result<()> {
        let inspector = self.actor("inspector")?;
        for i in 0..2 {
            self.mended(By::OnSpot(inspector.permit_some()?), inspector, None, n * 2 + i).await?;
        }
        let handlers: Vec<_> = self.handlers.iter().collect();
        for i in 0..6 {
            let (unit, handler) = handlers[(n * 6 + i) % handlers.len()];
            self.mended(By::SelfCheck(handler.permit_some()?), handler, Some(*unit), 1000 + n * 6 + i).await?;
        }
        Ok(())
    }

    async fn mended(&self, by: By, actor: &Actor, unit: Option<OrganisationId>, n: usize) -> Result<()> {
        let before = self.photo(actor, 700_000 + n as u64, false, None).await?;
        let after = self.photo(actor, 800_000 + n as u64, true, None).await?;
        let mut finding = self.finding(n * 13 + 5, None, before)?;
        if unit.is_some() {
            (finding.unit, finding.source) = (unit, Source::Unit);
        }
        let done = self.text.answer(finding.under.as_ref().and_then(|under| self.directory.category(under.category)), n);
        let sample_permille = i64::from(self.hours.centre.self_check_sample_permille);
        let made = self.run(actor, Mended { by, finding, done, after: vec![after], sample_permille, hours: self.hours.clone() }).await?;
        // What was drawn before the last week has been looked at.
        let inspector = self.actor("inspector")?;
        let case = self.found(inspector, made.case).await?;
        if case.sample == Some(Sample::Waiting) && self.now() < at(2, 2, 0, 0)? {
            self.set(self.now().plus_seconds(3600));
            let photos = vec![self.photo(inspector, 900_500 + n as u64, true, None).await?];
            let findings = Findings { words: self.text.findings[n % self.text.findings.len()].clone(), photos, on_spot: true };
            self.run(inspector, CheckSample { by: inspector.permit(&case)?, case, good: !n.is_multiple_of(7), findings }).await?;
        }
        Ok(())
    }

    /// What happens early to the ten of the last round that stay open; the rest of their story is told today.
    pub(super) fn plan_left(&self, cases: &[Case], events: &mut BTreeMap<Instant, Vec<Event>>) -> Result<()> {
        let mut then = |at: Instant, case: &Case, what: Branch| events.entry(at).or_default().push(Event::Branch(case.id, what));
        // One could not be mended in the frost, one is the pipe's owner's, one goes from unit to unit.
        then(at(5, 2, 9, 50)?, &cases[6], Branch::AskHold { days: 40 });
        then(at(5, 2, 14, 50)?, &cases[6], Branch::GrantHold);
        then(at(5, 2, 10, 50)?, &cases[7], Branch::Transfer);
        then(at(5, 2, 10, 50)?, &cases[8], Branch::AskHandBack);
        then(at(5, 2, 15, 50)?, &cases[8], Branch::AnswerHandBack(true));
        then(at(12, 2, 15, 50)?, &cases[8], Branch::DispatchElsewhere);
        Ok(())
    }

    /// The ten of the last round that are not rectified, as they stand today.
    pub(super) async fn ten_left(&self, cases: &[Case]) -> Result<()> {
        let left: Vec<CaseId> = cases.iter().take(LEFT).map(|case| case.id).collect();
        // Three wait for the re-inspection.
        self.set(at(12, 2, 19, 0)?);
        for case in &left[..3] {
            self.rectify(*case).await?;
        }
        // Two were refused and are being mended again; one of them needs longer and asks.
        for case in &left[3..5] {
            self.rectify(*case).await?;
        }
        self.set(at(13, 2, 8, 50)?);
        for case in &left[3..5] {
            self.reinspect(*case, false).await?;
        }
        self.branch(left[4], Branch::AskExtension).await?;
        // Two are late: urged, and one under the leader's eye.
        let leader = self.actor("leader")?;
        for case in [left[5], left[9]] {
            let found = self.found(leader, case).await?;
            self.run(leader, Urge { by: leader.permit(&found)?, case: found, words: self.text.urges[0].clone() }).await?;
        }
        let found = self.found(leader, left[5]).await?;
        self.run(leader, Supervise { by: leader.permit(&found)?, case: found, words: self.text.demands[0].clone() }).await?;
        // The one that was handed back once is asked to be handed back again: the leader's turn.
        self.branch(left[8], Branch::AskHandBack).await
    }

    /// Reports of this morning that wait on the centre's desk, each at another point.
    pub(super) async fn waiting(&self, reports: &[CaseId]) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let hours = self.hours.clone();
        let found = self.found(clerk, reports[0]).await?;
        let (by, reason, words) = (clerk.permit(&found)?, DeclineReason::AlreadyMended, String::new());
        self.run(clerk, Decline { by, case: found, reason, words }).await?;
        let found = self.found(clerk, reports[1]).await?;
        let verifier = self.actor("inspector")?.account.ok_or_else(Error::not_found)?;
        let words = self.text.verify[0].clone();
        self.run(clerk, AskVerify { by: clerk.permit(&found)?, case: found, verifier, words, hours: hours.clone() }).await?;
        let (found, into) = (self.found(clerk, reports[2]).await?, self.found(clerk, reports[3]).await?);
        self.run(clerk, Merge { by: clerk.permit(&found)?, case: found, into, words: String::new(), hours }).await?;
        let found = self.found(clerk, reports[4]).await?;
        let words = self.text.voids[0].clone();
        self.run(clerk, AskVoid { by: clerk.permit(&found)?, case: found, words }).await
    }

    /// Difficult matters of the weeks before: most settled, some of one problem, one before the council.
    pub(super) async fn matters(&self, n: usize, cases: &[Case]) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let titles = &self.text.matters;
        for i in (0..titles.len()).filter(|i| i * super::CIRCULARS / titles.len() == n) {
            // Every third one is of a problem of the round.
            let case = match cases.get(20 + i).filter(|_| i % 3 == 0) {
                Some(case) => Some(self.found(clerk, case.id).await?),
                None => None,
            };
            let origins = [MatterOrigin::Forum, MatterOrigin::Residents, MatterOrigin::Council, MatterOrigin::Inspection];
            let place = self.directory.communities().nth(i * 7 % 20).map(|place| (place.id, place.path.clone()));
            let place = case.as_ref().map_or(place, |case| case.place_id.map(|id| (id, case.place_path.clone())));
            let origin = if case.is_some() { MatterOrigin::Case } else { origins[i % origins.len()] };
            let what = self.text.matter_words[i % self.text.matter_words.len()].clone();
            let number = self.run(clerk, Open { by: clerk.permit_some()?, origin, title: titles[i].clone(), what, place, case }).await?;
            let matter = cases::matters::find(&self.place.store, clerk, number).await?;
            let words = self.text.matter_notes[i % self.text.matter_notes.len()].clone();
            let last = i + 4 >= titles.len();
            let note = Note { by: clerk.permit(&matter)?, matter: matter.clone(), words, to_council: i % 6 == 2 || i + 1 == titles.len() };
            self.run(clerk, note).await?;
            if !last {
                self.set(self.now().plus_seconds(3600));
                let matter = cases::matters::find(&self.place.store, clerk, number).await?;
                let words = self.text.matter_ends[i % self.text.matter_ends.len()].clone();
                self.run(clerk, End { by: clerk.permit(&matter)?, matter, settled: true, words }).await?;
            }
        }
        Ok(())
    }
}
