//! What people and programs send that is wrong: each gets a clear answer, changes nothing, and loses nothing typed.

use crate::trunk_tests::{app, category, checked, facts, issued, last_number, open_circular, report, stage};
use access::{Role, Scope};
use testkit::{OTHER, TENANT, TestApp};

const SCRIPT: &str = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";

/// A PNG that says it is so large and holds nothing of it.
fn promising(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend_from_slice(&width.to_be_bytes());
    png.extend_from_slice(&height.to_be_bytes());
    png.extend_from_slice(&[8, 2, 0, 0, 0]);
    let crc = crc(&png[12..]);
    png.extend_from_slice(&crc.to_be_bytes());
    png.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
    png
}

/// CRC-32 of a PNG's chunk (ISO/IEC 15948 annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}

store::both_engines! {
    async fn a_page_that_begins_nowhere_is_the_first(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        for after in ["t61~t61", "n~n", "i1~i1", "d00000000000000000000000000000000~i1", "i1", "~", "x00~b1"] {
            clerk.get(&format!("/cases?after={after}")).await.expect(200);
            clerk.get(&format!("/circulars?after={after}")).await.expect(200);
        }
    }

    async fn script_in_every_field_is_shown_as_the_words_it_is(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let circular = clerk.post("/circulars", &[("title", SCRIPT)]).await.expect(303).location.unwrap();
        let id = circular.rsplit('/').next().unwrap().to_owned();
        let (place, category, photo) = (app.compound.to_string(), category(&app).await, inspector.upload(3).await);
        let fields = [
            ("place", place.as_str()), ("category", &category), ("where_words", SCRIPT), ("what", SCRIPT), ("circular", &id),
            ("photo", &photo), ("outside_number", "<b>1</b>"),
        ];
        inspector.post("/report", &fields).await.expect(303);
        let number = last_number(&app).await;
        clerk.post(&format!("/circulars/{id}/issue"), &[]).await.expect(303);
        let path = format!("/cases/{number}");
        handler.post(&format!("{path}/ask_hand_back"), &[("reason", "not_ours"), ("words", SCRIPT), ("version", "2")]).await.expect(303);
        handler.get(&path).await.expect(200).lacks("hand it back was refused");
        clerk.post(&format!("{path}/refuse_hand_back"), &[("words", SCRIPT), ("version", "3")]).await.expect(303);
        handler.get(&path).await.expect(200).has("Your request to hand it back was refused");
        clerk.post(&format!("{path}/urge"), &[("words", SCRIPT)]).await.expect(303);
        let photo = handler.upload(4).await;
        handler.post(&format!("{path}/rectify"), &[("words", SCRIPT), ("photo", &photo), ("version", "5")]).await.expect(303);
        let spot = inspector.upload(5).await;
        inspector.post(&format!("{path}/fail"), &[("words", SCRIPT), ("photo", &spot), ("version", "6")]).await.expect(303);
        handler.get(&path).await.expect(200).has("Refused last time").lacks("hand it back was refused");
        let notice = crate::issuing::notices(&app.store, TENANT, id.parse().unwrap()).await.unwrap()[0].id;
        for address in [path.clone(), "/cases".into(), format!("/cases?q={number}"), circular.clone(), "/circulars".into(), format!("/notices/{notice}")] {
            let page = clerk.get(&address).await;
            assert!(matches!(page.status.as_u16(), 200 | 303), "{address}: {}", page.status);
            page.lacks("<script>alert").lacks("<img src=x");
        }
        clerk.get(&path).await.expect(200).has("&#60;script&#62;alert").has("&#60;b&#62;1");
        for address in ["/todo".to_owned(), path.clone()] {
            handler.get(&address).await.expect(200).lacks("<script>alert").lacks("<img src=x").has("&#60;script&#62;alert");
        }
        // And where the form is shown again.
        inspector.post("/report", &[("what", SCRIPT), ("where_words", SCRIPT)]).await.expect(422).lacks("<script>alert").has("&#60;script&#62;alert");
        clerk.get(&format!("/search?q={}", access::http::encode(SCRIPT))).await.expect(200).lacks("<script>alert");
    }

    async fn a_number_of_another_system_that_is_known_names_its_case(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let fields = [
            ("place", place.as_str()), ("category", &category), ("where_words", "Stair 2"), ("what", "Boxes in the way"), ("source", "call"),
            ("outside_number", "12345-77"),
        ];
        clerk.post("/report", &fields).await.expect(303);
        let (number, before) = (last_number(&app).await, facts(&app).await);
        let again = clerk.post("/report", &fields).await.expect(422);
        again.has(&format!("stands on case {number} already")).has("<details class=\"fold\" open>").has("12345-77").has("Boxes in the way");
        assert_eq!(facts(&app).await, before);
        // Another system may have the same number.
        clerk.post("/report", &[&fields[..4], &[("source", "resident"), ("outside_number", "12345-77")]].concat()).await.expect(303);
    }

    async fn dates_that_are_none_come_back_with_what_was_typed(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = report(&app, &inspector, "").await;
        let (place, category, unit) = (app.compound.to_string(), category(&app).await, app.company.to_string());
        let before = facts(&app).await;
        for date in ["0000-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00", "-001-01-01T00:00", "tomorrow", "2026-13-01", "999999999999-01-01"] {
            let fields = [("place", place.as_str()), ("category", &category), ("what", "Kept words"), ("due", date)];
            clerk.post("/report", &fields).await.expect(422).has("Kept words").has("not in the right form");
        }
        assert_eq!(facts(&app).await, before);
        clerk.post(&format!("/cases/{number}/file"), &[("version", "1")]).await.expect(303);
        for date in ["0000-01-01T00:00", "9999-12-31T23:59", "2001-01-01T00:00"] {
            let answer = clerk.post(&format!("/cases/{number}/dispatch"), &[("unit", &unit), ("due", date), ("version", "2")]).await.expect(422);
            answer.has(date);
        }
        assert_eq!(stage(&app, number).await, "filed");
        for period in ["from=0000-01-01&to=0000-12-31", "from=9999-12-31&to=9999-12-31", "from=2026-02-30&to=x"] {
            clerk.get(&format!("/summary?{period}")).await.expect(200);
            clerk.get(&format!("/cases?kind=found&{period}")).await.expect(200);
        }
    }

    async fn a_point_in_the_sea_or_nowhere_asks_for_the_place(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        let before = facts(&app).await;
        for (lng, lat) in [("160.0", "10.0"), ("0", "0"), ("181", "91"), ("NaN", "inf"), ("1e400", "-1e400"), ("东经", "北纬"), ("120.1", "")] {
            let fields = [("lng", lng), ("lat", lat), ("what", "Kept words")];
            inspector.post("/report", &fields).await.expect(422).has("Kept words").has("form-error");
        }
        assert_eq!(facts(&app).await, before);
    }

    async fn a_picture_that_promises_more_than_memory_holds_is_not_decoded(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        inspector.upload_bytes(&promising(30_000, 30_000), "large.png").await.expect(413).has("attachment.too_many_pixels");
        inspector.upload_bytes(&promising(u32::MAX, 1), "long.png").await.expect(413);
        inspector.upload_bytes(&promising(0, 0), "none.png").await.expect(422);
        for name in ["../../../etc/passwd", "a\\b.jpg", "con.jpg", "x.jpg\0.exe", "照片.jpg", &"x".repeat(5000)] {
            let answer = inspector.upload_bytes(&TestApp::photo(3), name).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400 | 422), "{name}: {}", answer.status);
        }
    }

    async fn two_clicks_at_once_are_one_case(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        let (place, category, photo) = (app.compound.to_string(), category(&app).await, inspector.upload(3).await);
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Twice"), ("photo", &photo)];
        let id = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let (one, two, three) =
            tokio::join!(inspector.post_as(&id, "/report", &fields), inspector.post_as(&id, "/report", &fields), inspector.post_as(&id, "/report", &fields));
        let places: Vec<_> = [one, two, three].into_iter().map(|answer| answer.expect(303).location.unwrap()).collect();
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
        let cases = store::Query::from("SELECT COUNT(*) AS n FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
        assert_eq!(app.store.query::<(i64,)>(cases).await.unwrap()[0].0, 1);
        // The same command with other words is not the same command.
        inspector.post_as(&id, "/report", &[("place", &place), ("what", "Other")]).await.expect(422);
    }

    async fn two_clicks_on_a_step_are_one_step(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        let unit = app.handler_of(app.company).await;
        let photo = unit.upload(5).await;
        let (path, fields) = (format!("/cases/{number}/rectify"), [("words", "Swept"), ("photo", photo.as_str()), ("version", "2")]);
        let id = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let before = facts(&app).await;
        let (one, two) = tokio::join!(unit.post_as(&id, &path, &fields), unit.post_as(&id, &path, &fields));
        one.expect(303);
        two.expect(303);
        unit.post_as(&id, &path, &fields).await.expect(303);
        assert_eq!(facts(&app).await, before + 1);
        // Another click on what is done already is told so.
        unit.post(&path, &fields).await.expect(409);
    }

    async fn ids_of_another_tenant_are_ids_of_nothing(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let other = app.person_of(OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        let number = issued(&app, &clerk, &inspector).await;
        let mine = open_circular(&clerk).await;
        let photo = inspector.upload(3).await;
        let before = facts(&app).await;
        let (place, unit, category) = (app.compound.to_string(), app.company.to_string(), category(&app).await);
        other.post("/report", &[("place", &place), ("category", &category), ("what", "Kept words")]).await.expect(422).has("Kept words");
        other.get(&format!("/circulars/{mine}")).await.expect(404);
        other.post(&format!("/circulars/{mine}/issue"), &[]).await.expect(404);
        other.get(&format!("/photos/{photo}")).await.expect(404);
        other.get(&format!("/photos/{photo}/thumb")).await.expect(404);
        other.get(&format!("/circulars/{mine}/paper/circular.pdf")).await.expect(404);
        for step in ["urge", "pass", "fail", "dispatch", "decline", "nonsense"] {
            other.post(&format!("/cases/{number}/{step}"), &[("words", "x"), ("unit", &unit)]).await.expect(404);
        }
        for list in [format!("/cases?unit={unit}"), format!("/cases?community={}", app.community)] {
            other.get(&list).await.expect(200).lacks("Company A");
        }
        assert_eq!(facts(&app).await, before);
    }

    async fn wrong_types_are_told_and_change_nothing(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let before = facts(&app).await;
        let photo = handler.upload(3).await;
        for version in ["-1", "999999999999999999999", "0", "3"] {
            handler.post(&format!("/cases/{number}/rectify"), &[("words", "Kept words"), ("photo", &photo), ("version", version)]).await.expect(409).has("Kept words");
        }
        handler.post(&format!("/cases/{number}/rectify"), &[("words", "Kept words"), ("photo", "no-id"), ("version", "2")]).await.expect(422).has("Kept words");
        handler.post(&format!("/cases/{number}/ask_hand_back"), &[("reason", "because"), ("words", "Kept words"), ("version", "2")]).await.expect(422).has("Kept words");
        clerk.post(&format!("/cases/{number}/decline"), &[("reason", "")]).await;
        clerk.post("/report", &[("place", "not-an-id"), ("category", "403"), ("what", "Kept words"), ("unit", "x")]).await.expect(422).has("Kept words");
        assert_eq!(facts(&app).await, before);
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn a_form_that_outlived_its_session_is_sent_after_logging_in_by_the_same_person_alone(db: TestDb) {
        let app = app(db).await;
        let roles = [(Role::Inspector, Scope::Tenant)];
        let inspector = app.person_with("wang", "a long enough password", &roles).await;
        app.person_with("li", "another long password", &roles).await;
        let place = app.compound.to_string();
        inspector.expire().await;
        let page = inspector.post("/report", &[("place", &place), ("what", "Typed before lunch")]).await.expect(401);
        let carried = page.text.split("name=\"carried\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().replace("&#34;", "\"");
        let wrong = app.log_in(&[("name", "wang"), ("password", "wrong"), ("carried", &carried)]).await.expect(401);
        wrong.has("Typed before lunch");
        app.log_in(&[("name", "li"), ("password", "another long password"), ("carried", &carried)]).await.expect(303);
        let again = app.log_in(&[("name", "wang"), ("password", "a long enough password"), ("carried", &carried)]).await.expect(200);
        again.has("Typed before lunch").has("/t/lsw/report").has(&place);
    }
}
