//! The territory on both engines: imports of real files, moves, units proposed, categories, calendar and boundaries.

use crate::categories::{AddLocalCategory, CategoryRule, ChangeCategory};
use crate::category::{CategoryCode, CategoryKind, CategorySource, Reinspection};
use crate::directory::{Caches, Directory};
use crate::import::{ImportPlaces, PlaceFile};
use crate::organisation::OrganisationKind;
use crate::organisations::{self, AnswerFor, CreateOrganisation, CreateProject, EditOrganisation, EndAnswerFor, OrganisationDetails};
use crate::place::{Level, PlaceKind, State};
use crate::places::{self, ClosePlace, CreatePlace, EditPlace, MovePlace, PlaceDetails};
use crate::polygons::{ImportPolygons, Located, PolygonFile, PolygonIndex};
use crate::responsibility::Reason;
use crate::setup::PrepareTerritory;
use crate::table::{About, AddResponsibility, EndResponsibility};
use crate::verbs::ManageTerritory;
use crate::{calendars, polygons};
use access::{Actor, Permit};
use jiff::civil::date;
use kernel::calendar::Limit;
use kernel::coordinates::{Datum, Point};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Result, TenantId};
use store::testing::TestDb;
use store::{Command, Pass, Sql, Write, args, both_engines, sql};

pub(crate) const TENANT: TenantId = TenantId(1);
pub(crate) const DISTRICT_2022: &[u8] = include_bytes!("../../../../standards/places/district_370211_2022.csv");
pub(crate) const VILLAGES_2016: &[u8] = include_bytes!("../../../../standards/places/villages_370211_2016.csv");

static NEW_TENANT: Sql = sql!(
    "INSERT INTO tenant (id, slug, kind, parent_id, code, name, name_en, zone, settings, revision, created_at)
    VALUES (:tenant, 'test', 'sub_district', NULL, NULL, 'test', NULL, 'Asia/Shanghai', '{}', 1, :now)"
);

struct NewTenant;

impl Command for NewTenant {
    const KIND: &'static str = "test.new_tenant";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (tenant, now) = (tx.tenant(), tx.now());
        tx.exec(&NEW_TENANT, args! { tenant: tenant, now: now }).await?;
        tx.fact(crate::facts::CategoriesSeeded { tenant: tenant.0, count: 0 })
    }
}

pub(crate) fn by() -> Permit<ManageTerritory> {
    Actor::system(TENANT).permit(&TENANT).unwrap()
}

pub(crate) async fn run<C: Command>(db: &TestDb, command: C) -> Result<C::Out> {
    let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: db.world.new_id(), body: [0; 32] };
    db.store.run(pass, command).await.map(|outcome| outcome.out)
}

/// The code of an error, and of its fields where it has some.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    let fields: Vec<String> = error.field_errors().iter().map(|field| format!("{}: {}", field.field, field.code)).collect();
    if fields.is_empty() { error.code().to_owned() } else { fields.join(", ") }
}

pub(crate) async fn prepared(db: &TestDb, level: Level, name: &str, code: &str) -> PlaceId {
    run(db, NewTenant).await.unwrap();
    let code = Some(code.to_owned()).filter(|code| !code.is_empty());
    run(db, PrepareTerritory { by: by(), level, kind: None, name: name.into(), code, zone: "Asia/Shanghai".into() }).await.unwrap()
}

pub(crate) async fn directory(db: &TestDb) -> Directory {
    Directory::load(&db.store, TENANT).await.unwrap()
}

pub(crate) async fn add(db: &TestDb, parent: PlaceId, level: Level, name: &str) -> PlaceId {
    run(db, CreatePlace { by: by(), parent: Some(parent), level, details: PlaceDetails::named(name) }).await.unwrap()
}

pub(crate) async fn organisation(db: &TestDb, kind: OrganisationKind, name: &str) -> OrganisationId {
    run(db, CreateOrganisation { by: by(), details: OrganisationDetails::named(kind, name) }).await.unwrap()
}

pub(crate) async fn answers(db: &TestDb, organisation: OrganisationId, place: PlaceId) {
    run(db, AnswerFor { by: by(), organisation, place, project: None, from: date(2026, 1, 1), to: None }).await.unwrap();
}

