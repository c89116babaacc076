//! The trunk through HTTP on both engines: found, put into a circular, issued, mended, looked at again, closed; and what must not happen on the way.

use crate::figures::{By, parted, total};
use access::{Role, Scope};
use kernel::ids::Uuid;
use store::testing::TestDb;
use testkit::{Person, TENANT, TestApp};

pub(crate) async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, crate::routes()).await
}

/// A category with a limit of its own, and its id.
pub(crate) async fn category(app: &TestApp) -> String {
    let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
    directory.categories().find(|c| c.limit_unit.as_deref() == Some("working_minutes") && c.photo_demanded).unwrap().id.to_string()
}

pub(crate) async fn open_circular(clerk: &Person<'_>) -> String {
    let answer = clerk.post("/circulars", &[("title", "Round 1")]).await.expect(303);
    answer.location.unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Reports a finding at the compound, into the circular when one is named; its number.
pub(crate) async fn report(app: &TestApp, who: &Person<'_>, circular: &str) -> i64 {
    let photo = who.upload(7).await;
    let (place, category) = (app.compound.to_string(), category(app).await);
    let fields = [
        ("place", place.as_str()),
        ("category", &category),
        ("where_words", "Stair 2"),
        ("what", "Boxes"),
        ("circular", circular),
        ("photo", &photo),
    ];
    who.post("/report", &fields).await.expect(303);
    last_number(app).await
}

pub(crate) async fn last_number(app: &TestApp) -> i64 {
    let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant")
        .bind("tenant", TENANT)
        .then("ORDER BY number DESC LIMIT 1");
    app.store.query::<(i64,)>(query).await.unwrap()[0].0
}

pub(crate) async fn stage(app: &TestApp, number: i64) -> String {
    let query = store::Query::from("SELECT stage FROM cases WHERE tenant_id = :tenant")
        .bind("tenant", TENANT)
        .and("number = :number")
        .bind("number", number);
    app.store.query::<(String,)>(query).await.unwrap().remove(0).0
}

pub(crate) async fn facts(app: &TestApp) -> i64 {
    let query = store::Query::from("SELECT COUNT(*) AS n FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT).and("kind >= 'case'");
    app.store.query::<(i64,)>(query).await.unwrap()[0].0
}

/// One issued case with the company; its number.
pub(crate) async fn issued(app: &TestApp, clerk: &Person<'_>, inspector: &Person<'_>) -> i64 {
    let circular = open_circular(clerk).await;
    let number = report(app, inspector, &circular).await;
    clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
    number
}

/// What `verify` says of the cases, one line a finding.
pub(crate) async fn checked(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&crate::checking::Cases, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

store::both_engines! {
    async fn a_round_goes_from_found_to_mended(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        let path = format!("/cases/{number}");
        // A proposed unit sees nothing yet.
        handler.get(&path).await.expect(404);
        clerk.get(&format!("/circulars/{circular}")).await.expect(200).has("Company A").has("Elm Court");
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        handler.get("/todo").await.expect(200).has("Boxes");
        handler.get(&path).await.expect(200).has("Submit rectification");
        let photo = handler.upload(9).await;
        handler.post(&format!("{path}/rectify"), &[("words", "Cleared"), ("photo", &photo), ("version", "2")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "rectified");
        let spot = inspector.upload(11).await;
        inspector.post(&format!("{path}/fail"), &[("words", "Still there"), ("photo", &spot), ("version", "3")]).await.expect(303);
        handler.get("/todo").await.expect(200).has("Still there").has("Attempt 2");
        let photo = handler.upload(13).await;
        handler.post(&format!("{path}/rectify"), &[("words", "Cleared again"), ("photo", &photo), ("version", "4")]).await.expect(303);
        let spot = inspector.upload(15).await;
        inspector.post(&format!("{path}/pass"), &[("words", "Clean"), ("photo", &spot), ("version", "5")]).await.expect(303);
        assert_eq!(stage(&app, number).await, "closed");
        clerk.get(&path).await.expect(200).has("Accepted and closed").has("Cleared again");
        let sum = total(&parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap());
        assert_eq!((sum.found, sum.in_circulars, sum.rectified, sum.with_deadline, sum.on_time, sum.rework), (1, 1, 1, 1, 1, 1));
        clerk.get("/summary?from=2026-01-01&to=2026-12-31").await.expect(200).has("100.0%");
        clerk.get("/cases?kind=dispatched&from=2026-01-01&to=2026-12-31&outcome=rectified").await.expect(200).has(&format!("/cases/{number}"));
    }

    async fn a_circular_that_lacks_something_is_not_issued_at_all(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let fine = report(&app, &inspector, &circular).await;
        let place = app.compound.to_string();
        inspector.post("/report", &[("place", &place), ("what", "No category"), ("circular", &circular)]).await.expect(303);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(409).has("nothing was issued");
        assert_eq!(stage(&app, fine).await, "reported");
    }

    async fn the_same_form_twice_happens_once_and_says_the_same(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        let (place, category, id) = (app.compound.to_string(), category(&app).await, Uuid::from_u128(77).to_string());
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Once")];
        let first = inspector.post_as(&id, "/report", &fields).await.expect(303);
        let before = facts(&app).await;
        let again = inspector.post_as(&id, "/report", &fields).await.expect(303);
        assert_eq!((first.location, facts(&app).await), (again.location, before));
        inspector.post_as(&id, "/report", &[("place", &place), ("what", "Another")]).await.expect(422).has("already submitted");
    }

    async fn nobody_looks_again_at_their_own_units_work(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let both = app.person(&[(Role::UnitHandler, Scope::Organisation { id: app.company }), (Role::Inspector, Scope::Tenant)]).await;
        let number = issued(&app, &clerk, &inspector).await;
        let photo = both.upload(3).await;
        both.post(&format!("/cases/{number}/rectify"), &[("words", "Done"), ("photo", &photo), ("version", "2")]).await.expect(303);
        let spot = both.upload(4).await;
        both.post(&format!("/cases/{number}/pass"), &[("words", "Fine"), ("photo", &spot), ("version", "3")]).await.expect(403).has("Fine");
        assert_eq!(stage(&app, number).await, "rectified");
    }

    async fn a_unit_sees_and_touches_its_own_alone(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, stranger) = (app.clerk().await, app.inspector().await, app.handler_of(app.other_company).await);
        let number = issued(&app, &clerk, &inspector).await;
        stranger.get(&format!("/cases/{number}")).await.expect(404);
        let photo = stranger.upload(5).await;
        stranger.post(&format!("/cases/{number}/rectify"), &[("words", "Ours"), ("photo", &photo)]).await.expect(404);
        stranger.get("/circulars").await.expect(403);
        let elsewhere = app.person_of(testkit::OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        elsewhere.get(&format!("/cases/{number}")).await.expect(404);
        elsewhere.get(&format!("/t/lsw/cases/{number}")).await.expect(404);
    }

    async fn a_community_sees_its_own_and_urges(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let number = issued(&app, &clerk, &inspector).await;
        east.get("/cases").await.expect(200).has(&format!("/cases/{number}"));
        west.get("/cases").await.expect(200).lacks(&format!("/cases/{number}\""));
        west.get(&format!("/cases/{number}")).await.expect(404);
        east.post(&format!("/cases/{number}/urge"), &[("words", "Please")]).await.expect(303);
        east.get(&format!("/cases/{number}")).await.expect(200).has("Urged");
    }

    async fn what_was_typed_comes_back_with_the_error(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let path = format!("/cases/{number}/rectify");
        handler.post(&path, &[("words", "Nearly <b>done</b>"), ("version", "2")]).await.expect(422).has("Nearly &#60;b&#62;done").has("at least one photo");
        let photo = handler.upload(5).await;
        handler.post(&path, &[("words", "Nearly"), ("photo", &photo), ("version", "1")]).await.expect(409).has("Nearly").has(&photo);
        handler.post(&path, &[("words", &"x".repeat(2001)), ("photo", &photo), ("version", "2")]).await.expect(422).has("At most 2000");
        inspector.post("/report", &[("what", "Nowhere"), ("due", "0000-00-00 00:00")]).await.expect(422).has("Nowhere").has("choose the place").has("not in the right form");
    }

    async fn two_who_act_on_one_case_at_once_are_told_apart(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(5).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Done"), ("photo", &photo), ("version", "2")]).await.expect(303);
        let (a, b) = (clerk.upload(6).await, inspector.upload(7).await);
        let path = |step: &str| format!("/cases/{number}/{step}");
        let (pass, fail) = (path("pass"), path("fail"));
        let (first, second) = ([("words", "Good"), ("photo", a.as_str()), ("version", "3")], [("words", "Bad"), ("photo", b.as_str()), ("version", "3")]);
        let (one, two) = tokio::join!(clerk.post(&pass, &first), inspector.post(&fail, &second));
        let mut both = [one.status.as_u16(), two.status.as_u16()];
        both.sort_unstable();
        assert_eq!(both, [303, 409]);
    }

    async fn bad_bodies_are_refused_in_words_and_change_nothing(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        let before = facts(&app).await;
        let secrets = format!("csrf={}&command_id={}&", inspector.csrf(), Uuid::from_u128(5));
        for body in ["what=%FF", "what=%00", "what=%"] {
            inspector.post_raw("/report", format!("{secrets}{body}").into_bytes()).await.expect(422).has("nothing was changed");
        }
        inspector.post_raw("/report", vec![b'a'; 10 << 20]).await.expect(413).has("too large");
        inspector.post_raw("/report", b"csrf=wrong&what=x".to_vec()).await.expect(403).has("expired");
        inspector.post_raw("/report", format!("csrf={}&what=x", inspector.csrf()).into_bytes()).await.expect(422);
        for address in ["/cases/x", "/cases/99999999999999999999", "/circulars/x", "/notices/00000000-0000-0000-0000-000000000000", "/photos/../../etc/passwd"] {
            inspector.get(address).await.expect(404);
        }
        inspector.get("/cases?after=zzz&stage=nonsense&from=0000-01-01&to=9999-12-31").await.expect(200);
        inspector.get("/summary?from=9999-99-99&to=1").await.expect(200).has("not a period");
        assert_eq!(facts(&app).await, before);
    }

    async fn photos_are_read_or_refused_with_a_reason(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        inspector.upload_bytes(b"not a picture", "../../evil.jpg").await.expect(415).has("attachment.not_an_image");
        let mut cut = TestApp::photo(9);
        cut.truncate(cut.len() / 2);
        inspector.upload_bytes(&cut, "cut.jpg").await.expect(422).has("attachment.corrupt");
        inspector.upload_bytes(&vec![0xff; 17 << 20], "huge.jpg").await.expect(413);
        let id = inspector.upload(8).await;
        inspector.get(&format!("/photos/{id}/thumb")).await.expect(200);
        app.clerk().await.get(&format!("/photos/{id}")).await.expect(404);
    }

    async fn an_expired_session_keeps_what_was_typed_for_the_same_person(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        inspector.expire().await;
        let place = app.compound.to_string();
        inspector.post("/report", &[("place", &place), ("what", "Typed before lunch")]).await.expect(401).has("Typed before lunch").has("log in again");
    }

    async fn a_hand_back_that_is_accepted_goes_to_another_unit(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        handler.post(&format!("/cases/{number}/ask_hand_back"), &[("reason", "not_ours"), ("words", "City road"), ("version", "2")]).await.expect(303);
        handler.post(&format!("/cases/{number}/ask_hand_back"), &[("reason", "not_ours"), ("version", "3")]).await.expect(409);
        clerk.get("/cases?hand_back=1").await.expect(200).has(&format!("/cases/{number}"));
        clerk.post(&format!("/cases/{number}/accept_hand_back"), &[("version", "3")]).await.expect(303);
        let unit = app.other_company.to_string();
        clerk.post(&format!("/cases/{number}/dispatch"), &[("unit", &unit), ("version", "4")]).await.expect(303);
        app.handler_of(app.other_company).await.get("/todo").await.expect(200).has("Boxes");
        let sum = total(&parted(&app.store, TENANT, By::Unit, "2026-01-01", "2026-12-31").await.unwrap());
        assert_eq!((sum.found, sum.in_circulars), (1, 1));
    }

    async fn verify_names_each_row_that_does_not_follow_from_its_facts(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let first = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(5).await;
        handler.post(&format!("/cases/{first}/rectify"), &[("words", "Done"), ("photo", &photo), ("version", "2")]).await.expect(303);
        let spot = inspector.upload(6).await;
        inspector.post(&format!("/cases/{first}/fail"), &[("words", "No"), ("photo", &spot), ("version", "3")]).await.expect(303);
        let second = issued(&app, &clerk, &inspector).await;
        handler.post(&format!("/cases/{second}/ask_hand_back"), &[("reason", "not_ours"), ("words", "City road"), ("version", "2")]).await.expect(303);
        clerk.post(&format!("/cases/{second}/accept_hand_back"), &[("version", "3")]).await.expect(303);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle(&format!("UPDATE cases SET late = TRUE, what = 'Other' WHERE number = {first}")).await;
        db.meddle("UPDATE case_words SET words = 'Perfect' WHERE kind = 'finding'").await;
        db.meddle("UPDATE case_delta SET in_circulars = in_circulars + 1 WHERE in_circulars > 0").await;
        db.meddle(&format!("DELETE FROM cases WHERE number = {second}")).await;
        let said = checked(&app).await;
        for wanted in ["is=late", "is=words", "is=kept_words", "is=removed", "check=counts"] {
            assert!(said.iter().any(|line| line.contains(wanted)), "{wanted}: {said:?}");
        }
    }

    async fn cases_of_another_system_come_in_once_with_their_own_times(db: TestDb) {
        let app = app(db).await;
        let mapping = crate::foreign::Mapping::parse(include_str!("../../../../standards/mappings/boston_311.toml")).unwrap();
        let file = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_TITLE,TYPE,Department,Location,neighborhood,LATITUDE,LONGITUDE
1,03/07/2015 11:59:00 PM,03/09/2015 08:30:00 AM,03/09/2015 08:30:00 AM,ONTIME,Pothole,Pothole Repair (Internal),PWDx,1 Elm St,Back Bay,42.35,-71.08
2,03/08/2015 09:00:00 AM,03/09/2015 08:30:00 AM,03/09/2015 08:30:01 AM,OVERDUE,Lamp,Street Light Outages,PWDx,2 Elm St,Back Bay,42.3594,-71.0587
3,03/08/2015 09:00:00 AM,,,ONTIME,Noise,Noise,INFO,,,,
4,03/08/2015 09:00:00 AM,,03/08/2015 08:59:59 AM,ONTIME,Noise,Noise,INFO,,,,
5,03/08/2015 09:00:00 AM,,03/08/2015 10:00:00 AM,ONTIME,Noise,Noise,INFO,,,,
";
        let table = mapping.read(file.as_bytes()).unwrap();
        let root = app.sub_district;
        let batch: Vec<_> = table
            .lines
            .iter()
            .map(|line| crate::importing::Foreign {
                outside_number: line.number.clone(),
                what: line.what.clone(),
                where_words: line.place.clone(),
                place: Some(root),
                place_path: String::new(),
                community: Some(app.community),
                unit: Some(app.company),
                category: None,
                point: line.point.map(|point| (point.lng_e7, point.lat_e7)),
                cell: line.point.map(|point| point.cell_key()),
                reported_at: line.opened,
                due: line.due,
                closed_at: line.closed,
            })
            .collect();
        let zone = territory::Directory::load(&app.store, TENANT).await.unwrap().calendar().zone().clone();
        let permit = || access::Actor::system(TENANT).permit::<crate::importing::ImportCases>(&TENANT).unwrap();
        let pass = || store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
        let file_hash = [7; 32];
        for taken in [4, 0] {
            let take = crate::importing::Take { by: permit(), batch: batch.clone(), zone: zone.clone() };
            let counts = app.store.run(pass(), take).await.unwrap().out;
            assert_eq!((counts.taken, counts.known), (taken, 4 - taken));
            let finish = crate::importing::Finish { by: permit(), file_hash, lines: 5, counts, aside: table.aside.clone() };
            app.store.run(pass(), finish).await.unwrap();
            let sum = total(&parted(&app.store, TENANT, By::Unit, "2015-03-07", "2015-03-08").await.unwrap());
            assert_eq!((sum.found, sum.in_circulars, sum.rectified, sum.with_deadline, sum.on_time), (4, 4, 3, 2, 1));
            let imports = store::Query::from("SELECT COUNT(*) AS n FROM case_import WHERE tenant_id = :tenant").bind("tenant", TENANT);
            assert_eq!(app.store.query::<(i64,)>(imports).await.unwrap()[0].0, 1);
        }
        assert_eq!(crate::importing::aside(&app.store, TENANT, file_hash).await.unwrap(), [("closed_before_opened".to_owned(), 1)]);
        let number = last_number(&app).await;
        app.clerk().await.get(&format!("/cases/{number}")).await.expect(200).has("Noise").has(&batch[0].outside_number);
        app.clerk().await.get("/cases?kind=found&from=2015-01-01&to=2015-12-31").await.expect(200).has("Pothole").lacks("Category to be set");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn papers_hold_what_their_reader_may_see_and_say_who_took_them(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let circular = open_circular(&clerk).await;
        let number = report(&app, &inspector, &circular).await;
        let paper = format!("/circulars/{circular}/paper/circular.pdf");
        // Before its issue only a draft, for those who issue it.
        clerk.get(&paper).await.expect(200).has("draft; numbered when issued").has("from the issue").has("Boxes");
        inspector.get(&paper).await.expect(409).has("issue it first");
        clerk.get(&paper.replace(".pdf", ".jpg")).await.expect(409);
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        let notice = crate::issuing::notices(&app.store, TENANT, circular.parse().unwrap()).await.unwrap()[0].id;
        clerk.get(&paper).await.expect(200).has(&format!("\"number\":\"{number}\"")).has("Company A").has("Boxes");
        clerk.get(&format!("/circulars/{circular}/paper/circular.jpg")).await.expect(200).has("Boxes");
        for nothing in ["circular.jpg?part=2", "circular.jpg?part=0", "circular.exe", "notice.pdf", "..%2Fcircular.pdf"] {
            clerk.get(&format!("/circulars/{circular}/paper/{nothing}")).await.expect(404);
        }
        let docx = clerk.get(&format!("/circulars/{circular}/paper/circular.docx")).await.expect(200);
        assert!(docx.bytes.starts_with(b"PK"));
        let neighbour = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        neighbour.get(&paper).await.expect(404);
        // The unit takes its notice and its answer sheet, another unit neither, and none the circular.
        let photo = handler.upload(9).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Cleared"), ("photo", &photo), ("version", "2")]).await.expect(303);
        handler.get(&format!("/notices/{notice}/paper/notice.pdf")).await.expect(200).has("https://xiuhua.example/t/").has("Boxes").lacks("Cleared");
        handler.get(&format!("/notices/{notice}/paper/answer.pdf")).await.expect(200).has("Cleared").has("Boxes");
        handler.get(&paper).await.expect(403);
        let stranger = app.handler_of(app.other_company).await;
        for file in ["notice.pdf", "answer.docx"] {
            stranger.get(&format!("/notices/{notice}/paper/{file}")).await.expect(404);
        }
        let printed = store::Query::from("SELECT kind FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT)
            .and("kind >= 'circular.printed'").then("ORDER BY recorded_at, ordinal");
        let printed: Vec<String> = app.store.query::<(String,)>(printed).await.unwrap().into_iter().map(|(kind,)| kind).collect();
        assert_eq!(printed.iter().filter(|kind| kind.as_str() == "circular.printed").count(), 4, "{printed:?}");
        assert_eq!(printed.iter().filter(|kind| kind.as_str() == "notice.printed").count(), 2);
    }

    async fn assisting_units_see_the_case_and_have_dates_of_their_own(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, helper) = (app.clerk().await, app.inspector().await, app.handler_of(app.other_company).await);
        let number = report(&app, &inspector, "").await;
        let path = format!("/cases/{number}");
        clerk.post(&format!("{path}/file"), &[("version", "1")]).await.expect(303);
        let (unit, other, office) = (app.company.to_string(), app.other_company.to_string(), app.office.to_string());
        let twice = [("unit", unit.as_str()), ("assist", &unit), ("assist_due", ""), ("version", "2")];
        clerk.post(&format!("{path}/dispatch"), &twice).await.expect(422).has("named twice");
        let bad = [("unit", unit.as_str()), ("assist", &other), ("assist_due", "9999-99-99"), ("version", "2")];
        clerk.post(&format!("{path}/dispatch"), &bad).await.expect(422).has("not in the right form").has("9999-99-99");
        helper.get(&path).await.expect(404);
        let fields = [
            ("unit", unit.as_str()), ("assist", &other), ("assist_due", "2026-12-24T12:00"), ("assist", &office), ("assist_due", ""), ("version", "2"),
        ];
        clerk.post(&format!("{path}/dispatch"), &fields).await.expect(303);
        helper.get(&path).await.expect(200).has("Company B");
        helper.get("/todo").await.expect(200).has("Boxes");
        let dues = store::Query::from("SELECT due FROM case_assist WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY due DESC");
        let dues: Vec<(i64,)> = app.store.query(dues).await.unwrap();
        let own = "2026-12-24T12:00+08:00".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        assert_eq!((dues.len(), dues[0].0), (2, own));
        // It helps, and does not answer for it.
        let photo = helper.upload(3).await;
        helper.post(&format!("{path}/rectify"), &[("words", "Ours"), ("photo", &photo), ("version", "3")]).await.expect(403);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_community_reports_in_its_own_places_alone(db: TestDb) {
        let app = app(db).await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let (elsewhere, own) = (app.compound.to_string(), app.other_community.to_string());
        west.post("/report", &[("place", &elsewhere), ("what", "Kept words")]).await.expect(422).has("outside of your area").has("Kept words");
        west.post("/report", &[("place", &own), ("what", "Kept words")]).await.expect(303);
    }

    async fn pages_of_a_list_follow_one_another_and_leave_nothing_out(db: TestDb) {
        use crate::listing::{Filter, Kind, Lamp, Leg, list};
        let app = app(db).await;
        let day = |days: i64| kernel::Instant(1_767_225_600_000_000 + days * 86_400_000_000);
        let batch: Vec<_> = (0..240)
            .map(|n| crate::importing::Foreign {
                outside_number: n.to_string(),
                what: "Boxes".into(),
                where_words: String::new(),
                place: Some(app.compound),
                place_path: String::new(),
                community: Some(app.community),
                unit: Some(app.company),
                category: None,
                point: None,
                cell: None,
                // Three a day, so that the ids decide; every second one is still open.
                reported_at: day(n / 3),
                due: Some(day(n / 3 + 30)),
                closed_at: (n % 2 == 0).then(|| day(n / 3 + 40)),
            })
            .collect();
        let zone = territory::Directory::load(&app.store, TENANT).await.unwrap().calendar().zone().clone();
        let by = access::Actor::system(TENANT).permit::<crate::importing::ImportCases>(&TENANT).unwrap();
        let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
        app.store.run(pass, crate::importing::Take { by, batch, zone }).await.unwrap();
        // Found on the days 0 to 79 and due 30 days later; now is the 70th, when one of the open is due this very instant.
        let now = day(70);
        let (from, to) = (Some(day(5)), Some(day(75)));
        let period = |kind| Filter { kind: Some(kind), from, to, ..Filter::default() };
        let open = |lamp| Filter { kind: Some(Kind::Open), lamp: Some(lamp), ..Filter::default() };
        for (filter, wanted) in [
            (period(Kind::Found), 210_usize), (period(Kind::Dispatched), 210), (open(Lamp::Green), 59), (open(Lamp::Red), 60), (open(Lamp::Yellow), 1),
            (Filter { outcome: Some(crate::listing::Outcome::Remaining), ..period(Kind::Dispatched) }, 105),
        ] {
            let (mut seen, mut after, mut pages) = (std::collections::BTreeSet::new(), None, 0);
            loop {
                let page = list(&app.store, TENANT, &Filter { after, ..filter.clone() }, &[Leg::All], now).await.unwrap();
                assert!(page.rows.iter().all(|line| seen.insert(line.number)), "{filter:?}: a case twice");
                pages += 1;
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!((seen.len(), pages), (wanted, wanted.div_ceil(50).max(1)), "{filter:?}");
        }
        // A page that begins beyond the period shows the period, not what lies before it.
        let beyond = store::query::encode_keys(&[store::Value::Int(day(400).0), store::Value::Id(Uuid::nil())]);
        let page = list(&app.store, TENANT, &Filter { after: Some(beyond), ..period(Kind::Found) }, &[Leg::All], now).await.unwrap();
        assert!(page.rows.iter().all(|line| line.reported_at < day(75)), "outside of the period");
        let early = store::query::encode_keys(&[store::Value::Int(0), store::Value::Id(Uuid::nil())]);
        let page = list(&app.store, TENANT, &Filter { after: Some(early), ..open(Lamp::Green) }, &[Leg::All], now).await.unwrap();
        assert!(page.rows.iter().all(|line| line.due >= now), "red ones among the green");
    }

    async fn a_call_without_a_category_gets_one_and_goes_the_long_way(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let (community, compound, category) = (app.community.to_string(), app.compound.to_string(), category(&app).await);
        clerk.post("/report", &[("place", &community), ("what", "A tree fell"), ("source", "call")]).await.expect(303);
        let number = last_number(&app).await;
        let path = format!("/cases/{number}");
        clerk.post(&format!("{path}/file"), &[("version", "1")]).await.expect(422).has("A tree fell");
        let amend = format!("{path}/amend");
        clerk.post(&amend, &[("place", &compound), ("what", "A tree fell"), ("version", "1")]).await.expect(422).has("category");
        clerk.post(&amend, &[("category", &category), ("what", "Kept words"), ("version", "1")]).await.expect(422).has("Kept words").has("choose the place");
        let fields = [("category", category.as_str()), ("place", &compound), ("what", "A tree fell"), ("where_words", "Gate 2"), ("version", "1")];
        inspector.post(&amend, &fields).await.expect(403);
        clerk.post(&amend, &fields).await.expect(303);
        // The new place asks the table of responsibilities anew.
        clerk.get(&path).await.expect(200).has("Company A").has("Gate 2").has("Corrected");
        clerk.post(&format!("{path}/file"), &[("version", "2")]).await.expect(303);
        clerk.post(&amend, &fields).await.expect(409);
        let unit = app.company.to_string();
        clerk.post(&format!("{path}/dispatch"), &[("unit", &unit), ("version", "3")]).await.expect(303);
        handler.get(&path).await.expect(200).has("A tree fell").has("Gate 2");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
