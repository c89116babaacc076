//! The proof of a score, from the page to the command line, on both engines: it holds without the server, whatever is changed in it is
//! found and named, it tells nothing of others, and paper, page and proof name the same head of the journal.

use crate::bad_input_tests::product;
use crate::console::Console;
use crate::evaluation_tests::{
    adopted, checked, households, leader, league, local, mended, month_of, on_to_next_month, rounds, scored, sealed, step,
};
use crate::{bundles, compose, import_tests};
use access::Role;
use evaluation::bundle::Bundle;
use evaluation::bundle_check::{Shown, check, reckoned_anew, what};
use evaluation::league::MemberId;
use evaluation::scheme::Ranked;
use evaluation::scoring::Kept;
use kernel::canonical::{canonical_text, to_canonical};
use kernel::ids::Uuid;
use kernel::sign::VerifyingKey;
use kernel::{Entropy, World};
use rules::{LineOf, Points, Scheme};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::journal::{Finding, Journal, Signer};
use store::testing::TestDb;
use territory::Level;
use testkit::{Person, TENANT, TestApp};
use web::Lang;

fn held(bytes: &[u8], key: Option<&VerifyingKey>) -> Result<Shown, Finding> {
    check(bytes, key, &compose::TELLERS.vocabulary())
}

/// A month with two compounds, three problems in the first, scored and checked; its address, and who can publish it.
struct Month<'a> {
    clerk: Person<'a>,
    leader: Person<'a>,
    made: String,
    month: String,
    league: String,
}

/// With somebody who appeals, against the last of the problems.
async fn checked_month<'a>(app: &'a TestApp, db: &TestDb, problems: usize, appeals: Option<&Person<'_>>) -> Month<'a> {
    let (clerk, leader) = (app.clerk().await, leader(app).await);
    let quiet = app.place(app.community, Level::Compound, "Quiet Court").await;
    adopted(app, Ranked::Compound).await;
    for place in [app.compound, quiet] {
        households(app, place, 400).await;
    }
    let league = league(&clerk, app, "Compounds", "compound", &[MemberId(app.compound.0), MemberId(quiet.0)]).await;
    rounds(&clerk, app, &league, &[MemberId(app.compound.0), MemberId(quiet.0)]).await;
    let month = month_of(app);
    mended(app, problems).await;
    if let Some(unit) = appeals {
        step(app, unit, latest(app).await, "appeal", &[("reason", "wrong_unit"), ("words", "Not ours")]).await;
    }
    on_to_next_month(app);
    sealed(app, db).await;
    let (clerk, leader) = (app.again(&clerk).await, app.again(&leader).await);
    let made = local(scored(&clerk, &league, &month).await.expect(303).location);
    leader.post(&format!("{made}/check"), &[("version", "1")]).await.expect(303);
    Month { clerk, leader, made, month, league }
}

/// The number of the latest problem.
async fn latest(app: &TestApp) -> i64 {
    let query = store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
    app.store.query::<(i64,)>(query.then("ORDER BY number DESC LIMIT 1")).await.unwrap()[0].0
}

impl Month<'_> {
    async fn publish(&self) {
        self.leader.post(&format!("{}/publish", self.made), &[("version", "2")]).await.expect(303);
    }
}

/// The addresses of all values that hold no others, as JSON pointers.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(nth, item)| leaves(item, &format!("{at}/{nth}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            leaves(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        _ => found.push(at.to_owned()),
    }
}

/// The same with one character, digit or sense changed; of texts at a place that differs from one to the next.
fn bent(value: &Value, nth: usize) -> Value {
    match value {
        Value::Null => Value::Bool(true),
        Value::Bool(known) => Value::Bool(!known),
        Value::Number(number) => Value::from(number.as_i64().map_or(0, |number| number.wrapping_add(1))),
        Value::String(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            if letters.is_empty() {
                return Value::from("x");
            }
            let at = nth % letters.len();
            letters[at] = match letters[at] {
                '0' => '1',
                'a' => 'b',
                c if c.is_ascii_digit() => '0',
                _ => 'a',
            };
            Value::from(letters.into_iter().collect::<String>())
        }
        other => other.clone(),
    }
}