both_engines! {
    async fn the_district_file_gives_its_23_town_level_units_and_again_nothing_new(db: TestDb) {
        let root = prepared(db, Level::District, "黄岛区", "370211000000").await;
        let file = PlaceFile::read(DISTRICT_2022).unwrap();
        let report = run(db, ImportPlaces { by: by(), root, file: file.clone() }).await.unwrap();
        assert_eq!((report.created, report.unchanged, report.different, report.outside, report.rejected), (23, 1, 0, 2, 0));
        let again = run(db, ImportPlaces { by: by(), root, file }).await.unwrap();
        assert_eq!((again.created, again.unchanged), (0, 24));
        let directory = directory(db).await;
        assert_eq!(directory.children(root).count(), 23);
        let kinds = |kind| directory.children(root).filter(|place| place.kind == Some(kind)).count();
        assert_eq!((kinds(PlaceKind::SubDistrict), kinds(PlaceKind::Town)), (14, 8), "and an island reserve, which is neither");
        assert_eq!(directory.place_by_code("370211003000").unwrap().name, "薛家岛街道");
    }

    async fn the_villages_file_gives_22_towns_and_1222_villages_and_shows_what_drifted(db: TestDb) {
        let root = prepared(db, Level::District, "黄岛区", "370211000000").await;
        let file = PlaceFile::read(VILLAGES_2016).unwrap();
        assert_eq!((file.lines.len(), file.rejected.len()), (1245, 0));
        let report = run(db, ImportPlaces { by: by(), root, file }).await.unwrap();
        assert_eq!(report.created_by_level, [(Level::SubDistrict, 22), (Level::Community, 1222)], "{:?}", report.rejected_lines);
        assert_eq!((report.created, report.unchanged, report.rejected), (1244, 1, 0));
        // The towns of 2022: two new codes for towns that became sub-districts, one new reserve, one renamed.
        let newer = run(db, ImportPlaces { by: by(), root, file: PlaceFile::read(DISTRICT_2022).unwrap() }).await.unwrap();
        assert_eq!((newer.created, newer.unchanged, newer.different, newer.outside), (3, 20, 1, 2));
        assert_eq!(newer.different_lines[0].in_file, "藏马镇");
        assert_eq!(newer.different_lines[0].kept, "藏南镇");
        let directory = directory(db).await;
        let village = directory.place_by_code("370211003013").unwrap();
        assert_eq!((village.name.as_str(), village.full_name.as_str()), ("大洼社区", "大洼社区"));
        assert_eq!(directory.ancestors(village.id).first().unwrap().name, "薛家岛街道");
        assert_eq!(directory.subtree(root).len(), 1 + 1244 + 3);
        assert_eq!(directory.find_by_name("烟台前社", 5)[0].name, "烟台前社区");
        assert_eq!(directory.find_by_name("ytqsq", 5)[0].name, "烟台前社区");
    }

    async fn a_sub_district_takes_its_own_villages_only(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "薛家岛街道", "370211003000").await;
        let report = run(db, ImportPlaces { by: by(), root, file: PlaceFile::read(VILLAGES_2016).unwrap() }).await.unwrap();
        let own = String::from_utf8(VILLAGES_2016.to_vec()).unwrap().lines().filter(|line| line.contains(",370211003000,")).count();
        assert!(own > 20);
        assert_eq!(usize::try_from(report.created).unwrap(), own);
        assert_eq!(report.outside, 1245 - report.created - 1);
    }

    async fn bad_lines_are_kept_aside_with_their_reasons(db: TestDb) {
        let root = prepared(db, Level::District, "黄岛区", "370211000000").await;
        let text = "code,parent_code,name,level,urban_rural_code,lng,lat\n\
            370211001000,370211000000,黄岛街道办事处,town,,,\n\
            370211001001,370211002000,错上级社区居民委员会,village,,,\n\
            37021100100,,短码社区,village,,,\n\
            370211001000,370211000000,重复街道办事处,town,,,\n\
            370211001002,370211001000,,village,,,\n\
            370211001003,370211001000,远社区居委会,village,,200,35\n\
            370211001004,370211001000,好社区居委会,village,,120.1,35.9\n\
            370211001005,370211001000,好社区居民委员会,village,,,\n";
        let file = PlaceFile::read(text.as_bytes()).unwrap();
        let report = run(db, ImportPlaces { by: by(), root, file }).await.unwrap();
        let rejected: Vec<(u64, &str)> = report.rejected_lines.iter().map(|note| (note.line, note.code.as_str())).collect();
        assert_eq!(
            rejected,
            [
                (3, "import.parent_other"), (4, "identifier.length"), (5, "import.twice"), (6, "field.missing"),
                (7, "coordinates.out_of_range"), (9, "place.name_taken"),
            ]
        );
        assert_eq!((report.created, report.rejected), (2, 6));
        assert_eq!(code(PlaceFile::read(b"a,b\n1,2\n")), "import.heading");
        let gb = encoding_rs::GB18030.encode("code,name\n370211001009,山东路社区居委会\n").0.into_owned();
        assert_eq!(PlaceFile::read(&gb).unwrap().lines[0].name, "山东路社区");
    }

    async fn a_moved_place_takes_its_subtree_along(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let (east, west) = (add(db, root, Level::Community, "东苑社区").await, add(db, root, Level::Community, "西苑社区").await);
        let compound = add(db, east, Level::Compound, "海景小区").await;
        let building = add(db, compound, Level::Building, "3号楼").await;
        let other = add(db, east, Level::Compound, "山景小区").await;
        let before = directory(db).await;
        assert_eq!(before.place(building).unwrap().full_name, "东苑社区 海景小区 3号楼");
        run(db, MovePlace { by: by(), place: compound, version: 1, parent: west }).await.unwrap();
        let after = directory(db).await;
        let moved = after.place(building).unwrap();
        assert_eq!(moved.full_name, "西苑社区 海景小区 3号楼");
        assert_eq!((moved.community_id, moved.compound_id), (Some(west), Some(compound)));
        assert!(moved.path.starts_with(&after.place(west).unwrap().path));
        assert_eq!(after.place(other).unwrap().path, before.place(other).unwrap().path);
        assert_eq!(after.subtree(west).len(), 3);
        assert!(after.revision > before.revision);
        assert_eq!(code(run(db, MovePlace { by: by(), place: compound, version: 1, parent: east }).await), "place.stale");
        assert_eq!(code(run(db, MovePlace { by: by(), place: root, version: 1, parent: east }).await), "place.is_root");
        assert_eq!(code(run(db, MovePlace { by: by(), place: west, version: 1, parent: building }).await), "parent: place.inside_itself");
        assert_eq!(code(run(db, MovePlace { by: by(), place: west, version: 1, parent: east }).await), "parent: place.level");
    }

    async fn places_are_created_renamed_and_closed_and_what_is_wrong_is_said(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "370211003000").await;
        let east = add(db, root, Level::Community, "东苑社区").await;
        let compound = add(db, east, Level::Compound, "海景小区").await;
        let create = |parent, level, details| CreatePlace { by: by(), parent, level, details };
        assert_eq!(code(run(db, create(None, Level::District, PlaceDetails::named("又一个"))).await), "parent: place.parent_missing");
        assert_eq!(code(run(db, create(Some(east), Level::Compound, PlaceDetails::named(" 海景小区 "))).await), "name: place.name_taken");
        assert_eq!(code(run(db, create(Some(compound), Level::Community, PlaceDetails::named("倒挂"))).await), "level: place.level");
        let coded = |code: &str| PlaceDetails { code: Some(code.into()), ..PlaceDetails::named("南苑社区") };
        assert_eq!(code(run(db, create(Some(root), Level::Community, coded("3702110030"))).await), "code: identifier.length");
        assert_eq!(code(run(db, create(Some(root), Level::Community, coded("370211003000"))).await), "code: place.code_level");
        run(db, create(Some(root), Level::Community, coded("370211003001"))).await.unwrap();
        let twice = PlaceDetails { name: "北苑社区".into(), ..coded("370211003001") };
        assert_eq!(code(run(db, create(Some(root), Level::Community, twice)).await), "code: place.code_taken");
        assert_eq!(code(places::place(&db.store, TenantId(2), east).await), "not_found", "another tenant's id says nothing");

        run(db, EditPlace { by: by(), place: compound, version: 1, details: PlaceDetails::named("海景花园") }).await.unwrap();
        assert_eq!(code(run(db, EditPlace { by: by(), place: compound, version: 1, details: PlaceDetails::named("x") }).await), "place.stale");
        assert_eq!(directory(db).await.find_by_name("hjhy", 3)[0].id, compound);
        assert_eq!(code(run(db, ClosePlace { by: by(), place: east, version: 1 }).await), "place.has_places");
        run(db, ClosePlace { by: by(), place: compound, version: 2 }).await.unwrap();
        let now = directory(db).await;
        assert!(now.find_by_name("hjhy", 3).is_empty(), "a closed place is not chosen");
        assert_eq!(now.place(compound).unwrap().full_name, "东苑社区 海景花园", "but still named");
        run(db, create(Some(east), Level::Compound, PlaceDetails::named("海景花园"))).await.unwrap();
        let tree = now.tree();
        assert_eq!(tree.len(), 2);
    }

    async fn units_are_proposed_from_the_table_and_from_who_answers(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let east = add(db, root, Level::Community, "东苑社区").await;
        let compound = add(db, east, Level::Compound, "海景小区").await;
        let west = add(db, root, Level::Community, "西苑社区").await;
        let today = date(2026, 2, 10);
        assert_eq!(directory(db).await.gaps(today).len(), 3, "nobody answers for anything yet");

        let (office, cooperative) = (organisation(db, OrganisationKind::CommunityOffice, "东苑社区居委会").await, organisation(db, OrganisationKind::Cooperative, "东苑股份经济合作社").await);
        let (company, sanitation) = (organisation(db, OrganisationKind::PropertyCompany, "瑞港物业").await, organisation(db, OrganisationKind::Department, "环卫所").await);
        answers(db, office, east).await;
        let unit = |directory: &Directory, place| directory.unit_for(place, None, today).map(|proposal| (proposal.unit, proposal.reason));
        let now = directory(db).await;
        assert_eq!(unit(&now, compound), Some((office, Reason::CommunityOffice { community: east })));
        assert_eq!(now.gaps(today).iter().map(|place| place.id).collect::<Vec<_>>(), [west]);
        answers(db, cooperative, east).await;
        assert_eq!(unit(&directory(db).await, compound), Some((cooperative, Reason::Cooperative { community: east })));
        let project = run(db, CreateProject { by: by(), organisation: company, name: "海景项目".into(), place: compound, from: date(2026, 1, 1) }).await.unwrap();
        let now = directory(db).await;
        assert_eq!(unit(&now, compound), Some((company, Reason::AnswersFor { place: compound })));
        assert_eq!(now.unit_for(compound, None, today).unwrap().project, Some(project));
        assert_eq!(unit(&now, east).unwrap().0, cooperative);

        let rubbish = now.category_in_force(&CategoryCode::parse("event-06-010").unwrap()).unwrap().id.0;
        let about = About::parse("event-06").unwrap();
        let row = AddResponsibility { by: by(), about, place: root, organisation: sanitation, project: None, from: date(2026, 1, 1), to: None };
        let row = run(db, row).await.unwrap();
        let now = directory(db).await;
        let proposal = now.unit_for(compound, Some(rubbish), today).unwrap();
        assert_eq!(proposal.unit, sanitation);
        assert_eq!(proposal.reason, Reason::ResponsibilityRow { number: 1, place: root, category: Some("event-06".into()) });
        let said = crate::reason_words(web::Words::of(web::Lang::Chinese), &now, &proposal.reason.to_json());
        assert_eq!(said, "责任清单第 1 条：瑞港街道，市容环境类");
        assert_eq!(unit(&now, compound).unwrap().0, company, "another category's row says nothing");

        assert_eq!(code(run(db, EndResponsibility { by: by(), row, version: 1, to: date(2025, 1, 1) }).await), "to: field.dates");
        run(db, EndResponsibility { by: by(), row, version: 1, to: date(2026, 2, 9) }).await.unwrap();
        assert_eq!(directory(db).await.unit_for(compound, Some(rubbish), today).unwrap().unit, company);

        let again = AnswerFor { by: by(), organisation: company, place: compound, project: None, from: today, to: None };
        assert_eq!(code(run(db, again).await), "answers_for.already");
        let line = directory(db).await.answers_of(company)[0].id;
        run(db, EndAnswerFor { by: by(), line, to: date(2026, 2, 1) }).await.unwrap();
        assert_eq!(unit(&directory(db).await, compound).unwrap().0, cooperative, "the company left, the cooperative stands in");
    }

    async fn organisations_have_one_credit_code_each_and_a_contact_kept_apart(db: TestDb) {
        prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let details = OrganisationDetails {
            credit_code: Some("91350100M000100Y43".into()),
            contact: Some("王明".into()),
            contact_phone: Some("138 1234 1234".into()),
            ..OrganisationDetails::named(OrganisationKind::PropertyCompany, "瑞港物业服务有限公司")
        };
        let id = run(db, CreateOrganisation { by: by(), details: details.clone() }).await.unwrap();
        let contact = organisations::contact(&db.store, TENANT, id).await.unwrap();
        assert_eq!((contact.masked().as_str(), format!("{contact:?}").contains("1234123")), ("王* 138****1234", false));
        let wrong = OrganisationDetails { credit_code: Some("91350100M000100Y44".into()), name: "别的物业".into(), ..details.clone() };
        assert_eq!(code(run(db, CreateOrganisation { by: by(), details: wrong }).await), "credit_code: identifier.check_character");
        let same = OrganisationDetails { name: "别的物业".into(), ..details.clone() };
        assert_eq!(code(run(db, CreateOrganisation { by: by(), details: same }).await), "credit_code: organisation.credit_code_taken");
        assert_eq!(code(run(db, CreateOrganisation { by: by(), details: details.clone() }).await), "name: organisation.name_taken");
        let edit = |version, state| {
            // The form gives no contact where nobody typed one.
            let details = OrganisationDetails { contact: None, contact_phone: None, ..details.clone() };
            EditOrganisation { by: by(), organisation: id, version, details, no_contact: false, state }
        };
        run(db, edit(1, State::Closed)).await.unwrap();
        assert_eq!(organisations::contact(&db.store, TENANT, id).await.unwrap().masked(), "王* 138****1234");
        assert_eq!(code(run(db, edit(1, State::Open)).await), "organisation.stale");
        assert_eq!(directory(db).await.organisations().count(), 0);
        assert_eq!(directory(db).await.short_name(id), "瑞港物业服务有限公司");
        let again = run(db, CreateOrganisation { by: by(), details: details.clone() }).await.unwrap();
        // The closed one's contact goes half a year later, and the open one's stays.
        let tenant = access::account::tenant(&db.store, TENANT).await.unwrap();
        db.world.clock.advance_seconds(179 * 86_400);
        crate::keeping::sweep(&db.store, &tenant).await.unwrap();
        assert_eq!(organisations::contact(&db.store, TENANT, id).await.unwrap().masked(), "王* 138****1234");
        db.world.clock.advance_seconds(2 * 86_400);
        crate::keeping::sweep(&db.store, &tenant).await.unwrap();
        crate::keeping::sweep(&db.store, &tenant).await.unwrap();
        assert!(organisations::contact(&db.store, TENANT, id).await.unwrap().is_empty());
        assert!(!organisations::contact(&db.store, TENANT, again).await.unwrap().is_empty());
        let facts = db.store.timeline(TENANT, "organisation", id.0).await.unwrap();
        assert_eq!(facts.iter().filter(|fact| fact.kind == "organisation.contact_erased").count(), 1);
        let clear = EditOrganisation { by: by(), organisation: again, version: 1, details, no_contact: true, state: State::Open };
        run(db, clear).await.unwrap();
        assert!(organisations::contact(&db.store, TENANT, again).await.unwrap().is_empty());
    }

    async fn a_new_tenant_has_the_standard_categories_and_a_changed_one_keeps_its_versions(db: TestDb) {
        prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let now = directory(db).await;
        let count = |source| now.categories().filter(|category| category.source == source).count();
        assert_eq!((count(CategorySource::Standard), count(CategorySource::Local)), (403, 14));
        assert_eq!(now.categories().filter(|category| category.limit().is_none()).count(), 185);
        assert_eq!(now.common_categories().len(), 30);

        let first = |typed: &str| now.search_categories(typed, 10).first().map(|category| category.name.clone()).unwrap_or_default();
        for (typed, found) in [
            ("废弃车辆", "废弃车辆"), ("僵尸车", "废弃车辆"), ("fqcl", "废弃车辆"), ("jsc", "废弃车辆"), ("06-034", "废弃车辆"),
            ("楼道堆物", "楼道堆物"), ("lddw", "楼道堆物"), ("飞线", "飞线充电"), ("fxcd", "飞线充电"), ("毁绿", "毁绿种菜"),
            ("小广告", "非法小广告"), ("street light", "路灯异常"), ("event-06-010", "暴露垃圾"),
        ] {
            assert_eq!(first(typed), found, "{typed}");
        }
        assert!(now.search_categories("", 10).is_empty() && now.search_categories("没有这种事", 10).is_empty());

        let code_of = CategoryCode::parse("event-06-034").unwrap();
        let old = now.category_in_force(&code_of).unwrap().clone();
        let rule = CategoryRule { limit: Some(Limit::working_days(3).unwrap()), reinspect: Reinspection::FromPhotos, sample_permille: 200, ..CategoryRule::of(&old) };
        let new = run(db, ChangeCategory { by: by(), current: old.id, rule: rule.clone() }).await.unwrap();
        let later = directory(db).await;
        assert_eq!(later.category_in_force(&code_of).unwrap().id, new);
        assert_eq!(later.category_in_force(&code_of).unwrap().limit(), Some(Limit::working_days(3).unwrap()));
        assert_eq!(later.category(old.id.0).unwrap().limit(), None, "a case of before keeps what it was filed under");
        assert_eq!(later.versions_of(&code_of).len(), 2);
        assert_eq!(code(run(db, ChangeCategory { by: by(), current: old.id, rule: rule.clone() }).await), "category.stale");

        let local = |item: &str, name: &str| AddLocalCategory {
            by: by(), kind: CategoryKind::Event, class_code: "06".into(), class_name: "市容环境类".into(), item_code: item.into(), name: name.into(), rule: rule.clone(),
        };
        assert_eq!(code(run(db, local("034", "占用编号")).await), "item_code: category.local_code");
        assert_eq!(code(run(db, local("080", "占用编号")).await), "item_code: category.code_taken");
        assert_eq!(code(run(db, local("8o0", "占用编号")).await), "item_code: category.code");
        run(db, local("099", "违规投放")).await.unwrap();
        assert_eq!(directory(db).await.search_categories("wgtf", 1)[0].name, "违规投放");
    }

    async fn a_calendar_takes_newer_holidays_and_refuses_older_ones(db: TestDb) {
        prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let now = directory(db).await;
        assert_eq!(now.calendar().holidays().known_until(), date(2026, 12, 31));
        assert!(!now.calendar().is_working_day(date(2026, 2, 17)));
        assert_eq!(now.calendar_settings.hours, "08:30-12:00,13:30-17:30");
        let newer = "date,day_off,name\n2027-01-01,yes,元旦\n2027-02-05,yes,春节\n2027-02-13,no,春节\n";
        let until = run(db, calendars::LoadHolidays { by: by(), text: newer.into() }).await.unwrap();
        assert_eq!(until, "2027-12-31");
        let later = directory(db).await;
        assert!(!later.calendar().is_working_day(date(2027, 2, 5)) && later.calendar().is_working_day(date(2027, 2, 13)));
        assert!(!later.calendar().is_working_day(date(2026, 2, 17)), "what was known stays");
        assert!(later.calendar().holidays().knows(date(2019, 1, 1), date(2027, 12, 31)));
        let older = "date,day_off,name\n2020-01-01,yes,元旦\n";
        assert_eq!(code(run(db, calendars::LoadHolidays { by: by(), text: older.into() }).await), "calendar.older");
        assert_eq!(code(run(db, calendars::LoadHolidays { by: by(), text: "date,day_off,name\nyes\n".into() }).await), "calendar.holiday_line");
        let hours = |version, hours: &str| calendars::SetHours { by: by(), version, zone: "Asia/Shanghai".into(), hours: hours.into() };
        assert_eq!(code(run(db, hours(2, "9 to 5")).await), "hours: calendar.hours");
        assert_eq!(code(run(db, hours(1, "09:00-17:00")).await), "calendar.stale");
        run(db, hours(2, "09:00-17:00")).await.unwrap();
        assert_eq!(directory(db).await.calendar().hours().minutes_a_day(), 480);
    }

    async fn a_point_answers_with_grid_compound_and_community_in_either_datum(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "370211003000").await;
        let east = add(db, root, Level::Community, "东苑社区").await;
        let grid = CreatePlace { by: by(), parent: Some(east), level: Level::Grid, details: PlaceDetails { code: Some("370211003001001".into()), ..PlaceDetails::named("第一网格") } };
        let grid = run(db, grid).await.unwrap();
        let compound = add(db, grid, Level::Compound, "海景小区").await;
        let square = |west: f64, south: f64, side: f64| {
            let (east, north) = (west + side, south + side);
            format!("[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]")
        };
        let feature = |named: &str, rings: &str| format!(r#"{{"type":"Feature","properties":{{{named}}},"geometry":{{"type":"Polygon","coordinates":{rings}}}}}"#);
        let collection = |features: &[String]| format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let file = collection(&[
            feature(r#""name":"东苑社区""#, &square(120.10, 35.90, 0.02)),
            feature(r#""code":"370211003001001""#, &square(120.10, 35.90, 0.01)),
            feature(r#""name":"海景小区""#, &square(120.102, 35.902, 0.002)),
            feature(r#""name":"没有的小区""#, &square(120.102, 35.902, 0.002)),
            feature(r#""name":"海景小区""#, &square(120.2, 35.902, 0.002)),
            feature(r#""name":"瑞港街道""#, "[[[120.1,35.9],[120.2,35.9],[120.2,36.0]]]"),
        ]);
        let now = directory(db).await;
        let read = PolygonFile::read(file.as_bytes(), Datum::Cgcs2000, &now).unwrap();
        let reasons: Vec<(u64, &str)> = read.rejected.iter().map(|note| (note.line, note.code.as_str())).collect();
        assert_eq!(reasons, [(4, "polygon.unknown_place"), (5, "polygon.twice"), (6, "polygon.open_ring")]);
        let report = run(db, ImportPolygons { by: by(), file: read }).await.unwrap();
        assert_eq!((report.taken, report.rejected), (3, 3));
        let index = PolygonIndex::load(&db.store, &now).await.unwrap();
        let at = |lng: &str, lat: &str| index.locate(Point::parse(lng, lat).unwrap());
        assert_eq!(at("120.103", "35.903"), Located { place: Some(compound), grid: Some(grid), compound: Some(compound), community: Some(east) });
        assert_eq!(at("120.108", "35.908"), Located { place: Some(grid), grid: Some(grid), compound: None, community: Some(east) });
        assert_eq!(at("120.115", "35.915"), Located { place: Some(east), grid: None, compound: None, community: Some(east) });
        assert_eq!(at("125", "30"), Located::default(), "a point in the sea");

        // The published pair: GCJ-02 120.105349, 35.940248 is 120.100000, 35.940000; a square of 20 m around it.
        let shifted = collection(&[feature(r#""name":"海景小区""#, &square(120.105249, 35.940148, 0.0002))]);
        let read = PolygonFile::read(shifted.as_bytes(), Datum::Gcj02, &now).unwrap();
        run(db, ImportPolygons { by: by(), file: read }).await.unwrap();
        let index = PolygonIndex::load(&db.store, &directory(db).await).await.unwrap();
        assert_eq!(index.locate(Point::parse("120.100000", "35.940000").unwrap()).compound, Some(compound));
        assert_eq!(index.locate(Point::parse("120.105349", "35.940248").unwrap()).compound, None);
        let crossed = collection(&[feature(r#""name":"海景小区""#, "[[[120.1,35.9],[120.2,36.0],[120.2,35.9],[120.1,36.0],[120.1,35.9]]]")]);
        assert_eq!(PolygonFile::read(crossed.as_bytes(), Datum::Wgs84, &now).unwrap().rejected[0].code, "polygon.invalid_ring");
        let far = collection(&[feature(r#""name":"海景小区""#, &square(190.0, 35.9, 0.1))]);
        assert_eq!(PolygonFile::read(far.as_bytes(), Datum::Wgs84, &now).unwrap().rejected[0].code, "polygon.range");
        assert_eq!(code(PolygonFile::read(b"not json", Datum::Wgs84, &now).map(|_| ())), polygons::NOT_GEOJSON.name);
    }

    async fn a_process_reads_again_when_the_territory_changed_and_only_then(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let caches = Caches::default();
        let first = caches.directory(&db.store, TENANT).await.unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &caches.directory(&db.store, TENANT).await.unwrap()));
        assert!(caches.polygons(&db.store, TENANT).await.unwrap().is_empty(), "everything works with none");
        let east = add(db, root, Level::Community, "东苑社区").await;
        let second = caches.directory(&db.store, TENANT).await.unwrap();
        assert!(second.place(east).is_some() && first.place(east).is_none());
        assert_eq!(code(caches.directory(&db.store, TenantId(9)).await), "not_found");
    }

    async fn two_clerks_cannot_give_two_siblings_one_name_at_once(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let create = || run(db, CreatePlace { by: by(), parent: Some(root), level: Level::Community, details: PlaceDetails::named("东苑社区") });
        let (one, two) = tokio::join!(create(), create());
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
        let refused = if one.is_err() { one } else { two };
        assert_eq!(code(refused), "name: place.name_taken");
    }
}
