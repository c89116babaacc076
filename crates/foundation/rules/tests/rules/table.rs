//! Matching, policies, rates, caps and bounds, each by examples that people can check by hand.

use crate::common::*;
use rules::*;

#[test]
fn a_condition_over_a_missing_value_is_unknown_unless_it_asks_for_that() {
    let tests = |column: &str, of: Vec<(Test, Option<Value>, Truth)>| {
        for (test, value, expected) in of {
            let table = scheme(vec![row("A1", "case.found", vec![when(column, test.clone())], Worth::Each(pts("1")))])
                .compile(&vocabulary())
                .unwrap();
            let explained = table.explain_fact(&found("1", 0).with(column, value.clone()));
            assert_eq!(explained.rows[0].truth, expected, "{test:?} of {value:?}");
        }
    };
    let (yes, no, unknown) = (Truth::Yes, Truth::No, Truth::Unknown);
    let int = |value: i64| Some(Value::Int(value));
    tests(
        "days_late",
        vec![
            (Test::Is(3.into()), int(3), yes),
            (Test::Is(3.into()), int(4), no),
            (Test::Is(3.into()), None, unknown),
            (Test::IsNot(3.into()), int(4), yes),
            (Test::IsNot(3.into()), None, unknown),
            (Test::Below(3), int(2), yes),
            (Test::Below(3), int(3), no),
            (Test::Below(i64::MIN), int(0), no),
            (Test::AtMost(3), int(3), yes),
            (Test::Above(3), int(3), no),
            (Test::Above(i64::MAX), int(5), no),
            (Test::AtLeast(3), int(3), yes),
            (Test::AtLeast(3), None, unknown),
            (Test::Between(2, 4), int(4), yes),
            (Test::Between(2, 4), int(5), no),
            (Test::Between(4, 2), int(3), no),
            (Test::In(vec![1.into(), 3.into()]), int(3), yes),
            (Test::In(vec![]), int(3), no),
            (Test::NotIn(vec![1.into(), 3.into()]), int(2), yes),
            (Test::NotIn(vec![1.into()]), None, unknown),
            (Test::Known, int(0), yes),
            (Test::Known, None, no),
            (Test::Unknown, None, yes),
            (Test::Unknown, int(0), no),
        ],
    );
    tests("repeated", vec![(Test::Is(true.into()), Some(true.into()), yes), (Test::Is(true.into()), Some(false.into()), no)]);
    tests(
        "category",
        vec![(Test::Is("hygiene".into()), Some("hygiene".into()), yes), (Test::Is("hygiene".into()), Some("order".into()), no)],
    );
    tests(
        "source",
        vec![(Test::In(vec!["hotline".into()]), Some("hotline".into()), yes), (Test::IsNot("hotline".into()), Some("x".into()), yes)],
    );
}

#[test]
fn a_row_is_false_before_it_is_unknown_and_unknown_before_it_is_true() {
    let both = vec![when("days_late", Test::AtLeast(1)), when("repeated", Test::Is(true.into()))];
    let table = scheme(vec![row("A1", "case.found", both, Worth::Each(pts("1")))]).compile(&vocabulary()).unwrap();
    let truth = |days: Option<i64>, repeated: Option<bool>| {
        let fact = found("1", 0).with("days_late", days.map(Value::Int)).with("repeated", repeated.map(Value::Bool));
        let explained = table.explain_fact(&fact).rows.remove(0);
        (explained.truth, explained.missing)
    };
    let missing = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (days, repeated, expected, names) in [
        (Some(1), Some(true), Truth::Yes, missing(&[])),
        (Some(1), Some(false), Truth::No, missing(&[])),
        (Some(0), Some(true), Truth::No, missing(&[])),
        (Some(1), None, Truth::Unknown, missing(&["repeated"])),
        (None, Some(true), Truth::Unknown, missing(&["days_late"])),
        (None, None, Truth::Unknown, missing(&["days_late", "repeated"])),
        (Some(0), None, Truth::No, missing(&[])),
        (None, Some(false), Truth::No, missing(&[])),
    ] {
        assert_eq!(truth(days, repeated), (expected, names), "{days:?} {repeated:?}");
    }
}

