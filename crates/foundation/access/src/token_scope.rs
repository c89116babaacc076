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
        /// See what the office is made of, and set its duty roster and its own time limits.
        Territory = "territory",
        /// See schemes, leagues and scores, and enter rounds, surveys and items.
        Evaluation = "evaluation",
    }
}

/// What machines look at: accounts, roles and logs are for people alone.
const SUBJECTS: [&str; 6] = ["case", "circular", "notice", "matter", "summary", "territory"];
/// The same of a month's evaluation; who checks, publishes, confirms and decides is a person.
const EVALUATED: [&str; 8] = ["scheme", "league", "evaluation", "ranking", "score", "entry", "improvement", "consequence"];

/// Whether a verb looks and changes nothing.
fn looks(does: &str) -> bool {
    matches!(does, "list" | "read" | "view")
}

impl TokenScope {
    /// Whether it covers a verb, by the verb's name.
    pub fn covers(self, verb: &str) -> bool {
        let (subject, does) = verb.split_once('.').unwrap_or((verb, ""));
        match self {
            TokenScope::Read => (SUBJECTS.contains(&subject) || EVALUATED.contains(&subject)) && looks(does),
            TokenScope::Report => matches!(verb, "case.report" | "case.mend_on_spot" | "case.self_check"),
            TokenScope::Cases => subject == "case" && does != "import",
            TokenScope::Circulars => matches!(subject, "circular" | "notice"),
            TokenScope::Matters => subject == "matter",
            TokenScope::Territory => matches!(verb, "territory.view" | "duty.manage" | "centre.set_limits"),
            TokenScope::Evaluation => (EVALUATED.contains(&subject) && looks(does)) || matches!(verb, "entry.round" | "entry.figures"),
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
        for verb in [
            "case.handle",
            "case.lead",
            "matter.handle",
            "territory.manage",
            "audit.read",
            "account.list",
            "duty.manage",
            "centre.set_limits",
        ] {
            assert!(limit.check(verb).unwrap_err().is(NOT_IN_SCOPE), "{verb}");
        }
        let evaluation = Limit::to(&[TokenScope::Evaluation]);
        for verb in ["evaluation.read", "ranking.read", "score.read", "scheme.read", "league.read", "entry.round", "entry.figures"] {
            evaluation.check(verb).unwrap();
        }
        assert!(limit.check("score.read").is_ok() && limit.check("entry.round").is_err() && evaluation.check("case.list").is_err());
        assert!(Limit::to(&[]).check("case.list").is_err());
        let limit = Limit::to(&[TokenScope::Territory]);
        for verb in ["territory.view", "duty.manage", "centre.set_limits"] {
            limit.check(verb).unwrap();
        }
        for verb in ["territory.manage", "case.list", "case.handle"] {
            assert!(limit.check(verb).unwrap_err().is(NOT_IN_SCOPE), "{verb}");
        }
        Limit::default().check("account.manage").unwrap();
    }

    #[test]
    fn no_token_reaches_what_is_for_people_alone() {
        let settings =
            ["account.list", "account.manage", "role.manage", "audit.read", "personal.register", "territory.manage", "case.import"];
        let decisions = ["evaluation.publish", "entry.confirm", "scheme.adopt", "league.manage", "score.decide", "consequence.decide"];
        for verb in settings.into_iter().chain(decisions) {
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
