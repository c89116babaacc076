//! What is wrong, sent to every address of the whole product: never our fault, always words, nothing written.

use crate::addresses::addresses;
use crate::{compose, config};
use access::{Role, Scope};
use axum::body::Body;
use axum::http::{StatusCode, header};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::attachments::{Attachments, Policy};
use store::journal::Signer;
use store::testing::TestDb;
use testkit::{Answer, OTHER, Person, TENANT, TestApp, encoded};

const SCRIPT: &str = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";
const FORM: &str = "application/x-www-form-urlencoded";

/// The product as `serve` composes it, over this database.
pub(crate) async fn product(db: &TestDb) -> TestApp {
    let loaded = config::load(&db.config.data, None, &[]).unwrap();
    let key_file = db.config.data.join("signing.key");
    let place = crate::installation::Installation {
        data: db.config.data.clone(),
        loaded,
        store: db.store.clone(),
        attachments: Attachments::open(&db.config.data, db.world.clone(), Policy::default()).unwrap(),
        signer: Signer::open(&key_file, &db.world).unwrap(),
        key_file,
    };
    let app = compose::app(&place, Arc::new(testkit::PlainPress), None).expect("composes");
    // A machine that is busy makes nobody look at a run that is as good as done.
    app.get::<evaluation::run_page::Patience>().set(60_000);
    let limits = crate::layers::Limits { most_time: Duration::from_secs(60), ..compose::limits(&place) };
    let router = compose::router(&app, limits);
    TestApp::composed(&db.store, app, router).await
}

/// Somebody who may do everything, so that no wrong form is stopped by a missing permission.
async fn everybody(app: &TestApp) -> Person<'_> {
    let unit = Scope::Organisation { id: app.company };
    let scope = |role: Role| match role {
        Role::UnitHandler | Role::UnitHead => unit.clone(),
        _ => Scope::Tenant,
    };
    let roles: Vec<(Role, Scope)> = Role::ALL.iter().map(|role| (*role, scope(*role))).collect();
    app.person(&roles).await
}

pub(crate) async fn facts(app: &TestApp) -> i64 {
    let count = |tenant| store::Query::from("SELECT COUNT(*) AS n FROM fact WHERE tenant_id = :tenant").bind("tenant", tenant);
    app.store.query::<(i64,)>(count(TENANT)).await.unwrap()[0].0 + app.store.query::<(i64,)>(count(OTHER)).await.unwrap()[0].0
}

/// Every name that a field of a form has, from the templates; and what addresses carry behind their question mark.
fn field_names() -> BTreeSet<String> {
    fn walk(folder: &Path, names: &mut BTreeSet<String>) {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                walk(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "html") {
                let text = std::fs::read_to_string(&path).unwrap();
                // `name="words"`, `parts::area("words", …)`, `fields::text(form, "words", …)`.
                for part in text.split(" name=\"").skip(1).chain(text.split("::").skip(1).filter_map(|call| {
                    let (_, arguments) = call.split_once('(')?;
                    arguments.split_once('"').map(|(_, name)| name)
                })) {
                    let name = part.split('"').next().unwrap_or_default();
                    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                        names.insert(name.to_owned());
                    }
                }
            }
        }
    }
    let mut names = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut names);
    names.extend(["q", "after", "at", "year", "part", "next", "kind", "outcome", "circular", "token"].map(str::to_owned));
    names.remove("csrf");
    names.remove("command_id");
    assert!(names.len() > 60 && ["words", "households", "where_words", "hours"].iter().all(|name| names.contains(*name)), "{names:?}");
    names
}

/// An address with its placeholders filled.
pub(crate) struct Address {
    pub(crate) route: String,
    pub(crate) path: String,
    /// Whether what it names is there.
    there: bool,
}

