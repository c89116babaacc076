//! The application in a test: a slice's own routes over a fresh database, people of every role, forms filled as a browser would.

use access::account::{CreateAccount, CreateTenant};
use access::backoff::Attempts;
use access::bearer::Rates;
use access::client::{Network, TrustedProxies};
use access::session;
use access::{Actor, Nav, Role, Scope};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use documents::{Press, Printed};
use kernel::ids::{AccountId, OrganisationId, PlaceId};
use kernel::{Result, TenantId};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::attachments::{Attachments, Policy};
use store::testing::TestDb;
use store::{Pass, Store};
use territory::organisations::{AnswerFor, CreateOrganisation, OrganisationDetails};
use territory::places::{CreatePlace, PlaceDetails};
use territory::setup::PrepareTerritory;
use territory::{Level, ManageTerritory, OrganisationKind};
use tower::ServiceExt;
use web::App;

pub use store::both_engines;

/// The tenant of every test.
pub const TENANT: TenantId = TenantId(1);
/// Where requests of a test come from.
pub const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// The one proxy whose `X-Forwarded-For` counts.
pub const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
/// Another tenant, of which the first must never learn anything.
pub const OTHER: TenantId = TenantId(2);

/// The district above [`TENANT`], where a test wants one.
pub const DISTRICT: TenantId = TenantId(3);

/// Sets no papers, and gives their words as JSON: how they are set is tested where they are.
pub struct PlainPress;

impl Press for PlainPress {
    fn pdf(&self, paper: &Printed) -> Result<Vec<u8>> {
        paper.check()?;
        let words = match paper {
            Printed::Dossiers(first, more) => serde_json::to_vec(&(first, more)),
            Printed::Circular(paper) => serde_json::to_vec(paper),
            Printed::Notice(paper) => serde_json::to_vec(paper),
            Printed::AnswerSheet(paper) => serde_json::to_vec(paper),
            Printed::Register(paper) => serde_json::to_vec(paper),
            Printed::Bulletin(paper) => serde_json::to_vec(paper),
        };
        words.map_err(kernel::Error::internal)
    }
    fn picture(&self, paper: &Printed, _: u32) -> Result<Vec<u8>> {
        self.pdf(paper)
    }
}

/// A sub-district with two communities, a compound each, and three units, in a fresh database.
pub struct TestApp {
    pub app: App,
    pub store: Store,
    router: Router,
    pub sub_district: PlaceId,
    pub community: PlaceId,
    pub other_community: PlaceId,
    pub compound: PlaceId,
    pub company: OrganisationId,
    pub other_company: OrganisationId,
    pub office: OrganisationId,
}

/// What stands around the tenant of a test.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting {
    /// A district above it.
    pub district: bool,
    /// System, security and audit administrator exclude each other.
    pub separated: bool,
}

/// Somebody logged in.
pub struct Person<'a> {
    pub app: &'a TestApp,
    pub account: AccountId,
    pub slug: &'static str,
    cookie: String,
    csrf: String,
}

/// A program that acts for somebody by a token.
pub struct Program<'a> {
    pub app: &'a TestApp,
    pub slug: &'static str,
    pub secret: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub text: String,
    pub cookies: Vec<String>,
    pub bytes: Vec<u8>,
    pub headers: header::HeaderMap,
}

impl Answer {
    /// # Panics
    /// When the status is another, showing what came instead.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
    #[track_caller]
    pub fn has(self, words: &str) -> Answer {
        assert!(self.text.contains(words), "no {words:?} in {}", self.text);
        self
    }
    #[track_caller]
    pub fn lacks(self, words: &str) -> Answer {
        assert!(!self.text.contains(words), "{words:?} in {}", self.text);
        self
    }
}

fn system_pass(store: &Store, tenant: TenantId) -> Pass {
    Pass { tenant, actor: None, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] }
}

impl TestApp {
    /// Composes the routes given, under the layers that stand around every page.
    ///
    /// # Panics
    /// When the preparation fails: the test cannot mean anything then.
    pub async fn new(db: &TestDb, routes: Router<App>) -> TestApp {
        TestApp::set(db, routes, Setting::default()).await
    }
    /// The same with a district above [`TENANT`], named `QU`, at `/t/qu`; and where `separated`, with the three
    /// administrators kept apart.
    ///
    /// # Panics
    /// As [`TestApp::new`].
    pub async fn set(db: &TestDb, routes: Router<App>, setting: Setting) -> TestApp {
        let store = db.store.clone();
        let attachments = Attachments::open(&db.config.data, db.world.clone(), Policy::default()).expect("a folder for photos");
        let parts = web::AppParts::new(store.clone(), Arc::new(PlainPress), "https://xiuhua.example".to_owned());
        let parts = parts.with(attachments).with(territory::Caches::default()).with(Nav(Vec::new())).with(territory::scopes());
        let proxy = Network::try_from(PROXY.to_string()).expect("an address");
        let parts = parts.with(territory::units()).with(access::pages::SeparateAdministrators(setting.separated));
        let parts = parts.with(Rates::new(600));
        let app = parts.with(Attempts::default()).with(TrustedProxies(vec![proxy])).build();
        let router = routes
            .merge(access::routes())
            .merge(api::routes())
            .layer(axum::middleware::from_fn_with_state(app.clone(), web::errors::show))
            .layer(axum::middleware::from_fn_with_state(app.clone(), web::errors::headers))
            .with_state(app.clone());
        TestApp::laid_out(&store, app, router, setting.district).await
    }

