//! What a token may be limited to: groups of verbs, of which the office's machines get as few as they need.

use kernel::{Code, Kind, Result, ensure};

/// The owner may, and the token may not.
pub const NOT_IN_SCOPE: Code = Code::new(Kind::Forbidden, "token.scope");

store::text_enum! {
    /// A group of verbs that a token is made for; several add up.
    pub enum TokenScope {
        /// Look at everything that the owner sees, and change nothing.
        Read = "read",
        /// Report problems, and record what was mended already.
        Report = "report",
        /// See cases and take every step with them.
        Cases = "cases",
        /// See, compose and issue circulars, and see to their notices.
        Circulars = "circulars",
        /// See, open and lead difficult matters.
        Matters = "matters",
    }
}

/// What machines have to do with at all: accounts, roles, settings and logs are for people alone.
const SUBJECTS: [&str; 6] = ["case", "circular", "notice", "matter", "summary", "territory"];

impl TokenScope {
    /// Whether it covers a verb, by the verb's name.
    pub fn covers(self, verb: &str) -> bool {
        let (subject, does) = verb.split_once('.').unwrap_or((verb, ""));
        match self {
            TokenScope::Read => SUBJECTS.contains(&subject) && matches!(does, "list" | "read" | "view"),
            TokenScope::Report => matches!(verb, "case.report" | "case.mend_on_spot" | "case.self_check"),
            TokenScope::Cases => subject == "case" && does != "import",
            TokenScope::Circulars => matches!(subject, "circular" | "notice"),
            TokenScope::Matters => subject == "matter",
        }
    }
    /// Whether something can be changed with it.
    pub fn acts(self) -> bool {
        self != TokenScope::Read
    }
}

/// How scopes stand in their column: parted by spaces.
pub fn joined(scopes: &[TokenScope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// The scopes of a column. What is no scope (any more) gives nothing.
pub fn parted(text: &str) -> Vec<TokenScope> {
    text.split(' ').filter_map(|scope| scope.parse().ok()).collect()
}

/// To what an actor is limited; a person at the own desk is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limit(Option<u8>);

impl Limit {
    /// To these scopes.
    pub fn to(scopes: &[TokenScope]) -> Limit {
        Limit(Some(scopes.iter().fold(0, |all, scope| all | 1 << *scope as u8)))
    }
    /// Errors: [`NOT_IN_SCOPE`].
    pub fn check(self, verb: &str) -> Result<()> {
        let Some(scopes) = self.0 else { return Ok(()) };
        let covered = TokenScope::ALL.iter().any(|scope| scopes & (1 << *scope as u8) != 0 && scope.covers(verb));
        ensure(covered, NOT_IN_SCOPE.err().detail(verb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_adds_up_its_scopes_and_nothing_else_and_no_limit_limits_nothing() {
        let limit = Limit::to(&[TokenScope::Read, TokenScope::Report]);
        for verb in ["case.list", "summary.read", "territory.view", "case.report"] {
            limit.check(verb).unwrap();
        }
        for verb in ["case.handle", "case.lead", "matter.handle", "territory.manage", "audit.read", "account.list"] {
            assert!(limit.check(verb).unwrap_err().is(NOT_IN_SCOPE), "{verb}");
        }
        assert!(Limit::to(&[]).check("case.list").is_err());
        Limit::default().check("account.manage").unwrap();
    }

    #[test]
    fn no_token_reaches_what_is_for_people_alone() {
        for verb in ["account.list", "account.manage", "role.manage", "audit.read", "personal.register", "centre.set_limits", "case.import"]
        {
            assert!(TokenScope::ALL.iter().all(|scope| !scope.covers(verb)), "{verb}");
        }
    }

    #[test]
    fn scopes_come_back_from_their_column() {
        assert_eq!(parted(&joined(TokenScope::ALL)), TokenScope::ALL);
        assert_eq!(parted("read nonsense"), [TokenScope::Read]);
        assert!(parted("").is_empty());
    }
}
