//! The other towns of the demo's district: smaller, some dozens of problems each, lived through by the same commands, so that the
//! district's page has something to set side by side.

use super::{DISTRICT, PASSWORD, Text, ZONE, at};
use crate::first_start::as_system;
use crate::installation::Installation;
use crate::pictures;
use access::account::{self, Account, CreateAccount, CreateTenant, ManageAccounts, ManageRoles};
use access::grants::{self, GrantRole};
use access::{Actor, Role, Scope};
use cases::case::{Case, Found, find_by_id, of_circular};
use cases::clocks::{CentreLimits, Hours};
use cases::filing::{Dispatch, File};
use cases::issuing::{Issue, Open};
use cases::outside::Limits;
use cases::passing_on::{PassOn, chosen, neighbours};
use cases::rectifying::Rectify;
use cases::reinspecting::{Fail, Findings, Pass as Accept};
use cases::reporting::{Finding, Report, Spot, Under};
use cases::steps::Source;
use contracts::{CaseId, CircularId};
use futures::future::try_join_all;
use jiff::civil::date;
use kernel::ids::{AttachmentId, OrganisationId, PlaceId};
use kernel::{Error, Instant, Result, TenantId};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Command, Pass};
use territory::organisations::{AnswerFor, CreateOrganisation, OrganisationDetails};
use territory::place::PlaceKind;
use territory::places::{CreatePlace, PlaceDetails};
use territory::setup::PrepareTerritory;
use territory::{Directory, Level, ManageTerritory, OrganisationKind};

/// The first free number after the street and its district.
const FIRST: i64 = 3;
/// Rounds of a town, one a week from Monday 12 January on.
const ROUNDS: usize = 3;

/// A town as the demo's text names it.
#[derive(Deserialize)]
pub(super) struct Neighbour {
    slug: String,
    name: String,
    name_en: String,
    kind: String,
    communities: Vec<String>,
    companies: Vec<String>,
    /// Problems of a round.
    problems: usize,
    /// Problems that residents ring up about, beside the rounds.
    calls: usize,
    /// The share that comes back once, and that is late: one in so many.
    rework_one_in: usize,
    late_one_in: usize,
    /// The town that its last problem turns out to belong to.
    passes_on_to: Option<String>,
}

struct Town<'a> {
    place: &'a Installation,
    text: &'a Text,
    town: &'a Neighbour,
    tenant: TenantId,
    directory: Directory,
    hours: Arc<Hours>,
    compounds: Vec<PlaceId>,
    clerk: Actor,
    inspector: Actor,
    handlers: BTreeMap<OrganisationId, Actor>,
}

/// Makes the towns, and lets each live its weeks; the clock begins anew for each, as none of them knows of another.
pub(super) async fn live(place: &Installation, text: &Text) -> Result<()> {
    let hash = access::passwords::hash(PASSWORD.to_owned(), &place.store.world().entropy).await?;
    let mut towns = Vec::new();
    for (tenant, town) in (FIRST..).map(TenantId).zip(&text.neighbours) {
        place.store.world().clock.set(at(5, 1, 8, 0)?);
        towns.push(Town::settle(place, text, town, tenant, &hash).await?);
    }
    for town in &towns {
        place.store.world().clock.set(at(12, 1, 8, 40)?);
        town.weeks().await?;
    }
    Ok(())
}

/// Communities with two compounds each, and who answers for them.
async fn ground(place: &Installation, text: &Text, town: &Neighbour, tenant: TenantId) -> Result<Vec<PlaceId>> {
    let store = &place.store;
    let kind = if town.kind == "town" { Some(PlaceKind::Town) } else { Some(PlaceKind::SubDistrict) };
    let make = CreateTenant {
        id: tenant,
        slug: town.slug.clone(),
        kind: town.kind.clone(),
        parent: Some(DISTRICT),
        code: None,
        name: town.name.clone(),
        name_en: Some(town.name_en.clone()),
        zone: ZONE.to_owned(),
    };
    as_system(store, tenant, make).await?;
    let by = Actor::system(tenant).permit::<ManageTerritory>(&tenant)?;
    let (name, zone) = (town.name.clone(), ZONE.to_owned());
    let prepare = PrepareTerritory { by: by.clone(), level: Level::SubDistrict, kind, name, code: None, zone };
    let root = as_system(store, tenant, prepare).await?;
    let unit = async |kind, name: &str| {
        let details = OrganisationDetails::named(kind, name);
        as_system(store, tenant, CreateOrganisation { by: by.clone(), details }).await
    };
    let answers = async |organisation, place| {
        let from = date(2026, 1, 1);
        as_system(store, tenant, AnswerFor { by: by.clone(), organisation, place, project: None, from, to: None }).await
    };
    let below = async |parent, level, name: &str| {
        let details = PlaceDetails::named(name);
        as_system(store, tenant, CreatePlace { by: by.clone(), parent: Some(parent), level, details }).await
    };
    let mut companies = Vec::new();
    for name in &town.companies {
        companies.push(unit(OrganisationKind::PropertyCompany, name).await?);
    }
    let mut compounds = Vec::new();
    for (i, name) in town.communities.iter().enumerate() {
        let named = format!("{name}{}", text.community_suffix);
        let community = below(root, Level::Community, &named).await?;
        let office = unit(OrganisationKind::CommunityOffice, &format!("{named}{}", text.office_suffix)).await?;
        answers(office, community).await?;
        for (j, compound) in text.compounds.iter().take(2).enumerate() {
            let id = below(community, Level::Compound, &format!("{name}{compound}{}", text.compound_suffix)).await?;
            compounds.push(id);
            if (i + j) % 4 != 3 {
                answers(companies[(i + j) % companies.len().max(1)], id).await?;
            }
        }
    }
    Ok(compounds)
}

