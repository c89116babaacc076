//! The pages of entries: what was written down in a month, the form for each kind, and one entry with its evidence.

use crate::concern::{Concern, name_of};
use crate::entry::{self, Confirm, Enter, Enterer, Entry, EntryId, EntryKind, EntryState, MOST_AT_ONCE, TOO_MANY, What, Withdraw};
use crate::entry_sheet::Brought;
use crate::evidence;
use crate::league::{self, League, MemberId};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme;
use crate::scheme_page::{DAY_NEEDED, mendable, status_of};
use crate::scoring::first_of;
use crate::settings::{self, Set};
use crate::telling::MOST_DAYS_AFTER;
use crate::verbs::{ConfirmEntry, EnterFigures, EnterRound, ReadEntry, ReadScore, SetEvaluation};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use rules::{Points, Row, Worth};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::attachments::Size;
use territory::Directory;
use web::PageContext;
use web::forms::{Choice, Filled};
use web::html::render;
use web::parts::{LampView, PhotoView};

/// Nobody was chosen.
pub const NOBODY: Code = Code::invalid("entry.nobody");
/// A day of the last three months, today at the latest.
pub const DAY_OUTSIDE: Code = Code::invalid("entry.day_outside");
/// Of a survey: whole numbers, and not more content than asked.
pub const FIGURES_WRONG: Code = Code::invalid("entry.figures_wrong");
/// Points above zero, within what the row takes.
pub const POINTS_WRONG: Code = Code::invalid("entry.points_wrong");
/// The row of the scheme is not chosen, or takes no points by hand.
pub const ITEM_NEEDED: Code = Code::invalid("entry.item_needed");
pub const WORDS_NEEDED: Code = Code::invalid("entry.words_needed");
pub const WORDS_TOO_LONG: Code = Code::invalid("entry.words_too_long");
/// Without evidence nobody's points are given or taken.
pub const PHOTO_NEEDED: Code = Code::invalid("entry.photo_needed");
/// Days between 1 and 60, points above zero.
pub const SETTINGS_WRONG: Code = Code::invalid("entry.settings_wrong");

/// Lines of the list at once; all of a month are counted.
const ON_PAGE: usize = 100;
pub(crate) const MAX_WORDS: usize = 500;
/// The most that a survey asks.
pub(crate) const MOST_ASKED: i64 = 100_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub kind: String,
    pub month: String,
    pub league: String,
}

struct LineView {
    href: String,
    day: String,
    name: String,
    what: String,
    lamp: LampView,
    by: String,
}

struct MemberView {
    id: MemberId,
    name: String,
    /// How it stands this month, in words.
    now: String,
    /// Fewer rounds than others have.
    behind: String,
    on: bool,
    asked: String,
    content: String,
}

#[derive(askama::Template)]
#[template(path = "entries.html")]
struct EntriesPage {
    page: PageContext,
    tabs: Vec<(String, String, bool)>,
    kind: EntryKind,
    month: String,
    lines: Vec<LineView>,
    more: usize,
    leagues: Vec<Choice>,
    members: Vec<MemberView>,
    member_choices: Vec<Choice>,
    items: Vec<Choice>,
    photos: Vec<PhotoView>,
    may_enter: bool,
    may_set: bool,
    settings: Filled,
    form: Filled,
    brought: Brought,
    /// The address of the sheet to be filled.
    sheet: String,
    sheet_command: CommandId,
    settings_version: i64,
    command: CommandId,
    settings_command: CommandId,
}

fn lamp(page: &PageContext, state: EntryState) -> LampView {
    let kind = match state {
        EntryState::Waiting => "y",
        EntryState::Standing => "g",
        EntryState::Withdrawn => "n",
    };
    LampView { kind, text: page.w.t(&format!("entry-state-{state}")).into_owned() }
}

