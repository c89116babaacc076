//! What of the month's evaluation waits for somebody: scores to check and to publish, appeals, items of two people, steps to look at.

use crate::appeal::AppealState;
use crate::entry::EntryState;
use crate::evaluation::EvaluationState;
use crate::improvement::StepState;
use crate::verbs::{AdviseScoreAppeal, CheckEvaluation, ConfirmEntry, DecideScoreAppeal, JudgeImprovement, PublishEvaluation};
use access::http::Desk;
use access::waiting::{Wait, Waits};
use futures::future::BoxFuture;
use kernel::Result;
use kernel::ids::{AccountId, Uuid};
use store::{Args, Sql, args, sql};
use web::PageContext;

// What somebody began, somebody else goes on with.
static EVALUATIONS: Sql =
    sql!("SELECT COUNT(*) FROM evaluation WHERE tenant_id = :tenant AND state = :state AND COALESCE(drafted_by, :nobody) <> :me");
static TO_ADVISE: Sql = sql!("SELECT COUNT(*) FROM score_appeal WHERE tenant_id = :tenant AND state = :state");
static TO_DECIDE: Sql =
    sql!("SELECT COUNT(*) FROM score_appeal WHERE tenant_id = :tenant AND state = :state AND COALESCE(advised_by, :nobody) <> :me");
static ITEMS: Sql = sql!(
    "SELECT COUNT(*) FROM entry
    WHERE tenant_id = :tenant AND kind = 'item' AND state = :state AND COALESCE(entered_by, :nobody) <> :me"
);
static STEPS: Sql = sql!(
    "SELECT COUNT(*) FROM improvement i
    JOIN improvement_step s ON s.tenant_id = i.tenant_id AND s.improvement_id = i.id
    WHERE i.tenant_id = :tenant AND i.state = 'listed' AND s.state = :state AND COALESCE(s.reported_by, :nobody) <> :me"
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
            let reported = others(StepState::Reported.as_str());
            add(actor.can::<JudgeImprovement>(&tenant), "waits-to-judge", "/improvements", &STEPS, reported).await?;
            Ok(all)
        })
    }
}
