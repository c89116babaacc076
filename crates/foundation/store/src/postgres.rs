//! PostgreSQL: pooled connections, values by the statement's declared types, and what to do when a transaction must run again.

mod address;
mod merged;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod retry_tests;
mod tls;
#[cfg(test)]
mod tls_tests;
mod trouble;

use crate::args;
use crate::db::Blocks;
use crate::row::Row;
use crate::sql::{Parsed, Sql};
use crate::sqlite::ordered;
use crate::value::{Args, Value};
use bytes::BytesMut;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use kernel::ids::Uuid;
use kernel::{Code, Error, Kind, Result, TenantId};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_postgres::Statement;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
pub(crate) use trouble::Trouble;
use trouble::{Cause, as_error};

/// Nobody answers at the database's address, or it lets us not in.
pub const UNREACHABLE: Code = Code::new(Kind::Unavailable, "database.unreachable");

/// Connections a process holds at most.
const CONNECTIONS: usize = 16;

/// What each connection is told once: a lock that nobody gives up, and a transaction whose program is gone, end by themselves;
/// and no statement of ours takes as long as compiling it does.
const SETTINGS: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET jit = off";

pub(crate) fn pool(url: &str) -> Result<Pool> {
    let address = address::Address::read(url)?;
    let tls = address.tls()?;
    let manager = Manager::from_config(address.config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let settings = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .wait_timeout(Some(std::time::Duration::from_secs(20)))
        .create_timeout(Some(std::time::Duration::from_secs(10)))
        .post_create(settings)
        .build()
        .map_err(Error::unavailable)
}

/// Whether this server takes insertions inside of WITH.
pub(crate) async fn merges(pool: &Pool) -> Result<bool> {
    let citus = client(pool).await?.query_opt("SELECT 1 FROM pg_extension WHERE extname = 'citus'", &[]).await;
    Ok(citus.map_err(|error| UNREACHABLE.err().detail(trouble::whole(&error)))?.is_none())
}

/// A connection of the pool. Errors: 503 [`UNREACHABLE`]; 503 when all are in use for too long.
pub(crate) async fn client(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| match &error {
        PoolError::Backend(_) | PoolError::PostCreateHook(_) => UNREACHABLE.err().detail(trouble::whole(&error)),
        _ => Error::unavailable(trouble::whole(&error)),
    })
}

/// One connection while a transaction (or a read) uses it.
pub(crate) struct Session {
    /// `None` only while it is dropped.
    client: Option<Object>,
    trouble: Mutex<Trouble>,
    /// Between BEGIN and COMMIT or ROLLBACK.
    begun: AtomicBool,
    /// A BEGIN is owed: it goes out with the transaction's first statement, in one round trip.
    owed: AtomicBool,
}

