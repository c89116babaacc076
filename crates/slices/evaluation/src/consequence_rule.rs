//! By which rules something follows from a published score (结果运用): whom it takes in, when it is met, and what is then proposed. A
//! tenant has none until a leader sets some; a rule never changes, it is ended and another is set.

use crate::evaluation::EvaluationId;
use crate::facts::{RuleEnded, RuleSet, words_hash};
use crate::league::MemberId;
use crate::scheme::Ranked;
use crate::scoring::month_before;
use crate::verbs::SetConsequences;
use access::Permit;
use kernel::ids::OrganisationId;
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use rules::{Points, Scheme};
use std::collections::BTreeMap;
use store::{Command, Sql, Store, Write, args, sql};

kernel::id!(
    /// One rule.
    RuleId,
);
store::id_values!(RuleId);

/// Somebody has ended it already.
pub const ENDED: Code = Code::conflict("consequence_rule.ended");
/// As many rules hold as may.
pub const TOO_MANY: Code = Code::conflict("consequence_rule.too_many");
/// It would take in a month that is over.
pub const MONTH_PAST: Code = Code::invalid("consequence_rule.month_past");

/// Rules that hold at a time, and months in a row that one may ask for.
pub const MOST_RULES: usize = 30;
pub const MOST_MONTHS: i64 = 12;
pub const MOST_DAYS: i64 = 365;
/// Among fewer than these nobody is the last, nor the first: it would say nothing.
pub const LEAST_COMPARED: usize = 3;

store::text_enum! {
    /// When a rule is met, in each of its months.
    pub enum ConsequenceGround {
        LastGrade = "last_grade",
        FirstGrade = "first_grade",
        /// The grade of this name.
        Grade = "grade",
        /// A total under these points.
        Under = "under",
        LastPlace = "last_place",
        FirstPlace = "first_place",
    }
}

store::text_enum! {
    /// What is proposed.
    pub enum ConsequenceKind {
        /// 约谈
        Talk = "talk",
        /// 黄牌提醒
        YellowCard = "yellow_card",
        /// 红牌警告
        RedCard = "red_card",
        /// 记入信用档案
        CreditFile = "credit_file",
        /// 通报表扬
        Praise = "praise",
        Other = "other",
    }
}

store::row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Rule {
        pub id: RuleId,
        pub ranked: Ranked,
        pub ground: ConsequenceGround,
        pub grade: String,
        pub points: i64,
        pub months: i64,
        pub kind: ConsequenceKind,
        pub name: String,
        pub days: i64,
        pub from_month: String,
        pub open: bool,
        pub salt: [u8; 32],
        pub set_at: Instant,
    }
}

/// What a rule looks at of one member's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub total: i64,
    pub grade: String,
    pub place: Option<i64>,
    pub unit: Option<OrganisationId>,
}

/// A month of a league, as its latest published edition has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonthOf {
    pub evaluation: Option<EvaluationId>,
    /// Best first, of the scheme that it was scored by.
    pub grades: Vec<String>,
    pub of: BTreeMap<MemberId, Got>,
}

impl MonthOf {
    /// `None` where too few are compared, or where all share one place.
    fn last_place(&self) -> Option<i64> {
        let places = || self.of.values().filter_map(|got| got.place);
        let last = places().max().filter(|last| *last > 1)?;
        (places().count() >= LEAST_COMPARED).then_some(last)
    }
}

impl Rule {
    /// Whether it is met in one month. Whoever is not compared, as the sample is too small, is proposed nothing.
    fn met(&self, month: &MonthOf, got: &Got) -> bool {
        let Some(place) = got.place else { return false };
        match self.ground {
            // A scheme of one grade has no last.
            ConsequenceGround::LastGrade => month.grades.len() > 1 && month.grades.last() == Some(&got.grade),
            ConsequenceGround::FirstGrade => month.grades.len() > 1 && month.grades.first() == Some(&got.grade),
            ConsequenceGround::Grade => got.grade == self.grade,
            ConsequenceGround::Under => got.total < self.points,
            ConsequenceGround::LastPlace => month.last_place() == Some(place),
            ConsequenceGround::FirstPlace => place == 1 && month.last_place().is_some(),
        }
    }

    /// Whether it holds for a member in a month: met in it and in those before it that it asks for. Months before the rule's first
    /// count for nothing.
    pub fn holds(&self, months: &BTreeMap<String, MonthOf>, month: &str, member: MemberId) -> bool {
        (0..self.months).all(|by| {
            let Some(such) = i32::try_from(by).ok().and_then(|by| month_before(month, by)) else { return false };
            let table = months.get(&such).filter(|_| such >= self.from_month);
            table.is_some_and(|table| table.of.get(&member).is_some_and(|got| self.met(table, got)))
        })
    }
}

