//! Who may invite whom into which unit, and so reset them; and the list of invitations, page by page.

use access::{Role, Scope};
use axum::Router;
use store::testing::TestDb;
use testkit::{Answer, Person, TestApp};

const PASSWORD: &str = "a long enough password";

async fn app(db: &TestDb) -> TestApp {
    TestApp::new(db, Router::new()).await
}

async fn invite(by: &Person<'_>, unit: kernel::ids::OrganisationId, phone: &str) -> Answer {
    by.post("/invitations", &[("unit", &format!("organisation:{unit}")), ("phone", phone)]).await
}

/// The address of the invitation that this page shows.
fn address(page: &Answer) -> String {
    let token = page.text.split("/j/lsw/").nth(1).and_then(|rest| rest.split('<').next()).expect("an address");
    format!("/j/lsw/{token}")
}

fn joining<'a>(phone: &'a str, password: &'a str) -> [(&'a str, &'a str); 3] {
    [("phone", phone), ("name", "Wang"), ("password", password)]
}

store::both_engines! {
    async fn a_community_invites_only_for_units_that_answer_within_it(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let elsewhere = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        // Company A answers for a compound in the community, the office for the community itself; company B for nothing.
        community.get("/invitations").await.expect(200).has("Company A").has("Office East").lacks("Company B").has("in your community");
        elsewhere.get("/invitations").await.expect(200).lacks("Company A").lacks("Office East").has("no unit that you could invite");
        clerk.get("/invitations").await.expect(200).has("Company A").has("Company B").lacks("in your community");
        invite(&community, app.other_company, "13800000001").await.expect(422).has("choose a unit").has("13800000001");
        invite(&elsewhere, app.company, "13800000001").await.expect(422).has("choose a unit");
        community.post("/invitations", &[("unit", "organisation:x"), ("phone", "13800000001")]).await.expect(422);
        community.post("/invitations", &[("phone", "13800000001")]).await.expect(422);
        invite(&community, app.company, "13800000001").await.expect(200).has("/j/lsw/");
        invite(&clerk, app.other_company, "13800000002").await.expect(200);
        // Each sees what went out for its own units, whoever made it.
        let rows = |page: &Answer| page.text.matches("Good until").count();
        assert_eq!(rows(&community.get("/invitations").await), 1);
        assert_eq!(rows(&elsewhere.get("/invitations").await), 0);
        assert_eq!(rows(&clerk.get("/invitations").await), 2);
        // What the unit answers for ends, and with it the community's say.
        db.meddle("UPDATE answers_for SET valid_to = '2020-12-31'").await;
        db.meddle("UPDATE tenant SET revision = revision + 1").await;
        community.get("/invitations").await.expect(200).lacks("Company A").has("No invitations yet");
        invite(&community, app.company, "13800000001").await.expect(422);
    }

    async fn a_community_resets_nobody_of_another_unit(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        for (unit, phone) in [(app.company, "13800000001"), (app.other_company, "13800000002")] {
            let join = address(&invite(&clerk, unit, phone).await.expect(200));
            app.post_stranger(&join, &joining(phone, PASSWORD)).await.expect(303);
        }
        let log_in = async |phone: &str, password: &str| app.log_in(&[("name", phone), ("password", password)]).await.status.as_u16();
        // Its own unit's manager is reset on the spot.
        let again = address(&invite(&community, app.company, "13800000001").await.expect(200));
        app.post_stranger(&again, &joining("13800000001", "the new long password")).await.expect(303);
        assert_eq!(log_in("13800000001", "the new long password").await, 303);
        // Another unit's is not taken over by an invitation into one's own.
        let trick = address(&invite(&community, app.company, "13800000002").await.expect(200));
        app.post_stranger(&trick, &joining("13800000002", "the new long password")).await.expect(409).has("cannot reset").has("13800000002").has("Company A");
        assert_eq!(log_in("13800000002", PASSWORD).await, 303);
        // The centre may, and so a manager comes to work for two companies.
        let both = address(&invite(&clerk, app.company, "13800000002").await.expect(200));
        app.post_stranger(&both, &joining("13800000002", "the new long password")).await.expect(303);
        assert_eq!(log_in("13800000002", "the new long password").await, 303);
        let refused = address(&invite(&community, app.company, "13800000002").await.expect(200));
        app.post_stranger(&refused, &joining("13800000002", "yet another password")).await.expect(409);
    }

    async fn an_invitation_resets_no_more_than_its_maker_still_may(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let join = address(&invite(&clerk, app.other_company, "13800000002").await.expect(200));
        app.post_stranger(&join, &joining("13800000002", PASSWORD)).await.expect(303);
        let made = address(&invite(&clerk, app.company, "13800000002").await.expect(200));
        let page = security.get(&format!("/accounts/{}", clerk.account)).await.expect(200).has("ends at once");
        let assignment = page.text.split("name=\"assignment\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        // The role that the form names is not believed: what was taken back is in the row.
        security.post(&format!("/accounts/{}/revoke", clerk.account), &[("assignment", &assignment), ("role", "leader")]).await.expect(303);
        security.get(&format!("/accounts/log?account={}", clerk.account)).await.expect(200).has("Role revoked · Clerk").lacks("Leader");
        app.post_stranger(&made, &joining("13800000002", "the new long password")).await.expect(409);
    }

    async fn the_list_of_invitations_goes_on_and_starts_with_the_latest(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        clerk.get("/invitations").await.expect(200).has("No invitations yet");
        for i in 0..60 {
            let unit = [app.company, app.office, app.other_company][i % 3];
            invite(&clerk, unit, &format!("138000001{i:02}")).await.expect(200);
        }
        for (who, most) in [(&clerk, 60), (&community, 40)] {
            let (mut seen, mut path) = (0, "/invitations".to_owned());
            loop {
                let page = who.get(&path).await.expect(200);
                seen += page.text.matches("Good until").count();
                let Some(next) = page.text.split("rel=\"next\"").next().filter(|text| text.len() < page.text.len()) else { break };
                path = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&");
            }
            assert_eq!(seen, most);
        }
        clerk.get("/invitations?after=t61~t61").await.expect(200).has("Good until");
    }
}
