//! The demo's schemes, drafted by the clerk and adopted by the leader when the year began, and what they made of January.

use super::{Building, LeagueText, at};
use crate::compose::{PROBLEMS, TELLERS};
use access::{Governed, Subject};
use evaluation::appeal::{self, Advise, AppealEnd, AppealState, Ask, Decide};
use evaluation::bulletin_making::{candidates, issuing, proposed};
use evaluation::bulletin_words::{self, Part, Words, Write};
use evaluation::entry::{Enter, Enterer, EntryKind, What};
use evaluation::evaluation::{self as months, Check, Evaluation, EvaluationId, EvaluationState, Keep, Publish};
use evaluation::improvement::{self, ImprovementState, Judge, List, Plan, Report, StepState};
use evaluation::league::{self, League, MemberId, SetLeague, SetMembers, Shows};
use evaluation::reckoning::reckon;
use evaluation::samples;
use evaluation::scheme::{Adopt, Draft, Ranked, find, in_force, table};
use evaluation::scheme_file::understood;
use evaluation::scoring::{Kept, key};
use jiff::civil::Date;
use kernel::ids::OrganisationId;
use kernel::{Error, Result, TenantId};
use rules::{LineOf, Points};
use std::collections::BTreeSet;
use store::journal::{Journal, Signer};
use territory::{Directory, OrganisationKind};
use web::language::Lang;

/// The month that was evaluated.
const MONTH: &str = "2026-01";

/// A compound and who answers for it, as permissions see them.
struct UnitOf<'a> {
    tenant: TenantId,
    unit: Option<OrganisationId>,
    path: &'a str,
}

impl Governed for UnitOf<'_> {
    fn subject(&self) -> Subject<'_> {
        Subject { place_path: Some(self.path), unit: self.unit, ..Subject::of_tenant(self.tenant) }
    }
}

/// A line that deducted something by facts, and the first of them.
fn deducted(kept: &Kept) -> Option<(String, BTreeSet<String>)> {
    kept.score.lines.iter().filter(|line| line.points.0 < 0).find_map(|line| {
        let LineOf::Row { code } = &line.of else { return None };
        let fact = kept.score.facts.get(usize::try_from(line.facts.first()?.fact).ok()?)?;
        Some((code.clone(), BTreeSet::from([key(&fact.kind, &fact.id)])))
    })
}

impl Building {
    /// Drafts and adopts a scheme for each that a sample is shipped of.
    pub(super) async fn schemes(&self) -> Result<()> {
        let vocabulary = TELLERS.vocabulary();
        let (clerk, leader) = (self.actor("clerk")?, self.actor("leader")?);
        self.set(at(5, 1, 8, 5)?);
        for ranked in Ranked::ALL.iter().copied().filter(|ranked| samples::has(*ranked)) {
            let sheet = samples::sheet(ranked)?.ok_or_else(Error::not_found)?;
            let wrong = |problems: Vec<rules::Problem>| Error::internal(format!("a sample: {problems:?}"));
            let reading = understood(&sheet, &vocabulary, &self.directory, Lang::Chinese).map_err(wrong)?;
            let name = self.text.schemes.get(ranked.as_str()).cloned().ok_or_else(Error::not_found)?;
            let tenant = clerk.tenant;
            let draft = Draft { by: clerk.permit(&tenant)?, of: None, ranked, name, scheme: reading.scheme };
            let id = self.run(clerk, draft).await?;
            let adopt = Adopt {
                by: leader.permit(&tenant)?,
                scheme: find(&self.place.store, tenant, id).await?,
                from_month: "2026-01".to_owned(),
                this_month: "2026-01".to_owned(),
                met_on: jiff::civil::date(2026, 1, 5),
                meeting: self.text.meeting.clone(),
            };
            self.run(leader, adopt).await?;
        }
        Ok(())
    }

    /// What the clerk would have otherwise from next month on waits for a leader.
    pub(super) async fn next_scheme(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let now = in_force(store, tenant, Ranked::Compound, "2026-02").await?.ok_or_else(Error::not_found)?;
        let mut scheme = table(store, tenant, now.id).await?;
        for row in scheme.rows.iter_mut().filter(|row| row.code == "E1") {
            row.cap = Some(rules::Cap { most: "8".parse().map_err(Error::internal)?, each: None });
        }
        let draft = Draft { by: clerk.permit(&tenant)?, of: None, ranked: now.ranked, name: self.text.revision.clone(), scheme };
        self.run(clerk, draft).await.map(drop)
    }

    /// Who is compared with whom, and January: scored, checked and published for all but the cooperatives, whose scores wait to be checked.
    pub(super) async fn january(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        self.set(at(6, 2, 18, 20)?);
        self.sealed().await?;
        for kept in &self.text.leagues {
            let members = self.league_members(kept)?;
            let make = SetLeague {
                by: clerk.permit(&tenant)?,
                of: None,
                ranked: kept.ranked,
                name: kept.name.clone(),
                shows: Shows::Both,
                open: true,
            };
            let id = self.run(clerk, make).await?;
            let league = league::find(store, tenant, id).await?;
            let set = SetMembers { by: clerk.permit(&tenant)?, league, from_month: MONTH.to_owned(), members };
            self.run(clerk, set).await?;
            let league = league::find(store, tenant, id).await?;
            let id = self.scored(league, None).await?;
            if !kept.waits {
                self.written(id).await?;
                self.published(id).await?;
            }
        }
        Ok(())
    }

