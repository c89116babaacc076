//! The map through HTTP on both engines: a tile holds what the list of the same address holds, and nothing of anybody else's.

use super::world::{Tile, world};
use crate::kinds::Ask;
use crate::listing::{Kind, Lamp, Outcome};
use crate::steps::Stage;
use crate::trunk_tests::{app, category, checked, issued, last_number};
use crate::walk_tests::walk;
use access::{Role, Scope};
use std::collections::{BTreeMap, BTreeSet};
use store::journal::{Journal, Signer};
use testkit::{OTHER, Person, TENANT, TestApp};

/// One feature of a tile, as a program of somebody else's would read it.
#[derive(Debug, Clone, Default)]
struct Feature {
    kind: u64,
    properties: BTreeMap<String, String>,
    geometry: Vec<u64>,
}

/// A reader of protobuf messages: field by field, numbers and bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let (byte, rest) = self.0.split_first().expect("a varint ends");
            self.0 = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return value;
            }
        }
        panic!("a varint is too long")
    }
    /// The next field: its number, and its value or bytes.
    fn field(&mut self) -> Option<(u64, u64, &'a [u8])> {
        if self.0.is_empty() {
            return None;
        }
        let tag = self.number();
        match tag & 7 {
            0 => Some((tag >> 3, self.number(), &[])),
            2 => {
                let length = usize::try_from(self.number()).unwrap();
                let (bytes, rest) = self.0.split_at(length);
                self.0 = rest;
                Some((tag >> 3, 0, bytes))
            }
            other => panic!("wire type {other}"),
        }
    }
    fn numbers(mut self) -> Vec<u64> {
        let mut all = Vec::new();
        while !self.0.is_empty() {
            all.push(self.number());
        }
        all
    }
}

/// The layers of a tile, each feature with its properties by name.
fn decode(bytes: &[u8]) -> BTreeMap<String, Vec<Feature>> {
    let mut layers = BTreeMap::new();
    let mut tile = Reader(bytes);
    while let Some((3, _, layer)) = tile.field() {
        let (mut name, mut keys, mut values, mut features) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        let mut reader = Reader(layer);
        while let Some((field, value, bytes)) = reader.field() {
            match field {
                1 => name = String::from_utf8(bytes.to_vec()).unwrap(),
                2 => features.push(bytes),
                3 => keys.push(String::from_utf8(bytes.to_vec()).unwrap()),
                4 => values.push(match Reader(bytes).field().unwrap() {
                    (1, _, text) => String::from_utf8(text.to_vec()).unwrap(),
                    (4, number, _) => (number as i64).to_string(),
                    other => panic!("{other:?}"),
                }),
                5 => assert_eq!(value, 4096),
                15 => assert_eq!(value, 2),
                _ => panic!("field {field}"),
            }
        }
        let read = features.into_iter().map(|bytes| {
            let (mut feature, mut reader) = (Feature::default(), Reader(bytes));
            while let Some((field, value, bytes)) = reader.field() {
                match field {
                    1 => {}
                    2 => {
                        for pair in Reader(bytes).numbers().chunks(2) {
                            let at = |of: u64| usize::try_from(of).unwrap();
                            feature.properties.insert(keys[at(pair[0])].clone(), values[at(pair[1])].clone());
                        }
                    }
                    3 => feature.kind = value,
                    4 => feature.geometry = Reader(bytes).numbers(),
                    _ => panic!("field {field}"),
                }
            }
            feature
        });
        let read: Vec<Feature> = read.collect();
        assert!(layers.insert(name, read).is_none(), "a layer is there once");
    }
    layers
}

/// The tile around the walk's cases at a depth.
fn around(z: u32) -> String {
    let (x, y) = world(1_201_013_000, 359_400_000);
    let tile = Tile { z, x: (u64::from(x) >> (32 - z)) as u32, y: (u64::from(y) >> (32 - z)) as u32 };
    format!("{}/{}/{}", tile.z, tile.x, tile.y)
}

async fn tile(who: &Person<'_>, path: &str) -> BTreeMap<String, Vec<Feature>> {
    let answer = who.get(path).await;
    match answer.status.as_u16() {
        204 => BTreeMap::new(),
        200 => decode(&answer.bytes),
        _ => panic!("{path}: {} {}", answer.status, answer.text),
    }
}

/// The cases that stand by themselves on a tile.
fn numbers(tile: &BTreeMap<String, Vec<Feature>>) -> BTreeSet<i64> {
    tile.get("cases").into_iter().flatten().map(|feature| feature.properties["number"].parse().unwrap()).collect()
}

