//! Newer official lists over older ones, on both engines: the real drift of six years, what a made-up one moves and closes, and
//! taking all of it back.

use crate::comparing::{Above, Plan};
use crate::directory::Directory;
use crate::import::{ImportPlaces, PlaceFile};
use crate::lists::{self, ApplyList, PlaceListId, ReceiveList, UndoList};
use crate::organisation::OrganisationKind;
use crate::page_tests::Office;
use crate::place::{Level, PlaceKind};
use crate::places::{ClosePlace, EditPlace, PlaceDetails};
use crate::tests::{DISTRICT_2022, VILLAGES_2016, add, answers, by, code, directory, organisation, prepared, run};
use access::Role;
use axum::http::StatusCode;
use kernel::TenantId;
use store::both_engines;
use store::testing::TestDb;

const TENANT: TenantId = TenantId(1);

async fn receive(db: &TestDb, text: &[u8]) -> (PlaceListId, Plan) {
    let list = run(db, ReceiveList { by: by(), file: PlaceFile::read(text).unwrap() }).await.unwrap();
    (list, lists::list(&db.store, TENANT, list).await.unwrap().1)
}

async fn apply(db: &TestDb, list: PlaceListId) -> kernel::Result<()> {
    let plan = lists::list(&db.store, TENANT, list).await.unwrap().1;
    run(db, ApplyList { by: by(), list, digest: plan.digest().unwrap() }).await
}

async fn undo(db: &TestDb, list: PlaceListId) -> kernel::Result<()> {
    run(db, UndoList { by: by(), list }).await
}

/// Every open place: code, name, kind, classification and the path of names above it.
fn picture(directory: &Directory) -> Vec<String> {
    let line = |place: &crate::PlaceInfo| {
        let above: Vec<&str> = directory.ancestors(place.id).iter().map(|above| above.name.as_str()).collect();
        format!("{:?} {} {:?} {:?} {} {:?}", place.code, place.name, place.kind, place.urban_rural, above.join("/"), place.former)
    };
    let mut lines: Vec<String> = directory.places().iter().filter(|place| place.open).map(line).collect();
    lines.sort();
    lines
}

const HEAD: &str = "code,name,urban_rural_code\n";

fn list_of(lines: &[&str]) -> Vec<u8> {
    format!("{HEAD}{}\n", lines.join("\n")).into_bytes()
}

const OLD: [&str; 8] = [
    "370211001000,东镇,",
    "370211001001,王家村村委会,220",
    "370211001002,李家村村委会,220",
    "370211001003,赵家村村委会,",
    "370211002000,西镇,",
    "370211002001,王家村村委会,220",
    "370211002002,孙家村村委会,220",
    "370211003000,北镇,",
];

async fn old_district(db: &TestDb) {
    let root = prepared(db, Level::District, "黄岛区", "370211000000").await;
    run(db, ImportPlaces { by: by(), root, file: PlaceFile::read(&list_of(&OLD)).unwrap() }).await.unwrap();
}

