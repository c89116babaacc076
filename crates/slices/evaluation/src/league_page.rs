//! The pages of leagues: which there are, and who is in one from a month on.

use crate::league::{self, ELSEWHERE, League, LeagueId, MOST_MEMBERS, MemberId, SetLeague, SetMembers, Shows, TOO_MANY};
use crate::reckoning::{MONTH_NEEDED, last_month};
use crate::scheme::Ranked;
use crate::scheme_page::{RANKED_NEEDED, mendable, named, status_of};
use crate::scoring::first_of;
use crate::verbs::{ManageLeagues, ReadLeague};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use territory::{Directory, Level, OrganisationKind};
use web::PageContext;
use web::forms::{Choice, Filled};
use web::html::render;
use web::parts::LampView;

/// Somebody who cannot be in such a league.
pub const NOT_SUCH: Code = Code::invalid("league.not_such");

struct LeagueLine {
    href: String,
    name: String,
    ranked: String,
    shows: String,
    members: usize,
    lamp: LampView,
}

#[derive(askama::Template)]
#[template(path = "leagues.html")]
struct LeaguesPage {
    page: PageContext,
    lines: Vec<LeagueLine>,
    ranked: Vec<Choice>,
    shows: Vec<Choice>,
    form: Filled,
    command: CommandId,
}

fn ranked_choices(page: &PageContext, chosen: &str) -> Vec<Choice> {
    let choice = |ranked: &Ranked| Choice {
        value: ranked.to_string(),
        label: page.w.t(&format!("ranked-{ranked}")).into_owned(),
        on: ranked.as_str() == chosen,
    };
    Ranked::ALL.iter().map(choice).collect()
}

fn shows_choices(page: &PageContext, chosen: &str) -> Vec<Choice> {
    let choice = |shows: &Shows| Choice {
        value: shows.to_string(),
        label: page.w.t(&format!("shows-{shows}")).into_owned(),
        on: shows.as_str() == chosen,
    };
    Shows::ALL.iter().map(choice).collect()
}

fn lamp(page: &PageContext, open: bool) -> LampView {
    let (kind, key) = if open { ("g", "league-open") } else { ("n", "league-closed") };
    LampView { kind, text: page.w.t(key).into_owned() }
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show_list(&desk, Filled::default(), None).await
}

/// Every league, for whoever may see who is compared with whom.
pub(crate) async fn readable(desk: &Desk) -> Result<Vec<League>> {
    desk.actor.permit::<ReadLeague>(&desk.actor.tenant)?;
    league::all(&desk.app.store, desk.actor.tenant).await
}