impl<'a> Town<'a> {
    async fn settle(place: &'a Installation, text: &'a Text, town: &'a Neighbour, tenant: TenantId, hash: &str) -> Result<Town<'a>> {
        let store = &place.store;
        let compounds = ground(place, text, town, tenant).await?;
        let directory = Directory::load(store, tenant).await?;
        let hours = Arc::new(Hours { calendar: directory.calendar().clone(), centre: CentreLimits::default() });
        let account = async |login: String, name: String, role, scope| {
            let command = CreateAccount {
                by: Actor::system(tenant).permit::<ManageAccounts>(&tenant)?,
                login,
                name,
                phone: None,
                password_hash: hash.to_owned(),
                must_change: false,
                roles: vec![(role, scope)],
            };
            let id = as_system(store, tenant, command).await?;
            let account: Account = account::by_id(store, tenant, id).await?;
            account::actor(store, &account).await
        };
        let slug = &town.slug;
        let staff = |n: usize| text.contacts[(n + town.problems) % text.contacts.len()].clone();
        let clerk = account(format!("{slug}-clerk"), staff(0), Role::Clerk, Scope::Tenant).await?;
        let inspector = account(format!("{slug}-inspector"), staff(1), Role::Inspector, Scope::Tenant).await?;
        account(format!("{slug}-leader"), staff(2), Role::Leader, Scope::Tenant).await?;
        let mut handlers = BTreeMap::new();
        let units: Vec<(OrganisationId, String)> = directory.organisations().map(|unit| (unit.id, unit.name.clone())).collect();
        for (n, (unit, name)) in units.into_iter().enumerate() {
            let scope = Scope::Organisation { id: unit };
            handlers.insert(unit, account(format!("{slug}-unit{n}"), name, Role::UnitHandler, scope).await?);
        }
        for person in text.accounts.iter().filter(|person| person.granted) {
            let row = account::tenant(store, tenant).await?;
            let to = grants::grantee(store, &row, &person.login).await?;
            for role in &person.roles {
                let by = Actor::system(tenant).permit::<ManageRoles>(&tenant)?;
                let revision = account::tenant(store, tenant).await?.revision;
                let give = GrantRole { by, to: to.clone(), role: *role, scope: Scope::Tenant, separated: true, revision };
                as_system(store, tenant, give).await?;
            }
        }
        Ok(Town { place, text, town, tenant, directory, hours, compounds, clerk, inspector, handlers })
    }

    async fn run<C: Command>(&self, actor: &Actor, command: C) -> Result<C::Out> {
        let store = &self.place.store;
        let pass = Pass { tenant: self.tenant, actor: actor.account, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] };
        let done = store.run(pass, command).await?.out;
        // Each act has an instant of its own.
        self.set(Instant(self.now().0 + 1));
        Ok(done)
    }
    fn now(&self) -> Instant {
        self.place.store.world().now()
    }
    fn set(&self, to: Instant) {
        self.place.store.world().clock.set(to.max(self.now()));
    }

    async fn photo(&self, actor: &Actor, seed: usize, clean: bool) -> Result<AttachmentId> {
        let seed = u64::try_from(seed).unwrap_or(0) + 2_000_000 * self.tenant.0.unsigned_abs();
        let mut drawing = tokio::task::spawn_blocking(move || pictures::drawing(seed, clean)).await.map_err(Error::internal)?;
        drawing.taken.at = Some(self.now().plus_seconds(-120));
        Ok(self.place.attachments.draft_drawn(&self.place.store, self.tenant, actor.account, drawing).await?.id)
    }

