//! Back-off by address and by invitation, through HTTP on both engines.

use access::backoff::{Attempts, Source};
use access::{Role, Scope};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use std::net::{IpAddr, SocketAddr};
use testkit::{Answer, PEER, PROXY, TestApp, encoded};

const PASSWORD: &str = "a long enough password";

/// Failures of an address, without the hashing that each takes.
fn fail(app: &TestApp, address: &str, times: usize) {
    let attempts = app.app.get::<Attempts>();
    for _ in 0..times {
        attempts.begin(Source::Address(address.parse().unwrap()), app.app.world.now()).unwrap();
    }
}

async fn log_in_from(app: &TestApp, peer: IpAddr, forwarded: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::post("/login").header("cookie", "lang=en").header("content-type", "application/x-www-form-urlencoded");
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let request = request.extension(ConnectInfo(SocketAddr::new(peer, 4711)));
    app.send(request.body(Body::from(encoded(fields))).unwrap()).await
}

store::both_engines! {
    async fn who_guesses_over_all_names_waits_and_others_do_not(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        app.person_with("wang", PASSWORD, &[(Role::Clerk, Scope::Tenant)]).await;
        let right = [("name", "wang"), ("password", PASSWORD)];
        fail(&app, &PEER.to_string(), 198);
        app.log_in(&[("name", "nobody"), ("password", "wrong")]).await.expect(401);
        // A success neither counts nor makes anybody else's failures forgotten.
        app.log_in(&right).await.expect(303);
        app.log_in(&[("name", "somebody"), ("password", "wrong")]).await.expect(401);
        app.log_in(&right).await.expect(429).has("please wait 10 minutes").has("value=\"wang\"").lacks(PASSWORD);
        let elsewhere: IpAddr = "198.51.100.7".parse().unwrap();
        log_in_from(&app, elsewhere, None, &right).await.expect(303);
        app.app.world.clock.advance_seconds(601);
        app.log_in(&right).await.expect(303);
    }

    async fn a_header_from_anybody_but_our_proxy_neither_hides_nor_accuses(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        app.person_with("wang", PASSWORD, &[(Role::Clerk, Scope::Tenant)]).await;
        let right = [("name", "wang"), ("password", PASSWORD)];
        fail(&app, "203.0.113.5", 200);
        // The guesser can't take another's address, nor give its own to another.
        let guesser: IpAddr = "203.0.113.5".parse().unwrap();
        log_in_from(&app, guesser, Some("198.51.100.7"), &right).await.expect(429);
        let honest: IpAddr = "198.51.100.7".parse().unwrap();
        log_in_from(&app, honest, Some("203.0.113.5"), &right).await.expect(303);
        // Behind our proxy the header's right end is the client, whatever stands to the left of it.
        log_in_from(&app, PROXY, Some("198.51.100.7, 203.0.113.5"), &right).await.expect(429);
        log_in_from(&app, PROXY, Some("203.0.113.5, 198.51.100.7"), &right).await.expect(303);
        fail(&app, "2001:db8:1:2::", 200);
        let next_door: IpAddr = "2001:db8:1:2:aaaa::1".parse().unwrap();
        log_in_from(&app, next_door, None, &right).await.expect(429);
        let other_house: IpAddr = "2001:db8:1:3::1".parse().unwrap();
        log_in_from(&app, other_house, None, &right).await.expect(303);
    }

    async fn an_invitation_does_not_tell_its_number_to_who_tries_many(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        let clerk = app.clerk().await;
        let unit = format!("organisation:{}", app.company);
        let page = clerk.post("/invitations", &[("unit", &unit), ("phone", "13800000001")]).await.expect(200);
        let token = page.text.split("/j/lsw/").nth(1).and_then(|rest| rest.split('<').next()).expect("an address").to_owned();
        let join = format!("/j/lsw/{token}");
        let source = Source::Invitation(access::invitation::token_hash(&token));
        let attempts = app.app.get::<Attempts>();
        for _ in 0..19 {
            attempts.begin(source, app.app.world.now()).unwrap();
        }
        let wrong = [("phone", "13800000002"), ("name", "Wang"), ("password", PASSWORD)];
        let right = [("phone", "13800000001"), ("name", "Wang"), ("password", PASSWORD)];
        app.post_stranger(&join, &wrong).await.expect(422);
        app.post_stranger(&join, &right).await.expect(429).has("value=\"13800000001\"").has("value=\"Wang\"").has("15 minutes");
        app.app.world.clock.advance_seconds(901);
        app.post_stranger(&join, &right).await.expect(303);
        // Made-up invitations are counted as well.
        fail(&app, &PEER.to_string(), 199);
        app.post_stranger("/j/lsw/0000", &right).await.expect(404);
        app.post_stranger("/j/lsw/0001", &right).await.expect(429);
    }
}
