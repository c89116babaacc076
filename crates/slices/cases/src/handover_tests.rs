//! A leaver's work handed over, through HTTP on both engines.

use crate::trunk_tests::{app, checked, facts, last_number};
use access::account::{CloseAccount, ManageAccounts};
use access::{Actor, Role, Scope};
use store::Pass;
use territory::duty::{AddDuty, Weekdays};
use testkit::{TENANT, TestApp};

fn pass(app: &TestApp) -> Pass {
    Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] }
}

pub(crate) async fn duty(app: &TestApp, who: &testkit::Person<'_>, place: kernel::ids::PlaceId) {
    let by = Actor::system(TENANT).permit(&TENANT).unwrap();
    let today = territory::Directory::load(&app.store, TENANT).await.unwrap().date_of(app.store.world().now()).unwrap();
    let add = AddDuty { by, place, account: who.account, weekdays: Weekdays::EVERY, from: today, to: None };
    app.store.run(pass(app), add).await.unwrap();
}

store::both_engines! {
    async fn a_leavers_reports_and_duty_go_to_somebody_who_can_look_there(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let east = app.scope(app.community).await;
        let leaver = app.person(&[(Role::Community, east.clone())]).await;
        let elsewhere = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let next = app.person(&[(Role::Inspector, Scope::Tenant)]).await;
        let place = app.compound.to_string();
        clerk.post("/report", &[("place", &place), ("what", "Is it so?")]).await.expect(303);
        let number = last_number(&app).await;
        clerk.get("/handover").await.expect(200).has("There is nothing to hand over");
        clerk.post(&format!("/cases/{number}/ask_verify"), &[("version", "1"), ("person", &leaver.account.to_string())]).await.expect(303);
        duty(&app, &leaver, app.community).await;
        let by = Actor::system(TENANT).permit::<ManageAccounts>(&TENANT).unwrap();
        app.store.run(pass(&app), CloseAccount { by, account: leaver.account }).await.unwrap();
        let path = format!("/handover?from={}", leaver.account);
        clerk.get(&path).await.expect(200).has("account closed").has("Reports to look at: 1").has("Duty from today on: 1");
        elsewhere.get(&path).await.expect(403);
        let form = |to: String| [("from", leaver.account.to_string()), ("to", to)];
        for wrong in [leaver.account.to_string(), String::new(), "x".to_owned()] {
            let form = form(wrong);
            let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            clerk.post("/handover", &fields).await.expect(422).has("choose who takes over");
        }
        let before = facts(&app).await;
        let form = form(next.account.to_string());
        let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        clerk.post("/handover", &fields).await.expect(303);
        assert!(facts(&app).await > before);
        next.get(&format!("/cases/{number}")).await.expect(200).has("Somebody else looks");
        clerk.get(&path).await.expect(200).has("nothing to hand over");
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let today = directory.date_of(app.store.world().now()).unwrap();
        assert_eq!(directory.on_duty(app.community, today), [next.account]);
        assert_eq!(checked(&app).await, [""; 0]);
        let photo = next.upload(7).await;
        next.post(&format!("/cases/{number}/verify"), &[("version", "3"), ("reason", "real"), ("words", "It is"), ("photo", &photo)]).await.expect(303);
        clerk.post("/handover", &fields).await.expect(409).has("Nothing can be handed to this person");
    }
}
