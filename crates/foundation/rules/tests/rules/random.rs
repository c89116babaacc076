//! Random schemes that compile, and random units, over the tests' vocabulary.

use crate::common::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use rules::*;

pub fn points(most: i64) -> impl Strategy<Value = Points> {
    (0..=most).prop_map(Points)
}

/// Codes that people may type, among them some that a sheet must put in quotes.
fn any_code() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ab]", 1 => "热线|巡查|属于|hotline|in|a；b|x、y|\"|＂|“| c |..|≥ 1|是|卫生|5%|"]
}

fn value(column: &Column) -> BoxedStrategy<Value> {
    match &column.of {
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Int { min, max } => prop_oneof![4 => 0..12_i64, 1 => *min..=*max].prop_map(Value::Int).boxed(),
        ColumnType::Code { known: Some(known) } => prop::sample::select(known.clone()).prop_map(Value::Code).boxed(),
        ColumnType::Code { known: None } => any_code().prop_map(Value::Code).boxed(),
    }
}

fn test(column: &Column) -> BoxedStrategy<Test> {
    let one = || value(column);
    let every = prop_oneof![
        3 => one().prop_map(Test::Is),
        2 => one().prop_map(Test::IsNot),
        2 => vec(one(), 0..4).prop_map(Test::In),
        1 => vec(one(), 0..4).prop_map(Test::NotIn),
        1 => Just(Test::Known),
        1 => Just(Test::Unknown),
    ];
    let ColumnType::Int { .. } = column.of else { return every.boxed() };
    let int = || prop_oneof![8 => -2..14_i64, 1 => any::<i64>()];
    prop_oneof![
        every,
        int().prop_map(Test::Below),
        int().prop_map(Test::AtMost),
        int().prop_map(Test::Above),
        int().prop_map(Test::AtLeast),
        (int(), int()).prop_map(|(low, high)| Test::Between(low, high)),
    ]
    .boxed()
}

fn conditions(columns: Vec<Column>) -> impl Strategy<Value = Vec<Condition>> {
    let one = prop::sample::select(columns).prop_flat_map(|column| (Just(column.name.clone()), test(&column)));
    vec(one.prop_map(|(column, test)| Condition { column, test }), 0..4)
}

fn steps(column: &'static str) -> impl Strategy<Value = Worth> {
    btree_map(-3..12_i64, points(3000), 1..4).prop_map(move |steps| Worth::Steps {
        column: column.into(),
        steps: steps.into_iter().map(|(from, points)| Step { from, points }).collect(),
    })
}

fn cap(column: Option<&'static str>) -> BoxedStrategy<Option<Cap>> {
    let each = match column {
        Some(column) => option::of(Just(column.to_owned())).boxed(),
        None => Just(None).boxed(),
    };
    option::of((points(6000), each).prop_map(|(most, each)| Cap { most, each })).boxed()
}

/// What a row applies to, with conditions, points, cap and measure that go with it.
fn applied(kinds: &'static [&'static str]) -> impl Strategy<Value = Row> {
    prop::sample::select(kinds).prop_flat_map(|applies| {
        let kind = vocabulary().kinds.into_iter().find(|kind| kind.name == applies);
        let columns = kind.map_or_else(|| vec![Column::int("value", i64::MIN, i64::MAX)], |kind| kind.columns);
        let each = points(3000).prop_map(Worth::Each);
        let (worth, cap) = match applies {
            "case.found" => {
                let per = points(900).prop_map(|points| Worth::Per { points, column: "days_late".into() });
                (prop_oneof![each, per, steps("days_late")].boxed(), prop_oneof![cap(Some("source")), cap(Some("category"))].boxed())
            }
            "duty.rated" => (prop_oneof![each, points(5000).prop_map(Worth::Entered)].boxed(), cap(Some("item"))),
            "meter.read" => (prop_oneof![each, steps("amount")].boxed(), cap(None)),
            _ => (prop_oneof![each, steps("value"), points(20_000).prop_map(Worth::Share)].boxed(), cap(None)),
        };
        let measure = if applies.starts_with('R') { Just(None).boxed() } else { option::of("households|rounds").boxed() };
        (conditions(columns), worth, cap, measure).prop_map(move |(conditions, worth, cap, normalise)| Row {
            cap,
            normalise,
            ..row("", applies, conditions, worth)
        })
    })
}

