//! Many at once, on both engines: ten thousand sessions cost what they should and go when they end, and a flood of log-ins
//! keeps nobody from working.

use access::session;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use futures::StreamExt;
use std::net::{Ipv4Addr, SocketAddr};
use testkit::{TENANT, TestApp, encoded};

const PASSWORD: &str = "a long enough password";
const SESSIONS: usize = 10_000;

/// Memory of this process that no file stands behind, in kilobytes.
fn anonymous_kb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn sessions(app: &TestApp) -> i64 {
    let count = store::Query::from("SELECT COUNT(*) AS n FROM session WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64,)>(count).await.unwrap()[0].0
}

store::both_engines! {
    async fn ten_thousand_sessions_take_little_memory_and_end(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        let mut accounts = Vec::new();
        for n in 0..100 {
            let person = app.person_named(TENANT, "lsw", &format!("person{n}"), &[]).await;
            accounts.push(access::account::by_id(&app.store, TENANT, person.account).await.unwrap());
        }
        let before = anonymous_kb();
        let begun = futures::stream::iter(0..SESSIONS).map(|n| session::begin(&app.store, &accounts[n % accounts.len()], "test", "full"));
        let tokens: Vec<_> = begun.buffer_unordered(64).collect().await;
        assert!(tokens.iter().all(Result::is_ok));
        assert_eq!(sessions(&app).await, i64::try_from(SESSIONS + accounts.len()).unwrap());
        // Each of them opens a page.
        for token in tokens.iter().flatten().step_by(500) {
            let request = Request::builder().uri("/t/lsw/account").header(header::COOKIE, format!("session={}", token.to_cookie()));
            app.send(request.body(Body::empty()).unwrap()).await.expect(200);
        }
        let grown = anonymous_kb() - before;
        assert!(grown < 64 * 1024, "{grown} kB for {SESSIONS} sessions");
        // A person who has a hundred of them sees the own page all the same, and ends them at once.
        session::end_all(&app.store, TENANT, accounts[0].id).await.unwrap();
        assert_eq!(sessions(&app).await, i64::try_from((SESSIONS + accounts.len()) / 100 * 99).unwrap());
        app.app.world.clock.advance_seconds(38 * 86_400);
        session::sweep(&app.store, TENANT).await.unwrap();
        assert_eq!(sessions(&app).await, 0);
    }

    async fn a_flood_of_log_ins_keeps_nobody_from_working_or_from_logging_in(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        app.person_with("wang", PASSWORD, &[]).await;
        let person = app.person_with("li", PASSWORD, &[]).await;
        // From many addresses, lest one of them is stopped for that alone.
        let wrong = |n: u32| {
            let mut request = Request::builder()
                .method("POST")
                .uri("/login")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(encoded(&[("name", &format!("nobody{n}")), ("password", "guessed")])))
                .unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::from_bits(0x0a01_0000 + n), 1))));
            request
        };
        let ended = std::sync::atomic::AtomicU32::new(0);
        let flood = futures::future::join_all((0..150).map(|n| {
            let (app, ended) = (&app, &ended);
            async move {
                let answer = app.send(wrong(n)).await;
                ended.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                answer.status.as_u16()
            }
        }));
        let others = async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            for _ in 0..5 {
                person.get("/account").await.expect(200);
            }
            let while_flooded = ended.load(std::sync::atomic::Ordering::Relaxed);
            // Whoever knows the password waits for a turn and comes in.
            app.log_in(&[("name", "wang"), ("password", PASSWORD)]).await.expect(303);
            while_flooded
        };
        let (statuses, while_flooded) = futures::join!(flood, others);
        assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
        assert!(while_flooded < 150, "the pages came only after the flood");
    }
}
