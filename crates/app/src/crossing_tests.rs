//! Every address as every role, against another tenant's things and against what is another's in the own tenant: nothing of it
//! is shown, and nothing is written.

use crate::bad_input_tests::{facts, paths, product, things};
use access::{Role, Scope};
use axum::body::Body;
use testkit::{Answer, OTHER, Person, TestApp, encoded};

/// Words that stand on TENANT's things and nowhere else.
const SECRETS: &[&str] = &["Boxes of Elm Court", "Company A", "Elm Court", "Round of Elm"];

/// Names and words that give each of the things away.
async fn marked(app: &TestApp) -> Vec<(&'static str, String)> {
    let mut things = things(app).await;
    things.push(("/matters number", "1".to_owned()));
    let clerk = app.clerk().await;
    clerk.post("/circulars", &[("title", "Round of Elm")]).await.expect(303);
    clerk.post("/matters", &[("title", "Boxes of Elm Court"), ("origin", "forum"), ("place", &app.compound.to_string())]).await.expect(303);
    things
}

fn leaks(answer: &Answer) -> Option<&'static str> {
    SECRETS.iter().copied().find(|secret| answer.text.contains(secret))
}

/// Sends a method to an address; a form carries the ids of everything there is.
async fn ask(who: &Person<'_>, method: &str, path: &str, things: &[(&str, String)]) -> Answer {
    if method == "get" {
        return who.get(path).await;
    }
    let command = who.app.store.world().new_id::<kernel::ids::CommandId>().to_string();
    let ids: Vec<(&str, &str)> = things.iter().map(|(key, value)| (key.rsplit(' ').next().unwrap_or(key), value.as_str())).collect();
    let unit = who.app.company.to_string();
    let place = who.app.compound.to_string();
    let mut fields = vec![
        ("csrf", who.csrf()),
        ("command_id", command.as_str()),
        ("unit", &unit),
        ("place", &place),
        ("words", "x"),
        ("title", "x"),
        ("version", "1"),
    ];
    fields.extend(ids);
    let request = who.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
    who.app.send(request.body(Body::from(encoded(&fields))).unwrap()).await
}

