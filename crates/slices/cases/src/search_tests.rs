//! Searching, through HTTP on both engines: what is found, by whom, in which order, and what becomes of it when cases change.

use crate::searching::{follow, misfits};
use crate::trunk_tests::{app, category, issued, last_number, open_circular};
use access::{Role, Scope};
use store::journal::{Journal, Signer};
use store::testing::TestDb;
use testkit::{OTHER, Person, TENANT, TestApp};

/// Seals what happened and lets the index follow it.
pub(crate) async fn indexed(db: &TestDb, app: &TestApp) {
    let signer = Signer::open(&db.config.data.join("key"), &db.world).unwrap();
    let journal = Journal::new(app.store.clone(), signer);
    for tenant in [TENANT, OTHER] {
        journal.seal_now(tenant).await.unwrap();
        while follow(&app.app, tenant).await.unwrap() {}
    }
}

/// Reports a finding at the compound; its number.
async fn report(app: &TestApp, who: &Person<'_>, where_words: &str, what: &str) -> i64 {
    let (place, category) = (app.compound.to_string(), category(app).await);
    let photo = who.upload(7).await;
    let fields = [("place", place.as_str()), ("category", &category), ("where_words", where_words), ("what", what), ("photo", &photo)];
    who.post("/report", &fields).await.expect(303);
    last_number(app).await
}

/// The numbers of the cases on the page, as they stand there.
async fn numbers(who: &Person<'_>, query: &str) -> Vec<i64> {
    let page = who.get(&format!("/search?{query}")).await.expect(200).text;
    let rows = page.split("<td class=\"num\"").skip(1).filter_map(|row| row.split('>').nth(1)?.split('<').next()?.parse().ok());
    rows.collect()
}

fn q(words: &str) -> String {
    format!("q={}", access::http::encode(words))
}