both_engines! {
    async fn six_years_of_drift_are_shown_applied_found_again_and_taken_back(db: TestDb) {
        let root = prepared(db, Level::District, "黄岛区", "370211000000").await;
        run(db, ImportPlaces { by: by(), root, file: PlaceFile::read(VILLAGES_2016).unwrap() }).await.unwrap();
        let before = directory(db).await;
        let wangtai = before.place_by_code("370211100000").unwrap().id;
        let (list, plan) = receive(db, DISTRICT_2022).await;
        let codes: Vec<&str> = plan.changed.iter().filter_map(|change| Some(change.code.as_ref()?.1.as_str())).collect();
        assert_eq!(codes, ["370211014000", "370211015000"], "two towns became sub-districts");
        let names: Vec<(String, String)> = plan.changed.iter().filter_map(|change| change.name.clone()).collect();
        let pair = |was: &str, is: &str| (was.to_owned(), is.to_owned());
        assert_eq!(names, [pair("王台镇", "王台街道"), pair("张家楼镇", "张家楼街道"), pair("藏南镇", "藏马镇")]);
        let kinds: Vec<_> = plan.changed.iter().filter_map(|change| change.kind).collect();
        assert_eq!(kinds, [(Some(PlaceKind::Town), Some(PlaceKind::SubDistrict)); 2]);
        assert_eq!(plan.new.iter().map(|new| new.place.name.as_str()).collect::<Vec<_>>(), ["灵山岛省级自然保护区"]);
        assert!(plan.gone.is_empty() && plan.kept.is_empty(), "a list of towns says nothing about villages");
        assert_eq!((plan.changed.len(), plan.unchanged), (3, 20));
        assert_eq!(picture(&directory(db).await), picture(&before), "nothing is changed by looking");

        apply(db, list).await.unwrap();
        let after = directory(db).await;
        let now = after.place(wangtai).unwrap();
        assert_eq!((now.name.as_str(), now.code.as_deref(), now.kind), ("王台街道", Some("370211014000"), Some(PlaceKind::SubDistrict)));
        assert_eq!(after.place_by_code("370211100000").unwrap().id, wangtai, "the old code still finds it");
        assert_eq!(after.find_by_name("370211100000", 5)[0].id, wangtai);
        assert_eq!(after.find_by_name("王台镇", 5)[0].id, wangtai);
        assert_eq!(after.children(wangtai).count(), before.children(wangtai).count());
        assert_eq!(code(apply(db, list).await), "place_list.done");
        // The same list again, and the old way of taking in, find nothing to do.
        assert!(receive(db, DISTRICT_2022).await.1.is_empty());
        let again = run(db, ImportPlaces { by: by(), root, file: PlaceFile::read(VILLAGES_2016).unwrap() }).await.unwrap();
        assert_eq!((again.created, again.rejected), (0, 0), "{:?}", again.rejected_lines);

        undo(db, list).await.unwrap();
        assert_eq!(picture(&directory(db).await), picture(&before));
        assert_eq!(code(undo(db, list).await), "place_list.done");
        let kinds = |facts: Vec<store::journal::FactRow>| facts.into_iter().map(|fact| fact.kind).collect::<std::collections::BTreeSet<_>>();
        let told = kinds(db.store.timeline(TENANT, "place_list", list.0).await.unwrap());
        assert_eq!(told.into_iter().collect::<Vec<_>>(), ["place_list.applied", "place_list.received", "place_list.undone"]);
    }

    async fn a_list_moves_renames_swaps_closes_and_keeps_what_is_in_use(db: TestDb) {
        old_district(db).await;
        let before = directory(db).await;
        let at = |code: &str| before.place_by_code(code).unwrap().id;
        let sun = at("370211002002");
        add(db, sun, Level::Compound, "孙家小区").await;
        let before = directory(db).await;
        let (list, plan) = receive(db, &list_of(&[
            "370211001000,东街道,",
            // Two villages change names, and one of them its classification.
            "370211001001,李家村村委会,220", "370211001002,王家村村委会,121",
            // A village comes over from the west by name, with another code; a new town brings a new village.
            "370211001009,赵家村村委会,", "370211003000,北镇,", "370211003001,南岭村村委会,220",
            "370211004000,港镇,", "370211004001,港一村村委会,220", "370211004002,港一村村委会,220", "370211004003,港三村村委会,999",
        ])).await;
        let names = |gone: &[crate::comparing::Gone]| gone.iter().map(|gone| gone.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&plan.gone), ["王家村"], "{plan:#?}");
        assert_eq!(names(&plan.kept), ["西镇", "孙家村"], "a compound is below, and the town is above it");
        assert_eq!(plan.new.iter().map(|new| new.place.name.as_str()).collect::<Vec<_>>(), ["港镇", "南岭村", "港一村"]);
        assert_eq!(plan.new[2].above, Above::New("370211004000".into()));
        let rejected: Vec<(u64, &str)> = plan.rejected.iter().map(|note| (note.line, note.code.as_str())).collect();
        assert_eq!(rejected, [(10, "place.name_taken"), (11, "import.urban_rural")]);
        assert_eq!(plan.changed.len(), 4, "{:#?}", plan.changed);
        // Somebody changes a place between looking and applying.
        let zhao = before.place(at("370211001003")).unwrap().clone();
        let digest = plan.digest().unwrap();
        let details = PlaceDetails { code: zhao.code.clone(), ..PlaceDetails::named("赵家庄村") };
        run(db, EditPlace { by: by(), place: zhao.id, version: zhao.version, details }).await.unwrap();
        assert_eq!(code(run(db, ApplyList { by: by(), list, digest }).await), "place_list.stale");
        let details = PlaceDetails { code: zhao.code.clone(), ..PlaceDetails::named("赵家村") };
        run(db, EditPlace { by: by(), place: zhao.id, version: zhao.version + 1, details }).await.unwrap();
        let before = picture(&directory(db).await);
        apply(db, list).await.unwrap();
        let after = directory(db).await;
        assert_eq!(after.place(at("370211001001")).unwrap().name, "李家村");
        assert_eq!(after.place(at("370211001002")).unwrap().urban_rural.as_deref(), Some("121"));
        assert_eq!(after.place(zhao.id).unwrap().code.as_deref(), Some("370211001009"));
        assert!(!after.place(at("370211002001")).unwrap().open && after.place(sun).unwrap().open);
        let harbour = after.place_by_code("370211004001").unwrap();
        assert_eq!(after.ancestors(harbour.id)[0].name, "港镇");
        undo(db, list).await.unwrap();
        assert_eq!(picture(&directory(db).await), before);
    }

    async fn a_village_that_went_to_another_town_takes_its_places_and_roles_along_and_back(db: TestDb) {
        old_district(db).await;
        let start = directory(db).await;
        let sun = start.place_by_code("370211002002").unwrap().id;
        let compound = add(db, sun, Level::Compound, "孙家小区").await;
        let before = picture(&directory(db).await);
        // Its name stands once in the district, so it is the same village under another code.
        let mut lines = OLD.to_vec();
        lines[6] = "370211001004,孙家村村委会,220";
        let (list, plan) = receive(db, &list_of(&lines)).await;
        assert!(plan.changed.len() == 1 && plan.changed[0].parent.is_some() && plan.new.is_empty() && plan.gone.is_empty(), "{plan:#?}");
        apply(db, list).await.unwrap();
        let after = directory(db).await;
        assert_eq!(after.ancestors(compound).iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["孙家村", "东镇", "黄岛区"]);
        assert!(after.place(compound).unwrap().path.starts_with(&after.place_by_code("370211001000").unwrap().path));
        undo(db, list).await.unwrap();
        assert_eq!(picture(&directory(db).await), before);
    }

    async fn what_stands_against_an_undoing_is_named(db: TestDb) {
        old_district(db).await;
        let with = |extra: &[&'static str]| list_of(&OLD.iter().copied().chain(extra.iter().copied()).collect::<Vec<_>>());
        let (first, _) = receive(db, &with(&["370211003001,南岭村村委会,220"])).await;
        apply(db, first).await.unwrap();
        let new = directory(db).await.place_by_code("370211003001").unwrap().clone();
        let refused = async |list| {
            let error = undo(db, list).await.unwrap_err();
            format!("{} {:?}", error.code(), error.args())
        };
        // A later list; then a place below; then a unit that answers there.
        let (second, _) = receive(db, &with(&["370211003001,南岭村村委会,220", "370211003002,北岭村村委会,220"])).await;
        db.world.clock.advance_seconds(60);
        apply(db, second).await.unwrap();
        assert_eq!(code(undo(db, first).await), "place_list.later");
        undo(db, second).await.unwrap();
        let compound = add(db, new.id, Level::Compound, "岭上小区").await;
        assert_eq!(refused(first).await, r#"place_list.depends {"place": "南岭村", "what": "place"}"#);
        run(db, ClosePlace { by: by(), place: compound, version: 1 }).await.unwrap();
        let office = organisation(db, OrganisationKind::CommunityOffice, "南岭村委会").await;
        answers(db, office, new.id).await;
        assert_eq!(refused(first).await, r#"place_list.depends {"place": "南岭村", "what": "organisation"}"#);
        let details = PlaceDetails { code: new.code.clone(), kind: new.kind, ..PlaceDetails::named("南山岭村") };
        run(db, EditPlace { by: by(), place: new.id, version: 1, details }).await.unwrap();
        assert_eq!(refused(first).await, r#"place_list.changed_since {"place": "南山岭村"}"#);
        // A renamed place whose old name went to another one.
        let mut lines = OLD.to_vec();
        lines[1] = "370211001001,王家庄村村委会,220";
        lines.push("370211003001,南山岭村村委会,220");
        let (third, plan) = receive(db, &list_of(&lines)).await;
        assert_eq!(plan.changed.len(), 1, "{plan:#?}");
        db.world.clock.advance_seconds(60);
        apply(db, third).await.unwrap();
        let east = directory(db).await.place_by_code("370211001000").unwrap().id;
        add(db, east, Level::Community, "王家村").await;
        assert_eq!(refused(third).await, r#"place_list.taken {"place": "王家村"}"#);
        let nothing = ReceiveList { by: by(), file: PlaceFile::read(b"code,name\n110101001000,x\n").unwrap() };
        assert_eq!(code(run(db, nothing).await), "place_list.nothing");
    }

    async fn a_list_is_looked_at_applied_and_undone_on_its_pages(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        let villages = b"code,name,urban_rural_code\n370211003001,\xe4\xb8\x9c\xe8\x8b\x91\xe7\xa4\xbe\xe5\x8c\xba\xe5\xb1\x85\xe5\xa7\x94\xe4\xbc\x9a,111\n370211003002,<script>alert(1)</script>,112\n37021100300,x,\n";
        assert_eq!(office.upload(&inspector, "/places/lists/import", &[("datum", "cgcs2000")], villages).await.status, StatusCode::FORBIDDEN);
        let received = office.upload(&clerk, "/places/lists/import", &[("datum", "cgcs2000")], villages).await;
        assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.body);
        let page = received.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("<dt>新增</dt><dd>1</dd>") && shown.has("&#60;script&#62;alert") && !shown.has("<script>alert"), "{}", shown.body);
        assert!(shown.has("位数不对，请核对。") && shown.has("这里已有同名的地点"), "the community without a code keeps its name: {}", shown.body);
        let looked = office.get(&inspector, &page).await;
        assert!(looked.status == StatusCode::OK && !looked.has("name=\"digest\""));
        let stale = office.post(&clerk, &format!("{page}/apply"), &[("digest", "x")]).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("请重新核对后再应用"), "{}", stale.body);
        let digest = shown.body.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(office.post(&clerk, &format!("{page}/apply"), &[("digest", &digest)]).await.status, StatusCode::SEE_OTHER);
        assert!(office.get(&clerk, "/places/lists").await.has("已应用"));
        let made = crate::directory(&office.app, TENANT).await.unwrap().place_by_code("370211003002").unwrap().id;
        assert!(office.get(&clerk, &format!("/places?at={made}")).await.has("112 城乡结合区"));
        let path = crate::directory(&office.app, TENANT).await.unwrap().place(made).unwrap().path.clone();
        office.person_on("worker", Role::Community, access::Scope::Place { id: made, path }).await;
        let refused = office.post(&clerk, &format!("{page}/undo"), &[]).await;
        assert!(refused.status == StatusCode::CONFLICT && refused.has("已有账号角色") && refused.has("&#60;script&#62;"), "{}", refused.body);
        let bad = office.upload(&clerk, "/places/lists/import", &[("datum", "gcj02")], b"a,b\n").await;
        assert!(bad.status == StatusCode::UNPROCESSABLE_ENTITY && bad.has("文件首行须有 code 和 name 两列") && bad.has("value=\"gcj02\" selected"));
        assert_eq!(office.get(&clerk, "/places/lists/x").await.status, StatusCode::NOT_FOUND);
        // A list that changes codes shows them as they are written.
        let renamed = b"code,name\n370211003009,<script>alert(1)</script>\n";
        let second = office.upload(&clerk, "/places/lists/import", &[], renamed).await.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        let shown = office.get(&clerk, &second).await;
        assert!(shown.has("代码 370211003002 → 370211003009"), "{}", shown.body);
    }
}