async fn show_list(desk: &Desk, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let leagues = readable(desk).await?;
    let page = desk.page("leagues-title");
    let directory = territory::directory_of(desk).await?;
    let month = directory.date_of(page.now)?.strftime("%Y-%m").to_string();
    let mut lines = Vec::new();
    for one in leagues {
        lines.push(LeagueLine {
            href: page.href(&format!("/leagues/{}", one.id)),
            ranked: page.w.t(&format!("ranked-{}", one.ranked)).into_owned(),
            shows: page.w.t(&format!("shows-{}", one.shows)).into_owned(),
            members: league::members(store, tenant, one.id, &month).await?.len(),
            lamp: lamp(&page, one.open),
            name: one.name,
        });
    }
    let template = LeaguesPage {
        lines,
        ranked: ranked_choices(&page, form.v("ranked")),
        shows: shows_choices(&page, form.v("shows")),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LeagueForm {
    pub version: String,
    pub name: String,
    pub ranked: String,
    pub shows: String,
    pub open: String,
}

pub async fn make(submitted: Submitted<LeagueForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageLeagues>(&desk.actor.tenant)?;
    let outcome = async {
        let name = named(&form.name, "name")?;
        let ranked: Ranked = form.ranked.parse().map_err(|_| Error::field("ranked", RANKED_NEEDED))?;
        let shows = form.shows.parse().unwrap_or(Shows::Both);
        let command = SetLeague { by, of: None, ranked, name, shows, open: true };
        Ok::<_, Error>(desk.app.store.run(submitted.pass.clone(), command).await?.out)
    };
    match outcome.await {
        Ok(id) => Ok(desk.done("done-league-made", &format!("/leagues/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("leagues-title").w, form, &error);
            show_list(desk, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// One that can be in it.
struct CandidateView {
    id: MemberId,
    name: String,
    /// Households, where they count.
    size: String,
    on: bool,
    /// The league that has it.
    elsewhere: String,
}

struct GroupView {
    title: String,
    candidates: Vec<CandidateView>,
}

#[derive(askama::Template)]
#[template(path = "league.html")]
struct LeaguePage {
    page: PageContext,
    href: String,
    name: String,
    ranked: String,
    lamp: LampView,
    groups: Vec<GroupView>,
    chosen: usize,
    shows: Vec<Choice>,
    open: bool,
    form: Filled,
    version: i64,
    command: CommandId,
    members_command: CommandId,
}

/// One league, for the same. Errors: 404.
pub(crate) async fn found(desk: &Desk, id: &str) -> Result<League> {
    desk.actor.permit::<ReadLeague>(&desk.actor.tenant)?;
    let id: LeagueId = id.parse().map_err(|_| Error::not_found())?;
    league::find(&desk.app.store, desk.actor.tenant, id).await
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let league = found(&desk, &id).await?;
    show(&desk, league, None, Filled::default(), None).await
}

/// One who can be in a league: its id, its name and its households, where those count.
type Candidate = (MemberId, String, Option<i64>);

/// Everybody who can be in such a league, by what they stand below.
fn candidates(directory: &Directory, ranked: Ranked) -> Vec<(String, Vec<Candidate>)> {
    let mut groups: Vec<(String, Vec<Candidate>)> = Vec::new();
    let level = match ranked {
        Ranked::Compound => Level::Compound,
        _ => Level::Community,
    };
    if ranked.is_place() {
        for place in directory.places().iter().filter(|place| place.open && place.level == level) {
            let title = match place.community_id {
                Some(community) if level != Level::Community => directory.full_name(community).to_owned(),
                _ => String::new(),
            };
            let line = (MemberId(place.id.0), place.name.clone(), place.households);
            match groups.iter_mut().find(|(known, _)| *known == title) {
                Some((_, lines)) => lines.push(line),
                None => groups.push((title, vec![line])),
            }
        }
    } else {
        let kind = if ranked == Ranked::Cooperative { OrganisationKind::Cooperative } else { OrganisationKind::Department };
        let all = directory.organisations().filter(|organisation| organisation.kind == kind);
        let lines: Vec<_> = all.map(|organisation| (MemberId(organisation.id.0), organisation.short_name.clone(), None)).collect();
        if !lines.is_empty() {
            groups.push((String::new(), lines));
        }
    }
    groups
}

/// Who is in another league of the same kind in a month.
async fn elsewhere(desk: &Desk, league: &League, month: &str) -> Result<BTreeMap<MemberId, String>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut found = BTreeMap::new();
    for other in league::all(store, tenant).await?.into_iter().filter(|other| other.id != league.id && other.ranked == league.ranked) {
        found.extend(league::members(store, tenant, other.id, month).await?.into_iter().map(|member| (member, other.name.clone())));
    }
    Ok(found)
}

async fn show(
    desk: &Desk,
    league: League,
    typed: Option<BTreeSet<MemberId>>,
    form: Filled,
    error: Option<&Error>,
) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("leagues-title");
    page.title.clone_from(&league.name);
    let directory: Arc<Directory> = territory::directory_of(desk).await?;
    let month = directory.date_of(page.now)?.strftime("%Y-%m").to_string();
    let now = league::members(store, tenant, league.id, &month).await?;
    let others = elsewhere(desk, &league, &month).await?;
    // Whoever begins would like to score the month that is just over.
    let from = if now.is_empty() { last_month(store, &directory)? } else { month };
    let chosen = typed.unwrap_or(now);
    let view = |(id, name, households): Candidate| CandidateView {
        id,
        name,
        size: households.map(|households| page.w.a("league-households", "n", households).into_owned()).unwrap_or_default(),
        on: chosen.contains(&id),
        elsewhere: others.get(&id).cloned().unwrap_or_default(),
    };
    let groups = candidates(&directory, league.ranked).into_iter();
    let shown = if form.v("shows").is_empty() { league.shows.to_string() } else { form.v("shows").to_owned() };
    let template = LeaguePage {
        href: page.href(&format!("/leagues/{}", league.id)),
        ranked: page.w.t(&format!("ranked-{}", league.ranked)).into_owned(),
        lamp: lamp(&page, league.open),
        groups: groups.map(|(title, all)| GroupView { title, candidates: all.into_iter().map(view).collect() }).collect(),
        chosen: chosen.len(),
        shows: shows_choices(&page, &shown),
        open: league.open,
        version: league.version,
        form: if form.is_again() { form } else { form.with("from_month", from).with("name", league.name.clone()) },
        name: league.name,
        command: desk.app.world.new_id(),
        members_command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

pub async fn change(Path((_, id)): Path<(String, String)>, submitted: Submitted<LeagueForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let league = found(desk, &id).await?;
    let by = desk.actor.permit::<ManageLeagues>(&desk.actor.tenant)?;
    let outcome = async {
        ensure(form.version == league.version.to_string(), league::STALE)?;
        let name = named(&form.name, "name")?;
        let shows = form.shows.parse().unwrap_or(league.shows);
        let command = SetLeague { by, of: Some(league.clone()), ranked: league.ranked, name, shows, open: !form.open.is_empty() };
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-league-changed", &format!("/leagues/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("leagues-title").w, form, &error);
            let now = league::find(&desk.app.store, desk.actor.tenant, league.id).await?;
            show(desk, now, None, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MembersForm {
    pub version: String,
    pub from_month: String,
    pub member: Vec<String>,
}

pub async fn set_members(Path((_, id)): Path<(String, String)>, submitted: Submitted<MembersForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let league = found(desk, &id).await?;
    let by = desk.actor.permit::<ManageLeagues>(&desk.actor.tenant)?;
    let directory = territory::directory_of(desk).await?;
    let members: BTreeSet<MemberId> = form.member.iter().filter_map(|id| id.parse().ok()).collect();
    let outcome = async {
        ensure(form.version == league.version.to_string(), league::STALE)?;
        let month = form.from_month.trim();
        ensure(first_of(month).is_some(), Error::field("from_month", MONTH_NEEDED))?;
        ensure(form.member.len() <= MOST_MEMBERS, TOO_MANY.err().arg("max", MOST_MEMBERS))?;
        let such: BTreeSet<MemberId> =
            candidates(&directory, league.ranked).into_iter().flat_map(|(_, all)| all.into_iter().map(|(id, ..)| id)).collect();
        let kept = league::members(&desk.app.store, desk.actor.tenant, league.id, month).await?;
        ensure(members.iter().all(|member| such.contains(member) || kept.contains(member)), NOT_SUCH)?;
        ensure(members.len() == form.member.len(), NOT_SUCH)?;
        let command = SetMembers { by, league: league.clone(), from_month: month.to_owned(), members: members.clone() };
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-league-members", &format!("/leagues/{id}"))),
        Err(error) if mendable(&error) => {
            let error = named_member(&directory, league.ranked, error);
            let filled = Filled::again(desk.page("leagues-title").w, form, &error);
            let now = league::find(&desk.app.store, desk.actor.tenant, league.id).await?;
            show(desk, now, Some(members), filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Says by name who is in another league.
fn named_member(directory: &Directory, ranked: Ranked, error: Error) -> Error {
    let id = error.args().get("member").and_then(|id| id.parse::<MemberId>().ok());
    match id {
        Some(id) if ranked.is_place() => ELSEWHERE.err().arg("member", directory.full_name(id.place())),
        Some(id) => ELSEWHERE.err().arg("member", directory.short_name(id.organisation())),
        None => error,
    }
}