/// What an entry says, in one line.
fn what_words(page: &PageContext, one: &Entry, rows: &BTreeMap<String, Row>) -> String {
    match one.kind {
        EntryKind::Round => String::new(),
        EntryKind::Survey => page.w.a2("entry-said-survey", "asked", one.asked, "content", one.content).into_owned(),
        EntryKind::Item => {
            let row = rows.get(&one.item);
            let name = row.map_or_else(|| one.item.clone(), |row| format!("{} {}", row.code, row.name));
            let sign = if row.is_some_and(|row| row.sign == rules::Sign::Deduct) { "−" } else { "+" };
            format!("{name} {sign}{}", Points(one.points))
        }
    }
}

/// The rows of the scheme in force whose points a person gives, by code.
async fn rows_by_hand(desk: &Desk, league: Option<&League>, month: &str) -> Result<BTreeMap<String, Row>> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let Some(league) = league else { return Ok(BTreeMap::new()) };
    let Some(scheme) = scheme::in_force(store, tenant, league.ranked, month).await? else { return Ok(BTreeMap::new()) };
    let table = scheme::table(store, tenant, scheme.id).await?;
    let by_hand = table.rows.into_iter().filter(|row| matches!(row.worth, Worth::Entered(_)));
    Ok(by_hand.map(|row| (row.code.clone(), row)).collect())
}

fn may_enter(desk: &Desk, kind: EntryKind) -> bool {
    enterer(desk, kind).is_ok()
}

pub(crate) fn enterer(desk: &Desk, kind: EntryKind) -> Result<Enterer> {
    let tenant = &desk.actor.tenant;
    Ok(match kind {
        EntryKind::Round => Enterer::Round(desk.actor.permit::<EnterRound>(tenant)?),
        EntryKind::Survey | EntryKind::Item => Enterer::Figures(desk.actor.permit::<EnterFigures>(tenant)?),
    })
}

/// What the list is of, and the form beside it.
pub(crate) struct Room {
    directory: Arc<Directory>,
    today: Date,
    kind: EntryKind,
    pub(crate) month: String,
    leagues: Vec<League>,
    pub(crate) league: Option<League>,
}

impl Room {
    pub(crate) async fn of(desk: &Desk, asked: &Asked) -> Result<Room> {
        let directory = territory::directory_of(desk).await?;
        let today = directory.date_of(desk.app.world.now())?;
        let month = if asked.month.is_empty() { today.strftime("%Y-%m").to_string() } else { asked.month.trim().to_owned() };
        first_of(&month).ok_or_else(|| Error::field("month", MONTH_NEEDED))?;
        let leagues: Vec<League> = league::all(&desk.app.store, desk.actor.tenant).await?.into_iter().filter(|one| one.open).collect();
        let league = leagues.iter().find(|one| one.id.to_string() == asked.league).or(leagues.first()).cloned();
        Ok(Room { directory, today, kind: asked.kind.parse().unwrap_or(EntryKind::Round), month, leagues, league })
    }
    /// Who is in the league in the month, by name.
    pub(crate) async fn members(&self, desk: &Desk) -> Result<Vec<(MemberId, String)>> {
        let Some(league) = &self.league else { return Ok(Vec::new()) };
        let all = league::members(&desk.app.store, desk.actor.tenant, league.id, &self.month).await?;
        let mut named: Vec<_> = all.into_iter().map(|id| (id, name_of(&self.directory, league.ranked, id))).collect();
        named.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        Ok(named)
    }
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadEntry>()?;
    let room = Room::of(&desk, &asked).await?;
    show(&desk, room, &EnterForm::default(), Filled::default(), Brought::default(), None).await
}

