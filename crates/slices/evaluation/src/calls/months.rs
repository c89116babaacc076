//! Evaluations for programs: a list by month and league, and one table.

use super::{Month, stamp};
use crate::evaluated_page::reason_words;
use crate::evaluation::{self, AT_ONCE, Evaluation, EvaluationId, EvaluationState};
use crate::evaluation_page::{Ranking, inside, quarter, seen, sees_lines};
use crate::league::{self, League, LeagueId, MemberId, Shows};
use crate::scheme::{Ranked, SchemeId};
use crate::scoring::month_before;
use crate::verbs::ReadRanking;
use api::params::FromText;
use api::{Answer, Call, Schema, Schemas, Stamp};
use kernel::ids::OrganisationId;
use serde_json::{Value, json};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

api::operations! { "evaluation":
    /// A page of evaluations, every edition by itself: the latest month first, of a month by league.
    ///
    /// What is not published yet is for those who evaluate.
    get "/evaluations" list_evaluations;
    /// One evaluation with its table, in the order in which its page has it.
    ///
    /// Where the league publishes grades alone, places and points are for those who evaluate.
    get "/evaluations/{id}" get_evaluation;
}

/// Evaluations on a page.
const PAGE: usize = 50;

/// Where a page of evaluations begins: `next` of the page before, handed back as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    month: Month,
    edition: i64,
    league: LeagueId,
}

impl Schema for Behind {
    fn schema(_: &mut Schemas) -> Value {
        let id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        json!({ "type": "string", "pattern": format!("^[2-8][0-9]{{3}}-(0[1-9]|1[0-2])~[0-9]{{1,9}}~{id}$") })
    }
}
impl FromText for Behind {
    fn from_text(text: &str) -> Option<Self> {
        let (month, rest) = text.split_once('~')?;
        let (edition, league) = rest.split_once('~')?;
        let digits = (1..=9).contains(&edition.len()) && edition.bytes().all(|byte| byte.is_ascii_digit());
        let plain = !league.bytes().any(|byte| byte.is_ascii_uppercase());
        let edition = edition.parse().ok().filter(|_| digits && plain)?;
        Some(Behind { month: Month::from_text(month)?, edition, league: LeagueId::from_text(league)? })
    }
}

api::params! {
    /// Which evaluations: all conditions hold together.
    pub struct WhichEvaluations {
        month: Option<Month>,
        league: Option<LeagueId>,
        state: Option<EvaluationState>,
        /// `next` of the page before.
        after: Option<Behind>,
    }
    pub struct OfEvaluation {
        id: EvaluationId,
    }
}

api::object! {
    /// One edition of a league's month.
    pub struct EvaluationLine {
        id: EvaluationId,
        league: LeagueId,
        league_name: String,
        /// What is compared in the league.
        ranked: Ranked,
        month: String,
        /// The first is 1; a correction is the next.
        edition: i64,
        state: EvaluationState,
        /// The version of the scheme by which it was scored.
        scheme: SchemeId,
        /// How many were scored.
        units: i64,
        /// For those who evaluate.
        drafted_at: Option<Stamp>,
        /// For those who evaluate.
        checked_at: Option<Stamp>,
        published_at: Option<Stamp>,
        /// The hash of all that was found, which the journal has too.
        digest: String,
    }
    /// A page of evaluations.
    pub struct Evaluations {
        evaluations: Vec<EvaluationLine>,
        next: Option<String>,
    }
    /// A dimension of the scheme.
    pub struct TableDimension {
        name: String,
        /// Its full marks, in thousandths of a point.
        full: i64,
    }
    /// One unit's line of the table; all points are thousandths.
    pub struct StandingLine {
        /// Null: not ranked, or the league publishes grades alone.
        place: Option<i64>,
        /// Its place in what was published of the month before.
        place_before: Option<i64>,
        /// The id of the place, or of the organisation.
        member: MemberId,
        name: String,
        /// The company beside a compound.
        unit: Option<OrganisationId>,
        unit_name: String,
        /// Null where the league publishes grades alone.
        total: Option<i64>,
        /// Empty where the scheme has no grades.
        grade: String,
        /// What each dimension came to, in the order of `dimensions`; null where the league publishes grades alone.
        dimensions: Option<Vec<i64>>,
        /// Why it is scored and not ranked, in words, for whoever sees its score line by line.
        not_ranked: Option<String>,
        /// How far chance alone may carry the total; for those who evaluate.
        spread: Option<i64>,
        /// In which quarter of those that are ranked it lies; for those who evaluate.
        quarter: Option<i64>,
        /// What the draft before this one had; for those who evaluate.
        was_total: Option<i64>,
        /// Its place in that draft.
        was_place: Option<i64>,
        /// Where its score stands line by line, for whoever sees that.
        url: Option<String>,
    }
    /// One evaluation.
    pub struct EvaluationView {
        evaluation: EvaluationLine,
        /// How a published table of the league puts its units.
        shows: Shows,
        /// The scheme's grades, the best first.
        grades: Vec<String>,
        dimensions: Vec<TableDimension>,
        table: Vec<StandingLine>,
    }
}

