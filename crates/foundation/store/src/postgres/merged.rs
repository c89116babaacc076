//! Several insertions as one statement: a transaction that reads nothing is then one message to the server instead of seven.
//!
//! `WITH a AS (INSERT …), b AS (INSERT …) INSERT …` is all or nothing by itself. Its parts don't see each other, so only what
//! cannot meet is put together: rows with values of their own, and an upsert only where no other part writes its table.
//! Citus takes no INSERT inside of WITH; there the statements go out one behind the other.

use crate::sql::Sql;
use crate::value::{Args, Value};
use kernel::Result;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Statements put together at most: each sequence of texts is a statement that each connection prepares.
const MOST: usize = 6;

/// The texts made so far, by the addresses of their parts.
static KNOWN: Mutex<BTreeMap<Vec<usize>, Arc<str>>> = Mutex::new(BTreeMap::new());

/// Whether a text inserts values, and whether another row may be in its way.
fn insertion(sql: &Sql) -> Option<bool> {
    let values = sql.text.trim_start().starts_with("INSERT INTO") && sql.text.contains("VALUES (") && !sql.text.contains("SELECT");
    (values && !sql.text.contains("RETURNING")).then(|| sql.text.contains("ON CONFLICT"))
}

/// The changes as one text; `None` where they must go one by one.
pub fn text(changes: &[(&'static Sql, Args)]) -> Option<Arc<str>> {
    if changes.len() < 2 || changes.len() > MOST {
        return None;
    }
    let parts: Vec<usize> = changes.iter().map(|(sql, _)| std::ptr::from_ref(*sql) as usize).collect();
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(text) = known.get(&parts) {
        return Some(text.clone());
    }
    let mut tables = BTreeMap::<&str, (usize, bool)>::new();
    for (sql, _) in changes {
        let meets = insertion(sql)?;
        let (count, any) = tables.entry(sql.parsed().table.as_deref()?).or_default();
        *count += 1;
        *any |= meets;
    }
    if tables.values().any(|(count, meets)| *count > 1 && *meets) {
        return None;
    }
    let mut first = 0;
    let mut numbered = Vec::with_capacity(changes.len());
    for (sql, _) in changes {
        numbered.push(shifted(&sql.parsed().postgres, first));
        first += sql.parsed().names.len();
    }
    // The server runs the statement itself first, and then the others from the last to the first: this is their own order.
    let main = numbered.remove(0);
    let others: Vec<String> = numbered.iter().rev().enumerate().map(|(place, text)| format!("part{place} AS ({text})")).collect();
    let text: Arc<str> = format!("WITH {}\n{main}", others.join(",\n")).into();
    known.insert(parts, text.clone());
    Some(text)
}

/// `$1` as `$(1 + by)`, outside of quotes.
fn shifted(text: &str, by: usize) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let (mut quoted, mut rest) = (false, text.chars().peekable());
    while let Some(c) = rest.next() {
        quoted ^= c == '\'';
        out.push(c);
        if c == '$' && !quoted {
            let mut number = 0;
            while let Some(digit) = rest.peek().and_then(|next| next.to_digit(10)) {
                number = number * 10 + digit as usize;
                rest.next();
            }
            out.push_str(&(number + by).to_string());
        }
    }
    out
}

/// The values of all changes, in the order of the text's parameters.
pub fn values<'a>(changes: &'a [(&'static Sql, Args)]) -> Result<Vec<&'a Value>> {
    let mut all = Vec::new();
    for (sql, args) in changes {
        all.append(&mut crate::sqlite::ordered(sql.parsed(), args)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    static ONE: Sql = Sql::new("INSERT INTO one (a, b) VALUES (:a, ':x $1')", file!(), line!());
    static TWO: Sql =
        Sql::new("INSERT INTO two (a, b) VALUES (:b, :a) ON CONFLICT (a) DO UPDATE SET b = two.b + excluded.b", file!(), line!());
    static UPDATE: Sql = Sql::new("UPDATE one SET b = :b WHERE a = :a", file!(), line!());
    static FROM: Sql = Sql::new("INSERT INTO three (a) SELECT a FROM one WHERE b = :b", file!(), line!());

    fn text_of(parts: &[&'static Sql]) -> Option<String> {
        let changes: Vec<_> = parts.iter().map(|sql| (*sql, args! { a: 1_i64, b: 2_i64 })).collect();
        text(&changes).map(|text| text.to_string())
    }

    #[test]
    fn insertions_that_cannot_meet_are_one_statement() {
        let wanted = "WITH part0 AS (INSERT INTO one (a, b) VALUES ($4, ':x $1')),
part1 AS (INSERT INTO two (a, b) VALUES ($2, $3) ON CONFLICT (a) DO UPDATE SET b = two.b + excluded.b)
INSERT INTO one (a, b) VALUES ($1, ':x $1')";
        assert_eq!(text_of(&[&ONE, &TWO, &ONE]).as_deref(), Some(wanted));
        let changes = [(&ONE, args! { a: 1_i64 }), (&TWO, args! { a: 2_i64, b: 3_i64 })];
        assert_eq!(values(&changes).unwrap(), [&Value::Int(1), &Value::Int(3), &Value::Int(2)]);
    }

    #[test]
    fn what_may_meet_or_reads_goes_one_by_one() {
        for parts in [&[&TWO, &TWO][..], &[&ONE, &UPDATE], &[&FROM, &ONE], &[&ONE], &[&ONE; 7]] {
            assert_eq!(text_of(parts), None);
        }
    }
}
