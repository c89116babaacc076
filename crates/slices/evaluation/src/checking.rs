//! The part of `verify` that looks at schemes, leagues and evaluations: every table must have the hash that its facts have, their
//! state follow from them, and every score come out again.

use crate::evaluation::{self, Evaluation, EvaluationState};
use crate::facts::{EvaluationDrafted, LeagueSet, MembersSet, SchemeAdopted, SchemeDrafted};
use crate::league::{self, League, MemberId, name_hash};
use crate::reckoning;
use crate::run::Progress;
use crate::scheme::{self, SchemeState, Version, columns, hash_of, meeting_hash};
use crate::terms::Tellers;
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use std::collections::BTreeMap;
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};
use store::{Sql, Store, args, sql};
use territory::Directory;

static ROWS: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 200"));

pub struct Schemes;

impl StateCheck for Schemes {
    fn name(&self) -> &'static str {
        "schemes"
    }

    /// A finding names the scheme by `scheme` (its id) and what is wrong with it by `is`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut after = Uuid::nil();
            loop {
                let rows: Vec<Version> = store.all(&ROWS, args! { tenant: tenant, after: after }).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id.0;
                for row in &rows {
                    let wrong = compare(store, tenant, row).await?;
                    // While the server works, row and facts are read at different instants.
                    let wrong = match wrong {
                        Some(_) => compare(store, tenant, &scheme::find(store, tenant, row.id).await?).await?,
                        None => None,
                    };
                    if let Some(is) = wrong {
                        report.add(Finding::new(STATE).with("check", "schemes").with("scheme", row.id).with("is", is));
                    }
                }
            }
        })
    }
}

/// What of this row does not follow from its facts.
async fn compare(store: &Store, tenant: TenantId, row: &Version) -> Result<Option<&'static str>> {
    let body = scheme::body(store, tenant, row.id).await?;
    let (mut state, mut hash, mut adopted) = (None, String::new(), None::<SchemeAdopted>);
    for fact in store.timeline(tenant, "scheme", row.id.0).await? {
        match fact.kind.as_str() {
            "scheme.drafted" => {
                let Ok(drafted) = serde_json::from_str::<SchemeDrafted>(&fact.data) else { return Ok(Some("unreadable")) };
                (state, hash) = (Some(SchemeState::Draft), drafted.hash);
            }
            "scheme.adopted" => {
                let Ok(fact) = serde_json::from_str::<SchemeAdopted>(&fact.data) else { return Ok(Some("unreadable")) };
                (state, adopted) = (Some(SchemeState::Adopted), Some(fact));
            }
            "scheme.dropped" => state = Some(SchemeState::Dropped),
            _ => {}
        }
    }
    if state != Some(row.state) {
        return Ok(Some("state"));
    }
    if hash != row.hash || hash_of(&body) != hash {
        return Ok(Some("table"));
    }
    let said = adopted.as_ref().map(|fact| (fact.from_month.clone(), fact.number));
    if said != row.from_month.clone().zip(row.number) || adopted.as_ref().is_some_and(|fact| fact.hash != hash) {
        return Ok(Some("adoption"));
    }
    let met_on = row.met_on.clone().unwrap_or_default();
    let meeting = adopted.is_some_and(|fact| fact.meeting != meeting_hash(&row.salt, &met_on, &row.meeting));
    Ok(meeting.then_some("meeting"))
}

static LEAGUES: Sql =
    sql!("SELECT id, ranked, name, shows, open, salt, version FROM league WHERE tenant_id = :tenant ORDER BY id LIMIT 50");

/// Leagues and who was in them, by their facts.
pub struct Leagues;

impl StateCheck for Leagues {
    fn name(&self) -> &'static str {
        "leagues"
    }

    /// A finding names the league by `league` (its id) and what is wrong with it by `is`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let rows: Vec<League> = store.all(&LEAGUES, args! { tenant: tenant }).await?;
            for row in rows {
                let mut wrong = compare_league(store, tenant, &row).await?;
                if wrong.is_some() {
                    wrong = compare_league(store, tenant, &league::find(store, tenant, row.id).await?).await?;
                }
                if let Some(is) = wrong {
                    report.add(Finding::new(STATE).with("check", "leagues").with("league", row.id).with("is", is));
                }
            }
            Ok(())
        })
    }
}

async fn compare_league(store: &Store, tenant: TenantId, row: &League) -> Result<Option<&'static str>> {
    let mut set = None::<LeagueSet>;
    let mut spans: BTreeMap<MemberId, Vec<(String, Option<String>)>> = BTreeMap::new();
    for fact in store.timeline(tenant, "league", row.id.0).await? {
        match fact.kind.as_str() {
            "league.set" => match serde_json::from_str(&fact.data) {
                Ok(fact) => set = Some(fact),
                Err(_) => return Ok(Some("unreadable")),
            },
            "league.members" => {
                let Ok(members) = serde_json::from_str::<MembersSet>(&fact.data) else { return Ok(Some("unreadable")) };
                apply(&mut spans, &members);
            }
            _ => {}
        }
    }
    let said = set.map(|set| (set.ranked, set.shows, set.open, set.name));
    if said != Some((row.ranked, row.shows, row.open, name_hash(&row.salt, &row.name))) {
        return Ok(Some("league"));
    }
    let mut kept: BTreeMap<MemberId, Vec<(String, Option<String>)>> = BTreeMap::new();
    for one in league::memberships(store, tenant, row.id).await? {
        kept.entry(one.member_id).or_default().push((one.from_month, one.until_month));
    }
    spans.retain(|_, spans| !spans.is_empty());
    Ok((joined(kept) != joined(spans)).then_some("members"))
}

