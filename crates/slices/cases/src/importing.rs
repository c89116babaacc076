//! Bringing in cases from another system, with their own times: in batches, and only what is not there yet.

use crate::case::NO_DUE;
use crate::days::{Counting, Tally, slot};
use crate::facts::CaseImported;
use crate::reporting::words_of;
use crate::steps::{Source, Stage};
use crate::wording;
use contracts::CaseId;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Sql, Store, Write, args, sql};

access::verbs! {
    /// Bring in cases from another system.
    ImportCases = "case.import" { SystemAdmin: Within, Clerk: Within }
}

/// One case of another system, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its number there; the same number is never brought in twice.
    pub outside_number: String,
    pub what: String,
    pub where_words: String,
    pub place: Option<PlaceId>,
    pub place_path: String,
    pub community: Option<PlaceId>,
    pub unit: Option<OrganisationId>,
    pub category: Option<Uuid>,
    pub point: Option<(i32, i32)>,
    pub cell: Option<i64>,
    pub reported_at: Instant,
    pub due: Option<Instant>,
    pub closed_at: Option<Instant>,
}

impl Foreign {
    /// Closed after its target: late. Without a target nothing is late.
    pub fn late(&self) -> bool {
        matches!((self.closed_at, self.due), (Some(closed), Some(due)) if closed > due)
    }
    pub fn stage(&self) -> Stage {
        if self.closed_at.is_some() { Stage::Closed } else { Stage::Dispatched }
    }
}

/// Takes a batch in one transaction; those that are there already change nothing.
pub struct Take {
    pub by: access::Permit<ImportCases>,
    pub batch: Vec<Foreign>,
    pub zone: jiff::tz::TimeZone,
}

/// How many of a batch went in, and how many were there before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub taken: i64,
    pub known: i64,
}

static THERE: Sql = sql!("SELECT number FROM cases WHERE tenant_id = :tenant AND source = 'import' AND outside_number = :outside");

static INSERT: Sql = sql!(
    "INSERT INTO cases (tenant_id, id, number, stage, open, source, outside_number, category_id, place_id, place_path, community_id,
        lng_e7, lat_e7, cell, what, where_words, salt, unit_id, clock_start, due, yellow_at, reported_at, filed_at, dispatched_at,
        rectified_at, ended_at, rework, late, unit_due, first_due, hand_backs, assigned_finally, extensions, holds, disputed, on_spot,
        photos, found_slot, version)
    VALUES (:tenant, :id, :number, :stage, :open, 'import', :outside, :category, :place, :path, :community,
        :lng, :lat, :cell, :what, :where_words, :salt, :unit, :reported, :due, :due, :reported, :reported, :reported,
        :ended, :ended, 0, :late, :unit_due, :unit_due, 0, FALSE, 0, 0, FALSE, FALSE,
        0, :slot, 1)
    ON CONFLICT (tenant_id, source, outside_number) WHERE outside_number IS NOT NULL DO NOTHING"
);

impl Command for Take {
    const KIND: &'static str = "case.import";
    type Out = Taken;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Taken> {
        let mut result = Taken::default();
        let mut tally = Tally::default();
        for foreign in &self.batch {
            match take_one(tx, foreign, &mut tally, &self.zone).await? {
                Some(_) => result.taken += 1,
                None => result.known += 1,
            }
        }
        tally.write(tx);
        Ok(result)
    }
}

