//! Special periods and seasons over HTTP: set, changed, refused and removed; what deadlines and pages then say.

use crate::page_tests::Office;
use access::Role;
use axum::http::StatusCode;
use kernel::Instant;
use kernel::calendar::Limit;
use store::both_engines;
use web::{Lang, Words};

const TENANT: kernel::TenantId = kernel::TenantId(1);

fn beijing(text: &str) -> Instant {
    Instant::from_timestamp(format!("{text}:00+08:00").parse().unwrap())
}

/// The deadline of so many working days as the tenant's calendar gives and explains it now.
async fn said(office: &Office<'_>, start: &str, days: u32) -> String {
    let directory = crate::directory(&office.app, TENANT).await.unwrap();
    let calendar = directory.calendar();
    let deadline = calendar.deadline(beijing(start), Limit::working_days(days).unwrap()).unwrap();
    crate::explain(Words::of(Lang::Chinese), calendar.zone(), &deadline)
}

const FESTIVAL: [(&str, &str); 6] =
    [("name", "春节保障"), ("first", "2026-02-10"), ("last", "2026-02-25"), ("hours", "08:00-20:00"), ("every_day", "on"), ("share", "50")];

both_engines! {
    async fn a_period_changes_deadlines_that_begin_in_it_and_the_pages_say_so(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        let made = office.post(&clerk, "/calendar/periods", &FESTIVAL).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let page = made.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        assert_eq!(
            said(&office, "2026-02-14T10:00", 4).await,
            "限时 4 个工作日，自 02-14 10:00 起；春节保障期间时限按 50% 计算，为 2 个工作日；02-14 周六春节调休上班、02-15 至 02-16 春节保障上班照计；02-16 春节保障 08:00-20:00；至 02-16 20:00"
        );
        assert!(said(&office, "2026-02-09T10:00", 1).await.contains("限时 1 个工作日"));
        let shown = office.get(&inspector, "/calendar/periods").await;
        assert!(shown.has("春节保障") && shown.has("2026-02-10 至 2026-02-25") && shown.has("每天上班；时限按 50% 计算"), "{}", shown.body);
        assert!(shown.has("已经起算的期限不变") && !shown.has("name=\"command_id\""));
        let year = office.get(&inspector, "/calendar?year=2026").await;
        assert!(year.has("本年保障期与季节作息") && year.has("春节保障"));
        assert!(!office.get(&inspector, "/calendar?year=2025").await.has("春节保障"));
        // Changed by two people from one page: the second is told, and keeps what was typed.
        let changed = |name: &'static str| [("version", "1"), ("name", name), ("first", "2026-02-10"), ("last", "2026-02-12")];
        assert_eq!(office.post(&clerk, &page, &changed("春节值守")).await.status, StatusCode::SEE_OTHER);
        let stale = office.post(&clerk, &page, &changed("我的改名")).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("我的改名") && stale.has("别人刚改过这个保障期"), "{}", stale.body);
        assert_eq!(said(&office, "2026-02-14T10:00", 1).await, "限时 1 个工作日，自 02-14 10:00 起；02-15 至 02-23 春节放假不计；02-14 周六春节调休上班照计；至 02-24 17:30");
        let refused = office.post(&inspector, &format!("{page}/remove"), &[("version", "2")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(office.post(&clerk, &format!("{page}/remove"), &[("version", "1")]).await.status, StatusCode::CONFLICT);
        assert_eq!(office.post(&clerk, &format!("{page}/remove"), &[("version", "2")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(office.get(&clerk, &page).await.status, StatusCode::NOT_FOUND);
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        let facts = db.store.timeline(TENANT, "period", id).await.unwrap();
        // The test's clock stands still, so facts of different commands have no order.
        let count = |kind: &str| facts.iter().filter(|fact| fact.kind == kind).count();
        assert_eq!((count("period.set"), count("period.removed"), facts.len()), (2, 1, 3));
        assert!(facts.iter().any(|fact| fact.data.contains("\"limit_permille\":500")));
        assert!(facts.iter().all(|fact| !fact.data.contains("春节")), "names stay in their rows");
    }

    async fn what_is_wrong_with_a_period_stands_at_its_field_and_nothing_is_lost(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        office.post(&clerk, "/calendar/periods", &FESTIVAL).await;
        let form = |first: &'static str, last: &'static str, hours: &'static str, share: &'static str| {
            [("name", "创城迎检"), ("first", first), ("last", last), ("hours", hours), ("every_day", "on"), ("share", share)]
        };
        for (fields, words) in [
            (form("2026-02-25", "2026-03-01", "", ""), "与“春节保障”的日期重叠"),
            (form("2026-05-02", "2026-05-01", "", ""), "日期不对"),
            (form("2026-05-01", "2027-05-02", "", ""), "最长 366 天"),
            (form("明天", "2026-05-02", "", ""), "日期不对"),
            (form("0000-01-01", "9999-12-31", "", ""), "日期不对"),
            (form("2026-05-01", "2026-05-02", "8点到20点", ""), "工作时间请按"),
            (form("2026-05-01", "2026-05-02", "", "100"), "比例须大于 0"),
            (form("2026-05-01", "2026-05-02", "", "-5"), "比例须大于 0"),
        ] {
            let answer = office.post(&clerk, "/calendar/periods", &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            assert!(answer.has(words) && answer.has("创城迎检") && answer.has("value=\"on\" checked"), "{words}: {}", answer.body);
        }
        let unnamed = office.post(&clerk, "/calendar/periods", &[("name", " "), ("first", "2026-05-01"), ("last", "2026-05-02")]).await;
        assert!(unnamed.status == StatusCode::UNPROCESSABLE_ENTITY && unnamed.has("请填写这一项"));
        assert_eq!(office.get(&clerk, "/calendar/periods/x").await.status, StatusCode::NOT_FOUND);
    }

    async fn a_season_comes_back_every_year_until_it_is_removed(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        let summer = [("name", "夏季作息"), ("first", "6-1"), ("last", "09-30"), ("hours", "08:00-12:00,15:00-18:00")];
        assert_eq!(office.post(&clerk, "/calendar/seasons", &summer).await.status, StatusCode::SEE_OTHER);
        for year in ["2025", "2026"] {
            assert!(said(&office, &format!("{year}-07-06T10:00"), 1).await.ends_with("夏季作息 08:00-12:00、15:00-18:00；至 07-07 18:00"));
        }
        assert!(said(&office, "2026-10-12T10:00", 1).await.ends_with("至 10-13 17:30"));
        let again = office.post(&clerk, "/calendar/seasons", &[("name", "秋季"), ("first", "09-30"), ("last", "10-31"), ("hours", "09:00-17:00")]).await;
        assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.has("与“夏季作息”的日期重叠") && again.has("秋季"));
        let bad = office.post(&clerk, "/calendar/seasons", &[("name", "秋季"), ("first", "02-30"), ("last", "10-31"), ("hours", "09:00-17:00")]).await;
        assert!(bad.status == StatusCode::UNPROCESSABLE_ENTITY && bad.has("请按月-日填写"));
        let row = crate::periods::seasons(&db.store, TENANT).await.unwrap().remove(0);
        let path = format!("/calendar/seasons/{}", row.id);
        let later = [("version", "1"), ("name", "夏季作息"), ("first", "06-01"), ("last", "08-31"), ("hours", "08:00-12:00")];
        assert_eq!(office.post(&clerk, &path, &later).await.status, StatusCode::SEE_OTHER);
        let stale = office.post(&clerk, &path, &later).await;
        assert!(stale.status == StatusCode::CONFLICT && stale.has("别人刚改过这个季节作息"));
        assert!(said(&office, "2026-09-07T10:00", 1).await.ends_with("至 09-08 17:30"));
        assert_eq!(office.post(&clerk, &format!("{path}/remove"), &[("version", "2")]).await.status, StatusCode::SEE_OTHER);
        assert!(said(&office, "2026-07-06T10:00", 1).await.ends_with("至 07-07 17:30"));
    }

    async fn the_duty_of_a_period_is_given_to_staff_by_days(db: TestDb) {
        let office = Office::new(db).await;
        let clerk = office.person("clerk", Role::Clerk).await;
        office.person("leader", Role::Leader).await;
        office.person("inspector", Role::Inspector).await;
        office.person("handler", Role::UnitHandler).await;
        let page = office.post(&clerk, "/calendar/periods", &FESTIVAL).await.location.strip_prefix("/t/ruigang").unwrap().to_owned();
        let staff = access::staff::staff(&db.store, TENANT).await.unwrap();
        assert_eq!(staff.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["leader", "clerk", "inspector"]);
        let (leader, person) = (staff[0].account.to_string(), staff[2].account.to_string());
        let handler = access::account::by_login(&db.store, "handler").await.unwrap().unwrap().id.to_string();
        let set = async |first: &str, last: &str, leader: &str, person: &str| {
            office.post(&clerk, &format!("{page}/duty"), &[("first", first), ("last", last), ("leader", leader), ("person", person)]).await
        };
        assert_eq!(set("2026-02-10", "2026-02-12", &leader, &person).await.status, StatusCode::SEE_OTHER);
        assert_eq!(set("2026-02-12", "2026-02-12", &leader, "").await.status, StatusCode::SEE_OTHER);
        let shown = office.get(&clerk, &page).await;
        assert!(shown.has("还有 14 天没有安排齐") && shown.has("2026-02-10 周二"), "{}", shown.body);
        let outside = set("2026-02-09", "2026-02-12", &leader, "").await;
        assert!(outside.status == StatusCode::UNPROCESSABLE_ENTITY && outside.has("日期不在这个保障期内") && outside.has(&format!("value=\"{leader}\" selected")));
        for stranger in [handler.as_str(), "x", "00000000-0000-0000-0000-000000000000"] {
            let answer = set("2026-02-10", "2026-02-10", "", stranger).await;
            assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.has("请从本街道在用的工作人员账号中选择"), "{stranger}");
        }
        // The period ends earlier: duty on the days that it lost goes with them.
        let shorter = [("version", "1"), ("name", "春节保障"), ("first", "2026-02-10"), ("last", "2026-02-11")];
        assert_eq!(office.post(&clerk, &page, &shorter).await.status, StatusCode::SEE_OTHER);
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(crate::periods::duty(&db.store, TENANT, id).await.unwrap().len(), 2);
        assert_eq!(set("2026-02-10", "2026-02-11", "", "").await.status, StatusCode::SEE_OTHER);
        assert!(crate::periods::duty(&db.store, TENANT, id).await.unwrap().is_empty());
    }
}