/// A connection that still has a transaction open (its command panicked, its task was dropped), or that is of no more use, is
/// closed, not given to the next.
impl Drop for Session {
    fn drop(&mut self) {
        if (self.begun.load(Ordering::Relaxed) || self.trouble().ends_connection())
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

impl Session {
    pub async fn take(pool: &Pool) -> Result<Session> {
        Ok(Session {
            client: Some(client(pool).await?),
            trouble: Mutex::new(Trouble::None),
            begun: AtomicBool::new(false),
            owed: AtomicBool::new(false),
        })
    }
    fn client(&self) -> &Object {
        self.client.as_ref().unwrap_or_else(|| unreachable!("taken only by drop"))
    }
    pub fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    /// The error for the caller; what it means for the transaction is kept aside. The first trouble is the one that counts.
    fn note(&self, error: &tokio_postgres::Error, of: fn(&Cause<'_>) -> Trouble) -> Error {
        let cause = Cause::of(error, self.client().is_closed());
        let trouble = of(&cause);
        if trouble == Trouble::Again
            && cause.state.is_some_and(|state| state == "0A000" || state == "26000")
            && let Some(pool) = Object::pool(self.client())
        {
            // What one connection has planned for the old schema the others have too.
            pool.manager().statement_caches.clear();
        }
        let mut kept = self.trouble.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if *kept == Trouble::None {
            *kept = trouble;
        }
        as_error(error, &cause, trouble)
    }
    fn broken(&self, error: tokio_postgres::Error) -> Error {
        self.note(&error, |cause| cause.of_statement())
    }
    /// From here on statements belong to one transaction, until COMMIT or ROLLBACK.
    pub fn begin(&self) {
        self.owed.store(true, Ordering::Relaxed);
    }
    /// The owed BEGIN; to be polled before the statement that it goes out with. The connection keeps their order, and
    /// without it no statement may take effect: its failure is the connection's.
    async fn begin_if_owed(&self) -> std::result::Result<(), tokio_postgres::Error> {
        if self.owed.swap(false, Ordering::Relaxed) {
            self.begun.store(true, Ordering::Relaxed);
            self.client().batch_execute("BEGIN").await?;
        }
        Ok(())
    }
    /// A statement, behind the BEGIN where one is owed.
    async fn behind_begin<T>(&self, statement: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
        let (begun, done) = futures::join!(self.begin_if_owed(), statement);
        begun.and(done).map_err(|error| self.broken(error))
    }
    /// A text of several statements, as it is.
    pub async fn script(&self, text: &str) -> Result<()> {
        self.begun.store(true, Ordering::Relaxed);
        self.client().batch_execute(text).await.map_err(|error| self.broken(error))?;
        self.begun.store(false, Ordering::Relaxed);
        Ok(())
    }
    pub async fn commit(&self) -> Result<()> {
        self.client().batch_execute("COMMIT").await.map_err(|error| self.note(&error, |cause| cause.of_commit()))?;
        self.begun.store(false, Ordering::Relaxed);
        Ok(())
    }
    /// Undoes what was begun. Where that fails the connection is closed, which undoes it as well.
    pub async fn rollback(&self) {
        let owed = self.owed.swap(false, Ordering::Relaxed);
        if owed || !self.begun.load(Ordering::Relaxed) || self.trouble().ends_connection() {
            return;
        }
        if self.client().batch_execute("ROLLBACK").await.is_ok() {
            self.begun.store(false, Ordering::Relaxed);
        }
    }
    async fn prepare(&self, parsed: &Parsed) -> Result<Statement> {
        self.client().prepare_cached(&parsed.postgres).await.map_err(|error| self.broken(error))
    }
    pub async fn rows(&self, parsed: &Parsed, args: &Args) -> Result<Vec<Row>> {
        let statement = self.prepare(parsed).await?;
        let columns: Arc<[String]> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let values = ordered(parsed, args)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| *value as &(dyn ToSql + Sync)).collect();
        let rows = self.behind_begin(self.client().query(&statement, &params)).await?;
        rows.iter()
            .map(|row| {
                let cells =
                    (0..columns.len()).map(|index| row.try_get::<_, Value>(index).map_err(Error::internal)).collect::<Result<Vec<_>>>()?;
                Ok(Row::new(columns.clone(), cells))
            })
            .collect()
    }
    /// Sends several changes, and the commit where asked, without waiting for each; the rows that each touched.
    pub async fn pipeline(&self, changes: &[(&'static Sql, Args)], commit: bool) -> Result<Vec<u64>> {
        let mut statements = Vec::with_capacity(changes.len());
        let mut bound = Vec::with_capacity(changes.len());
        for (sql, args) in changes {
            let statement = self.prepare(sql.parsed()).await?;
            let values = ordered(sql.parsed(), args)?;
            // A value that cannot be sent must be found before the COMMIT behind it is on its way.
            if let Some((ty, value)) = statement.params().iter().zip(&values).find(|(ty, value)| !value.fits(ty)) {
                return Err(Error::internal(format!("{} cannot be bound as {ty}: {}:{}", value.kind(), sql.file, sql.line)));
            }
            statements.push(statement);
            bound.push(values);
        }
        let mut sent = futures::stream::FuturesOrdered::new();
        for (statement, values) in statements.iter().zip(bound) {
            sent.push_back(async move {
                let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| *value as &(dyn ToSql + Sync)).collect();
                self.client().execute(statement, &params).await
            });
        }
        let all = async {
            use futures::StreamExt;
            let (mut touched, mut first_error) = (Vec::with_capacity(changes.len()), None);
            while let Some(done) = sent.next().await {
                match done {
                    Ok(rows) => touched.push(rows),
                    Err(error) => drop(first_error.get_or_insert(error)),
                }
            }
            first_error.map_or(Ok(touched), Err)
        };
        if !commit {
            return self.behind_begin(all).await;
        }
        let (begun, written, committed) = futures::join!(self.begin_if_owed(), all, self.client().batch_execute("COMMIT"));
        let (touched, written) = match begun.and(written) {
            Ok(touched) => (touched, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        self.ended(written, committed).map(|()| touched)
    }
    /// Writes what a transaction has left to the end and commits. `merges` says that the server takes insertions as one
    /// statement, which is a transaction by itself where nothing was sent before.
    pub async fn finish(&self, changes: &[(&'static Sql, Args)], merges: bool) -> Result<()> {
        let Some(text) = merges.then(|| merged::text(changes)).flatten() else {
            return self.pipeline(changes, true).await.map(drop);
        };
        let statement = self.client().prepare_cached(&text).await.map_err(|error| self.broken(error))?;
        let values = merged::values(changes)?;
        if let Some((ty, value)) = statement.params().iter().zip(&values).find(|(ty, value)| !value.fits(ty)) {
            return Err(Error::internal(format!("{} cannot be bound as {ty}: {text}", value.kind())));
        }
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| *value as &(dyn ToSql + Sync)).collect();
        let written = self.client().execute(&statement, &params);
        if self.owed.swap(false, Ordering::Relaxed) {
            return written.await.map(drop).map_err(|error| self.note(&error, |cause| cause.of_whole()));
        }
        let (written, committed) = futures::join!(written, self.client().batch_execute("COMMIT"));
        self.ended(written.map(drop), committed)
    }
    /// What became of statements with the COMMIT sent behind them.
    fn ended(&self, written: Result<(), tokio_postgres::Error>, committed: Result<(), tokio_postgres::Error>) -> Result<()> {
        if committed.is_ok() {
            self.begun.store(false, Ordering::Relaxed);
        }
        match (written, committed) {
            (Ok(()), Ok(())) => Ok(()),
            (Ok(()), Err(error)) => Err(self.note(&error, |cause| cause.of_commit())),
            // The server refused a statement: the COMMIT behind it rolled back.
            (Err(error), _) if error.as_db_error().is_some() => Err(self.broken(error)),
            // The connection went before a statement was answered, with the COMMIT already on its way.
            (Err(error), _) => Err(self.note(&error, |cause| cause.of_commit())),
        }
    }
    /// A block of numbers, reserved in a transaction of its own.
    pub async fn reserve_block(blocks: &Blocks, tenant: TenantId, series: &str) -> Result<i64> {
        let _turn = blocks.turn.lock().await;
        if let Some(number) = blocks.take(tenant, series) {
            return Ok(number);
        }
        // Of a pool of its own: all of the others may be held by those who wait for this.
        let side = blocks.side.as_ref().ok_or_else(|| Error::internal("no pool for blocks"))?;
        let args = args! { tenant: tenant, name: series, size: crate::write::BLOCK };
        // One more try on a fresh connection; where the first went through after all, its numbers are a gap.
        for last in [false, true] {
            let own = Session::take(side).await?;
            match own.rows(crate::write::next_sql().parsed(), &args).await {
                Ok(mut rows) => {
                    let end: i64 = rows.first_mut().ok_or_else(|| Error::internal("no series"))?.take(0, "next")?;
                    blocks.give(tenant, series, end - crate::write::BLOCK + 1, end);
                    return Ok(end - crate::write::BLOCK);
                }
                Err(error) if last || own.trouble() == Trouble::None => return Err(error),
                Err(_) => {}
            }
        }
        Err(Error::unavailable("no block of numbers"))
    }
}

impl Value {
    /// Whether it can be sent as a parameter of this type.
    fn fits(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Value::Null, _)
            | (Value::Bool(_), &Type::BOOL)
            | (Value::Int(_), &Type::INT8)
            | (Value::Text(_), &Type::TEXT | &Type::VARCHAR)
            | (Value::Bytes(_), &Type::BYTEA)
            | (Value::Id(_), &Type::UUID) => true,
            (Value::Int(number), &Type::INT4) => i32::try_from(*number).is_ok(),
            (Value::Int(number), &Type::INT2) => i16::try_from(*number).is_ok(),
            (Value::Bytes(bytes), &Type::UUID) => bytes.len() == 16,
            _ => false,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(truth), &Type::BOOL) => truth.to_sql(ty, out),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(ty, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (Value::Id(id), &Type::UUID) => id.to_sql(ty, out),
            (Value::Bytes(bytes), &Type::UUID) => Uuid::from_slice(bytes)?.to_sql(ty, out),
            (value, ty) => Err(format!("{} cannot be bound as {ty}", value.kind()).into()),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Value::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::TEXT | Type::VARCHAR | Type::NAME => Value::Text(String::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(Vec::from_sql(ty, raw)?),
            Type::UUID => Value::Id(Uuid::from_sql(ty, raw)?),
            _ => return Err(format!("a column of type {ty} is not read").into()),
        })
    }
    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Value::Null)
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}