pub(super) fn line(one: &Evaluation, league: &League, inside: bool) -> EvaluationLine {
    EvaluationLine {
        id: one.id,
        league: one.league_id,
        league_name: league.name.clone(),
        ranked: league.ranked,
        month: one.month.clone(),
        edition: one.edition,
        state: one.state,
        scheme: one.scheme_id,
        units: one.units,
        drafted_at: inside.then_some(Stamp(one.drafted_at)),
        checked_at: stamp(one.checked_at.filter(|_| inside)),
        published_at: stamp(one.published_at),
        digest: one.digest.clone(),
    }
}

/// Where an evaluation stands in the list: the latest month first, of a month by league, of a league the latest edition first.
type Position = (Reverse<String>, LeagueId, Reverse<i64>);

fn position(one: &Evaluation) -> Position {
    (Reverse(one.month.clone()), one.league_id, Reverse(one.edition))
}

/// Behind which edition of which month a league is read.
fn begin<'a>(after: Option<&'a Behind>, month: Option<&'a str>, league: LeagueId) -> (&'a str, i64) {
    let Some(after) = after else { return (month.unwrap_or("9999-99"), i64::MAX) };
    let edition = match league.cmp(&after.league) {
        Ordering::Less => 0,
        Ordering::Equal => after.edition,
        Ordering::Greater => i64::MAX,
    };
    (&after.month.0, edition)
}

async fn list_evaluations(call: Call<(), WhichEvaluations>) -> web::Result<Answer<Evaluations>> {
    call.actor.permit_some::<ReadRanking>()?;
    let (store, tenant, asked) = (&call.app.store, call.actor.tenant, &call.query);
    let inside = inside(&call);
    let month = asked.month.as_ref().map(|month| month.0.as_str());
    let leagues: BTreeMap<LeagueId, League> = league::all(store, tenant).await?.into_iter().map(|league| (league.id, league)).collect();
    let (mut rows, mut horizon) = (Vec::<Evaluation>::new(), None::<Position>);
    for id in leagues.keys().filter(|id| asked.league.is_none_or(|asked| asked == **id)) {
        let (month, edition) = begin(asked.after.as_ref(), month, *id);
        let some = evaluation::behind(store, tenant, *id, month, edition).await?;
        if some.len() == AT_ONCE {
            horizon = some.last().map(position).into_iter().chain(horizon).min();
        }
        rows.extend(some);
    }
    // Where a league goes on behind what was read of it, nothing beyond that is shown yet of any.
    rows.retain(|one| horizon.as_ref().is_none_or(|horizon| position(one) <= *horizon));
    rows.retain(|one| {
        let open = inside || one.state == EvaluationState::Published;
        open && month.is_none_or(|month| one.month == month) && asked.state.is_none_or(|state| one.state == state)
    });
    rows.sort_by_key(position);
    let next = if rows.len() > PAGE {
        rows.truncate(PAGE);
        rows.last().map(position)
    } else {
        horizon.filter(|(Reverse(last), ..)| month.is_none_or(|month| last.as_str() >= month))
    };
    Ok(Answer(Evaluations {
        evaluations: rows.iter().filter_map(|one| Some(line(one, leagues.get(&one.league_id)?, inside))).collect(),
        next: next.map(|(Reverse(month), league, Reverse(edition))| format!("{month}~{edition}~{league}")),
    }))
}

