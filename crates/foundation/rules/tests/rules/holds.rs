//! What holds for every scheme and every unit.

use crate::common::*;
use crate::random::*;
use proptest::prelude::*;
use rules::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_facts_changes_nothing(scheme in schemes(ALL), input in inputs(), turn in 0..12_usize) {
        let table = scheme.compile(&vocabulary()).unwrap();
        let score = table.score(&input);
        let mut turned = input.clone();
        turned.facts.reverse();
        let length = turned.facts.len().max(1);
        turned.facts.rotate_left(turn % length);
        prop_assert_eq!(serde_json::to_string(&table.score(&turned)).unwrap(), serde_json::to_string(&score).unwrap());
        prop_assert_eq!(table.explain(&turned), table.explain(&input));
    }

    #[test]
    fn lines_add_up_within_all_bounds(scheme in schemes(ALL), input in inputs()) {
        let score = scheme.compile(&vocabulary()).unwrap().score(&input);
        assert_sums(&score);
        prop_assert!(scheme.min <= score.total && score.total <= scheme.max);
        for (dimension, sum) in scheme.dimensions.iter().zip(&score.dimensions) {
            prop_assert!(Points::ZERO <= sum.points && sum.points <= dimension.full);
        }
        for line in &score.lines {
            let LineOf::Row { code } = &line.of else { continue };
            let row = scheme.rows.iter().find(|row| row.code == *code).unwrap();
            let sign = if row.sign == Sign::Deduct { -1 } else { 1 };
            prop_assert!(line.points.0 * sign >= 0 && line.facts.iter().all(|fact| fact.counted.0 * sign >= 0));
            prop_assert!(line.points.0.abs() <= line.normalised.0.abs());
            if let Some(Cap { most, each: None }) = &row.cap {
                prop_assert!(line.points.0.abs() <= most.0);
            }
        }
    }

    /// Each value of the cap's column by itself, reckoned once more by hand where nothing is rounded.
    #[test]
    fn a_cap_for_each_value_holds_for_each_value(scheme in schemes(&["case.found"]), input in inputs()) {
        let mut scheme = scheme;
        scheme.policies.clear();
        scheme.rows.iter_mut().for_each(|row| row.normalise = None);
        let score = scheme.compile(&vocabulary()).unwrap().score(&input);
        for line in &score.lines {
            let LineOf::Row { code } = &line.of else { continue };
            let row = scheme.rows.iter().find(|row| row.code == *code).unwrap();
            let Some(cap) = &row.cap else { continue };
            let alone = Scheme { rows: vec![row.clone()], ..scheme.clone() };
            let mut sums = std::collections::BTreeMap::<Option<Value>, i64>::new();
            for fact in &input.facts {
                let slot = vocabulary().kinds[0].columns.iter().position(|column| Some(&column.name) == cap.each.as_ref());
                let points = alone.compile(&vocabulary()).unwrap().explain_fact(fact).rows.first().and_then(|row| row.points);
                *sums.entry(slot.and_then(|slot| fact.values.get(slot).cloned().flatten())).or_default() += points.map_or(0, |points| points.0.abs());
            }
            prop_assert_eq!(line.points.0.abs(), sums.values().map(|sum| (*sum).min(cap.most.0)).sum::<i64>());
        }
    }

    #[test]
    fn an_explanation_says_what_the_score_says(scheme in schemes(ALL), input in inputs()) {
        let table = scheme.compile(&vocabulary()).unwrap();
        let (score, explained) = (table.score(&input), table.explain(&input));
        for line in &score.lines {
            let LineOf::Row { code } = &line.of else { continue };
            let given = explained.iter().flat_map(|one| &one.rows).filter(|row| row.code == *code).filter_map(|row| row.points);
            prop_assert_eq!(given.map(|points| points.0).sum::<i64>(), line.raw.0, "{}", code);
        }
        for row in explained.iter().flat_map(|one| &one.rows) {
            let any = |truth| row.conditions.iter().any(|condition| condition.truth == truth);
            match row.truth {
                Truth::No => prop_assert!(any(Truth::No) && row.points.is_none() && row.reason.is_none()),
                Truth::Unknown => prop_assert!(!any(Truth::No) && !row.missing.is_empty() && row.points.is_none()),
                Truth::Yes => prop_assert!(!any(Truth::No) && !any(Truth::Unknown)),
            }
        }
    }

    /// Where every row scores by itself, each verdict has its consequence.
    #[test]
    fn what_matches_scores_and_what_is_unknown_is_told(scheme in schemes(ALL), input in inputs()) {
        let mut scheme = scheme;
        scheme.policies.clear();
        for row in scheme.compile(&vocabulary()).unwrap().explain(&input).iter().flat_map(|one| &one.rows) {
            let told = (row.points.is_some(), row.reason.as_ref().map(|reason| reason.why == Why::MissingColumns));
            match row.truth {
                Truth::No => prop_assert_eq!(told, (false, None)),
                Truth::Unknown => prop_assert_eq!(told, (false, Some(true))),
                Truth::Yes => prop_assert!(told == (true, None) || told == (false, Some(false))),
            }
        }
    }

    #[test]
    fn differences_of_scores_add_up(one in schemes(ALL), two in schemes(ALL), input in inputs()) {
        let (before, after) = (one.compile(&vocabulary()).unwrap().score(&input), two.compile(&vocabulary()).unwrap().score(&input));
        let sum: i64 = changes(&before, &after).iter().map(|change| change.after.0 - change.before.0).sum();
        prop_assert_eq!(sum, after.total.0 - before.total.0);
    }

    #[test]
    fn json_is_one_spelling_of_a_scheme(scheme in schemes(ALL)) {
        let json = scheme.to_json().unwrap();
        let again = Scheme::from_json(&json).unwrap();
        prop_assert_eq!(again.to_json().unwrap(), json);
        prop_assert_eq!(again, scheme);
    }
}
