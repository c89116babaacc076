//! Schemes: the samples and the words that they are written in; drafted, looked through, adopted and taken out through HTTP on both
//! engines.

use crate::bad_input_tests::product;
use crate::import_tests::{between, upload_with};
use access::{Role, Scope};
use evaluation::samples;
use evaluation::scheme::Ranked;
use evaluation::scheme_file::{understood, write};
use evaluation::terms::{HOUSEHOLDS, lexicon};
use rules::{Cell, ColumnType, Fact, FactKind, Part, Sheet, Test, Truth, Value, Vocabulary};
use testkit::{Person, TENANT, TestApp};
use web::Words;
use web::language::Lang;

fn vocabulary() -> Vocabulary {
    crate::compose::TELLERS.vocabulary()
}

#[test]
fn all_that_is_told_has_its_words() {
    let vocabulary = vocabulary();
    let mut keys: Vec<String> = vocabulary.counts.iter().map(|count| format!("told-count-{count}")).collect();
    keys.extend(vocabulary.measures.iter().map(|measure| format!("told-measure-{}", measure.name)));
    for kind in &vocabulary.kinds {
        keys.push(format!("told-kind-{}", kind.name.replace('.', "-")));
        for column in &kind.columns {
            keys.push(format!("told-column-{}", column.name));
            if let ColumnType::Code { known: Some(known) } = &column.of {
                keys.extend(known.iter().map(|code| format!("told-{}-{code}", column.name)));
            }
        }
    }
    assert!(keys.len() > 40);
    for lang in [Lang::Chinese, Lang::English] {
        let missing: Vec<&String> = keys.iter().filter(|key| !Words::of(lang).has(key)).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{lang:?}");
    }
}

/// Some facts of a kind: every closed value, the codes that a scheme names and one that it does not, small numbers.
fn facts(kind: &FactKind, scheme: &rules::Scheme) -> Vec<Fact> {
    let named = |column: &str| -> Vec<Value> {
        let conditions = scheme.rows.iter().flat_map(|row| &row.conditions).filter(|condition| condition.column == column);
        conditions
            .flat_map(|condition| match &condition.test {
                Test::Is(value) | Test::IsNot(value) => vec![value.clone()],
                Test::In(values) | Test::NotIn(values) => values.clone(),
                _ => Vec::new(),
            })
            .collect()
    };
    let mut all: Vec<Vec<Option<Value>>> = vec![Vec::new()];
    for column in &kind.columns {
        let values: Vec<Value> = match &column.of {
            ColumnType::Bool => vec![true.into(), false.into()],
            ColumnType::Int { .. } => vec![1.into(), 5.into()],
            ColumnType::Code { known: Some(known) } => known.iter().take(4).map(|code| code.as_str().into()).collect(),
            ColumnType::Code { known: None } => named(&column.name).into_iter().take(2).chain(["other".into()]).collect(),
        };
        all = all.iter().flat_map(|fact| values.iter().map(|value| [fact.clone(), vec![Some(value.clone())]].concat())).collect();
    }
    all.into_iter().enumerate().map(|(n, values)| Fact::new(kind.name.clone(), &n.to_string(), 0, values)).collect()
}

