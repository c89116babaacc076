//! Schemes that the engine must carry without a change: a household's moral points, and the evaluation of centre households.
//!
//! Their points are made up for the tests.

use crate::common::{map, pts};
use rules::*;

fn sheet(parts: &[(Part, &[&[&str]])]) -> Sheet {
    let grid = |(part, lines): &(Part, &[&[&str]])| {
        let lines = lines.iter().map(|line| line.iter().map(|text| (*text).to_owned()).collect()).collect();
        (*part, Grid { columns: part.cells().to_vec(), lines })
    };
    Sheet { parts: parts.iter().map(grid).collect() }
}

fn told(score: &Score) -> Vec<String> {
    let line = |line: &Line| match &line.of {
        LineOf::Row { code } => format!("{code} {}", line.points),
        LineOf::DimensionBound { dimension } => format!("{dimension} {}", line.points),
        _ => format!("- {}", line.points),
    };
    score.lines.iter().map(line).collect()
}

/// 1: the party-building lead; 5: rural development, environment, neighbours, public service, self-government and law; N: what the
/// party organisation recognises, where a person enters the points.
#[test]
fn a_household_earns_moral_points_by_one_and_five_and_n() {
    let vocabulary = Vocabulary {
        kinds: vec![
            FactKind::new(
                "claim.approved",
                vec![
                    Column::code("item"),
                    Column::int("hours", 0, 24),
                    Column::bool("leads"),
                    Column::one_of("level", &["village", "town", "district"]),
                ],
            ),
            FactKind::new("yard.checked", vec![Column::int("marks", 0, 100), Column::bool("sorted")]),
            FactKind::new("recognition.given", vec![Column::code("by")]).by_hand(),
        ],
        counts: vec!["claims".into()],
        measures: vec![],
    };
    let lexicon = Lexicon::default()
        .label(Space::Kind, "claim.approved", "申报通过")
        .label(Space::Kind, "yard.checked", "庭院检查")
        .label(Space::Kind, "recognition.given", "组织认定")
        .label(Space::Column, "item", "事项")
        .label(Space::Column, "hours", "时长")
        .label(Space::Column, "level", "荣誉级别")
        .label(Space::Column, "marks", "得分")
        .label(Space::Column, "by", "认定组织")
        .code("level", "district", "区级")
        .word(Word::Award, &["加分"])
        .word(Word::Deduct, &["扣分"])
        .word(Word::Zero, &["从零累计"])
        .word(Word::Entered, &["认定不超过"])
        .word(Word::Unique, &["只许一条"])
        .word(Word::Points, &["分"]);
    let drawn = sheet(&[
        (Part::Header, &[&["base", "", "0"], &["min", "", "0"], &["max", "", "1000"], &["policy", "庭院检查", "只许一条"]]),
        (
            Part::Dimension,
            &[
                &["党建引领", "100", "从零累计"],
                &["乡村发展", "100", "从零累计"],
                &["人居环境", "20", "从零累计"],
                &["邻里和睦", "100", "从零累计"],
                &["公益服务", "100", "从零累计"],
                &["自治法治", "100", "从零累计"],
                &["N 项", "50", "从零累计"],
            ],
        ),
        (
            Part::Row,
            &[
                &["党建引领", "1.1", "参加组织生活", "申报通过", "事项 = party_meeting", "加分", "2分", "", "10", "签到表", "党支部"],
                &["", "1.2", "带头承诺践诺", "申报通过", "事项 = pledge；leads = yes", "加分", "5"],
                &["乡村发展", "2.1", "参加技能培训", "申报通过", "事项 = training", "加分", "1 × 时长", "", "8"],
                &["人居环境", "3.1", "庭院优秀", "庭院检查", "得分 ≥ 90", "加分", "10"],
                &["", "3.2", "庭院良好", "庭院检查", "得分 = 75..89", "加分", "5"],
                &["", "3.3", "庭院脏乱", "庭院检查", "得分 < 60", "扣分", "5"],
                &["邻里和睦", "4.1", "荣誉", "申报通过", "事项 = honour；荣誉级别 = 区级", "加分", "20"],
                &["公益服务", "5.1", "志愿服务", "申报通过", "事项 = volunteering", "加分", "时长 ≥ 1：1；≥ 4：3；≥ 8：5", "", "30"],
                &["自治法治", "6.1", "参加议事", "申报通过", "事项 = council", "加分", "2", "", "6"],
                &["N 项", "7.1", "党组织认定的其他事项", "组织认定", "", "加分", "认定不超过 20", "", "30 / 认定组织", "认定书", "党组织"],
            ],
        ),
    ]);
    let reading = drawn.read(&vocabulary, &lexicon).unwrap();
    let lints: Vec<String> = reading.lint().iter().map(|problem| format!("{} {}", problem.fault, problem.args["kind"])).collect();
    assert_eq!(lints, ["gap claim.approved", "gap yard.checked"], "not everything earns points, and 60 to 74 is nobody's");

    let claim = |id: &str, item: &str, hours: Option<i64>, level: Option<&str>| {
        let values = vec![Some(item.into()), hours.map(Value::Int), Some(true.into()), level.map(Value::from)];
        Fact::new("claim.approved", id, id.len() as i64, values)
    };
    let input = Input {
        facts: vec![
            claim("a", "party_meeting", None, None),
            claim("ab", "pledge", None, None),
            claim("abc", "training", Some(6), None),
            claim("abcd", "training", Some(6), None),
            claim("abcde", "volunteering", Some(5), None),
            claim("abcdef", "volunteering", None, None),
            claim("x", "honour", None, Some("district")),
            Fact::new("yard.checked", "y1", 1, vec![Some(Value::Int(92)), Some(true.into())]),
            Fact::new("yard.checked", "y2", 2, vec![Some(Value::Int(95)), None]),
            Fact::new("yard.checked", "y3", 3, vec![Some(Value::Int(91)), None]),
            Fact::new("recognition.given", "r1", 1, vec![Some("branch".into())]).with_points(pts("18.5")),
            Fact::new("recognition.given", "r2", 2, vec![Some("branch".into())]).with_points(pts("15")),
            Fact::new("recognition.given", "r3", 3, vec![Some("committee".into())]).with_points(pts("8")),
        ],
        counts: map(&[("claims", 7)]),
        ..Input::default()
    };
    let score = reading.table.score(&input);
    assert_eq!(
        told(&score),
        ["- 0", "1.1 2", "1.2 5", "2.1 8", "3.1 30", "4.1 20", "5.1 3", "7.1 38", "人居环境 -10"],
        "the yard is kept at its full marks, recognitions at 30 for each organisation"
    );
    assert_eq!(score.total, pts("96"));
    assert_eq!(score.undecided.len(), 1, "hours of one volunteering are not known");
    assert_eq!(
        (score.undecided[0].row.as_deref(), score.undecided[0].reason.of.as_slice()),
        (Some("5.1"), ["hours".to_owned()].as_slice())
    );
}

