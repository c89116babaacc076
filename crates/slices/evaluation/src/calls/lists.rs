//! What comes of scores, for programs: the improvement list, appeals against scores, and what follows from results.

use super::{day, some_day, stamp};
use crate::appeal::{self, AppealId, AppealState};
use crate::concern::name_of;
use crate::consequence::{self, ConsequenceId, ConsequenceState};
use crate::consequence_page::{Room, some, state_for};
use crate::consequence_rule::ConsequenceKind;
use crate::consequence_rule_page::when_words;
use crate::evaluation::EvaluationId;
use crate::improvement::{self, ImprovementId, ImprovementState, PlanStep, StepState};
use crate::league::{self, LeagueId, MemberId};
use crate::scheme::Ranked;
use crate::verbs::{ReadConsequence, ReadImprovement, ReadScore};
use crate::{appeal_page, improvement_page};
use api::{Answer, Call, Day, Stamp};
use kernel::Result;
use kernel::ids::OrganisationId;

api::operations! { "evaluation":
    /// Who is on the improvement list or has left it, with the steps of each plan, as far as the token's owner sees them.
    get "/improvements" list_improvements;
    /// Appeals against scores, as far as the token's owner sees them: the latest two hundred of each state.
    get "/score-appeals" list_score_appeals;
    /// A page of what follows from results, the latest first.
    ///
    /// It is of one state: what is only proposed and what was dropped is for those who evaluate.
    get "/consequences" list_consequences;
}

api::params! {
    pub struct WhichImprovements {
        /// Of every state, where none is said.
        state: Option<ImprovementState>,
    }
    pub struct WhichScoreAppeals {
        /// Of every state, where none is said.
        state: Option<AppealState>,
    }
    pub struct WhichConsequences {
        /// Where none is said, or one that is not for the token's owner: what waits for those who evaluate; what is confirmed, for others.
        state: Option<ConsequenceState>,
        /// `next` of the page before.
        after: Option<ConsequenceId>,
    }
}

api::object! {
    /// A step of a plan.
    pub struct ImprovementStep {
        nth: i64,
        what: String,
        /// The last day for it.
        due: Day,
        state: StepState,
        /// The day on which it was said to be done.
        done_on: Option<Day>,
    }
    /// A stay on the improvement list.
    pub struct ImprovementLine {
        id: ImprovementId,
        ranked: Ranked,
        /// The id of the place, or of the organisation.
        member: MemberId,
        name: String,
        state: ImprovementState,
        why: String,
        listed_at: Stamp,
        left_at: Option<Stamp>,
        /// How it ended.
        end_words: String,
        steps: Vec<ImprovementStep>,
    }
    /// The improvement list.
    pub struct Improvements {
        improvements: Vec<ImprovementLine>,
    }
    /// An appeal against a line of a score.
    pub struct ScoreAppealLine {
        id: AppealId,
        evaluation: EvaluationId,
        league: LeagueId,
        month: String,
        member: MemberId,
        name: String,
        /// The code of the scheme's row.
        line: String,
        state: AppealState,
        asked_at: Stamp,
        decided_at: Option<Stamp>,
    }
    /// Appeals against scores.
    pub struct ScoreAppeals {
        appeals: Vec<ScoreAppealLine>,
    }
    /// What a rule made of a unit's month.
    pub struct ConsequenceLine {
        id: ConsequenceId,
        evaluation: EvaluationId,
        league: LeagueId,
        month: String,
        member: MemberId,
        name: String,
        /// Who answered for it then.
        unit: Option<OrganisationId>,
        /// The rule's name.
        what: String,
        kind: ConsequenceKind,
        /// When the rule is met, in words.
        when: String,
        state: ConsequenceState,
        /// By when it is to be done; null before it is confirmed.
        due: Option<Day>,
        done_on: Option<Day>,
        late: bool,
        /// Whether the rule is still met by what is published now.
        holds: bool,
    }
    /// A page of what follows from results.
    pub struct Consequences {
        /// The state of all of them.
        state: ConsequenceState,
        consequences: Vec<ConsequenceLine>,
        next: Option<ConsequenceId>,
    }
}

