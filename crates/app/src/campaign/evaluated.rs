//! The demo's schemes, drafted by the clerk and adopted by the leader when the year began, and what they made of January.

use super::{Building, LeagueText, at};
use crate::compose::TELLERS;
use evaluation::evaluation::{self as months, Check, Keep, Publish};
use evaluation::league::{self, MemberId, SetLeague, SetMembers, Shows};
use evaluation::reckoning::reckon;
use evaluation::samples;
use evaluation::scheme::{Adopt, Draft, Ranked, find, in_force, table};
use evaluation::scheme_file::understood;
use kernel::{Error, Result};
use std::collections::BTreeSet;
use store::journal::{Journal, Signer};
use territory::OrganisationKind;
use web::language::Lang;

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
        const MONTH: &str = "2026-01";
        let (clerk, leader) = (self.actor("clerk")?, self.actor("leader")?);
        let (store, tenant) = (&self.place.store, clerk.tenant);
        self.set(at(12, 2, 18, 20)?);
        Journal::new(store.clone(), Signer::open(&self.place.key_file, store.world())?).seal_now(tenant).await?;
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
            let made = reckon(store, TELLERS, &self.directory, &league, MONTH).await?;
            let (by, month) = (clerk.permit(&tenant)?, MONTH.to_owned());
            let keep = Keep { by, league, month, of: None, scheme: made.scheme, cut: made.cut, units: made.units };
            let id = self.run(clerk, keep).await?;
            if kept.waits {
                continue;
            }
            let check = Check { by: leader.permit(&tenant)?, evaluation: months::find(store, tenant, id).await? };
            self.run(leader, check).await?;
            let publish = Publish { by: leader.permit(&tenant)?, evaluation: months::find(store, tenant, id).await? };
            self.run(leader, publish).await?;
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