/// The list, the form with what was typed, and what came of a file.
pub(crate) async fn show(
    desk: &Desk,
    room: Room,
    typed: &EnterForm,
    form: Filled,
    brought: Brought,
    error: Option<&Error>,
) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("entries-title");
    let w = page.w;
    let all = entry::of_month(store, tenant, room.kind, &room.month).await?;
    let rows = rows_by_hand(desk, room.league.as_ref(), &room.month).await?;
    let names = access::names(store, tenant, all.iter().take(ON_PAGE).filter_map(|one| one.entered_by)).await?;
    let line = |one: &Entry| LineView {
        href: page.href(&format!("/entries/{}", one.id)),
        day: one.day.clone(),
        name: name_of(&room.directory, one.ranked, one.member_id),
        what: what_words(&page, one, &rows),
        lamp: lamp(&page, one.state),
        by: one.entered_by.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
    };
    let lines = all.iter().take(ON_PAGE).map(line).collect();
    // What stands of each so far.
    let mut sums: BTreeMap<MemberId, (i64, i64, i64)> = BTreeMap::new();
    for one in all.iter().filter(|one| one.state == EntryState::Standing) {
        let sum = sums.entry(one.member_id).or_default();
        *sum = (sum.0 + 1, sum.1 + one.asked, sum.2 + one.content);
    }
    let members = room.members(desk).await?;
    let most_rounds = members.iter().map(|(id, _)| sums.get(id).map_or(0, |sum| sum.0)).max().unwrap_or(0);
    let chosen: BTreeSet<&str> = typed.member.iter().map(String::as_str).collect();
    let figure = |list: &[String], id: MemberId| {
        typed.member.iter().position(|known| *known == id.to_string()).and_then(|at| list.get(at)).cloned().unwrap_or_default()
    };
    let view = |(id, name): &(MemberId, String)| {
        let sum = sums.get(id).copied().unwrap_or_default();
        let behind = most_rounds - sum.0;
        MemberView {
            id: *id,
            name: name.clone(),
            now: match room.kind {
                EntryKind::Round => w.a("entry-rounds", "n", sum.0).into_owned(),
                EntryKind::Survey if sum.1 > 0 => w.a2("entry-said-survey", "asked", sum.1, "content", sum.2).into_owned(),
                _ => String::new(),
            },
            behind: if behind > 0 { w.a("entry-behind", "n", behind).into_owned() } else { String::new() },
            on: chosen.contains(id.to_string().as_str()),
            asked: figure(&typed.asked, *id),
            content: figure(&typed.content, *id),
        }
    };
    let may_set = desk.actor.can::<SetEvaluation>(&tenant);
    let set = settings::of(store, tenant).await?;
    // Each form shows what came back of itself alone.
    let (form, settings_filled) = match form.v("two_from").is_empty() {
        true => (form, Filled::default().with("two_from", set.two_from.to_string()).with("appeal_days", set.appeal_days.to_string())),
        false => (Filled::default(), form),
    };
    let league_id = room.league.as_ref().map(|league| league.id.to_string()).unwrap_or_default();
    let of = |kind: EntryKind| page.href(&format!("/entries?kind={kind}&month={}", room.month));
    let choice = |row: &Row| Choice {
        value: row.code.clone(),
        label: format!("{} {} {}{}", row.code, row.name, if row.sign == rules::Sign::Deduct { "−" } else { "+" }, most(row)),
        on: row.code == form.v("item"),
    };
    let template = EntriesPage {
        tabs: EntryKind::ALL.iter().map(|kind| (of(*kind), w.t(&format!("entry-kind-{kind}")).into_owned(), *kind == room.kind)).collect(),
        kind: room.kind,
        lines,
        more: all.len().saturating_sub(ON_PAGE),
        leagues: room
            .leagues
            .iter()
            .map(|league| Choice {
                value: league.id.to_string(),
                label: league.name.clone(),
                on: room.league.as_ref().is_some_and(|chosen| chosen.id == league.id),
            })
            .collect(),
        member_choices: members
            .iter()
            .map(|(id, name)| Choice { value: id.to_string(), label: name.clone(), on: chosen.contains(id.to_string().as_str()) })
            .collect(),
        items: rows.values().map(choice).collect(),
        members: members.iter().map(view).collect(),
        photos: evidence::drafts(desk, &page, &typed.photo).await?,
        may_enter: may_enter(desk, room.kind),
        may_set,
        settings: settings_filled,
        form: if form.is_again() { form } else { form.with("day", room.today.to_string()) },
        brought,
        sheet: page.href(&format!("/entries/survey.xlsx?month={}&league={}", room.month, league_id)),
        sheet_command: desk.app.world.new_id(),
        settings_version: set.version,
        command: desk.app.world.new_id(),
        settings_command: desk.app.world.new_id(),
        month: room.month,
        page,
    };
    Ok(render(status_of(error), &template))
}

