//! Inside a command: reading and changing state, and saying what happened.
use crate::row::FromRow;
use crate::sql::Sql;
use crate::value::Args;
use crate::{Fact, Query};
use kernel::{Code, Error, Instant, Result, TenantId};
use kernel::ids::{AccountId, CommandId, Uuid};

/// One write transaction. There is no bare commit: it commits with its facts when the command's `run` returns `Ok`.
pub struct Write<'a> {
    _todo: std::marker::PhantomData<&'a mut ()>,
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

#[allow(unused_variables, clippy::unused_async)]
impl Write<'_> {
    pub fn tenant(&self) -> TenantId { unimplemented!() }
    pub fn actor(&self) -> Option<AccountId> { unimplemented!() }
    pub fn command_id(&self) -> CommandId { unimplemented!() }
    /// The instant of this command: the same each time it is asked, and again when the command is retried.
    pub fn now(&self) -> Instant { unimplemented!() }
    pub fn new_id<T: From<Uuid>>(&self) -> T { unimplemented!() }
    /// 32 random bytes, for the salts of personal or free text.
    pub fn salt(&self) -> [u8; 32] { unimplemented!() }
    pub async fn all<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<Vec<T>> { unimplemented!() }
    pub async fn opt<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<Option<T>> { unimplemented!() }
    /// Exactly one row; none is a 404, more is a 500.
    pub async fn one<T: FromRow>(&mut self, sql: &'static Sql, args: Args) -> Result<T> { unimplemented!() }
    pub async fn query<T: FromRow>(&mut self, query: Query) -> Result<Vec<T>> { unimplemented!() }
    /// Runs a change at once; the number of rows it touched.
    pub async fn exec(&mut self, sql: &'static Sql, args: Args) -> Result<u64> { unimplemented!() }
    /// A guarded change of one row (`… AND version = :version`).
    pub async fn change_one(&mut self, sql: &'static Sql, args: Args) -> Result<Changed> { unimplemented!() }
    /// A change whose count nobody needs: PostgreSQL gets it in one pipeline with the facts and the commit.
    pub fn later(&mut self, sql: &'static Sql, args: Args) { unimplemented!() }
    /// Records a fact; it is written with the transaction.
    pub fn fact<F: Fact>(&mut self, fact: F) -> Result<()> { unimplemented!() }
    /// The next number of a gapless series of this tenant (`circular`, `notice:2026`); taken last, as it locks the series.
    pub async fn next_number(&mut self, series: &str) -> Result<i64> { unimplemented!() }
    /// A unique, rising number that may leave gaps (case numbers); from this process's block, no lock held.
    pub async fn block_number(&mut self, series: &str) -> Result<i64> { unimplemented!() }
    /// Locks a named row of this tenant until the end of the transaction (for a limit across rows).
    pub async fn lock(&mut self, name: &str) -> Result<()> { unimplemented!() }
}
