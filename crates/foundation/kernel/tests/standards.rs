//! The shipped data agrees with itself: every code that is referred to exists, nothing stands twice, the counts are right.

use jiff::tz::TimeZone;
use kernel::{
    calendar::{Calendar, DayKind, Holidays, Hours, Limit, LimitUnit},
    identifiers::{PlaceCode, PlaceCodeLevel},
};
use std::collections::{BTreeMap, BTreeSet};

type Row = BTreeMap<String, String>;
/// Kind, class code, item code.
type Key = (String, String, String);

fn path(file: &str) -> String {
    format!("{}/../../../standards/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{file}: {error}"))).collect()
}

fn key(row: &Row) -> Key {
    (row["kind"].clone(), row["class_code"].clone(), row["item_code"].clone())
}

/// Code to name; fails on a code that stands twice.
fn names(rows: &[Row]) -> BTreeMap<Key, String> {
    let names: BTreeMap<Key, String> = rows.iter().map(|row| (key(row), row["item_name"].clone())).collect();
    assert_eq!(names.len(), rows.len(), "a code stands twice");
    names
}

fn national() -> BTreeMap<Key, String> {
    names(&read("categories/gbt47678_5.csv"))
}

fn all() -> BTreeMap<Key, String> {
    let mut all = national();
    all.extend(names(&read("categories/local_sample.csv")));
    all
}

#[track_caller]
fn check_refers(row: &Row, known: &BTreeMap<Key, String>) {
    assert_eq!(known.get(&key(row)), Some(&row["item_name"]), "{row:?}");
}

fn check_rule(row: &Row) {
    let unit = LimitUnit::parse(&row["limit_unit"]).unwrap_or_else(|| panic!("{row:?}"));
    Limit::new(unit, row["limit_value"].parse().unwrap()).unwrap_or_else(|error| panic!("{row:?} {error}"));
    assert!(matches!(row["photo_demanded"].as_str(), "yes" | "no"), "{row:?}");
    let share: u32 = row["spot_share_permille"].parse().unwrap();
    match row["reinspect"].as_str() {
        "on_spot" => assert_eq!(share, 1000, "{row:?}"),
        "from_photos" => assert!(share < 1000, "{row:?}"),
        _ => panic!("{row:?}"),
    }
    assert_eq!(row["source"], "sample");
}

#[test]
fn there_are_403_categories_in_two_kinds() {
    let national = national();
    assert_eq!(national.len(), 403);
    for ((kind, class, item), name) in &national {
        assert!(matches!(kind.as_str(), "component" | "event"), "{name}");
        assert!(class.len() == 2 && item.len() == 3 && item.as_str() < "080", "{name}: {class}{item}");
    }
    let kind_and_name: BTreeSet<_> = national.iter().map(|((kind, ..), name)| (kind, name)).collect();
    assert_eq!(kind_and_name.len(), 403, "a name stands twice in one kind");
}

#[test]
fn each_of_the_134_old_items_is_answered_for() {
    let legacy: BTreeSet<Key> = read("categories/gbt30428_2_legacy.csv").iter().map(key).collect();
    assert_eq!(legacy.len(), 134);
    let (known, national) = (all(), national());
    let mut answered = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    for row in read("categories/legacy_aliases.csv") {
        let old: Key = (row["legacy_kind"].clone(), row["legacy_class_code"].clone(), row["legacy_item_code"].clone());
        assert!(legacy.contains(&old), "{row:?}");
        assert!(pairs.insert((old.clone(), key(&row))), "twice: {row:?}");
        match row["match"].as_str() {
            "exact" => {
                assert_eq!((&row["legacy_kind"], &row["legacy_item_name"]), (&row["kind"], &row["item_name"]));
                check_refers(&row, &national);
            }
            "same_meaning" | "nearest" => check_refers(&row, &national),
            "local" => check_refers(&row, &known),
            "none" => {
                let columns = ["kind", "class_code", "item_code", "item_name"];
                assert!(columns.iter().all(|column| row[*column].is_empty()), "{row:?}");
            }
            other => panic!("{other}"),
        }
        answered.insert(old);
    }
    assert_eq!(answered, legacy);
}

#[test]
fn the_picker_has_thirty_categories_with_english_names() {
    let (rows, national) = (read("categories/common.csv"), national());
    assert_eq!(rows.len(), 30);
    assert_eq!(names(&rows).len(), 30);
    for (index, row) in rows.iter().enumerate() {
        check_refers(row, &national);
        assert_eq!(row["position"], (index + 1).to_string());
        assert!(!row["name_en"].is_empty() && row["name_en"].is_ascii(), "{row:?}");
    }
}