/// What a change in each part may be called.
fn names(pointer: &str) -> &'static [&'static str] {
    match pointer.split('/').nth(1).unwrap_or_default() {
        "format" => &[what::FORMAT],
        "head" if pointer == "/head/key_id" => &[what::KEY],
        "head" => &[what::SIGNATURE],
        "key" => &[what::KEY],
        "facts" => &[what::FACT],
        "evaluation" => &[what::MISSING, what::EVALUATION, what::DIGEST],
        "units" => &[what::LIST],
        "scheme" => &[what::SCHEME, what::MISSING],
        "score" => &[what::SCORE, what::NOT_LISTED],
        _ => &[],
    }
}

store::both_engines! {
    async fn a_published_score_has_a_proof_that_holds_without_the_server(db: TestDb) {
        let app = product(db).await;
        let (unit, inspector) = (app.handler_of(app.company).await, app.inspector().await);
        let community = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let month = checked_month(&app, db, 3, None).await;
        let (unit, inspector, community) = (app.again(&unit).await, app.again(&inspector).await, app.again(&community).await);
        let score = format!("{}/units/{}", month.made, app.compound);
        let proof = format!("{score}/proof.json");
        // There is none of what is not published.
        month.clerk.get(&proof).await.expect(404);
        month.clerk.get(&score).await.expect(200).lacks("proof.json");
        unit.get(&proof).await.expect(404);
        month.publish().await;
        unit.get(&score).await.expect(200).has("proof.json");
        let taken = unit.get(&proof).await.expect(200);
        let shown = held(&taken.bytes, None).unwrap();
        assert_eq!((shown.score.known.name.as_str(), shown.score.score.total, shown.place), ("Elm Court", Points(99_625), 2));
        assert_eq!((shown.units, shown.facts, shown.edition, &shown.month), (2, 3, 1, &month.month));
        // Whoever may see the score may take it, and nobody else.
        for who in [&month.clerk, &month.leader, &community] {
            assert_eq!(who.get(&proof).await.expect(200).bytes, taken.bytes, "the same to the byte, whatever happened meanwhile");
        }
        inspector.get(&proof).await.expect(404);
        let quiet = community.get(&month.made).await.expect(200);
        let other = import_tests::between(&quiet.text, "units/", "\"");
        let others: BTreeSet<&str> = quiet.text.split("units/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(others.len() == 2 && others.contains(other));
        for other in others.iter().filter(|other| **other != app.compound.to_string()) {
            unit.get(&format!("{}/units/{other}/proof.json", month.made)).await.expect(404);
            // Of a unit that nothing was found at, its score rests on no fact.
            let quiet = community.get(&format!("{}/units/{other}/proof.json", month.made)).await.expect(200);
            assert_eq!(held(&quiet.bytes, None).unwrap().score.score.total, Points(100_000));
        }
        // That it was taken is noted, and nothing in it is anybody's words or name, nor another unit's score.
        let id: Uuid = month.made.rsplit('/').next().unwrap().parse().unwrap();
        let facts = app.store.timeline(TENANT, "evaluation", id).await.unwrap();
        assert_eq!(facts.iter().filter(|fact| fact.kind == "evaluation.taken" && fact.data.contains("\"proof\"")).count(), 5);
        let taken = taken.lacks("Quiet Court").lacks("Boxes").lacks("Cleared").lacks("100000,\"undecided");
        // Page, paper and proof name one head.
        let page = unit.get(&format!("/bulletins/{}", month.month)).await.expect(200);
        let root = kernel::canonical::hex(&shown.head.root);
        let page = page.has(&root).has(&shown.head.key_id).has("verify bundle");
        let code = import_tests::between(&page.text, "<dd class=\"num\">", "<").to_owned();
        let paper = unit.get(&format!("/bulletins/{}/bulletin.pdf", month.month)).await.expect(200);
        let paper: Value = serde_json::from_slice(&paper.bytes).unwrap();
        let said = |key: &str| paper[key].as_str().unwrap().to_owned();
        assert_eq!(said("check_code"), code);
        assert!(said("sealed").contains(&root[..16]) && said("sealed").contains(&format!("{} facts", shown.head.size)), "{}", said("sealed"));
        assert!(said("link").ends_with(&format!("?code={code}")));
        // On the command line: with the published key, with another one, and changed.
        let folder = &db.config.data;
        let (file, key) = (folder.join("proof.json"), folder.join("key.pem"));
        std::fs::write(&file, &taken.bytes).unwrap();
        let journal = app.app.get::<Journal>();
        std::fs::write(&key, journal.signer().trusted()[&shown.head.key_id].to_pem().unwrap()).unwrap();
        let console = Console::new(Lang::Chinese);
        assert!(bundles::verify(&console, &file, None).unwrap());
        assert!(bundles::verify(&console, &file, Some(&key)).unwrap());
        let stranger = Signer::in_memory(&World { entropy: Entropy::seeded(9), ..db.world.clone() });
        let stranger = stranger.trusted().values().next().unwrap().clone();
        assert_eq!(held(&taken.bytes, Some(&stranger)).unwrap_err().what, what::OTHER_KEY);
        std::fs::write(&key, stranger.to_pem().unwrap()).unwrap();
        assert!(!bundles::verify(&console, &file, Some(&key)).unwrap());
        std::fs::write(&key, "no key").unwrap();
        assert_eq!(bundles::verify(&console, &file, Some(&key)).unwrap_err().code(), "journal.key");
        std::fs::write(&file, [&taken.bytes[..], b"\n"].concat()).unwrap();
        assert!(!bundles::verify(&console, &file, None).unwrap());
        assert_eq!(bundles::verify(&console, &folder.join("none"), None).unwrap_err().code(), "bundle.unreadable");
        assert_eq!(checked(&app).await, Vec::<String>::new());
    }

    async fn the_head_on_a_paper_stays_and_a_draft_has_none(db: TestDb) {
        let app = product(db).await;
        let unit = app.handler_of(app.company).await;
        let month = checked_month(&app, db, 2, Some(&unit)).await;
        let unit = app.again(&unit).await;
        let address = format!("/bulletins/{}", month.month);
        let draft = month.clerk.get(&format!("{address}/draft.pdf")).await.expect(200);
        let draft: Value = serde_json::from_slice(&draft.bytes).unwrap();
        assert!(["check_code", "sealed", "link"].iter().all(|key| draft[*key] == ""), "{draft}");
        month.publish().await;
        // Nobody signed yet: whoever looks first has it sealed and signed.
        let first = unit.get(&address).await.expect(200).text;
        let head = |text: &str| import_tests::between(text, "Facts in the journal</dt>", "</details>").to_owned();
        let code = |text: &str| import_tests::between(text, "<dd class=\"num\">", "<").to_owned();
        let journal = app.app.get::<Journal>();
        for _ in 0..3 {
            // Taking a paper writes facts, which are sealed and signed in their turn.
            unit.get(&format!("{address}/bulletin.pdf")).await.expect(200);
            journal.seal_now(TENANT).await.unwrap();
            journal.sign_now(TENANT).await.unwrap();
            let again = unit.get(&address).await.expect(200).text;
            assert_eq!((head(&again), code(&again)), (head(&first), code(&first)));
        }
        let proof = |made: &str| format!("{made}/units/{}/proof.json", app.compound);
        let before = unit.get(&proof(&month.made)).await.expect(200).bytes;
        // A correction has a head and a code of its own; what was proven of the first edition stays proven.
        let number = latest(&app).await;
        step(&app, &month.clerk, number, "review_appeal", &[("reason", "upheld"), ("words", "It was not")]).await;
        step(&app, &month.leader, number, "uphold_appeal", &[("words", "It was not")]).await;
        sealed(&app, db).await;
        let second = local(scored(&month.clerk, &month.league, &month.month).await.expect(303).location);
        month.leader.post(&format!("{second}/check"), &[("version", "1")]).await.expect(303);
        month.leader.post(&format!("{second}/publish"), &[("version", "2")]).await.expect(303);
        let now = unit.get(&address).await.expect(200).text;
        assert_ne!(head(&now), head(&first));
        assert_ne!(code(&now), code(&first));
        unit.get(&format!("{address}?code={}", code(&now))).await.expect(200).has("the paper says what was published");
        unit.get(&format!("{address}?code={}", code(&first))).await.expect(200).has("is that of Issue 1");
        assert_eq!(unit.get(&proof(&month.made)).await.expect(200).bytes, before);
        let corrected = held(&unit.get(&proof(&second)).await.expect(200).bytes, None).unwrap();
        assert_eq!((corrected.edition, corrected.score.score.total), (2, Points(99_875)));
        let report = store::journal::verify(&app.store, journal.signer(), TENANT, &[corrected.head], &[]).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
    }

    async fn where_grades_alone_are_published_the_proof_is_for_those_who_evaluate(db: TestDb) {
        let app = product(db).await;
        let unit = app.handler_of(app.company).await;
        let month = checked_month(&app, db, 1, None).await;
        let unit = app.again(&unit).await;
        let fields = [("version", "2"), ("name", "Compounds"), ("shows", "grades"), ("open", "1")];
        month.clerk.post(&month.league, &fields).await.expect(303);
        month.publish().await;
        let score = format!("{}/units/{}", month.made, app.compound);
        unit.get(&score).await.expect(200).lacks("proof.json");
        unit.get(&format!("{score}/proof.json")).await.expect(404);
        month.leader.get(&score).await.expect(200).has("proof.json");
        assert!(held(&month.leader.get(&format!("{score}/proof.json")).await.expect(200).bytes, None).is_ok());
    }
}

/// A bundle of two facts and what it holds, on one engine: its check knows no database.
async fn bundle(test: impl AsyncFnOnce(Vec<u8>, &Journal)) {
    let db = TestDb::new(store::testing::Engine::Sqlite).await;
    let app = product(&db).await;
    let month = checked_month(&app, &db, 2, None).await;
    month.publish().await;
    let taken = month.leader.get(&format!("{}/units/{}/proof.json", month.made, app.compound)).await.expect(200).bytes;
    test(taken, &app.app.get::<Journal>()).await;
    drop(month);
    drop(app);
    db.remove().await;
}

#[tokio::test]
async fn a_change_of_any_value_is_found_and_named() {
    bundle(async |good, journal| {
        let value: Value = serde_json::from_slice(&good).unwrap();
        let key = journal.signer().trusted().values().next().unwrap().clone();
        let mut all = Vec::new();
        leaves(&value, "", &mut all);
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for (nth, pointer) in all.iter().enumerate() {
            let mut other = value.clone();
            let leaf = other.pointer_mut(pointer).unwrap();
            *leaf = bent(leaf, nth);
            let text = canonical_text(&other).unwrap();
            let finding = held(text.as_bytes(), Some(&key).filter(|_| nth % 2 == 0)).expect_err(pointer);
            // What is no id or no number any more is not written as a bundle is.
            let good = names(pointer).contains(&finding.what) || finding.what == what::FORM;
            assert!(good, "{pointer}: {finding}");
            *found.entry(finding.what.to_owned()).or_default() += 1;
        }
        println!("{} values of {} bytes: {found:?}", all.len(), good.len());
        // One for the command line's own test, to hold for ever.
        if std::env::var_os("XIUHUA_RENEW_BUNDLE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service/bundle.json"), &good).unwrap();
        }
        for expected in [what::FORMAT, what::KEY, what::SIGNATURE, what::FACT, what::EVALUATION, what::DIGEST, what::LIST, what::SCHEME] {
            assert!(found.contains_key(expected), "{expected} was never found: {found:?}");
        }
        assert!(found.contains_key(what::SCORE) && found.contains_key(what::NOT_LISTED) && found.contains_key(what::MISSING));
    })
    .await;
}

