//! The end of keeping: how long personal data stays, the page that says so of each group, and the sweep that ends it.

use crate::account::Tenant;
use crate::http::{Desk, Submitted};
use crate::invitation;
use crate::pages::{shown_again, status_of, words_of};
use crate::permit::Permit;
use crate::personal::{ColleagueName, Masked, Until, groups};
use crate::settings::{put, subject_of};
use crate::tokens;
use axum::response::Response;
use kernel::ids::{AccountId, CommandId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Pass, Sql, Store, Write, args, sql};
use web::html::render;
use web::{PageContext, Words};

crate::verbs! {
    /// Read what personal data is held, of whom, for what and until when.
    ReadRegister = "personal.register" { SecurityAdmin: Within, AuditAdmin: Within }
    /// Set how long it is kept.
    SetKeeping = "personal.keep" { SecurityAdmin: Within }
}

/// A number of days is none, or out of bounds.
pub const DAYS: Code = Code::invalid("personal.days");
/// A name cannot end before the phone number of the same account.
pub const NAME_FIRST: Code = Code::invalid("personal.name_first");

/// Days: short enough to be an end, long enough that nobody loses what the day's work needs.
const FEWEST_DAYS: i64 = 7;
const MOST_DAYS: i64 = 3650;

/// How many days each group stays beyond its use; a tenant's own, these where it has set none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keeping {
    /// Phone number, log-in name and second step of a closed account: half a year, in which a question may come back.
    pub account_days: i64,
    /// The name of a closed account: three years, as long as what the person handled is asked about.
    pub name_days: i64,
    pub invitation_days: i64,
    /// A closed organisation's contact.
    pub contact_days: i64,
    /// The words given for an unmasking: three years, for whoever looks after it.
    pub words_days: i64,
    /// Name and number of whoever called about a problem, beyond the last answer to them.
    pub caller_days: i64,
}

impl Default for Keeping {
    fn default() -> Self {
        Keeping { account_days: 180, name_days: 1095, invitation_days: 30, contact_days: 180, words_days: 1095, caller_days: 180 }
    }
}

impl Keeping {
    const NAMES: [&str; 6] = ["account_days", "name_days", "invitation_days", "contact_days", "words_days", "caller_days"];

    fn all(&self) -> [i64; 6] {
        [self.account_days, self.name_days, self.invitation_days, self.contact_days, self.words_days, self.caller_days]
    }
    /// The days that a group's end has to do with.
    fn days(&self, until: Until) -> Option<i64> {
        match until {
            Until::AccountClosed | Until::TotpRemoved => Some(self.account_days),
            Until::NameDue => Some(self.name_days),
            Until::InvitationEnded => Some(self.invitation_days),
            Until::OrganisationClosed => Some(self.contact_days),
            Until::Written => Some(self.words_days),
            Until::CallerAnswered => Some(self.caller_days),
            Until::SessionEnded | Until::TokenEnded => None,
        }
    }
}

/// What ended this many days ago.
pub fn days_ago(now: Instant, days: i64) -> Instant {
    now.plus_seconds(-days * 86_400)
}

static NAMES: Sql = sql!("SELECT COUNT(*) AS n FROM account WHERE tenant_id = :tenant AND id > :first AND erased < 2");
static PHONES: Sql = sql!("SELECT COUNT(*) AS n FROM account WHERE tenant_id = :tenant AND id > :first AND phone IS NOT NULL");
static SECRETS: Sql = sql!("SELECT COUNT(*) AS n FROM account WHERE tenant_id = :tenant AND id > :first AND totp IS NOT NULL");
static DEVICES: Sql = sql!("SELECT COUNT(*) AS n FROM session WHERE tenant_id = :tenant AND token_hash > :start");
static INVITED: Sql = sql!("SELECT COUNT(*) AS n FROM invitation WHERE tenant_id = :tenant AND token_hash > :start");
static WORDS: Sql = sql!("SELECT COUNT(*) AS n FROM unmasking_words WHERE tenant_id = :tenant AND id > :first");

crate::personal! {
    "account_name" of ["account.name"] until NameDue counted by NAMES;
    "account_phone" of ["account.phone", "account.login", "login.name"] until AccountClosed counted by PHONES;
    "account_totp" of ["account.totp"] until TotpRemoved counted by SECRETS;
    "session_device" of ["session.device"] until SessionEnded counted by DEVICES;
    "invitation_phone" of ["invitation.phone_hash"] until InvitationEnded counted by INVITED;
    "unmasking_words" of ["unmasking_words.words"] until Written counted by WORDS;
}

struct Line {
    what: String,
    of: String,
    purpose: String,
    shown: String,
    until: String,
    rows: i64,
}

struct DaysField {
    name: &'static str,
    label: String,
    value: String,
}

#[derive(askama::Template)]
#[template(path = "personal.html")]
struct RegisterPage {
    page: PageContext,
    lines: Vec<Line>,
    log: bool,
    /// Empty for who may not set them.
    days: Vec<DaysField>,
    command: CommandId,
    error: String,
}