store::both_engines! {
    async fn words_inside_a_sentence_are_found_and_marked(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let one = report(&app, &clerk, "三号楼2单元门口", "有人把旧沙发堆在楼道里，影响通行").await;
        let two = report(&app, &clerk, "南门", "路灯不亮，晚上看不清").await;
        indexed(db, &app).await;
        for (words, found) in [
            ("沙发", vec![one]), ("楼道 沙发", vec![one]), ("3号楼", vec![one]), ("３号楼", vec![one]), ("叁号楼", vec![one]),
            ("路灯", vec![two]), ("灯", vec![two]), ("elm COURT", vec![two, one]), ("Company", vec![two, one]), ("13号楼", vec![]), ("沙发 路灯", vec![]),
            // Written together, and each in another place of the text.
            ("南门路灯", vec![two]),
        ] {
            assert_eq!(numbers(&clerk, &q(words)).await, found, "{words}");
        }
        clerk.get("/search?q=%E6%B2%99%E5%8F%91").await.expect(200).has("有人把旧<mark>沙发</mark>堆在").lacks("路灯");
        clerk.get(&format!("/search?{}", q("南门路灯"))).await.expect(200).has("<mark>南门</mark>").has("Nowhere is it written together");
        clerk.get(&format!("/search?{}", q("沙发 路灯"))).await.expect(200).has("Nothing was found");
        // Nobody is found by what they report.
        assert!(numbers(&clerk, &q(&format!("p{}", one))).await.is_empty());
        assert_eq!(misfits(&app.store, TENANT).await.unwrap(), Some(Vec::new()));
    }

    async fn a_number_goes_straight_to_its_case_for_whoever_may_see_it(db: TestDb) {
        let app = app(db).await;
        let (clerk, handler) = (app.clerk().await, app.handler_of(app.company).await);
        let number = report(&app, &clerk, "", "电梯异响").await;
        indexed(db, &app).await;
        for typed in [format!("{number}"), format!(" #{number} ")] {
            let answer = clerk.get(&format!("/search?{}", q(&typed))).await.expect(303);
            assert_eq!(answer.location.as_deref(), Some(&*format!("/t/lsw/cases/{number}")));
        }
        // Not dispatched yet, it is nobody's outside of the centre.
        handler.get(&format!("/search?q={number}")).await.expect(200).has("Nothing was found");
        clerk.get("/search?q=987654321").await.expect(200).has("Nothing was found");
        let kept = clerk.get(&format!("/cases?{}", q("电梯"))).await.expect(303);
        assert_eq!(kept.location.as_deref(), Some(&*format!("/t/lsw/search?{}", q("电梯"))));
    }

    async fn a_unit_finds_its_own_and_another_tenant_nothing(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let (own, other) = (app.handler_of(app.company).await, app.handler_of(app.other_company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let waiting = report(&app, &clerk, "", "Boxes again").await;
        indexed(db, &app).await;
        assert_eq!(numbers(&clerk, "q=boxes").await, [waiting, number]);
        assert_eq!(numbers(&own, "q=boxes").await, [number]);
        assert!(numbers(&other, "q=boxes").await.is_empty());
        let east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        let court = app.person(&[(Role::Community, app.scope(app.compound).await)]).await;
        assert_eq!(numbers(&east, "q=boxes").await, [waiting, number]);
        assert_eq!(numbers(&court, "q=boxes").await, [waiting, number]);
        assert!(numbers(&west, "q=boxes").await.is_empty());
        let stranger = app.person_of(OTHER, "other", &[(Role::Clerk, Scope::Tenant)]).await;
        assert!(numbers(&stranger, "q=boxes").await.is_empty());
        app.person(&[(Role::UnitHandler, Scope::Organisation { id: app.office })]).await.get("/search?q=elm").await.expect(200).lacks("Elm Court");
        // Another's from now on: the index has not heard of it, and the case itself is asked.
        db.meddle(&format!("UPDATE cases SET unit_id = (SELECT id FROM organisation WHERE tenant_id = 1 AND name = 'Company B') WHERE tenant_id = 1 AND number = {number}")).await;
        assert!(numbers(&own, "q=boxes").await.is_empty());
    }

    async fn what_was_answered_is_found_after_what_it_is_about(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let answered = issued(&app, &clerk, &inspector).await;
        let photo = handler.upload(9).await;
        handler.post(&format!("/cases/{answered}/rectify"), &[("words", "已更换破损的井盖"), ("photo", &photo)]).await.expect(303);
        let older = report(&app, &clerk, "", "井盖破损").await;
        let declined = report(&app, &clerk, "", "井盖松动，有破损").await;
        clerk.post(&format!("/cases/{declined}/decline"), &[("reason", "not_real"), ("words", "没有")]).await;
        let newer = report(&app, &clerk, "", "破损的井盖没有换").await;
        indexed(db, &app).await;
        let ended = crate::trunk_tests::stage(&app, declined).await == "declined";
        let expected = if ended { vec![newer, older, declined, answered] } else { vec![newer, declined, older, answered] };
        assert_eq!(numbers(&clerk, &q("井盖 破损")).await, expected);
        clerk.get(&format!("/search?{}", q("更换"))).await.expect(200).has("已<mark>更换</mark>破损的井盖");
        assert_eq!(numbers(&handler, &q("更换")).await, [answered]);
    }

    async fn words_that_change_or_go_are_followed(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = report(&app, &clerk, "", "电梯异响").await;
        indexed(db, &app).await;
        assert_eq!(numbers(&clerk, &q("电梯")).await, [number]);
        let (place, category) = (app.compound.to_string(), category(&app).await);
        let fields = [("version", "1"), ("place", place.as_str()), ("category", &category), ("what", "水管漏水"), ("where_words", "")];
        clerk.post(&format!("/cases/{number}/amend"), &fields).await.expect(303);
        // At once by what is there, once the index has followed by what came.
        assert!(numbers(&clerk, &q("电梯")).await.is_empty());
        indexed(db, &app).await;
        assert_eq!(numbers(&clerk, &q("漏水")).await, [number]);
        assert!(numbers(&clerk, &q("电梯")).await.is_empty());
        // Erased without a word to anybody: not found, and the check names it.
        db.meddle("UPDATE cases SET what = '' WHERE tenant_id = 1").await;
        assert!(numbers(&clerk, &q("漏水")).await.is_empty());
        assert_eq!(misfits(&app.store, TENANT).await.unwrap(), Some(vec![number]));
        app.store.search().forget(TENANT).await.unwrap();
        clerk.get(&format!("/search?{}", q("漏水"))).await.expect(200).has("The index is still being made");
        indexed(db, &app).await;
        assert_eq!(misfits(&app.store, TENANT).await.unwrap(), Some(Vec::new()));
        assert_eq!(numbers(&clerk, "q=elm").await, [number]);
    }

    async fn several_that_index_while_people_report_leave_nothing_out(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let follows = || {
            let app = app.app.clone();
            tokio::spawn(async move {
                for _ in 0..60 {
                    follow(&app, TENANT).await.unwrap();
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            })
        };
        let following = [follows(), follows(), follows()];
        let journal = Journal::new(app.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).unwrap());
        let mut all = Vec::new();
        for n in 0..12 {
            all.push(report(&app, &clerk, "", &format!("电梯异响 {n}")).await);
            journal.seal_now(TENANT).await.unwrap();
        }
        for one in following {
            one.await.unwrap();
        }
        indexed(db, &app).await;
        all.reverse();
        assert_eq!(numbers(&clerk, &q("异响")).await, all);
        assert_eq!(misfits(&app.store, TENANT).await.unwrap(), Some(Vec::new()));
    }

    async fn a_new_name_of_a_place_is_followed(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let number = report(&app, &clerk, "", "电梯异响").await;
        indexed(db, &app).await;
        let version = territory::Directory::load(&app.store, TENANT).await.unwrap().place(app.compound).unwrap().version.to_string();
        let details = territory::places::PlaceDetails::named("Oak Court");
        let by = access::Actor::system(TENANT).permit(&TENANT).unwrap();
        let edit = territory::places::EditPlace { by, place: app.compound, version: version.parse().unwrap(), details };
        let pass = store::Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
        app.store.run(pass, edit).await.unwrap();
        indexed(db, &app).await;
        assert_eq!(numbers(&clerk, "q=oak+court").await, [number]);
        assert!(numbers(&clerk, "q=elm").await.is_empty());
    }

    async fn a_frequent_word_comes_a_page_at_a_time(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        let mut all = Vec::new();
        for n in 0..45 {
            all.push(report(&app, &clerk, "", &format!("小区垃圾 {n}")).await);
        }
        indexed(db, &app).await;
        all.reverse();
        let mut address = format!("/search?{}", q("小区"));
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.extend(numbers(&clerk, address.split_once('?').unwrap().1).await);
            let page = clerk.get(&address).await.expect(200).text;
            let Some(next) = page.split("rel=\"next\"").next().filter(|before| before.len() < page.len()) else { break };
            address = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        }
        assert_eq!(seen, all);
        for strange in ["9.9", "x", "0.-5", "3.0", "99999999999999999999.1"] {
            clerk.get(&format!("/search?{}&after={strange}", q("小区"))).await.expect(200);
        }
    }

    async fn whatever_is_typed_is_answered(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        report(&app, &clerk, "", "100% 的 \"纸箱\" OR 'x' <b>").await;
        indexed(db, &app).await;
        clerk.get("/search").await.expect(200).has("Enter what to look for");
        clerk.get("/search?q=").await.expect(200).has("Enter what to look for");
        for nothing in ["%", "*", "\"", "'", "\\", "😀🎉", "。，！", "\u{0}", "-- ;", "()"] {
            clerk.get(&format!("/search?{}", q(nothing))).await.expect(200).has("There is no word or number to look for");
        }
        for strange in ["纸箱\" OR \"", "NOT 纸箱", "纸箱*", "a\u{0}b", "' OR 1=1 --", "<script>alert(1)</script>", "纸箱 & !x | y:*", "\u{202e}纸箱", "ﬁ"] {
            clerk.get(&format!("/search?{}", q(strange))).await.expect(200).lacks("<script>alert");
        }
        clerk.get(&format!("/search?{}", q(&"纸箱".repeat(400)))).await.expect(200).has("That is too long");
        clerk.get(&format!("/search?{}", q(&"纸 ".repeat(400)))).await.expect(200).has("That is too long");
        clerk.get("/search?q=%ff%fe").await;
        clerk.get(&format!("/search?{}", q("<b>"))).await.expect(200).lacks("<b></");
        assert_eq!(numbers(&clerk, &q("纸箱")).await.len(), 1);
    }

    async fn circulars_matters_places_and_people_are_found_by_those_who_may(db: TestDb) {
        let app = app(db).await;
        let clerk = app.clerk().await;
        open_circular(&clerk).await;
        let place = app.compound.to_string();
        clerk.post("/matters", &[("title", "地下管网老旧"), ("what", "多处渗漏"), ("origin", "council"), ("place", &place)]).await.expect(303);
        indexed(db, &app).await;
        clerk.get("/search?q=round").await.expect(200).has("Circulars").has("<mark>Round</mark> 1");
        clerk.get(&format!("/search?{}", q("管网"))).await.expect(200).has("地下<mark>管网</mark>老旧");
        clerk.get("/search?q=east").await.expect(200).has("Places").has("Office <mark>East</mark>").has(&format!("/t/lsw/cases?community={}", app.community));
        let handler = app.handler_of(app.company).await;
        handler.get("/search?q=round").await.expect(200).lacks("Round</mark>");
        handler.get(&format!("/search?{}", q("管网"))).await.expect(200).lacks("老旧");
        let west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        west.get(&format!("/search?{}", q("管网"))).await.expect(200).lacks("老旧");
        let admin = app.person_named(TENANT, "lsw", "zhang", &[(Role::SystemAdmin, Scope::Tenant)]).await;
        admin.get("/search?q=zhang").await.expect(200).has("People").has(&format!("/t/lsw/accounts/{}", admin.account));
        clerk.get("/search?q=zhang").await.expect(200).lacks("People");
        // Who may look at nothing here is told so.
        app.person(&[]).await.get("/search?q=x").await.expect(403);
    }
}