    /// The same places and units in a program that is composed elsewhere.
    ///
    /// # Panics
    /// When the preparation fails: the test cannot mean anything then.
    pub async fn composed(store: &Store, app: App, router: Router) -> TestApp {
        TestApp::laid_out(store, app, router, false).await
    }

    async fn laid_out(store: &Store, app: App, router: Router, with_district: bool) -> TestApp {
        let store = store.clone();
        let mut places = Vec::new();
        let district = with_district.then_some(DISTRICT);
        for (tenant, slug) in [(DISTRICT, "qu"), (TENANT, "lsw"), (OTHER, "other")] {
            if tenant == DISTRICT && district.is_none() {
                continue;
            }
            let (kind, level) = if tenant == DISTRICT { ("district", Level::District) } else { ("sub_district", Level::SubDistrict) };
            let command = CreateTenant {
                id: tenant,
                slug: slug.into(),
                kind: kind.into(),
                parent: district.filter(|_| tenant == TENANT),
                code: None,
                name: slug.to_uppercase(),
                name_en: None,
                zone: "Asia/Shanghai".into(),
            };
            store.run(system_pass(&store, tenant), command).await.expect("a tenant");
            let by = Actor::system(tenant).permit::<ManageTerritory>(&tenant).expect("the system may");
            let prepare = PrepareTerritory { by, level, kind: None, name: slug.to_uppercase(), code: None, zone: "Asia/Shanghai".into() };
            places.push(store.run(system_pass(&store, tenant), prepare).await.expect("a territory").out);
        }
        let sub_district = territory::Directory::load(&store, TENANT).await.expect("a directory").root().expect("a root").id;
        let mut test = TestApp {
            app,
            store,
            router,
            sub_district,
            community: sub_district,
            other_community: sub_district,
            compound: sub_district,
            company: OrganisationId(kernel::ids::Uuid::nil()),
            other_company: OrganisationId(kernel::ids::Uuid::nil()),
            office: OrganisationId(kernel::ids::Uuid::nil()),
        };
        test.community = test.place(sub_district, Level::Community, "East").await;
        test.other_community = test.place(sub_district, Level::Community, "West").await;
        test.compound = test.place(test.community, Level::Compound, "Elm Court").await;
        test.company = test.organisation(OrganisationKind::PropertyCompany, "Company A").await;
        test.other_company = test.organisation(OrganisationKind::PropertyCompany, "Company B").await;
        test.office = test.organisation(OrganisationKind::CommunityOffice, "Office East").await;
        test.answers(test.company, test.compound).await;
        test.answers(test.office, test.community).await;
        test
    }