/// Three rows that overlap: any case, late cases, cases late by a week.
fn overlapping(policy: Policy, points: [&str; 3]) -> Scheme {
    let mut scheme = scheme(vec![
        row("A1", "case.found", vec![when("days_late", Test::AtLeast(7))], Worth::Each(pts(points[0]))),
        row("A2", "case.found", vec![when("days_late", Test::AtLeast(1))], Worth::Each(pts(points[1]))),
        row("A3", "case.found", vec![when("category", Test::Is("hygiene".into()))], Worth::Each(pts(points[2]))),
    ]);
    scheme.policies.insert("case.found".into(), policy);
    scheme
}

fn scored(score: &Score) -> Vec<String> {
    let rows = score.lines.iter().filter_map(|line| match &line.of {
        LineOf::Row { code } => Some(format!("{code} {}", line.points)),
        _ => None,
    });
    rows.collect()
}

fn open(score: &Score) -> Vec<String> {
    score
        .undecided
        .iter()
        .map(|one| format!("{} {} {}", one.row.as_deref().unwrap_or("-"), one.reason.why, one.reason.of.join(",")))
        .collect()
}

#[test]
fn each_policy_does_what_it_is_called() {
    let unit = |facts: Vec<Fact>| Input { facts, ..Input::default() };
    let late =
        |days: Option<i64>| unit(vec![found("1", 0).with("days_late", days.map(Value::Int)).with("category", Some("hygiene".into()))]);
    let score = |policy, points, input: &Input| overlapping(policy, points).compile(&vocabulary()).unwrap().score(input);

    let collected = score(Policy::Collect, ["3", "1", "0.5"], &late(Some(8)));
    assert_eq!(scored(&collected), ["A1 -3", "A2 -1", "A3 -0.5"]);
    let collected = score(Policy::Collect, ["3", "1", "0.5"], &late(None));
    assert_eq!(
        (scored(&collected), open(&collected)),
        (vec!["A3 -0.5".into()], vec!["A1 missing_columns days_late".into(), "A2 missing_columns days_late".into()])
    );

    let first = score(Policy::First, ["3", "1", "0.5"], &late(Some(8)));
    assert_eq!(scored(&first), ["A1 -3"]);
    let first = score(Policy::First, ["3", "1", "0.5"], &late(Some(0)));
    assert_eq!(scored(&first), ["A3 -0.5"]);
    let first = score(Policy::First, ["3", "1", "0.5"], &late(None));
    assert_eq!(
        (scored(&first), open(&first)),
        (vec![], vec!["A1 missing_columns days_late".into()]),
        "nothing is guessed behind an unknown row"
    );

    let unique = score(Policy::Unique, ["3", "1", "0.5"], &late(Some(0)));
    assert_eq!(scored(&unique), ["A3 -0.5"]);
    let unique = score(Policy::Unique, ["3", "1", "0.5"], &late(Some(8)));
    assert_eq!((scored(&unique), unique.conflicts[0].rows.clone()), (vec![], vec!["A1".into(), "A2".into(), "A3".into()]));
    let unique = score(Policy::Unique, ["3", "1", "0.5"], &late(None));
    assert_eq!((scored(&unique), open(&unique).len()), (vec![], 2), "beside a match stands what may match too");

    let any = score(Policy::Any, ["2", "2", "2"], &late(Some(8)));
    assert_eq!(scored(&any), ["A1 -2"]);
    let any = score(Policy::Any, ["2", "2", "1"], &late(Some(8)));
    assert_eq!((scored(&any), any.conflicts.len()), (vec![], 1));
    let any = score(Policy::Any, ["2", "2", "2"], &late(None));
    assert_eq!((scored(&any), open(&any).len()), (vec![], 2));
}

