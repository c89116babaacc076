//! Filing conditions through HTTP on both engines: who chooses one, what it gives the unit, and what is refused without it.

use crate::trunk_tests::{app, checked, last_number, open_circular, stage};
use territory::category::CategoryCode;
use testkit::{TENANT, TestApp};

/// A shipped category with two conditions: 16 working hours, and 2 hours without a stop.
async fn manhole(app: &TestApp) -> String {
    let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
    directory.category_in_force(&CategoryCode::parse("event-01-001").unwrap()).unwrap().id.to_string()
}

async fn limit(app: &TestApp, number: i64) -> (Option<i64>, Option<String>, Option<i64>) {
    let query = store::Query::from("SELECT condition_no, limit_unit, limit_value FROM cases WHERE tenant_id = :tenant")
        .bind("tenant", TENANT)
        .and("number = :number")
        .bind("number", number);
    app.store.query::<(Option<i64>, Option<String>, Option<i64>)>(query).await.unwrap().remove(0)
}

store::both_engines! {
    async fn a_case_is_filed_under_the_condition_that_the_clerk_chooses(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (place, category) = (app.compound.to_string(), manhole(&app).await);
        inspector.get(&format!("/report/proposal?place={place}&category={category}")).await.expect(200).has("Filing condition");
        inspector.post("/report", &[("place", &place), ("category", &category), ("what", "Lid gone")]).await.expect(303);
        let number = last_number(&app).await;
        let path = format!("/cases/{number}");
        assert_eq!(limit(&app, number).await, (Some(0), Some("working_minutes".into()), Some(960)));
        clerk.get(&path).await.expect(200).has("Filing condition");
        // Nothing chosen, and the condition of another category: neither is taken.
        clerk.post(&format!("{path}/file"), &[("version", "1")]).await.expect(422).has("please choose one");
        let strange = format!("{}:2", app.compound);
        clerk.post(&format!("{path}/file"), &[("version", "1"), ("condition", &strange)]).await.expect(422);
        let beyond = format!("{category}:9");
        clerk.post(&format!("{path}/file"), &[("version", "1"), ("condition", &beyond)]).await.expect(422);
        let second = format!("{category}:2");
        clerk.post(&format!("{path}/file"), &[("version", "1"), ("condition", &second)]).await.expect(303);
        assert_eq!(limit(&app, number).await, (Some(2), Some("urgent_hours".into()), Some(2)));
        clerk.get(&path).await.expect(200).has("井盖缺失、塌陷，危及行人车辆").has("Closing condition");
        let unit = app.company.to_string();
        clerk.post(&format!("{path}/dispatch"), &[("version", "2"), ("unit", &unit)]).await.expect(303);
        let handler = app.handler_of(app.company).await;
        handler.get(&path).await.expect(200).has("一时补不上的，已经围挡并设置警示标志");
        assert_eq!(checked(&app).await, [""; 0]);
    }

    async fn the_conditions_of_a_correction_follow_the_category_that_is_chosen(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (place, manhole, plain) = (app.compound.to_string(), manhole(&app).await, crate::trunk_tests::category(&app).await);
        let number = crate::trunk_tests::report(&app, &inspector, "").await;
        let path = format!("/cases/{number}");
        let form = clerk.get(&format!("{path}?do=amend")).await.expect(200);
        form.has("id=\"amend-condition-row\"").lacks("井盖缺失").has(&format!("hx-get=\"/t/lsw{path}/conditions\""));
        // With a script the conditions of the chosen one are asked for.
        clerk.get(&format!("{path}/conditions?category={manhole}")).await.expect(200).has("id=\"amend-condition-row\"").has("井盖缺失");
        for other in [plain.as_str(), "nonsense", ""] {
            clerk.get(&format!("{path}/conditions?category={other}")).await.expect(200).has("amend-condition-row").lacks("<select");
        }
        inspector.get(&format!("{path}/conditions?category={manhole}")).await.expect(403);
        clerk.get(&format!("/cases/999/conditions?category={manhole}")).await.expect(404);
        // Without one the form comes back with them, and with all that was typed.
        let typed = [("version", "1"), ("place", place.as_str()), ("category", &manhole), ("where_words", "Gate 7"), ("what", "A lid is gone")];
        let again = clerk.post(&format!("{path}/amend"), &typed).await.expect(422).has("please choose one").has("Gate 7").has("A lid is gone");
        again.has("井盖缺失").has(&format!("value=\"{manhole}\" selected"));
        assert_eq!(limit(&app, number).await.0, None, "nothing was kept");
        let second = format!("{manhole}:2");
        clerk.post(&format!("{path}/amend"), &[&typed[..], &[("condition", &second)]].concat()).await.expect(303);
        assert_eq!(limit(&app, number).await, (Some(2), Some("urgent_hours".into()), Some(2)));
        // The condition of the category before is none of the other's.
        let back = [("version", "2"), ("place", place.as_str()), ("category", &plain), ("condition", &second), ("what", "Boxes")];
        clerk.post(&format!("{path}/amend"), &back).await.expect(303);
        assert_eq!(limit(&app, number).await.0, None);
        assert_eq!(checked(&app).await, [""; 0]);
    }

    async fn a_circular_waits_until_each_condition_is_said(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let circular = open_circular(&clerk).await;
        let (place, category) = (app.compound.to_string(), manhole(&app).await);
        inspector.post("/report", &[("place", &place), ("category", &category), ("circular", &circular)]).await.expect(303);
        let number = last_number(&app).await;
        clerk.get(&format!("/circulars/{circular}")).await.expect(200).has("please choose one").has("Filing condition");
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(409);
        let query = store::Query::from("SELECT id FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT).and("number = :number").bind("number", number);
        let (case,) = app.store.query::<(contracts::CaseId,)>(query).await.unwrap().remove(0);
        let (case, chosen, unit) = (case.to_string(), format!("{category}:1"), app.company.to_string());
        let form = [("case", case.as_str()), ("version", "1"), ("unit", &unit), ("condition", &chosen)];
        clerk.post(&format!("/circulars/{circular}/amend"), &form).await.expect(303);
        // Saved again without the field, it keeps what was said.
        clerk.post(&format!("/circulars/{circular}/amend"), &[("case", &case), ("version", "2"), ("unit", &unit)]).await.expect(303);
        assert_eq!(limit(&app, number).await, (Some(1), Some("working_minutes".into()), Some(960)));
        clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
        assert_eq!(stage(&app, number).await, "dispatched");
        assert_eq!(checked(&app).await, [""; 0]);
    }
}