fn until_words(w: Words, until: Until, keeping: &Keeping) -> String {
    let key = format!("personal-until-{until}");
    match keeping.days(until) {
        Some(days) => w.a(&key, "days", days).into_owned(),
        None => w.t(&key).into_owned(),
    }
}

pub(crate) async fn get(desk: Desk) -> web::Result<Response> {
    let typed = desk.tenant.settings()?.keeping.all().map(|days| days.to_string());
    show(&desk, typed, None).await
}

async fn show(desk: &Desk, typed: [String; 6], error: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit::<ReadRegister>(&desk.actor.tenant)?;
    let page = desk.page("personal-title");
    let w = page.w;
    let keeping = desk.tenant.settings()?.keeping;
    let mut lines = Vec::new();
    for group in groups() {
        let args = args! { tenant: by.tenant(), first: Uuid::nil(), start: Vec::<u8>::new() };
        let words = |behind: &str| w.t(&format!("personal-{}{behind}", group.key)).into_owned();
        lines.push(Line {
            what: words(""),
            of: words("-of"),
            purpose: words("-for"),
            shown: words("-shown"),
            until: until_words(w, group.until, &keeping),
            rows: desk.app.store.one::<(i64,)>(group.count, args).await?.0,
        });
    }
    let may_set = desk.actor.can::<SetKeeping>(&desk.actor.tenant);
    let field =
        |(name, value): (&'static str, String)| DaysField { name, label: w.t(&format!("personal-keep-{name}")).into_owned(), value };
    let template = RegisterPage {
        lines,
        log: desk.actor.can::<crate::account::ReadAudit>(&desk.actor.tenant),
        days: if may_set { Keeping::NAMES.into_iter().zip(typed).map(field).collect() } else { Vec::new() },
        command: desk.app.world.new_id(),
        error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeepingSet {
    pub tenant: TenantId,
    pub keeping: Keeping,
}

impl Fact for KeepingSet {
    const KIND: &'static str = "tenant.keeping_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        subject_of(self.tenant)
    }
}

/// Sets how long personal data is kept; what is past its new end goes with the next sweep.
///
/// Errors: `personal.days`, `personal.name_first`.
pub struct Keep {
    pub by: Permit<SetKeeping>,
    pub keeping: Keeping,
}

impl Command for Keep {
    const KIND: &'static str = "tenant.keep";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        ensure(self.keeping.all().iter().all(|days| (FEWEST_DAYS..=MOST_DAYS).contains(days)), bad_days())?;
        ensure(self.keeping.name_days >= self.keeping.account_days, NAME_FIRST)?;
        put(tx, "keeping", &self.keeping).await?;
        tx.fact(KeepingSet { tenant: tx.tenant(), keeping: self.keeping })
    }
}

fn bad_days() -> Error {
    DAYS.err().arg("fewest", FEWEST_DAYS).arg("most", MOST_DAYS)
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeepForm {
    account_days: String,
    name_days: String,
    invitation_days: String,
    contact_days: String,
    words_days: String,
    caller_days: String,
}

impl KeepForm {
    fn typed(&self) -> [String; 6] {
        [&self.account_days, &self.name_days, &self.invitation_days, &self.contact_days, &self.words_days, &self.caller_days]
            .map(Clone::clone)
    }
    fn keeping(&self) -> Result<Keeping> {
        let [account_days, name_days, invitation_days, contact_days, words_days, caller_days] =
            self.typed().map(|text| text.trim().parse::<i64>().map_err(|_| bad_days()));
        Ok(Keeping {
            account_days: account_days?,
            name_days: name_days?,
            invitation_days: invitation_days?,
            contact_days: contact_days?,
            words_days: words_days?,
            caller_days: caller_days?,
        })
    }
}

pub(crate) async fn post(submitted: Submitted<KeepForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<SetKeeping>(&desk.actor.tenant)?;
    let outcome = async { desk.app.store.run(submitted.pass.clone(), Keep { by, keeping: form.keeping()? }).await };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-keeping", "/personal")),
        Err(error) if shown_again(&error) => show(desk, form.typed(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

/// What an account still held was erased at its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountErased {
    pub account: AccountId,
    /// `phone`: number, log-in name and second step; `name`: all of the name but the surname.
    pub what: String,
}

impl Fact for AccountErased {
    const KIND: &'static str = "account.erased";
    const SUBJECT: &'static str = "account";
    fn subject(&self) -> Uuid {
        self.account.0
    }
}

/// Rows of a group were erased at their end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonalErased {
    pub tenant: TenantId,
    pub group: String,
    pub rows: i64,
}

impl Fact for PersonalErased {
    const KIND: &'static str = "tenant.personal_erased";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        subject_of(self.tenant)
    }
}

// How far a closed account is erased: 0 nothing, 1 all but the name, 2 the name too.
static DUE: Sql = sql!(
    "SELECT id, login, name
    FROM account
    WHERE tenant_id = :tenant AND closed_at IS NOT NULL AND erased = :erased AND closed_at < :before AND active = FALSE
    ORDER BY closed_at, id
    LIMIT 100"
);
static ERASE: Sql = sql!(
    "UPDATE account
    SET phone = NULL, totp = NULL, totp_confirmed = FALSE, password = '', login = :login, erased = 1, version = version + 1
    WHERE tenant_id = :tenant AND id = :id"
);
static FREE_LOGIN: Sql = sql!("DELETE FROM login WHERE name = :name AND tenant_id = :tenant AND account_id = :id");
static WEAR_NAME: Sql = sql!("UPDATE account SET name = :name, erased = 2, version = version + 1 WHERE tenant_id = :tenant AND id = :id");

/// Erases what closed accounts still hold beyond its end, a hundred at a time.
struct EraseAccounts {
    phones_before: Instant,
    names_before: Instant,
}

type Due = (AccountId, String, Masked<ColleagueName>);

impl Command for EraseAccounts {
    const KIND: &'static str = "account.erase";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        let phones: Vec<Due> = tx.all(&DUE, args! { tenant: tenant, erased: 0_i64, before: self.phones_before }).await?;
        for (id, login, _) in &phones {
            // No log-in name can look like this one; the old one, a phone number perhaps, is anybody's again.
            tx.later(&ERASE, args! { tenant: tenant, id: *id, login: format!("{ERASED_LOGIN}{id}") });
            tx.later(&FREE_LOGIN, args! { tenant: tenant, id: *id, name: login });
            tx.fact(AccountErased { account: *id, what: "phone".to_owned() })?;
        }
        let names: Vec<Due> = tx.all(&DUE, args! { tenant: tenant, erased: 1_i64, before: self.names_before }).await?;
        for (id, _, name) in &names {
            tx.later(&WEAR_NAME, args! { tenant: tenant, id: *id, name: name.worn() });
            tx.fact(AccountErased { account: *id, what: "name".to_owned() })?;
        }
        Ok(())
    }
}

/// How the log-in name of an erased account begins.
pub(crate) const ERASED_LOGIN: char = '~';

static OLD_INVITATIONS: Sql = sql!("DELETE FROM invitation WHERE tenant_id = :tenant AND made_at < :before");
static OLD_WORDS: Sql = sql!("DELETE FROM unmasking_words WHERE tenant_id = :tenant AND written_at < :before");
static ANY_INVITATION: Sql =
    sql!("SELECT made_at FROM invitation WHERE tenant_id = :tenant AND made_at < :before ORDER BY made_at LIMIT 1");
static ANY_WORDS: Sql =
    sql!("SELECT written_at FROM unmasking_words WHERE tenant_id = :tenant AND written_at < :before ORDER BY written_at LIMIT 1");

/// Erases the rows of a group that are past their end.
struct EraseRows {
    group: &'static str,
    sql: &'static Sql,
    before: Instant,
}

impl Command for EraseRows {
    const KIND: &'static str = "personal.erase";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let tenant = tx.tenant();
        let rows = tx.exec(self.sql, args! { tenant: tenant, before: self.before }).await?;
        tx.fact(PersonalErased { tenant, group: self.group.to_owned(), rows: i64::try_from(rows).unwrap_or(i64::MAX) })
    }
}