fn text() -> impl Strategy<Value = String> {
    "[a-z路；、\"≥ \n]{0,8}".prop_map(|text| text.trim().to_owned())
}

fn any_row(kinds: &'static [&'static str]) -> impl Strategy<Value = Row> {
    (applied(kinds), text(), text(), any::<bool>(), any::<bool>()).prop_map(|(row, name, note, award, second)| Row {
        name,
        evidence: note.clone(),
        decider: note.clone(),
        note,
        sign: if award { Sign::Award } else { Sign::Deduct },
        dimension: if second { "共治" } else { "环境" }.into(),
        ..row
    })
}

fn formula() -> impl Strategy<Value = Expression> {
    let texts = "found|found - withdrawn|(found + on_time) \\* 2|found@last - found|-在办 + 3|在办 - \\(found - on_time\\)|-7";
    texts.prop_filter_map("a formula", |text| text.replace('\\', "").parse().ok())
}

pub const ALL: &[&str] = &["case.found", "case.found", "duty.rated", "meter.read", "R1", "R2"];

/// A scheme with rows of these kinds and rates.
pub fn schemes(kinds: &'static [&'static str]) -> impl Strategy<Value = Scheme> {
    let policy = prop::sample::select(Policy::ALL);
    let policies = btree_map("case\\.found|duty\\.rated", policy, 0..3);
    let sample = option::of(("found|on_time", 0..9_u64).prop_map(|(count, least)| Sample { count, least }));
    let header = (-20_000..=60_000_i64, 0..9000_i64, 0..200_000_i64, policies, sample);
    (vec(any_row(kinds), 1..7), header, vec(formula(), 3)).prop_map(|(mut rows, (base, min, size, policies, sample), formulas)| {
        for (index, row) in rows.iter_mut().enumerate() {
            row.code = format!("A{index}");
        }
        let mut made = Scheme { base: Points(base), min: Points(min), max: Points(min + size), policies, sample, ..scheme(rows) };
        made.sums.push(Sum { name: "在办".into(), expression: "found + withdrawn@last".parse().unwrap() });
        for (code, formula) in ["R1", "R2"].into_iter().zip(formulas) {
            made.rates.push(Rate { numerator: formula, ..rate(code, "1", "found + 在办") });
        }
        made
    })
}

pub fn fact(kind: &'static str) -> impl Strategy<Value = Fact> {
    let columns = vocabulary().kinds.into_iter().find(|known| known.name == kind).unwrap().columns;
    let values: Vec<_> = columns.iter().map(|column| option::weighted(0.85, value(column))).collect();
    (values, "[a-f]", 0..4_i64, option::of((0..6000_i64).prop_map(Points)))
        .prop_map(move |(values, id, at, points)| Fact { points, ..Fact::new(kind, &id, at, values) })
}

pub fn inputs() -> impl Strategy<Value = Input> {
    let facts = vec(prop_oneof![4 => fact("case.found"), 1 => fact("duty.rated"), 1 => fact("meter.read")], 0..12);
    let counts = || btree_map("found|withdrawn|on_time", prop_oneof![4 => 0..20_u64, 1 => any::<u64>()], 0..4);
    let measures = btree_map("households|rounds", prop_oneof![4 => 0..700_u64, 1 => any::<u64>()], 0..3);
    (facts, counts(), counts(), measures).prop_map(|(facts, counts, last, measures)| Input { facts, counts, last, measures })
}
