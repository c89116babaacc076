//! The part of `verify` that looks at schemes: every table must have the hash that its facts have, and its state follow from them.

use crate::facts::{SchemeAdopted, SchemeDrafted};
use crate::scheme::{self, SchemeState, Version, columns, hash_of, meeting_hash};
use futures::future::BoxFuture;
use kernel::ids::Uuid;
use kernel::{Result, TenantId};
use store::journal::verify::what::STATE;
use store::journal::{Finding, Report, StateCheck};
use store::{Sql, Store, args, sql};

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