/// Party members who keep a centre household: from rates of their visits, from residents' opinions, from the committee's judgement.
#[test]
fn a_centre_household_is_evaluated_and_the_best_are_named() {
    let vocabulary = Vocabulary {
        kinds: vec![
            FactKind::new("opinion.answered", vec![Column::int("days", 0, 365), Column::bool("satisfied")]),
            FactKind::new(
                "conduct.noted",
                vec![Column::one_of("matter", &["missed_meeting", "complaint", "breach"]), Column::bool("confirmed")],
            ),
            FactKind::new("committee.judged", vec![]).by_hand(),
        ],
        counts: ["linked", "visited", "overdue"].map(str::to_owned).to_vec(),
        measures: vec![Measure::new("linked_households", 10)],
    };
    let drawn = sheet(&[
        (
            Part::Header,
            &[
                &["base", "", "0"],
                &["min", "", "0"],
                &["max", "", "100"],
                &["sample", "linked", "5"],
                &["policy", "opinion.answered", "first"],
                &["policy", "conduct.noted", "any"],
            ],
        ),
        (Part::Dimension, &[&["联系服务", "60", "zero"], &["作用发挥", "20", "zero"], &["纪律", "20", "full"]]),
        (Part::Sum, &[&["到户", "visited - overdue"]]),
        (
            Part::Rate,
            &[&["V1", "走访率", "到户", "linked", "percent"], &["V2", "走访进步", "visited - visited@last", "visited@last", "percent"]],
        ),
        (Part::Grade, &[&["优秀", "85"], &["合格", "60"], &["不合格", "0"]]),
        (
            Part::Row,
            &[
                &["联系服务", "L1", "走访率", "走访率", "", "award", "share 40"],
                &["", "L2", "走访进步", "V2", "value >= 0%", "award", "value ≥ 0%: 1; ≥ 10%: 5"],
                &["", "L3", "很快答复且满意", "opinion.answered", "days ≤ 3; satisfied = yes", "award", "2", "linked_households", "10"],
                &["", "L4", "答复且满意", "opinion.answered", "satisfied = yes", "award", "1", "linked_households", "5"],
                &["作用发挥", "P1", "民主评议", "committee.judged", "", "award", "entered 20"],
                &["纪律", "D1", "缺席", "conduct.noted", "matter = missed_meeting; confirmed = yes", "deduct", "3"],
                &["", "D2", "投诉属实", "conduct.noted", "matter in complaint, breach; confirmed = yes", "deduct", "5"],
            ],
        ),
    ]);
    let reading = drawn.read(&vocabulary, &Lexicon::none()).unwrap();
    assert!(reading.lint().iter().all(|problem| problem.fault == Fault::Gap), "{:?}", reading.lint());
    let opinion = |id: &str, days: i64, satisfied: Option<bool>| {
        Fact::new("opinion.answered", id, days, vec![Some(Value::Int(days)), satisfied.map(Value::Bool)])
    };
    let input = Input {
        facts: vec![
            opinion("1", 2, Some(true)),
            opinion("2", 1, Some(true)),
            opinion("3", 9, Some(true)),
            opinion("4", 9, Some(false)),
            opinion("5", 1, None),
            Fact::new("committee.judged", "6", 1, vec![]).with_points(pts("17.5")),
            Fact::new("conduct.noted", "7", 1, vec![Some("complaint".into()), Some(true.into())]),
        ],
        counts: map(&[("linked", 8), ("visited", 8), ("overdue", 1)]),
        last: map(&[("visited", 7)]),
        measures: map(&[("linked_households", 8)]),
    };
    let score = reading.table.score(&input);
    assert_eq!(told(&score), ["- 0", "- 20", "L1 35", "L2 5", "L3 5", "L4 1.25", "P1 17.5", "D2 -5"]);
    assert_eq!((score.total, score.grade.as_deref(), score.not_ranked.is_some()), (pts("78.75"), Some("合格"), false));
    assert_eq!(score.undecided.len(), 1, "whether the fifth was satisfied is not known, and nothing is guessed");
}
