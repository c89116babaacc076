//! What is written beside the way: notes inside the centre, messages between the centre and the unit, and corrections. Nothing
//! that was written before is changed by them.

use crate::case::{Found, STALE, WRONG_STAGE};
use crate::facts::{CaseCorrected, CaseNoted, MessageAnswered, MessageSent};
use crate::steps::Step;
use crate::verbs::{HandleCase, NoteCase, RectifyCase};
use crate::wording::{self, WordsKind};
use access::Permit;
use kernel::Result;
use store::{Command, Sql, Write, args, sql};

/// The permit that each kind of writing asks for.
pub enum Writing {
    /// For the centre's own people: never on a page or paper of a unit.
    Note(Permit<NoteCase>),
    /// What was wrong in what was written, and how it is right; everybody who sees the case reads it.
    Correction(Permit<HandleCase>),
    /// To the unit.
    Message(Permit<HandleCase>),
    /// From the unit.
    Reply(Permit<RectifyCase>),
}

impl Writing {
    const fn step(&self) -> Step {
        match self {
            Writing::Note(_) => Step::Note,
            Writing::Correction(_) => Step::Correct,
            Writing::Message(_) => Step::Message,
            Writing::Reply(_) => Step::Reply,
        }
    }
}

/// Writes it down. Errors: `case.stale`, `case.wrong_stage`.
pub struct WriteDown {
    pub writing: Writing,
    pub case: Found,
    pub words: String,
}

/// Locks the row against an end at the same instant; what others do meanwhile makes no writing stale.
static TOUCH: Sql = sql!("UPDATE cases SET version = version WHERE tenant_id = :tenant AND id = :case AND stage = :stage");

impl Command for WriteDown {
    const KIND: &'static str = "case.write_down";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let WriteDown { writing, case, words } = self;
        case.stage.after(writing.step()).ok_or(WRONG_STAGE)?;
        tx.change_one(&TOUCH, args! { tenant: tx.tenant(), case: case.id, stage: case.stage }).await?.or(STALE)?;
        let (of, place, unit) = (case.id, case.place_id, case.unit_id);
        match writing {
            Writing::Note(_) => {
                let words = wording::keep(tx, of, WordsKind::Note, words)?;
                tx.fact(CaseNoted { case: of, place, unit, words })
            }
            Writing::Correction(_) => {
                let words = wording::keep(tx, of, WordsKind::Correction, words)?;
                tx.fact(CaseCorrected { case: of, place, unit, words })
            }
            Writing::Message(_) => {
                let words = wording::keep(tx, of, WordsKind::Message, words)?;
                tx.fact(MessageSent { case: of, place, unit, words })
            }
            Writing::Reply(_) => {
                let words = wording::keep(tx, of, WordsKind::Message, words)?;
                tx.fact(MessageAnswered { case: of, place, unit, words })
            }
        }
    }
}