/// How many cases a tile stands for, and of them by lamp: green, yellow, red, off.
fn count(tile: &BTreeMap<String, Vec<Feature>>) -> (i64, [i64; 4]) {
    let mut sums = [0; 4];
    for feature in tile.get("cases").into_iter().flatten() {
        sums[["g", "y", "x", "n"].iter().position(|lamp| *lamp == feature.properties["lamp"]).unwrap()] += 1;
    }
    let mut n = sums.iter().sum::<i64>();
    for feature in tile.get("heaps").into_iter().flatten() {
        let number = |name: &str| feature.properties[name].parse::<i64>().unwrap();
        n += number("n");
        for (sum, name) in sums.iter_mut().zip(["g", "y", "x", "o"]) {
            *sum += number(name);
        }
        assert!(number("n") > 1, "one case is no heap");
    }
    (n, sums)
}

/// The numbers of a list, page by page.
async fn listed(who: &Person<'_>, path: &str) -> BTreeSet<i64> {
    let (mut seen, mut next) = (BTreeSet::new(), Some(path.to_owned()));
    while let Some(at) = next {
        let page = who.get(&at).await.expect(200).text;
        for row in page.split("<td class=\"num\" data-label=\"Number\"").skip(1) {
            seen.insert(row.split_once('>').unwrap().1.split('<').next().unwrap().parse().unwrap());
        }
        next = page
            .split_once("\" rel=\"next\"")
            .and_then(|(before, _)| before.rsplit_once("href=\""))
            .map(|(_, href)| href.replace("&#38;", "&").replace("&amp;", "&"));
    }
    seen
}

/// The cases that have a position.
async fn located(app: &TestApp) -> BTreeSet<i64> {
    let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant AND cell IS NOT NULL").bind("tenant", TENANT);
    app.store.query::<(i64,)>(query).await.unwrap().into_iter().map(|(number,)| number).collect()
}

/// Every address that a list can have: each filter by itself, and pairs of them.
async fn addresses(app: &TestApp) -> Vec<String> {
    let category = category(app).await;
    let mut all = vec![String::new()];
    all.extend(Stage::ALL.iter().map(|stage| format!("stage={stage}")));
    all.extend(Lamp::ALL.iter().map(|lamp| format!("lamp={lamp}")));
    all.extend([&app.company, &app.other_company].iter().map(|unit| format!("unit={unit}")));
    all.extend([&app.community, &app.other_community].iter().map(|place| format!("community={place}")));
    all.extend([format!("category={category}"), "unit=none".into(), "community=none".into()]);
    all.extend(Ask::ALL.iter().map(|ask| format!("kind=asked&ask={ask}")));
    // Days in the middle of what happened, from either side.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let middle = kernel::Instant(app.app.world.now().0 - 10 * 86_400_000_000).to_timestamp().to_zoned_datetime(zone).date();
    all.extend([format!("from={middle}"), format!("to={middle}"), format!("sort=newest&to={middle}"), "whose=found".into()]);
    for kind in Kind::ALL {
        all.extend([format!("kind={kind}&from={middle}"), format!("kind={kind}&to={middle}")]);
        let period = "&from=2026-01-01&to=2027-12-31";
        all.extend([format!("kind={kind}"), format!("kind={kind}{period}"), format!("kind={kind}&unit={}{period}", app.company)]);
        all.push(format!("kind={kind}&lamp=red{period}"));
        all.extend(Outcome::ALL.iter().map(|outcome| format!("kind={kind}&outcome={outcome}{period}")));
    }
    all.push(format!("stage=dispatched&lamp=green&unit={}&community={}", app.company, app.community));
    all
}

/// What a link on a page leads to.
fn unescaped(href: &str) -> String {
    href.replace("&#38;", "&").replace("&amp;", "&")
}

/// The rows of the table of hotspots: their lists and numbers.
fn hotspots(page: &str) -> Vec<(String, i64)> {
    let link = |part: &str| {
        let (href, rest) = part.split_once("\">")?;
        Some((unescaped(href), rest.split('<').next()?.parse().ok()?))
    };
    page.split("<a href=\"").skip(1).filter_map(link).filter(|(href, _): &(String, i64)| href.contains("square=")).collect()
}