#[test]
fn points_are_given_each_per_column_by_steps_and_by_hand() {
    let steps = Worth::Steps {
        column: "days_late".into(),
        steps: vec![Step { from: 1, points: pts("0.5") }, Step { from: 3, points: pts("1") }, Step { from: 7, points: pts("2") }],
    };
    let rows = vec![
        row("A1", "case.found", vec![], Worth::Each(pts("0.3"))),
        row("A2", "case.found", vec![], Worth::Per { points: pts("0.1"), column: "days_late".into() }),
        row("A3", "case.found", vec![], steps),
        Row { sign: Sign::Award, ..row("A4", "duty.rated", vec![], Worth::Entered(pts("5"))) },
    ];
    let table = scheme(rows).compile(&vocabulary()).unwrap();
    let facts = vec![
        found("1", 1).with("days_late", Some(0.into())),
        found("2", 2).with("days_late", Some(6.into())),
        found("3", 3).with("days_late", Some(7.into())),
        Fact::new("duty.rated", "4", 4, vec![None]).with_points(pts("4.5")),
        Fact::new("duty.rated", "5", 5, vec![None]),
        Fact::new("duty.rated", "6", 6, vec![None]).with_points(pts("5.001")),
    ];
    let score = table.score(&Input { facts, ..Input::default() });
    assert_eq!(scored(&score), ["A1 -0.9", "A2 -1.3", "A3 -3", "A4 4.5"]);
    assert_eq!(open(&score), ["A4 no_points ", "A4 points_outside 5.001"]);
    assert_sums(&score);
}

#[test]
fn a_cap_lets_the_earlier_facts_count_and_shows_what_each_added() {
    let capped = |cap| {
        let row = Row { cap: Some(cap), ..row("A1", "case.found", vec![], Worth::Each(pts("1"))) };
        let facts = vec![
            found("d", 4).with("source", Some("hotline".into())),
            found("b", 2).with("source", Some("patrol".into())),
            found("a", 2).with("source", Some("hotline".into())),
            found("c", 3).with("source", Some("hotline".into())),
        ];
        let score = scheme(vec![row]).compile(&vocabulary()).unwrap().score(&Input { facts, ..Input::default() });
        assert_sums(&score);
        let line = score.lines.iter().find(|line| line.of == LineOf::Row { code: "A1".into() }).unwrap().clone();
        (
            line.raw.to_string(),
            line.points.to_string(),
            line.facts.iter().map(|fact| format!("{} {}", score.facts[fact.fact as usize].id, fact.counted)).collect::<Vec<_>>(),
        )
    };
    let (raw, points, facts) = capped(Cap { most: pts("2.5"), each: None });
    assert_eq!((raw.as_str(), points.as_str()), ("-4", "-2.5"));
    assert_eq!(facts, ["a -1", "b -1", "c -0.5", "d 0"]);
    let (_, points, facts) = capped(Cap { most: pts("2"), each: Some("source".into()) });
    assert_eq!(points, "-3", "each source by itself");
    assert_eq!(facts, ["a -1", "b -1", "c -1", "d 0"]);
}

#[test]
fn a_row_is_normalised_before_it_is_capped_and_rounded_once() {
    let per_hundred = |households: Option<u64>, cap: Option<&str>| {
        let cap = cap.map(|most| Cap { most: pts(most), each: None });
        let row = Row { normalise: Some("households".into()), cap, ..row("A1", "case.found", vec![], Worth::Each(pts("1"))) };
        let facts = (0..4).map(|at| found(&at.to_string(), at)).collect();
        let measures = households.map(|value| ("households".to_owned(), value)).into_iter().collect();
        let score = scheme(vec![row]).compile(&vocabulary()).unwrap().score(&Input { facts, measures, ..Input::default() });
        assert_sums(&score);
        if open(&score).is_empty() { scored(&score) } else { open(&score) }
    };
    assert_eq!(per_hundred(Some(300), None), ["A1 -1.333"]);
    assert_eq!(per_hundred(Some(600), None), ["A1 -0.667"]);
    assert_eq!(per_hundred(Some(300), Some("1")), ["A1 -1"]);
    assert_eq!(per_hundred(Some(0), None), ["A1 no_measure households"]);
    assert_eq!(per_hundred(None, None), ["A1 no_measure households"]);
}

