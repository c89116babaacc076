//! SQL texts: written once with `:name` parameters, registered where they stand, and run on every engine.

use std::sync::{Arc, OnceLock};

/// One SQL text of the program. Made by [`sql!`], which also registers it for the test that prepares every text on both engines.
#[derive(Debug)]
pub struct Sql {
    pub text: &'static str,
    pub file: &'static str,
    pub line: u32,
    parsed: OnceLock<Arc<Parsed>>,
}

impl Sql {
    #[doc(hidden)]
    pub const fn new(text: &'static str, file: &'static str, line: u32) -> Self {
        Sql { text, file, line, parsed: OnceLock::new() }
    }
    pub fn parsed(&self) -> &Arc<Parsed> {
        self.parsed.get_or_init(|| Arc::new(Parsed::new(self.text)))
    }
}

/// A text with its parameters numbered: `?1` for SQLite, `$1` for PostgreSQL, and their names in that order.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed {
    pub sqlite: String,
    pub postgres: String,
    pub names: Vec<String>,
    /// The table that the text writes; `None` for a SELECT.
    pub table: Option<String>,
    /// The columns that SQLite gives for it, once it was asked.
    pub(crate) columns: std::sync::OnceLock<std::sync::Arc<[String]>>,
}

/// The table that a text writes to.
fn written_table(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let table = match (words.next()?, words.next()?) {
        ("INSERT", "INTO") | ("DELETE", "FROM") => words.next()?,
        ("UPDATE", table) => table,
        _ => return None,
    };
    Some(table.trim_end_matches('(').to_owned())
}

impl Parsed {
    /// Numbers `:name` parameters outside string literals; `::type` casts are PostgreSQL's alone and not used.
    pub fn new(text: &str) -> Self {
        let (mut sqlite, mut postgres, mut names) = (String::new(), String::new(), Vec::<String>::new());
        let mut chars = text.chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            if c == '\'' {
                quoted = !quoted;
            }
            let starts_name = !quoted && c == ':' && chars.peek().is_some_and(|next| next.is_ascii_lowercase());
            if !starts_name {
                sqlite.push(c);
                postgres.push(c);
                continue;
            }
            let mut name = String::new();
            while let Some(&next) = chars.peek() {
                if next.is_ascii_alphanumeric() || next == '_' {
                    name.push(next);
                    chars.next();
                } else {
                    break;
                }
            }
            let number = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            }) + 1;
            sqlite.push_str(&format!("?{number}"));
            postgres.push_str(&format!("${number}"));
        }
        Parsed { sqlite, postgres, names, table: written_table(text), columns: std::sync::OnceLock::new() }
    }
}

/// A registered SQL text; collected over the whole program.
pub struct Registered {
    pub text: &'static str,
    pub file: &'static str,
    pub line: u32,
}
inventory::collect!(Registered);

/// Queries built from parts: a function that builds each filter × scope × sort that the program can make.
pub struct Shapes {
    pub name: &'static str,
    pub list: fn() -> Vec<crate::Query>,
}
inventory::collect!(Shapes);

/// `static CLOSE: Sql = sql!("UPDATE … WHERE tenant_id = :tenant AND id = :case");`
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        $crate::inventory::submit! { $crate::sql::Registered { text: $text, file: file!(), line: line!() } }
        $crate::sql::Sql::new($text, file!(), line!())
    }};
}

/// `shapes!("worklist", all_worklist_queries);` registers the shapes that a built query can take.
#[macro_export]
macro_rules! shapes {
    ($name:expr, $list:expr) => {
        $crate::inventory::submit! { $crate::sql::Shapes { name: $name, list: $list } }
    };
}

#[cfg(test)]
mod tests {
    use super::Parsed;

    #[test]
    fn a_name_used_twice_is_one_parameter_and_literals_are_left_alone() {
        let parsed = Parsed::new("SELECT ':no' FROM t WHERE a = :a AND b = :b AND c = :a");
        assert_eq!(parsed.sqlite, "SELECT ':no' FROM t WHERE a = ?1 AND b = ?2 AND c = ?1");
        assert_eq!(parsed.postgres, "SELECT ':no' FROM t WHERE a = $1 AND b = $2 AND c = $1");
        assert_eq!(parsed.names, ["a", "b"]);
    }
}