/// The addresses that take a method, once with what is there and once for each of `absurd` in the place of every id.
pub(crate) fn paths(method: &str, there: &[(&str, String)], absurd: &[String]) -> Vec<Address> {
    let mut found = Vec::new();
    for line in addresses() {
        let (route, handlers) = line.split_once(" · ").unwrap();
        if !handlers.contains(&format!("{method}(")) || route.starts_with("/health") {
            continue;
        }
        let fill = |values: &dyn Fn(&str) -> String| {
            let parts = route.split('/').map(|part| match part.strip_prefix('{') {
                Some(name) => values(name.trim_end_matches('}').trim_start_matches('*')),
                None => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("/")
        };
        let known = |name: &str| {
            let longest = there.iter().filter(|(key, _)| key.split_once(' ').is_none_or(|(prefix, _)| route.contains(prefix)));
            let mut fitting = longest.filter(|(key, _)| key.rsplit(' ').next() == Some(name));
            fitting.next().map_or_else(|| "x".to_owned(), |(_, value)| value.clone())
        };
        let steps =
            if route.ends_with("{step}") { cases::steps::Step::ALL.iter().map(ToString::to_string).collect() } else { vec![String::new()] };
        for step in steps {
            let path = fill(&|name| if name == "step" { step.clone() } else { known(name) });
            found.push(Address { route: route.to_owned(), path, there: true });
        }
        for bad in absurd.iter().filter(|_| route.contains('{')) {
            let slug = |name: &str| name == "slug" && !bad.starts_with("%2E");
            let path = fill(&|name| if slug(name) { "lsw".to_owned() } else { bad.clone() });
            found.push(Address { route: route.to_owned(), path, there: false });
        }
    }
    found
}

/// What never may come back, whatever was sent.
fn judge(what: &str, answer: &Answer, wrong: &mut Vec<String>) {
    let text = &answer.text;
    let mut say = |is: &str| wrong.push(format!("{what}: {} {is}: {}", answer.status, text.chars().take(300).collect::<String>()));
    if answer.status.is_server_error() {
        say("is our fault");
    }
    // The papers of a test are their words as they were given; nobody's browser takes them for a page.
    if !what.ends_with(".pdf") && (text.contains("<script>alert") || text.contains("<img src=x")) {
        say("carries a script");
    }
    if answer.status.is_client_error() {
        if text.contains("Something went wrong on our side") {
            say("has no words of its own");
        }
        let page = text.contains("<html lang=\"en\"") && text.contains("<h1");
        let problem = serde_json::from_str::<serde_json::Value>(text)
            .is_ok_and(|said| said["detail"].as_str().is_some_and(|detail| detail.contains(' ')));
        if !page && !problem {
            say("is no page with words");
        }
    }
}

/// Bytes without end that count how many of them were taken.
fn endless(most: usize, taken: Arc<AtomicUsize>) -> Body {
    let chunk = axum::body::Bytes::from(vec![b'a'; 64 * 1024]);
    let first = axum::body::Bytes::from_static(b"words=");
    let chunks = std::iter::once(first).chain(std::iter::repeat_n(chunk.clone(), most / chunk.len()));
    Body::from_stream(futures::stream::iter(chunks.map(move |chunk| {
        taken.fetch_add(chunk.len(), Ordering::Relaxed);
        Ok::<_, std::convert::Infallible>(chunk)
    })))
}

/// Everything that an address can name, made as people make it.
pub(crate) async fn things(app: &TestApp) -> Vec<(&'static str, String)> {
    let (clerk, inspector) = (app.clerk().await, app.inspector().await);
    let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
    let category = directory.categories().find(|c| c.limit_unit.as_deref() == Some("working_minutes") && c.photo_demanded).unwrap();
    let circular = clerk.post("/circulars", &[("title", "Round")]).await.expect(303).location.unwrap();
    let circular = circular.rsplit('/').next().unwrap().to_owned();
    let photo = inspector.upload(7).await;
    let (place, category_id) = (app.compound.to_string(), category.id.to_string());
    let fields = [("place", place.as_str()), ("category", &category_id), ("what", "Boxes"), ("circular", &circular), ("photo", &photo)];
    inspector.post("/report", &fields).await.expect(303);
    clerk.post(&format!("/circulars/{circular}/issue"), &[]).await.expect(303);
    let notice = cases::issuing::notices(&app.store, TENANT, circular.parse().unwrap()).await.unwrap()[0].id.to_string();
    let row =
        clerk.post("/responsibilities", &[("place", &place), ("unit", &app.company.to_string()), ("from", "2026-01-01")]).await.expect(303);
    drop(row);
    let dates = [("name", "Festival"), ("first", "2026-02-10"), ("last", "2026-02-12")];
    let period = clerk.post("/calendar/periods", &dates).await.expect(303).location.unwrap();
    let summer = [("name", "Summer"), ("first", "06-01"), ("last", "09-30"), ("hours", "08:00-12:00")];
    clerk.post("/calendar/seasons", &summer).await.expect(303);
    let season = territory::periods::seasons(&app.store, TENANT).await.unwrap()[0].id.to_string();
    let (community, account) = (app.community.to_string(), clerk.account.to_string());
    clerk.post("/duty", &[("place", &community), ("account", &account), ("from", "2026-01-01")]).await.expect(303);
    let directory = territory::Directory::load(&app.store, TENANT).await.unwrap();
    vec![
        ("slug", "lsw".to_owned()),
        ("/cases number", "1".to_owned()),
        ("/circulars id", circular),
        ("/circulars file", "circular.pdf".to_owned()),
        ("/notices id", notice),
        ("/notices file", "answer.docx".to_owned()),
        ("/photos id", photo),
        ("/periods id", period.rsplit('/').next().unwrap().to_owned()),
        ("/seasons id", season),
        ("/duty id", directory.roster().of_place(app.community)[0].id.to_string()),
        ("/places id", app.other_community.to_string()),
        ("/organisations id", app.company.to_string()),
        ("/organisations line", directory.answers_of(app.company)[0].id.to_string()),
        ("/responsibilities id", directory.responsibility_rows()[0].id.to_string()),
        ("/categories code", category.code().to_string()),
        ("/orders source", "hotline".to_owned()),
        ("/accounts id", clerk.account.to_string()),
        ("/lang tag", "en".to_owned()),
    ]
}

fn absurd() -> Vec<String> {
    let mut list: Vec<String> =
        ["%00", "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd", "%FF%FE", "-1", "0", "9223372036854775808", "%27%20OR%201%3D1", "NaN"]
            .map(str::to_owned)
            .to_vec();
    list.push("00000000-0000-0000-0000-000000000000".to_owned());
    list.push("%E8%A1%97".repeat(700));
    list
}

store::both_engines! {
    async fn every_form_with_something_wrong_is_answered_in_words_and_writes_nothing(db: TestDb) {
        let app = product(db).await;
        let there = things(&app).await;
        let other_root = territory::Directory::load(&app.store, OTHER).await.unwrap().root().unwrap().id.to_string();
        let names = field_names();
        let mut bad = absurd();
        bad.push(other_root.clone());
        let values: Vec<(&str, String)> = vec![
            ("a script", SCRIPT.to_owned()),
            ("much text", "长".repeat(900)),
            ("a number beyond all", "99999999999999999999".to_owned()),
            ("a negative number", "-9223372036854775808".to_owned()),
            ("the year 0", "0000-01-01".to_owned()),
            ("the year 9999", "9999-12-31T23:59".to_owned()),
            ("another tenant's id", other_root),
            ("invisible characters", "a\u{202e}\u{200b}\r\n\tb".to_owned()),
            ("nothing", String::new()),
        ];
        let mut wrong = Vec::new();
        let addresses = paths("post", &there, &bad);
        assert!(addresses.len() > 300, "{}", addresses.len());
        let mut routes = BTreeSet::new();
        for address in &addresses {
            let mut who = everybody(&app).await;
            let command = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
            let keys = [("csrf", who.csrf()), ("command_id", command.as_str())];
            // The bodies that no form is: once a route.
            if routes.insert(&address.route) {
                let signed = format!("{}&", encoded(&keys));
                let bodies: Vec<(&str, &str, Vec<u8>)> = vec![
                    ("no secret", FORM, encoded(&[("command_id", command.as_str()), ("words", "x")]).into_bytes()),
                    ("another's secret", FORM, encoded(&[("csrf", "f00d"), ("command_id", command.as_str())]).into_bytes()),
                    ("no command", FORM, encoded(&[("csrf", who.csrf())]).into_bytes()),
                    ("a command that is none", FORM, encoded(&[("csrf", who.csrf()), ("command_id", "1")]).into_bytes()),
                    ("bytes that are no text", FORM, [signed.as_bytes(), b"words=%FF%FE&name=%C3%28"].concat()),
                    ("a NUL", FORM, [signed.as_bytes(), b"words=a%00b&name=%00"].concat()),
                    ("half an escape", FORM, [signed.as_bytes(), b"words=%e&=&&&=%"].concat()),
                    ("JSON", "application/json", br#"{"csrf":1,"words":["x"]}"#.to_vec()),
                    ("a form in parts that ends early", "multipart/form-data; boundary=XX", b"--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n".to_vec()),
                    ("no boundary", "multipart/form-data", b"--XX--".to_vec()),
                    ("nothing", "", Vec::new()),
                ];
                for (what, kind, body) in bodies {
                    let before = facts(&app).await;
                    let request = who.request("POST", &address.path).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
                    let answer = app.send(request).await;
                    let named = format!("{} with {what}", address.path);
                    judge(&named, &answer, &mut wrong);
                    if !answer.status.is_client_error() && !["/login", "/login/code", "/logout"].contains(&address.route.as_str()) {
                        wrong.push(format!("{named}: {}", answer.status));
                    }
                    if facts(&app).await != before {
                        wrong.push(format!("{named} was written"));
                    }
                }
            }
            // Where nothing is at all, one kind of wrong is enough.
            let few = if address.there { values.len() } else { 1 };
            for (what, value) in &values[..few] {
                let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
                fields.push(("a_field_that_no_form_has", value));
                let mut before = facts(&app).await;
                let mut answer = who.post(&address.path, &fields).await;
                if answer.text.contains("name=\"password\"") && address.route != "/login" {
                    // An earlier one of these ended the session.
                    who = everybody(&app).await;
                    before = facts(&app).await;
                    answer = who.post(&address.path, &fields).await;
                }
                let named = format!("{} with {what}", address.path.chars().take(90).collect::<String>());
                judge(&named, &answer, &mut wrong);
                if answer.status.is_client_error() && facts(&app).await != before {
                    wrong.push(format!("{named} was refused and written"));
                }
            }
        }
        // Whatever was taken in is shown as the words it is.
        let reader = everybody(&app).await;
        for address in paths("get", &there, &[]) {
            judge(&address.path, &reader.get(&address.path).await, &mut wrong);
        }
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn ten_megabytes_are_refused_in_words_before_they_are_read(db: TestDb) {
        let app = product(db).await;
        let there = things(&app).await;
        let mut wrong = Vec::new();
        for address in paths("post", &there, &[]) {
            // The API reads no body before it knows whose it is; who has no token sends nothing.
            if address.route.starts_with("/api/") {
                continue;
            }
            // Photos, videos and files may be larger; their own tests hold them to their bounds.
            if ["/photos", "/videos", "import", "imports/x", "boundaries", "holidays", "recognise"].iter().any(|end| address.path.ends_with(end)) {
                continue;
            }
            let who = everybody(&app).await;
            let (before, taken) = (facts(&app).await, Arc::new(AtomicUsize::new(0)));
            let body = endless(10 << 20, Arc::clone(&taken));
            let request = who.request("POST", &address.path).header(header::CONTENT_TYPE, FORM).body(body).unwrap();
            let answer = app.send(request).await;
            judge(&address.path, &answer, &mut wrong);
            if answer.status != StatusCode::PAYLOAD_TOO_LARGE || facts(&app).await != before {
                wrong.push(format!("{}: {} to ten megabytes", address.path, answer.status));
            }
            let taken = taken.load(Ordering::Relaxed);
            if taken > 1 << 20 {
                wrong.push(format!("{}: {taken} bytes were read", address.path));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn every_page_with_an_absurd_address_is_answered_in_words(db: TestDb) {
        let app = product(db).await;
        let there = things(&app).await;
        let reader = everybody(&app).await;
        let mut wrong = Vec::new();
        let mut bad = absurd();
        bad.push(territory::Directory::load(&app.store, OTHER).await.unwrap().root().unwrap().id.to_string());
        for address in paths("get", &there, &bad) {
            judge(&address.path.chars().take(90).collect::<String>(), &reader.get(&address.path).await, &mut wrong);
        }
        let names = field_names();
        let long = "x".repeat(10_000);
        let values = [
            "%00", "%FF", "..%2F..%2Fetc%2Fpasswd", "-1", "99999999999999999999", "0000-01-01", "9999-12-31", "-9999-01-01", "NaN",
            "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%27%3B%20DROP%20TABLE%20cases%3B--", "%E2%80%AE", &long, "1%7C1%7C1", "%7B%7D",
        ];
        for address in paths("get", &there, &[]) {
            for value in values {
                let all = names.iter().map(|name| format!("{name}={value}")).collect::<Vec<_>>().join("&");
                let named = format!("{}?…={}", address.path, value.chars().take(40).collect::<String>());
                // All at once where an address can be so long, and each alone, lest one wrong hides the others.
                let mut queries: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
                if all.len() < 60_000 {
                    queries = vec![all];
                    queries.extend(["from", "to", "after", "at", "year", "q", "circular"].map(|name| format!("{name}={value}")));
                }
                for query in queries {
                    judge(&named, &reader.get(&format!("{}?{query}", address.path)).await, &mut wrong);
                }
            }
        }
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn files_of_places_boundaries_and_holidays_that_are_wrong_are_refused_in_words(db: TestDb) {
        let app = product(db).await;
        let mut wrong = Vec::new();
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let many = format!("code,name\n{}", "370211000001,x\n".repeat(60_000));
        let files: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", Vec::new()),
            ("a picture", TestApp::photo(3)),
            ("bytes of chance", (0..50_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
            ("UTF-16", "code,name\n1,街道\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("GB 18030", b"code,name\n370211,\xbd\xd6\xb5\xc0\n".to_vec()),
            ("NULs", b"code,name\n\0\0\0,\0\n".to_vec()),
            ("open quotes", b"code,name\n\"1,\"\"\n\"".to_vec()),
            ("a script", format!("code,name\n{SCRIPT},{SCRIPT}\n").into_bytes()),
            ("a formula", b"code,name\n=1+1,=HYPERLINK(\"http://x\")\n".to_vec()),
            ("years 0 and 9999", b"date,holiday,name\n0000-01-01,yes,x\n9999-12-31,no,x\n2026-02-30,yes,x\n".to_vec()),
            ("JSON that is none", b"{\"type\":\"FeatureCollection\",\"features\":[".to_vec()),
            ("depth without end", deep.into_bytes()),
            ("points far out", br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":[[[1e308,1e308],[-1e308,0],[0,91],[1e308,1e308]]]}}]}"#.to_vec()),
            ("a ring of one point", br#"{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":[[[120,36]]]}}"#.to_vec()),
            ("positions of nothing", br#"{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":[[[],[],[],[]]]}}"#.to_vec()),
            ("a ring that crosses itself", br#"{"type":"Feature","properties":{"name":"East"},"geometry":{"type":"Polygon","coordinates":[[[120,36],[121,37],[121,36],[120,37],[120,36]]]}}"#.to_vec()),
            ("many lines", many.into_bytes()),
        ];
        let names = ["../../../etc/passwd", "a\\..\\b.csv", "con.csv", "x.csv%00.exe", "", "照片.csv", "<script>alert(1)</script>.csv"];
        for path in ["/places/import", "/places/boundaries", "/calendar/holidays"] {
            for (n, (what, bytes)) in files.iter().enumerate() {
                let who = everybody(&app).await;
                let command = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
                let root = app.sub_district.to_string();
                let mut body = Vec::new();
                for (name, value) in [("csrf", who.csrf()), ("command_id", &command), ("at", &root), ("datum", "gcj02")] {
                    body.extend_from_slice(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
                }
                let file = names[n % names.len()];
                body.extend_from_slice(format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n").as_bytes());
                body.extend_from_slice(bytes);
                body.extend_from_slice(b"\r\n--XX--\r\n");
                let request = who.request("POST", path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
                let before = facts(&app).await;
                let answer = app.send(request.body(Body::from(body)).unwrap()).await;
                let named = format!("{path} with {what}");
                judge(&named, &answer, &mut wrong);
                if answer.status.is_client_error() && facts(&app).await != before {
                    wrong.push(format!("{named} was refused and written"));
                }
            }
            // Larger than any file may be, without end.
            let who = everybody(&app).await;
            let taken = Arc::new(AtomicUsize::new(0));
            let request = who.request("POST", path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
            let answer = app.send(request.body(endless(100 << 20, Arc::clone(&taken))).unwrap()).await;
            judge(&format!("{path} with a hundred megabytes"), &answer, &mut wrong);
            if answer.status != StatusCode::PAYLOAD_TOO_LARGE || taken.load(Ordering::Relaxed) > 40 << 20 {
                wrong.push(format!("{path}: {} to a hundred megabytes, {} read", answer.status, taken.load(Ordering::Relaxed)));
            }
        }
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}