store::both_engines! {
    async fn every_sample_is_sound_and_each_of_its_rows_matches_something(db: TestDb) {
        let app = product(db).await;
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let vocabulary = vocabulary();
        for ranked in Ranked::ALL.iter().copied().filter(|ranked| samples::has(*ranked)) {
            let sheet = samples::sheet(ranked).unwrap().unwrap();
            let reading = understood(&sheet, &vocabulary, &directory, Lang::English).unwrap_or_else(|problems| panic!("{ranked}: {problems:?}"));
            let wrong: Vec<_> = reading.lint().into_iter().filter(|problem| problem.fault.is_error()).collect();
            assert!(wrong.is_empty(), "{ranked}: {wrong:?}");
            let scheme = &reading.scheme;
            let full: i64 = scheme.dimensions.iter().map(|dimension| dimension.full.0).sum();
            assert_eq!(full, 100_000, "{ranked}");
            for row in &scheme.rows {
                let Some(kind) = vocabulary.kinds.iter().find(|kind| kind.name == row.applies) else {
                    assert!(scheme.rates.iter().any(|rate| rate.code == row.applies), "{} {}", ranked, row.code);
                    continue;
                };
                let found = facts(kind, scheme);
                let truth = |fact: &Fact| {
                    let explained = reading.table.explain_fact(fact);
                    explained.rows.iter().find(|explained| explained.code == row.code).map(|explained| explained.truth).unwrap()
                };
                assert!(found.iter().any(|fact| truth(fact) == Truth::Yes), "{ranked} {} matches nothing", row.code);
                assert_eq!(found.iter().any(|fact| truth(fact) == Truth::No), !row.conditions.is_empty(), "{ranked} {}", row.code);
            }
            // Out in either language, through a workbook, and in again, it is the same.
            for lang in [Lang::Chinese, Lang::English] {
                let sheet = scheme.to_sheet(&vocabulary, &lexicon(&vocabulary, &directory, lang));
                let book = write(&sheet, Words::of(lang), db.world.now(), &jiff::tz::TimeZone::UTC).unwrap();
                let (read, _) = evaluation::scheme_file::read(&territory::sheets::read_apart(book).await.unwrap()).unwrap();
                let again = understood(&read, &vocabulary, &directory, lang).unwrap_or_else(|problems| panic!("{ranked} {lang:?}: {problems:?}"));
                assert_eq!(again.scheme, *scheme, "{ranked} {lang:?}");
            }
        }
        assert!(vocabulary.measures.iter().any(|measure| measure.name == HOUSEHOLDS));
    }

    async fn one_drafts_a_scheme_and_another_adopts_it(db: TestDb) {
        let app = product(db).await;
        let (clerk, leader, unit) = (app.clerk().await, leader(&app).await, app.handler_of(app.company).await);
        let month = clerk_month(&app);
        clerk.get("/schemes").await.expect(200).has("None was adopted yet");
        app.inspector().await.get("/schemes").await.expect(403);
        unit.post("/schemes/sample", &[("ranked", "compound")]).await.expect(403);
        clerk.post("/schemes/sample", &[("ranked", "community")]).await.expect(422).has("Choose what is scored");
        let draft = drafted(&clerk, "compound").await;
        // A draft is for those who draft and adopt.
        unit.get(&draft).await.expect(404);
        unit.get(&format!("{draft}/table.xlsx")).await.expect(404);
        let shown = clerk.get(&draft).await.expect(200).has("Draft").lacks("name=\"from_month\"");
        let hash = between(&shown.text, "<dd class=\"num break\">", "<").to_owned();
        let adopt = |month: &str| vec![("version".to_owned(), "1".to_owned()), ("from_month".into(), month.to_owned()), ("met_on".into(), "2026-01-05".into()), ("meeting".into(), "Kept meeting".into())];
        post(&clerk, &format!("{draft}/adopt"), &adopt(&month)).await.expect(403);
        post(&leader, &format!("{draft}/adopt"), &adopt("2020-01")).await.expect(422).has("A month that is over").has("Kept meeting");
        post(&leader, &format!("{draft}/adopt"), &adopt("soon")).await.expect(422).has("such as 2026-03").has("Kept meeting");
        let mut nowhere = adopt(&month);
        nowhere[3].1.clear();
        post(&leader, &format!("{draft}/adopt"), &nowhere).await.expect(422).has("A name is needed");
        let mut dayless = adopt(&month);
        dayless[2].1.clear();
        post(&leader, &format!("{draft}/adopt"), &dayless).await.expect(422).has("A day is needed").has("Kept meeting");
        let mut wordy = adopt(&month);
        wordy[3].1 = "议".repeat(81);
        post(&leader, &format!("{draft}/adopt"), &wordy).await.expect(422).has("At most 80");
        let mut stale = adopt(&month);
        stale[0].1 = "7".into();
        post(&leader, &format!("{draft}/adopt"), &stale).await.expect(409).has("Somebody changed the draft").has("Kept meeting");
        // What a leader drafts another leader adopts.
        let own = drafted(&leader, "cooperative").await;
        post(&leader, &format!("{own}/adopt"), &adopt(&month)).await.expect(409).has("does not adopt it");
        // With the paper that says so; what was brought is kept while something else is mended.
        let paper = leader.upload(5).await;
        let with_paper = |month: &str| adopt(month).into_iter().chain([("photo".to_owned(), paper.clone())]).collect::<Vec<_>>();
        post(&leader, &format!("{draft}/adopt"), &with_paper("2020-01")).await.expect(422).has(&format!("value=\"{paper}\""));
        post(&leader, &format!("{draft}/adopt"), &with_paper(&month)).await.expect(303);
        let picture = format!("{draft}/photos/{paper}");
        unit.get(&draft).await.expect(200).has(&picture);
        unit.get(&format!("{picture}/thumb")).await.expect(200);
        app.inspector().await.get(&picture).await.expect(403);
        unit.get(&draft).await.expect(200).has("In force").has(&hash).lacks("Edit the table");
        unit.get("/schemes").await.expect(200).has("In force").lacks("Drafts");
        // Nothing of it changes any more.
        clerk.get(&format!("{draft}/table")).await.expect(409);
        clerk.post(&format!("{draft}/drop"), &[("version", "2")]).await.expect(409).has("nothing of it changes");
        // Its next version begins as it is.
        unit.post(&format!("{draft}/anew"), &[]).await.expect(403);
        let again = clerk.post(&format!("{draft}/anew"), &[]).await.expect(303).location.unwrap();
        clerk.get(again.strip_prefix("/t/lsw").unwrap()).await.expect(200).has("Draft").has(&hash);
        // The month has its scheme; two that are adopted at once for the next are told apart.
        let next = next_month(&month);
        let (one, two) = (drafted(&clerk, "compound").await, drafted(&clerk, "compound").await);
        post(&leader, &format!("{one}/adopt"), &adopt(&month)).await.expect(422).has("holds from that month");
        let (first, second) = (format!("{one}/adopt"), format!("{two}/adopt"));
        let fields = adopt(&next);
        let (a, b) = tokio::join!(post(&leader, &first, &fields), post(&leader, &second, &fields));
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [303, 422]);
        assert_eq!(checked(&app).await, Vec::<String>::new());
        db.meddle("UPDATE scheme SET body = '{}' WHERE number = 1").await;
        assert_eq!(checked(&app).await.len(), 1, "a table that was changed afterwards is named");
    }

    async fn a_scheme_is_edited_on_screen_and_as_a_file_and_what_is_wrong_is_named_by_its_cell(db: TestDb) {
        let app = product(db).await;
        let (clerk, chinese) = (app.clerk().await, vocabulary());
        let draft = drafted(&clerk, "compound").await;
        let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
        let scheme = understood(&samples::sheet(Ranked::Compound).unwrap().unwrap(), &chinese, &directory, Lang::Chinese).unwrap().scheme;
        let sheet = scheme.to_sheet(&chinese, &lexicon(&chinese, &directory, Lang::English));
        let typed = |sheet: &Sheet, name: &str, version: &str| {
            let mut fields = vec![("name".to_owned(), name.to_owned()), ("version".to_owned(), version.to_owned())];
            for (part, grid) in &sheet.parts {
                for (at, line) in grid.lines.iter().enumerate() {
                    fields.extend(grid.columns.iter().zip(line).map(|(cell, text)| (format!("{part}.{at}.{cell}"), text.clone())));
                }
            }
            fields
        };
        let set = |sheet: &Sheet, line: usize, cell: Cell, text: &str| {
            let mut sheet = sheet.clone();
            let grid = sheet.parts.get_mut(&Part::Row).unwrap();
            let column = grid.columns.iter().position(|known| *known == cell).unwrap();
            grid.lines[line][column] = text.to_owned();
            sheet
        };
        clerk.get(&format!("{draft}/table")).await.expect(200).has("name=\"row.0.worth\"").has("Recurring = yes");
        let wrong = set(&sheet, 1, Cell::Conditions, "Colour = red");
        let shown = post(&clerk, &format!("{draft}/table"), &typed(&wrong, "Kept name", "1")).await.expect(422);
        shown.has("There is no column").has("Colour = red").has("Kept name").has("Rows, line 2, Conditions");
        post(&clerk, &format!("{draft}/table"), &typed(&sheet, " ", "1")).await.expect(422).has("A name is needed").has("Recurring = yes");
        post(&clerk, &format!("{draft}/table"), &typed(&set(&sheet, 1, Cell::Worth, "0.75"), "Ours", "1")).await.expect(303);
        clerk.get(&draft).await.expect(200).has("Ours").has("0.75");
        post(&clerk, &format!("{draft}/table"), &typed(&sheet, "Late", "1")).await.expect(409).has("Somebody changed the draft").has("Late");

        let zone = jiff::tz::TimeZone::UTC;
        let book = |sheet: &Sheet| write(sheet, Words::of(Lang::English), db.world.now(), &zone).unwrap();
        let fields = [("name", "By file"), ("ranked", "compound")];
        let answer = upload_with(&clerk, "/schemes/import", &fields, &book(&wrong)).await.expect(422);
        // The fifth column of the rows, the third line of the sheet with its heading.
        answer.has("Rows E3").has("There is no column").has("By file");
        let drafts = drafts(&app).await;
        upload_with(&clerk, "/schemes/import", &fields, b"a,b\n1,2\n").await.expect(422).has("headings of the rows");
        upload_with(&clerk, "/schemes/import", &[("name", "By file"), ("ranked", "")], &book(&sheet)).await.expect(422).has("Choose what is scored");
        let mut huge = String::from("Code,Applies to,Points\n");
        (0..100_000).for_each(|n| huge.push_str(&format!("X{n},Overdue,1\n")));
        upload_with(&clerk, "/schemes/import", &fields, huge.as_bytes()).await.expect(422);
        assert_eq!(self::drafts(&app).await, drafts, "nothing is half adopted");
        let made = upload_with(&clerk, "/schemes/import", &fields, &book(&sheet)).await.expect(303).location.unwrap();
        let taken = clerk.get(&format!("{}/table.xlsx", made.strip_prefix("/t/lsw").unwrap())).await.expect(200);
        let (read, _) = evaluation::scheme_file::read(&territory::sheets::read_apart(taken.bytes).await.unwrap()).unwrap();
        assert_eq!(understood(&read, &chinese, &directory, Lang::English).unwrap().scheme, scheme);
        // Larger than any table is.
        upload_with(&clerk, "/schemes/import", &fields, &vec![b'a'; 9 << 20]).await.expect(422).has("By file");
        clerk.post(&format!("{draft}/drop"), &[("version", "1")]).await.expect(409);
        clerk.post(&format!("{draft}/drop"), &[("version", "2")]).await.expect(303);
        clerk.post(&format!("{draft}/drop"), &[("version", "3")]).await.expect(409).has("was dropped");
        // As many drafts as anybody looks through.
        let made = made.strip_prefix("/t/lsw").unwrap();
        for _ in 1..50 {
            clerk.post(&format!("{made}/anew"), &[]).await.expect(303);
        }
        clerk.post(&format!("{made}/anew"), &[]).await.expect(409).has("There are 50 drafts");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }
}