#[test]
fn rates_are_exact_and_say_why_they_are_none() {
    let mut scheme = scheme(vec![
        Row { sign: Sign::Award, ..row("A1", "R1", vec![], Worth::Share(pts("20"))) },
        Row { sign: Sign::Award, ..row("A2", "R1", vec![when("value", Test::AtLeast(9500))], Worth::Each(pts("2"))) },
        Row {
            sign: Sign::Award,
            ..row(
                "A3",
                "R2",
                vec![],
                Worth::Steps {
                    column: "value".into(),
                    steps: vec![Step { from: 0, points: pts("1") }, Step { from: 1000, points: pts("3") }],
                },
            )
        },
    ]);
    scheme.sums.push(Sum { name: "在办".into(), expression: "found - withdrawn".parse().unwrap() });
    scheme.rates.push(rate("R1", "on_time", "在办"));
    scheme.rates.push(rate("R2", "found@last - found", "found@last"));
    let table = scheme.compile(&vocabulary()).unwrap();
    let score = |counts: &[(&str, u64)], last: &[(&str, u64)]| {
        let score = table.score(&Input { counts: map(counts), last: map(last), ..Input::default() });
        assert_sums(&score);
        score
    };
    let full = score(&[("found", 12), ("withdrawn", 2), ("on_time", 9)], &[("found", 16)]);
    assert_eq!(scored(&full), ["A1 18", "A3 3"]);
    assert_eq!(full.rates[0].value, Ok(Fraction { numerator: 9, denominator: 10 }));
    let worse = score(&[("found", 30_000), ("withdrawn", 0), ("on_time", 28_499)], &[("found", 29_999)]);
    assert_eq!(scored(&worse), ["A1 18.999", "A3 0"], "94.9967 % is not 95 %; it got worse by less than a basis point, which is below 0");
    let none = score(&[("found", 2), ("withdrawn", 2), ("on_time", 0)], &[]);
    assert_eq!(open(&none), ["A1 no_denominator ", "A2 no_denominator ", "A3 no_last_count found"]);
    let unknown = score(&[("on_time", 0)], &[("found", 0)]);
    assert_eq!(open(&unknown), ["A1 no_count found", "A2 no_count found", "A3 no_count found"]);
    let more = score(&[("found", 5), ("withdrawn", 0), ("on_time", 9)], &[("found", 5)]);
    assert_eq!(scored(&more), ["A1 20", "A2 2", "A3 1"], "a share is kept within its weight");
    assert_eq!(Fraction { numerator: -2, denominator: 3 }.times(Scale::Percent.factor(), 2), "-66.67");
    assert_eq!(Fraction { numerator: 2, denominator: 3 }.times(Scale::Plain.factor(), 0), "1");
}

#[test]
fn dimensions_and_totals_stay_within_bounds_and_say_so() {
    let mut scheme = scheme(vec![
        row("A1", "case.found", vec![], Worth::Each(pts("30"))),
        Row { dimension: "共治".into(), sign: Sign::Award, ..row("B1", "case.found", vec![], Worth::Each(pts("7"))) },
    ]);
    scheme.base = pts("-50");
    let score = scheme.compile(&vocabulary()).unwrap().score(&Input { facts: vec![found("1", 1), found("2", 2)], ..Input::default() });
    let lines: Vec<String> = score.lines.iter().map(|line| format!("{:?} {}", line.of, line.points)).collect();
    assert_eq!(
        lines,
        [
            "Base -50",
            "Start { dimension: \"环境\" } 40",
            "Row { code: \"A1\" } -60",
            "Row { code: \"B1\" } 14",
            "DimensionBound { dimension: \"环境\" } 20",
            "DimensionBound { dimension: \"共治\" } -4",
            "TotalBound 40"
        ]
    );
    assert_eq!((score.total, score.dimensions[1].points, score.grade.as_deref()), (pts("0"), pts("10"), Some("丙")));
    assert_sums(&score);
}

#[test]
fn a_small_sample_is_scored_and_not_ranked() {
    let mut scheme = scheme(vec![row("A1", "case.found", vec![], Worth::Each(pts("1")))]);
    scheme.sample = Some(Sample { count: "found".into(), least: 5 });
    let table = scheme.compile(&vocabulary()).unwrap();
    let reason = |counts: &[(&str, u64)]| {
        table.score(&Input { counts: map(counts), ..Input::default() }).not_ranked.map(|reason| (reason.why, reason.of))
    };
    assert_eq!(reason(&[("found", 5)]), None);
    assert_eq!(reason(&[("found", 4)]), Some((Why::SmallSample, vec!["found".into(), "4".into(), "5".into()])));
    assert_eq!(reason(&[]), Some((Why::NoCount, vec!["found".into()])));
}

