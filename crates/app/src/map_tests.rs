//! The base map as the configuration names it: what only the map's pages may load, the file that is served in parts, and what is refused.

use crate::{compose, config};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use std::net::SocketAddr;
use std::sync::Arc;
use store::attachments::{Attachments, Policy};
use store::journal::Signer;
use store::testing::{Engine, TestDb};
use testkit::{Person, TestApp};
use tower::ServiceExt;

fn place(db: &TestDb, settings: &[(&str, &str)]) -> crate::installation::Installation {
    let variables: Vec<(String, String)> =
        settings.iter().map(|(name, value)| (format!("XIUHUA_MAP_{name}"), (*value).to_owned())).collect();
    let key_file = db.config.data.join("signing.key");
    crate::installation::Installation {
        data: db.config.data.clone(),
        loaded: config::load(&db.config.data, None, &variables).expect("loads"),
        store: db.store.clone(),
        attachments: Attachments::open(&db.config.data, db.world.clone(), Policy::default()).expect("a folder for photos"),
        signer: Signer::open(&key_file, &db.world).expect("a key"),
        key_file,
    }
}

/// The product with this base map, and its router for a look at headers.
async fn product(db: &TestDb, settings: &[(&str, &str)]) -> (TestApp, axum::Router) {
    let place = place(db, settings);
    let app = compose::app(&place, Arc::new(testkit::PlainPress), None).expect("composes");
    let router = compose::router(&app, compose::limits(&place));
    (TestApp::composed(&db.store, app, router.clone()).await, router)
}

async fn headers(router: &axum::Router, who: &Person<'_>, path: &str) -> HeaderMap {
    let mut request: Request<Body> = who.request("GET", path).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(testkit::PEER, 1)));
    router.clone().oneshot(request).await.unwrap_or_else(|never| match never {}).headers().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_pages_with_a_map_may_take_pictures_from_the_base_maps_host() {
    let db = TestDb::new(Engine::Sqlite).await;
    let settings = [("BASE", "xyz"), ("URL", "https://tiles.example/{z}/{x}/{y}.png?token=s3c"), ("ATTRIBUTION", "GS(2026)1")];
    let (app, router) = product(&db, &settings).await;
    let clerk = app.clerk().await;
    for (path, host) in [("/map", true), ("/map/hotspots", true), ("/cases", false), ("/map/tiles/0/0/0", false)] {
        let headers = headers(&router, &clerk, path).await;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert_eq!(policy.contains("connect-src 'self' https://tiles.example;"), host, "{path}: {policy}");
        assert_eq!(policy.contains("tiles.example"), host, "{path}: {policy}");
        assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("unsafe"), "{path}: {policy}");
        let referrer = if host { "strict-origin-when-cross-origin" } else { "same-origin" };
        assert_eq!(headers[header::REFERRER_POLICY], referrer, "{path}");
    }
    clerk.get("/map").await.expect(200).has("https://tiles.example/{z}/{x}/{y}.png").has("GS(2026)1").has("/assets/map-");
    drop((app, router));
    db.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_tiles_is_served_in_parts_to_whoever_is_logged_in() {
    let db = TestDb::new(Engine::Sqlite).await;
    std::fs::write(db.config.data.join("base.pmtiles"), b"PMTiles\x03 and much more").expect("a file");
    let (app, _) = product(&db, &[("BASE", "pmtiles"), ("FILE", "base.pmtiles")]).await;
    let clerk = app.clerk().await;
    let part = async |range: &str| {
        let request = clerk.request("GET", "/map/base.pmtiles").header("range", range).body(Body::empty()).expect("a request");
        app.send(request).await
    };
    assert_eq!(part("bytes=0-6").await.expect(206).text, "PMTiles");
    assert_eq!(part("bytes=9-999").await.expect(206).text, "and much more");
    part("bytes=999-").await.expect(416);
    clerk.get("/map/base.pmtiles").await.expect(416);
    let stranger = Request::get("/t/lsw/map/base.pmtiles").header("range", "bytes=0-6").body(Body::empty()).expect("a request");
    app.send(stranger).await.expect(303);
    clerk.get("/map").await.expect(200).has("/t/lsw/map/base.pmtiles");
    drop(app);
    db.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_base_map_that_cannot_be_is_refused_at_the_start() {
    let db = TestDb::new(Engine::Sqlite).await;
    let wrong: [&[(&str, &str)]; 5] = [
        &[("BASE", "google")],
        &[("BASE", "xyz")],
        &[("BASE", "xyz"), ("URL", "https://a.example/{z}.png")],
        &[("BASE", "tianditu")],
        &[("BASE", "pmtiles"), ("FILE", "no/such/file")],
    ];
    for settings in wrong {
        let refused = compose::app(&place(&db, settings), Arc::new(testkit::PlainPress), None).err().expect("refused");
        assert!(refused.is(compose::BAD_MAP), "{settings:?}: {refused}");
    }
    let (app, _) = product(&db, &[("BASE", "tianditu"), ("KEY", "0123abcd")]).await;
    app.clerk().await.get("/map").await.expect(200).has("https://t7.tianditu.gov.cn/cva_w/wmts").has("tk=0123abcd");
    drop(app);
    db.remove().await;
}
