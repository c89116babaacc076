//! Requests that wait for an answer: a case has one at a time, whoever asks it, and it is answered once.

use crate::case::{Case, STALE, WRONG_STAGE};
use crate::facts::WordsRef;
use crate::kinds::Ask;
use crate::wording::{self, WordsKind};
use contracts::CaseId;
use kernel::{Code, Instant, Result, ensure};
use store::{Sql, Write, args, sql};

/// A request waits for an answer already.
pub const ALREADY_ASKED: Code = Code::conflict("case.already_asked");
/// There is no such request, or somebody answered it.
pub const NOT_ASKED: Code = Code::conflict("case.not_asked");

static ASK: Sql = sql!(
    "UPDATE cases SET ask = :ask, asked_at = :now, ask_until = :until, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);
static CLEAR: Sql = sql!(
    "UPDATE cases SET ask = NULL, asked_at = NULL, ask_until = NULL, version = version + 1
    WHERE tenant_id = :tenant AND id = :case AND version = :version"
);

/// Lets a request wait. Errors: `case.wrong_stage`, `case.already_asked`, `case.stale`.
pub async fn ask(tx: &mut Write<'_>, case: &Case, ask: Ask, until: Option<Instant>) -> Result<()> {
    case.stage.after(ask.step()).ok_or(WRONG_STAGE)?;
    ensure(case.ask.is_none(), ALREADY_ASKED)?;
    let values = args! { tenant: tx.tenant(), case: case.id, version: case.version, ask: ask, now: tx.now(), until: until };
    tx.change_one(&ASK, values).await?.or(STALE)
}

/// That this request waits. Errors: `case.wrong_stage`, `case.not_asked`.
pub fn waits(case: &Case, ask: Ask) -> Result<()> {
    case.stage.after(ask.step()).ok_or(WRONG_STAGE)?;
    ensure(case.ask == Some(ask), NOT_ASKED)
}

/// Ends the request with nothing changed. Errors: `case.stale`.
pub async fn clear(tx: &mut Write<'_>, case: &Case) -> Result<()> {
    tx.change_one(&CLEAR, args! { tenant: tx.tenant(), case: case.id, version: case.version }).await?.or(STALE)
}

/// Keeps the words, where there are any.
pub fn said(tx: &mut Write<'_>, case: CaseId, words: &str) -> Result<Option<WordsRef>> {
    if words.is_empty() { Ok(None) } else { wording::keep(tx, case, WordsKind::Reason, words).map(Some) }
}