macro_rules! columns {
    () => {
        "SELECT id, ranked, ground, grade, points, months, kind, name, days, from_month, open, salt, set_at
FROM consequence_rule
WHERE tenant_id = :tenant"
    };
}

static ONE: Sql = sql!(concat!(columns!(), " AND id = :rule"));
static ALL: Sql = sql!(concat!(columns!(), " AND id > :after ORDER BY id LIMIT 500"));

/// Errors: 404.
pub async fn find(store: &Store, tenant: TenantId, rule: RuleId) -> Result<Rule> {
    store.one(&ONE, args! { tenant: tenant, rule: rule }).await
}

/// All that were ever set, in their order.
pub async fn all(store: &Store, tenant: TenantId) -> Result<Vec<Rule>> {
    let (mut all, mut after) = (Vec::<Rule>::new(), RuleId(kernel::ids::Uuid::nil()));
    loop {
        let some: Vec<Rule> = store.all(&ALL, args! { tenant: tenant, after: after }).await?;
        let Some(last) = some.last() else { return Ok(all) };
        after = last.id;
        all.extend(some);
    }
}

/// Those that hold, inside of a command.
pub(crate) async fn open_within(tx: &mut Write<'_>) -> Result<Vec<Rule>> {
    let (tenant, mut all, mut after) = (tx.tenant(), Vec::<Rule>::new(), RuleId(kernel::ids::Uuid::nil()));
    loop {
        let some: Vec<Rule> = tx.all(&ALL, args! { tenant: tenant, after: after }).await?;
        let Some(last) = some.last() else { return Ok(all) };
        after = last.id;
        all.extend(some.into_iter().filter(|rule| rule.open));
    }
}

/// One of them, inside of a command. Errors: 404.
pub(crate) async fn within(tx: &mut Write<'_>, rule: RuleId) -> Result<Rule> {
    let tenant = tx.tenant();
    tx.one(&ONE, args! { tenant: tenant, rule: rule }).await
}

/// Grades of a scheme, best first.
pub(crate) fn grades_of(scheme: &Scheme) -> Vec<String> {
    scheme.grades.iter().map(|grade| grade.name.clone()).collect()
}

static INSERT: Sql = sql!(
    "INSERT INTO consequence_rule (tenant_id, id, ranked, ground, grade, points, months, kind, name, days, from_month, open, salt, set_at)
    VALUES (:tenant, :id, :ranked, :ground, :grade, :points, :months, :kind, :name, :days, :from, TRUE, :salt, :now)"
);
static END: Sql = sql!(
    "UPDATE consequence_rule SET open = FALSE
    WHERE tenant_id = :tenant AND id = :rule AND open = TRUE"
);

/// Sets a rule. Errors: `consequence_rule.too_many`, `consequence_rule.month_past`.
pub struct SetRule {
    pub by: Permit<SetConsequences>,
    pub ranked: Ranked,
    pub ground: ConsequenceGround,
    /// Empty where the ground is not about one.
    pub grade: String,
    /// Zero where the ground is not about points.
    pub points: Points,
    pub months: i64,
    pub kind: ConsequenceKind,
    pub name: String,
    pub days: i64,
    pub from_month: String,
    /// The month that it is now.
    pub this_month: String,
}

impl Command for SetRule {
    const KIND: &'static str = "consequence_rule.set";
    type Out = RuleId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<RuleId> {
        let SetRule { ranked, ground, grade, points, months, kind, name, days, from_month, this_month, .. } = self;
        let tenant = tx.tenant();
        ensure(from_month >= this_month, Error::field("from_month", MONTH_PAST))?;
        tx.lock("consequence rules").await?;
        ensure(open_within(tx).await?.len() < MOST_RULES, Error::from(TOO_MANY).arg("max", MOST_RULES))?;
        let (id, salt): (RuleId, [u8; 32]) = (tx.new_id(), tx.salt());
        let values = args! {
            tenant: tenant, id: id, ranked: ranked, ground: ground, grade: grade, points: points.0, months: months, kind: kind, name: name,
            days: days, from: from_month, salt: salt, now: tx.now(),
        };
        tx.exec(&INSERT, values).await?;
        tx.fact(RuleSet {
            consequence_rule: id,
            ranked: *ranked,
            ground: *ground,
            grade: grade.clone(),
            points: points.0,
            months: *months,
            kind: *kind,
            days: *days,
            from_month: from_month.clone(),
            name: words_hash(&salt, name),
        })?;
        Ok(id)
    }
}