/// What a fact says of a month and all after it.
fn apply(spans: &mut BTreeMap<MemberId, Vec<(String, Option<String>)>>, fact: &MembersSet) {
    let month = &fact.from_month;
    for list in spans.values_mut() {
        let inside = list.iter().any(|(from, until)| from <= month && until.as_ref().is_none_or(|until| month < until));
        list.retain(|(from, _)| from < month);
        for (_, until) in list.iter_mut().filter(|(_, until)| until.as_ref().is_none_or(|until| until > month)) {
            *until = Some(month.clone());
        }
        if inside {
            list.push((month.clone(), None));
        }
    }
    for member in &fact.left {
        if let Some(list) = spans.get_mut(member) {
            list.retain(|(from, _)| from < month);
        }
    }
    for member in &fact.joined {
        spans.entry(*member).or_default().push((month.clone(), None));
    }
}

/// Spans that follow one another without a gap are one.
fn joined(all: BTreeMap<MemberId, Vec<(String, Option<String>)>>) -> BTreeMap<MemberId, Vec<(String, Option<String>)>> {
    let one = |list: Vec<(String, Option<String>)>| {
        let mut merged: Vec<(String, Option<String>)> = Vec::new();
        for (from, until) in list {
            match merged.last_mut() {
                Some((_, end)) if end.as_ref() == Some(&from) => *end = until,
                _ => merged.push((from, until)),
            }
        }
        merged
    };
    all.into_iter().map(|(member, list)| (member, one(list))).collect()
}

static EVALUATIONS: Sql = sql!(concat!(crate::evaluation::columns!(), " AND id > :after ORDER BY id LIMIT 50"));

/// Evaluations: what their facts say, and every score reckoned anew.
pub struct Evaluations(pub Tellers);

impl StateCheck for Evaluations {
    fn name(&self) -> &'static str {
        "evaluations"
    }

    /// A finding names the evaluation by `evaluation` (its id), what is wrong with it by `is`, and by `unit` and `row` where.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (mut after, mut directory) = (Uuid::nil(), None);
            loop {
                let rows: Vec<Evaluation> = store.all(&EVALUATIONS, args! { tenant: tenant, after: after }).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id.0;
                let directory = match &mut directory {
                    Some(directory) => directory,
                    none => none.insert(Directory::load(store, tenant).await?),
                };
                for row in &rows {
                    let mut wrong = compare_evaluation(store, self.0, directory, row).await?;
                    if wrong.is_some() {
                        let now = evaluation::find(store, tenant, row.id).await?;
                        wrong = compare_evaluation(store, self.0, directory, &now).await?;
                    }
                    if let Some(finding) = wrong {
                        report.add(finding.with("check", "evaluations").with("evaluation", row.id));
                    }
                }
            }
        })
    }
}

/// Facts that a state follows from are few; what else is in the row they say too.
async fn compare_evaluation(store: &Store, tellers: Tellers, directory: &Directory, row: &Evaluation) -> Result<Option<Finding>> {
    let tenant = directory.tenant;
    let is = |is: &'static str| Some(Finding::new(STATE).with("is", is));
    let (mut state, mut drafted, mut digest) = (None, None::<EvaluationDrafted>, String::new());
    for fact in store.timeline(tenant, "evaluation", row.id.0).await? {
        let of =
            |data: &str| serde_json::from_str::<serde_json::Value>(data).ok().and_then(|data| data["digest"].as_str().map(str::to_owned));
        // What was taken out of the house changes nothing.
        if let Some(said) = of(&fact.data) {
            digest = said;
        }
        match fact.kind.as_str() {
            "evaluation.drafted" => {
                state = Some(EvaluationState::Draft);
                drafted = serde_json::from_str(&fact.data).ok();
            }
            "evaluation.checked" => state = Some(EvaluationState::Checked),
            "evaluation.published" => state = Some(EvaluationState::Published),
            _ => {}
        }
    }
    let said = EvaluationDrafted {
        evaluation: row.id,
        league: row.league_id,
        month: row.month.clone(),
        edition: row.edition,
        draft: row.draft,
        scheme: row.scheme_id,
        cut: row.cut,
        units: row.units,
        digest: row.digest.clone(),
    };
    if state != Some(row.state) || drafted.as_ref() != Some(&said) || digest != row.digest {
        return Ok(is("state"));
    }
    let league = league::find(store, tenant, row.league_id).await?;
    Ok(reckoning::again(store, tellers, directory, &league, row, &Progress::default()).await?.map(|difference| {
        let row = match difference.line {
            Some(rules::LineOf::Row { code }) => code,
            _ => String::new(),
        };
        Finding::new(STATE).with("is", "score").with("unit", difference.unit).with("row", row)
    }))
}