async fn get_evaluation(call: Call<OfEvaluation>) -> web::Result<Answer<EvaluationView>> {
    let (one, league) = seen(&call, &call.path.id.to_string()).await?;
    let (store, tenant) = (&call.app.store, call.actor.tenant);
    let inside = inside(&call);
    let w = web::Words::of(call.visit.lang);
    let directory = territory::directory_of(&call).await?;
    let Ranking { rules, grades, with_places, table } = Ranking::of(&call, &one, &league).await?;
    let before = month_before(&one.month, 1).unwrap_or_default();
    let past = evaluation::history(store, tenant, league.id, &before, &before).await?;
    let compared = table.iter().filter(|standing| standing.place.is_some()).count();
    let mut lines = Vec::with_capacity(table.len());
    for standing in table {
        let open = sees_lines(&call, &directory, &league, &standing);
        let not_ranked = if open && standing.place.is_none() {
            let kept = evaluation::kept(store, tenant, one.id, standing.member_id).await?;
            kept.not_ranked().map(|reason| reason_words(w, reason))
        } else {
            None
        };
        let parts = standing.parts()?;
        let was = past.get(&standing.member_id).and_then(|months| months.get(&before));
        lines.push(StandingLine {
            place: standing.place.filter(|_| with_places),
            place_before: was.and_then(|was| was.place).filter(|_| with_places),
            member: standing.member_id,
            total: with_places.then_some(standing.total),
            grade: standing.grade,
            dimensions: with_places.then_some(parts),
            not_ranked,
            spread: inside.then_some(standing.spread),
            quarter: quarter(standing.place, compared).filter(|_| inside).and_then(|n| i64::try_from(n).ok()),
            was_total: standing.was_total.filter(|_| inside),
            was_place: standing.was_place.filter(|_| inside),
            url: open.then(|| call.href(&format!("/evaluations/{}/units/{}", one.id, standing.member_id))),
            name: standing.name,
            unit: standing.unit_id,
            unit_name: standing.unit_name,
        });
    }
    Ok(Answer(EvaluationView {
        evaluation: line(&one, &league, inside),
        shows: league.shows,
        grades,
        dimensions: rules.dimensions.iter().map(|one| TableDimension { name: one.name.clone(), full: one.full.0 }).collect(),
        table: lines,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAGUE: &str = "0199b8a0-0000-7000-8000-000000000002";

    #[test]
    fn what_a_page_gives_as_its_next_is_read_back_and_nothing_else() {
        let behind = Behind::from_text(&format!("2026-03~2~{LEAGUE}")).unwrap();
        assert_eq!((behind.month.0.as_str(), behind.edition, behind.league.to_string().as_str()), ("2026-03", 2, LEAGUE));
        let upper = LEAGUE.to_uppercase();
        for bad in [
            "",
            "2026-03",
            &format!("2026-03~~{LEAGUE}"),
            &format!("2026-03~+2~{LEAGUE}"),
            &format!("2026-13~2~{LEAGUE}"),
            &format!("2026-03~2~{upper}"),
        ] {
            assert_eq!(Behind::from_text(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_league_is_read_on_from_where_the_page_before_ended() {
        let behind = Behind::from_text(&format!("2026-03~2~{LEAGUE}")).unwrap();
        let of = |league: &str| begin(Some(&behind), None, league.parse().unwrap());
        assert_eq!(of("0199b8a0-0000-7000-8000-000000000001"), ("2026-03", 0));
        assert_eq!(of(LEAGUE), ("2026-03", 2));
        assert_eq!(of("0199b8a0-0000-7000-8000-000000000003"), ("2026-03", i64::MAX));
        assert_eq!(begin(None, Some("2026-03"), LEAGUE.parse().unwrap()), ("2026-03", i64::MAX));
    }
}
