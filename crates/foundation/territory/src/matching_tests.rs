//! Words of tables and what they mean, as small territories with the answer that people expect.

use super::*;
use crate::category::{CategorySource, Reinspection};
use crate::organisation::{CategoryVersionId, OrganisationKind};
use crate::place::Level;
use kernel::ids::Uuid;

fn place(number: u128, parent: Option<u128>, level: Level, name: &str, code: Option<&str>) -> Place {
    Place {
        id: PlaceId(Uuid::from_u128(number)),
        parent_id: parent.map(|parent| PlaceId(Uuid::from_u128(parent))),
        level,
        kind: None,
        number: i64::try_from(number).unwrap(),
        path: number.to_string(),
        code: code.map(str::to_owned),
        name: name.into(),
        name_en: None,
        initials: String::new(),
        lng_e7: None,
        lat_e7: None,
        households: None,
        urban_rural: None,
        state: State::Open,
        version: 1,
    }
}

#[test]
fn a_place_is_found_by_every_way_that_people_write_it() {
    let places = [
        place(1, None, Level::SubDistrict, "瑞港街道", Some("370211003000")),
        place(2, Some(1), Level::Community, "东苑社区", Some("370211003001")),
        place(3, Some(2), Level::Grid, "第一网格", None),
        place(4, Some(3), Level::Compound, "海景小区", None),
        place(5, Some(1), Level::Community, "西苑社区", None),
        place(6, Some(5), Level::Compound, "海景小区", None),
        place(7, Some(4), Level::Building, "１号楼", None),
    ];
    let id = |number: u128| PlaceId(Uuid::from_u128(number));
    let former = [(id(5), Some("370211003009".to_owned()), "老西苑村".to_owned())];
    let known = Places::new(&places, &former);
    for (text, number) in [
        ("东苑社区", 2),
        (" 东 苑 社区 ", 2),
        ("370211003001", 2),
        ("３７０２１１００３００１", 2),
        ("370211003009", 5),
        ("老西苑村", 5),
        ("西苑社区 海景小区", 6),
        ("西苑社区海景小区", 6),
        ("瑞港街道/西苑社区/海景小区", 6),
        ("东苑社区 海景小区", 4),
        ("东苑社区 第一网格 海景小区 1号楼", 7),
        ("1号楼", 7),
        ("瑞港街道", 1),
    ] {
        assert_eq!(known.find(text), Found::One(id(number)), "{text}");
    }
    let several = |text: &str| matches!(known.find(text), Found::Several(names) if names.len() == 2);
    assert!(several("海景小区"));
    assert_eq!(known.find("东院社区"), Found::Unknown(vec!["东苑社区".into()]));
    assert_eq!(known.find("火星"), Found::Unknown(vec![]));
    for place in &places {
        let written = known.written(place.id).unwrap();
        assert_eq!(known.find(&written), Found::One(place.id), "{written}");
    }
}

#[test]
fn an_address_names_the_smallest_place_of_one_way_down_or_none() {
    let places = [
        place(1, None, Level::SubDistrict, "瑞港街道", None),
        place(2, Some(1), Level::Community, "东苑社区", None),
        place(4, Some(2), Level::Compound, "海景小区", None),
        place(5, Some(1), Level::Community, "西苑社区", None),
        place(6, Some(5), Level::Compound, "海景小区", None),
        place(7, Some(5), Level::Compound, "海景小区二期", None),
        place(8, Some(4), Level::Building, "1号楼", None),
        place(9, Some(2), Level::Compound, "松园", None),
    ];
    let id = |number: u128| PlaceId(Uuid::from_u128(number));
    let known = Places::new(&places, &[]);
    for (address, within, number) in [
        ("瑞港街道东苑社区海景小区1号楼旁", None, Some(4)),
        ("西苑社区居委会门口", None, Some(5)),
        ("西苑社区 海景小区二期 3单元", None, Some(7)),
        ("海景小区3号楼", None, None),
        ("海景小区3号楼", Some(2), Some(4)),
        ("海景小区与松园之间", Some(2), None),
        ("松　园北门", None, Some(9)),
        ("松园北门", Some(5), None),
        ("瑞港街道1号楼", None, None),
        ("", None, None),
    ] {
        assert_eq!(known.named_in(address, within.map(id)), number.map(id), "{address}");
    }
}

#[test]
fn a_unit_is_found_by_its_names_and_a_likely_one_is_offered_never_taken() {
    let unit = |number: u128, name: &str, short: &str, state: State| Organisation {
        id: OrganisationId(Uuid::from_u128(number)),
        kind: OrganisationKind::PropertyCompany,
        name: name.into(),
        short_name: short.into(),
        name_en: None,
        initials: String::new(),
        credit_code: None,
        state,
        version: 1,
    };
    let all = [
        unit(1, "青岛海景物业服务有限公司（东苑）", "海景物业", State::Open),
        unit(2, "青岛海景物业服务有限公司西苑分公司", "海景物业", State::Open),
        unit(3, "瑞港执法中队", "执法中队", State::Open),
        unit(4, "旧物业公司", "旧物业", State::Closed),
    ];
    let units = Units::new(&all);
    let id = |number: u128| Found::One(OrganisationId(Uuid::from_u128(number)));
    assert_eq!(units.find("青岛海景物业服务有限公司(东苑)"), id(1));
    assert_eq!(units.find("执法中队"), id(3));
    assert!(matches!(units.find("海景物业"), Found::Several(names) if names.len() == 2));
    assert!(matches!(units.find("海景物业服务有限公司"), Found::Unknown(names) if names.len() == 2));
    assert_eq!(units.find("瑞港街道执法中队"), Found::Unknown(vec!["瑞港执法中队".into()]));
    assert!(units.is_closed("旧物业") && !units.is_closed("海景物业"));
}

