//! Looking before filing (核实): somebody nearby says whether what was reported is real.

use crate::asking::said;
use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::facts::{CaseVerified, VerificationAsked};
use crate::kinds::Verdict;
use crate::office::Office;
use crate::rectifying::PHOTO_NEEDED;
use crate::steps::Step;
use crate::verbs::{HandleCase, VerifyCase};
use crate::wording::{self, WordsKind};
use access::http::Desk;
use access::{Permit, Role};
use kernel::ids::{AccountId, AttachmentId};
use kernel::{Code, Error, Result, ensure};
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// Nobody was chosen, or somebody who is not there.
pub const NO_VERIFIER: Code = Code::invalid("case.no_verifier");
/// Somebody else was asked to look.
pub const NOT_ASKED_OF_YOU: Code = Code::forbidden("case.verify.not_yours");

/// Somebody who may be asked to look whether a report is real.
pub struct Verifier {
    /// The account's id as text, as a form carries it.
    pub id: String,
    pub name: String,
    /// For the place or the nearest one above it, today.
    pub on_duty: bool,
}

/// Who may be asked to look: inspectors and community workers of the place; those on duty there today first, else by name.
pub async fn verifiers(desk: &Desk, office: &Office, case: &Found) -> Result<Vec<Verifier>> {
    let today = office.directory.date_of(desk.app.world.now())?;
    let duty = case.place_id.map(|place| office.directory.on_duty(place, today)).unwrap_or_default();
    let mut people = Vec::new();
    for role in [Role::Community, Role::Inspector] {
        for (id, name) in access::account::people_for(&desk.app.store, desk.actor.tenant, role, &case.place_path).await? {
            people.push(Verifier { id: id.to_string(), name, on_duty: duty.contains(&id) });
        }
    }
    people.sort_by(|a, b| b.on_duty.cmp(&a.on_duty).then_with(|| a.name.cmp(&b.name)).then_with(|| a.id.cmp(&b.id)));
    people.dedup_by(|a, b| a.id == b.id);
    Ok(people)
}

/// Asks somebody to look whether it is real. Errors: `case.stale`, `case.wrong_stage`.
pub struct AskVerify {
    pub by: Permit<HandleCase>,
    pub case: Found,
    /// One of the inspectors or community workers of the place.
    pub verifier: AccountId,
    pub words: String,
    pub hours: Arc<Hours>,
}

static ASK: Sql = sql!(
    "UPDATE cases SET stage = 'verifying', verifier_id = :verifier, clock_start = :start, due = :due, yellow_at = :yellow,
        version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AskVerify {
    const KIND: &'static str = "case.ask_verify";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AskVerify { case, verifier, words, hours, .. } = self;
        case.stage.after(Step::AskVerify).ok_or(WRONG_STAGE)?;
        let clock = hours.verify(tx.now())?;
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, verifier: verifier, start: clock.start, due: clock.due,
            yellow: clock.yellow_at,
        };
        tx.change_one(&ASK, values).await?.or(STALE)?;
        let words = said(tx, case.id, words)?;
        tx.fact(VerificationAsked { case: case.id, place: case.place_id, unit: case.unit_id, verifier: *verifier, words, clock })
    }
}

/// Says what was found; what is real needs a photo. The centre's clock for filing starts anew.
///
/// By whoever was asked, or by the centre for them. Errors: `case.verify.not_yours`, `case.photo_needed`, `case.stale`,
/// `case.wrong_stage`.
pub struct Verify {
    pub by: Permit<VerifyCase>,
    pub case: Found,
    pub verdict: Verdict,
    pub words: String,
    pub photos: Vec<AttachmentId>,
    pub hours: Arc<Hours>,
}

static VERIFIED: Sql = sql!(
    "UPDATE cases SET stage = 'reported', verified = :verdict, photos = photos + :photos, clock_start = :start, due = :due,
        yellow_at = :yellow, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Verify {
    const KIND: &'static str = "case.verify";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Verify { by, case, verdict, words, photos, hours } = self;
        case.stage.after(Step::Verify).ok_or(WRONG_STAGE)?;
        ensure(case.verifier_id == by.actor.account || by.actor.can::<HandleCase>(case), NOT_ASKED_OF_YOU)?;
        ensure(*verdict != Verdict::Real || !photos.is_empty(), Error::field("photo", PHOTO_NEEDED))?;
        let clock = hours.file(tx.now())?;
        let values = args! {
            tenant: tx.tenant(), case: case.id, version: case.version, verdict: verdict, photos: i64::try_from(photos.len()).unwrap_or(0),
            start: clock.start, due: clock.due, yellow: clock.yellow_at,
        };
        tx.change_one(&VERIFIED, values).await?.or(STALE)?;
        let photos = wording::keep_photos(tx, case.id, photos, by.actor.account, "verified").await?;
        let words = wording::keep(tx, case.id, WordsKind::Finding, words)?;
        tx.fact(CaseVerified { case: case.id, place: case.place_id, unit: case.unit_id, verdict: *verdict, words, photos, clock })
    }
}