store::both_engines! {
    async fn no_address_tells_any_role_of_another_tenant_anything(db: TestDb) {
        let app = product(db).await;
        let there = marked(&app).await;
        let mut wrong = Vec::new();
        let own = |role: Role| match role {
            // Whatever organisation it may be: it is none of the other tenant's either.
            Role::UnitHandler | Role::UnitHead => Scope::Organisation { id: app.company },
            _ => Scope::Tenant,
        };
        for &role in Role::ALL {
            let stranger = app.person_of(OTHER, "other", &[(role, own(role))]).await;
            for method in ["get", "post"] {
                for address in paths(method, &there, &[]) {
                    // Logging out would end the walk, and is nobody's secret.
                    let route = address.route.as_str();
                    if ["/logout", "/login", "/login/code"].contains(&route) || route.ends_with("/account/sessions") || route.starts_with("/api/") {
                        continue;
                    }
                    // At the other tenant's address, and at the own one with the other's ids.
                    let before = facts(&app).await;
                    let foreign = ask(&stranger, method, &address.path, &there).await;
                    let within = address.path.starts_with("/t/lsw");
                    if within && !foreign.status.is_client_error() {
                        wrong.push(format!("{role} {method} {}: {}", address.path, foreign.status));
                    }
                    if let Some(secret) = leaks(&foreign) {
                        wrong.push(format!("{role} {method} {} tells {secret:?}", address.path));
                    }
                    if facts(&app).await != before {
                        wrong.push(format!("{role} {method} {} was written", address.path));
                    }
                    if !within || !address.path[6..].contains(|c: char| c.is_ascii_digit()) {
                        continue;
                    }
                    let here = address.path.replacen("/t/lsw", "/t/other", 1);
                    let answer = ask(&stranger, method, &here, &there).await;
                    if let Some(secret) = leaks(&answer) {
                        wrong.push(format!("{role} {method} {here} tells {secret:?}"));
                    }
                    if !answer.status.is_client_error() && !SETTINGS.iter().any(|name| here.contains(name)) {
                        wrong.push(format!("{role} {method} {here}: {}", answer.status));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn no_operation_tells_another_tenants_program_anything(db: TestDb) {
        const PASSWORD: &str = "a long enough password";
        let app = product(db).await;
        let there = marked(&app).await;
        let roles: Vec<(Role, Scope)> = Role::ALL.iter().map(|role| (*role, Scope::Tenant)).collect();
        let person = app.person_of_with((OTHER, "other"), "stranger", PASSWORD, &roles).await;
        let secret = person.token(PASSWORD, &["read", "report", "cases", "circulars", "matters", "territory", "evaluation"]).await.secret;
        let program = testkit::Program { app: &app, slug: "other", secret };
        let body = serde_json::json!({
            "version": 1, "words": "x", "unit": app.company, "place": app.compound, "title": "x", "origin": "forum", "what": "x",
        });
        let (mut wrong, mut asked) = (Vec::new(), 0);
        let photo = there.iter().find(|(key, _)| *key == "/photos id").unwrap().1.clone();
        for method in ["get", "post"] {
            for address in paths(method, &there, &[]).iter().filter(|address| address.route.starts_with("/api/v1/")) {
                for path in [address.path.clone(), address.path.replacen("/t/lsw", "/t/other", 1)] {
                    let before = facts(&app).await;
                    let answer = if method == "get" { program.get(&path).await } else { program.post(&path, body.clone()).await };
                    asked += 1;
                    if let Some(secret) = leaks(&answer) {
                        wrong.push(format!("{method} {path} tells {secret:?}"));
                    }
                    if path.starts_with("/api/v1/t/lsw") && answer.status.as_u16() != 404 {
                        wrong.push(format!("{method} {path}: {}", answer.status));
                    }
                    if answer.status.is_client_error() && facts(&app).await != before {
                        wrong.push(format!("{method} {path} was refused and written"));
                    }
                }
            }
        }
        assert!(asked > 150, "{asked}");
        // What is cited by its id alone is another's just as well.
        let cites = serde_json::json!({ "what": "x", "place": app.compound, "photos": [photo] });
        program.post("/cases", cites).await.expect(422);
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn no_address_tells_another_unit_or_community_of_the_tenant_what_is_not_theirs(db: TestDb) {
        let app = product(db).await;
        let there = marked(&app).await;
        let mut wrong = Vec::new();
        let west = app.scope(app.other_community).await;
        let people = [
            (Role::UnitHandler, Scope::Organisation { id: app.other_company }),
            (Role::UnitHead, Scope::Organisation { id: app.other_company }),
            (Role::Community, west.clone()),
            (Role::Inspector, west),
        ];
        for (role, scope) in people {
            let other = app.person(&[(role, scope)]).await;
            for line in ["/cases/", "/notices/", "/photos/", "/matters/"] {
                for method in ["get", "post"] {
                    for address in paths(method, &there, &[]).iter().filter(|address| address.route.contains(line) && !address.route.starts_with("/api/") && !LISTS.iter().any(|list| address.route.contains(list))) {
                        let before = facts(&app).await;
                        let answer = ask(&other, method, &address.path, &there).await;
                        if !answer.status.is_client_error() || facts(&app).await != before {
                            wrong.push(format!("{role} {method} {}: {}", address.path, answer.status));
                        }
                        if answer.text.contains("Boxes") {
                            wrong.push(format!("{role} {method} {} tells of the boxes", address.path));
                        }
                    }
                }
            }
            for list in ["/cases", "/cases?kind=dispatched", "/todo", "/matters", "/circulars", "/work", "/orders", "/map", "/cases/register.pdf", "/cases/register.pdf?kind=dispatched&from=2026-01-01&to=2026-12-31"] {
                let answer = other.get(list).await;
                if answer.text.contains("Boxes") {
                    wrong.push(format!("{role} get {list} tells of the boxes"));
                }
            }
        }
        assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Addresses that name no one thing: what of a list is whose is held below.
const LISTS: &[&str] = &["/register.", "/cases/fresh", "/cases/bulk", "/cases/views"];

/// Addresses whose digits name no thing of anybody: the standard's categories stand in every tenant under the same codes.
const SETTINGS: &[&str] = &["/account/", "/categories/"];
