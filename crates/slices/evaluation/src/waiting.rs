//! What of the month's evaluation waits for somebody: scores to check and to publish, appeals, items of two people, steps to look at.

use crate::appeal::AppealState;
use crate::consequence::ConsequenceState;
use crate::entry::EntryState;
use crate::evaluation::EvaluationState;
use crate::improvement::{ImprovementState, StepState};
use crate::verbs::{
    AdviseScoreAppeal, CheckEvaluation, ConfirmEntry, DecideConsequence, DecideScoreAppeal, JudgeImprovement, PublishEvaluation,
};
use access::http::Desk;
use access::waiting::{Wait, Waits};
use futures::future::BoxFuture;
use kernel::Result;
use kernel::ids::{AccountId, Uuid};
use store::{Args, Sql, args, sql};
use web::PageContext;

// What somebody began, somebody else goes on with.
static EVALUATIONS: Sql =
    sql!("SELECT COUNT(*) AS n FROM evaluation WHERE tenant_id = :tenant AND state = :state AND COALESCE(drafted_by, :nobody) <> :me");
static TO_ADVISE: Sql = sql!("SELECT COUNT(*) AS n FROM score_appeal WHERE tenant_id = :tenant AND state = :state");
static TO_DECIDE: Sql =
    sql!("SELECT COUNT(*) AS n FROM score_appeal WHERE tenant_id = :tenant AND state = :state AND COALESCE(advised_by, :nobody) <> :me");
static ITEMS: Sql = sql!(
    "SELECT COUNT(*) AS n FROM entry
    WHERE tenant_id = :tenant AND kind = 'item' AND state = :state AND COALESCE(entered_by, :nobody) <> :me"
);
static PROPOSED: Sql = sql!("SELECT COUNT(*) AS n FROM consequence WHERE tenant_id = :tenant AND state = :state");
// That it is listed is a value: PostgreSQL would else read by the index of what is unique among those listed.
static STEPS: Sql = sql!(
    "SELECT COUNT(*) AS n FROM improvement_step s
    JOIN improvement i ON i.tenant_id = s.tenant_id AND i.id = s.improvement_id
    WHERE s.tenant_id = :tenant AND s.state = :state AND COALESCE(s.reported_by, :nobody) <> :me AND i.state = :listed"
);

pub struct Evaluating;

impl Waits for Evaluating {
    fn waits<'a>(&'a self, desk: &'a Desk, page: &'a PageContext) -> BoxFuture<'a, Result<Vec<Wait>>> {
        Box::pin(async move {
            let (store, tenant, actor) = (&desk.app.store, desk.actor.tenant, &desk.actor);
            let nobody = AccountId(Uuid::nil());
            let me = actor.account.unwrap_or(nobody);
            let mut all = Vec::new();
            let mut add = async |may: bool, key: &str, path, sql: &'static Sql, values: Args| -> Result<()> {
                if may {
                    let (n,) = store.one::<(i64,)>(sql, values).await?;
                    all.extend((n > 0).then(|| Wait { label: page.w.t(key).into_owned(), n, path }));
                }
                Ok(())
            };
            let others = |state: &str| args! { tenant: tenant, state: state, nobody: nobody, me: me };
            let (draft, checked) = (EvaluationState::Draft.as_str(), EvaluationState::Checked.as_str());
            add(actor.can::<CheckEvaluation>(&tenant), "waits-to-check", "/evaluations", &EVALUATIONS, others(draft)).await?;
            add(actor.can::<PublishEvaluation>(&tenant), "waits-to-publish", "/evaluations", &EVALUATIONS, others(checked)).await?;
            let asked = args! { tenant: tenant, state: AppealState::Asked };
            add(actor.can::<AdviseScoreAppeal>(&tenant), "waits-to-advise", "/score-appeals", &TO_ADVISE, asked).await?;
            let advised = others(AppealState::Advised.as_str());
            add(actor.can::<DecideScoreAppeal>(&tenant), "waits-to-decide", "/score-appeals", &TO_DECIDE, advised).await?;
            let waiting = others(EntryState::Waiting.as_str());
            add(actor.can::<ConfirmEntry>(&tenant), "waits-to-confirm", "/entries?kind=item", &ITEMS, waiting).await?;
            let proposed = args! { tenant: tenant, state: ConsequenceState::Proposed };
            add(actor.can::<DecideConsequence>(&tenant), "waits-to-follow", "/consequences", &PROPOSED, proposed).await?;
            let reported = others(StepState::Reported.as_str()).with("listed", ImprovementState::Listed);
            add(actor.can::<JudgeImprovement>(&tenant), "waits-to-judge", "/improvements", &STEPS, reported).await?;
            Ok(all)
        })
    }
}
