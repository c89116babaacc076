//! Unmasking: a personal value in full, once, for a reason that stays in the journal; and the list of who asked for what.

use crate::account::{self, ReadAudit};
use crate::http::{Desk, Submitted};
use crate::pages::{Choice, status_of, words_of};
use crate::permit::{Permit, Verb};
use crate::personal::{Kind, Masked, OwnWords};
use crate::scopes::choices;
use axum::extract::{Path, Query as Asked};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::{AccountId, CommandId, FactId, OrganisationId, Uuid};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Command, Fact, Paged, Query, Sql, Write, args, sql};
use web::PageContext;
use web::html::render;

crate::verbs! {
    /// See the phone number of an account in full, for a reason.
    UnmaskAccount = "personal.unmask_account" { SecurityAdmin: Within }
    /// See a unit's contact in full, for a reason, and have it on the unit's papers.
    UnmaskContact = "personal.unmask_contact" { Clerk: Within, SecurityAdmin: Within, Community: Within }
    /// See in full who called about a problem, for a reason.
    UnmaskCaller = "personal.unmask_caller" { Clerk: Within }
}

/// No reason was chosen.
pub const REASON: Code = Code::invalid("unmask.reason");
/// Another reason needs its words.
pub const WORDS: Code = Code::invalid("unmask.words");

/// Characters of a reason in words.
const MOST_WORDS: usize = 200;

store::text_enum! {
    /// What it was needed for.
    pub enum UnmaskReason {
        Call = "call",
        Correct = "correct",
        Asked = "asked",
        Other = "other",
        /// It stands on a paper that somebody took; not chosen, but said by the paper.
        Paper = "paper",
    }
}

impl UnmaskReason {
    /// What the form offers.
    const OFFERED: [UnmaskReason; 4] = [UnmaskReason::Call, UnmaskReason::Correct, UnmaskReason::Asked, UnmaskReason::Other];
}

store::text_enum! {
    /// What was seen.
    pub enum UnmaskField {
        /// An account's phone number.
        Phone = "phone",
        /// Name and number of a unit's contact.
        Contact = "contact",
        /// Name and number of whoever called about a problem.
        Caller = "caller",
    }
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    Account(AccountId),
    Organisation(OrganisationId),
    /// Whoever called about this problem.
    Case {
        id: Uuid,
        number: i64,
    },
}

/// Somebody saw a personal value in full. The value itself is never in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonalUnmasked {
    pub whose: Whose,
    pub field: UnmaskField,
    pub reason: UnmaskReason,
    /// The reason's words: their row, and SM3(salt ‖ words).
    pub words: Option<Uuid>,
    pub words_hash: Option<String>,
}

impl PersonalUnmasked {
    /// A unit's contact stands on a paper that is taken by this very command.
    pub fn on_paper(organisation: OrganisationId) -> Self {
        PersonalUnmasked {
            whose: Whose::Organisation(organisation),
            field: UnmaskField::Contact,
            reason: UnmaskReason::Paper,
            words: None,
            words_hash: None,
        }
    }
}

impl Fact for PersonalUnmasked {
    const KIND: &'static str = "personal.unmasked";
    const SUBJECT: &'static str = "personal";
    fn subject(&self) -> Uuid {
        match self.whose {
            Whose::Account(id) => id.0,
            Whose::Organisation(id) => id.0,
            Whose::Case { id, .. } => id,
        }
    }
    fn organisation(&self) -> Option<OrganisationId> {
        match self.whose {
            Whose::Account(_) | Whose::Case { .. } => None,
            Whose::Organisation(id) => Some(id),
        }
    }
}

static KEEP_WORDS: Sql = sql!(
    "INSERT INTO unmasking_words (tenant_id, id, words, salt, written_at)
    VALUES (:tenant, :id, :words, :salt, :now)"
);

/// Records that somebody sees it. Errors: `unmask.reason`, `unmask.words`.
pub struct Unmask<V> {
    pub by: Permit<V>,
    pub whose: Whose,
    pub field: UnmaskField,
    pub form: UnmaskForm,
}

