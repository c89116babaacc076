//! What takes a leader: supervising a case (督办), and the consent without which nothing is voided (作废).

use crate::asking::{self, said, waits};
use crate::case::{Found, STALE, WRONG_STAGE};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseSupervised, CaseVoided, VoidAsked, VoidRefused};
use crate::filing::ASSISTED;
use crate::kinds::{Apart, Ask};
use crate::steps::Step;
use crate::verbs::{HandleCase, LeadCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::Result;
use std::sync::Arc;
use store::{Command, Sql, Write, args, sql};

/// Takes a case under the leader's eye, with what is demanded; whoever holds it reads that. Errors: `case.stale`, `case.wrong_stage`.
pub struct Supervise {
    pub by: Permit<LeadCase>,
    pub case: Found,
    pub words: String,
}

static SUPERVISE: Sql = sql!(
    "UPDATE cases SET supervised_at = COALESCE(supervised_at, :now), version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for Supervise {
    const KIND: &'static str = "case.supervise";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Supervise { case, words, .. } = self;
        case.stage.after(Step::Supervise).ok_or(WRONG_STAGE)?;
        let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now() };
        tx.change_one(&SUPERVISE, values).await?.or(STALE)?;
        let words = wording::keep(tx, case.id, WordsKind::Demand, words)?;
        tx.fact(CaseSupervised { case: case.id, place: case.place_id, unit: case.unit_id, words })
    }
}

/// Asks a leader to void a case. Errors: `case.already_asked`, `case.stale`, `case.wrong_stage`.
pub struct AskVoid {
    pub by: Permit<HandleCase>,
    pub case: Found,
    pub words: String,
}

impl Command for AskVoid {
    const KIND: &'static str = "case.ask_void";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AskVoid { case, words, .. } = self;
        asking::ask(tx, case, Ask::Void, None).await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(VoidAsked { case: case.id, place: case.place_id, unit: case.unit_id, words })
    }
}

/// Consents, and the case is void: none of the figures counts it. Or refuses. Errors: `case.not_asked`, `case.stale`,
/// `case.wrong_stage`.
pub struct AnswerVoid {
    pub by: Permit<LeadCase>,
    pub case: Found,
    pub consent: bool,
    pub words: String,
    pub hours: Arc<Hours>,
}

static VOID: Sql = sql!(
    "UPDATE cases SET stage = 'void', open = FALSE, apart = 'void', circular_id = NULL, ended_at = :now, ask = NULL, asked_at = NULL,
        ask_until = NULL, hold_until = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

impl Command for AnswerVoid {
    const KIND: &'static str = "case.answer_void";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let AnswerVoid { case, consent, words, hours, .. } = self;
        waits(case, Ask::Void)?;
        if !consent {
            asking::clear(tx, case).await?;
            let words = said(tx, case.id, words)?;
            return tx.fact(VoidRefused { case: case.id, place: case.place_id, unit: case.unit_id, words });
        }
        tx.change_one(&VOID, args! { tenant: tx.tenant(), case: case.id, version: case.version, now: tx.now() }).await?.or(STALE)?;
        if !case.assisting.is_empty() {
            tx.later(&ASSISTED, args! { tenant: tx.tenant(), case: case.id, now: tx.now() });
        }
        let mut tally = Tally::default();
        tally.turns(hours.zone(), case, |counting| counting.apart = Some(Apart::Void));
        tally.write(tx);
        let words = said(tx, case.id, words)?;
        tx.fact(CaseVoided { case: case.id, place: case.place_id, unit: case.unit_id, from: case.stage, words })
    }
}
