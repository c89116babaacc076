//! Schemes as sheets: as officials draw them, printed and read again, and with something wrong in every kind of cell.

use crate::common::*;
use crate::random::*;
use proptest::prelude::*;
use rules::*;

/// How a street's office says it.
pub fn lexicon() -> Lexicon {
    let words = [
        (Word::Base, "基础分"),
        (Word::Min, "最低分"),
        (Word::Max, "最高分"),
        (Word::Sample, "最小样本"),
        (Word::Policy, "命中方式"),
        (Word::Collect, "全部计分"),
        (Word::First, "首条计分"),
        (Word::Unique, "只许一条"),
        (Word::Any, "须一致"),
        (Word::Full, "满分起扣"),
        (Word::Zero, "零分起加"),
        (Word::Percent, "百分比"),
        (Word::Deduct, "扣分"),
        (Word::Award, "加分"),
        (Word::Each, "每次"),
        (Word::Share, "按比例"),
        (Word::Entered, "人工评定"),
        (Word::Points, "分"),
        (Word::In, "属于"),
        (Word::NotIn, "不属于"),
        (Word::Known, "已知"),
        (Word::Unknown, "未知"),
        (Word::Yes, "是"),
        (Word::No, "否"),
        (Word::Last, "上期"),
    ];
    let lexicon = words.iter().fold(Lexicon::default(), |lexicon, (word, spelling)| lexicon.word(*word, &[spelling]));
    let labels = [
        (Space::Kind, "case.found", "发现问题"),
        (Space::Kind, "duty.rated", "职责评定"),
        (Space::Column, "category", "类别"),
        (Space::Column, "days_late", "超期天数"),
        (Space::Column, "repeated", "重复发生"),
        (Space::Column, "source", "来源"),
        (Space::Column, "value", "比率"),
        (Space::Count, "found", "发现数"),
        (Space::Count, "withdrawn", "撤销数（含误报）"),
        (Space::Count, "on_time", "按期数"),
        (Space::Measure, "households", "每百户"),
        (Space::Measure, "rounds", "每轮次"),
    ];
    let lexicon = labels.iter().fold(lexicon, |lexicon, (space, name, label)| lexicon.label(*space, name, label));
    lexicon.code("category", "hygiene", "卫生").code("category", "order", "秩序").code("source", "hotline", "热线")
}

/// Words that stand in each other's way.
fn hostile() -> Lexicon {
    Lexicon::default()
        .word(Word::In, &["属于", "≥"])
        .word(Word::NotIn, &["属于"])
        .word(Word::Deduct, &["award"])
        .word(Word::Award, &["扣分；"])
        .word(Word::Yes, &["no"])
        .word(Word::Share, &["2"])
        .word(Word::Each, &["share"])
        .word(Word::Points, &["分", "*"])
        .word(Word::Base, &["min"])
        .word(Word::Collect, &["x"])
        .word(Word::First, &["x"])
        .word(Word::Last, &["found"])
        .label(Space::Column, "days_late", "days")
        .label(Space::Column, "source", "days")
        .label(Space::Column, "category", "days_late")
        .label(Space::Column, "repeated", "a；b = c")
        .label(Space::Count, "found", "on_time")
        .label(Space::Count, "on_time", "在办")
        .label(Space::Count, "withdrawn", "1 + 2")
        .label(Space::Kind, "case.found", "R1")
        .label(Space::Kind, "duty.rated", "meter.read")
        .label(Space::Kind, "meter.read", "")
        .label(Space::Measure, "households", "rounds")
        .code("source", "a", "b")
        .code("source", "b", "a；b")
        .code("category", "hygiene", "order")
}

fn grid(part: Part, lines: &[&[&str]]) -> (Part, Grid) {
    let lines = lines.iter().map(|line| line.iter().map(|text| (*text).to_owned()).collect()).collect();
    (part, Grid { columns: part.cells().to_vec(), lines })
}