fn step(step: &PlanStep) -> Result<ImprovementStep> {
    Ok(ImprovementStep {
        nth: step.nth,
        what: step.what.clone(),
        due: day(&step.due)?,
        state: step.state,
        done_on: some_day(step.done_on.as_ref())?,
    })
}

async fn list_improvements(call: Call<(), WhichImprovements>) -> web::Result<Answer<Improvements>> {
    call.actor.permit_some::<ReadImprovement>()?;
    let (store, tenant) = (&call.app.store, call.actor.tenant);
    let directory = territory::directory_of(&call).await?;
    let today = directory.date_of(call.app.world.now())?;
    let mut improvements = Vec::new();
    for state in ImprovementState::ALL {
        if call.query.state.is_some_and(|asked| asked != *state) {
            continue;
        }
        for one in improvement::in_state(store, tenant, *state).await? {
            if !improvement_page::may_read(&call, &directory, &one, today) {
                continue;
            }
            let steps = improvement::steps(store, tenant, one.id).await?;
            improvements.push(ImprovementLine {
                id: one.id,
                ranked: one.ranked,
                member: one.member_id,
                name: name_of(&directory, one.ranked, one.member_id),
                state: one.state,
                why: one.why,
                listed_at: Stamp(one.listed_at),
                left_at: stamp(one.left_at),
                end_words: one.end_words,
                steps: steps.iter().map(step).collect::<Result<_>>()?,
            });
        }
    }
    Ok(Answer(Improvements { improvements }))
}

async fn list_score_appeals(call: Call<(), WhichScoreAppeals>) -> web::Result<Answer<ScoreAppeals>> {
    call.actor.permit_some::<ReadScore>()?;
    let (store, tenant) = (&call.app.store, call.actor.tenant);
    let directory = territory::directory_of(&call).await?;
    let leagues = league::all(store, tenant).await?;
    let mut appeals = Vec::new();
    for state in AppealState::ALL {
        if call.query.state.is_some_and(|asked| asked != *state) {
            continue;
        }
        for one in appeal::in_state(store, tenant, *state).await? {
            if !appeal_page::may_see(&call, &directory, &leagues, &one) {
                continue;
            }
            let ranked = leagues.iter().find(|league| league.id == one.league_id).map(|league| league.ranked);
            appeals.push(ScoreAppealLine {
                id: one.id,
                evaluation: one.evaluation_id,
                league: one.league_id,
                month: one.month,
                member: one.member_id,
                name: ranked.map(|ranked| name_of(&directory, ranked, one.member_id)).unwrap_or_default(),
                line: one.line,
                state: one.state,
                asked_at: Stamp(one.asked_at),
                decided_at: stamp(one.decided_at),
            });
        }
    }
    Ok(Answer(ScoreAppeals { appeals }))
}

async fn list_consequences(call: Call<(), WhichConsequences>) -> web::Result<Answer<Consequences>> {
    call.actor.permit_some::<ReadConsequence>()?;
    let room = Room::of(&call).await?;
    let state = state_for(&call, call.query.state);
    let (all, next) = some(&call, &room, state, call.query.after.unwrap_or_else(consequence::newest)).await?;
    let holding = room.holding(&call, &all).await?;
    let page = call.page("consequences-title");
    let mut consequences = Vec::with_capacity(all.len());
    for (one, holds) in all.into_iter().zip(holding) {
        let late = room.late(&one);
        let (rule, league) = room.both(&one)?;
        consequences.push(ConsequenceLine {
            id: one.id,
            evaluation: one.evaluation_id,
            league: one.league_id,
            name: name_of(&room.directory, league.ranked, one.member_id),
            member: one.member_id,
            unit: one.unit_id,
            what: rule.name.clone(),
            kind: rule.kind,
            when: when_words(&page, rule),
            state: one.state,
            due: some_day(one.due.as_ref())?,
            done_on: some_day(one.done_on.as_ref())?,
            late,
            holds,
            month: one.month,
        });
    }
    Ok(Answer(Consequences { state, consequences, next }))
}
