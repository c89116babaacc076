//! PostgreSQL: pooled connections, values by the statement's declared types, and what to do when a transaction must run again.

use crate::args;
use crate::db::Blocks;
use crate::row::Row;
use crate::sql::{Parsed, Sql};
use crate::sqlite::ordered;
use crate::value::{Args, Value};
use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use kernel::ids::Uuid;
use kernel::{Error, Result, TenantId};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Statement};

/// Connections a process holds at most.
const CONNECTIONS: usize = 16;

pub(crate) fn pool(url: &str) -> Result<Pool> {
    let config = tokio_postgres::Config::from_str(url).map_err(|_| Error::unavailable("database.url is not a PostgreSQL address"))?;
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .wait_timeout(Some(std::time::Duration::from_secs(20)))
        .create_timeout(Some(std::time::Duration::from_secs(10)))
        .build()
        .map_err(Error::unavailable)
}

/// What a failed transaction asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Serialisation failure, deadlock: run it again.
    Again,
    /// The connection is gone: run it again on another.
    Lost,
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

/// A connection that still has a transaction open (its command panicked, its task was dropped) is closed, not given to the next.
impl Drop for Session {
    fn drop(&mut self) {
        if self.begun.load(Ordering::Relaxed)
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

impl Session {
    pub async fn take(pool: &Pool) -> Result<Session> {
        let client = pool.get().await.map_err(Error::unavailable)?;
        Ok(Session {
            client: Some(client),
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
    /// The error for the caller, and what it means for the transaction kept aside.
    fn broken(&self, error: tokio_postgres::Error) -> Error {
        let state = error.code().map(tokio_postgres::error::SqlState::code).unwrap_or_default().to_owned();
        let trouble = match state.as_str() {
            "40001" | "40P01" | "55P03" => Trouble::Again,
            code if code.starts_with("08") || code.starts_with("57P") => Trouble::Lost,
            _ if error.is_closed() || self.client().is_closed() => Trouble::Lost,
            _ => Trouble::None,
        };
        if trouble != Trouble::None {
            *self.trouble.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = trouble;
        }
        let detail = error.as_db_error().map_or_else(|| error.to_string(), |db| format!("{} {}", db.code().code(), db.message()));
        match trouble {
            Trouble::None => Error::internal(detail),
            _ => Error::unavailable(detail),
        }
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
    pub async fn command(&self, text: &str) -> Result<()> {
        if text == "ROLLBACK" && self.owed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        self.begun.fetch_or(text.starts_with("BEGIN"), Ordering::Relaxed);
        let done = self.client().batch_execute(text).await.map_err(|error| self.broken(error));
        if done.is_ok() && (text == "COMMIT" || text == "ROLLBACK") {
            self.begun.store(false, Ordering::Relaxed);
        }
        done
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
    pub async fn exec(&self, parsed: &Parsed, args: &Args) -> Result<u64> {
        let statement = self.prepare(parsed).await?;
        let values = ordered(parsed, args)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| *value as &(dyn ToSql + Sync)).collect();
        self.behind_begin(self.client().execute(&statement, &params)).await
    }
    /// Sends several changes, and the commit where asked, without waiting for each; the rows that each touched.
    pub async fn pipeline(&self, changes: &[(&'static Sql, Args)], commit: bool) -> Result<Vec<u64>> {
        let mut statements = Vec::with_capacity(changes.len());
        for (sql, _) in changes {
            statements.push(self.prepare(sql.parsed()).await?);
        }
        let mut sent = futures::stream::FuturesOrdered::new();
        for (statement, (sql, args)) in statements.iter().zip(changes) {
            let values = ordered(sql.parsed(), args)?;
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
        // A COMMIT behind a failed statement rolls back: the first error is the one that counts.
        let (begun, written, committed) = futures::join!(self.begin_if_owed(), all, self.client().batch_execute("COMMIT"));
        let written = begun.and(written);
        if committed.is_ok() {
            self.begun.store(false, Ordering::Relaxed);
        }
        written.and_then(|touched| committed.map(|()| touched)).map_err(|error| self.broken(error))
    }
    /// A block of numbers, reserved in a transaction of its own.
    pub async fn reserve_block(blocks: &Blocks, tenant: TenantId, series: &str) -> Result<i64> {
        let _turn = blocks.turn.lock().await;
        if let Some(number) = blocks.take(tenant, series) {
            return Ok(number);
        }
        // Of a pool of its own: all of the others may be held by those who wait for this.
        let side = blocks.side.as_ref().ok_or_else(|| Error::internal("no pool for blocks"))?;
        let own = Session::take(side).await?;
        let args = args! { tenant: tenant, name: series, size: crate::write::BLOCK };
        let mut rows = own.rows(crate::write::next_sql().parsed(), &args).await?;
        let end: i64 = rows.first_mut().ok_or_else(|| Error::internal("no series"))?.take(0, "next")?;
        blocks.give(tenant, series, end - crate::write::BLOCK + 1, end);
        Ok(end - crate::write::BLOCK)
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
