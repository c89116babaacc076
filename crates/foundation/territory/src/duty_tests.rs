//! The duty roster on both engines: how a place finds its people, and the page by weeks.

use crate::duty::{AddDuty, Weekdays, subject};
use crate::page_tests::{Office, run};
use crate::place::Level;
use crate::places::{CreatePlace, PlaceDetails};
use access::account::{CloseAccount, ManageAccounts};
use access::{Actor, Permit, Role, Scope};
use axum::http::StatusCode;
use jiff::civil::{Date, Weekday, date};
use kernel::TenantId;
use kernel::ids::{AccountId, PlaceId};
use store::both_engines;

const TENANT: TenantId = TenantId(1);

async fn grid(office: &Office<'_>, name: &str) -> PlaceId {
    let by = crate::page_tests::by();
    run(office.db, CreatePlace { by, parent: Some(office.community), level: Level::Grid, details: PlaceDetails::named(name) }).await
}

async fn account_of(office: &Office<'_>, login: &str) -> AccountId {
    access::account::by_login(&office.db.store, login).await.unwrap().unwrap().id
}

async fn put(office: &Office<'_>, place: PlaceId, account: AccountId, weekdays: Weekdays, from: Date, to: Option<Date>) {
    let by: Permit<crate::ManageDuty> = Actor::system(TENANT).permit(&subject(TENANT, "")).unwrap();
    run(office.db, AddDuty { by, place, account, weekdays, from, to }).await;
}

