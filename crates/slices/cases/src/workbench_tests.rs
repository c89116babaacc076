//! The workbench, the worklist's filters and views, and several cases at once, through HTTP on both engines.

use crate::branch_tests::{column, step};
use crate::listing::{self, Filter, Kind, Leg, Line, Sort};
use crate::trunk_tests::{app, facts, issued, report, stage};
use access::{Role, Scope};
use testkit::{Person, TENANT, TestApp};

/// The figures of a page: each address with its number.
fn figures(page: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for link in page.split("<a href=\"").skip(1) {
        let (Some((href, rest)), true) = (link.split_once('"'), link.contains("<strong>")) else { continue };
        let Some((before, after)) = rest.split_once("<strong>") else { continue };
        if before.contains("</a>") {
            continue;
        }
        if let Ok(n) = after.split('<').next().unwrap_or_default().parse() {
            found.push((href.replace("&#38;", "&").replace("&amp;", "&"), n));
        }
    }
    found
}

/// Every figure opens a list of so many.
async fn agrees(who: &Person<'_>, page: &str) -> usize {
    let text = who.get(page).await.expect(200).text;
    let all = figures(&text);
    for (href, n) in &all {
        let list = who.get(href).await.expect(200).text;
        assert_eq!(list.matches("data-label=\"Number\"").count(), *n, "{href}");
    }
    all.len()
}

/// Some of everything.
async fn busy(app: &TestApp) -> Vec<i64> {
    let (clerk, inspector) = (app.clerk().await, app.inspector().await);
    let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
    let mut numbers = vec![report(app, &inspector, "").await, report(app, &clerk, "").await];
    for _ in 0..4 {
        numbers.push(issued(app, &clerk, &inspector).await);
    }
    let handler = app.handler_of(app.company).await;
    step(app, &clerk, numbers[1], "file", &[]).await.expect(303);
    step(app, &leader, numbers[2], "supervise", &[("words", "Today")]).await.expect(303);
    step(app, &handler, numbers[3], "ask_hand_back", &[("reason", "not_ours")]).await.expect(303);
    let photo = handler.upload(9).await;
    step(app, &handler, numbers[4], "rectify", &[("words", "Cleared"), ("photo", &photo)]).await.expect(303);
    numbers
}