impl<V: Verb> Command for Unmask<V> {
    const KIND: &'static str = "personal.unmask";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let reason = self.form.reason.parse().ok().filter(|reason| UnmaskReason::OFFERED.contains(reason)).ok_or(REASON)?;
        let mut fact = PersonalUnmasked { whose: self.whose, field: self.field, reason, words: None, words_hash: None };
        let words = self.form.words.trim();
        if reason == UnmaskReason::Other {
            ensure((2..=MOST_WORDS).contains(&words.chars().count()), WORDS.err().arg("most", MOST_WORDS))?;
            let (id, salt): (Uuid, _) = (tx.new_id(), tx.salt());
            let args = args! { tenant: tx.tenant(), id: id, words: Masked::<OwnWords>::new(words), salt: salt, now: tx.now() };
            tx.exec(&KEEP_WORDS, args).await?;
            fact.words = Some(id);
            fact.words_hash = Some(hex::encode(kernel::canonical::salted_hash(&salt, words)));
        }
        tx.fact(fact)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UnmaskForm {
    pub reason: String,
    pub words: String,
}

/// The form that asks for a reason, as the macro `ask` of `unmasking.html` shows it.
pub struct Asking {
    pub action: String,
    pub command: CommandId,
    pub reasons: Vec<Choice>,
    pub words: String,
    pub error: String,
}

impl Asking {
    /// The empty form that goes to `path` of the tenant.
    pub fn fresh(desk: &Desk, path: &str) -> Asking {
        Asking::filled(desk, path, &UnmaskForm::default(), None)
    }
    fn filled(desk: &Desk, path: &str, form: &UnmaskForm, error: Option<&Error>) -> Asking {
        let w = web::Words::of(desk.visit.lang);
        let choice = |reason: &UnmaskReason| Choice {
            value: reason.to_string(),
            label: w.t(&format!("unmask-reason-{reason}")).into_owned(),
            on: reason.as_str() == form.reason,
        };
        Asking {
            action: desk.href(path),
            command: desk.app.world.new_id(),
            reasons: UnmaskReason::OFFERED.iter().map(choice).collect(),
            words: form.words.clone(),
            error: error.map(|error| words_of(w, error)).unwrap_or_default(),
        }
    }
}

/// One value with its label; its content is shown by [`answer`] alone.
pub struct Part {
    label: String,
    masked: String,
    content: String,
}

impl Part {
    pub fn of<K: Kind>(label: impl Into<String>, value: &Masked<K>) -> Part {
        Part { label: label.into(), masked: value.to_string(), content: value.content().to_owned() }
    }
}

/// What is asked for, and where it stands.
pub struct About {
    pub whose: Whose,
    pub field: UnmaskField,
    /// The account's or the organisation's name.
    pub title: String,
    /// The form's own path and the way back, below the tenant's.
    pub path: String,
    pub back: String,
    pub parts: Vec<Part>,
}

#[derive(askama::Template)]
#[template(path = "unmasked.html")]
struct UnmaskedPage {
    page: PageContext,
    title: String,
    back: String,
    /// Label, what is shown, and the number to dial where it is one.
    parts: Vec<(String, String, String)>,
    /// The form, where the reason was not good enough yet.
    asking: Option<Asking>,
}

/// Answers a submitted [`UnmaskForm`]: the values in full on a page that nobody keeps, or the form again with what is wrong.
pub async fn answer<V: Verb>(submitted: &Submitted<UnmaskForm>, by: Permit<V>, about: About) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    if submitted.replayed.is_some() {
        // Shown once: to see it again is to ask again.
        return Ok(desk.done("done-unmasked", &about.back));
    }
    let mut page = desk.page("unmask-title");
    page.title.clone_from(&about.title);
    let command = Unmask { by, whose: about.whose, field: about.field, form: form.clone() };
    let (parts, asking, error) = match desk.app.store.run(submitted.pass.clone(), command).await {
        Ok(_) => (about.parts.into_iter().map(shown).collect(), None, None),
        Err(error) if crate::pages::shown_again(&error) => {
            let parts = about.parts.into_iter().map(|part| (part.label, part.masked, String::new())).collect();
            (parts, Some(Asking::filled(desk, &about.path, form, Some(&error))), Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    let template = UnmaskedPage { title: about.title, back: desk.href(&about.back), parts, asking, page };
    Ok(render(status_of(error.as_ref()), &template))
}

fn shown(part: Part) -> (String, String, String) {
    let digits: String = part.content.chars().filter(char::is_ascii_digit).collect();
    let number = if digits.len() >= 5 { digits } else { String::new() };
    (part.label, part.content, number)
}

pub(crate) async fn account_phone(Path((_, id)): Path<(String, String)>, submitted: Submitted<UnmaskForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<UnmaskAccount>(&desk.actor.tenant)?;
    let id = id.parse::<AccountId>().map_err(|_| Error::not_found())?;
    let account = account::by_id(&desk.app.store, desk.actor.tenant, id).await?;
    let phone = account.phone.as_ref().ok_or_else(Error::not_found)?;
    let w = web::Words::of(desk.visit.lang);
    let about = About {
        whose: Whose::Account(account.id),
        field: UnmaskField::Phone,
        title: account.name.shown().to_owned(),
        path: format!("/accounts/{id}/phone"),
        back: format!("/accounts/{id}"),
        parts: vec![Part::of(w.t("account-phone"), phone)],
    };
    answer(&submitted, by, about).await
}

store::row! {
    struct Unmasking {
        id: FactId,
        actor_id: Option<AccountId>,
        recorded_at: Instant,
        data: String,
    }
}

const PER_PAGE: u16 = 50;

/// The tenant's unmaskings, the latest first; the index `fact_unmasked` holds nothing else.
fn unmaskings(tenant: TenantId, after: Option<&[store::Value]>) -> Query {
    Query::from("SELECT id, actor_id, recorded_at, data FROM fact WHERE tenant_id = :tenant AND kind = 'personal.unmasked'")
        .bind("tenant", tenant)
        .keyset(&["recorded_at", "id"], true, after, PER_PAGE)
}

fn shapes() -> Vec<Query> {
    let first = [store::Value::Int(0), store::Value::Id(Uuid::nil())];
    vec![unmaskings(TenantId(1), None), unmaskings(TenantId(1), Some(&first))]
}
store::shapes!("unmaskings", shapes);

static WORDS_OF: Sql = sql!("SELECT words FROM unmasking_words WHERE tenant_id = :tenant AND id = :id");

struct LogLine {
    at: String,
    by: String,
    whose: String,
    what: String,
    why: String,
}

#[derive(askama::Template)]
#[template(path = "unmaskings.html")]
struct LogPage {
    page: PageContext,
    lines: Vec<LogLine>,
    first: bool,
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    after: String,
}

/// Who saw what of whom, and why.
pub(crate) async fn log(desk: Desk, Asked(asked): Asked<After>) -> web::Result<Response> {
    let by = desk.actor.permit::<ReadAudit>(&desk.actor.tenant)?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("unmaskings-title");
    let w = page.w;
    let after = store::query::decode_keys(&asked.after, "id");
    let rows = store.query::<Unmasking>(unmaskings(tenant, after.as_deref())).await?;
    let Paged { rows, next } = Paged::cut(rows, PER_PAGE, |row| vec![store::Value::Int(row.recorded_at.0), store::Value::Id(row.id.0)]);
    let facts: Vec<(Unmasking, PersonalUnmasked)> = rows
        .into_iter()
        .map(|row| serde_json::from_str(&row.data).map(|fact| (row, fact)).map_err(Error::internal))
        .collect::<Result<_>>()?;
    let mut people: Vec<AccountId> = facts.iter().filter_map(|(row, _)| row.actor_id).collect();
    people.extend(facts.iter().filter_map(|(_, fact)| match fact.whose {
        Whose::Account(id) => Some(id),
        Whose::Organisation(_) | Whose::Case { .. } => None,
    }));
    let names = account::names(store, tenant, people.into_iter()).await?;
    let units: BTreeMap<String, String> = match facts.iter().any(|(_, fact)| matches!(fact.whose, Whose::Organisation(_))) {
        true => choices(&desk.app, tenant).await?.into_iter().map(|choice| (choice.value(), choice.label)).collect(),
        false => BTreeMap::new(),
    };
    let mut lines = Vec::new();
    for (row, fact) in &facts {
        let reason = w.t(&format!("unmask-reason-{}", fact.reason)).into_owned();
        let words = match fact.words {
            Some(id) => store.opt::<(Masked<OwnWords>,)>(&WORDS_OF, args! { tenant: tenant, id: id }).await?,
            None => None,
        };
        lines.push(LogLine {
            at: page.at_full(&row.recorded_at),
            by: row.actor_id.and_then(|id| names.get(&id)).cloned().unwrap_or_default(),
            whose: match fact.whose {
                Whose::Account(id) => names.get(&id).cloned().unwrap_or_default(),
                Whose::Organisation(id) => units.get(&format!("organisation:{id}")).cloned().unwrap_or_default(),
                Whose::Case { number, .. } => w.a("unmask-whose-case", "number", number).into_owned(),
            },
            what: w.t(&format!("unmask-field-{}", fact.field)).into_owned(),
            why: match words {
                Some((words,)) => format!("{reason}{}{}", w.t("colon"), words.to_auditor(&by)),
                None => reason,
            },
        });
    }
    let next = next.map(|next| page.href(&format!("/personal/log?after={next}")));
    Ok(render(StatusCode::OK, &LogPage { lines, first: after.is_none(), next, page }))
}