both_engines! {
    async fn the_nearest_place_with_somebody_answers_and_the_single_date_first(db: TestDb) {
        let office = Office::new(db).await;
        for (login, role) in [("anna", Role::Inspector), ("bao", Role::Community), ("chen", Role::Inspector)] {
            office.person(login, role).await;
        }
        let (anna, bao, chen) = (account_of(&office, "anna").await, account_of(&office, "bao").await, account_of(&office, "chen").await);
        let first = grid(&office, "第一网格").await;
        let second = grid(&office, "第二网格").await;
        let monday = date(2026, 11, 23);
        let on = async |place, day| crate::directory(&office.app, TENANT).await.unwrap().on_duty(place, day);
        assert!(on(first, monday).await.is_empty(), "nobody is anywhere");
        put(&office, office.community, bao, Weekdays::EVERY, date(2026, 1, 1), None).await;
        put(&office, first, anna, Weekdays::of([Weekday::Monday, Weekday::Wednesday]), date(2026, 11, 1), Some(date(2026, 11, 30))).await;
        assert_eq!(on(first, monday).await, [anna]);
        assert_eq!(on(first, date(2026, 11, 24)).await, [bao], "a Tuesday is the community's");
        assert_eq!(on(first, date(2026, 12, 2)).await, [bao], "and so is what comes after the last day");
        assert_eq!(on(second, monday).await, [bao]);
        assert_eq!(on(office.compound, monday).await, [bao], "a compound hangs below the community");
        assert!(on(office.root, monday).await.is_empty(), "nobody looks downwards");
        assert!(on(first, date(2025, 12, 31)).await.is_empty());
        put(&office, first, chen, Weekdays::EVERY, monday, Some(monday)).await;
        assert_eq!(on(first, monday).await, [chen, anna], "who stands in comes first");
        let by = Actor::system(TENANT).permit::<ManageAccounts>(&TENANT).unwrap();
        run(db, CloseAccount { by, account: chen }).await;
        assert_eq!(on(first, monday).await, [anna], "whoever left is on duty no more");
        assert!(on(PlaceId(kernel::ids::Uuid::nil()), monday).await.is_empty());
    }

    async fn the_roster_of_a_week_is_written_and_ended_on_its_page(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, leader) = (office.person("clerk", Role::Clerk).await, office.person("leader", Role::Leader).await);
        office.person("anna", Role::Inspector).await;
        office.person("handler", Role::UnitHandler).await;
        let (anna, handler) = (account_of(&office, "anna").await.to_string(), account_of(&office, "handler").await.to_string());
        let place = grid(&office, "第一网格").await.to_string();
        let at = office.community.to_string();
        let fields = |account: &str, from: &str, to: &str| {
            let pairs = [("at", at.as_str()), ("place", &place), ("account", account), ("mon", "on"), ("from", from), ("to", to)];
            pairs.map(|(name, value)| (name, value.to_owned()))
        };
        let post = async |fields: [(&'static str, String); 6]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            office.post(&clerk, "/duty", &fields).await
        };
        let done = post(fields(&anna, "2026-11-23", "2026-12-31")).await;
        assert_eq!((done.status, done.location), (StatusCode::SEE_OTHER, format!("/t/ruigang/duty?at={at}&week=2026-11-23")));
        for (bad, words) in [
            (fields(&anna, "2026-12-07", ""), "已在这里值班"),
            (fields(&anna, "2026-12-08", "2026-12-07"), "日期不对"),
            (fields(&anna, "2027-01-05", "2027-01-06"), "没有所选的星期"),
            (fields(&anna, "9999-12-31", ""), "日期不对"),
            (fields(&anna, "x", ""), "日期不对"),
            (fields(&handler, "2027-01-04", ""), "请从本街道在用的工作人员账号中选择"),
            (fields("", "2027-01-04", ""), "请填写这一项"),
        ] {
            let answer = post(bad).await;
            assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.has(words), "{words}: {}", answer.body);
            assert!(answer.has("name=\"mon\" value=\"on\" checked") && answer.has(&format!("value=\"{place}\" selected")), "{words}");
        }
        let compound = office.compound.to_string();
        let level = office.post(&clerk, "/duty", &[("place", &compound), ("account", &anna), ("from", "2026-11-23")]).await;
        assert!(level.status == StatusCode::UNPROCESSABLE_ENTITY && level.has("请选择社区、片区或网格"));
        let seen = office.get(&leader, &format!("/duty?at={at}&week=2026-11-26")).await;
        assert!(seen.has("2026-11-23 至 2026-11-29") && seen.has("data-label=\"周一 11-23\">anna</td>"), "{}", seen.body);
        assert!(!seen.has("name=\"command_id\""), "a leader looks");
        assert!(office.get(&leader, "/duty?week=nonsense").await.has("东苑社区"));
        assert_eq!(office.get(&leader, "/duty?at=x").await.status, StatusCode::NOT_FOUND);
        let directory = crate::directory(&office.app, TENANT).await.unwrap();
        let line = directory.roster().of_place(place.parse().unwrap())[0].clone();
        let end = format!("/duty/{}/end", line.id);
        assert_eq!(office.post(&leader, &end, &[("version", "1"), ("to", "2026-12-01")]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(office.post(&clerk, &end, &[("version", "1"), ("to", "2026-12-01")]).await.status, StatusCode::SEE_OTHER);
        let stale = office.post(&clerk, &end, &[("version", "1"), ("to", "2026-12-08")]).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("别人刚改过这一条"));
        assert!(office.post(&clerk, &end, &[("version", "2"), ("to", "")]).await.has("日期不对"));
        assert_eq!(office.post(&clerk, &end, &[("version", "2"), ("to", "2026-11-01")]).await.status, StatusCode::SEE_OTHER);
        assert!(crate::directory(&office.app, TENANT).await.unwrap().roster().of_place(place.parse().unwrap()).is_empty());
        assert_eq!(db.store.timeline(TENANT, "duty", line.id.0).await.unwrap().len(), 3);
    }

    async fn a_community_writes_its_own_roster_and_no_other(db: TestDb) {
        let office = Office::new(db).await;
        let by = crate::page_tests::by();
        let west = run(db, CreatePlace { by, parent: Some(office.root), level: Level::Community, details: PlaceDetails::named("西苑社区") }).await;
        let path = crate::directory(&office.app, TENANT).await.unwrap().place(office.community).unwrap().path.clone();
        let worker = office.person_on("worker", Role::Community, Scope::Place { id: office.community, path }).await;
        let own = account_of(&office, "worker").await.to_string();
        let (east, west) = (office.community.to_string(), west.to_string());
        let put = async |place: &str| {
            office.post(&worker, "/duty", &[("at", place), ("place", place), ("account", &own), ("from", "2026-11-23")]).await.status
        };
        assert_eq!((put(&east).await, put(&west).await), (StatusCode::SEE_OTHER, StatusCode::FORBIDDEN));
        let shown = office.get(&worker, "/duty").await;
        assert!(shown.has(&format!("<option value=\"{east}\"")) && !shown.has(&format!("<option value=\"{west}\"")), "{}", shown.body);
    }
}