    fn may_manage(&self) -> access::Permit<ManageTerritory> {
        Actor::system(TENANT).permit::<ManageTerritory>(&TENANT).expect("the system may")
    }
    pub async fn place(&self, parent: PlaceId, level: Level, name: &str) -> PlaceId {
        let command = CreatePlace { by: self.may_manage(), parent: Some(parent), level, details: PlaceDetails::named(name) };
        self.store.run(system_pass(&self.store, TENANT), command).await.expect("a place").out
    }
    pub async fn organisation(&self, kind: OrganisationKind, name: &str) -> OrganisationId {
        let command = CreateOrganisation { by: self.may_manage(), details: OrganisationDetails::named(kind, name) };
        self.store.run(system_pass(&self.store, TENANT), command).await.expect("an organisation").out
    }
    pub async fn answers(&self, organisation: OrganisationId, place: PlaceId) {
        let from = "2020-01-01".parse().expect("a date");
        let command = AnswerFor { by: self.may_manage(), organisation, place, project: None, from, to: None };
        self.store.run(system_pass(&self.store, TENANT), command).await.expect("an answer");
    }
    /// The path that a role's scope on this place has.
    pub async fn scope(&self, place: PlaceId) -> Scope {
        let directory = territory::Directory::load(&self.store, TENANT).await.expect("a directory");
        Scope::Place { id: place, path: directory.place(place).expect("a place").path.clone() }
    }
    /// Somebody with these roles, logged in.
    pub async fn person(&self, roles: &[(Role, Scope)]) -> Person<'_> {
        self.person_of(TENANT, "lsw", roles).await
    }
    pub async fn person_of(&self, tenant: TenantId, slug: &'static str, roles: &[(Role, Scope)]) -> Person<'_> {
        let login = format!("p{}", self.store.world().entropy.below(u64::MAX));
        self.account_of(tenant, slug, &login, "never".to_owned(), roles).await
    }
    /// Somebody who can also log in, by this name and password.
    pub async fn person_with(&self, login: &str, password: &str, roles: &[(Role, Scope)]) -> Person<'_> {
        let hash = access::passwords::hash(password.to_owned(), &self.store.world().entropy).await.expect("a hash");
        self.account_of(TENANT, "lsw", login, hash, roles).await
    }
    /// Somebody of any tenant who can also log in.
    pub async fn person_of_with(
        &self,
        (tenant, slug): (TenantId, &'static str),
        login: &str,
        password: &str,
        roles: &[(Role, Scope)],
    ) -> Person<'_> {
        let hash = access::passwords::hash(password.to_owned(), &self.store.world().entropy).await.expect("a hash");
        self.account_of(tenant, slug, login, hash, roles).await
    }
    /// Somebody of this log-in name, who never logs in by a password.
    pub async fn person_named(&self, tenant: TenantId, slug: &'static str, login: &str, roles: &[(Role, Scope)]) -> Person<'_> {
        self.account_of(tenant, slug, login, "never".to_owned(), roles).await
    }
    /// Somebody of the district, by this log-in name and password.
    pub async fn person_of_district(&self, login: &str, password: &str, roles: &[(Role, Scope)]) -> Person<'_> {
        let hash = access::passwords::hash(password.to_owned(), &self.store.world().entropy).await.expect("a hash");
        self.account_of(DISTRICT, "qu", login, hash, roles).await
    }
    async fn account_of(
        &self,
        tenant: TenantId,
        slug: &'static str,
        login: &str,
        password_hash: String,
        roles: &[(Role, Scope)],
    ) -> Person<'_> {
        let by = Actor::system(tenant).permit(&tenant).expect("the system may");
        let command = CreateAccount {
            by,
            login: login.to_owned(),
            name: login.to_owned(),
            phone: None,
            password_hash,
            must_change: false,
            roles: roles.to_vec(),
        };
        let account = self.store.run(system_pass(&self.store, tenant), command).await.expect("an account").out;
        let row = access::account::by_id(&self.store, tenant, account).await.expect("an account");
        let token = session::begin(&self.store, &row, "test", "full").await.expect("a session");
        Person { app: self, account, slug, cookie: format!("session={}", token.to_cookie()), csrf: token.csrf() }
    }
    /// The same person, logged in anew.
    pub async fn again<'a>(&'a self, person: &Person<'_>) -> Person<'a> {
        let row = access::account::by_id(&self.store, TENANT, person.account).await.expect("an account");
        let token = session::begin(&self.store, &row, "test", "full").await.expect("a session");
        Person {
            app: self,
            account: person.account,
            slug: person.slug,
            cookie: format!("session={}", token.to_cookie()),
            csrf: token.csrf(),
        }
    }
    pub async fn clerk(&self) -> Person<'_> {
        self.person(&[(Role::Clerk, Scope::Tenant)]).await
    }
    pub async fn inspector(&self) -> Person<'_> {
        self.person(&[(Role::Inspector, Scope::Tenant)]).await
    }
    /// Staff of a unit.
    pub async fn handler_of(&self, unit: OrganisationId) -> Person<'_> {
        self.person(&[(Role::UnitHandler, Scope::Organisation { id: unit })]).await
    }
    /// Sends a request as it is; from [`PEER`], where it does not say from whom.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(PEER, 1)));
        }
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = response.status();
        let text = |name| response.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok()).map(str::to_owned);
        let location = text(header::LOCATION);
        let cookies =
            response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
        let headers = response.headers().clone();
        let bytes = to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec();
        Answer { status, location, text: String::from_utf8_lossy(&bytes).into_owned(), cookies, bytes, headers }
    }
    /// Submits the log-in form, as a browser without a session does.
    pub async fn log_in(&self, fields: &[(&str, &str)]) -> Answer {
        self.post_stranger("/login", fields).await
    }
    /// Submits a form without a session.
    pub async fn post_stranger(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method("POST").uri(path).header(header::COOKIE, "lang=en");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(encoded(fields))).expect("a request")).await
    }
    /// A photo's bytes: a small JPEG in one colour.
    pub fn photo(colour: u8) -> Vec<u8> {
        let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([colour, 120, 80]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a picture");
        bytes.into_inner()
    }
}

/// Percent-encoded fields.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", access::http::encode(name), access::http::encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

impl Answer {
    /// The answer as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }
}