store::both_engines! {
    async fn every_figure_of_the_workbench_opens_to_what_it_counted(db: TestDb) {
        let app = app(db).await;
        busy(&app).await;
        let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        for who in [&app.clerk().await, &app.inspector().await, &leader, &community] {
            assert!(agrees(who, "/work").await >= 6);
        }
        let handler = app.handler_of(app.company).await;
        assert!(agrees(&handler, "/todo").await >= 4);
        handler.get("/work").await.expect(200);
        // Days later what was due is over, and over for long.
        let now = app.app.world.now();
        app.app.world.clock.set(kernel::Instant(now.0 + 60 * 86_400_000_000));
        let (clerk, leader) = (app.clerk().await, app.person(&[(Role::Leader, Scope::Tenant)]).await);
        assert!(agrees(&clerk, "/work").await >= 6);
        leader.get("/work").await.expect(200).has("Units over for days");
        let long = leader.get("/cases?stage=dispatched&when=long").await.expect(200).text;
        assert_eq!(long.matches("data-label=\"Number\"").count(), 3);
    }

    async fn a_list_is_narrowed_by_any_filter_and_its_address_is_the_view(db: TestDb) {
        let app = app(db).await;
        let numbers = busy(&app).await;
        let clerk = app.clerk().await;
        let count = async |query: &str| clerk.get(&format!("/cases{query}")).await.expect(200).text.matches("data-label=\"Number\"").count();
        assert_eq!(count("").await, numbers.len());
        assert_eq!(count("?flag=supervised").await, 1);
        assert_eq!(count("?source=call").await, 0);
        assert_eq!(count("?sort=newest&stage=dispatched").await, 3);
        assert_eq!(count(&format!("?place={}", app.other_community)).await, 0);
        assert_eq!(count(&format!("?place={}", app.community)).await, numbers.len());
        assert_eq!(count("?kind=asked&answers=centre").await, 1);
        assert_eq!(count("?kind=asked&answers=leader").await, 0);
        clerk.get("/cases?more=yes&with_source=yes").await.expect(200).has("Source").has("Keep this view");
        // What is typed by hand and means nothing is as if it weren't there.
        assert_eq!(count("?flag=nonsense&sort=sideways&when=never&place=x&circular=y").await, numbers.len());
        let newest = clerk.get("/cases?sort=newest").await.expect(200).text;
        let oldest = clerk.get("/cases?sort=oldest").await.expect(200).text;
        let at = |text: &str, number: i64| text.find(&format!("/cases/{number}\"")).unwrap();
        assert!(at(&newest, numbers[5]) < at(&newest, numbers[0]) && at(&oldest, numbers[0]) < at(&oldest, numbers[5]));
    }

    async fn the_days_of_a_list_are_those_of_its_own_moment(db: TestDb) {
        let app = app(db).await;
        let numbers = busy(&app).await;
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let day = |add: i64| kernel::Instant(app.app.world.now().0 + add * 86_400_000_000).to_timestamp().to_zoned_datetime(zone.clone()).date();
        let (first, before) = (day(0), day(-1));
        // Ten days later one of them is closed, and another asks.
        app.app.world.clock.set(kernel::Instant(app.app.world.now().0 + 10 * 86_400_000_000));
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let spot = inspector.upload(12).await;
        step(&app, &inspector, numbers[4], "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        step(&app, &clerk, numbers[5], "ask_void", &[("words", "Entered twice")]).await.expect(303);
        let now = day(0);
        let count = async |query: &str| clerk.get(&format!("/cases?{query}")).await.expect(200).text.matches("data-label=\"Number\"").count();
        // What is open: by its finding.
        assert_eq!(count("").await, 5);
        assert_eq!((count(&format!("from={first}")).await, count(&format!("to={first}")).await), (5, 5));
        assert_eq!((count(&format!("from={now}")).await, count(&format!("to={before}")).await), (0, 0));
        for sort in ["newest", "oldest"] {
            assert_eq!((count(&format!("sort={sort}&from={first}&to={first}")).await, count(&format!("sort={sort}&from={now}")).await), (5, 0));
        }
        assert_eq!((count(&format!("kind=supervised&to={first}")).await, count(&format!("kind=supervised&from={now}")).await), (1, 0));
        // What has ended, by its end; what is asked, by the question.
        assert_eq!((count(&format!("stage=closed&from={now}")).await, count(&format!("stage=closed&to={first}")).await), (1, 0));
        assert_eq!(count("kind=asked").await, 2);
        assert_eq!((count(&format!("kind=asked&from={now}")).await, count(&format!("kind=asked&to={first}")).await), (1, 1));
        // The page says of what.
        clerk.get(&format!("/cases?stage=closed&from={now}")).await.expect(200).has(&format!("Ended since {now}"));
        clerk.get(&format!("/cases?to={first}")).await.expect(200).has(&format!("Found until {first}"));
        // The rest of it behind a row, whose place in the list says one of the bounds already.
        let (store, now) = (&app.store, app.app.world.now());
        for (kind, sort, wanted) in [(None, None, 5), (None, Some(Sort::Newest), 5), (None, Some(Sort::Oldest), 5), (Some(Kind::Asked), None, 2)] {
            let filter = Filter { kind, sort, from: Some(kernel::Instant(0)), to: Some(kernel::Instant(now.0 + 1)), ..Filter::default() };
            let all = listing::list(store, TENANT, &filter, &[Leg::All], now).await.unwrap().rows;
            assert_eq!(all.len(), wanted);
            let at = match (kind, sort) {
                (Some(_), _) => all[0].asked_at.unwrap(),
                (None, Some(_)) => all[0].reported_at,
                (None, None) => all[0].due,
            };
            let behind = store::query::encode_keys(&[store::Value::Int(at.0), store::Value::Id(all[0].id.0)]);
            let rest = listing::list(store, TENANT, &Filter { after: Some(behind), ..filter }, &[Leg::All], now).await.unwrap().rows;
            let numbers = |lines: &[Line]| lines.iter().map(|line| line.number).collect::<Vec<_>>();
            assert_eq!(numbers(&rest), numbers(&all[1..]), "{kind:?} {sort:?}");
        }
    }

    async fn what_a_unit_reports_stays_its_own_to_see_and_to_dispute(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (other, company) = (app.handler_of(app.other_company).await, app.handler_of(app.company).await);
        let number = report(&app, &other, "").await;
        assert_eq!(column(&app, number, "source").await, "unit");
        let path = format!("/cases/{number}");
        other.get(&path).await.expect(200).has("Boxes").lacks("Submit rectification");
        other.get("/todo").await.expect(200).has("What I reported");
        other.get("/cases?whose=found").await.expect(200).has(&path);
        // It is in no list of the unit's own work, and a colleague's is not theirs.
        other.get("/cases").await.expect(200).lacks(&path);
        app.handler_of(app.other_company).await.get(&path).await.expect(404);
        app.handler_of(app.other_company).await.get("/cases?whose=found").await.expect(200).lacks(&path);
        company.get(&path).await.expect(404);
        step(&app, &clerk, number, "file", &[]).await.expect(303);
        step(&app, &clerk, number, "dispatch", &[("unit", &app.company.to_string())]).await.expect(303);
        // The letters of the centre and the unit are theirs.
        step(&app, &clerk, number, "message", &[("words", "Please hurry")]).await.expect(303);
        company.get(&path).await.expect(200).has("Please hurry");
        other.get(&path).await.expect(200).lacks("Please hurry");
        let photo = company.upload(9).await;
        step(&app, &company, number, "rectify", &[("words", "Done"), ("photo", &photo)]).await.expect(303);
        step(&app, &other, number, "rectify", &[("words", "Done"), ("photo", &other.upload(9).await)]).await.expect(403);
        let spot = inspector.upload(11).await;
        step(&app, &inspector, number, "pass", &[("words", "Clean"), ("photo", &spot)]).await.expect(303);
        other.get("/cases?whose=found&stage=closed").await.expect(200).has(&path);
        step(&app, &other, number, "dispute", &[("words", "Still there")]).await.expect(303);
        // What a community reports is from a community.
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let number = report(&app, &community, "").await;
        assert_eq!(column(&app, number, "source").await, "community");
    }

    async fn a_view_is_kept_shared_and_dropped_by_its_owner_alone(db: TestDb) {
        let app = app(db).await;
        let (clerk, other) = (app.clerk().await, app.clerk().await);
        clerk.post("/cases/views", &[("name", ""), ("address", "?stage=filed")]).await.expect(422).has("Give the view a name");
        clerk.post("/cases/views", &[("name", "Filed ones"), ("address", "?stage=filed&after=x&evil=1"), ("shared", "yes")]).await.expect(303);
        clerk.post("/cases/views", &[("name", "Mine alone"), ("address", "?lamp=red")]).await.expect(303);
        let seen = other.get("/cases?more=yes").await.expect(200).has("Filed ones").lacks("Mine alone").lacks("evil");
        assert!(seen.text.contains("/cases?stage=filed\""));
        let mine = clerk.get("/cases?more=yes").await.expect(200).has("Mine alone").text;
        let drop = mine.split("/cases/views/").nth(2).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        // Somebody else's stays.
        other.post(&format!("/cases/views/{drop}/drop"), &[]).await.expect(303);
        clerk.get("/cases").await.expect(200).has("Filed ones").has("Mine alone");
        clerk.post(&format!("/cases/views/{drop}/drop"), &[]).await.expect(303);
        let left = clerk.get("/cases").await.expect(200).text;
        assert!(!(left.contains("Filed ones") && left.contains("Mine alone")));
    }

    async fn of_several_at_once_each_gets_its_own_answer(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let first = report(&app, &inspector, "").await;
        let second = report(&app, &inspector, "").await;
        let gone = issued(&app, &clerk, &inspector).await;
        let stale = report(&app, &inspector, "").await;
        let mut chosen = Vec::new();
        for (number, by) in [(first, 0), (second, 0), (gone, 0), (stale, -1)] {
            let version: i64 = column(&app, number, "version").await.parse().unwrap();
            chosen.push(format!("{number}:{}", version + by));
        }
        clerk.post("/cases/bulk", &[("step", "dispatch")]).await.expect(422).has("Choose problems first");
        let fields: Vec<(&str, &str)> = chosen.iter().map(|one| ("chosen", one.as_str())).chain([("step", "dispatch")]).collect();
        let id = kernel::ids::Uuid::from_u128(4242).to_string();
        let answer = clerk.post_as(&id, "/cases/bulk", &fields).await.expect(200).has("2 done, 2 not");
        assert_eq!((stage(&app, first).await, stage(&app, second).await, stage(&app, stale).await), ("dispatched".into(), "dispatched".into(), "reported".into()));
        drop(answer);
        // Sent again, nothing happens twice.
        clerk.post_as(&id, "/cases/bulk", &fields).await;
        assert_eq!(stage(&app, first).await, "dispatched");
        // On paper: those that may be, in one, each with a fact of its own.
        let printed = [("chosen", chosen[0].as_str()), ("chosen", "999999:1"), ("chosen", &chosen[1]), ("step", "print")];
        let answer = clerk.post("/cases/bulk", &printed).await.expect(200).has("2 done, 1 not");
        let path = format!("/cases/dossiers.pdf?of={first},{second}");
        assert!(answer.text.contains(&path), "{}", answer.text);
        let before = facts(&app).await;
        clerk.get(&path).await.expect(200).has(&format!("Problem {first}")).has(&format!("Problem {second}"));
        assert_eq!(facts(&app).await, before + 2);
        clerk.get("/cases/dossiers.pdf").await.expect(404);
        clerk.get(&format!("/cases/dossiers.pdf?of={first},999999")).await.expect(404);
        // A unit has nothing to do for several.
        let handler = app.handler_of(app.company).await;
        let before = facts(&app).await;
        handler.get(&path).await.expect(403);
        assert_eq!(facts(&app).await, before);
        let version = column(&app, first, "version").await;
        let one = format!("{first}:{version}");
        handler.post("/cases/bulk", &[("chosen", &one), ("step", "supervise"), ("words", "Now")]).await.expect(200).has("0 done, 1 not");
        assert_eq!(column(&app, first, "supervised_at").await, "");
    }

    async fn what_comes_in_is_told_without_loading_the_page(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let asks = async |list: &str| {
            let page = clerk.get(list).await.expect(200).text;
            let at = page.split("hx-get=\"/t/lsw").find(|part| part.starts_with("/cases/fresh")).unwrap().split('"').next().unwrap();
            at.replace("&#38;", "&").replace("&amp;", "&")
        };
        let (all, filed, own) = (asks("/cases").await, asks("/cases?stage=filed").await, asks("/cases?kind=found").await);
        for address in [&all, &filed, &own] {
            clerk.get(address).await.expect(200).lacks("has changed");
        }
        let number = report(&app, &inspector, "").await;
        clerk.get(&all).await.expect(200).has("has changed").has("href=\"/t/lsw/cases");
        clerk.get(&own).await.expect(200).has("has changed");
        clerk.get(&filed).await.expect(200).lacks("has changed");
        // What goes on to another list is told on both.
        let all = asks("/cases").await;
        step(&app, &clerk, number, "file", &[]).await.expect(303);
        clerk.get(&filed).await.expect(200).has("has changed");
        clerk.get(&all).await.expect(200).has("has changed");
        clerk.get("/cases/fresh?seen=nothing").await.expect(200).has("has changed");
    }
}