    async fn report(&self, n: usize, circular: Option<CircularId>) -> Result<CaseId> {
        // A caller sends no photo; the clerk writes down what they say.
        let (actor, source) = if circular.is_some() { (&self.inspector, Source::Inspection) } else { (&self.clerk, Source::Call) };
        let photos = if circular.is_some() { vec![self.photo(actor, n, false).await?] } else { Vec::new() };
        let compound = self.compounds[n * 3 % self.compounds.len()];
        let place = self.directory.place_or_404(compound)?;
        let short = |c: &&territory::category::CategoryVersion| {
            c.limit_unit.as_deref() == Some("working_minutes") && c.limit_value.is_some_and(|v| v <= 1920)
        };
        let common: Vec<_> = self.directory.common_categories().into_iter().filter(short).collect();
        let category = common.get(n * 7 % common.len().max(1)).ok_or_else(|| Error::internal("no category with a short limit"))?;
        let on = self.directory.date_of(self.now())?;
        let proposal = self.directory.unit_for(compound, Some(category.id.0), on);
        let words = |list: &[String]| list[n * 5 % list.len()].replace("{n}", &(n % 13 + 1).to_string());
        let finding = Finding {
            source,
            what: words(self.text.whats(category)),
            where_words: words(&self.text.wheres),
            spot: Spot {
                place: compound,
                path: place.path.clone(),
                community: place.community_id,
                compound: place.compound_id,
                point: None,
                cell: None,
            },
            under: Some(Under::at(category, Some(1))),
            unit: proposal.as_ref().map(|proposal| proposal.unit),
            unit_reason: proposal.as_ref().map(|proposal| proposal.reason.to_json()),
            set_due: None,
            circular,
            photos,
            video: None,
            outside_number: None,
            order: None,
        };
        Ok(self.run(actor, Report { by: actor.permit_some()?, finding, limits: Limits::default(), hours: self.hours.clone() }).await?.case)
    }

    async fn found(&self, case: CaseId) -> Result<Found> {
        find_by_id(&self.place.store, &Actor::system(self.tenant), case).await
    }

