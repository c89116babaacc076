//! The proof of a score (证明包): one file by which anybody can hold a unit's published score to the signed journal, without the server
//! and without the database. Its form is in `docs/journal.md`; it holds nothing that its check does not cover.

use crate::bulletin::of_month;
use crate::evaluated_page::{provable, scored};
use crate::evaluation::{self, Evaluation, EvaluationId, Take};
use crate::facts::{EvaluationChecked, EvaluationDrafted, EvaluationPublished, SchemeAdopted, ScoreAppealDecided};
use crate::league::{LeagueId, MemberId};
use crate::scheme::{self, SchemeId};
use crate::scheme_page::Room;
use crate::scoring::Kept;
use crate::verbs::ReadRanking;
use crate::witness;
use access::http::Desk;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::canonical::to_canonical;
use kernel::ids::{FactId, Uuid};
use kernel::{Error, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use store::journal::{Journal, Proven, SignedHead, prove_all};
use store::{Fact, Store};

/// What a bundle says that it is.
pub const FORMAT: &str = "xiuhua-bundle-1";

/// A unit's score with all that it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// [`FORMAT`].
    pub format: String,
    /// The head that every proof leads to.
    pub head: SignedHead,
    /// The public key that signed it, PEM.
    pub key: String,
    pub evaluation: Evaluated,
    /// Every unit of the evaluation, in the order of their ids: what its digest is made from, and nothing more of the others.
    pub units: Vec<Listed>,
    pub scheme: Ruled,
    /// What is kept of the unit ([`Kept`]), as it was sealed.
    pub score: Value,
    /// The facts that scored, the appeals that struck something, and the steps of scheme and evaluation, in the order of their positions.
    pub facts: Vec<Proven>,
}

/// The evaluation that the score is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluated {
    pub id: EvaluationId,
    pub league: LeagueId,
    pub month: String,
    pub edition: i64,
    pub cut: i64,
    pub digest: String,
}

/// A unit of the evaluation, without its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub member: MemberId,
    /// 0 for none.
    pub place: i64,
    /// That of what is kept of it.
    pub hash: String,
}

/// The scheme that scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruled {
    pub id: SchemeId,
    pub hash: String,
    pub table: Value,
}

/// The ids of the journal's facts that scored.
pub fn cited(kept: &Kept) -> Result<BTreeSet<FactId>> {
    let id = |key: &String| key.rsplit_once(':').and_then(|(_, id)| id.parse::<FactId>().ok());
    kept.facts.keys().map(|key| id(key).ok_or_else(|| Error::internal(format!("{key} names no fact of the journal")))).collect()
}

/// The latest of a subject's facts of each of these kinds. Errors: 404 where one is missing.
async fn latest(store: &Store, tenant: TenantId, subject: &str, id: Uuid, kinds: &[&str]) -> Result<Vec<FactId>> {
    let all = store.timeline(tenant, subject, id).await?;
    let of = |kind: &&str| all.iter().rfind(|fact| fact.kind == *kind).map(|fact| fact.id).ok_or_else(Error::not_found);
    kinds.iter().map(of).collect()
}

/// Puts the bundle of one unit together; every proof of it leads to `head`. Errors: 404, `journal.not_sealed`.
async fn bundled(journal: &Journal, tenant: TenantId, one: &Evaluation, member: MemberId, head: SignedHead) -> Result<Bundle> {
    let store = journal.store();
    let score = evaluation::body(store, tenant, one.id, member).await?;
    let kept = Kept::from_json(&score)?;
    let mut ids = cited(&kept)?;
    for struck in &kept.struck {
        ids.extend(latest(store, tenant, ScoreAppealDecided::SUBJECT, struck.appeal.0, &[ScoreAppealDecided::KIND]).await?);
    }
    let steps = [EvaluationDrafted::KIND, EvaluationChecked::KIND, EvaluationPublished::KIND];
    ids.extend(latest(store, tenant, EvaluationPublished::SUBJECT, one.id.0, &steps).await?);
    ids.extend(latest(store, tenant, SchemeAdopted::SUBJECT, one.scheme_id.0, &[SchemeAdopted::KIND]).await?);
    let key = journal.signer().trusted().get(&head.key_id);
    let key = key.ok_or_else(|| Error::internal(format!("the public key {} is not beside the private key", head.key_id)))?;
    let table = scheme::body(store, tenant, one.scheme_id).await?;
    let mut units = evaluation::table(store, tenant, one.id).await?;
    units.sort_by_key(|standing| standing.member_id);
    let listed = units.into_iter().map(|one| Listed { member: one.member_id, place: one.place.unwrap_or(0), hash: one.hash });
    Ok(Bundle {
        format: FORMAT.to_owned(),
        key: key.to_pem()?,
        evaluation: Evaluated {
            id: one.id,
            league: one.league_id,
            month: one.month.clone(),
            edition: one.edition,
            cut: one.cut,
            digest: one.digest.clone(),
        },
        units: listed.collect(),
        scheme: Ruled { id: one.scheme_id, hash: scheme::hash_of(&table), table: serde_json::from_str(&table).map_err(Error::internal)? },
        score: serde_json::from_str(&score).map_err(Error::internal)?,
        facts: prove_all(store, &head, &ids).await?,
        head,
    })
}

/// The proof of a published score, as one file, for whoever may see the score and, as it holds them, the ranks.
pub async fn take(desk: Desk, Path((_, id, member)): Path<(String, String, String)>) -> web::Result<Response> {
    let room = Room::of(&desk).await?;
    let (one, league, kept) = scored(&desk, &room, &id, &member).await?;
    ensure(provable(&desk, &one, &league), Error::not_found())?;
    let by = desk.actor.permit_some::<ReadRanking>()?;
    let journal = desk.app.get::<Journal>();
    // Where the month's bulletin is of this edition, the head is the one that is printed on it, so that both can be compared.
    let month: Vec<EvaluationId> =
        of_month(&desk.app.store, desk.actor.tenant, &one.month, false).await?.iter().map(|(_, other)| other.id).collect();
    let covered = if month.contains(&one.id) { month } else { vec![one.id] };
    let head = witness::head(&journal, desk.actor.tenant, &covered).await?;
    let bundle = bundled(&journal, desk.actor.tenant, &one, kept.known.member, head).await?;
    let text = to_canonical(&bundle).map_err(Error::from)?;
    let name = desk.page("evaluations-title").w.a2("proof-name", "unit", kept.known.name, "month", one.month).into_owned();
    desk.app.store.run(desk.own_pass(), Take { by, evaluations: vec![one.id], form: "proof" }).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        // RFC 8187 §3.2.1
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}.json", access::http::encode(&name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}