#[test]
fn facts_that_do_not_fit_the_vocabulary_are_set_aside() {
    let table = scheme(vec![row("A1", "case.found", vec![], Worth::Each(pts("1")))]).compile(&vocabulary()).unwrap();
    let facts = vec![
        Fact::new("weather", "1", 1, vec![]),
        Fact::new("case.found", "2", 2, vec![None]),
        found("3", 3).with("days_late", Some(366.into())),
        found("4", 4).with("category", Some("strange".into())),
        found("5", 5).with("repeated", Some(1.into())),
    ];
    let score = table.score(&Input { facts, ..Input::default() });
    assert_eq!(
        open(&score),
        [
            "- unknown_kind weather",
            "- wrong_shape ",
            "- outside_column days_late",
            "- outside_column category",
            "- outside_column repeated"
        ]
    );
    assert_eq!(scored(&score), Vec::<String>::new());
}

#[test]
fn numbers_beyond_all_bounds_are_said_to_be_so() {
    let rows = vec![
        row("A1", "meter.read", vec![], Worth::Per { points: pts("1000000"), column: "amount".into() }),
        Row { cap: Some(Cap { most: pts("3"), each: None }), ..row("A2", "meter.read", vec![], Worth::Each(pts("1000000"))) },
    ];
    let mut scheme = scheme(rows);
    scheme.rates.push(rate("R1", "found * found", "1"));
    let table = scheme.compile(&vocabulary()).unwrap();
    let facts = (0..3).map(|at| Fact::new("meter.read", &at.to_string(), at, vec![Some(Value::Int(i64::MAX))])).collect();
    let score = table.score(&Input { facts, counts: map(&[("found", u64::MAX)]), ..Input::default() });
    assert_eq!(scored(&score), ["A2 -3"]);
    assert_eq!(open(&score), ["A1 too_large ", "A1 too_large ", "A1 too_large "]);
    assert_eq!(score.rates[0].value.as_ref().map_err(|reason| reason.why), Err(Why::TooLarge));
    assert_sums(&score);
}

