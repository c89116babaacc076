//! Random walks: whatever people do in whatever order, the register follows from its facts and the counts add up.

use crate::steps::{Stage, WAYS};
use crate::trunk_tests::{app, category, checked};
use access::{Role, Scope};
use kernel::Entropy;
use testkit::{TENANT, TestApp};

/// Stage, version and rework of each case.
async fn register(app: &TestApp) -> Vec<(i64, String, i64, i64, bool)> {
    let query =
        store::Query::from("SELECT number, stage, version, rework, late FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64, String, i64, i64, bool)>(query.then("ORDER BY number")).await.unwrap()
}

/// Nothing leads on from here.
const ENDS: [&str; 3] = ["declined", "merged", "void"];

/// Whether the table has a way between two stages; issuing a circular takes two steps at once.
fn leads(from: &str, to: &str) -> bool {
    let (from, to) = (from.parse::<Stage>().unwrap(), to.parse::<Stage>().unwrap());
    (from, to) == (Stage::Reported, Stage::Dispatched) || WAYS.iter().any(|way| way.from.contains(&from) && way.to == Some(to))
}

/// An instant so many hours from now, as a browser's field sends it.
fn local(app: &TestApp, hours: i64) -> String {
    let at = app.app.world.now().plus_seconds(hours * 3600).to_timestamp();
    at.to_zoned_datetime(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Something happens to a difficult matter; or a new one begins, of no problem.
async fn matter_goes_on(clerk: &testkit::Person<'_>, chance: usize) {
    if chance == 0 {
        clerk.post("/matters", &[("title", "Parking"), ("origin", "forum")]).await.expect(303);
        return;
    }
    let step = ["note", "settle", "settle", "drop", "to_council"][chance - 1];
    let page = clerk.get("/matters").await.expect(200).text;
    let Some(number) = page.split("/matters/").filter_map(|rest| rest.split('"').next()?.parse::<i64>().ok()).next() else { return };
    let shown = clerk.get(&format!("/matters/{number}")).await.expect(200).text;
    let version = shown.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    let answer = clerk.post(&format!("/matters/{number}/{step}"), &[("words", "Said"), ("version", &version)]).await;
    assert!(matches!(answer.status.as_u16(), 303 | 409), "{step} of a matter answers {}", answer.status);
}

pub(crate) async fn walk(app: &TestApp, seed: u64, steps: usize) {
    let chance = Entropy::seeded(seed);
    let people = [
        app.clerk().await,
        app.inspector().await,
        app.handler_of(app.company).await,
        app.handler_of(app.other_company).await,
        app.person(&[(Role::Community, app.scope(app.community).await)]).await,
        app.person(&[(Role::Leader, Scope::Tenant)]).await,
    ];
    let pick = |n: usize| usize::try_from(chance.below(n as u64)).unwrap_or(0);
    let (places, category) = ([app.compound.to_string(), app.other_community.to_string()], category(app).await);
    let units = [app.company.to_string(), app.other_company.to_string()];
    // What leads on from each stage, and whose it is; every third step is anybody's guess.
    let ways: [(&str, &[(&str, usize)]); 7] = [
        (
            "reported",
            &[
                ("file", 0),
                ("file", 0),
                ("file", 0),
                ("file", 0),
                ("decline", 0),
                ("ask_verify", 0),
                ("merge", 0),
                ("split", 0),
                ("ask_void", 0),
                ("sign_order", 0),
                ("note", 0),
            ],
        ),
        ("verifying", &[("verify", 4), ("verify", 4), ("verify", 1), ("ask_void", 0), ("supervise", 5)]),
        (
            "filed",
            &[
                ("dispatch", 0),
                ("dispatch", 0),
                ("dispatch", 0),
                ("dispatch", 0),
                ("dispatch", 0),
                ("decline", 0),
                ("transfer", 0),
                ("merge", 0),
            ],
        ),
        (
            "dispatched",
            &[
                ("rectify", 2),
                ("rectify", 3),
                ("rectify", 2),
                ("rectify", 3),
                ("ask_hand_back", 2),
                ("ask_hand_back", 3),
                ("accept_hand_back", 0),
                ("refuse_hand_back", 0),
                ("assign_finally", 5),
                ("ask_extension", 2),
                ("ask_extension", 3),
                ("grant_extension", 0),
                ("refuse_extension", 0),
                ("ask_hold", 2),
                ("ask_hold", 3),
                ("grant_hold", 5),
                ("refuse_hold", 5),
                ("renew_hold", 5),
                ("resume", 5),
                ("transfer", 0),
                ("supervise", 5),
                ("part_of_matter", 0),
                ("ask_void", 0),
                ("consent_void", 5),
                ("refuse_void", 5),
                ("urge", 4),
                ("assign_inside", 2),
                ("done_inside", 2),
                ("message", 0),
                ("reply", 2),
                ("call_caller", 0),
                ("answer_order", 0),
            ],
        ),
        ("transferred", &[("answer_transfer", 0), ("answer_transfer", 0), ("take_back", 0)]),
        ("rectified", &[("pass", 1), ("fail", 0), ("fail", 1), ("pass", 5), ("fail_transfer", 1), ("refuse_void", 5)]),
        (
            "closed",
            &[
                ("appeal", 2),
                ("appeal", 3),
                ("review_appeal", 0),
                ("uphold_appeal", 5),
                ("refuse_appeal", 5),
                ("dispute", 0),
                ("dispute", 1),
                ("uphold_dispute", 0),
                ("refuse_dispute", 0),
                ("sample_check", 1),
                ("answer_order", 0),
                ("answer_order", 0),
                ("call_back", 0),
                ("call_back", 0),
                ("call_back", 0),
                ("part_of_matter", 5),
                ("correct", 0),
            ],
        ),
    ];
    for step in 0..steps {
        // Time goes by, so that some are late; not so much that sessions end.
        let clock = &app.app.world.clock;
        clock.set(kernel::Instant(clock.now().0 + i64::try_from(chance.below(1_200_000_000)).unwrap_or(0)));
        let who = &people[pick(people.len())];
        if pick(10) == 0 {
            matter_goes_on(&people[0], pick(6)).await;
        }
        let cases = register(app).await;
        let open = cases.iter().filter(|case| case.1 != "closed" && !ENDS.contains(&case.1.as_str())).count();
        if cases.is_empty() || (open < 10 && pick(4) == 0) {
            let circulars = crate::issuing::open_circulars(&app.store, TENANT).await.unwrap();
            let circular = circulars.get(pick(2)).map(|circular| circular.id.to_string()).unwrap_or_default();
            if circulars.is_empty() && pick(2) == 0 {
                who.post("/circulars", &[("title", "Round")]).await;
            } else if pick(4) == 0 && !circular.is_empty() {
                who.post(&format!("/circulars/{circular}/issue"), &[]).await;
            } else {
                let (place, photo) = (&places[pick(2)], who.upload(7).await);
                let outside = format!("SP-{seed}-{step}");
                let source = ["inspection", "hotline"][pick(2)];
                // Callers are kept with orders, which the clerk alone enters.
                let phone = if source == "hotline" && std::ptr::eq(who, &people[0]) { "13812341234" } else { "" };
                // Some phones have their position off.
                let (lng, lat) = if step % 4 == 0 { (String::new(), "") } else { (format!("120.101{}", step % 7), "35.94") };
                let fields = [
                    ("place", place.as_str()),
                    ("category", &category),
                    ("what", "Boxes"),
                    ("circular", &circular),
                    ("photo", &photo),
                    ("source", source),
                    ("outside_number", &outside),
                    ("phone", phone),
                    ("lng", &lng),
                    ("lat", lat),
                ];
                who.post("/report", &fields).await;
            }
        } else {
            let guess = pick(3) == 0 || open == 0;
            let disputes = pick(8) == 0;
            let goes_on = |stage: &str| !ENDS.contains(&stage) && (disputes || stage != "closed");
            let mut among: Vec<_> = cases.iter().filter(|case| guess || goes_on(&case.1)).collect();
            if among.is_empty() {
                among = cases.iter().collect();
            }
            let (number, stage, version, ..) = among[pick(among.len())];
            // Sometimes what somebody saw is old.
            let version = if pick(12) == 0 { version - 1 } else { *version }.to_string();
            let ways = ways.iter().find(|(at, _)| !guess && at == stage).map_or(ways[pick(7)].1, |(_, ways)| ways);
            let (name, whose) = ways[pick(ways.len())];
            let who = if guess { who } else { &people[whose] };
            let photo = who.upload(9).await;
            let reason = match name {
                "decline" => "duplicate",
                "ask_hold" => "season",
                "transfer" => "owner",
                "verify" => ["real", "not_real"][pick(2)],
                "sample_check" => ["good", "not_good"][pick(2)],
                "appeal" => ["late", "rework", "wrong_unit"][pick(3)],
                "review_appeal" => ["upheld", "refused"][pick(2)],
                _ => "not_ours",
            };
            // A day that is sometimes within a step's bounds, and sometimes none.
            let hours = [3, 30, 300, 3000][pick(4)];
            let due = match name {
                "ask_extension" | "ask_hold" | "renew_hold" => local(app, hours),
                _ if pick(9) == 0 => local(app, hours),
                _ => String::new(),
            };
            // A matter of its own, or one that is there.
            let matter = if pick(2) == 0 { String::new() } else { (1 + pick(3)).to_string() };
            let whom = if name == "assign_inside" { [2, 3] } else { [1, 4] };
            let (other, person) = (cases[pick(cases.len())].0.to_string(), people[whom[pick(2)]].account.to_string());
            let fields = [
                ("version", version.as_str()),
                ("words", "Said"),
                ("photo", &photo),
                ("unit", &units[pick(2)]),
                ("reason", reason),
                ("due", &due),
                ("number", &other),
                ("person", &person),
                ("part_place", &places[pick(2)]),
                ("part_what", "A part"),
                ("matter", &matter),
                ("title", "A matter"),
                ("solved", ["yes", "partly", "no"][pick(3)]),
                ("satisfied", ["very", "fairly", "not_reached", "no"][pick(4)]),
            ];
            let answer = who.post(&format!("/cases/{number}/{name}"), &fields).await;
            assert!(
                matches!(answer.status.as_u16(), 303 | 403 | 404 | 409 | 422),
                "seed {seed}, step {step}: {name} answers {}",
                answer.status
            );
        }
        let after = register(app).await;
        for (before, after) in cases.iter().zip(&after) {
            let anew = after.1 == "filed" || after.1 == "transferred" || (before.1 == "dispatched" && after.1 == "dispatched");
            assert!((after.3 >= before.3 || anew) && after.2 >= before.2, "seed {seed}, step {step}: {before:?} became {after:?}");
            assert!(!ENDS.contains(&before.1.as_str()) || before == after, "seed {seed}, step {step}: an end is an end");
            assert!(after.4 || !before.4 || anew, "seed {seed}, step {step}: the first lateness stays");
            let led = before.1 == after.1 || leads(&before.1, &after.1);
            assert!(led, "seed {seed}, step {step}: the table has no way from {} to {}", before.1, after.1);
        }
    }
    assert_eq!(checked(app).await, Vec::<String>::new(), "seed {seed}");
    let ended = register(app).await;
    // A short walk need not get anywhere.
    assert!(
        steps < 200 || ended.iter().any(|case| case.1 == "closed") && ended.iter().any(|case| case.3 > 0),
        "seed {seed} got nowhere: {ended:?}"
    );
}

/// The number of cases in a list, page by page.
async fn listed(who: &testkit::Person<'_>, href: &str) -> usize {
    let (mut seen, mut next) = (0, Some(href.to_owned()));
    while let Some(at) = next {
        let list = who.get(&at).await.expect(200).text;
        seen += list.matches("<td class=\"num\"").count();
        next = list
            .split_once("\" rel=\"next\"")
            .and_then(|(before, _)| before.rsplit_once("href=\""))
            .map(|(_, href)| href.replace("&#38;", "&").replace("&amp;", "&"));
    }
    seen
}

/// Follows every figure of the summary, by every part, to the list behind it and counts what stands there.
async fn every_figure_opens_to_what_it_counted(app: &TestApp) {
    let leader = app.person(&[(Role::Leader, Scope::Tenant)]).await;
    let mut known = std::collections::BTreeMap::<String, usize>::new();
    let mut kinds = std::collections::BTreeSet::<String>::new();
    for part in crate::summary_page::PARTS {
        let summary = leader.get(&format!("/summary?from=2026-01-01&to=2026-12-31&by={part}")).await.expect(200).text;
        for link in summary.split("<a href=\"").skip(1) {
            let (href, rest) = link.split_once("\">").unwrap();
            let href = href.replace("&#38;", "&").replace("&amp;", "&");
            let shown = rest.trim_start_matches("<strong>").split('<').next().unwrap_or_default();
            let (Ok(wanted), true) = (shown.parse::<usize>(), href.contains("/cases?") || href.contains("/matters?")) else { continue };
            if !known.contains_key(&href) {
                known.insert(href.clone(), listed(&leader, &href).await);
            }
            assert_eq!(known[&href], wanted, "{href}");
            kinds.extend(
                // Which list of matters, and of what.
                href.contains("/matters?").then(|| {
                    let of =
                        ["community", "compound", "unit", "category"].iter().find(|of| href.contains(&format!("{of}="))).unwrap_or(&"all");
                    let list = href.split("list=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
                    format!("matters {list} by {of}")
                }),
            );
            kinds.extend(
                href.split(['?', '&'])
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| if ["kind", "outcome"].contains(&name) { value.to_owned() } else { name.to_owned() }),
            );
        }
    }
    assert!(known.len() > 100, "only {} figures were found on the pages", known.len());
    for kind in [
        "found",
        "dispatched",
        "rectified",
        "remaining",
        "on_time",
        "rework",
        "extended",
        "held",
        "transferred",
        "disputed",
        "upheld",
        "mended_on_spot",
        "self_check",
        "community",
        "compound",
        "unit",
        "category",
        "source",
        "hour",
        "weekday",
        "called_back",
        "solved",
        "satisfied",
        "matters opened by all",
        "matters ended by all",
        "matters standing by all",
        "matters opened by community",
        "matters standing by compound",
        "matters opened by unit",
        "matters ended by category",
        "matters standing by category",
    ] {
        assert!(kinds.contains(kind), "no figure leads to {kind}");
    }
}

/// Each matter stands in one community, compound, unit and category, or in none.
async fn matters_add_up(app: &TestApp, days: &crate::sums::Days) {
    let office = crate::office::Office::of_tenant(&app.app, TENANT).await.unwrap();
    let reach = access::permit::Reach { all: true, ..access::permit::Reach::default() };
    let figures = crate::matter_figures::count(&app.store, &office, &reach, days).await.unwrap();
    for part in crate::matters::PARTS {
        let mut sum = crate::matter_figures::MatterCounts::default();
        figures.by(part).for_each(|(_, counts)| sum += counts);
        assert_eq!(sum, figures.whole, "{part}");
    }
    assert!(figures.whole.opened > 1 && figures.whole.settled > 0, "{figures:?}");
}

/// Whatever the whole is parted by, the parts add up to it; before and after what happened is added up, and counted anew.
async fn parts_add_up_to_the_whole(app: &TestApp) {
    use crate::summary::{Within, gather};
    let days = crate::sums::Days::parse("2026-01-01", "2026-12-31").unwrap();
    let all = [crate::summary_page::PARTS.as_slice(), &[crate::days::Part::Slot]].concat();
    let office = crate::office::Office::of_tenant(&app.app, TENANT).await.unwrap();
    let mut first = None;
    for turn in 0..3 {
        match turn {
            0 => {}
            1 => crate::days::fold(&app.store, TENANT).await.unwrap(),
            _ => assert!(crate::days::count_again(&app.store, TENANT).await.unwrap() > 10),
        }
        let summary = gather(&app.store, &office, &Within::All, days, days.to, &all).await.unwrap();
        for (part, rows) in &summary.parts {
            let mut sum = crate::days::Counts::default();
            rows.iter().for_each(|row| sum += row.counts);
            assert_eq!(sum, summary.whole, "{part}, turn {turn}");
        }
        let mut sum = crate::days::Counts::default();
        summary.over_time.iter().for_each(|span| sum += span.counts);
        assert_eq!(sum, summary.whole);
        assert_eq!(summary.found_by_slot.iter().sum::<i64>(), summary.whole.found);
        // One community's own figures are its row of the whole.
        let own = Within::Communities(vec![app.community.0]);
        let of_one = gather(&app.store, &office, &own, days, days.to, &all).await.unwrap();
        let row = summary.parts[0].1.iter().find(|row| row.key == app.community.to_string()).unwrap();
        assert_eq!(of_one.whole, row.counts);
        matters_add_up(app, &days).await;
        assert_eq!(*first.get_or_insert(summary.whole), summary.whole, "turn {turn}");
        assert_eq!(checked(app).await, Vec::<String>::new());
    }
}

store::both_engines! {
    async fn whatever_people_do_the_register_follows_from_its_facts(db: TestDb) {
        let app = app(db).await;
        for seed in [1, 2026] {
            walk(&app, seed, 220).await;
            every_figure_opens_to_what_it_counted(&app).await;
            parts_add_up_to_the_whole(&app).await;
        }
    }
}
