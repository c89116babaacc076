//! The workbench, the worklist's filters and views, and several cases at once, through HTTP on both engines.

use crate::branch_tests::{column, step};
use crate::trunk_tests::{app, facts, issued, report, stage};
use access::{Role, Scope};
use testkit::{Person, TestApp};

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
        let since = app.app.world.now().0;
        clerk.get(&format!("/cases/fresh?since={since}")).await.expect(200).lacks("new problem");
        app.app.world.clock.set(kernel::Instant(since + 5_000_000));
        report(&app, &inspector, "").await;
        clerk.get(&format!("/cases/fresh?since={since}")).await.expect(200).has("One new problem");
        clerk.get(&format!("/cases/fresh?since={since}&stage=filed")).await.expect(200).lacks("new problem");
        clerk.get("/cases/fresh?since=soon").await.expect(404);
    }
}