async fn leader(app: &TestApp) -> Person<'_> {
    app.person(&[(Role::Leader, Scope::Tenant)]).await
}

/// This month in the tenant.
fn clerk_month(app: &TestApp) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    app.app.world.now().to_timestamp().to_zoned_datetime(zone).strftime("%Y-%m").to_string()
}

fn next_month(month: &str) -> String {
    let first: jiff::civil::Date = format!("{month}-01").parse().unwrap();
    first.last_of_month().tomorrow().unwrap().strftime("%Y-%m").to_string()
}

/// A draft that began as the sample; its address.
async fn drafted(who: &Person<'_>, ranked: &str) -> String {
    let made = who.post("/schemes/sample", &[("ranked", ranked)]).await.expect(303).location.unwrap();
    made.strip_prefix("/t/lsw").unwrap().to_owned()
}

async fn post(who: &Person<'_>, path: &str, fields: &[(String, String)]) -> testkit::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    who.post(path, &fields).await
}

async fn drafts(app: &TestApp) -> i64 {
    let query = store::Query::from("SELECT COUNT(*) AS n FROM scheme WHERE tenant_id = :tenant").bind("tenant", TENANT).and("version > 0");
    app.store.query::<(i64,)>(query).await.unwrap()[0].0
}

/// What `verify` says of schemes, one line a finding.
async fn checked(app: &TestApp) -> Vec<String> {
    let mut report = store::journal::Report::new(TENANT);
    store::journal::StateCheck::check(&evaluation::checking::Schemes, &app.store, TENANT, &mut report).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}
