//! The PostgreSQL side of backup and restore: one REPEATABLE READ transaction out, COPY in one transaction in.

use super::archive::{Item, Sink};
use super::rows::{Column, ColumnType, Encoder, Table, column_type, names};
use super::{DAMAGED, Manifest, NOT_EMPTY, Snapshot, left_out};
use crate::Value;
use deadpool_postgres::{GenericClient, Pool};
use futures::TryStreamExt;
use kernel::ids::Uuid;
use kernel::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, Row};

/// Writes all tables from one snapshot.
pub async fn dump(pool: &Pool, sink: &Sink) -> Result<Snapshot> {
    let mut client = crate::postgres::client(pool).await?;
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(Error::unavailable)?;
    let (tables, migrations) = schema(&snapshot).await?;
    let (mut entries, mut photos) = (Vec::new(), BTreeSet::new());
    for table in &tables {
        sink.begin(format!("tables/{}.jsonl", table.name), true).await?;
        let mut encoder = Encoder::new();
        let photo = super::photo_columns(table);
        let none: [&(dyn ToSql + Sync); 0] = [];
        // A portal of rows is streamed; the table is never in memory.
        let mut rows = std::pin::pin!(snapshot.query_raw(&table.select(), none).await.map_err(Error::unavailable)?);
        while let Some(row) = rows.try_next().await.map_err(Error::unavailable)? {
            let values = table.columns.iter().enumerate().map(|(index, column)| value(&row, index, column.kind));
            let values = values.collect::<Result<Vec<Value>, _>>().map_err(Error::internal)?;
            photos.extend(photo.and_then(|(tenant, hash)| super::photo(&values[tenant], &values[hash])));
            if let Some(chunk) = encoder.row(&values)? {
                sink.bytes(chunk.into()).await?;
            }
        }
        let (rest, entry) = encoder.finish(table);
        sink.bytes(rest.into()).await?;
        entries.push(entry);
    }
    Ok(Snapshot { tables: entries, migrations, photos })
}

fn value(row: &Row, index: usize, kind: ColumnType) -> Result<Value, tokio_postgres::Error> {
    Ok(match kind {
        ColumnType::Bool => row.try_get::<_, Option<bool>>(index)?.map(Value::Bool),
        ColumnType::Int => row.try_get::<_, Option<i64>>(index)?.map(Value::Int),
        ColumnType::Text => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
        ColumnType::Bytes => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Bytes),
        ColumnType::Id => row.try_get::<_, Option<Uuid>>(index)?.map(Value::Id),
    }
    .unwrap_or(Value::Null))
}

pub async fn describe(pool: &Pool) -> Result<(Vec<Table>, Vec<String>)> {
    schema(&crate::postgres::client(pool).await?).await
}

pub async fn ensure_empty(pool: &Pool, tables: &[Table]) -> Result<()> {
    let client = crate::postgres::client(pool).await?;
    for table in tables {
        let row = client.query_one(&format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.name), &[]).await;
        let some: bool = row.map_err(Error::unavailable)?.get(0);
        kernel::ensure(!some, Error::from(NOT_EMPTY).arg("table", &table.name))?;
    }
    Ok(())
}

/// Copies in what comes, in one transaction that commits only when everything has come.
pub async fn fill(pool: &Pool, manifest: &Manifest, first: Option<Item>, mut items: mpsc::Receiver<Result<Item>>) -> Result<()> {
    let mut client = crate::postgres::client(pool).await?;
    let all = client.transaction().await.map_err(Error::unavailable)?;
    let mut next = first;
    while let Some(item) = next {
        if let Item::Rows(index, rows) = item {
            let table = &manifest.tables[index];
            let wrong = |error: tokio_postgres::Error| Error::from(DAMAGED).arg("part", &table.name).detail(format!("{error:?}"));
            let types: Vec<Type> = table.columns.iter().map(|column| wire_type(column.kind)).collect();
            let columns = names(table.columns.iter().map(|column| &column.name));
            let text = format!("COPY \"{}\" ({columns}) FROM STDIN (FORMAT binary)", table.name);
            let mut copy = std::pin::pin!(BinaryCopyInWriter::new(all.copy_in(&text).await.map_err(wrong)?, &types));
            for row in &rows {
                let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(native).collect();
                copy.as_mut().write(&values).await.map_err(wrong)?;
            }
            copy.finish().await.map_err(wrong)?;
        }
        next = items.recv().await.transpose()?;
    }
    all.commit().await.map_err(Error::unavailable)?;
    // Until the next automatic one, plans would be made for empty tables.
    client.batch_execute("ANALYZE").await.map_err(Error::unavailable)
}

fn wire_type(kind: ColumnType) -> Type {
    match kind {
        ColumnType::Bool => Type::BOOL,
        ColumnType::Int => Type::INT8,
        ColumnType::Text => Type::TEXT,
        ColumnType::Bytes => Type::BYTEA,
        ColumnType::Id => Type::UUID,
    }
}

fn native(value: &Value) -> &(dyn ToSql + Sync) {
    match value {
        // NULL is the same for every type.
        Value::Null => &None::<Null>,
        Value::Bool(truth) => truth,
        Value::Int(number) => number,
        Value::Text(text) => text,
        Value::Bytes(bytes) => bytes,
        Value::Id(id) => id,
    }
}

/// Stands for NULL of any type; it is never written.
#[derive(Debug)]
enum Null {}

impl ToSql for Null {
    fn to_sql(
        &self,
        _: &Type,
        _: &mut bytes::BytesMut,
    ) -> std::result::Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {}
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

/// The tables that are backed up, by name, and the migrations that made them.
async fn schema(client: &impl GenericClient) -> Result<(Vec<Table>, Vec<String>)> {
    let columns = client
        .query(
            "SELECT c.relname::text, a.attname::text, array_position(i.indkey::int2[], a.attnum)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            ORDER BY a.attnum",
            &[],
        )
        .await
        .map_err(Error::unavailable)?;
    let mut tables = BTreeMap::<String, (Vec<Column>, Vec<(i32, String)>)>::new();
    for row in &columns {
        let (table, column, key): (String, String, Option<i32>) = (row.get(0), row.get(1), row.get(2));
        if left_out(&table) {
            continue;
        }
        let kind = column_type(&table, &column)?;
        let (columns, keys) = tables.entry(table).or_default();
        keys.extend(key.map(|place| (place, column.clone())));
        columns.push(Column { name: column, kind });
    }
    let described = tables.into_iter().map(|(name, (columns, mut key))| {
        key.sort();
        kernel::ensure(!key.is_empty(), Error::internal(format!("table {name} has no primary key")))?;
        Ok(Table { name, columns, key: key.into_iter().map(|(_, column)| column).collect() })
    });
    let migrations = client.query(&format!("SELECT name FROM {} ORDER BY name", crate::house::MIGRATIONS_TABLE), &[]).await;
    let migrations = migrations.map_err(Error::unavailable)?.iter().map(|row| row.get(0)).collect();
    Ok((described.collect::<Result<_>>()?, migrations))
}