/// A command of the system itself.
pub fn system_pass(store: &Store, tenant: TenantId) -> Pass {
    Pass { tenant, actor: None, on_behalf_of: None, id: store.world().new_id(), body: [0; 32] }
}

/// Erases what this crate keeps beyond its end. Looks first: where nothing is due, nothing is written.
pub async fn sweep(store: &Store, tenant: &Tenant) -> Result<()> {
    let (keeping, now) = (tenant.settings()?.keeping, store.world().now());
    let (phones_before, names_before) = (days_ago(now, keeping.account_days), days_ago(now, keeping.name_days));
    loop {
        let phones: Vec<Due> = store.all(&DUE, args! { tenant: tenant.id, erased: 0_i64, before: phones_before }).await?;
        let names: Vec<Due> = store.all(&DUE, args! { tenant: tenant.id, erased: 1_i64, before: names_before }).await?;
        if phones.is_empty() && names.is_empty() {
            break;
        }
        store.run(system_pass(store, tenant.id), EraseAccounts { phones_before, names_before }).await?;
    }
    // An invitation counts from its last good day, used or not.
    let invitations = days_ago(now, keeping.invitation_days + invitation::DAYS);
    let groups = [
        ("invitation_phone", &ANY_INVITATION, &OLD_INVITATIONS, invitations),
        ("unmasking_words", &ANY_WORDS, &OLD_WORDS, days_ago(now, keeping.words_days)),
        ("api_token_name", &tokens::ANY_OLD, &tokens::OLD, days_ago(now, tokens::KEPT_DAYS)),
    ];
    for (group, any, sql, before) in groups {
        if store.opt::<(Instant,)>(any, args! { tenant: tenant.id, before: before }).await?.is_some() {
            store.run(system_pass(store, tenant.id), EraseRows { group, sql, before }).await?;
        }
    }
    Ok(())
}
