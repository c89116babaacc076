//! What an error of PostgreSQL asks for: nothing, the same again, another connection, or a look at what became of it.

use kernel::Error;

/// What a failed transaction asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Serialisation failure, deadlock, a plan that the schema has left behind: run it again.
    Again,
    /// The connection is of no more use, and nothing was committed on it: run it again on another.
    Lost,
    /// COMMIT was sent, and what came back doesn't say whether it holds: look, and run it again where it doesn't.
    Unknown,
}

impl Trouble {
    /// The connection goes to nobody else.
    pub fn ends_connection(self) -> bool {
        matches!(self, Trouble::Lost | Trouble::Unknown)
    }
}

/// What stands behind an error: a SQLSTATE with its message, or a connection that broke.
pub(crate) struct Cause<'a> {
    pub state: Option<&'a str>,
    pub message: &'a str,
    pub broken: bool,
}

impl<'a> Cause<'a> {
    pub fn of(error: &'a tokio_postgres::Error, closed: bool) -> Cause<'a> {
        let io = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
        Cause {
            state: error.code().map(tokio_postgres::error::SqlState::code),
            message: error.as_db_error().map_or("", tokio_postgres::error::DbError::message),
            broken: error.is_closed() || closed || io,
        }
    }
}

impl Cause<'_> {
    /// Of a statement before COMMIT: whatever it is, nothing was committed.
    pub fn of_statement(&self) -> Trouble {
        match self.state {
            Some("40001" | "40P01") => Trouble::Again,
            // `cached plan must not change result type`, and a prepared statement that a pooler between us doesn't know.
            Some("0A000") if self.message.contains("cached plan") => Trouble::Again,
            Some("26000") => Trouble::Again,
            // Shut down, crashed, starting up; a primary that has become a standby.
            Some(state) if state.starts_with("08") || state.starts_with("57P") || state == "25006" => Trouble::Lost,
            Some(_) => Trouble::None,
            None if self.broken => Trouble::Lost,
            None => Trouble::None,
        }
    }
    /// Of COMMIT itself: only what says that it was rolled back is certain. Citus answers XX000 where a node was lost in
    /// the middle of it.
    pub fn of_commit(&self) -> Trouble {
        match self.state {
            Some("40001" | "40P01") => Trouble::Again,
            Some("40003") => Trouble::Unknown,
            // A constraint checked at the end; a transaction that could not be committed.
            Some(state) if ["23", "25", "40"].contains(&&state[..2.min(state.len())]) => Trouble::None,
            _ => Trouble::Unknown,
        }
    }
    /// Of a statement that is a transaction by itself: refused as a statement, or at its end as a commit.
    pub fn of_whole(&self) -> Trouble {
        match (self.of_statement(), self.of_commit()) {
            (Trouble::Again, _) => Trouble::Again,
            // What was wrong with it as a statement is certain: data, syntax, a table that is not there.
            (Trouble::None, Trouble::Unknown) if self.state.is_some_and(|state| state.starts_with("22") || state.starts_with("42")) => {
                Trouble::None
            }
            (_, of_commit) => of_commit,
        }
    }
    /// The server can't just now (full, out of memory, a lock or a statement that took too long): 503, not 500.
    pub fn is_busy(&self) -> bool {
        self.state.is_some_and(|state| state.starts_with("53") || state.starts_with("58") || state == "55P03" || state == "57014")
    }
}

/// An error with all that stands behind it, which its own words leave out.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let said = source.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = source.source();
    }
    text
}

/// The same for a log line: the server's own code and message where it said something.
pub(crate) fn detail(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| whole(error), |db| format!("{} {}", db.code().code(), db.message()))
}

/// As the caller hears it.
pub(crate) fn as_error(error: &tokio_postgres::Error, cause: &Cause<'_>, trouble: Trouble) -> Error {
    let detail = detail(error);
    if trouble == Trouble::None && !cause.is_busy() { Error::internal(detail) } else { Error::unavailable(detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(state: &str) -> Cause<'_> {
        Cause { state: Some(state), message: "", broken: false }
    }

    #[test]
    fn a_statement_is_run_again_where_that_can_help() {
        for (code, wanted) in [
            ("40001", Trouble::Again),
            ("40P01", Trouble::Again),
            ("08006", Trouble::Lost),
            ("57P01", Trouble::Lost),
            ("25006", Trouble::Lost),
            ("23505", Trouble::None),
            ("42P01", Trouble::None),
            ("XX000", Trouble::None),
            ("0A000", Trouble::None),
        ] {
            assert_eq!(state(code).of_statement(), wanted, "{code}");
        }
        let broken = Cause { state: None, message: "", broken: true };
        assert_eq!((broken.of_statement(), broken.of_commit()), (Trouble::Lost, Trouble::Unknown));
        let plan = Cause { state: Some("0A000"), message: "cached plan must not change result type", broken: false };
        assert_eq!(plan.of_statement(), Trouble::Again);
    }

    #[test]
    fn of_a_commit_only_a_rollback_is_certain() {
        for (code, wanted) in [
            ("40001", Trouble::Again),
            ("23503", Trouble::None),
            ("40003", Trouble::Unknown),
            ("XX000", Trouble::Unknown),
            ("08007", Trouble::Unknown),
            ("57P01", Trouble::Unknown),
            ("53100", Trouble::Unknown),
        ] {
            assert_eq!(state(code).of_commit(), wanted, "{code}");
            assert_eq!(state(code).of_whole(), wanted, "{code}");
        }
        // A statement that is a transaction by itself may be simply wrong, too.
        for code in ["22012", "42P01", "23505"] {
            assert_eq!(state(code).of_whole(), Trouble::None, "{code}");
        }
        let plan = Cause { state: Some("0A000"), message: "cached plan must not change result type", broken: false };
        assert_eq!(plan.of_whole(), Trouble::Again);
    }
}
