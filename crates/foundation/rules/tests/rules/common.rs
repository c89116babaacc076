//! The vocabulary and the small schemes that the tests share.

use rules::*;
use std::collections::BTreeMap;

pub fn vocabulary() -> Vocabulary {
    Vocabulary {
        kinds: vec![
            FactKind::new(
                "case.found",
                vec![
                    Column::one_of("category", &["hygiene", "order", "greening"]),
                    Column::int("days_late", 0, 365),
                    Column::bool("repeated"),
                    Column::code("source"),
                ],
            ),
            FactKind::new("meter.read", vec![Column::int("amount", 0, i64::MAX)]),
            FactKind::new("duty.rated", vec![Column::code("item")]).by_hand(),
        ],
        counts: ["found", "withdrawn", "on_time"].map(str::to_owned).to_vec(),
        measures: vec![Measure::new("households", 100), Measure::new("rounds", 1)],
    }
}

pub fn pts(text: &str) -> Points {
    text.parse().unwrap()
}

pub fn map(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

pub fn when(column: &str, test: Test) -> Condition {
    Condition { column: column.into(), test }
}

pub fn row(code: &str, applies: &str, conditions: Vec<Condition>, worth: Worth) -> Row {
    Row {
        code: code.into(),
        dimension: "环境".into(),
        name: format!("第{code}项"),
        applies: applies.into(),
        conditions,
        sign: Sign::Deduct,
        worth,
        normalise: None,
        cap: None,
        evidence: String::new(),
        decider: String::new(),
        note: String::new(),
    }
}

pub fn rate(code: &str, numerator: &str, denominator: &str) -> Rate {
    Rate {
        code: code.into(),
        name: format!("{code}率"),
        numerator: numerator.parse().unwrap(),
        denominator: denominator.parse().unwrap(),
        scale: Scale::Percent,
    }
}

/// From 0 to 100, of which 40 are there to lose and 10 to earn.
pub fn scheme(rows: Vec<Row>) -> Scheme {
    Scheme {
        base: pts("50"),
        min: pts("0"),
        max: pts("100"),
        dimensions: vec![
            Dimension { name: "环境".into(), full: pts("40"), start: Start::Full },
            Dimension { name: "共治".into(), full: pts("10"), start: Start::Zero },
        ],
        grades: vec![Grade { name: "甲".into(), from: pts("90") }, Grade { name: "丙".into(), from: pts("0") }],
        rows,
        ..Scheme::default()
    }
}

/// A case with nothing known but its category and days.
pub fn found(id: &str, at: i64) -> Fact {
    Fact::new("case.found", id, at, vec![Some("greening".into()), Some(0.into()), None, Some("patrol".into())])
}

pub trait With {
    /// The same fact with another value in a column.
    fn with(self, column: &str, value: Option<Value>) -> Self;
}

impl With for Fact {
    fn with(mut self, column: &str, value: Option<Value>) -> Self {
        let kinds = vocabulary().kinds;
        let kind = kinds.iter().find(|kind| kind.name == self.kind).unwrap();
        let slot = kind.columns.iter().position(|known| known.name == column).unwrap();
        self.values[slot] = value;
        self
    }
}

/// Lines add up to the total, facts to their lines, and nothing is out of bounds.
pub fn assert_sums(score: &Score) {
    assert_eq!(score.lines.iter().map(|line| line.points.0).sum::<i64>(), score.total.0, "{score:?}");
    for line in score.lines.iter().filter(|line| !line.facts.is_empty()) {
        assert_eq!(line.facts.iter().map(|fact| fact.counted.0).sum::<i64>(), line.points.0, "{line:?}");
    }
    for dimension in &score.dimensions {
        let sum: i64 = score.lines.iter().filter(|line| line.dimension.as_ref() == Some(&dimension.name)).map(|line| line.points.0).sum();
        assert_eq!(sum, dimension.points.0);
    }
}
