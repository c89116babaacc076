//! Problems as others show them, with the photos of before and after: what the port [`contracts::problems`] gives.

use crate::case::{Case, case_columns};
use crate::steps::Stage;
use crate::wording::{self, WordsKind};
use contracts::problems::{Problem, Problems};
use futures::future::BoxFuture;
use kernel::ids::FactId;
use kernel::{Result, TenantId};
use store::{Sql, Store, args, sql};

static OF_FACT: Sql = sql!(concat!(
    case_columns!(),
    " WHERE tenant_id = :tenant
        AND id = (SELECT subject_id FROM fact WHERE tenant_id = :tenant AND id = :fact AND subject = 'case')"
));

/// Who keeps problems.
pub struct Pictured;

impl Problems for Pictured {
    fn of_fact<'a>(&'a self, store: &'a Store, tenant: TenantId, fact: FactId) -> BoxFuture<'a, Result<Option<Problem>>> {
        Box::pin(async move {
            match store.opt::<Case>(&OF_FACT, args! { tenant: tenant, fact: fact }).await? {
                Some(case) => Ok(Some(pictured(store, tenant, case).await?)),
                None => Ok(None),
            }
        })
    }
}

async fn pictured(store: &Store, tenant: TenantId, case: Case) -> Result<Problem> {
    let photos = store::attachments::of_subject(store, tenant, "case", case.id.0).await?;
    let first =
        |role: &str| photos.iter().find(|photo| photo.role.as_deref() == Some(role) && !photo.kind.is_video()).map(|photo| photo.id);
    // What came back is not shown as mended: the photos are those of the last attempt.
    let mended = matches!(case.stage, Stage::Rectified | Stage::Closed);
    let after = if mended { first(&format!("after-{}", case.rework + 1)) } else { None };
    let done = if mended { wording::last(store, &case, WordsKind::Answer).await? } else { String::new() };
    Ok(Problem {
        case: case.id,
        number: case.number,
        place: case.place_id,
        where_words: case.where_words,
        category: case.category_id,
        unit: case.unit_id,
        what: case.what,
        done,
        closed: case.stage == Stage::Closed,
        from_outside: case.outside_number.is_some(),
        before: first("before"),
        after,
    })
}