/// Ends a rule: it proposes nothing more, and what it has proposed stays. Errors: `consequence_rule.ended`.
pub struct EndRule {
    pub by: Permit<SetConsequences>,
    pub rule: RuleId,
}

impl Command for EndRule {
    const KIND: &'static str = "consequence_rule.end";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        tx.change_one(&END, args! { tenant: tenant, rule: self.rule }).await?.or(ENDED)?;
        tx.fact(RuleEnded { consequence_rule: self.rule })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::Uuid;

    fn rule(ground: ConsequenceGround, months: i64) -> Rule {
        Rule {
            id: RuleId(Uuid::nil()),
            ranked: Ranked::Compound,
            ground,
            grade: "B".into(),
            points: 60_000,
            months,
            kind: ConsequenceKind::Talk,
            name: "Talk".into(),
            days: 7,
            from_month: "2026-02".into(),
            open: true,
            salt: [0; 32],
            set_at: Instant(0),
        }
    }

    fn member(nth: u128) -> MemberId {
        MemberId(Uuid::from_u128(nth))
    }

    /// Totals in points, grade and place of members one, two, three ...
    fn month(lines: &[(i64, &str, Option<i64>)]) -> MonthOf {
        let got = |(total, grade, place): &(i64, &str, Option<i64>)| Got {
            total: total * 1000,
            grade: (*grade).to_owned(),
            place: *place,
            unit: None,
        };
        let of = (1_u128..).map(member).zip(lines.iter().map(got)).collect();
        MonthOf { evaluation: None, grades: ["A", "B", "C"].map(str::to_owned).to_vec(), of }
    }

    fn who(rule: &Rule, months: &[(&str, MonthOf)], at: &str) -> Vec<u128> {
        let months: BTreeMap<String, MonthOf> = months.iter().map(|(month, table)| ((*month).to_owned(), table.clone())).collect();
        (1..=4).filter(|nth| rule.holds(&months, at, member(*nth))).collect()
    }

    #[test]
    fn each_ground_is_met_by_whom_it_means() {
        let table = || vec![("2026-03", month(&[(90, "A", Some(1)), (70, "B", Some(2)), (50, "C", Some(3)), (40, "C", None)]))];
        for (ground, expected) in [
            (ConsequenceGround::FirstGrade, vec![1]),
            (ConsequenceGround::Grade, vec![2]),
            (ConsequenceGround::LastGrade, vec![3]),
            (ConsequenceGround::Under, vec![3]),
            (ConsequenceGround::LastPlace, vec![3]),
            (ConsequenceGround::FirstPlace, vec![1]),
        ] {
            assert_eq!(who(&rule(ground, 1), &table(), "2026-03"), expected, "{ground}: whoever is not compared is never meant");
        }
    }

    #[test]
    fn nobody_is_last_among_few_or_equals() {
        let few = vec![("2026-03", month(&[(90, "A", Some(1)), (70, "B", Some(2))]))];
        assert!(who(&rule(ConsequenceGround::LastPlace, 1), &few, "2026-03").is_empty());
        let equal = vec![("2026-03", month(&[(90, "A", Some(1)), (90, "A", Some(1)), (90, "A", Some(1))]))];
        assert!(who(&rule(ConsequenceGround::LastPlace, 1), &equal, "2026-03").is_empty());
        let shared = vec![("2026-03", month(&[(90, "A", Some(1)), (70, "B", Some(2)), (70, "B", Some(2))]))];
        assert_eq!(who(&rule(ConsequenceGround::LastPlace, 1), &shared, "2026-03"), [2, 3]);
        let mut one = month(&[(90, "A", Some(1))]);
        one.grades.truncate(1);
        assert!(who(&rule(ConsequenceGround::LastGrade, 1), &[("2026-03", one)], "2026-03").is_empty(), "the only grade is no last one");
    }

    #[test]
    fn months_in_a_row_are_those_since_the_rule_holds_without_a_gap() {
        let bad = || month(&[(50, "C", Some(2))]);
        let all = vec![("2026-01", bad()), ("2026-02", bad()), ("2026-03", bad()), ("2026-05", bad())];
        let rule = rule(ConsequenceGround::LastGrade, 2);
        assert!(who(&rule, &all, "2026-02").is_empty(), "January was before the rule");
        assert_eq!(who(&rule, &all, "2026-03"), [1]);
        assert!(who(&rule, &all, "2026-05").is_empty(), "April was not published");
    }
}