    /// Words for the bulletin, before the first league of it is published; what is proposed for that may be shown to everybody.
    async fn written(&self, id: EvaluationId) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        if bulletin_words::of_month(store, tenant, MONTH).await?.is_some() {
            return Ok(());
        }
        let league = months::find(store, tenant, id).await?.league_id;
        let mut chosen = proposed(&candidates(store, tenant, PROBLEMS.0, id).await?);
        chosen.iter_mut().for_each(|choice| choice.public = true);
        let text = &self.text.bulletin;
        let part = Part { remark: text.remark.clone(), problems: Some(chosen) };
        let (intro, next, leagues) = (text.intro.clone(), text.next.clone(), [(league, part)].into());
        let words = Words { intro, next, closing: String::new(), leagues };
        self.run(clerk, Write { by: clerk.permit(&tenant)?, month: MONTH.to_owned(), of: None, words }).await
    }

    async fn sealed(&self) -> Result<()> {
        let store = &self.place.store;
        let journal = Journal::new(store.clone(), Signer::open(&self.place.key_file, store.world())?);
        journal.seal_now(super::TENANT).await.map(drop)
    }

    async fn scored(&self, league: League, of: Option<Evaluation>) -> Result<EvaluationId> {
        let clerk = self.actor("clerk")?;
        let made = reckon(&self.place.store, TELLERS, &self.directory, &league, MONTH).await?;
        let (by, month) = (clerk.permit(&clerk.tenant)?, MONTH.to_owned());
        self.run(clerk, Keep { by, league, month, of, scheme: made.scheme, cut: made.cut, units: made.units }).await
    }

    async fn published(&self, id: EvaluationId) -> Result<()> {
        let (leader, store) = (self.actor("leader")?, &self.place.store);
        let tenant = leader.tenant;
        let check = Check { by: leader.permit(&tenant)?, evaluation: months::find(store, tenant, id).await? };
        self.run(leader, check).await?;
        let evaluation = months::find(store, tenant, id).await?;
        let bulletin = issuing(store, PROBLEMS.0, &self.directory, &evaluation).await?;
        let publish = Publish { by: leader.permit(&tenant)?, evaluation, bulletin };
        self.run(leader, publish).await
    }

    /// What people wrote down by hand behind circular number `n`: four rounds everywhere, a survey, what a committee decided, and who
    /// is to be lifted.
    pub(super) async fn by_hand(&self, n: usize, day: Date) -> Result<()> {
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
        if n % 5 == 2 && day.month() == 1 {
            let all = members().map(|id| (id, What::default())).collect();
            let by = Enterer::Round(inspector.permit(&tenant)?);
            self.run(inspector, enter(by, EntryKind::Round, all, "", Vec::new())).await?;
        }
        match n {
            3 => self.lift(day).await?,
            12 => {
                for (at, words) in self.text.items.iter().enumerate() {
                    let photo = self.photo(clerk, 700_000 + at as u64, false, None).await?;
                    let what = What { item: "C3".to_owned(), points: Points::whole(2 + 2 * at as i64), ..What::default() };
                    let one = members().nth(at * 7 + 3).map(|id| (id, what)).into_iter().collect();
                    let by = Enterer::Figures(clerk.permit(&tenant)?);
                    self.run(clerk, enter(by, EntryKind::Item, one, words, vec![photo])).await?;
                }
            }
            19 => {
                let said = |(at, id): (usize, MemberId)| {
                    let asked = 20 + at as i64 * 7 % 21;
                    (id, What { asked, content: asked - at as i64 * 11 % 9, ..What::default() })
                };
                let by = Enterer::Figures(clerk.permit(&tenant)?);
                let all = members().enumerate().map(said).collect();
                self.run(clerk, enter(by, EntryKind::Survey, all, &self.text.survey, Vec::new())).await?;
            }
            9 | 17 => self.lifting(day, n).await?,
            _ => {}
        }
        Ok(())
    }

    /// Three compounds are put on the improvement list, with steps due every ten days.
    async fn lift(&self, day: Date) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        for (at, lifted) in self.text.lifted.iter().enumerate() {
            let Some((compound, _)) = self.compounds.get(at * 9) else { continue };
            let list = List { by: clerk.permit(&tenant)?, ranked: Ranked::Compound, member: MemberId(compound.0), why: lifted.why.clone() };
            let id = self.run(clerk, list).await?;
            for (nth, what) in lifted.steps.iter().enumerate() {
                let due = day.checked_add(jiff::Span::new().days(10 * (nth as i64 + 1))).map_err(Error::internal)?;
                let improvement = improvement::find(store, tenant, id).await?;
                self.run(clerk, Plan { by: clerk.permit(&tenant)?, improvement, what: what.clone(), due }).await?;
            }
        }
        Ok(())
    }

    /// The first of them reports its next step done, and later the second; the clerk looks at it.
    async fn lifting(&self, today: Date, n: usize) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let listed = improvement::in_state(store, tenant, ImprovementState::Listed).await?;
        for one in listed.iter().rev().take(if n < 12 { 1 } else { 2 }) {
            let unit = self.directory.unit_for(one.member_id.place(), None, today).map(|proposal| proposal.unit);
            let Some(handler) = unit.and_then(|unit| self.handlers.get(&unit)) else { continue };
            let Some(step) = improvement::steps(store, tenant, one.id).await?.into_iter().find(|step| step.state == StepState::Planned)
            else {
                continue;
            };
            let photo = self.photo(handler, 710_000 + n as u64, true, None).await?;
            let place = self.directory.place_or_404(one.member_id.place())?;
            let by = handler.permit(&UnitOf { tenant, unit, path: &place.path })?;
            let words = self.text.steps_done[n % self.text.steps_done.len()].clone();
            let report = Report { by, improvement: one.clone(), step: step.clone(), today, words, photos: vec![photo] };
            self.run(handler, report).await?;
            let improvement = improvement::find(store, tenant, one.id).await?;
            let step = improvement::steps(store, tenant, one.id).await?.into_iter().find(|known| known.nth == step.nth);
            let step = step.ok_or_else(Error::not_found)?;
            let judge = Judge { by: clerk.permit(&tenant)?, improvement, step, good: true, words: String::new() };
            self.run(clerk, judge).await?;
        }
        Ok(())
    }

    /// Units appeal against lines of their January: one is upheld, one refused, one waits.
    pub(super) async fn score_appeals(&self) -> Result<()> {
        let (clerk, leader) = (self.actor("clerk")?, self.actor("leader")?);
        let (store, tenant) = (&self.place.store, clerk.tenant);
        self.set(at(10, 2, 9, 30)?);
        let directory = std::sync::Arc::new(Directory::load(store, tenant).await?);
        let mut texts = self.text.score_appeals.iter();
        for league in league::all(store, tenant).await? {
            for evaluation in months::editions(store, tenant, league.id, MONTH).await? {
                let published = evaluation.state == EvaluationState::Published;
                for kept in months::all_kept(store, tenant, evaluation.id).await?.into_iter().filter(|_| published) {
                    let (Some(unit), Some(line)) = (kept.known.unit, deducted(&kept)) else { continue };
                    let Some(handler) = self.handlers.get(&unit) else { continue };
                    let Some(text) = texts.next() else { return Ok(()) };
                    let path = &self.directory.place_or_404(kept.known.member.place())?.path;
                    let ask = Ask {
                        by: handler.permit(&UnitOf { tenant, unit: Some(unit), path })?,
                        directory: directory.clone(),
                        evaluation: evaluation.clone(),
                        member: kept.known.member,
                        line: line.0,
                        facts: line.1,
                        words: text.words.clone(),
                        photos: Vec::new(),
                    };
                    let id = self.run(handler, ask).await?;
                    if text.advice.is_empty() {
                        continue;
                    }
                    let upheld = self.text.score_appeals.first().is_some_and(|first| first.words == text.words);
                    let end = if upheld { AppealEnd::Upheld } else { AppealEnd::Refused };
                    let found = appeal::find(store, tenant, id).await?;
                    let advise = Advise { by: clerk.permit(&tenant)?, appeal: found, advice: end, words: text.advice.clone() };
                    self.run(clerk, advise).await?;
                    let found = appeal::find(store, tenant, id).await?;
                    let decide = Decide { by: leader.permit(&tenant)?, appeal: found, end, words: text.decision.clone() };
                    self.run(leader, decide).await?;
                }
            }
        }
        Ok(())
    }

    /// What was upheld is corrected in another edition.
    pub(super) async fn corrected(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        self.set(at(12, 2, 18, 20)?);
        self.sealed().await?;
        for one in appeal::in_state(store, tenant, AppealState::Upheld).await? {
            let league = league::find(store, tenant, one.league_id).await?;
            let of = months::editions(store, tenant, league.id, MONTH).await?.into_iter().next();
            let id = self.scored(league, of).await?;
            self.published(id).await?;
        }
        Ok(())
    }

    /// Every compound whose name ends so; or every unit of the kind.
    fn league_members(&self, kept: &LeagueText) -> Result<BTreeSet<MemberId>> {
        let kind = match kept.ranked {
            Ranked::Cooperative => OrganisationKind::Cooperative,
            _ => OrganisationKind::Department,
        };
        let places = self.compounds.iter().filter_map(|(id, _)| self.directory.place(*id));
        let such = |name: &str| kept.ends.iter().any(|end| name.ends_with(end.as_str()));
        let members: BTreeSet<MemberId> = match kept.ranked.is_place() {
            true => places.filter(|place| such(&place.name)).map(|place| MemberId(place.id.0)).collect(),
            false => self.directory.organisations().filter(|unit| unit.kind == kind).map(|unit| MemberId(unit.id.0)).collect(),
        };
        if members.is_empty() { Err(Error::internal("a league of the demo is empty")) } else { Ok(members) }
    }
}
