//! Inside a command: reading and changing state, and saying what happened.

use crate::command::Pass;
use crate::db::Blocks;
use crate::house;
use crate::row::{FromRow, Row};
use crate::sql::{Parsed, Sql};
use crate::value::{Args, Value};
use crate::{Fact, Query, postgres, sqlite};
use kernel::ids::{AccountId, CommandId, FactId, OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, World};
use std::sync::Arc;

/// A change was made without a fact: a mistake of the program.
pub(crate) const NO_FACT: Code = Code::new(kernel::Kind::Internal, "store.no_fact");

/// One write transaction. There is no bare commit: it commits with its facts when the command's `run` returns `Ok`.
pub struct Write<'a> {
    pub(crate) backend: Backend<'a>,
    pub(crate) pass: Pass,
    pub(crate) now: Instant,
    pub(crate) world: World,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) facts: Vec<Recorded>,
    pub(crate) queued: Vec<(&'static Sql, Args)>,
    /// Something was changed that needs a fact.
    pub(crate) changed: bool,
    /// Blocks of numbers reserved by this transaction; they are everybody's once it holds.
    pub(crate) reserved: Vec<(String, i64, i64)>,
}

pub(crate) enum Backend<'a> {
    Sqlite(&'a mut rusqlite::Connection),
    Postgres(&'a postgres::Session),
}

/// A fact before it is written.
pub(crate) struct Recorded {
    pub kind: &'static str,
    pub version: u16,
    pub subject: &'static str,
    pub subject_id: Uuid,
    pub place: Option<PlaceId>,
    pub organisation: Option<OrganisationId>,
    pub happened_at: Option<Instant>,
    pub data: String,
}

/// Whether a guarded change found its row as expected.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed(pub bool);

impl Changed {
    /// `Err(code)` when the row was not there or not as expected.
    pub fn or(self, code: Code) -> Result<()> {
        if self.0 { Ok(()) } else { Err(Error::from(code)) }
    }
}

static INSERT_FACT: Sql = crate::sql!(
    "INSERT INTO fact (tenant_id, id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id,
        organisation_id, happened_at, recorded_at, data)
    VALUES (:tenant, :id, :command, :ordinal, :kind, :version, :subject, :subject_id, :actor, :behalf, :place,
        :organisation, :happened, :now, :data)"
);
static INSERT_RESULT: Sql = crate::sql!(
    "INSERT INTO command_result (tenant_id, actor_id, command_id, kind, body, result, done_at)
    VALUES (:tenant, :actor, :command, :kind, :body, :result, :now)"
);
static NEXT: Sql = crate::sql!(
    "INSERT INTO series (tenant_id, name, next)
    VALUES (:tenant, :name, 1 + :size)
    ON CONFLICT (tenant_id, name) DO UPDATE SET next = series.next + (excluded.next - 1)
    RETURNING next"
);
static LOCK: Sql = crate::sql!(
    "INSERT INTO named_lock (tenant_id, name, held)
    VALUES (:tenant, :name, 1)
    ON CONFLICT (tenant_id, name) DO UPDATE SET held = named_lock.held + 1"
);
static BUMP_REVISION: Sql = crate::sql!("UPDATE tenant SET revision = revision + 1 WHERE id = :tenant");

/// Numbers that a process takes at a time.
pub(crate) const BLOCK: i64 = 100;

