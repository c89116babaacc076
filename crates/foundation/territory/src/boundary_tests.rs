//! Boundaries looked over on both engines: each fault is named with its place, rounding is none, and nothing is changed by looking.

use crate::boundaries::{Fault, Wrong, areas, look};
use crate::page_tests::Office;
use crate::place::Level;
use crate::polygons::{ImportPolygons, PolygonFile};
use crate::tests::{TENANT, add, by, directory, prepared, run};
use access::Role;
use axum::http::StatusCode;
use kernel::coordinates::Datum;
use std::sync::Arc;
use store::both_engines;
use store::testing::TestDb;

/// A feature of this name: a rectangle by its south-west corner and sides, in units of 1e-4 degree.
fn rectangle(name: &str, west: i64, south: i64, width: i64, height: i64) -> String {
    let at = |x: i64, y: i64| format!("[120.{:04},35.{:04}]", 1000 + x, 9000 + y);
    let ring = [at(west, south), at(west + width, south), at(west + width, south + height), at(west, south + height), at(west, south)];
    feature(name, &ring.join(","))
}

fn feature(name: &str, ring: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

async fn draw(db: &TestDb, features: &[String]) {
    let file = PolygonFile::read(collection(features).as_bytes(), Datum::Cgcs2000, &directory(db).await).unwrap();
    assert!(file.rejected.is_empty(), "{:?}", file.rejected);
    run(db, ImportPolygons { by: by(), file }).await.unwrap();
}

async fn faults(db: &TestDb) -> Vec<Fault> {
    look(&db.store, Arc::new(directory(db).await)).await.unwrap().faults
}

both_engines! {
    async fn what_sticks_out_and_what_overlaps_is_named_with_its_size(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let (east, west) = (add(db, root, Level::Community, "东苑社区").await, add(db, root, Level::Community, "西苑社区").await);
        let grid = add(db, east, Level::Grid, "第一网格").await;
        let (sea, hill) = (add(db, east, Level::Compound, "海景小区").await, add(db, east, Level::Compound, "山景小区").await);
        assert!(faults(db).await.is_empty(), "no boundary, no fault");
        draw(db, &[
            rectangle("瑞港街道", 0, 0, 400, 200), rectangle("东苑社区", 200, 0, 200, 200), rectangle("西苑社区", 0, 0, 200, 200),
            rectangle("第一网格", 200, 0, 100, 100), rectangle("海景小区", 210, 10, 50, 50), rectangle("山景小区", 260, 10, 50, 50),
        ]).await;
        // Neighbours share their lines, and a grid lies over the compounds of its community: nothing is wrong.
        assert_eq!(faults(db).await, []);
        // The west reaches 10 units (about 90 m) into the east; a compound 20 units into the other; a grid out of its community.
        draw(db, &[rectangle("西苑社区", 0, 0, 210, 200), rectangle("海景小区", 210, 10, 70, 50), rectangle("第一网格", 190, 0, 100, 100)]).await;
        let found = faults(db).await;
        let of = |place| found.iter().filter(|fault| fault.place == place).map(|fault| fault.wrong).collect::<Vec<_>>();
        let about = |m2: u64, wanted: u64| (wanted * 98 / 100..=wanted * 102 / 100).contains(&m2);
        // A unit is 11.12 m north and 9.0 m east here.
        assert!(matches!(of(east)[..], [Wrong::Overlaps { other, m2 }] if other == west && about(m2, 200_270)), "{found:?}");
        assert!(matches!(of(grid)[..], [Wrong::Outside { above, m2 }] if above == east && about(m2, 100_135)), "{found:?}");
        assert!(matches!(of(sea)[..], [Wrong::Overlaps { other, m2 }] if other == hill && about(m2, 100_135)), "{found:?}");
        assert_eq!(found.len(), 3);
    }

    async fn whatever_has_a_sound_boundary_has_an_area(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let east = add(db, root, Level::Community, "东苑社区").await;
        let (sea, hill) = (add(db, east, Level::Compound, "海景小区").await, add(db, east, Level::Compound, "山景小区").await);
        draw(db, &[rectangle("东苑社区", 200, 0, 200, 200), rectangle("海景小区", 210, 10, 50, 20)]).await;
        let found = areas(&db.store, TENANT, &[sea, hill].into()).await.unwrap();
        // 50 units of 9.0 m east, 20 of 11.12 m north; nobody drew the other one, and nobody asked for the community.
        assert!(found.len() == 1 && (98_000..=102_000).contains(&found[&sea]), "{found:?}");
    }

    async fn the_place_above_is_the_nearest_that_has_a_boundary(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let east = add(db, root, Level::Community, "东苑社区").await;
        let compound = add(db, east, Level::Compound, "海景小区").await;
        draw(db, &[rectangle("瑞港街道", 0, 0, 100, 100), rectangle("海景小区", 90, 0, 20, 20)]).await;
        assert!(matches!(faults(db).await[..], [Fault { place, wrong: Wrong::Outside { above, .. } }] if place == compound && above == root));
        // Rounded to a centimetre: a hundredth of a metre over is no fault, ten metres are.
        let edge = |x: &str| feature("海景小区", &format!("[120.1050000,35.9010000],[{x},35.9010000],[{x},35.9050000],[120.1050000,35.9050000],[120.1050000,35.9010000]"));
        draw(db, &[edge("120.1100001")]).await;
        assert_eq!(faults(db).await, []);
        draw(db, &[edge("120.1101000")]).await;
        assert_eq!(faults(db).await.len(), 1);
    }

    async fn what_was_kept_open_or_crossed_is_named_and_left_as_it_is(db: TestDb) {
        let root = prepared(db, Level::SubDistrict, "瑞港街道", "").await;
        let places = [add(db, root, Level::Community, "东苑社区").await, add(db, root, Level::Community, "西苑社区").await, add(db, root, Level::Community, "南苑社区").await];
        draw(db, &[rectangle("东苑社区", 0, 0, 10, 10), rectangle("西苑社区", 0, 0, 10, 10), rectangle("南苑社区", 0, 0, 10, 10)]).await;
        assert_eq!(faults(db).await.len(), 3, "three pairs");
        for (place, geometry) in places.iter().zip([
            r#"{"type":"Polygon","coordinates":[[[120.1,35.9],[120.2,35.9],[120.2,36.0],[120.1,36.0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[120.1,35.9],[120.2,36.0],[120.2,35.9],[120.1,36.0],[120.1,35.9]]]}"#,
            r#"{"type":"Point","coordinates":[120.1,35.9]}"#,
        ]) {
            let id = place.0.simple().to_string();
            db.meddle(&match db.engine {
                store::testing::Engine::Sqlite => format!("UPDATE polygon SET geometry = '{geometry}' WHERE place_id = x'{id}'"),
                store::testing::Engine::Postgres => format!("UPDATE polygon SET geometry = '{geometry}' WHERE place_id = '{id}'"),
            }).await;
        }
        let found: Vec<Wrong> = faults(db).await.iter().map(|fault| fault.wrong).collect();
        assert_eq!(found, [Wrong::Open, Wrong::Invalid, Wrong::Unreadable]);
        assert!(crate::polygons::kept(&db.store, kernel::TenantId(1)).await.unwrap().iter().any(|(_, text)| text.ends_with("[120.1,36.0]]]}")));
    }

    async fn the_page_names_the_places_and_the_import_says_that_there_is_something_to_see(db: TestDb) {
        let office = Office::new(db).await;
        let (clerk, inspector) = (office.person("clerk", Role::Clerk).await, office.person("inspector", Role::Inspector).await);
        assert!(office.get(&inspector, "/places/boundaries").await.has("还没有导入边界"));
        let file = collection(&[rectangle("东苑社区", 0, 0, 100, 100), rectangle("海景小区", 90, 0, 20, 20)]);
        let taken = office.upload(&clerk, "/places/boundaries", &[("at", &office.root.to_string()), ("datum", "cgcs2000")], file.as_bytes()).await;
        assert!(taken.has("<dt>边界检查发现的问题</dt><dd>1</dd>") && taken.has("href=\"/t/ruigang/places/boundaries\""), "{}", taken.body);
        let shown = office.get(&inspector, "/places/boundaries").await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(shown.has("2 个地点有边界，发现 1 处问题") && shown.has("东苑社区 海景小区</a>") && shown.has("平方米在上级“东苑社区”的边界外"), "{}", shown.body);
        let mended = collection(&[rectangle("海景小区", 80, 0, 20, 20)]);
        office.upload(&clerk, "/places/boundaries", &[("at", &office.root.to_string()), ("datum", "cgcs2000")], mended.as_bytes()).await;
        assert!(office.get(&inspector, "/places/boundaries").await.has("没有发现问题"));
        let handler = office.person("handler", Role::UnitHandler).await;
        assert_eq!(office.get(&handler, "/places/boundaries").await.status, StatusCode::FORBIDDEN);
    }
}