fn most(row: &Row) -> Points {
    match row.worth {
        Worth::Entered(most) => most,
        _ => Points::ZERO,
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnterForm {
    pub kind: String,
    pub month: String,
    pub league: String,
    pub day: String,
    /// Of a survey every member of the league, whose figures stand in the same order.
    pub member: Vec<String>,
    pub asked: Vec<String>,
    pub content: Vec<String>,
    pub item: String,
    pub points: String,
    pub words: String,
    pub photo: Vec<String>,
}

/// Digits of whatever width.
pub(crate) fn number(text: &str) -> Option<i64> {
    text.trim()
        .chars()
        .map(|c| c.to_digit(10).or_else(|| (c as u32).checked_sub(0xFF10).filter(|n| *n < 10)))
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit?)).filter(|sum| *sum <= MOST_ASKED))
}

/// What the form enters. Errors: at the field.
pub(crate) async fn read(desk: &Desk, room: &Room, form: &EnterForm) -> Result<Enter> {
    let by = enterer(desk, room.kind)?;
    let league = room.league.as_ref().ok_or_else(|| Error::field("league", NOBODY))?;
    let day: Date = form.day.trim().parse().map_err(|_| Error::field("day", DAY_NEEDED))?;
    let earliest = room.today.checked_sub(jiff::Span::new().days(MOST_DAYS_AFTER)).map_err(Error::internal)?;
    ensure(earliest <= day && day <= room.today, Error::field("day", DAY_OUTSIDE))?;
    // In the league in the month of its day.
    let month = day.strftime("%Y-%m").to_string();
    let known = league::members(&desk.app.store, desk.actor.tenant, league.id, &month).await?;
    let words = form.words.trim().to_owned();
    ensure(words.chars().count() <= MAX_WORDS, Error::field("words", WORDS_TOO_LONG))?;
    ensure(form.member.len() <= MOST_AT_ONCE.max(known.len()), TOO_MANY.err().arg("max", MOST_AT_ONCE))?;
    let member = |id: &String| id.parse::<MemberId>().ok().filter(|id| known.contains(id)).ok_or_else(|| Error::field("member", NOBODY));
    let members = form.member.iter().map(member).collect::<Result<Vec<MemberId>>>()?;
    let mut entered: Vec<(MemberId, What)> = Vec::new();
    match room.kind {
        EntryKind::Round => entered.extend(BTreeSet::from_iter(members).into_iter().map(|id| (id, What::default()))),
        EntryKind::Survey => {
            for (at, id) in members.into_iter().enumerate() {
                let text = |list: &[String]| list.get(at).map(|text| text.trim().to_owned()).unwrap_or_default();
                let (asked, content) = (text(&form.asked), text(&form.content));
                if asked.is_empty() && content.is_empty() {
                    continue;
                }
                let wrong = || Error::field("asked", FIGURES_WRONG).arg("member", name_of(&room.directory, league.ranked, id));
                let (asked, content) = number(&asked).zip(number(&content)).ok_or_else(wrong)?;
                ensure(asked > 0 && content <= asked, wrong())?;
                entered.push((id, What { asked, content, ..What::default() }));
            }
        }
        EntryKind::Item => {
            let rows = rows_by_hand(desk, Some(league), &month).await?;
            let row = rows.get(&form.item).ok_or_else(|| Error::field("item", ITEM_NEEDED))?;
            let points: Points = form.points.trim().parse().map_err(|_| Error::field("points", POINTS_WRONG))?;
            ensure(points > Points::ZERO && points <= most(row), Error::field("points", POINTS_WRONG))?;
            ensure(!words.is_empty(), Error::field("words", WORDS_NEEDED))?;
            ensure(!form.photo.is_empty(), Error::field("photo", PHOTO_NEEDED))?;
            entered.extend(members.into_iter().take(1).map(|id| (id, What { item: row.code.clone(), points, ..What::default() })));
        }
    }
    ensure(!entered.is_empty(), Error::field("member", NOBODY))?;
    let photos = match room.kind {
        EntryKind::Item => evidence::ids(&form.photo),
        _ => Vec::new(),
    };
    Ok(Enter { by, kind: room.kind, ranked: league.ranked, day, members: entered, words, photos })
}

