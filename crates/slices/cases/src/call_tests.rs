//! The API through HTTP on both engines: what pages do, programs do, with the same permits, and a command that comes again is
//! done once.

use crate::trunk_tests::{app, category, checked, facts, last_number, open_circular, report, stage};
use access::{Role, Scope};
use serde_json::{Value, json};
use testkit::{Program, TestApp};

const PASSWORD: &str = "a long enough password";
const ALL: &[&str] = &["read", "report", "cases", "circulars", "matters", "territory"];

/// A program of somebody with this role.
pub(crate) async fn program<'a>(app: &'a TestApp, login: &str, roles: &[(Role, Scope)], scopes: &[&str]) -> Program<'a> {
    let person = app.person_with(login, PASSWORD, roles).await;
    let secret = person.token(PASSWORD, scopes).await.secret;
    Program { app, slug: "lsw", secret }
}

pub(crate) async fn clerks<'a>(app: &'a TestApp) -> Program<'a> {
    program(app, "clerk", &[(Role::Clerk, Scope::Tenant)], ALL).await
}

async fn handlers<'a>(app: &'a TestApp) -> Program<'a> {
    program(app, "handler", &[(Role::UnitHandler, Scope::Organisation { id: app.company })], ALL).await
}

async fn version(program: &Program<'_>, number: i64) -> i64 {
    program.get(&format!("/cases/{number}")).await.expect(200).json()["version"].as_i64().unwrap()
}