/// Takes one case in; none when its number is there already.
pub(crate) async fn take_one(
    tx: &mut Write<'_>,
    foreign: &Foreign,
    tally: &mut Tally,
    zone: &jiff::tz::TimeZone,
) -> Result<Option<CaseId>> {
    // Asked first: what is there already takes no number.
    let there: Option<(i64,)> = tx.opt(&THERE, args! { tenant: tx.tenant(), outside: foreign.outside_number }).await?;
    if there.is_some() {
        return Ok(None);
    }
    let id: CaseId = tx.new_id();
    let number = tx.block_number("case").await?;
    let salt = tx.salt();
    let late = foreign.late();
    let stage = foreign.stage();
    let due = foreign.due.unwrap_or(NO_DUE);
    let inserted = tx
        .exec(
            &INSERT,
            args! {
                tenant: tx.tenant(), id: id, number: number, stage: stage, open: stage.open(), outside: foreign.outside_number,
                category: foreign.category, place: foreign.place, path: foreign.place_path, community: foreign.community,
                lng: foreign.point.map(|p| p.0), lat: foreign.point.map(|p| p.1), cell: foreign.cell, what: foreign.what,
                where_words: foreign.where_words, salt: salt, unit: foreign.unit, reported: foreign.reported_at, due: due,
                ended: foreign.closed_at, late: late, unit_due: foreign.due, slot: slot(zone, foreign.reported_at),
            },
        )
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    tx.fact(CaseImported {
        case: id,
        place: foreign.place,
        unit: foreign.unit,
        number,
        stage,
        outside: foreign.outside_number.clone(),
        category: foreign.category,
        community: foreign.community,
        lng_e7: foreign.point.map(|p| p.0),
        lat_e7: foreign.point.map(|p| p.1),
        words: wording::hash(&salt, &words_of(&foreign.where_words, &foreign.what)),
        reported_at: foreign.reported_at,
        due: foreign.due,
        ended_at: foreign.closed_at,
        late,
    })?;
    let case = Counting {
        community_id: foreign.community,
        unit_id: foreign.unit,
        cell: foreign.cell,
        category_id: foreign.category,
        dispatched_at: Some(foreign.reported_at),
        stage,
        first_due: foreign.due,
        late,
        ..Counting::found(id, Source::Import, zone, foreign.reported_at)
    };
    tally.enters(zone, &case);
    Ok(Some(id))
}

/// What a whole file gave; a file that comes again replaces nothing.
pub struct Finish {
    pub by: access::Permit<ImportCases>,
    pub file_hash: [u8; 32],
    pub lines: i64,
    pub counts: Taken,
    /// Line, the number there, and the reason's code.
    pub aside: Vec<(i64, String, crate::foreign::Aside)>,
}

/// A file was brought in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileImported {
    pub import: Uuid,
    pub lines: i64,
    pub taken: i64,
    pub known: i64,
    pub aside: i64,
}

impl Fact for FileImported {
    const KIND: &'static str = "case.file_imported";
    const SUBJECT: &'static str = "case_import";
    fn subject(&self) -> Uuid {
        self.import
    }
}

static FINISH: Sql = sql!(
    "INSERT INTO case_import (tenant_id, id, file_hash, imported_at, imported_by, lines, taken, known, aside)
    VALUES (:tenant, :id, :hash, :now, :actor, :lines, :taken, :known, :aside)"
);
static ASIDE: Sql = sql!(
    "INSERT INTO case_import_aside (tenant_id, file_hash, line, outside_number, reason)
    VALUES (:tenant, :hash, :line, :outside, :reason)
    ON CONFLICT (tenant_id, file_hash, line) DO NOTHING"
);
static COUNT_ASIDE: Sql = sql!(
    "SELECT reason, COUNT(*) AS n FROM case_import_aside WHERE tenant_id = :tenant AND file_hash = :hash GROUP BY reason ORDER BY reason"
);

impl Command for Finish {
    const KIND: &'static str = "case.import_file";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let aside = i64::try_from(self.aside.len()).unwrap_or(i64::MAX);
        // A file that gives nothing new leaves no trace.
        let before: Vec<(String, i64)> = tx.all(&COUNT_ASIDE, args! { tenant: tx.tenant(), hash: self.file_hash }).await?;
        let kept: i64 = before.iter().map(|(_, n)| n).sum();
        if self.counts.taken == 0 && kept == aside {
            return Ok(());
        }
        let id: Uuid = tx.new_id();
        tx.exec(
            &FINISH,
            args! {
                tenant: tx.tenant(), id: id, hash: self.file_hash, now: tx.now(), actor: tx.actor(), lines: self.lines,
                taken: self.counts.taken, known: self.counts.known, aside: aside,
            },
        )
        .await?;
        for (line, outside, reason) in &self.aside {
            tx.exec(&ASIDE, args! { tenant: tx.tenant(), hash: self.file_hash, line: line, outside: outside, reason: reason }).await?;
        }
        tx.fact(FileImported { import: id, lines: self.lines, taken: self.counts.taken, known: self.counts.known, aside })
    }
}

/// How many lines of a file were kept aside, by reason.
pub async fn aside(store: &Store, tenant: TenantId, file_hash: [u8; 32]) -> Result<Vec<(String, i64)>> {
    store.all(&COUNT_ASIDE, args! { tenant: tenant, hash: file_hash }).await
}