pub async fn enter(submitted: Submitted<EnterForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    desk.actor.permit_some::<ReadEntry>()?;
    let asked = Asked { kind: form.kind.clone(), month: form.month.clone(), league: form.league.clone() };
    let room = Room::of(desk, &asked).await?;
    let kind = room.kind;
    enterer(desk, kind)?;
    let outcome = async {
        let command = read(desk, &room, form).await?;
        let month = command.day.strftime("%Y-%m").to_string();
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>(month)
    };
    match outcome.await {
        Ok(month) => Ok(desk.done("done-entry-made", &format!("/entries?kind={kind}&month={month}&league={}", form.league))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("entries-title").w, form, &error);
            show(desk, room, form, filled, Brought::default(), Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    pub version: String,
    pub two_from: String,
    pub appeal_days: String,
}

pub async fn set(submitted: Submitted<SettingsForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<SetEvaluation>(&desk.actor.tenant)?;
    let outcome = async {
        let of = settings::of(&desk.app.store, desk.actor.tenant).await?;
        ensure(form.version == of.version.to_string(), settings::STALE)?;
        let two_from: Points = form.two_from.trim().parse().map_err(|_| Error::field("two_from", SETTINGS_WRONG))?;
        ensure(two_from > Points::ZERO && two_from.in_bounds(), Error::field("two_from", SETTINGS_WRONG))?;
        let days = number(&form.appeal_days).filter(|days| (1..=60).contains(days));
        let appeal_days = days.ok_or_else(|| Error::field("appeal_days", SETTINGS_WRONG))?;
        desk.app.store.run(submitted.pass.clone(), Set { by, of, two_from, appeal_days }).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-evaluation-set", "/entries")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("entries-title").w, form, &error);
            let room = Room::of(desk, &Asked::default()).await?;
            show(desk, room, &EnterForm::default(), filled, Brought::default(), Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(askama::Template)]
#[template(path = "entry.html")]
struct EntryPage {
    page: PageContext,
    href: String,
    list_href: String,
    kind: String,
    name: String,
    what: String,
    day: String,
    words: String,
    lamp: LampView,
    photos: Vec<PhotoView>,
    /// Who did what with it, and when.
    facts: Vec<(String, String)>,
    may_confirm: bool,
    own: bool,
    may_withdraw: bool,
    version: i64,
    form: Filled,
    command: CommandId,
}

/// One entry, if the actor reads entries or it concerns him. Errors: 404.
async fn seen(desk: &Desk, id: &str) -> Result<(Entry, Arc<Directory>)> {
    let id: EntryId = id.parse().map_err(|_| Error::not_found())?;
    let directory = territory::directory_of(desk).await?;
    let one = entry::find(&desk.app.store, desk.actor.tenant, id).await?;
    let day: Date = one.day.parse().map_err(Error::internal)?;
    let concerned = desk.actor.can::<ReadScore>(&Concern::of(&directory, one.ranked, one.member_id, day));
    ensure(concerned || desk.actor.can::<ReadEntry>(&desk.actor.tenant), Error::not_found())?;
    Ok((one, directory))
}

pub async fn one(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let (one, directory) = seen(&desk, &id).await?;
    show_one(&desk, one, &directory, Filled::default(), None).await
}

async fn show_one(desk: &Desk, one: Entry, directory: &Directory, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("entries-title");
    let w = page.w;
    let facts = store.timeline(tenant, "entry", one.id.0).await?;
    let names = access::names(store, tenant, facts.iter().filter_map(|fact| fact.actor_id)).await?;
    let inside = desk.actor.can::<ReadEntry>(&tenant);
    let step = |fact: &store::journal::FactRow| {
        let by = fact.actor_id.and_then(|id| names.get(&id).cloned()).filter(|_| inside).unwrap_or_default();
        let at = page.at(&fact.recorded_at);
        (w.t(&format!("fact-{}", fact.kind.replace('.', "-"))).into_owned(), format!("{by} {at}").trim().to_owned())
    };
    let photos = store::attachments::of_subject(store, tenant, "entry", one.id.0).await?;
    let month = one.day.get(..7).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for league in league::all(store, tenant).await?.into_iter().filter(|league| league.ranked == one.ranked).take(1) {
        rows = rows_by_hand(desk, Some(&league), month).await?;
    }
    let own = one.entered_by.is_some() && one.entered_by == desk.actor.account;
    let waiting = one.state == EntryState::Waiting;
    let template = EntryPage {
        href: page.href(&format!("/entries/{}", one.id)),
        list_href: if inside { page.href(&format!("/entries?kind={}&month={month}", one.kind)) } else { String::new() },
        kind: w.t(&format!("entry-kind-{}", one.kind)).into_owned(),
        name: name_of(directory, one.ranked, one.member_id),
        what: what_words(&page, &one, &rows),
        lamp: lamp(&page, one.state),
        photos: photos.iter().map(|photo| evidence::view(&page, photo, &format!("/entries/{}/photos/{}", one.id, photo.id))).collect(),
        facts: facts.iter().map(step).collect(),
        may_confirm: waiting && !own && desk.actor.can::<ConfirmEntry>(&tenant),
        own: waiting && own,
        may_withdraw: one.state != EntryState::Withdrawn && may_enter(desk, one.kind),
        version: one.version,
        form,
        command: desk.app.world.new_id(),
        day: one.day,
        words: one.words,
        page: {
            page.title = w.t("entries-title").into_owned();
            page
        },
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub words: String,
}

pub async fn act(Path((_, id, step)): Path<(String, String, String)>, submitted: Submitted<StepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let (one, directory) = seen(desk, &id).await?;
    ensure(step == "confirm" || step == "withdraw", Error::not_found())?;
    let confirm = if step == "confirm" { Some(desk.actor.permit::<ConfirmEntry>(&tenant)?) } else { None };
    let by = enterer(desk, one.kind);
    let outcome = async {
        ensure(form.version == one.version.to_string(), entry::STALE)?;
        if let Some(by) = confirm {
            store.run(submitted.pass.clone(), Confirm { by, entry: one.clone() }).await?;
            return Ok("done-entry-confirmed");
        }
        let words = form.words.trim().to_owned();
        ensure(!words.is_empty(), Error::field("words", WORDS_NEEDED))?;
        ensure(words.chars().count() <= MAX_WORDS, Error::field("words", WORDS_TOO_LONG))?;
        store.run(submitted.pass.clone(), Withdraw { by: by?, entry: one.clone(), words }).await?;
        Ok::<_, Error>("done-entry-withdrawn")
    };
    match outcome.await {
        Ok(done) => Ok(desk.done(done, &format!("/entries/{id}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("entries-title").w, form, &error);
            let now = entry::find(store, tenant, one.id).await?;
            show_one(desk, now, &directory, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn photo(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &id).await?;
    evidence::serve(&desk, "entry", one.id.0, &photo, Size::Full, &headers).await
}

pub async fn thumb(desk: Desk, Path((_, id, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    let (one, _) = seen(&desk, &id).await?;
    evidence::serve(&desk, "entry", one.id.0, &photo, Size::Thumb, &headers).await
}
