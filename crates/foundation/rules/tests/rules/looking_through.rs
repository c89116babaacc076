//! What the linter finds, by examples; and that what it says is so, on random schemes.

use crate::common::*;
use crate::random::*;
use proptest::prelude::*;
use rules::*;

fn lint(policy: Policy, rows: Vec<(Vec<Condition>, Worth)>) -> Vec<String> {
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(index, (conditions, worth))| row(&format!("A{index}"), "case.found", conditions, worth))
        .collect();
    let mut scheme = scheme(rows);
    scheme.policies.insert("case.found".into(), policy);
    let problems = scheme.compile(&vocabulary()).unwrap().lint();
    let told = problems.iter().map(|problem| {
        let example =
            problem.example.iter().map(|(column, value)| format!("{column}={}", value.as_ref().map_or("?".into(), Value::to_string)));
        let others = problem.others.iter().map(|at| at.row.to_string()).collect::<Vec<_>>();
        format!("{} {} [{}] {}", problem.at.row, problem.fault, others.join(","), example.collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

fn each(points: &str) -> Worth {
    Worth::Each(pts(points))
}

fn late(test: Test) -> Vec<Condition> {
    vec![when("days_late", test)]
}

#[test]
fn rows_that_can_never_match_are_found() {
    let never = [
        vec![when("days_late", Test::AtLeast(5)), when("days_late", Test::Below(5))],
        late(Test::Between(5, 4)),
        late(Test::Above(365)),
        late(Test::Below(0)),
        late(Test::In(vec![])),
        vec![when("category", Test::Is("hygiene".into())), when("category", Test::IsNot("hygiene".into()))],
        vec![when("category", Test::NotIn(vec!["hygiene".into(), "order".into(), "greening".into()]))],
        vec![when("repeated", Test::IsNot(true.into())), when("repeated", Test::IsNot(false.into()))],
        vec![when("source", Test::Unknown), when("source", Test::Is("a".into()))],
        vec![when("source", Test::Known), when("source", Test::Unknown)],
    ];
    for conditions in never {
        let found = lint(Policy::Collect, vec![(conditions.clone(), each("1")), (vec![], each("1"))]);
        assert_eq!(found, ["0 never_matches [] "], "{conditions:?}");
    }
    let needs_it = vec![(late(Test::Unknown), Worth::Per { points: pts("1"), column: "days_late".into() }), (vec![], each("1"))];
    assert_eq!(lint(Policy::Collect, needs_it), ["0 never_matches [] "]);
    assert_eq!(lint(Policy::Collect, vec![(late(Test::Unknown), each("1")), (vec![], each("1"))]), Vec::<String>::new());
    let mut of_rate = scheme(vec![row("A1", "R1", vec![when("value", Test::Unknown)], each("1"))]);
    of_rate.rates.push(rate("R1", "found", "found"));
    assert_eq!(of_rate.compile(&vocabulary()).unwrap().lint()[0].fault, Fault::NeverMatches, "a rate that is none matches nothing");
}

#[test]
fn under_first_a_row_behind_others_is_found() {
    let rows = vec![
        (late(Test::Below(3)), each("1")),
        (late(Test::AtLeast(5)), each("2")),
        (late(Test::In(vec![Value::Int(1), Value::Int(7)])), each("3")),
        (late(Test::Is(4.into())), each("4")),
        (vec![], each("5")),
        (vec![when("repeated", Test::Is(true.into()))], each("6")),
    ];
    assert_eq!(lint(Policy::First, rows), ["2 hidden [0,1] ", "5 hidden [0,1,2,3,4] "]);
}

#[test]
fn under_unique_overlaps_and_under_any_contradictions_are_found() {
    let rows = || vec![(late(Test::AtMost(3)), each("1")), (late(Test::AtLeast(3)), each("2")), (late(Test::Above(3)), each("2"))];
    assert_eq!(lint(Policy::Unique, rows()), ["1 overlap [0] days_late=3", "2 overlap [1] days_late=4"]);
    assert_eq!(lint(Policy::Any, rows()), ["1 disagree [0] days_late=3"]);
    let per = |points| Worth::Per { points: pts(points), column: "days_late".into() };
    let steps = |steps: &[(i64, &str)]| Worth::Steps {
        column: "days_late".into(),
        steps: steps.iter().map(|(from, points)| Step { from: *from, points: pts(points) }).collect(),
    };
    let pair = |one, two, test: Test| lint(Policy::Any, vec![(late(test), one), (vec![], two)]);
    assert_eq!(pair(per("1"), each("2"), Test::Is(2.into())), Vec::<String>::new());
    assert_eq!(pair(per("1"), each("2"), Test::Between(2, 3)), ["1 disagree [0] days_late=3"]);
    assert_eq!(pair(per("1"), steps(&[(1, "1"), (2, "2"), (3, "3")]), Test::Between(0, 3)), Vec::<String>::new());
    assert_eq!(pair(per("1"), steps(&[(1, "1"), (2, "2"), (3, "4")]), Test::Between(0, 3)), ["1 disagree [0] days_late=3"]);
    assert_eq!(pair(per("1"), per("2"), Test::Is(0.into())), Vec::<String>::new());
}

#[test]
fn facts_that_no_row_covers_are_shown() {
    let rows = vec![
        (vec![when("category", Test::Is("hygiene".into()))], each("1")),
        (vec![when("category", Test::IsNot("hygiene".into())), when("days_late", Test::AtLeast(3))], each("1")),
        (vec![when("category", Test::Is("order".into())), when("source", Test::Is("a".into()))], each("1")),
    ];
    assert_eq!(lint(Policy::Collect, rows.clone()), ["0 gap [] category=greening days_late=0 source=other0"]);
    let all = [rows, vec![(late(Test::Below(3)), each("1"))]].concat();
    assert_eq!(lint(Policy::Collect, all), Vec::<String>::new());
}

#[test]
fn a_search_that_takes_too_long_is_ended_and_said_to_be() {
    let vocabulary = Vocabulary {
        kinds: vec![FactKind::new("wide", (0..20).map(|at| Column::int(&format!("c{at}"), 0, 1_000_000)).collect())],
        ..Vocabulary::default()
    };
    let mut seed = 7_i64;
    let mut next = |below: i64| {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        seed / 65_536 % below
    };
    let rows = (0..500).map(|at| {
        let conditions = (0..3).map(|_| when(&format!("c{}", next(20)), Test::IsNot(Value::Int(next(5))))).collect();
        row(&format!("A{at}"), "wide", conditions, each("1"))
    });
    let mut scheme = scheme(rows.collect());
    scheme.policies.insert("wide".into(), Policy::First);
    let problems = scheme.compile(&vocabulary).unwrap().lint();
    assert!(problems.iter().any(|problem| problem.fault == Fault::NotWhollyChecked && problem.args["kind"] == "wide"));

    let values = |at: i64| Test::In((0..200).map(|value| Value::Int(at * 1000 + value * 2)).collect());
    let many = (0..50).map(|at| row(&format!("A{at}"), "wide", vec![when("c0", values(at))], each("1")));
    let problems = Scheme { rows: many.collect(), ..scheme }.compile(&vocabulary).unwrap().lint();
    assert_eq!(problems.iter().map(|problem| problem.fault).collect::<Vec<_>>(), [Fault::NotWhollyChecked]);
}

/// The example as a fact, with any value in columns that it leaves out.
fn shown(kind: &str, example: &[(String, Option<Value>)], any: &Fact) -> Fact {
    let columns = vocabulary().kinds.into_iter().find(|known| known.name == kind).unwrap().columns;
    let value = |(index, column): (usize, &Column)| {
        example.iter().find(|(name, _)| *name == column.name).map_or_else(|| any.values[index].clone(), |(_, value)| value.clone())
    };
    Fact::new(kind.to_owned(), "1", 1, columns.iter().enumerate().map(value).collect()).with_points(Points::ZERO)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn what_the_linter_says_is_so(scheme in schemes(&["case.found"]), policy in prop::sample::select(Policy::ALL), facts in prop::collection::vec(fact("case.found"), 1..30)) {
        let mut scheme = scheme;
        scheme.policies.insert("case.found".into(), policy);
        let table = scheme.compile(&vocabulary()).unwrap();
        let problems = table.lint();
        let truths = |fact: &Fact| table.explain_fact(fact).rows.into_iter().map(|row| row.truth).collect::<Vec<_>>();
        let explained: Vec<Explained> = facts.iter().map(|fact| table.explain_fact(fact)).collect();
        for problem in &problems {
            let row = problem.at.row;
            match problem.fault {
                Fault::NeverMatches => prop_assert!(explained.iter().all(|one| one.rows[row].truth != Truth::Yes)),
                Fault::Hidden => prop_assert!(explained.iter().all(|one| one.rows[row].points.is_none())),
                Fault::Overlap => {
                    let truths = truths(&shown("case.found", &problem.example, &facts[0]));
                    prop_assert_eq!((truths[row], truths[problem.others[0].row]), (Truth::Yes, Truth::Yes));
                }
                Fault::Disagree => {
                    let fact = shown("case.found", &problem.example, &facts[0]);
                    prop_assert!(!table.explain_fact(&fact).conflict.is_empty(), "{:?}", table.explain_fact(&fact));
                }
                Fault::Gap => {
                    let fact = shown("case.found", &problem.example, &facts[0]);
                    prop_assert!(truths(&fact).iter().all(|truth| *truth == Truth::No), "{:?}", fact);
                }
                _ => {}
            }
        }
        let found = |fault: Fault| problems.iter().any(|problem| problem.fault == fault);
        prop_assert!(!found(Fault::NotWhollyChecked));
        // And what it does not say is not so.
        if !found(Fault::Gap) {
            let complete = facts.iter().filter(|fact| fact.values.iter().all(Option::is_some));
            for fact in complete {
                prop_assert!(truths(fact).contains(&Truth::Yes), "{:?}", fact);
            }
        }
        if !found(Fault::Overlap) && !found(Fault::Disagree) {
            prop_assert!(explained.iter().all(|one| one.conflict.is_empty()));
        }
    }

    #[test]
    fn every_scheme_can_be_looked_through(scheme in schemes(ALL)) {
        let again = Scheme::from_json(&scheme.to_json().unwrap()).unwrap();
        prop_assert_eq!(scheme.compile(&vocabulary()).unwrap().lint(), again.compile(&vocabulary()).unwrap().lint());
    }
}