#[test]
fn an_explanation_names_the_condition_and_the_value() {
    let rows = vec![
        row(
            "A1",
            "case.found",
            vec![when("category", Test::Is("order".into())), when("days_late", Test::AtLeast(1))],
            Worth::Each(pts("1")),
        ),
        row("A2", "case.found", vec![when("days_late", Test::AtLeast(1))], Worth::Each(pts("0.5"))),
    ];
    let mut scheme = scheme(rows);
    scheme.rates.push(rate("R1", "on_time", "found"));
    scheme.rows.push(row("A3", "R1", vec![when("value", Test::Below(9000))], Worth::Each(pts("3"))));
    let fact = found("1", 7).with("category", Some("hygiene".into())).with("days_late", Some(2.into()));
    let input = Input { facts: vec![fact], counts: map(&[("on_time", 8), ("found", 9)]), ..Input::default() };
    let explained = scheme.compile(&vocabulary()).unwrap().explain(&input);
    let told: Vec<String> = explained
        .iter()
        .flat_map(|one| one.rows.iter())
        .map(|row| {
            let conditions =
                row.conditions.iter().map(|one| format!("{}={:?}:{}", one.condition.column, one.value, one.truth)).collect::<Vec<_>>();
            format!("{} {} {:?} {}", row.code, row.truth, row.points.map(|points| points.to_string()), conditions.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "A1 no None category=Some(Code(\"hygiene\")):no days_late=Some(Int(2)):yes",
            "A2 yes Some(\"-0.5\") days_late=Some(Int(2)):yes",
            "A3 yes Some(\"-3\") value=Some(Int(8888)):yes",
        ]
    );
}

#[test]
fn what_changed_between_two_scores_adds_up() {
    let one = scheme(vec![row("A1", "case.found", vec![], Worth::Each(pts("1"))), row("A2", "case.found", vec![], Worth::Each(pts("2")))]);
    let mut two = one.clone();
    two.rows.remove(0);
    two.rows[0].worth = Worth::Each(pts("30"));
    let input = Input { facts: vec![found("1", 1), found("2", 2)], ..Input::default() };
    let (before, after) = (one.compile(&vocabulary()).unwrap().score(&input), two.compile(&vocabulary()).unwrap().score(&input));
    let differences = changes(&before, &after);
    let told: Vec<String> = differences.iter().map(|one| format!("{:?} {} → {}", one.of, one.before, one.after)).collect();
    assert_eq!(told, ["Row { code: \"A1\" } -2 → 0", "Row { code: \"A2\" } -4 → -60", "DimensionBound { dimension: \"环境\" } 0 → 20"]);
    assert_eq!(differences.iter().map(|one| one.after.0 - one.before.0).sum::<i64>(), after.total.0 - before.total.0);
    assert_eq!(changes(&after, &after), []);
}

#[test]
fn equal_inputs_and_schemes_have_equal_bytes() {
    let scheme = overlapping(Policy::First, ["1", "2", "3"]);
    let json = scheme.to_json().unwrap();
    assert_eq!(Scheme::from_json(&json).unwrap(), scheme);
    assert_eq!(Scheme::from_json(&json).unwrap().to_json().unwrap(), json);
    let table = scheme.compile(&vocabulary()).unwrap();
    let score = table.score(&Input { facts: vec![found("2", 1), found("1", 1)], ..Input::default() });
    let again = table.score(&Input { facts: vec![found("1", 1), found("2", 1)], ..Input::default() });
    let bytes = serde_json::to_string(&score).unwrap();
    assert_eq!(bytes, serde_json::to_string(&again).unwrap());
    assert_eq!(serde_json::from_str::<Score>(&bytes).unwrap(), score);
    assert!(kernel::canonical::to_canonical(&score).is_ok(), "whole numbers alone");
}

#[test]
fn columns_that_fall_into_very_many_parts_match_as_others_do() {
    let values = |row: i64| Test::In((0..200).map(|value| Value::Int(row + value * 100)).collect());
    let rows = (0..60).map(|at| row(&format!("A{at}"), "meter.read", vec![when("amount", values(at))], Worth::Each(pts("1"))));
    let table = scheme(rows.collect()).compile(&vocabulary()).unwrap();
    let facts = [159, 5_003, 5_003, 99].map(|amount| Fact::new("meter.read", &amount.to_string(), amount, vec![Some(Value::Int(amount))]));
    let score = table.score(&Input { facts: facts.into(), ..Input::default() });
    assert_eq!(scored(&score), ["A3 -2", "A59 -1"]);
}

#[test]
fn columns_at_the_ends_of_the_number_range_match_as_others_do() {
    let (low, high) = (i64::MIN, i64::MAX);
    let columns = vec![Column::int("low", low, low + 9), Column::int("high", high - 9, high), Column::int("all", low, high)];
    let vocabulary = Vocabulary { kinds: vec![FactKind::new("edge", columns)], ..Vocabulary::default() };
    let row = |code, column, test| row(code, "edge", vec![when(column, test)], Worth::Each(pts("1")));
    let rows = vec![
        row("A1", "low", Test::AtMost(low)),
        row("A2", "low", Test::Above(low)),
        row("A3", "high", Test::AtLeast(high)),
        row("A4", "high", Test::Below(high)),
        row("A5", "all", Test::In(vec![low.into(), high.into()])),
    ];
    let table = scheme(rows).compile(&vocabulary).unwrap();
    let fact = |values: [i64; 3]| Fact::new("edge", "1", 1, values.map(|value| Some(Value::Int(value))).into());
    let score = |values| scored(&table.score(&Input { facts: vec![fact(values)], ..Input::default() }));
    assert_eq!(score([low, high, low]), ["A1 -1", "A3 -1", "A5 -1"]);
    assert_eq!(score([low + 9, high - 9, 0]), ["A2 -1", "A4 -1"]);
    assert!(table.lint().iter().all(|problem| problem.fault == Fault::Gap));
}

#[test]
fn a_vocabulary_that_says_things_twice_does_no_harm() {
    let kind = |name: &str| FactKind::new(name, vec![Column::one_of("category", &["a", "b", "a", "c"])]);
    let vocabulary = Vocabulary { kinds: vec![kind("twice"), kind("twice")], ..Vocabulary::default() };
    let rows = vec![row("A1", "twice", vec![when("category", Test::Is("c".into()))], Worth::Each(pts("1")))];
    let table = scheme(rows).compile(&vocabulary).unwrap();
    let facts = ["a", "b", "c"].map(|code| Fact::new("twice", code, 1, vec![Some(code.into())]));
    assert_eq!(scored(&table.score(&Input { facts: facts.into(), ..Input::default() })), ["A1 -1"]);
}
