//! What only pages told and did once, told to and done by programs, through HTTP on both engines.

use crate::call_tests::{clerks, fields, program};
use crate::district_tests::grant;
use crate::handover_tests::duty;
use crate::search_tests::indexed;
use crate::trunk_tests::{app, facts, issued, last_number, report};
use access::http::encode;
use access::{Role, Scope};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Program, Setting, TestApp};

const PASSWORD: &str = "a long enough password";
const KEY: &str = "0199b8a0-0000-7000-8000-0000000000a1";

/// The numbers of a list.
async fn numbers(program: &Program<'_>, query: &str) -> Vec<i64> {
    let list = program.get(&format!("/cases?{query}")).await.expect(200).json();
    list["cases"].as_array().unwrap().iter().map(|case| case["number"].as_i64().unwrap()).collect()
}

/// What the rows of a part come to.
fn sum(rows: &Value, counts: &str, figure: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| row[counts][figure].as_i64().unwrap()).sum()
}

store::both_engines! {
    async fn a_list_is_narrowed_by_hour_day_square_and_deadline(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let position = json!({ "lng": 120.1, "lat": 35.94 });
        clerk.post("/cases", json!({ "place": app.compound, "what": "Boxes", "position": position })).await.expect(201);
        let number = last_number(&app).await;
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let local = app.app.world.now().to_timestamp().to_zoned_datetime(zone);
        let (hour, weekday) = (i64::from(local.hour()), i64::from(local.weekday().to_monday_zero_offset()) + 1);
        let (other_hour, other_day) = ((hour + 1) % 24, weekday % 7 + 1);
        assert_eq!(numbers(&clerk, &format!("kind=found&hour={hour}&weekday={weekday}")).await, [number]);
        assert_eq!(numbers(&clerk, &format!("kind=found&hour={other_hour}")).await, [0_i64; 0]);
        assert_eq!(numbers(&clerk, &format!("weekday={other_day}")).await, [0_i64; 0]);
        // A square of the hotspots holds what it counted.
        let hot = clerk.get("/hotspots").await.expect(200).json();
        assert_eq!((&hot["total"], &hot["nowhere"], &hot["more"], &hot["squares"][0]["found"]), (&1.into(), &0.into(), &false.into(), &1.into()));
        assert_eq!(hot["month"], local.date().to_string()[..7]);
        let (low, high) = (&hot["squares"][0]["south_west"], &hot["squares"][0]["north_east"]);
        let within = |name: &str, at: f64| low[name].as_f64().unwrap() <= at && at <= high[name].as_f64().unwrap();
        assert!(within("lng", 120.1) && within("lat", 35.94), "{hot}");
        let square = hot["squares"][0]["square"].as_i64().unwrap();
        assert_eq!(numbers(&clerk, &format!("kind=found&square={square}")).await, [number]);
        assert_eq!(numbers(&clerk, "kind=found&square=0").await, [0_i64; 0]);
        assert_eq!(clerk.get("/hotspots?month=1999-01").await.expect(200).json()["squares"], json!([]));
        for (wrong, named) in [
            ("/cases?hour=24", "hour: api.bad_value"), ("/cases?weekday=0", "weekday: api.bad_value"), ("/cases?square=-1", "square: api.bad_value"),
            ("/cases?when=soon", "when: api.bad_value"), ("/hotspots?month=2026-13", "month: api.bad_value"),
        ] {
            assert_eq!(fields(&clerk.get(wrong).await.expect(422)), [named], "{wrong}");
        }
        assert_eq!(numbers(&clerk, "when=long").await, [0_i64; 0]);
        app.app.world.clock.advance_seconds(20 * 86_400);
        assert_eq!((numbers(&clerk, "when=long").await, numbers(&clerk, "when=now").await), (vec![number], vec![number]));
        assert_eq!(numbers(&clerk, "when=today").await, [0_i64; 0]);
        let handler = program(&app, "handler", &[(Role::UnitHandler, Scope::Organisation { id: app.other_company })], &["read"]).await;
        assert_eq!(handler.get("/hotspots").await.expect(200).json()["squares"], json!([]));
    }

    async fn the_summary_tells_all_its_parts_and_the_period_before(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        for what in ["Boxes", "More boxes"] {
            clerk.post("/cases", json!({ "place": app.compound, "what": what })).await.expect(201);
        }
        let today = app.app.world.now().to_timestamp().to_zoned_datetime(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
        let summary = clerk.get(&format!("/summary?from={today}&to={today}")).await.expect(200).json();
        assert_eq!(summary["total"]["found"], 2);
        for part in ["communities", "compounds", "units", "categories", "sources", "over_time"] {
            assert_eq!(sum(&summary[part], "counts", "found"), 2, "{part}: {summary}");
        }
        let hours: i64 = summary["found_at"].as_array().unwrap().iter().map(|at| at["found"].as_i64().unwrap()).sum();
        assert_eq!((hours, &summary["compounds"][0]["name"], &summary["categories"][0]["category"]), (2, &"East Elm Court".into(), &Value::Null));
        // Of tomorrow it is what was found the day before.
        let tomorrow = today.tomorrow().unwrap();
        app.app.world.clock.advance_seconds(86_400);
        clerk.post("/cases", json!({ "place": app.compound, "what": "Still boxes" })).await.expect(201);
        let summary = clerk.get(&format!("/summary?from={tomorrow}&to={tomorrow}")).await.expect(200).json();
        assert_eq!((&summary["before"]["to"], &summary["before"]["counts"]["found"]), (&today.to_string().into(), &2.into()));
        assert_eq!((&summary["compounds"][0]["counts"]["found"], &summary["compounds"][0]["before"]["found"]), (&1.into(), &2.into()));
        for wrong in ["from=1900-01-01&to=2026-01-01", "from=0001-01-01&to=0001-01-02"] {
            assert_eq!(fields(&clerk.get(&format!("/summary?{wrong}")).await.expect(422)), ["to: summary.bad_period"], "{wrong}");
        }
    }

    async fn cases_are_found_by_words_and_by_number(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        clerk.post("/cases", json!({ "place": app.compound, "what": "有人把旧沙发堆在楼道里，影响通行" })).await.expect(201);
        let number = last_number(&app).await;
        for n in 0..21 {
            clerk.post("/cases", json!({ "place": app.compound, "what": format!("路边沙发 {n}") })).await.expect(201);
        }
        indexed(db, &app).await;
        let found = clerk.get(&format!("/search?q={}", encode("楼道 沙发"))).await.expect(200).json();
        assert_eq!((&found["found"][0]["case"]["number"], &found["numbered"], &found["apart"]), (&number.into(), &Value::Null, &false.into()));
        let pieces = found["found"][0]["what"].as_array().unwrap();
        let hits: Vec<&str> = pieces.iter().filter(|piece| piece["hit"] == true).map(|piece| piece["text"].as_str().unwrap()).collect();
        assert_eq!(hits, ["沙发", "楼道"]);
        let found = clerk.get(&format!("/search?q={number}")).await.expect(200).json();
        assert_eq!(found["numbered"]["number"], number);
        // Page after page, each once.
        let (mut all, mut pages, mut after) = (Vec::new(), 0, String::new());
        loop {
            let page = clerk.get(&format!("/search?q={}{after}", encode("沙发"))).await.expect(200).json();
            all.extend(page["found"].as_array().unwrap().iter().map(|one| one["case"]["number"].as_i64().unwrap()));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
            assert!(pages < 100, "it ends");
        }
        assert!(pages > 1 && all.len() == 22 && all.iter().collect::<BTreeSet<_>>().len() == 22, "{pages}: {all:?}");
        let stranger = program(&app, "stranger", &[(Role::UnitHandler, Scope::Organisation { id: app.other_company })], &["read"]).await;
        assert_eq!(stranger.get(&format!("/search?q={}", encode("沙发"))).await.expect(200).json()["found"], json!([]));
        assert_eq!(stranger.get(&format!("/search?q={number}")).await.expect(200).json()["numbered"], Value::Null);
        assert_eq!(fields(&clerk.get("/search").await.expect(422)), ["q: api.parameter_needed"]);
        assert_eq!(fields(&clerk.get("/search?q=x&after=t9.1").await.expect(422)), ["after: api.bad_value"]);
        let reporter = program(&app, "reporter", &[(Role::Clerk, Scope::Tenant)], &["report"]).await;
        reporter.get("/search?q=x").await.expect(403).has("token.scope");
        reporter.get("/hotspots").await.expect(403).has("token.scope");
    }

    async fn a_district_compares_what_it_was_granted(db: TestDb) {
        let app = TestApp::set(db, crate::routes(), Setting { district: true, separated: false }).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        issued(&app, &clerk, &inspector).await;
        report(&app, &inspector, "").await;
        let whole = app.person_of_district("whole", PASSWORD, &[]).await;
        let (reads, reports) = (whole.token(PASSWORD, &["read"]).await, whole.token(PASSWORD, &["report"]).await);
        let asked = "/district?from=2026-01-01&to=2026-12-31";
        let none = reads.get(asked).await.expect(200).json();
        assert_eq!((&none["tenants"], &none["without"], &none["total"]["found"]), (&json!([]), &json!(["LSW"]), &0.into()));
        grant(&app, "whole", Scope::Tenant).await;
        let table = reads.get(asked).await.expect(200).json();
        assert_eq!((&table["tenants"][0]["slug"], &table["tenants"][0]["counts"]["found"]), (&"lsw".into(), &2.into()), "{table}");
        assert_eq!((&table["total"]["found"], &table["without"], &table["before_to"]), (&2.into(), &json!([]), &"2025-12-31".into()));
        assert_eq!(fields(&reads.get("/district?from=2026-02-01&to=2026-01-01").await.expect(422)), ["to: summary.bad_period"]);
        // What a token does not cover at home it does not cover elsewhere.
        reports.get(asked).await.expect(403).has("token.scope");
        reads.get(&format!("/api/v1/t/lsw{asked}")).await.expect(404);
        clerks(&app).await.get(asked).await.expect(404);
    }

    async fn the_duty_roster_is_read_written_and_ended_by_programs(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let anna = app.person(&[(Role::Inspector, Scope::Tenant)]).await.account.to_string();
        let handler = app.handler_of(app.company).await.account;
        let people = clerk.get("/duty/people").await.expect(200).json();
        let known: Vec<&str> = people["people"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
        assert!(known.contains(&anna.as_str()) && !known.contains(&handler.to_string().as_str()), "{people}");
        let body = json!({ "place": app.community, "account": anna, "weekdays": [1, 3], "from": "2026-12-01" });
        let made = clerk.post_as(KEY, "/duty", body.clone()).await.expect(200).json();
        let before = facts(&app).await;
        assert_eq!(clerk.post_as(KEY, "/duty", body.clone()).await.expect(200).json(), made);
        for (field, value, named) in [
            ("from", json!("2027-01-04"), "account: duty.already"), ("place", json!(app.compound), "place: duty.level"),
            ("place", made["id"].clone(), "place: duty.level"), ("account", json!(handler), "account: duty.not_staff"),
            ("to", json!("2026-11-30"), "to: field.dates"), ("from", json!("9999-12-31"), "from: field.dates"),
        ] {
            let mut body = body.clone();
            body[field] = value;
            assert_eq!(fields(&clerk.post("/duty", body).await.expect(422)), [named]);
        }
        assert_eq!(facts(&app).await, before);
        let roster = clerk.get(&format!("/duty?place={}&from=2026-12-31", app.community)).await.expect(200).json();
        assert_eq!((&roster["lines"][0]["id"], &roster["lines"][0]["weekdays"], &roster["next"]), (&made["id"], &json!([1, 3]), &Value::Null));
        assert_eq!(clerk.get("/duty").await.expect(200).json()["lines"], roster["lines"]);
        let west = program(&app, "west", &[(Role::Community, app.scope(app.other_community).await)], &["territory"]).await;
        west.get("/duty").await.expect(200);
        west.post("/duty", body.clone()).await.expect(403);
        let reader = program(&app, "reader", &[(Role::Clerk, Scope::Tenant)], &["read"]).await;
        assert_eq!(reader.get("/duty").await.expect(200).json()["lines"], roster["lines"]);
        reader.post("/duty", body).await.expect(403).has("token.scope");
        let end = format!("/duty/{}/end", made["id"].as_str().unwrap());
        west.post(&end, json!({ "version": 1, "to": "2026-12-31" })).await.expect(403);
        clerk.post(&end, json!({ "version": 9, "to": "2026-12-31" })).await.expect(409).has("duty.stale");
        let ended = clerk.post(&end, json!({ "version": 1, "to": "2026-12-31" })).await.expect(200).json();
        assert_eq!((&ended["line"]["to"], &ended["line"]["version"]), (&"2026-12-31".into(), &2.into()));
        assert_eq!(clerk.get("/duty?from=2027-01-01").await.expect(200).json()["lines"], json!([]));
        // A day before its first: it never held.
        let never = json!({ "version": 2, "to": "2026-11-01" });
        for _ in 0..2 {
            assert_eq!(clerk.post_as("0199b8a0-0000-7000-8000-0000000000a2", &end, never.clone()).await.expect(200).json()["line"], Value::Null);
        }
        clerk.post(&end, never).await.expect(404);
    }

    async fn limits_and_desks_are_set_by_programs(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let mut limits = clerk.get("/limits").await.expect(200).json();
        limits.as_object_mut().unwrap().remove("without");
        limits["file_working_minutes"] = 486.into();
        limits["escalate_days"] = 5.into();
        let set = clerk.post("/limits", limits.clone()).await.expect(200).json();
        assert_eq!((&set["file_working_minutes"], &set["escalate_days"], &set["dispute_days"]), (&486.into(), &5.into(), &limits["dispute_days"]));
        assert_eq!(clerk.get("/limits").await.expect(200).json(), set);
        let before = facts(&app).await;
        for (name, bad) in [("file_working_minutes", 487), ("dispute_days", 0), ("yellow_permille", 951), ("self_check_sample_permille", 5), ("more", 1)] {
            let mut body = limits.clone();
            body[name] = bad.into();
            clerk.post("/limits", body).await.expect(422).has("api.bad_body");
        }
        clerk.post("/limits", json!({ "file_working_minutes": 480 })).await.expect(422).has("api.bad_body");
        assert_eq!(facts(&app).await, before);
        let set = clerk.post("/limits/desks", json!({ "without": ["appeal", "hold", "hold"] })).await.expect(200).json();
        assert_eq!(set["without"], json!(["hold", "appeal"]));
        assert_eq!(clerk.get("/limits").await.expect(200).json(), set);
        clerk.post("/limits/desks", json!({ "without": [] })).await.expect(200);
        let inspector = program(&app, "inspector", &[(Role::Inspector, Scope::Tenant)], &["read", "territory"]).await;
        inspector.get("/limits").await.expect(200);
        inspector.post("/limits", limits.clone()).await.expect(403).has("\"code\":\"forbidden\"");
        let narrow = program(&app, "narrow", &[(Role::Clerk, Scope::Tenant)], &["cases"]).await;
        narrow.post("/limits", limits).await.expect(403).has("token.scope");
    }

    async fn a_leavers_work_is_handed_over_by_programs(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let leaver = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let next = app.person(&[(Role::Inspector, Scope::Tenant)]).await;
        clerk.post("/cases", json!({ "place": app.compound, "what": "Is it so?" })).await.expect(201);
        let number = last_number(&app).await;
        assert_eq!(clerk.get("/handover").await.expect(200).json()["people"], json!([]));
        clerk.post(&format!("/cases/{number}/steps/ask_verify"), json!({ "version": 1, "person": leaver.account })).await.expect(200);
        duty(&app, &leaver, app.community).await;
        let path = format!("/handover?from={}", leaver.account);
        let waits = clerk.get(&path).await.expect(200).json();
        assert_eq!((&waits["people"][0]["account"], &waits["people"][0]["left"]), (&json!(leaver.account), &false.into()));
        assert_eq!((&waits["cases"][0]["number"], &waits["duty"][0]["place"]), (&number.into(), &json!(app.community)));
        let successors: Vec<&Value> = waits["successors"].as_array().unwrap().iter().map(|one| &one["account"]).collect();
        assert!(successors.contains(&&json!(next.account)) && !successors.contains(&&json!(leaver.account)), "{waits}");
        let body = json!({ "from": leaver.account, "to": next.account });
        let narrow = program(&app, "narrow", &[(Role::Clerk, Scope::Tenant)], &["cases"]).await;
        narrow.post("/handover", body.clone()).await.expect(403).has("token.scope");
        let itself = json!({ "from": leaver.account, "to": leaver.account });
        clerk.post("/handover", itself).await.expect(422).has("handover.no_successor");
        for _ in 0..2 {
            let handed = clerk.post_as(KEY, "/handover", body.clone()).await.expect(200).json();
            assert_eq!(handed, json!({ "cases": 1, "duty": 1 }));
        }
        clerk.post("/handover", body).await.expect(409).has("handover.nothing");
        let left = clerk.get(&path).await.expect(200).json();
        assert_eq!((&left["cases"], &left["duty"]), (&json!([]), &json!([])));
        let inspector = program(&app, "inspector", &[(Role::Inspector, Scope::Tenant)], &["cases", "territory"]).await;
        inspector.get("/handover").await.expect(403);
    }
}
