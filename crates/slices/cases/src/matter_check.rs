//! The part of `verify` that looks at difficult matters: each row must follow from its facts, each text from its hash.

use crate::facts::{MatterEnded, MatterOpened};
use crate::matters::{Matter, MatterState, words_of};
use crate::wording::hash;
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Instant, Result, TenantId};
use std::collections::BTreeMap;
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};
use store::{Sql, Store, args, sql};

static ROWS: Sql = sql!(
    "SELECT tenant_id, id, number, state, origin, title, what, salt, place_id, place_path, opened_at, opened_by, ended_at, version
    FROM matter
    WHERE tenant_id = :tenant AND id > :after
    ORDER BY id
    LIMIT 200"
);
static FACTS: Sql = sql!(
    "SELECT subject_id, kind, recorded_at, data FROM fact
    WHERE tenant_id = :tenant AND subject = 'matter' AND subject_id = :matter
    ORDER BY subject_id, recorded_at, ordinal
    LIMIT 100000"
);
static KEPT: Sql = sql!("SELECT id, words, salt FROM matter_words WHERE tenant_id = :tenant AND matter_id = :matter");

/// Difficult matters, each against its facts.
pub struct Matters;

impl StateCheck for Matters {
    fn name(&self) -> &'static str {
        "matters"
    }

    /// A finding names the matter by `matter` (its id) and what is wrong with it by `is`.
    fn check<'a>(&'a self, store: &'a Store, tenant: TenantId, report: &'a mut Report) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut after = Uuid::nil();
            loop {
                let rows: Vec<Matter> = store.all(&ROWS, args! { tenant: tenant, after: after }).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id.0;
                for row in &rows {
                    let mut wrong = compare(store, row).await?;
                    if !wrong.is_empty() {
                        // Somebody may have acted on it between the two reads.
                        let row = crate::matters::by_id(store, tenant, row.id).await?;
                        let again = compare(store, &row).await?;
                        wrong.retain(|is| again.contains(is));
                    }
                    for is in wrong {
                        report.add(Finding::new(STATE).with("check", "matters").with("matter", row.id).with("is", is));
                    }
                }
            }
        })
    }
}

/// What does not fit about one matter.
async fn compare(store: &Store, row: &Matter) -> Result<Vec<&'static str>> {
    let of = || args! { tenant: row.tenant_id, matter: row.id };
    let facts: Vec<(Uuid, String, Instant, String)> = store.all(&FACTS, of()).await?;
    let kept: Vec<(Uuid, String, [u8; 32])> = store.all(&KEPT, of()).await?;
    let kept: BTreeMap<Uuid, String> = kept.into_iter().map(|(id, words, salt)| (id, hash(&salt, &words))).collect();
    let mut wrong = Vec::new();
    let (mut state, mut ended, mut begun) = (MatterState::Open, None, false);
    for (_, kind, at, data) in &facts {
        match kind.as_str() {
            "matter.opened" => match serde_json::from_str::<MatterOpened>(data) {
                Ok(fact) => {
                    begun = true;
                    if (fact.number, fact.origin.as_str(), fact.place) != (row.number, row.origin.as_str(), row.place_id) {
                        wrong.push("beginning");
                    }
                    if fact.words != hash(&row.salt, &words_of(&row.title, &row.what)) {
                        wrong.push("words");
                    }
                }
                Err(_) => wrong.push("unreadable"),
            },
            "matter.to_council" => state = MatterState::Council,
            "matter.ended" => match serde_json::from_str::<MatterEnded>(data) {
                Ok(fact) => {
                    state = fact.state.parse().unwrap_or(state);
                    ended = Some(*at);
                }
                Err(_) => wrong.push("unreadable"),
            },
            _ => {}
        }
        let json: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
        let said = json["words"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        if let Some(id) = said
            && kept.get(&id).map(String::as_str) != json["words"]["hash"].as_str()
        {
            wrong.push("kept_words");
        }
    }
    for (fits, is) in [(begun, "without_facts"), (state == row.state, "state"), (ended == row.ended_at, "ended_at")] {
        if !fits {
            wrong.push(is);
        }
    }
    Ok(wrong)
}