fn version(code: &str, class: &str, name: &str, synonyms: &str) -> CategoryVersion {
    let code = crate::category::CategoryCode::parse(code).unwrap();
    CategoryVersion {
        id: CategoryVersionId(Uuid::nil()),
        kind: code.kind,
        class_code: code.class,
        item_code: code.item,
        class_name: class.into(),
        name: name.into(),
        name_en: None,
        initials: String::new(),
        synonyms: synonyms.into(),
        limit_unit: None,
        limit_value: None,
        photo_demanded: false,
        reinspect: Reinspection::OnSpot,
        sample_permille: 1000,
        common_rank: None,
        may_report: false,
        conditions: crate::condition::Conditions::default(),
        source: CategorySource::Standard,
        valid_from: kernel::Instant::from_timestamp("2026-01-01T00:00:00Z".parse().unwrap()),
        valid_to: None,
        version: 1,
    }
}

#[test]
fn a_category_is_found_by_code_or_name_and_both_must_agree() {
    let all = [
        version("event-06-036", "市容环境类", "暴露垃圾", "垃圾满溢"),
        version("event-06-099", "市容环境类", "其他", ""),
        version("event-07-099", "宣传广告类", "其他", ""),
        version("component-06-001", "园林绿化类", "行道树", ""),
    ];
    let known = Categories::new(all.iter());
    let find =
        |code: &str, kind: &str, class: &str, item: &str, category: &str| match known.find(Named { code, kind, class, item, category }) {
            Category::About(about) => about.text(),
            Category::Missing => "missing".into(),
            Category::Other => "other".into(),
            Category::Several(names) => format!("several {}", names.len()),
            Category::Unknown(names) => format!("unknown {}", names.join(" ")),
        };
    for (category, expected) in [
        ("暴露垃圾", "event-06-036"),
        ("垃圾满溢", "event-06-036"),
        ("event-06-036", "event-06-036"),
        ("06-036", "event-06-036"),
        ("6036", "event-06-036"),
        ("０６０３６", "event-06-036"),
        ("市容环境", "event-06"),
        ("市容环境类", "event-06"),
        ("事件", "event"),
        ("部件类", "component"),
        ("各类问题", ""),
        ("其他", "several 2"),
        ("06", "several 2"),
        ("", "missing"),
        ("暴露的垃圾", "unknown 暴露垃圾"),
        ("火星", "unknown "),
        ("event-06-500", "unknown "),
    ] {
        assert_eq!(find("", "", "", "", category), expected, "{category}");
    }
    assert_eq!(find("", "", "市容环境", "其他", ""), "event-06-099");
    assert_eq!(find("", "", "市容环境类", "36", ""), "event-06-036");
    assert_eq!(find("", "", "市容环境类", "全部", ""), "event-06");
    assert_eq!(find("", "", "市容环境类", "", ""), "event-06");
    assert_eq!(find("", "事件", "6", "", ""), "event-06");
    assert_eq!(find("", "部件", "06", "", ""), "component-06");
    assert_eq!(find("", "部件", "", "", "暴露垃圾"), "unknown 暴露垃圾");
    assert_eq!(find("event-06-099", "", "", "", "其他"), "event-06-099");
    assert_eq!(find("event-06-036", "", "", "", "其他"), "other");
    assert_eq!(find("06-036", "", "", "", ""), "event-06-036");
    assert_eq!(find("", "", "", "", "部件"), "component");
}

#[test]
fn codes_and_names_of_the_standard_before_mean_what_their_items_became() {
    let all = [
        version("event-06-001", "市容环境类", "私搭乱建", ""),
        version("event-06-004", "市容环境类", "建筑物外立面污损", ""),
        version("event-01-002", "房屋建筑类", "另一事项", ""),
        version("event-06-002", "市容环境类", "店面无证装修", ""),
    ];
    let known = Categories::new(all.iter());
    let find = |category: &str| match known.find(Named { category, ..Named::default() }) {
        Category::About(about) => about.text(),
        other => format!("{other:?}"),
    };
    for (text, expected) in [
        ("01-01", "event-06-001"),
        ("0101", "event-06-001"),
        ("event-01-01", "event-06-001"),
        ("01-04", "event-06-004"),
        ("临街建筑物外立面不洁", "event-06-004"),
        ("私搭乱建", "event-06-001"),
    ] {
        assert_eq!(find(text), expected, "{text}");
    }
    assert!(find("01-02").starts_with("Several"), "two standards have this code: {}", find("01-02"));
    assert_eq!(find("0102"), "event-06-002", "four digits are a code of the standard before alone");
}