#[test]
fn synonyms_lead_to_categories_and_none_hides_a_real_name() {
    let (rows, known) = (read("categories/synonyms.csv"), all());
    let official: BTreeSet<&String> = known.values().collect();
    let words: BTreeSet<&String> = rows.iter().map(|row| &row["synonym"]).collect();
    assert!(words.len() >= 60);
    let mut pairs = BTreeSet::new();
    for row in &rows {
        check_refers(row, &known);
        assert!(!official.contains(&row["synonym"]), "{row:?}");
        assert!(pairs.insert((row["synonym"].clone(), key(row))), "twice: {row:?}");
    }
    let means =
        |word: &str| -> Vec<&str> { rows.iter().filter(|row| row["synonym"] == word).map(|row| row["item_name"].as_str()).collect() };
    assert_eq!(means("僵尸车"), ["废弃车辆"]);
    assert_eq!(means("牛皮癣"), ["非法小广告"]);
    assert_eq!(means("飞线"), ["飞线充电", "擅自架设管线、杆线设施"]);
}

#[test]
fn local_items_stand_in_the_localitys_codes_under_the_standards_classes() {
    let rows = read("categories/local_sample.csv");
    let class = |row: &Row| (row["kind"].clone(), row["class_code"].clone(), row["class_name"].clone());
    let classes: BTreeSet<_> = read("categories/gbt47678_5.csv").iter().map(class).collect();
    for row in &rows {
        assert!(("080"..="999").contains(&row["item_code"].as_str()), "{row:?}");
        assert!(classes.contains(&class(row)), "{row:?}");
        assert!(!row["name_en"].is_empty() && row["name_en"].is_ascii(), "{row:?}");
        check_rule(row);
    }
    let named: Vec<&str> = rows.iter().map(|row| row["item_name"].as_str()).collect();
    for wanted in ["楼道堆物", "飞线充电", "毁绿种菜"] {
        assert!(named.contains(&wanted), "{wanted}");
    }
    assert_eq!(all().len(), 403 + rows.len());
}

#[test]
fn sample_limits_cover_the_categories_with_a_median_and_say_the_same() {
    let mut medians: BTreeMap<Key, u32> = BTreeMap::new();
    for row in read("categories/gbt47678_5.csv") {
        if !row["sample_limit_working_hours"].is_empty() {
            medians.insert(key(&row), row["sample_limit_working_hours"].parse().unwrap());
        }
    }
    assert_eq!(medians.len(), 218);
    let (rows, national) = (read("categories/limits_sample.csv"), national());
    assert!(names(&rows).keys().eq(medians.keys()));
    for row in &rows {
        check_refers(row, &national);
        check_rule(row);
        let value: u32 = row["limit_value"].parse().unwrap();
        let hours = match LimitUnit::parse(&row["limit_unit"]).unwrap() {
            LimitUnit::UrgentHours => value,
            LimitUnit::WorkingMinutes => value / 60,
            LimitUnit::WorkingDays => value * 8,
            LimitUnit::NaturalDays => panic!("{row:?}"),
        };
        assert_eq!(hours, medians[&key(row)], "{row:?}");
    }
}

#[test]
fn the_holiday_file_holds_eight_years_and_make_up_days_are_weekends_but_for_one() {
    let text = std::fs::read_to_string(path("calendar/china_holidays_2019_2026.csv")).unwrap();
    let holidays = Holidays::parse_csv(&text).unwrap();
    assert_eq!(holidays.days().count(), 286);
    let is_weekday = |date: jiff::civil::Date| !matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let worked = holidays.days().filter(|(_, day)| day.kind == DayKind::MakeUp).map(|(date, _)| date);
    let weekdays: Vec<String> = worked.filter(|date| is_weekday(*date)).map(|date| date.to_string()).collect();
    // The Spring Festival of 2020 was prolonged, and the notice named the Monday on which work began.
    assert_eq!(weekdays, ["2020-02-03"]);
    assert!(
        Calendar::new(TimeZone::UTC, Hours::office(), holidays.clone())
            .day_runs("2020-02-03".parse().unwrap(), "2020-02-03".parse().unwrap())
            .is_empty()
    );
    for year in 2019..=2026 {
        let off = holidays.days().filter(|(date, day)| date.year() == year && day.kind == DayKind::Off).count();
        assert!(off >= 20, "{year}: {off}");
    }
}

#[test]
fn place_files_have_sound_codes_once_each() {
    let count = |file: &str, level: PlaceCodeLevel| {
        let codes: Vec<PlaceCode> = read(file).iter().map(|row| PlaceCode::parse(&row["code"]).unwrap()).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "{file}");
        codes.iter().filter(|code| code.level() == level).count()
    };
    assert_eq!(count("places/district_370211_2022.csv", PlaceCodeLevel::Town), 23);
    assert_eq!(count("places/villages_370211_2016.csv", PlaceCodeLevel::Town), 22);
    assert_eq!(count("places/villages_370211_2016.csv", PlaceCodeLevel::Village), 1222);
}