/// A small sheet as it may lie on a desk: merged cells, blank lines, full-width marks, labels.
fn drawn() -> Sheet {
    let parts = [
        grid(
            Part::Header,
            &[
                &["基础分", "", "0"],
                &["最低分", "", "０"],
                &["最高分", "", "100分"],
                &["", "", ""],
                &["最小样本", "发现数", "10"],
                &["命中方式", "发现问题", "首条计分"],
            ],
        ),
        grid(Part::Dimension, &[&["环境", "60", "满分起扣"], &["效率", "40", "零分起加"]]),
        grid(Part::Sum, &[&["应办数", "发现数－撤销数（含误报）"]]),
        grid(
            Part::Rate,
            &[&["R1", "按期率", "按期数", "应办数", "百分比"], &["R2", "改善率", "发现数@上期 - 发现数", "found@last", "percent"]],
        ),
        grid(Part::Grade, &[&["优", "90"], &["良", "75"]]),
        grid(
            Part::Row,
            &[
                &[
                    "环境",
                    "A1",
                    "卫生问题",
                    "发现问题",
                    "类别 = 卫生、秩序；超期天数≥３",
                    "扣分",
                    "每次 2分",
                    "每百户",
                    "10 / 来源",
                    "照片",
                    "专班",
                    "",
                ],
                &[
                    "",
                    "A2",
                    "超期",
                    "case.found",
                    "来源属于热线、“a；b”；重复发生 = 是",
                    "deduct",
                    "0.5 × 超期天数",
                    "",
                    "",
                    "",
                    "",
                    "备注",
                ],
                &[" ", "", "", ""],
                &["", "A3", "超期", "发现问题", "超期天数 = 1～3\n来源 ≠ x", "扣分", "超期天数 ≥ 1：0.5；≥3：1；超期天数≥7：2分"],
                &["效率", "B1", "按期率", "按期率", "比率 ≥ 85%", "加分", "按比例 40"],
                &["", "B2", "改善", "R2", "", "加分", "比率≥0%：1; >= 12.5% : 3"],
                &["", "B3", "履职", "职责评定", "", "加分", "人工评定 5"],
            ],
        ),
    ];
    Sheet { parts: parts.into() }
}

#[test]
fn a_drawn_sheet_is_read_as_it_is_meant() {
    let scheme = drawn().read(&vocabulary(), &lexicon()).unwrap().scheme;
    assert_eq!(scheme.max, pts("100"));
    assert_eq!(scheme.sample, Some(Sample { count: "found".into(), least: 10 }));
    assert_eq!(scheme.policies, [("case.found".to_owned(), Policy::First)].into());
    assert_eq!(scheme.sums[0].expression.to_string(), "found - withdrawn");
    assert_eq!(scheme.rates[1].numerator.to_string(), "found@last - found");
    let dimensions: Vec<&str> = scheme.rows.iter().map(|row| row.dimension.as_str()).collect();
    assert_eq!(dimensions, ["环境", "环境", "环境", "效率", "效率", "效率"]);
    let first = &scheme.rows[0];
    assert_eq!(first.conditions, [when("category", Test::In(vec!["hygiene".into(), "order".into()])), when("days_late", Test::AtLeast(3))]);
    assert_eq!((&first.worth, first.normalise.as_deref()), (&Worth::Each(pts("2")), Some("households")));
    assert_eq!(first.cap, Some(Cap { most: pts("10"), each: Some("source".into()) }));
    assert_eq!(
        scheme.rows[1].conditions,
        [when("source", Test::In(vec!["hotline".into(), "a；b".into()])), when("repeated", Test::Is(true.into()))]
    );
    assert_eq!(scheme.rows[1].worth, Worth::Per { points: pts("0.5"), column: "days_late".into() });
    assert_eq!(scheme.rows[2].conditions, [when("days_late", Test::Between(1, 3)), when("source", Test::IsNot("x".into()))]);
    let step = |from, points| Step { from, points: pts(points) };
    assert_eq!(scheme.rows[2].worth, Worth::Steps { column: "days_late".into(), steps: vec![step(1, "0.5"), step(3, "1"), step(7, "2")] });
    assert_eq!((scheme.rows[3].applies.as_str(), &scheme.rows[3].conditions), ("R1", &vec![when("value", Test::AtLeast(8500))]));
    assert_eq!(scheme.rows[4].worth, Worth::Steps { column: "value".into(), steps: vec![step(0, "1"), step(1250, "3")] });
    assert_eq!(scheme.rows[5].worth, Worth::Entered(pts("5")));
}