#[tokio::test]
async fn one_byte_more_less_or_otherwise_is_found() {
    bundle(async |good, _| {
        assert!(held(&good, None).is_ok());
        let entropy = Entropy::seeded(20_261_127);
        let draw = |below: usize| usize::try_from(entropy.below(below as u64)).unwrap();
        for turn in 0..400 {
            let (at, with) = (draw(good.len()), u8::try_from(1 + draw(255)).unwrap());
            let mut other = good.clone();
            match turn % 4 {
                0 => drop(other.remove(at)),
                1 => other.insert(at, [b' ', b'\n', b'0', b'a'][draw(4)]),
                // A letter of the other case, where there is one.
                2 if other[at].is_ascii_alphabetic() => other[at] ^= 0x20,
                _ => other[at] ^= with,
            }
            let finding = held(&other, None).expect_err(&format!("byte {at} with {with}"));
            assert!(finding.what.starts_with("verify.bundle_"), "{finding}");
        }
        let value: Value = serde_json::from_slice(&good).unwrap();
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        for other in [pretty, Vec::new(), b"{}".to_vec(), [&good[..], b" "].concat(), good[..good.len() - 1].to_vec()] {
            assert_eq!(held(&other, None).unwrap_err().what, what::FORM);
        }
        // A part that no bundle has, and one that stands there twice.
        let text = String::from_utf8(good).unwrap();
        for (put, into) in [("{\"also\":1,\"evaluation\":", "{\"evaluation\":"), ("\"place\":1,\"place\":1}", "\"place\":1}")] {
            let other = text.replacen(into, put, 1);
            assert!(other != text || !text.contains(into));
            assert!(other == text || held(other.as_bytes(), None).unwrap_err().what == what::FORM, "{put}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_puts_a_bundle_together_otherwise_is_found_out() {
    bundle(async |good, _| {
        let bundle: Bundle = serde_json::from_slice(&good).unwrap();
        let told = |bend: &dyn Fn(&mut Bundle)| {
            let mut other = bundle.clone();
            bend(&mut other);
            held(to_canonical(&other).unwrap().as_bytes(), None).unwrap_err().to_string().split(' ').next().unwrap().to_owned()
        };
        let at = |kind: &str| bundle.facts.iter().position(|proven| proven.fact.kind == kind).unwrap();
        let dispatched = at("case.dispatched");
        assert_eq!(told(&|other| drop(other.facts.remove(dispatched))), what::UNPROVEN);
        assert_eq!(told(&|other| other.facts.reverse()), what::ORDER);
        assert_eq!(told(&|other| other.facts.push(other.facts[dispatched].clone())), what::ORDER);
        for step in ["evaluation.drafted", "evaluation.checked", "evaluation.published", "scheme.adopted"] {
            assert_eq!(told(&|other| drop(other.facts.remove(at(step)))), what::MISSING, "{step}");
        }
        assert_eq!(told(&|other| drop(other.units.pop())), what::EVALUATION);
        assert_eq!(told(&|other| other.units.reverse()), what::LIST);
        // A path that is another fact's.
        assert_eq!(told(&|other| other.facts[dispatched].path = bundle.facts[at("scheme.adopted")].path.clone()), what::FACT);
        let foreign = Signer::in_memory(&World { entropy: Entropy::seeded(4), ..World::system() });
        let (id, foreign) = foreign.trusted().first_key_value().map(|(id, key)| (id.clone(), key.to_pem().unwrap())).unwrap();
        let swap = |other: &mut Bundle| (other.key, other.head.key_id) = (foreign.clone(), id.clone());
        assert_eq!(told(&swap), what::SIGNATURE, "another key, with its id, signed nothing here");

        // What an office would have sealed that reckons wrongly.
        let kept: Kept = serde_json::from_value(bundle.score.clone()).unwrap();
        let scheme = Scheme::from_json(&canonical_text(&bundle.scheme.table).unwrap()).unwrap();
        let vocabulary = compose::TELLERS.vocabulary();
        assert_eq!(reckoned_anew(&kept, &scheme, &vocabulary), Ok(()));
        let told = |bend: &dyn Fn(&mut Kept)| {
            let mut other = kept.clone();
            bend(&mut other);
            reckoned_anew(&other, &scheme, &vocabulary).unwrap_err().to_string()
        };
        let a2 = kept.score.lines.iter().position(|line| line.of == LineOf::Row { code: "A2".into() }).unwrap();
        assert_eq!(told(&|kept| kept.score.total.0 += 1), format!("{} sum=99.75 total=99.751", what::SUM));
        let cheaper = |kept: &mut Kept| {
            kept.score.lines[a2].points.0 += 100;
            kept.score.total.0 += 100;
        };
        assert_eq!(told(&cheaper), format!("{} now=-0.25 row=A2 was=-0.15", what::LINE));
        assert!(
            told(&|kept| *kept.known.measures.values_mut().next().unwrap() = 800).starts_with(&format!("{} now=-0.125 row=A2", what::LINE))
        );
        assert_eq!(told(&|kept| kept.score.grade = Some("Best".into())), format!("{} part=grade", what::RECKONED));
        assert!(told(&|kept| drop(kept.facts.pop_first())).starts_with(what::UNPROVEN));
        assert_eq!(told(&|kept| kept.score.facts.clear()), format!("{} part=facts", what::RECKONED));
    })
    .await;
}
