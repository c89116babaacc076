//! What a tenant sets for itself: the office's name on papers, how long personal data is kept; and the page for the first.

use crate::account::Tenant;
use crate::http::{Desk, Submitted};
use crate::pages::{shown_again, status_of, words_of};
use crate::permit::Permit;
use axum::response::Response;
use kernel::ids::{CommandId, Uuid};
use kernel::{Code, Error, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Sql, Write, args, sql};
use web::PageContext;
use web::html::render;

crate::verbs! {
    /// Set what papers and pages say of the office.
    ManageSettings = "tenant.settings" { SystemAdmin: Within, Clerk: Within }
}

/// The name is too long to stand at the foot of a paper, or holds what cannot be printed.
pub const OFFICE_NAME: Code = Code::invalid("settings.office_name");

/// Characters of the office's name.
const MOST_NAME: usize = 40;

static SETTINGS: Sql = sql!("SELECT settings FROM tenant WHERE id = :tenant");
static SET_SETTINGS: Sql = sql!("UPDATE tenant SET settings = :settings WHERE id = :tenant");

/// Changes one setting and leaves the others as they are.
pub async fn put(tx: &mut Write<'_>, name: &str, value: &impl Serialize) -> Result<()> {
    // What else is set must not be lost between reading and writing.
    tx.lock("settings").await?;
    let (settings,) = tx.one::<(String,)>(&SETTINGS, args! { tenant: tx.tenant() }).await?;
    let mut settings: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&settings).map_err(Error::internal)?;
    settings.insert(name.to_owned(), serde_json::to_value(value).map_err(Error::internal)?);
    let settings = serde_json::to_string(&settings).map_err(Error::internal)?;
    tx.exec(&SET_SETTINGS, args! { tenant: tx.tenant(), settings: settings }).await?;
    tx.bump_revision();
    Ok(())
}

/// A tenant's number in the shape of a subject's id.
pub(crate) fn subject_of(tenant: TenantId) -> Uuid {
    Uuid::from_u128(tenant.0.unsigned_abs().into())
}

/// The office has another name on papers; empty is the usual one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfficeNamed {
    pub tenant: TenantId,
    /// SM3 of the name.
    pub name_hash: String,
}

impl Fact for OfficeNamed {
    const KIND: &'static str = "tenant.office_named";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        subject_of(self.tenant)
    }
}

/// Names the office as papers call it. Errors: `settings.office_name`.
pub struct NameOffice {
    pub by: Permit<ManageSettings>,
    pub name: String,
}

impl Command for NameOffice {
    const KIND: &'static str = "tenant.name_office";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let fine = name.chars().count() <= MOST_NAME
            && !name.chars().any(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{206f}' | '\u{feff}' | '\u{fffd}'));
        ensure(fine, OFFICE_NAME.err().arg("most", MOST_NAME))?;
        put(tx, "office_name", &name).await?;
        let name_hash = hex::encode(kernel::canonical::content_hash(name.as_bytes()));
        tx.fact(OfficeNamed { tenant: tx.tenant(), name_hash })
    }
}

impl Tenant {
    /// What papers call the office: the name it gave itself, or the usual one of a tenant of this name.
    pub fn office_name(&self, page: &PageContext) -> Result<String> {
        let own = self.settings()?.office_name;
        Ok(if own.is_empty() { page.w.a("office-name-usual", "tenant", page.tenant_name.clone()).into_owned() } else { own })
    }
}

#[derive(askama::Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: PageContext,
    name: String,
    usual: String,
    command: CommandId,
    error: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NameForm {
    office_name: String,
}

pub(crate) async fn get(desk: Desk) -> web::Result<Response> {
    desk.actor.permit::<ManageSettings>(&desk.actor.tenant)?;
    let name = desk.tenant.settings()?.office_name;
    show(&desk, name, None)
}

fn show(desk: &Desk, name: String, error: Option<&Error>) -> web::Result<Response> {
    let page = desk.page("settings-title");
    let template = SettingsPage {
        name,
        usual: page.w.a("office-name-usual", "tenant", page.tenant_name.clone()).into_owned(),
        command: desk.app.world.new_id(),
        error: error.map(|error| words_of(page.w, error)).unwrap_or_default(),
        page,
    };
    Ok(render(status_of(error), &template))
}

pub(crate) async fn post(submitted: Submitted<NameForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageSettings>(&desk.actor.tenant)?;
    match desk.app.store.run(submitted.pass.clone(), NameOffice { by, name: form.office_name.clone() }).await {
        Ok(_) => Ok(desk.done("done-settings", "/settings")),
        Err(error) if shown_again(&error) => show(desk, form.office_name.clone(), Some(&error)),
        Err(error) => Err(error.into()),
    }
}