#[test]
fn a_printed_sheet_has_the_words_of_the_office() {
    let scheme = drawn().read(&vocabulary(), &lexicon()).unwrap().scheme;
    let sheet = scheme.to_sheet(&vocabulary(), &lexicon());
    let rows = &sheet.parts[&Part::Row].lines;
    assert_eq!(rows[0][3..9], ["发现问题", "类别 属于 卫生、秩序；超期天数 ≥ 3", "扣分", "2", "每百户", "10 / 来源"]);
    assert_eq!(rows[1][4..7], ["来源 属于 热线、\"a；b\"；重复发生 = 是", "扣分", "0.5 × 超期天数"]);
    assert_eq!(rows[2][4..7], ["超期天数 = 1..3；来源 ≠ x", "扣分", "超期天数 ≥ 1：0.5；≥ 3：1；≥ 7：2"]);
    assert_eq!(rows[4][6], "比率 ≥ 0%：1；≥ 12.50%：3");
    assert_eq!(sheet.parts[&Part::Sum].lines[0][1], "发现数 - 撤销数（含误报）");
    let technical = scheme.to_sheet(&vocabulary(), &Lexicon::none());
    assert_eq!(
        technical.parts[&Part::Row].lines[0][3..8],
        ["case.found", "category in hygiene、order；days_late ≥ 3", "deduct", "2", "households"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_printed_scheme_is_read_again_as_it_was(scheme in schemes(ALL)) {
        for lexicon in [Lexicon::none(), lexicon(), hostile()] {
            let sheet = scheme.to_sheet(&vocabulary(), &lexicon);
            let read = sheet.read(&vocabulary(), &lexicon).map(|reading| reading.scheme);
            prop_assert_eq!(read, Ok(scheme.clone()), "{:#?}", sheet);
        }
    }

    #[test]
    fn any_text_in_any_cell_is_safe(part in prop::sample::select(Part::ALL), line in 0..8_usize, column in 0..12_usize, text in TEXT) {
        let mut sheet = drawn();
        let grid = sheet.parts.get_mut(&part).unwrap();
        let line = line % grid.lines.len();
        grid.lines[line].resize(12, String::new());
        grid.lines[line][column] = text;
        if let Ok(reading) = sheet.read(&vocabulary(), &lexicon()) {
            reading.lint();
            reading.table.score(&Input { facts: vec![found("1", 1)], ..Input::default() });
        }
    }
}

const TEXT: &str = "[-+*/=<>≥≤≠!；;、,：:（）()@%.~\"“ 0-9a-z分类别超期天数属于按比例发现数\n]{0,24}|(类别|超期天数|比率|来源|days_late)?(=|≥|属于)?[-0-9a-z;:、%.]{0,12}|.*";

/// What is wrong where, as the caller would say it.
fn told(sheet: &Sheet) -> Vec<String> {
    let problems = sheet.read(&vocabulary(), &lexicon()).map(|_| Vec::new()).unwrap_or_else(|problems| problems);
    problems.iter().map(|problem| format!("{}.{}.{} {}", problem.at.part, problem.at.row, problem.at.cell, problem.fault)).collect()
}

/// The drawn sheet with one cell changed.
fn with(part: Part, line: usize, cell: Cell, text: &str) -> Sheet {
    let mut sheet = drawn();
    let grid = sheet.parts.get_mut(&part).unwrap();
    let column = grid.columns.iter().position(|known| *known == cell).unwrap();
    grid.lines[line].resize(12, String::new());
    grid.lines[line][column] = text.to_owned();
    sheet
}

#[test]
fn every_kind_of_bad_cell_is_named() {
    use Cell::*;
    let long = "长".repeat(101);
    let longest = "长".repeat(1001);
    let cases: &[(Part, usize, Cell, &str, Fault)] = &[
        (Part::Header, 0, Item, "分数", Fault::UnknownWord),
        (Part::Header, 0, Item, "", Fault::Empty),
        (Part::Header, 1, Item, "基础分", Fault::Duplicate),
        (Part::Header, 0, Value, "", Fault::Empty),
        (Part::Header, 0, Value, "一", Fault::NotPoints),
        (Part::Header, 0, Value, "2000000", Fault::OutOfBounds),
        (Part::Header, 2, Value, "-1", Fault::OutOfOrder),
        (Part::Header, 4, Subject, "天气", Fault::UnknownCount),
        (Part::Header, 4, Value, "十", Fault::NotNumber),
        (Part::Header, 4, Value, "-1", Fault::NotNumber),
        (Part::Header, 5, Subject, "天气", Fault::UnknownKind),
        (Part::Header, 5, Value, "随便", Fault::UnknownWord),
        (Part::Dimension, 1, Name, "环境", Fault::Duplicate),
        (Part::Dimension, 0, Full, "-60", Fault::OutOfBounds),
        (Part::Dimension, 0, Full, "六十", Fault::NotPoints),
        (Part::Dimension, 0, Start, "", Fault::Empty),
        (Part::Dimension, 0, Start, "半分", Fault::UnknownWord),
        (Part::Sum, 0, Expression, "", Fault::Empty),
        (Part::Sum, 0, Expression, "发现数 +", Fault::BadSyntax),
        (Part::Sum, 0, Expression, "发现数 + 天气", Fault::UnknownCount),
        (Part::Sum, 0, Expression, "应办数 + 1", Fault::Circular),
        (Part::Rate, 1, Code, "R1", Fault::Duplicate),
        (Part::Rate, 1, Code, "case.found", Fault::Duplicate),
        (Part::Rate, 0, Numerator, "发现数 发现数", Fault::BadSyntax),
        (Part::Rate, 0, Numerator, "应办数@上期", Fault::UnknownCount),
        (Part::Rate, 0, Denominator, "", Fault::Empty),
        (Part::Rate, 0, Denominator, "2 - 2", Fault::ZeroDenominator),
        (Part::Rate, 0, Denominator, "99999999999999999999", Fault::OutOfBounds),
        (Part::Rate, 0, Scale, "万分", Fault::UnknownWord),
        (Part::Grade, 1, From, "95", Fault::OutOfOrder),
        (Part::Grade, 1, From, "高", Fault::NotPoints),
        (Part::Grade, 1, Name, "优", Fault::Duplicate),
        (Part::Row, 0, Dimension, "", Fault::Empty),
        (Part::Row, 0, Dimension, "天气", Fault::UnknownDimension),
        (Part::Row, 3, Code, "A1", Fault::Duplicate),
        (Part::Row, 3, Code, "", Fault::Empty),
        (Part::Row, 3, Code, &long, Fault::TooLong),
        (Part::Row, 3, Note, &longest, Fault::TooLong),
        (Part::Row, 3, Applies, "天气", Fault::UnknownKind),
        (Part::Row, 3, Applies, "", Fault::Empty),
        (Part::Row, 3, Conditions, "天气 = 晴", Fault::UnknownColumn),
        (Part::Row, 3, Conditions, "类别 = 天气", Fault::UnknownCode),
        (Part::Row, 3, Conditions, "类别 ≥ 卫生", Fault::WrongType),
        (Part::Row, 3, Conditions, "超期天数 ≥ 三", Fault::NotNumber),
        (Part::Row, 3, Conditions, "超期天数 ≥ 99999999999999999999", Fault::OutOfBounds),
        (Part::Row, 3, Conditions, "超期天数 ≥ 3 天", Fault::BadSyntax),
        (Part::Row, 3, Conditions, "超期天数", Fault::BadSyntax),
        (Part::Row, 3, Conditions, "类别 = ", Fault::BadSyntax),
        (Part::Row, 3, Conditions, "来源 = \"x", Fault::BadSyntax),
        (Part::Row, 3, Conditions, "重复发生 = 也许", Fault::UnknownWord),
        (Part::Row, 3, Sign, "", Fault::Empty),
        (Part::Row, 3, Sign, "罚款", Fault::UnknownWord),
        (Part::Row, 3, Worth, "", Fault::Empty),
        (Part::Row, 3, Worth, "很多", Fault::NotPoints),
        (Part::Row, 3, Worth, "-2", Fault::OutOfBounds),
        (Part::Row, 3, Worth, "2 × 天气", Fault::UnknownColumn),
        (Part::Row, 3, Worth, "2 × 类别", Fault::WrongType),
        (Part::Row, 3, Worth, "超期天数 ≥ 3：1；≥ 2：3", Fault::OutOfOrder),
        (Part::Row, 3, Worth, "超期天数 ≥ 3：", Fault::NotPoints),
        (Part::Row, 3, Worth, "超期天数 > 3：1", Fault::BadSyntax),
        (Part::Row, 3, Worth, "按比例 20", Fault::WrongForm),
        (Part::Row, 3, Worth, "人工评定 20", Fault::WrongForm),
        (Part::Row, 5, Worth, "2 × 比率", Fault::MayBeNegative),
        (Part::Row, 3, Normalise, "每斤", Fault::UnknownMeasure),
        (Part::Row, 5, Normalise, "每百户", Fault::WrongForm),
        (Part::Row, 3, Cap, "3 / 超期天数", Fault::WrongType),
        (Part::Row, 3, Cap, "3 / 天气", Fault::UnknownColumn),
        (Part::Row, 3, Cap, "-3", Fault::OutOfBounds),
        (Part::Row, 3, Cap, "三", Fault::NotPoints),
    ];
    assert_eq!(told(&drawn()), Vec::<String>::new());
    for (part, line, cell, text, fault) in cases {
        let expected = format!("{part}.{line}.{cell} {fault}");
        let found = told(&with(*part, *line, *cell, text));
        assert!(found.contains(&expected), "{text:.30}: expected {expected}, found {found:?}");
        // What follows from the one bad cell is at other cells that name the same thing.
        assert!(
            found.len() <= 8 && found.iter().filter(|one| one.starts_with(&format!("{part}.{line}.{cell} "))).count() == 1,
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_name_that_two_rates_have_is_neither() {
    let mut sheet = with(Part::Rate, 1, Cell::Name, "按期率");
    assert_eq!(told(&sheet), ["row.4.applies unknown_kind"]);
    sheet.parts.get_mut(&Part::Row).unwrap().lines[4][3] = "R1".into();
    assert_eq!(told(&sheet), Vec::<String>::new());
}

#[test]
fn all_problems_are_told_at_once() {
    let mut sheet = with(Part::Row, 0, Cell::Conditions, "天气 = 晴；超期天数 ≥ 三；类别 = 卫生");
    for (part, line, cell, text) in [
        (Part::Header, 0, Cell::Value, "x"),
        (Part::Row, 1, Cell::Worth, "?"),
        (Part::Row, 4, Cell::Code, "A1"),
        (Part::Grade, 0, Cell::From, ""),
    ] {
        let column = part.cells().iter().position(|known| *known == cell).unwrap();
        sheet.parts.get_mut(&part).unwrap().lines[line][column] = text.to_owned();
    }
    assert_eq!(
        told(&sheet),
        [
            "header.0.value not_points",
            "grade.0.from empty",
            "row.0.conditions unknown_column",
            "row.0.conditions not_number",
            "row.1.worth not_points",
            "row.4.code duplicate",
        ]
    );
    let problems = sheet.read(&vocabulary(), &lexicon()).unwrap_err();
    assert_eq!(problems[5].others, [Where::new(Part::Row, 0, Cell::Code)], "and where it stands first");
}

#[test]
fn sums_in_a_circle_are_named_with_their_cells() {
    let mut sheet = drawn();
    sheet.parts.extend([grid(
        Part::Sum,
        &[&["应办数", "发现数 + 甲"], &["", ""], &["甲", "乙 * 2"], &["乙", "丙 - 丁"], &["丙", "甲 + 1"], &["丁", "按期数"]],
    )]);
    let problems = sheet.read(&vocabulary(), &lexicon()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].fault, Fault::Circular);
    let cells: Vec<usize> = std::iter::once(problems[0].at).chain(problems[0].others.clone()).map(|at| at.row).collect();
    assert_eq!(cells, [2, 3, 4]);
}

#[test]
fn columns_may_stand_in_any_order_and_may_be_left_out() {
    let mut sheet = drawn();
    let grid = sheet.parts.get_mut(&Part::Row).unwrap();
    grid.columns.reverse();
    for line in &mut grid.lines {
        line.resize(12, String::new());
        line.reverse();
    }
    assert_eq!(sheet.read(&vocabulary(), &lexicon()).unwrap().scheme, drawn().read(&vocabulary(), &lexicon()).unwrap().scheme);
    let grid = sheet.parts.get_mut(&Part::Row).unwrap();
    grid.columns.remove(0);
    grid.lines.iter_mut().for_each(|line| drop(line.remove(0)));
    assert_eq!(sheet.read(&vocabulary(), &lexicon()).unwrap().scheme.rows[1].note, "");
}

#[test]
fn a_hundred_thousand_rows_are_one_problem_and_blank_lines_are_none() {
    let mut sheet = drawn();
    let grid = sheet.parts.get_mut(&Part::Row).unwrap();
    grid.lines.extend(std::iter::repeat_n(vec![String::new(); 12], 100_000));
    assert_eq!(told(&sheet), Vec::<String>::new());
    let grid = sheet.parts.get_mut(&Part::Row).unwrap();
    grid.lines.extend(std::iter::repeat_n(vec!["环境".to_owned(); 12], 100_000));
    assert_eq!(told(&sheet), [format!("row.{}.dimension too_many", 7 + 100_000 + 494)]);
    let scheme = scheme(vec![row("A1", "case.found", vec![], Worth::Each(pts("1"))); 100_000]);
    let problems = scheme.compile(&vocabulary()).unwrap_err();
    assert_eq!((problems.len(), problems[0].fault, problems[0].args["found"].as_str()), (1, Fault::TooMany, "100000"));
}

#[test]
fn bounds_of_size_are_kept() {
    let wide = |conditions: usize, values: usize, steps: i64| {
        let list = Test::In((0..values as i64).map(Value::Int).collect());
        let steps = (0..steps).map(|from| Step { from, points: pts("1") }).collect();
        let row = row("A1", "case.found", vec![when("days_late", list); conditions], Worth::Steps { column: "days_late".into(), steps });
        scheme(vec![row])
            .compile(&vocabulary())
            .err()
            .into_iter()
            .flatten()
            .map(|problem| format!("{} {}", problem.at.cell, problem.fault))
            .collect::<Vec<_>>()
    };
    assert_eq!(wide(20, 200, 200), Vec::<String>::new());
    assert_eq!(wide(21, 200, 200), ["conditions too_many"]);
    assert_eq!(wide(1, 201, 200), ["conditions too_many"]);
    assert_eq!(wide(1, 200, 201), ["worth too_many"]);
    let of = |change: &dyn Fn(&mut Scheme)| {
        let mut scheme = scheme(vec![row("A1", "case.found", vec![], Worth::Each(pts("1")))]);
        change(&mut scheme);
        scheme
            .compile(&vocabulary())
            .unwrap_err()
            .iter()
            .map(|problem| format!("{} {}", problem.at.part, problem.fault))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&|scheme| scheme.rates = vec![rate("R1", "found", "found"); 51]), ["rate too_many"]);
    assert_eq!(of(&|scheme| scheme.dimensions = vec![scheme.dimensions[0].clone(); 21]), ["dimension too_many"]);
    assert_eq!(of(&|scheme| scheme.rows.clear()), ["row no_rows"]);
    assert_eq!(of(&|scheme| scheme.rows[0].worth = Worth::Each(Points(i64::MAX))), ["row out_of_bounds"]);
    assert_eq!(of(&|scheme| scheme.rows[0].worth = Worth::Steps { column: "days_late".into(), steps: vec![] }), ["row empty"]);
    assert_eq!(of(&|scheme| scheme.rows[0].name = "a\u{0}b".into()), ["row bad_name"]);
    assert_eq!(of(&|scheme| scheme.sums = vec![Sum { name: "a-b".into(), expression: "1".parse().unwrap() }]), ["sum bad_name"]);
}
