//! The demo's schemes, drafted by the clerk and adopted by the leader, and what they made of each month.

use super::{BEGIN, Building, CAMPAIGN, LeagueText, at, on};
use crate::compose::{PROBLEMS, TELLERS};
use access::{Governed, Subject};
use evaluation::appeal::{self, Advise, AppealEnd, AppealState, Ask, Decide};
use evaluation::bulletin_making::{candidates, issuing, proposed};
use evaluation::bulletin_words::{self, Part, Words, Write};
use evaluation::evaluation::{self as months, Check, Evaluation, EvaluationId, EvaluationState, Keep, Publish};
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

/// The last month that was evaluated.
const MONTH: &str = "2026-01";
/// The row that the draft of a scheme would have otherwise: what comes back once more.
const REVISED: &str = "D1";

fn month_of(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

/// A compound and who answers for it, as permissions see them.
pub(super) struct UnitOf<'a> {
    pub(super) tenant: TenantId,
    pub(super) unit: Option<OrganisationId>,
    pub(super) path: &'a str,
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
        self.set(on(BEGIN, 8, 5)?);
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
                from_month: month_of(BEGIN),
                this_month: month_of(BEGIN),
                met_on: BEGIN,
                meeting: self.text.meeting.clone(),
                document: Vec::new(),
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
        for row in scheme.rows.iter_mut().filter(|row| row.code == REVISED) {
            row.worth = rules::Worth::Each(Points::whole(3));
        }
        let draft = Draft { by: clerk.permit(&tenant)?, of: None, ranked: now.ranked, name: self.text.revision.clone(), scheme };
        self.run(clerk, draft).await.map(drop)
    }

    /// On the fifth working day of a month: the month before, scored, checked and published.
    pub(super) async fn month_before(&self, day: Date, nth: usize) -> Result<()> {
        if nth != 4 || month_of(day) <= month_of(BEGIN) || day.first_of_month() > CAMPAIGN.first_of_month() {
            return Ok(());
        }
        let month = day.first_of_month().yesterday().map(month_of).map_err(Error::internal)?;
        self.set(on(day, 17, 30)?);
        self.sealed().await?;
        for (league, _) in self.leagues().await? {
            let id = self.scored(league, &month, None).await?;
            self.published(id).await?;
        }
        Ok(())
    }

    /// January: published for all but the cooperatives, whose scores wait to be checked.
    pub(super) async fn january(&self) -> Result<()> {
        self.set(at(6, 2, 18, 20)?);
        self.sealed().await?;
        for (league, waits) in self.leagues().await? {
            let id = self.scored(league, MONTH, None).await?;
            if !waits {
                self.written(id).await?;
                self.published(id).await?;
            }
        }
        Ok(())
    }

    /// Who is compared with whom, and whether their last month waits; made when they are first asked for.
    async fn leagues(&self) -> Result<Vec<(League, bool)>> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let known = league::all(store, tenant).await?;
        let mut all = Vec::new();
        for kept in &self.text.leagues {
            if let Some(league) = known.iter().find(|league| league.name == kept.name) {
                all.push((league.clone(), kept.waits));
                continue;
            }
            let by = clerk.permit(&tenant)?;
            let (ranked, name) = (kept.ranked, kept.name.clone());
            let id = self.run(clerk, SetLeague { by, of: None, ranked, name, shows: Shows::Both, open: true }).await?;
            let league = league::find(store, tenant, id).await?;
            let members = self.league_members(kept)?;
            self.run(clerk, SetMembers { by: clerk.permit(&tenant)?, league, from_month: month_of(BEGIN), members }).await?;
            all.push((league::find(store, tenant, id).await?, kept.waits));
        }
        Ok(all)
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

    async fn scored(&self, league: League, month: &str, of: Option<Evaluation>) -> Result<EvaluationId> {
        let clerk = self.actor("clerk")?;
        let made = reckon(&self.place.store, TELLERS, &self.directory, &league, month).await?;
        let (by, month) = (clerk.permit(&clerk.tenant)?, month.to_owned());
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
            let id = self.scored(league, MONTH, of).await?;
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
