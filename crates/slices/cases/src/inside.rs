//! Inside the unit: it hands a problem to one of its own people first, who says when it is done; the unit looks and submits.

use crate::asking::said;
use crate::case::{Found, STALE, WRONG_STAGE};
use crate::facts::{AssignedInside, DoneInside};
use crate::steps::Step;
use crate::verbs::RectifyCase;
use crate::wording::{self, WordsKind};
use access::{Permit, Role};
use kernel::ids::{AccountId, AttachmentId, OrganisationId};
use kernel::{Code, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};

/// Nobody of the unit was chosen.
pub const NO_PERSON: Code = Code::invalid("case.no_person");
/// It was handed to somebody else of the unit.
pub const NOT_YOURS: Code = Code::forbidden("case.inside.not_yours");

/// The unit's own people, by name.
pub async fn people(store: &Store, tenant: TenantId, unit: OrganisationId) -> Result<Vec<(AccountId, String)>> {
    let mut people = Vec::new();
    for role in [Role::UnitHandler, Role::UnitHead] {
        people.extend(access::account::people_of(store, tenant, role, unit).await?);
    }
    people.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    people.dedup();
    Ok(people)
}

/// Hands it to one of the unit's own people; once more hands it to somebody else. Errors: `case.stale`, `case.wrong_stage`.
pub struct Assign {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    /// One of [`people`].
    pub person: AccountId,
    pub words: String,
}

static ASSIGN: Sql = sql!(
    "UPDATE cases SET inside_id = :person, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Assign {
    const KIND: &'static str = "case.assign_inside";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Assign { case, person, words, .. } = self;
        case.stage.after(Step::AssignInside).ok_or(WRONG_STAGE)?;
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, person: person };
        tx.change_one(&ASSIGN, values).await?.or(STALE)?;
        let words = said(tx, case.id, words)?;
        tx.fact(AssignedInside { case: case.id, place: case.place_id, unit: case.unit_id, person: *person, words })
    }
}

/// Says that it is done, with the photos that the unit then submits. Errors: `case.inside.not_yours`, `case.stale`,
/// `case.wrong_stage`.
pub struct Done {
    pub by: Permit<RectifyCase>,
    pub case: Found,
    pub words: String,
    pub photos: Vec<AttachmentId>,
}

static DONE: Sql = sql!(
    "UPDATE cases SET photos = photos + :photos, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Done {
    const KIND: &'static str = "case.done_inside";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Done { by, case, words, photos } = self;
        case.stage.after(Step::DoneInside).ok_or(WRONG_STAGE)?;
        ensure(case.inside_id.is_some() && case.inside_id == by.actor.account, NOT_YOURS)?;
        let count = i64::try_from(photos.len()).unwrap_or(0);
        tx.change_one(&DONE, args! { tenant: tx.tenant(), case: case.id, version: case.version, photos: count }).await?.or(STALE)?;
        // They are the after-photos of this attempt, whoever submits it.
        let role = format!("after-{}", case.rework + 1);
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, &role).await?;
        let words = wording::keep(tx, case.id, WordsKind::Inside, words)?;
        tx.fact(DoneInside { case: case.id, place: case.place_id, unit: case.unit_id, words, photos })
    }
}