store::both_engines! {
    async fn a_tile_holds_exactly_what_the_list_of_its_address_holds(db: TestDb) {
        let app = app(db).await;
        let (mut compared, mut found) = (0, 0);
        for (seed, steps) in [(3, 60), (4, 150)] {
            // What changed since the first look is on the map at once.
            walk(&app, seed, steps).await;
            // Sessions end in between.
            let elm = app.scope(app.compound).await;
            let people = [
                app.clerk().await,
                app.handler_of(app.company).await,
                app.person(&[(Role::Community, app.scope(app.community).await)]).await,
                app.person(&[(Role::Inspector, elm), (Role::UnitHandler, Scope::Organisation { id: app.other_company })]).await,
            ];
            let located = located(&app).await;
            for who in &people {
                // The second round looks at all of them, the first only begins to remember.
                for address in addresses(&app).await.into_iter().step_by(if steps < 100 { 6 } else { 1 }) {
                    let list = listed(who, &format!("/cases?{address}")).await;
                    let wanted: BTreeSet<i64> = list.intersection(&located).copied().collect();
                    let near = tile(who, &format!("/map/tiles/{}?{address}", around(16))).await;
                    assert_eq!(numbers(&near), wanted, "{address}");
                    let far = tile(who, &format!("/map/tiles/{}?{address}", around(9))).await;
                    assert_eq!(count(&far).0, i64::try_from(wanted.len()).unwrap(), "{address}");
                    assert_eq!(count(&far), count(&near), "{address}");
                    let (lamps, lamp) = (count(&near).1, address.strip_prefix("lamp="));
                    // What is held or without a deadline has no lamp, whatever its clock says.
                    let of = lamp.and_then(|lamp| ["green", "yellow", "red"].iter().position(|known| *known == lamp));
                    assert!(of.is_none_or(|of| lamps[of] + lamps[3] == lamps.iter().sum::<i64>()), "{address}: {lamps:?}");
                    compared += 1;
                    found += wanted.len();
                }
            }
        }
        assert!(compared > 400 && found > 300, "{compared} tiles with {found} cases are no test");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn hotspots_count_what_their_lists_hold(db: TestDb) {
        let app = app(db).await;
        walk(&app, 5, 160).await;
        let people = [
            app.clerk().await,
            app.person(&[(Role::Community, app.scope(app.community).await)]).await,
            app.handler_of(app.company).await,
        ];
        let month = crate::map::hotspots::Month::now(app.app.world.now(), &jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).text;
        let category = category(&app).await;
        let mut rows = 0;
        // As it was appended, and added up.
        for who in people.iter().chain(&people) {
            if rows > 6 {
                crate::days::fold(&app.store, TENANT).await.unwrap();
            }
            for asked in [format!("month={month}"), format!("month={month}&category={category}"), "category=nonsense".into()] {
                let page = who.get(&format!("/map/hotspots?{asked}")).await.expect(200).text;
                let hot = hotspots(&page);
                let mut sum = 0;
                for (href, n) in &hot {
                    assert_eq!(i64::try_from(listed(who, href).await.len()).unwrap(), *n, "{href}");
                    sum += n;
                }
                rows += hot.len();
                for z in [0, 9, 13, 16] {
                    let tile = tile(who, &format!("/map/hotspots/{}?{asked}", around(z))).await;
                    let shown = tile.get("squares").into_iter().flatten().map(|feature| feature.properties["n"].parse::<i64>().unwrap());
                    // All squares lie on the tile at these depths, and each number is written once.
                    if z < 16 {
                        assert_eq!(shown.sum::<i64>(), sum, "{asked} at {z}");
                        assert_eq!(tile.get("squares").map_or(0, Vec::len), tile.get("numbers").map_or(0, Vec::len));
                    }
                }
            }
        }
        assert!(rows > 6, "{rows} squares are no test");
        // A month of which nothing is known, and what is no month.
        people[0].get("/map/hotspots?month=1999-01").await.expect(200).has("Nothing with a position was found");
        people[0].get("/map/hotspots?month=soon").await.expect(200);
    }

    async fn a_roll_up_that_somebody_changed_is_found(db: TestDb) {
        let app = app(db).await;
        walk(&app, 6, 40).await;
        assert_eq!(checked(&app).await, Vec::<String>::new());
        crate::days::fold(&app.store, TENANT).await.unwrap();
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE case_month SET found = found + 1 WHERE square >= 0").await;
        let found = checked(&app).await;
        assert!(!found.is_empty() && found.iter().all(|line| line.contains("months")), "{found:?}");
        db.meddle("DELETE FROM case_month").await;
        assert!(checked(&app).await.iter().any(|line| line.contains("months")));
    }

    async fn what_changes_is_on_the_map_at_once_sealed_or_not(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let journal = Journal::new(app.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).unwrap());
        let near = format!("/map/tiles/{}", around(16));
        assert!(tile(&clerk, &near).await.is_empty());
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let photo = inspector.upload(3).await;
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Boxes"), ("lng", "120.1013"), ("lat", "35.94"), ("photo", &photo)];
        inspector.post("/report", &fields).await.expect(303);
        let number = last_number(&app).await;
        assert_eq!(numbers(&tile(&clerk, &near).await), [number].into());
        // A proposed unit sees nothing yet.
        assert!(tile(&handler, &near).await.is_empty());
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(numbers(&tile(&clerk, &near).await), [number].into());
        let unit = app.company.to_string();
        let steps: [(&str, &[(&str, &str)]); 2] = [("file", &[("version", "1")]), ("dispatch", &[("version", "2"), ("unit", &unit)])];
        for (step, fields) in steps {
            clerk.post(&format!("/cases/{number}/{step}"), fields).await.expect(303);
            // Each change between two looks is sealed before the next, so that both ways of finding it are walked.
            journal.seal_now(TENANT).await.unwrap();
            let stage = crate::trunk_tests::stage(&app, number).await;
            assert_eq!(tile(&clerk, &near).await["cases"][0].properties["stage"], stage, "{step}");
        }
        assert_eq!(numbers(&tile(&handler, &near).await), [number].into());
        // Lists of the past are remembered, each for whoever reaches it, until something happens.
        let (closed, found) = (format!("{near}?stage=closed"), format!("{near}?kind=found&from=2026-01-01&to=2026-12-31"));
        assert!(tile(&clerk, &closed).await.is_empty());
        assert!(tile(&handler, &closed).await.is_empty());
        assert_eq!(tile(&clerk, &found).await["cases"][0].properties["stage"], "dispatched");
        let photo = handler.upload(9).await;
        handler.post(&format!("/cases/{number}/rectify"), &[("version", "3"), ("words", "Cleared"), ("photo", &photo)]).await.expect(303);
        let spot = inspector.upload(5).await;
        inspector.post(&format!("/cases/{number}/pass"), &[("version", "4"), ("words", "Clean"), ("photo", &spot)]).await.expect(303);
        assert!(tile(&clerk, &near).await.is_empty(), "what has ended is no longer under way");
        assert_eq!(numbers(&tile(&clerk, &closed).await), [number].into());
        assert_eq!(numbers(&tile(&handler, &closed).await), [number].into());
        assert_eq!(tile(&clerk, &found).await["cases"][0].properties["stage"], "closed");
        journal.seal_now(TENANT).await.unwrap();
        assert_eq!(numbers(&tile(&clerk, &closed).await), [number].into());
    }

    async fn nobody_sees_a_tile_or_a_card_of_what_is_not_theirs(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let number = issued(&app, &clerk, &inspector).await;
        let photo = inspector.upload(3).await;
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let fields = [("place", place.as_str()), ("category", &category), ("what", "Bags"), ("lng", "120.1013"), ("lat", "35.94"), ("photo", &photo)];
        inspector.post("/report", &fields).await.expect(303);
        let near = format!("/map/tiles/{}", around(16));
        assert_eq!(tile(&clerk, &near).await["cases"].len(), 1);
        let stranger = app.person_of(OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        assert!(tile(&stranger, &near).await.is_empty());
        for path in ["/map", "/map/hotspots", near.as_str(), "/map/cards?n=1", "/map/boundaries/0/0/0", "/map/hotspots/0/0/0"] {
            let status = stranger.get(&format!("/t/lsw{path}")).await.status.as_u16();
            assert!(matches!(status, 403 | 404), "{path}: {status}");
            let administrator = app.person(&[(Role::SystemAdmin, Scope::Tenant)]).await;
            assert_eq!(administrator.get(path).await.status.as_u16(), 403, "{path}");
        }
        let other = app.handler_of(app.other_company).await;
        assert!(tile(&other, &format!("/map/tiles/{}", around(0))).await.is_empty());
        other.get(&format!("/map/cards?n={number}")).await.expect(200).has("no longer within").lacks("Elm Court");
        let handler = app.handler_of(app.company).await;
        handler.get(&format!("/map/cards?n={number},x,,-1")).await.expect(200).has("Elm Court").has(&format!("/t/lsw/cases/{number}"));
        handler.get("/map").await.expect(200).has("1 cases").has("1 of them have no position");
    }

    async fn whatever_is_no_tile_is_not_found(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        for what in ["tiles", "boundaries", "hotspots"] {
            for bad in ["23/0/0", "1/2/0", "1/0/2", "-1/0/0", "a/b/c", "1/0/0.5", "1/0/%20", "99999999999999/0/0"] {
                clerk.get(&format!("/map/{what}/{bad}")).await.expect(404);
            }
            assert!(matches!(clerk.get(&format!("/map/{what}/0/0/0?stage=x&lamp=%00&square=99999999999999999999&month=x")).await.status.as_u16(), 200 | 204));
        }
        clerk.get("/map/base.pmtiles").await.expect(404);
        clerk.get("/map?lamp=blue&community=x&square=-4&from=never&after=i1~d1&q=5").await.expect(200).has("No case meets").has("Map of cases");
    }

    async fn the_page_says_in_figures_what_the_map_shows(db: TestDb) {
        let app = app(db).await;
        walk(&app, 7, 120).await;
        let clerk = app.clerk().await;
        let all = listed(&clerk, "/cases").await;
        let page = clerk.get("/map").await.expect(200).has(&format!("{} cases", all.len())).text;
        // Each row of figures opens the list that it counted.
        let mut rows = 0;
        for part in page.split("data-label=\"Cases\"><a href=\"").skip(1) {
            let (href, rest) = part.split_once("\">").unwrap();
            let n: usize = rest.split('<').next().unwrap().parse().unwrap();
            assert_eq!(listed(&clerk, &unescaped(href)).await.len(), n, "{href}");
            rows += 1;
        }
        assert!(rows > 1, "{rows} rows");
        // The filter goes from list to map and back.
        clerk.get("/cases?lamp=red").await.expect(200).has("/t/lsw/map?lamp=red");
        clerk.get("/map?lamp=red").await.expect(200).has("/t/lsw/cases?lamp=red").has("tiles/{z}/{x}/{y}?lamp=red");
    }

    async fn boundaries_are_drawn_where_they_lie_and_asked_for_once(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        assert!(tile(&clerk, "/map/boundaries/0/0/0").await.is_empty());
        let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":
            [[[120.09,35.93],[120.11,35.93],[120.11,35.95],[120.09,35.95],[120.09,35.93]],[[120.095,35.935],[120.095,35.94],[120.1,35.94],[120.095,35.935]]]}}]}"#;
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let file = territory::polygons::PolygonFile::read(text.as_bytes(), kernel::coordinates::Datum::Cgcs2000, &directory).unwrap();
        let by = access::Actor::system(TENANT).permit(&TENANT).unwrap();
        let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
        app.store.run(pass, territory::polygons::ImportPolygons { by, file }).await.unwrap();
        let near = tile(&clerk, &format!("/map/boundaries/{}", around(12))).await;
        assert_eq!((near["areas"].len(), near["areas"][0].kind), (1, 3));
        assert_eq!(near["areas"][0].properties, [("name".to_owned(), "East".to_owned()), ("level".to_owned(), "community".to_owned())].into());
        // Two rings: seven corners and four, each ring closed by its own command.
        assert_eq!(near["areas"][0].geometry.iter().filter(|command| **command == 15).count(), 2);
        assert_eq!(near["names"].len(), 1);
        assert!(tile(&clerk, &format!("/map/boundaries/{}", around(9))).await.is_empty(), "communities are drawn from depth 10 on");
        assert!(tile(&clerk, "/map/boundaries/12/0/0").await.is_empty());
        let request = |tag: &str| clerk.request("GET", &format!("/map/boundaries/{}", around(12))).header("if-none-match", tag);
        let revision = territory::Directory::load(&app.store, TENANT).await.unwrap().revision;
        let again = request(&format!("\"{TENANT}-{revision}\"")).body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.send(again).await.status.as_u16(), 304);
        let older = request(&format!("\"{TENANT}-0\"")).body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.send(older).await.status.as_u16(), 200);
        // Where nothing is found yet, the map begins at the boundaries.
        clerk.get("/map").await.expect(200).has("120.09,35.93");
    }

    async fn a_corrected_category_moves_its_count(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let ids: Vec<String> = directory.categories().take(2).map(|one| one.id.to_string()).collect();
        let (photo, place) = (inspector.upload(3).await, app.compound.to_string());
        let fields = [("place", place.as_str()), ("category", &ids[0]), ("what", "Bags"), ("lng", "120.1013"), ("lat", "35.94"), ("photo", &photo)];
        inspector.post("/report", &fields).await.expect(303);
        let number = last_number(&app).await;
        let hot = async |category: &str| hotspots(&clerk.get(&format!("/map/hotspots?category={category}")).await.expect(200).text).len();
        assert_eq!((hot(&ids[0]).await, hot(&ids[1]).await), (1, 0));
        let fields = [("version", "1"), ("place", place.as_str()), ("category", &ids[1]), ("what", "Bags"), ("where_words", "")];
        clerk.post(&format!("/cases/{number}/amend"), &fields).await.expect(303);
        assert_eq!((hot(&ids[0]).await, hot(&ids[1]).await), (0, 1));
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}