pub(crate) fn fields(answer: &testkit::Answer) -> Vec<String> {
    let said: Value = answer.json();
    said["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| format!("{}: {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect()
}

store::both_engines! {
    async fn a_case_goes_its_whole_way_without_a_page(db: TestDb) {
        let app = app(db).await;
        let (clerk, handler) = (clerks(&app).await, handlers(&app).await);
        let inspector = program(&app, "inspector", &[(Role::Inspector, Scope::Tenant)], ALL).await;
        let photo = inspector.upload(7).await;
        let found = json!({ "place": app.compound, "category": category(&app).await, "what": "Boxes", "where_words": "Stair 2", "photos": [photo],
            "position": { "lng": 120.1, "lat": 35.94 } });
        let made = inspector.post("/cases", found).await.expect(201);
        let number = made.json()["number"].as_i64().unwrap();
        assert_eq!(made.location, Some(format!("/api/v1/t/lsw/cases/{number}")));
        let case = clerk.get(&format!("/cases/{number}")).await.expect(200).json();
        assert_eq!((&case["stage"], &case["unit_name"], &case["what"]), (&"reported".into(), &"Company A".into(), &"Boxes".into()));
        assert_eq!(case["position"], json!({ "lng": 120.1, "lat": 35.94 }));
        assert!(case["steps"].as_array().unwrap().contains(&"file".into()), "{}", case["steps"]);
        let url = case["photos"][0]["thumb_url"].as_str().unwrap();
        assert_eq!(&clerk.get(url).await.expect(200).bytes[..2], &[0xff, 0xd8]);
        // The unit sees it from its dispatch on.
        handler.get(&format!("/cases/{number}")).await.expect(404);
        handler.get(url).await.expect(404);
        let at = |step: &str| format!("/cases/{number}/steps/{step}");
        clerk.post(&at("file"), json!({ "version": case["version"] })).await.expect(200);
        let dispatched = clerk.post(&at("dispatch"), json!({ "version": version(&clerk, number).await, "unit": app.company })).await.expect(200).json();
        assert_eq!(dispatched["stage"], "dispatched");
        assert!(dispatched["due"].as_str().unwrap().ends_with('Z'), "{dispatched}");
        let photo = handler.upload(9).await;
        let body = json!({ "version": version(&handler, number).await, "words": "Cleared", "photos": [photo] });
        assert_eq!(handler.post(&at("rectify"), body).await.expect(200).json()["stage"], "rectified");
        let photo = inspector.upload(11).await;
        let body = json!({ "version": version(&inspector, number).await, "words": "Clean", "photos": [photo] });
        let closed = inspector.post(&at("pass"), body).await.expect(200).json();
        assert_eq!((&closed["stage"], &closed["late"], &closed["due"]), (&"closed".into(), &false.into(), &Value::Null));
        let told: Vec<&str> = closed["timeline"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!(told, ["case.reported", "case.filed", "case.dispatched", "case.rectified", "case.passed"]);
        assert_eq!(closed["timeline"][3]["words"], "Cleared");
        assert!(checked(&app).await.is_empty());
    }

    async fn a_command_that_comes_again_is_answered_and_not_done_twice(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let key = "0199b8a0-0000-7000-8000-000000000001";
        let found = json!({ "place": app.compound, "what": "Boxes" });
        let first = clerk.post_as(key, "/cases", found.clone()).await.expect(201).json();
        let before = facts(&app).await;
        assert_eq!(clerk.post_as(key, "/cases", found).await.expect(201).json(), first);
        clerk.post_as(key, "/cases", json!({ "place": app.compound, "what": "Other boxes" })).await.expect(422).has("command.reused");
        assert_eq!(facts(&app).await, before);
        // A step too, though the case has gone on since.
        let number = first["number"].as_i64().unwrap();
        let step = json!({ "version": version(&clerk, number).await, "reason": "not_real" });
        let key = "0199b8a0-0000-7000-8000-000000000002";
        let at = format!("/cases/{number}/steps/decline");
        clerk.post_as(key, &at, step.clone()).await.expect(200);
        let before = facts(&app).await;
        assert_eq!(clerk.post_as(key, &at, step.clone()).await.expect(200).json()["stage"], "declined");
        clerk.post(&at, step).await.expect(409).has("case.stale");
        assert_eq!(facts(&app).await, before);
        let request = clerk.request("POST", "/cases").header("content-type", "application/json");
        app.send(request.body(r#"{"what":"x"}"#.into()).unwrap()).await.expect(422).has("api.key_needed");
    }

    async fn a_program_may_what_its_scope_and_its_owner_may_and_no_more(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        let reader = program(&app, "reader", &[(Role::Clerk, Scope::Tenant)], &["read"]).await;
        let reporter = program(&app, "reporter", &[(Role::Clerk, Scope::Tenant)], &["report"]).await;
        let stranger = program(&app, "stranger", &[(Role::UnitHandler, Scope::Organisation { id: app.other_company })], ALL).await;
        let before = facts(&app).await;
        let body = json!({ "version": 1, "words": "x" });
        for (path, body) in [
            ("/cases".to_owned(), json!({ "place": app.compound, "what": "x" })),
            (format!("/cases/{number}/steps/urge"), body.clone()),
            (format!("/circulars/{circular}/issue"), json!({})),
            ("/matters".to_owned(), json!({ "title": "x", "origin": "forum" })),
        ] {
            reader.post(&path, body).await.expect(403).has("token.scope");
        }
        reader.get(&format!("/cases/{number}")).await.expect(200);
        // Who only reports sees nothing, not even what was reported.
        reporter.get("/cases").await.expect(403).has("token.scope");
        reporter.get(&format!("/cases/{number}")).await.expect(404);
        stranger.get(&format!("/cases/{number}")).await.expect(404);
        stranger.post(&format!("/cases/{number}/steps/file"), body).await.expect(404);
        stranger.get(&format!("/circulars/{circular}")).await.expect(403).has("\"code\":\"forbidden\"");
        stranger.get("/summary?from=2026-01-01&to=2026-01-31").await.expect(403);
        assert_eq!(facts(&app).await, before);
        reporter.post("/cases", json!({ "place": app.compound, "what": "x" })).await.expect(201);
    }

    async fn what_cannot_be_taken_is_named_by_its_field_and_its_code(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let before = facts(&app).await;
        assert_eq!(fields(&clerk.post("/cases", json!({})).await.expect(422)), ["place: case.place_needed", "what: case.what_needed"]);
        for body in [
            json!({ "plaec": app.compound }), json!({ "what": 7 }), json!({ "what": "字".repeat(2001) }), json!({ "what": "a\u{0}b" }),
            json!({ "place": "East" }), json!({ "position": { "lng": 200, "lat": 0 } }), json!({ "photos": [1] }), json!([]), json!(null),
            json!({ "due": "tomorrow" }), json!({ "source": "rumour" }),
        ] {
            clerk.post("/cases", body.clone()).await.expect(422).has("api.bad_body");
        }
        let far = json!({ "place": app.compound, "what": "x", "due": "1999-12-31T00:00:00Z" });
        assert_eq!(fields(&clerk.post("/cases", far).await.expect(422)), ["due: case.bad_time"]);
        let form = clerk.request("POST", "/cases").header("content-type", "text/plain").header("idempotency-key", "0199b8a0-0000-7000-8000-00000000000f");
        app.send(form.body("{}".into()).unwrap()).await.expect(415).has("api.not_json");
        let large = clerk.request("POST", "/cases").header("content-type", "application/json").header("idempotency-key", "0199b8a0-0000-7000-8000-00000000000e");
        app.send(large.body(vec![b' '; 300 << 10].into()).unwrap()).await.expect(413);
        assert_eq!(fields(&clerk.get("/cases?stage=none&after=x&from=2026-02-30").await.expect(422)), ["stage: api.bad_value", "from: api.bad_value", "after: api.bad_value"]);
        assert_eq!(fields(&clerk.get("/cases?colour=red&stage=filed&stage=filed").await.expect(422)), ["colour: api.unknown_parameter", "stage: api.parameter_twice"]);
        assert_eq!(fields(&clerk.get("/summary?from=2026-01-01").await.expect(422)), ["to: api.parameter_needed"]);
        assert_eq!(fields(&clerk.get("/summary?from=2026-01-02&to=2026-01-01").await.expect(422)), ["to: summary.bad_period"]);
        for nothing in ["/cases/0", "/cases/x", "/cases/99999999999999999999", "/notices/x", "/nothing"] {
            clerk.get(nothing).await.expect(404).has("\"code\":\"not_found\"");
        }
        let deleted = clerk.request("DELETE", "/cases").body(axum::body::Body::empty()).unwrap();
        app.send(deleted).await.expect(405).has("method_not_allowed");
        assert_eq!(facts(&app).await, before);
    }

    async fn pages_of_the_list_follow_one_another(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        for n in 0..53 {
            clerk.post("/cases", json!({ "place": app.compound, "what": format!("Box {n}") })).await.expect(201);
        }
        let first = clerk.get("/cases?stage=reported").await.expect(200).json();
        assert_eq!(first["cases"].as_array().unwrap().len(), 50);
        let next = first["next"].as_str().unwrap();
        let second = clerk.get(&format!("/cases?stage=reported&after={next}")).await.expect(200).json();
        assert_eq!((second["cases"].as_array().unwrap().len(), &second["next"]), (3, &Value::Null));
        let all = [&first, &second].into_iter().flat_map(|page| page["cases"].as_array().unwrap()).map(|case| case["number"].as_i64().unwrap());
        assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), 53);
    }

    async fn a_round_is_composed_looked_through_and_issued_by_programs(db: TestDb) {
        let app = app(db).await;
        let (clerk, handler) = (clerks(&app).await, handlers(&app).await);
        let circular = clerk.post("/circulars", json!({ "title": "Round 1" })).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let found = json!({ "place": app.compound, "category": category(&app).await, "circular": circular });
        clerk.post("/cases", found).await.expect(201);
        let number = last_number(&app).await;
        let inside = clerk.get(&format!("/circulars/{circular}")).await.expect(200).json();
        assert_eq!(inside["cases"][0]["lacks"], Value::Null);
        let at = format!("/circulars/{circular}/cases/{number}");
        let without = clerk.post(&at, json!({ "version": inside["cases"][0]["version"] })).await.expect(200).json();
        assert_eq!(without["cases"][0]["lacks"], crate::filing::NO_UNIT.name);
        clerk.post(&format!("/circulars/{circular}/issue"), json!({})).await.expect(409).has("circular.not_ready");
        let body = json!({ "version": without["cases"][0]["version"], "unit": app.company, "assisting": [{ "unit": app.other_company }] });
        clerk.post(&at, body).await.expect(200);
        let issued = clerk.post(&format!("/circulars/{circular}/issue"), json!({})).await.expect(200).json();
        assert_eq!(issued, json!({ "number": 1, "cases": 1, "notices": 1 }));
        assert_eq!(stage(&app, number).await, "dispatched");
        let notices = handler.get("/notices").await.expect(200).json();
        let notice = notices["notices"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(notices["notices"][0]["opened_at"], Value::Null);
        assert_eq!(handler.get(&format!("/notices/{notice}")).await.expect(200).json()["cases"][0]["number"], number);
        clerk.post(&format!("/notices/{notice}/opened"), json!({})).await.expect(403);
        let seen = handler.post(&format!("/notices/{notice}/opened"), json!({})).await.expect(200).json();
        assert!(seen["opened_at"].is_string());
        handler.post(&format!("/notices/{notice}/told"), json!({})).await.expect(403);
        clerk.post(&format!("/notices/{notice}/told"), json!({})).await.expect(200);
        clerk.get(&format!("/notices?unit={}", app.other_company)).await.expect(200);
        handler.get(&format!("/notices?unit={}", app.other_company)).await.expect(404);
        assert_eq!(clerk.get("/circulars").await.expect(200).json()["circulars"][0]["number"], 1);
    }

    async fn matters_figures_and_places_are_told_to_programs(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        let opened = clerk.post("/matters", json!({ "title": "The yard", "origin": "forum", "place": app.community })).await.expect(201).json();
        let number = opened["number"].as_i64().unwrap();
        let at = |step: &str| format!("/matters/{number}/steps/{step}");
        clerk.post(&at("note"), json!({ "version": 9, "words": "Heard" })).await.expect(200);
        clerk.post(&at("settle"), json!({ "version": 99, "words": "Done" })).await.expect(409).has("matter.stale");
        let matter = clerk.get(&format!("/matters/{number}")).await.expect(200).json();
        let ended = clerk.post(&at("settle"), json!({ "version": matter["matter"]["version"], "words": "Done" })).await.expect(200).json();
        assert_eq!((&ended["matter"]["state"], &ended["timeline"][1]["words"]), (&"settled".into(), &"Heard".into()));
        clerk.post(&at("vote"), json!({ "version": 1, "words": "x" })).await.expect(404);
        assert_eq!(clerk.get("/matters").await.expect(200).json()["matters"], json!([]));
        assert_eq!(clerk.get("/matters?list=ended").await.expect(200).json()["matters"][0]["number"], number);
        clerk.post("/cases", json!({ "place": app.compound, "what": "x" })).await.expect(201);
        let summary = clerk.get("/summary?from=2020-01-01&to=2040-01-01").await.expect(200).json();
        assert_eq!((&summary["total"]["found"], &summary["communities"][0]["name"], &summary["matters_settled"]), (&1.into(), &"East".into(), &1.into()));
        let limits = clerk.get("/limits").await.expect(200).json();
        assert_eq!((&limits["file_working_minutes"], &limits["without"]), (&960.into(), &json!([])));
        let steps = clerk.get("/steps").await.expect(200).json();
        assert_eq!(steps["steps"].as_array().unwrap().len(), crate::steps::WAYS.len());
        let places = clerk.get("/places?level=community").await.expect(200).json();
        let names: Vec<&str> = places["places"].as_array().unwrap().iter().map(|place| place["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["East", "West"]);
        let within = clerk.get(&format!("/places?within={}&q=elm", app.community)).await.expect(200).json();
        assert_eq!(within["places"][0]["full_name"], "East Elm Court");
        let unit = clerk.get(&format!("/organisations/{}", app.company)).await.expect(200).json();
        assert_eq!(unit["answers_for"][0]["place"], app.compound.to_string());
        let first = clerk.get("/categories").await.expect(200).json();
        let next = first["next"].as_str().unwrap();
        let second = clerk.get(&format!("/categories?after={next}")).await.expect(200).json();
        assert_ne!(first["categories"][0]["id"], second["categories"][0]["id"]);
        assert_eq!(first["categories"].as_array().unwrap().len(), 200);
        let calendar = clerk.get("/calendar/2026").await.expect(200).json();
        assert_eq!(calendar["zone"], "Asia/Shanghai");
        clerk.get("/calendar/1999").await.expect(404);
    }

    async fn what_was_mended_already_is_recorded_by_programs(db: TestDb) {
        let app = app(db).await;
        let inspector = program(&app, "inspector", &[(Role::Inspector, Scope::Tenant)], &["report"]).await;
        let (before, after) = (inspector.upload(3).await, inspector.upload(4).await);
        let body = json!({ "place": app.compound, "category": category(&app).await, "done": "Swept", "before": [before], "after": [after] });
        inspector.post("/cases/self-check", body.clone()).await.expect(403);
        inspector.post("/cases/mended-on-spot", body).await.expect(201);
        assert_eq!(stage(&app, last_number(&app).await).await, "closed");
        let none = json!({ "place": app.compound, "what": "x", "done": "x", "before": [], "after": [] });
        assert_eq!(fields(&inspector.post("/cases/mended-on-spot", none).await.expect(422)), ["photo: case.photo_needed", "after: case.photo_needed"]);
    }

    async fn two_programs_with_one_key_at_once_do_it_once(db: TestDb) {
        let app = app(db).await;
        let clerk = clerks(&app).await;
        clerk.post("/cases", json!({ "place": app.compound, "what": "x" })).await.expect(201);
        let number = last_number(&app).await;
        let body = json!({ "version": version(&clerk, number).await, "reason": "not_real" });
        let key = "0199b8a0-0000-7000-8000-000000000003";
        let at = format!("/cases/{number}/steps/decline");
        let calls: Vec<_> = (0..6).map(|_| clerk.post_as(key, &at, body.clone())).collect();
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.expect(200).json()["stage"], "declined");
        }
        let told = clerk.get(&format!("/cases/{number}")).await.expect(200).json();
        assert_eq!(told["timeline"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn every_reason_that_a_step_reads_fits_into_the_field_that_carries_it() {
    use crate::kinds::{AppealEnd, AppealGround, DeclineReason, HandBackReason, HoldReason, Receiver, Sample, Verdict};
    let longest = [
        DeclineReason::ALL.iter().map(|one| one.as_str().len()).max(),
        HandBackReason::ALL.iter().map(|one| one.as_str().len()).max(),
        HoldReason::ALL.iter().map(|one| one.as_str().len()).max(),
        Receiver::ALL.iter().map(|one| one.as_str().len()).max(),
        Verdict::ALL.iter().map(|one| one.as_str().len()).max(),
        Sample::ALL.iter().map(|one| one.as_str().len()).max(),
        AppealGround::ALL.iter().map(|one| one.as_str().len()).max(),
        AppealEnd::ALL.iter().map(|one| one.as_str().len()).max(),
    ];
    assert!(longest.into_iter().flatten().all(|length| length <= 40), "{longest:?}");
}