impl Program<'_> {
    /// A request of this program under `/api/v1/t/{slug}`, which reads English.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let path = if path.starts_with("/api/") { path.to_owned() } else { format!("/api/v1/t/{}{path}", self.slug) };
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT_LANGUAGE, "en");
        request.header(header::AUTHORIZATION, format!("Bearer {}", self.secret))
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request("GET", path).body(Body::empty()).expect("a request")).await
    }
    /// Sends a command with a key of its own.
    pub async fn post(&self, path: &str, body: serde_json::Value) -> Answer {
        let key = self.app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        self.post_as(&key, path, body).await
    }
    /// Sends a command with this key: the same again is a replay.
    pub async fn post_as(&self, key: &str, path: &str, body: serde_json::Value) -> Answer {
        let request = self.request("POST", path).header(header::CONTENT_TYPE, "application/json").header("idempotency-key", key);
        let clock = &self.app.app.world.clock;
        clock.set(kernel::Instant(clock.now().0 + 10));
        self.app.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }
    /// Uploads a photo and gives its draft's id.
    pub async fn upload(&self, colour: u8) -> String {
        let key = self.app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let request = self.request("POST", "/photos").header("idempotency-key", key);
        let answer = self.app.send(request.body(Body::from(TestApp::photo(colour))).expect("a request")).await.expect(201);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
}

impl Person<'_> {
    /// Makes a token on the own page, as whoever knows this password.
    pub async fn token(&self, password: &str, scopes: &[&str]) -> Program<'_> {
        let mut fields = vec![("name", "a test"), ("days", "30"), ("present", password)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        let page = self.post("/account/tokens", &fields).await.expect(200);
        let secret = page.text.split("readonly>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token").to_owned();
        Program { app: self.app, slug: self.slug, secret }
    }
    fn path(&self, path: &str) -> String {
        let whole = ["/t/", "/log", "/j/", "/lang/", "/assets/"];
        if whole.iter().any(|root| path.starts_with(root)) { path.to_owned() } else { format!("/t/{}{path}", self.slug) }
    }
    /// A request of this person, who reads English.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(self.path(path)).header(header::COOKIE, format!("{}; lang=en", self.cookie))
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request("GET", path).body(Body::empty()).expect("a request")).await
    }
    /// Submits a form with a command's id of its own.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let id = self.app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        self.post_as(&id, path, fields).await
    }
    /// Submits a form as the command with this id: the same again is a replay.
    pub async fn post_as(&self, command: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("csrf", self.csrf.as_str()), ("command_id", command)];
        all.extend_from_slice(fields);
        self.post_raw(path, encoded(&all).into_bytes()).await
    }
    /// Submits a body as it is.
    pub async fn post_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.request("POST", path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        // No two requests come at one instant, and the order of a case's facts is that of their instants.
        let clock = &self.app.app.world.clock;
        clock.set(kernel::Instant(clock.now().0 + 10));
        self.app.send(request.body(Body::from(body)).expect("a request")).await
    }
    pub fn csrf(&self) -> &str {
        &self.csrf
    }
    /// Uploads a photo and gives its draft's id.
    pub async fn upload(&self, colour: u8) -> String {
        let answer = self.upload_bytes(&TestApp::photo(colour), "photo.jpg").await.expect(200);
        let said: BTreeMap<String, serde_json::Value> = serde_json::from_str(&answer.text).expect("JSON");
        said["id"].as_str().expect("an id").to_owned()
    }
    /// Uploads any bytes under any name.
    pub async fn upload_bytes(&self, bytes: &[u8], name: &str) -> Answer {
        let mut body = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--XX\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\n\r\n",
            self.csrf
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let request = self
            .request("POST", "/photos")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .header(header::ACCEPT, "application/json");
        self.app.send(request.body(Body::from(body)).expect("a request")).await
    }
    /// Uploads a video and gives its draft's id.
    pub async fn upload_video(&self, bytes: &[u8]) -> String {
        let answer = self.upload_film(bytes, None).await.expect(200);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
    /// Uploads any bytes as a video, with a frame of it.
    pub async fn upload_film(&self, bytes: &[u8], poster: Option<&[u8]>) -> Answer {
        let mut body = Vec::new();
        let mut add = |name: &str, value: &[u8]| {
            body.extend_from_slice(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        };
        add("csrf", self.csrf.as_bytes());
        if let Some(poster) = poster {
            add("poster", poster);
        }
        add("video", bytes);
        body.extend_from_slice(b"--XX--\r\n");
        let request = self.request("POST", "/videos").header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        let request = request.header(header::CONTENT_LENGTH, body.len()).header(header::ACCEPT, "application/json");
        self.app.send(request.body(Body::from(body)).expect("a request")).await
    }
    /// Logs the session out behind the person's back.
    pub async fn expire(&self) {
        self.app.app.world.clock.advance_seconds(40 * 86_400);
    }
}