    async fn rectify(&self, case: CaseId) -> Result<()> {
        let case = self.found(case).await?;
        let n = usize::try_from(case.number).unwrap_or(0);
        let handler = case.unit_id.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)?;
        let photos = vec![self.photo(handler, 10_000 + n * 4 + usize::try_from(case.rework).unwrap_or(0), true).await?];
        let words = self.text.answer(case.category_id.and_then(|id| self.directory.category(id)), n);
        let (by, hours) = (handler.permit(&case)?, self.hours.clone());
        self.run(
            handler,
            Rectify { by, case, words, photos, video: None, photo_demanded: true, dissuaded: false, sample_permille: 0, hours },
        )
        .await
    }

    async fn reinspect(&self, case: CaseId, accept: bool) -> Result<()> {
        let case = self.found(case).await?;
        let n = usize::try_from(case.number).unwrap_or(0);
        let list = if accept { &self.text.findings } else { &self.text.refusals };
        let photos = if case.on_spot || !accept { vec![self.photo(&self.inspector, 20_000 + n, accept).await?] } else { Vec::new() };
        let findings = Findings { words: list[n % list.len()].clone(), photos, on_spot: case.on_spot };
        let (by, hours) = (self.inspector.permit(&case)?, self.hours.clone());
        if accept {
            self.run(&self.inspector, Accept { by, case, findings, hours }).await
        } else {
            self.run(&self.inspector, Fail { by, case, findings, set_due: None, hours }).await
        }
    }

    /// What was handed out is mended within its days, most of it in time, and looked at again.
    async fn mended(&self, cases: &[Case], from: Instant) -> Result<()> {
        let (late, rework) = (self.town.late_one_in.max(1), self.town.rework_one_in.max(1));
        let ids = |keep: &dyn Fn(usize) -> bool| -> Vec<CaseId> {
            cases.iter().enumerate().filter(|(n, _)| keep(*n)).map(|(_, case)| case.id).collect()
        };
        self.set(from.plus_seconds(2 * 3600));
        let in_time = ids(&|n| n % late != late - 1);
        try_join_all(in_time.iter().map(|case| self.rectify(*case))).await?;
        self.set(from.plus_seconds(24 * 3600));
        let refused = ids(&|n| n % late != late - 1 && n % rework == 1);
        try_join_all(in_time.iter().map(|case| self.reinspect(*case, !refused.contains(case)))).await?;
        self.set(from.plus_seconds(28 * 3600));
        try_join_all(refused.iter().map(|case| self.rectify(*case))).await?;
        self.set(from.plus_seconds(4 * 86_400));
        let slow = ids(&|n| n % late == late - 1);
        try_join_all(slow.iter().map(|case| self.rectify(*case))).await?;
        self.set(from.plus_seconds(4 * 86_400 + 7200));
        try_join_all(refused.iter().chain(&slow).map(|case| self.reinspect(*case, true))).await.map(drop)
    }

    async fn weeks(&self) -> Result<()> {
        for round in 0..ROUNDS {
            let monday = at(12, 1, 9, 0)?.plus_seconds(i64::try_from(round).unwrap_or(0) * 7 * 86_400);
            self.set(monday);
            let title = self.text.round.replace("{n}", &(round + 1).to_string());
            let circular = self.run(&self.clerk, Open { by: self.clerk.permit_some()?, title }).await?;
            let first = round * self.town.problems;
            try_join_all((first..first + self.town.problems).map(|n| self.report(n, Some(circular)))).await?;
            self.set(monday.plus_seconds(2 * 3600));
            let issue = Issue { by: self.clerk.permit(&self.tenant)?, circular, hours: self.hours.clone() };
            self.run(&self.clerk, issue).await?;
            let cases = of_circular(&self.place.store, self.tenant, circular).await?;
            self.mended(&cases, self.now()).await?;
        }
        // Calls of the last week, at other hours than the rounds'; the latest are under way today.
        let mut last = None;
        for n in 0..self.town.calls {
            let day = i8::try_from(2 + n % 10).unwrap_or(2);
            self.set(at(day, 2, 10, 15)?);
            self.set(self.now().plus_seconds(i64::try_from(n % 5).unwrap_or(0) * 3600));
            last = Some(self.called(1000 + n, n + 3 < self.town.calls).await?);
        }
        self.set(at(13, 2, 9, 0)?);
        match (last, &self.town.passes_on_to) {
            (Some(case), Some(slug)) => self.pass_on(case, slug).await,
            _ => Ok(()),
        }
    }

    /// A resident rings up: filed, handed to its unit, and mended where it is to be.
    async fn called(&self, n: usize, done: bool) -> Result<CaseId> {
        let case = self.report(n, None).await?;
        let (clerk, hours) = (&self.clerk, self.hours.clone());
        let found = self.found(case).await?;
        self.run(clerk, File { by: clerk.permit(&found)?, case: found, under: None, hours: hours.clone() }).await?;
        let found = self.found(case).await?;
        let unit = found.unit_id.or_else(|| self.handlers.keys().next().copied()).ok_or_else(Error::not_found)?;
        let (by, unit_reason, set_due) = (clerk.permit(&found)?, None, None);
        self.run(clerk, Dispatch { by, case: found, unit, unit_reason, set_due, assisting: Vec::new(), hours }).await?;
        if done {
            self.set(self.now().plus_seconds(3600));
            self.rectify(case).await?;
            self.set(self.now().plus_seconds(3600));
            self.reinspect(case, true).await?;
        }
        Ok(case)
    }

    async fn pass_on(&self, case: CaseId, slug: &str) -> Result<()> {
        let (clerk, hours) = (&self.clerk, self.hours.clone());
        let found = self.found(case).await?;
        let tenant = account::tenant(&self.place.store, self.tenant).await?;
        let to = chosen(neighbours(&self.place.store, &tenant).await?, slug)?;
        let (by, words) = (clerk.permit(&found)?, self.text.passing_on.clone());
        self.run(clerk, PassOn { by, case: found, to, slug: tenant.slug, set_due: None, words, hours }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cases::figures::{By, parted, total};
    use kernel::{Clock, Entropy, World};
    use store::attachments::Policy;

    #[tokio::test]
    async fn the_towns_live_smaller_lives_whose_figures_follow_from_their_facts() {
        let folder = tempfile::tempdir().unwrap();
        let world = World { clock: Clock::standing_at(at(5, 1, 8, 0).unwrap()), entropy: Entropy::seeded(2026) };
        let loaded = crate::config::load(folder.path(), None, &[]).unwrap();
        let place = crate::installation::Installation::open(folder.path(), loaded, world, Policy::default()).await.unwrap();
        let text: Text = toml::from_str(super::super::TEXT).unwrap();
        let building = super::super::Building::new(place, text).await.unwrap();
        live(&building.place, &building.text).await.unwrap();
        let mut seen = Vec::new();
        for (tenant, town) in (FIRST..).map(TenantId).zip(&building.text.neighbours) {
            let sum = total(&parted(&building.place.store, tenant, By::Community, "2026-01-01", "2026-12-31").await.unwrap());
            assert_eq!(sum.in_circulars, i64::try_from(ROUNDS * town.problems + town.calls).unwrap(), "{}", town.slug);
            assert!(sum.rework > 0 && sum.rectified > sum.on_time && sum.remaining() == 3, "{}: {sum:?}", town.slug);
            let mut report = store::journal::Report::new(tenant);
            store::journal::StateCheck::check(&cases::checking::Cases, &building.place.store, tenant, &mut report).await.unwrap();
            assert!(report.findings.is_empty(), "{:?}", report.findings);
            seen.push(sum.transferred);
        }
        assert_eq!(seen, [1, 0]);
    }
}