impl Write<'_> {
    pub fn tenant(&self) -> TenantId {
        self.pass.tenant
    }
    pub fn actor(&self) -> Option<AccountId> {
        self.pass.actor
    }
    pub fn command_id(&self) -> CommandId {
        self.pass.id
    }
    /// The instant of this command: the same each time it is asked, and again when the command is retried; later once it
    /// [waited](Write::waited).
    pub fn now(&self) -> Instant {
        self.now
    }
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.world.new_id()
    }
    /// 32 random bytes, for the salts of personal or free text.
    pub fn salt(&self) -> [u8; 32] {
        self.world.entropy.bytes()
    }

    /// A random number below `below`.
    pub fn chance(&self, below: u32) -> u32 {
        u32::try_from(self.world.entropy.below(below.into())).unwrap_or(0)
    }

    async fn rows(&mut self, parsed: &Parsed, args: &Args) -> Result<Vec<Row>> {
        // What waits to be written must be seen by what reads after it.
        self.flush().await?;
        match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::rows(connection, parsed, args),
            Backend::Postgres(session) => session.rows(parsed, args).await,
        }
    }
    pub async fn all<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<Vec<T>> {
        self.note_change(sql);
        self.rows(sql.parsed(), &args).await?.into_iter().map(T::from_row).collect()
    }
    pub async fn opt<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<Option<T>> {
        crate::db::at_most_one(self.all(sql, args).await?)
    }
    /// Exactly one row; none is a 404, more is a 500.
    pub async fn one<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<T> {
        self.opt(sql, args).await?.ok_or_else(Error::not_found)
    }
    pub async fn query<T: FromRow>(&mut self, query: Query) -> Result<Vec<T>> {
        self.rows(&Parsed::new(&query.text), &query.args).await?.into_iter().map(T::from_row).collect()
    }
    /// Runs a change at once, with those that wait before it; the number of rows it touched.
    pub async fn exec(&mut self, sql: &'static Sql, args: Args) -> Result<u64> {
        let mut waiting = std::mem::take(&mut self.queued);
        waiting.push((sql, args));
        let touched = match &mut self.backend {
            Backend::Sqlite(connection) => waiting.iter().try_fold(0, |_, (sql, args)| sqlite::exec(connection, sql.parsed(), args))?,
            Backend::Postgres(session) => session.pipeline(&waiting, false).await?.pop().unwrap_or_default(),
        };
        if touched > 0 {
            self.note_change(sql);
        }
        Ok(touched)
    }
    /// A guarded change of one row (`… AND version = :version`).
    pub async fn change_one(&mut self, sql: &'static Sql, args: Args) -> Result<Changed> {
        match self.exec(sql, args).await? {
            0 => Ok(Changed(false)),
            1 => Ok(Changed(true)),
            many => Err(Error::internal(format!("{many} rows changed where one was meant: {}:{}", sql.file, sql.line))),
        }
    }
    /// A change whose count nobody needs: PostgreSQL gets it in one pipeline with the facts and the commit.
    pub fn later(&mut self, sql: &'static Sql, args: Args) {
        self.note_change(sql);
        self.queued.push((sql, args));
    }
    fn note_change(&mut self, sql: &Sql) {
        if let Some(table) = &sql.parsed().table {
            self.changed |= !house::is_housekeeping(table);
        }
    }
    async fn flush(&mut self) -> Result<()> {
        if self.queued.is_empty() {
            return Ok(());
        }
        let queued = std::mem::take(&mut self.queued);
        match &mut self.backend {
            Backend::Sqlite(connection) => queued.iter().try_for_each(|(sql, args)| sqlite::exec(connection, sql.parsed(), args).map(drop)),
            Backend::Postgres(session) => session.pipeline(&queued, false).await.map(drop),
        }
    }
    /// Records a fact; it is written with the transaction. Errors: 500 when its data has floats or is over 64 KiB.
    pub fn fact<F: Fact>(&mut self, fact: F) -> Result<()> {
        let data = kernel::canonical::to_canonical(&fact)?;
        kernel::ensure(data.len() <= 65_536, Error::internal(format!("a fact of {} bytes: {}", data.len(), F::KIND)))?;
        self.facts.push(Recorded {
            kind: F::KIND,
            version: F::VERSION,
            subject: F::SUBJECT,
            subject_id: fact.subject(),
            place: fact.place(),
            organisation: fact.organisation(),
            happened_at: fact.happened_at(),
            data,
        });
        Ok(())
    }
    /// The next number of a gapless series of this tenant (`circular`, `notice:2026`); taken last, as it locks the series.
    pub async fn next_number(&mut self, series: &str) -> Result<i64> {
        let args = crate::args! { tenant: self.pass.tenant, name: series, size: 1_i64 };
        let (next,) = self.one::<(i64,)>(&NEXT, args).await?;
        Ok(next - 1)
    }
    /// A unique, rising number that may leave gaps (case numbers); from this process's block, no lock held.
    pub async fn block_number(&mut self, series: &str) -> Result<i64> {
        if let Some((_, next, _)) = self.reserved.iter_mut().find(|(name, next, end)| name == series && next < end) {
            *next += 1;
            return Ok(*next - 1);
        }
        if let Some(number) = self.blocks.take(self.pass.tenant, series) {
            return Ok(number);
        }
        if let Backend::Postgres(_) = &self.backend {
            // In a transaction of its own, so that nobody waits for ours.
            return postgres::Session::reserve_block(&self.blocks, self.pass.tenant, series).await;
        }
        let args = crate::args! { tenant: self.pass.tenant, name: series, size: BLOCK };
        let (end,) = self.one::<(i64,)>(&NEXT, args).await?;
        self.reserved.push((series.to_owned(), end - BLOCK + 1, end));
        Ok(end - BLOCK)
    }
    /// Locks a named row of this tenant until the end of the transaction (for a limit across rows).
    pub async fn lock(&mut self, name: &str) -> Result<()> {
        let args = crate::args! { tenant: self.pass.tenant, name: name };
        self.exec(&LOCK, args).await?;
        self.waited();
        Ok(())
    }
    /// A row was waited for that others change too: the time of this command is after theirs, so that its facts are after the facts
    /// that it is about to read of. To be called before anything is made of [`Write::now`].
    pub fn waited(&mut self) {
        self.now = self.now.max(Instant(self.world.now().0 + 1));
    }
    /// Tells every process that what it has cached of this tenant (places, units, roles, categories) is out of date.
    pub fn bump_revision(&mut self) {
        let args = crate::args! { tenant: self.pass.tenant };
        self.queued.push((&BUMP_REVISION, args));
    }

    /// What is still to be written before the commit: queued changes, facts, the remembered result.
    pub(crate) fn finish(&mut self, kind: &str, result: &str) -> Result<Vec<(&'static Sql, Args)>> {
        if self.changed && self.facts.is_empty() {
            return Err(NO_FACT.err().detail(kind));
        }
        let mut last = std::mem::take(&mut self.queued);
        let actor = self.pass.actor;
        for (ordinal, fact) in self.facts.drain(..).enumerate() {
            let id: FactId = self.world.new_id();
            last.push((
                &INSERT_FACT,
                crate::args! {
                    tenant: self.pass.tenant, id: id, command: self.pass.id, ordinal: i64::try_from(ordinal).unwrap_or(i64::MAX),
                    kind: fact.kind, version: fact.version, subject: fact.subject, subject_id: fact.subject_id, actor: actor,
                    behalf: self.pass.on_behalf_of, place: fact.place, organisation: fact.organisation,
                    happened: fact.happened_at, now: self.now, data: fact.data,
                },
            ));
        }
        last.push((
            &INSERT_RESULT,
            crate::args! {
                tenant: self.pass.tenant, actor: actor.map_or(Value::Id(Uuid::nil()), |id| Value::Id(id.0)), command: self.pass.id,
                kind: kind, body: self.pass.body, result: result, now: self.now,
            },
        ));
        Ok(last)
    }
}

/// The reservation of a block, for the engine that takes it in a transaction of its own.
pub(crate) fn next_sql() -> &'static Sql {
    &NEXT
}
