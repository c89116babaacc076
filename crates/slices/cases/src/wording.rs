//! Free words that people write on a case's way: kept in erasable rows, the fact holds a salted hash.

use crate::case::Case;
use crate::facts::WordsRef;
use contracts::CaseId;
use kernel::Result;
use kernel::ids::{AccountId, AttachmentId, Uuid};
use store::{Sql, Store, Write, args, sql};

static KEEP: Sql = sql!(
    "INSERT INTO case_words (tenant_id, case_id, id, kind, words, salt, written_at, written_by)
    VALUES (:tenant, :case, :id, :kind, :words, :salt, :now, :actor)"
);

store::text_enum! {
    /// What the words are.
    pub enum WordsKind {
        Answer = "answer",
        Finding = "finding",
        Reason = "reason",
        Urge = "urge",
        /// What a leader demands.
        Demand = "demand",
        Dispute = "dispute",
        /// For the centre's own people alone.
        Note = "note",
        /// Between the centre and the unit.
        Message = "message",
        /// What was wrong in what was written before, and how it is right.
        Correction = "correction",
        /// Where it was and what it was, in the words before they were amended.
        Former = "former",
        /// What a unit says to its own people, and they to it.
        Inside = "inside",
        /// What was said to the caller, or to whoever handed the order on.
        Outside = "outside",
    }
}

/// The longest text that a field takes, in characters.
pub const MAX_WORDS: usize = 2000;

/// Keeps the words and gives the reference for the fact.
pub fn keep(tx: &mut Write<'_>, case: CaseId, kind: WordsKind, words: &str) -> Result<WordsRef> {
    let salt = tx.salt();
    keep_under(tx, case, kind, words, salt)
}

/// Keeps words that a fact told the hash of before, under the salt of that hash, so that it can still be checked.
pub fn keep_under(tx: &mut Write<'_>, case: CaseId, kind: WordsKind, words: &str, salt: [u8; 32]) -> Result<WordsRef> {
    let id: Uuid = tx.new_id();
    tx.later(
        &KEEP,
        args! { tenant: tx.tenant(), case: case, id: id, kind: kind, words: words, salt: salt, now: tx.now(), actor: tx.actor() },
    );
    Ok(WordsRef { id, hash: hash(&salt, words) })
}

static LAST: Sql = sql!(
    "SELECT words
    FROM case_words
    WHERE tenant_id = :tenant AND case_id = :case AND kind = :kind
    ORDER BY id DESC
    LIMIT 1"
);

/// The latest words of this kind on a case; empty where there are none.
pub async fn last(store: &Store, case: &Case, kind: WordsKind) -> Result<String> {
    let found = store.opt::<(String,)>(&LAST, args! { tenant: case.tenant_id, case: case.id, kind: kind }).await?;
    Ok(found.map(|(words,)| words).unwrap_or_default())
}

/// SM3(salt ‖ words), in hex.
pub fn hash(salt: &[u8; 32], words: &str) -> String {
    kernel::canonical::hex(&kernel::canonical::salted_hash(salt, words))
}

/// Binds photos to a case and gives their hashes, in hex, for the fact. Roles: `before`, `after-1`, `reinspection-1` ….
pub async fn keep_photos(
    tx: &mut Write<'_>,
    case: CaseId,
    photos: &[AttachmentId],
    account: Option<AccountId>,
    role: &str,
) -> Result<Vec<String>> {
    let bound = store::attachments::bind(tx, photos, account, "case", case.0, role).await?;
    Ok(bound.iter().map(|photo| kernel::canonical::hex(&photo.hash)).collect())
}

/// Binds a video to a case, beside the photos of the same role, and gives its hash, in hex, for the fact.
pub async fn keep_video(
    tx: &mut Write<'_>,
    case: CaseId,
    video: Option<AttachmentId>,
    account: Option<AccountId>,
    role: &str,
) -> Result<Option<String>> {
    let Some(video) = video else { return Ok(None) };
    let bound = store::attachments::bind_video(tx, video, account, "case", case.0, role).await?;
    Ok(Some(kernel::canonical::hex(&bound.hash)))
}

/// Lets the photos and the video of one case in this role show another one too; gives their hashes, in hex, for the fact.
pub async fn copy_photos(tx: &mut Write<'_>, from: CaseId, to: CaseId, role: &str) -> Result<(Vec<String>, Option<String>)> {
    let (mut photos, mut video) = (Vec::new(), None);
    for (kind, copy) in store::attachments::copy(tx, "case", from.0, to.0, role).await? {
        let hash = kernel::canonical::hex(&copy.hash);
        if kind.is_video() { video = Some(hash) } else { photos.push(hash) }
    }
    Ok((photos, video))
}
