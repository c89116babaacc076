//! The evaluation for programs, through HTTP on both engines: what its pages show to a person, the operations tell that person's
//! program, and what a program enters by hand is entered once.

use crate::bad_input_tests::{facts, product};
use crate::evaluation_tests::{adopted, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed};
use crate::kept_tests::{days_from, publish, today};
use access::http::encode;
use access::{Role, Scope};
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use kernel::ids::OrganisationId;
use serde_json::{Value, json};
use territory::Level;
use testkit::{OTHER, Program, TestApp};

const PASSWORD: &str = "a long enough password";

/// A program of somebody with this role.
async fn program<'a>(app: &'a TestApp, login: &str, role: Role, scope: Scope, scopes: &[&str]) -> Program<'a> {
    let person = app.person_with(login, PASSWORD, &[(role, scope)]).await;
    let secret = person.token(PASSWORD, scopes).await.secret;
    Program { app, slug: "lsw", secret }
}

async fn of_unit<'a>(app: &'a TestApp, login: &str, unit: OrganisationId) -> Program<'a> {
    program(app, login, Role::UnitHandler, Scope::Organisation { id: unit }, &["read"]).await
}

async fn told(program: &Program<'_>, path: &str) -> Value {
    program.get(path).await.expect(200).json()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a Vec<Value> {
    of[name].as_array().unwrap()
}

store::both_engines! {
    async fn a_month_is_told_to_a_program_as_its_pages_tell_it_to_its_owner(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let members = [MemberId(app.compound.0), MemberId(quiet.0)];
        let compounds = league(&clerk, &app, "Compounds", "compound", &members).await;
        rounds(&clerk, &app, &compounds, &members).await;
        let month = month_of(&app);
        mended(&app, 3).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let made = local(scored(&clerk, &compounds, &month).await.expect(303).location);
        let inside = program(&app, "inside", Role::Clerk, Scope::Tenant, &["read"]).await;
        let unit = of_unit(&app, "unit", app.company).await;
        let other = program(&app, "other", Role::UnitHandler, Scope::Organisation { id: app.other_company }, &["evaluation"]).await;
        // A draft is for those who evaluate.
        let score = format!("{made}/units/{}", app.compound);
        let listed = told(&inside, "/evaluations").await;
        assert_eq!((&listed["evaluations"][0]["state"], &listed["next"]), (&"draft".into(), &Value::Null));
        assert!(told(&inside, &made).await["evaluation"]["drafted_at"].is_string());
        assert_eq!(told(&unit, "/evaluations").await, json!({ "evaluations": [], "next": null }));
        for hidden in [&made, &score] {
            unit.get(hidden).await.expect(404);
        }
        leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
        leader.post(&format!("{made}/publish"), &[("version", "2")]).await.expect(303);
        let league_id = compounds.rsplit('/').next().unwrap();
        let listed = told(&unit, &format!("/evaluations?month={month}&state=published&league={league_id}")).await;
        assert_eq!((list(&listed, "evaluations").len(), &listed["evaluations"][0]["league_name"]), (1, &"Compounds".into()));
        let edition = format!("~1~{league_id}");
        assert_eq!(told(&unit, &format!("/evaluations?after={month}{edition}")).await["evaluations"], json!([]));
        for nothing in ["month=2020-01", "state=draft", &format!("league={}", app.company)] {
            assert_eq!(told(&unit, &format!("/evaluations?{nothing}")).await["evaluations"], json!([]), "{nothing}");
        }
        unit.get("/evaluations?month=soon").await.expect(422).has("api.bad_value");
        unit.get(&format!("/evaluations?after={month}")).await.expect(422).has("api.bad_value");
        // The table: the own line opens, and what is for those who evaluate is not there.
        let shown = told(&unit, &made).await;
        let (elm, still) = (&shown["table"][0], &shown["table"][1]);
        assert_eq!((&elm["name"], &elm["place"], &elm["total"]), (&"Elm Court".into(), &1.into(), &99_625.into()));
        assert_eq!(elm["url"], format!("/api/v1/t/lsw{score}"));
        assert_eq!((&still["name"], &still["place"], &still["url"]), (&"Quiet Court".into(), &Value::Null, &Value::Null));
        assert_eq!(list(elm, "dimensions").len(), list(&shown, "dimensions").len());
        for line in list(&shown, "table") {
            for hidden in ["spread", "quarter", "was_total", "was_place", "not_ranked", "place_before"] {
                assert_eq!(line[hidden], Value::Null, "{hidden}");
            }
        }
        assert_eq!((&shown["evaluation"]["drafted_at"], &shown["evaluation"]["checked_at"]), (&Value::Null, &Value::Null));
        assert!(shown["evaluation"]["published_at"].is_string() && shown["evaluation"]["digest"].is_string());
        let whole = told(&inside, &made).await;
        assert!(whole["table"][1]["not_ranked"].is_string(), "{}", whole["table"][1]);
        assert_eq!((&whole["table"][0]["spread"], &whole["table"][0]["quarter"]), (&216.into(), &1.into()));
        // The own lines, their facts, and why each counted.
        let lines = told(&unit, &score).await;
        assert_eq!((&lines["name"], &lines["place"], &lines["total"]), (&"Elm Court".into(), &1.into(), &99_625.into()));
        let line = list(&lines, "lines").iter().find(|line| line["code"] == "A2").unwrap();
        assert_eq!((&line["points"], list(line, "facts").len()), (&Value::from(-375), 3));
        assert!(line["facts"][0]["case"].is_i64() && line["rule"].as_str().is_some_and(|rule| !rule.is_empty()), "{line}");
        let fact = encode(line["facts"][0]["key"].as_str().unwrap());
        let why = told(&unit, &format!("{score}/why?fact={fact}")).await;
        let row = list(&why, "rows").iter().find(|row| row["code"] == "A2").unwrap();
        assert_eq!(row["matched"], true);
        assert!(list(&why, "rows").iter().any(|row| row["matched"] == false) && !list(&why, "values").is_empty(), "{why}");
        assert_eq!(why["case"], line["facts"][0]["case"]);
        unit.get(&format!("{score}/why?fact=nothing")).await.expect(404);
        unit.get(&format!("{score}/why")).await.expect(422).has("api.parameter_needed");
        // Another's are nobody else's.
        unit.get(&format!("{made}/units/{quiet}")).await.expect(404);
        other.get(&made).await.expect(200);
        other.get(&score).await.expect(404);
        other.get(&format!("{score}/why?fact={fact}")).await.expect(404);
        assert_eq!(told(&other, &made).await["table"][0]["url"], Value::Null);
        // What is compared, and by which scheme.
        unit.get("/leagues").await.expect(403);
        unit.get(&compounds).await.expect(403);
        assert_eq!(told(&inside, "/leagues").await["leagues"][0]["name"], "Compounds");
        let who = told(&inside, &compounds).await;
        assert_eq!((list(&who, "members").len(), &who["members"][0]["from"], &who["members"][0]["until"]), (2, &month.clone().into(), &Value::Null));
        let draft = local(clerk.post("/schemes/sample", &[("ranked", "compound")]).await.expect(303).location);
        unit.get(&draft).await.expect(404);
        assert_eq!(told(&inside, &draft).await["scheme"]["state"], "draft");
        let schemes = told(&unit, "/schemes").await;
        assert_eq!((list(&schemes, "schemes").len(), list(&told(&inside, "/schemes").await, "schemes").len()), (1, 2));
        assert_eq!((&schemes["schemes"][0]["name"], &schemes["schemes"][0]["in_force"]), (&"Sample".into(), &true.into()));
        let adopted = format!("/schemes/{}", schemes["schemes"][0]["id"].as_str().unwrap());
        let table = told(&unit, &adopted).await;
        assert!(list(&table, "tables").iter().any(|part| part["lines"].to_string().contains("\"A2\"")), "{table}");
        assert!(table["met_on"].is_string());
        // Another tenant's leader hears of none of it.
        let person = app.person_of_with((OTHER, "other"), "stranger", PASSWORD, &[(Role::Leader, Scope::Tenant)]).await;
        let secret = person.token(PASSWORD, &["read", "evaluation"]).await.secret;
        let stranger = Program { app: &app, slug: "other", secret };
        for path in [&made, &score, &compounds, &adopted, &draft] {
            stranger.get(path).await.expect(404);
            stranger.get(&format!("/api/v1/t/lsw{path}")).await.expect(404);
        }
        assert_eq!(told(&stranger, "/evaluations").await["evaluations"], json!([]));
        assert_eq!(told(&stranger, "/leagues").await["leagues"], json!([]));
    }

    async fn a_league_by_grade_tells_programs_no_rank_and_no_total(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader) = (app.clerk().await, leader(&app).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        clerk.post(&compounds, &[("version", "2"), ("name", "Compounds"), ("shows", "grades"), ("open", "1")]).await.expect(303);
        mended(&app, 1).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
        let made = publish(&app, &clerk, &leader, &compounds, &month).await;
        let unit = of_unit(&app, "unit", app.company).await;
        let head = program(&app, "head", Role::Leader, Scope::Tenant, &["read"]).await;
        let shown = told(&unit, &made).await;
        assert_eq!((&shown["shows"], &shown["table"][0]["name"]), (&"grades".into(), &"Elm Court".into()));
        assert!(shown["table"][0]["grade"].as_str().is_some_and(|grade| !grade.is_empty()), "{shown}");
        for hidden in ["place", "place_before", "total", "dimensions"] {
            assert_eq!(shown["table"][0][hidden], Value::Null, "{hidden}");
        }
        // The own points are told line by line, as on the page; the rank is not.
        let score = format!("{made}/units/{}", app.compound);
        let own = told(&unit, &score).await;
        assert!(own["total"].is_i64() && own["place"].is_null(), "{own}");
        let whole = told(&head, &made).await;
        assert_eq!((&whole["table"][0]["place"], whole["table"][0]["total"].is_i64()), (&1.into(), true));
        assert_eq!(told(&head, &score).await["place"], 1);
    }

    async fn what_a_program_enters_is_entered_once_and_no_more_than_its_owner_may(db: TestDb) {
        let app = product(db).await;
        let person = app.clerk().await;
        adopted(&app, Ranked::Compound).await;
        let compounds = league(&person, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        let id = compounds.rsplit('/').next().unwrap();
        let clerk = program(&app, "clerk", Role::Clerk, Scope::Tenant, &["evaluation"]).await;
        let reader = program(&app, "reader", Role::Clerk, Scope::Tenant, &["read", "cases"]).await;
        let inspector = program(&app, "inspector", Role::Inspector, Scope::Tenant, &["evaluation"]).await;
        let unit = program(&app, "unit", Role::UnitHandler, Scope::Organisation { id: app.company }, &["evaluation"]).await;
        let day = today(&app).to_string();
        let round = json!({ "kind": "round", "league": id, "day": day, "members": [{ "member": app.compound }] });
        let survey = |asked: i64, content: i64| {
            let member = json!({ "member": app.compound, "asked": asked, "content": content });
            json!({ "kind": "survey", "league": id, "day": day, "members": [member] })
        };
        let (key, photo) = ("0199b8a0-0000-7000-8000-000000000011", clerk.upload(5).await);
        let first = clerk.post_as(key, "/entries", round.clone()).await.expect(200).json();
        assert_eq!(list(&first, "entries").len(), 1);
        let before = facts(&app).await;
        assert_eq!(clerk.post_as(key, "/entries", round.clone()).await.expect(200).json(), first);
        clerk.post_as(key, "/entries", survey(10, 9)).await.expect(422).has("command.reused");
        reader.post("/entries", round.clone()).await.expect(403).has("token.scope");
        unit.post("/entries", round.clone()).await.expect(403).has("\"code\":\"forbidden\"");
        inspector.post("/entries", survey(10, 9)).await.expect(403).has("\"code\":\"forbidden\"");
        let with = |name: &str, value: Value| {
            let mut body = round.clone();
            body[name] = value;
            body
        };
        for (body, code) in [
            (survey(10, 11), "entry.figures_wrong"),
            (with("members", json!([])), "entry.nobody"),
            (with("members", json!([{ "member": app.company }])), "entry.nobody"),
            (with("league", json!(app.company)), "entry.nobody"),
            (with("day", days_from(today(&app), 1).into()), "entry.day_outside"),
            (with("kind", "item".into()), "entry.item_needed"),
            (with("kind", "vote".into()), "api.bad_body"),
            (with("rounds", 2.into()), "api.bad_body"),
        ] {
            clerk.post("/entries", body.clone()).await.expect(422).has(code);
        }
        assert_eq!(facts(&app).await, before);
        inspector.post("/entries", round.clone()).await.expect(200);
        clerk.post("/entries", survey(10, 9)).await.expect(200);
        person.get("/entries?kind=survey").await.expect(200).has("10 asked, 9 content");
        let item = json!({
            "kind": "item", "league": id, "day": day, "members": [{ "member": app.compound }], "item": "C3", "points": 1500, "words": "Decided",
            "photos": [photo],
        });
        let made = clerk.post("/entries", item).await.expect(200).json();
        person.get(&format!("/entries/{}", made["entries"][0].as_str().unwrap())).await.expect(200).has("1.5").has("Decided");
    }

    async fn what_comes_of_scores_is_listed_for_programs_of_those_whom_it_concerns(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, handler) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        adopted(&app, Ranked::Compound).await;
        households(&app, app.compound, 400).await;
        let month = month_of(&app);
        let compounds = league(&clerk, &app, "Compounds", "compound", &[MemberId(app.compound.0)]).await;
        rounds(&clerk, &app, &compounds, &[MemberId(app.compound.0)]).await;
        let rule = [
            ("ranked", "compound"), ("ground", "under"), ("points", "99.8"), ("months", "1"), ("kind", "talk"), ("name", "Talk"),
            ("days", "10"), ("from_month", month.as_str()),
        ];
        leader.post("/consequences/rules", &rule).await.expect(303);
        let member = format!("compound:{}", app.compound);
        let lifted = local(clerk.post("/improvements", &[("member", &member), ("why", "Low")]).await.expect(303).location);
        let last = today(&app).last_of_month().to_string();
        clerk.post(&format!("{lifted}/plan"), &[("version", "1"), ("what", "Bins"), ("due", &last)]).await.expect(303);
        mended(&app, 2).await;
        on_to_next_month(&app);
        sealed(&app, db).await;
        let (clerk, leader, handler) = (app.again(&clerk).await, app.again(&leader).await, app.again(&handler).await);
        let made = publish(&app, &clerk, &leader, &compounds, &month).await;
        let head = program(&app, "head", Role::Leader, Scope::Tenant, &["read"]).await;
        let (unit, other) = (of_unit(&app, "unit", app.company).await, of_unit(&app, "other", app.other_company).await);
        let listed = told(&unit, "/improvements").await;
        let one = &listed["improvements"][0];
        assert_eq!((&one["name"], &one["why"], &one["state"]), (&"Elm Court".into(), &"Low".into(), &"listed".into()));
        assert_eq!((&one["steps"][0]["what"], &one["steps"][0]["due"]), (&"Bins".into(), &last.into()));
        assert_eq!(told(&unit, "/improvements?state=reached").await["improvements"], json!([]));
        assert_eq!(told(&other, "/improvements").await["improvements"], json!([]));
        // What is only proposed is for those who evaluate; a unit that asks for it is given what it may see.
        let proposed = told(&head, "/consequences").await;
        let one = &proposed["consequences"][0];
        assert_eq!((&proposed["state"], &one["what"], &one["holds"]), (&"proposed".into(), &"Talk".into(), &true.into()));
        assert_eq!((&one["unit"], &one["due"]), (&app.company.to_string().into(), &Value::Null));
        let nothing = json!({ "state": "confirmed", "consequences": [], "next": null });
        assert_eq!(told(&unit, "/consequences?state=proposed").await, nothing);
        let address = format!("/consequences/{}", one["id"].as_str().unwrap());
        leader.post(&format!("{address}/confirm"), &[("version", "1"), ("words", "As agreed")]).await.expect(303);
        let confirmed = told(&unit, "/consequences").await;
        assert!(confirmed["consequences"][0]["due"].is_string(), "{confirmed}");
        assert_eq!(told(&other, "/consequences").await, nothing);
        // Appeals too.
        let score = format!("{made}/units/{}", app.compound);
        let lines = told(&unit, &score).await;
        let line = list(&lines, "lines").iter().find(|line| line["code"] == "A2").unwrap();
        let fact = line["facts"][0]["key"].as_str().unwrap();
        handler.post(&format!("{score}/appeal"), &[("line", "A2"), ("fact", fact), ("words", "The road's")]).await.expect(303);
        let appeals = told(&unit, "/score-appeals").await;
        assert_eq!((&appeals["appeals"][0]["line"], &appeals["appeals"][0]["state"]), (&"A2".into(), &"asked".into()));
        assert_eq!(list(&told(&head, "/score-appeals?state=asked").await, "appeals").len(), 1);
        assert_eq!(told(&head, "/score-appeals?state=upheld").await["appeals"], json!([]));
        assert_eq!(told(&other, "/score-appeals").await["appeals"], json!([]));
    }
}
