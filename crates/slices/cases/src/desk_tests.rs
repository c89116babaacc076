//! Every desk that an office may do without, through HTTP on both engines: switched off it begins nothing, by page or by program;
//! what it began is brought to its end.

use crate::branch_tests::step;
use crate::call_tests::clerks;
use crate::steps::{Optional, Step, WAYS};
use crate::trunk_tests::{app, issued};
use access::{Role, Scope};
use serde_json::json;
use testkit::{Answer, Person};

/// What is said where a desk is missing.
const SAID: &str = "does without this step";

/// Switches one desk off, or none; the office has all the others.
async fn without(clerk: &Person<'_>, off: Option<Optional>) {
    let kept: Vec<String> = Optional::ALL.iter().filter(|desk| Some(**desk) != off).map(ToString::to_string).collect();
    let fields: Vec<(&str, &str)> = kept.iter().map(|desk| ("desk", desk.as_str())).collect();
    clerk.post("/limits/desks", &fields).await.expect(303);
}

/// A page of a desk: there, or refused with the reason.
fn refused_unless(there: bool, page: Answer) {
    if there {
        page.expect(200);
    } else {
        page.expect(409).has(SAID);
    }
}

store::both_engines! {
    async fn every_desk_that_is_switched_off_refuses_its_steps_and_pages(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
        let program = clerks(&app).await;
        let number = issued(&app, &clerk, &inspector).await;
        for &desk in Optional::ALL {
            // Those that lead on from where a case stands; two desks begin cases of their own, on pages.
            let begins = |step: &&Step| step.desk() == Some(desk) && step.begins() && WAYS.iter().any(|way| way.step == **step && !way.from.is_empty());
            let steps: Vec<Step> = Step::ALL.iter().filter(begins).copied().collect();
            let has_pages = matches!(desk, Optional::MendOnSpot | Optional::SelfCheck | Optional::Matter | Optional::Order);
            assert!(has_pages || !steps.is_empty(), "{desk} is looked at nowhere");
            for there in [true, false] {
                without(&clerk, if there { None } else { Some(desk) }).await;
                for taken in &steps {
                    let who = match taken {
                        Step::AskExtension | Step::AskHold | Step::Appeal | Step::AssignInside => &handler,
                        Step::RenewHold | Step::Supervise => &leader,
                        Step::Dispute => &inspector,
                        _ => &clerk,
                    };
                    // An empty form: where the desk is there, something of it is missed.
                    let answer = step(&app, who, number, &taken.to_string(), &[]).await;
                    if there { answer.expect(422).lacks(SAID) } else { answer.expect(409).has(SAID) };
                }
                match desk {
                    Optional::MendOnSpot => refused_unless(there, inspector.get("/mended/mend_on_spot").await),
                    Optional::SelfCheck => refused_unless(there, handler.get("/mended/self_check").await),
                    Optional::Matter => {
                        refused_unless(there, clerk.get("/matters").await);
                        refused_unless(there, leader.get("/matters?list=ended").await);
                        program.get("/matters").await.expect(if there { 200 } else { 409 });
                    }
                    Optional::Order => {
                        let offers = clerk.get("/report").await.expect(200).text.contains("value=\"hotline\"");
                        assert_eq!(offers, there);
                    }
                    _ => {}
                }
            }
        }
        without(&clerk, Some(Optional::Matter)).await;
        clerk.post("/matters", &[("title", "Parking"), ("origin", "forum")]).await.expect(409).has(SAID);
        program.post("/matters", json!({ "title": "Parking", "origin": "forum" })).await.expect(409).has("case.step_off");
    }

    async fn matters_that_are_open_are_ended_after_their_desk_was_switched_off(db: TestDb) {
        let app = app(db).await;
        let (clerk, program) = (app.clerk().await, clerks(&app).await);
        clerk.post("/matters", &[("title", "Parking"), ("origin", "forum")]).await.expect(303);
        without(&clerk, Some(Optional::Matter)).await;
        clerk.get("/matters").await.expect(200).has("Parking").lacks("New difficult matter");
        program.get("/matters").await.expect(200).has("Parking");
        clerk.post("/matters/1/settle", &[("words", "Agreed"), ("version", "1")]).await.expect(303);
        clerk.get("/matters").await.expect(409).has(SAID);
        clerk.get("/matters/1").await.expect(200).has("Agreed");
        without(&clerk, None).await;
        clerk.get("/matters?list=ended").await.expect(200).has("Parking");
    }
}
