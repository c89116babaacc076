//! Creating and editing organisations and their projects, and saying for which places they answer.

use crate::facts::{AnswersForBegun, AnswersForEnded, OrganisationCreated, OrganisationEdited, ProjectCreated};
use crate::fields::{self, at_field};
use crate::organisation::{AnswersForId, Organisation, OrganisationKind, Project, ProjectId};
use crate::place::State;
use crate::places::{self, PARENT_CLOSED};
use crate::verbs::ManageTerritory;
use access::Permit;
use access::personal::{Masked, PersonName, Phone};
use access::unmasking::UnmaskContact;
use jiff::civil::Date;
use kernel::identifiers::{CreditCode, MobileNumber};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Error, Result, TenantId, ensure};
use store::{Command, Sql, Store, Write, args, sql};

pub const NAME_TAKEN: Code = Code::invalid("organisation.name_taken");
pub const CREDIT_CODE_TAKEN: Code = Code::invalid("organisation.credit_code_taken");
pub const STALE: Code = Code::conflict("organisation.stale");
pub const CLOSED: Code = Code::conflict("organisation.closed");
pub const PHONE: Code = Code::invalid("organisation.phone");
/// The project belongs to another organisation.
pub const PROJECT_OTHER: Code = Code::invalid("organisation.project_other");
/// The end lies before the beginning.
pub const DATES: Code = Code::invalid("field.dates");
/// The organisation answers for this place already.
pub const ANSWERS_ALREADY: Code = Code::conflict("answers_for.already");
pub const ANSWERS_STALE: Code = Code::conflict("answers_for.stale");

static FIND: Sql = sql!(
    "SELECT id, kind, name, short_name, name_en, initials, credit_code, state, version
    FROM organisation
    WHERE tenant_id = :tenant AND id = :id"
);

static CONTACT: Sql = sql!(
    "SELECT contact, contact_phone
    FROM organisation
    WHERE tenant_id = :tenant AND id = :id"
);

static NAMED: Sql = sql!(
    "SELECT id
    FROM organisation
    WHERE tenant_id = :tenant AND name = :name AND state = 'open'"
);

static CREDITED: Sql = sql!(
    "SELECT id
    FROM organisation
    WHERE tenant_id = :tenant AND credit_code = :code AND state = 'open'"
);

static INSERT: Sql = sql!(
    "INSERT INTO organisation (tenant_id, id, kind, name, short_name, name_en, initials, credit_code, contact, contact_phone, state, version)
    VALUES (:tenant, :id, :kind, :name, :short_name, :name_en, :initials, :credit_code, :contact, :phone, 'open', 1)"
);

static EDIT: Sql = sql!(
    "UPDATE organisation
    SET kind = :kind, name = :name, short_name = :short_name, name_en = :name_en, initials = :initials, credit_code = :credit_code,
        contact = CASE WHEN :no_contact THEN NULL ELSE COALESCE(:contact, contact) END,
        contact_phone = CASE WHEN :no_contact THEN NULL ELSE COALESCE(:phone, contact_phone) END,
        closed_at = CASE WHEN :state = 'open' THEN NULL ELSE COALESCE(closed_at, :now) END, state = :state, version = version + 1
    WHERE tenant_id = :tenant AND id = :id AND version = :version"
);

static FIND_PROJECT: Sql = sql!(
    "SELECT id, organisation_id, name, place_id, state, version
    FROM project
    WHERE tenant_id = :tenant AND id = :id"
);

static INSERT_PROJECT: Sql = sql!(
    "INSERT INTO project (tenant_id, id, organisation_id, name, place_id, state, version)
    VALUES (:tenant, :id, :organisation, :name, :place, 'open', 1)"
);

static ANSWERS: Sql = sql!(
    "SELECT id
    FROM answers_for
    WHERE tenant_id = :tenant AND place_id = :place AND organisation_id = :organisation AND valid_to IS NULL"
);

static INSERT_ANSWERS: Sql = sql!(
    "INSERT INTO answers_for (tenant_id, id, organisation_id, place_id, project_id, valid_from, valid_to)
    VALUES (:tenant, :id, :organisation, :place, :project, :from, :to)"
);

static FIND_ANSWERS: Sql = sql!(
    "SELECT organisation_id, place_id, valid_from
    FROM answers_for
    WHERE tenant_id = :tenant AND id = :id"
);

static END_ANSWERS: Sql = sql!(
    "UPDATE answers_for
    SET valid_to = :to
    WHERE tenant_id = :tenant AND id = :id AND valid_to IS NULL"
);

/// One organisation as it stands in the database; 404 when the tenant has none of this id.
pub async fn organisation(store: &Store, tenant: TenantId, id: OrganisationId) -> Result<Organisation> {
    store.one(&FIND, args! { tenant: tenant, id: id }).await
}

/// Whom to ask for at an organisation.
#[derive(Debug, Clone)]
pub struct Contact {
    pub name: Option<Masked<PersonName>>,
    pub phone: Option<Masked<Phone>>,
}

impl Contact {
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.phone.is_none()
    }
    /// `王** 138****1234`
    pub fn masked(&self) -> String {
        let parts = [self.name.as_ref().map(ToString::to_string), self.phone.as_ref().map(ToString::to_string)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
    /// In full, for a paper of the unit: its taking records the unmasking.
    pub fn on_paper(&self, by: &Permit<UnmaskContact>) -> String {
        let parts = [self.name.as_ref().map(|name| name.on_paper(by)), self.phone.as_ref().map(|phone| phone.on_paper(by))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whom to ask for; it shows itself masked.
pub async fn contact(store: &Store, tenant: TenantId, id: OrganisationId) -> Result<Contact> {
    let (name, phone) = store.one(&CONTACT, args! { tenant: tenant, id: id }).await?;
    Ok(Contact { name, phone })
}

/// As it stands, inside a command; 404 for none.
pub(crate) async fn within(tx: &mut Write<'_>, id: OrganisationId) -> Result<Organisation> {
    find(tx, id).await
}

async fn find(tx: &mut Write<'_>, id: OrganisationId) -> Result<Organisation> {
    let tenant = tx.tenant();
    tx.one(&FIND, args! { tenant: tenant, id: id }).await
}

/// An open organisation of this tenant.
pub(crate) async fn find_open(tx: &mut Write<'_>, id: OrganisationId) -> Result<Organisation> {
    let organisation = find(tx, id).await?;
    ensure(organisation.state == State::Open, CLOSED)?;
    Ok(organisation)
}

/// What people say about an organisation, as typed.
#[derive(Debug, Clone)]
pub struct OrganisationDetails {
    pub kind: OrganisationKind,
    pub name: String,
    /// What lists show; the name when left empty.
    pub short_name: String,
    pub name_en: Option<String>,
    /// Unified social credit code, GB 32100.
    pub credit_code: Option<String>,
    pub contact: Option<String>,
    pub contact_phone: Option<String>,
}

impl OrganisationDetails {
    pub fn named(kind: OrganisationKind, name: &str) -> Self {
        OrganisationDetails {
            kind,
            name: name.to_owned(),
            short_name: String::new(),
            name_en: None,
            credit_code: None,
            contact: None,
            contact_phone: None,
        }
    }

    /// Everything checked and tidied that can be without the database; all fields' errors at once.
    pub fn checked(&self) -> Result<OrganisationDetails> {
        let mut errors = Vec::new();
        let mut keep = |result: Result<Option<String>>| match result {
            Ok(text) => text,
            Err(error) => {
                let args = error.args().clone();
                errors.extend(error.field_errors().iter().map(|field| kernel::FieldError {
                    args: if field.args.is_empty() { args.clone() } else { field.args.clone() },
                    ..field.clone()
                }));
                None
            }
        };
        let name = keep(fields::name("name", &self.name).map(Some)).unwrap_or_default();
        let short_name = keep(fields::optional_name("short_name", &self.short_name));
        let name_en = keep(fields::optional_name("name_en", self.name_en.as_deref().unwrap_or("")));
        let contact = keep(fields::optional_name("contact", self.contact.as_deref().unwrap_or("")));
        let credit_code = keep(match self.credit_code.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => {
                CreditCode::parse(text).map(|code| Some(code.as_str().to_owned())).map_err(|error| at_field("credit_code", error.into()))
            }
        });
        let contact_phone = keep(match self.contact_phone.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => phone(text).map(Some),
        });
        if !errors.is_empty() {
            return Err(Error::fields(errors));
        }
        let short_name = short_name.unwrap_or_else(|| name.clone());
        Ok(OrganisationDetails { kind: self.kind, name, short_name, name_en, credit_code, contact, contact_phone })
    }
}

/// A mobile number, or a fixed line as it is written (`0532-86880000`).
fn phone(text: &str) -> Result<String> {
    if let Ok(mobile) = MobileNumber::parse(text) {
        return Ok(mobile.reveal().to_owned());
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let sound = (5..=16).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+' | '(' | ')'));
    if sound { Ok(text.to_owned()) } else { Err(Error::field("contact_phone", PHONE)) }
}

/// Creates an organisation.
///
/// Errors, by field: `organisation.name_taken`, `organisation.credit_code_taken`, those of identifiers and fields.
pub struct CreateOrganisation {
    pub by: Permit<ManageTerritory>,
    pub details: OrganisationDetails,
}

impl Command for CreateOrganisation {
    const KIND: &'static str = "organisation.create";
    type Out = OrganisationId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<OrganisationId> {
        tx.lock("organisations").await?;
        let details = self.details.checked()?;
        free(tx, &details, None).await?;
        let (id, tenant): (OrganisationId, _) = (tx.new_id(), tx.tenant());
        tx.exec(
            &INSERT,
            args! {
                tenant: tenant, id: id, kind: details.kind, name: details.name, short_name: details.short_name, name_en: details.name_en,
                initials: kernel::words::initials(&details.name), credit_code: details.credit_code, contact: details.contact.as_deref().map(Masked::<PersonName>::new),
                phone: details.contact_phone.as_deref().map(Masked::<Phone>::new),
            },
        )
        .await?;
        tx.fact(OrganisationCreated { organisation: id, kind: details.kind, credit_code: details.credit_code })?;
        tx.bump_revision();
        Ok(id)
    }
}

async fn free(tx: &mut Write<'_>, details: &OrganisationDetails, own: Option<OrganisationId>) -> Result<()> {
    let tenant = tx.tenant();
    let named = tx.opt::<(OrganisationId,)>(&NAMED, args! { tenant: tenant, name: details.name }).await?;
    ensure(named.is_none_or(|(id,)| Some(id) == own), Error::field("name", NAME_TAKEN))?;
    let Some(code) = &details.credit_code else { return Ok(()) };
    let credited = tx.opt::<(OrganisationId,)>(&CREDITED, args! { tenant: tenant, code: code }).await?;
    ensure(credited.is_none_or(|(id,)| Some(id) == own), Error::field("credit_code", CREDIT_CODE_TAKEN))
}

/// Corrects an organisation, closes it or opens it again.
///
/// Errors: `organisation.stale` (409) and those of [`CreateOrganisation`].
pub struct EditOrganisation {
    pub by: Permit<ManageTerritory>,
    pub organisation: OrganisationId,
    pub version: i64,
    /// A contact that is not given stays as it is: the form never shows it.
    pub details: OrganisationDetails,
    /// Name and number of the contact are taken away.
    pub no_contact: bool,
    pub state: State,
}

impl Command for EditOrganisation {
    const KIND: &'static str = "organisation.edit";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.lock("organisations").await?;
        let organisation = find(tx, self.organisation).await?;
        let details = self.details.checked()?;
        if self.state == State::Open {
            free(tx, &details, Some(organisation.id)).await?;
        }
        let tenant = tx.tenant();
        tx.change_one(
            &EDIT,
            args! {
                tenant: tenant, id: organisation.id, version: self.version, kind: details.kind, name: details.name,
                short_name: details.short_name, name_en: details.name_en, initials: kernel::words::initials(&details.name),
                credit_code: details.credit_code, contact: details.contact.as_deref().map(Masked::<PersonName>::new),
                phone: details.contact_phone.as_deref().map(Masked::<Phone>::new), no_contact: self.no_contact, state: self.state,
                now: tx.now(),
            },
        )
        .await?
        .or(STALE)?;
        tx.fact(OrganisationEdited {
            organisation: organisation.id,
            kind: details.kind,
            credit_code: details.credit_code,
            state: self.state,
            version: self.version + 1,
        })?;
        tx.bump_revision();
        Ok(())
    }
}

/// Creates a company's project at a place; the company then answers for the place from `from` on.
///
/// Errors: 404 for organisation or place, `organisation.closed`, `place.parent_closed`, `answers_for.already`, field errors of the name.
pub struct CreateProject {
    pub by: Permit<ManageTerritory>,
    pub organisation: OrganisationId,
    pub name: String,
    pub place: PlaceId,
    pub from: Date,
}

impl Command for CreateProject {
    const KIND: &'static str = "project.create";
    type Out = ProjectId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<ProjectId> {
        let name = fields::name("name", &self.name)?;
        let place = places::find(tx, self.place).await?;
        ensure(place.state == State::Open, PARENT_CLOSED)?;
        let organisation = find_open(tx, self.organisation).await?;
        let (id, tenant): (ProjectId, _) = (tx.new_id(), tx.tenant());
        tx.exec(&INSERT_PROJECT, args! { tenant: tenant, id: id, organisation: organisation.id, name: name, place: place.id }).await?;
        tx.fact(ProjectCreated { organisation: organisation.id, project: id, place: place.id })?;
        begin(tx, organisation.id, place.id, Some(id), self.from, None).await?;
        tx.bump_revision();
        Ok(id)
    }
}

/// Says that an organisation answers for a place and all below it.
///
/// Errors: 404, `organisation.closed`, `place.parent_closed`, `organisation.project_other`, `answers_for.already`, field `to` with `field.dates`.
pub struct AnswerFor {
    pub by: Permit<ManageTerritory>,
    pub organisation: OrganisationId,
    pub place: PlaceId,
    pub project: Option<ProjectId>,
    pub from: Date,
    pub to: Option<Date>,
}

impl Command for AnswerFor {
    const KIND: &'static str = "answers_for.begin";
    type Out = AnswersForId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<AnswersForId> {
        ensure(self.to.is_none_or(|to| to >= self.from), Error::field("to", DATES))?;
        let place = places::find(tx, self.place).await?;
        ensure(place.state == State::Open, PARENT_CLOSED)?;
        let organisation = find_open(tx, self.organisation).await?;
        own_project(tx, self.project, organisation.id).await?;
        let id = begin(tx, organisation.id, place.id, self.project, self.from, self.to).await?;
        tx.bump_revision();
        Ok(id)
    }
}

/// The project, where one is named, must be the organisation's own.
pub(crate) async fn own_project(tx: &mut Write<'_>, project: Option<ProjectId>, organisation: OrganisationId) -> Result<()> {
    let Some(project) = project else { return Ok(()) };
    let tenant = tx.tenant();
    let project: Project = tx.one(&FIND_PROJECT, args! { tenant: tenant, id: project }).await?;
    ensure(project.organisation_id == organisation, Error::field("project", PROJECT_OTHER))
}

async fn begin(
    tx: &mut Write<'_>,
    organisation: OrganisationId,
    place: PlaceId,
    project: Option<ProjectId>,
    from: Date,
    to: Option<Date>,
) -> Result<AnswersForId> {
    tx.lock("answers_for").await?;
    let (id, tenant): (AnswersForId, _) = (tx.new_id(), tx.tenant());
    let already = tx.opt::<(AnswersForId,)>(&ANSWERS, args! { tenant: tenant, place: place, organisation: organisation }).await?;
    ensure(already.is_none(), ANSWERS_ALREADY)?;
    tx.exec(
        &INSERT_ANSWERS,
        args! {
            tenant: tenant, id: id, organisation: organisation, place: place, project: project,
            from: from.to_string(), to: to.map(|to| to.to_string()),
        },
    )
    .await?;
    tx.fact(AnswersForBegun { organisation, line: id, place, project, from: from.to_string() })?;
    Ok(id)
}

/// Says until which day an organisation answers for a place.
///
/// Errors: 404, field `to` with `field.dates` when it lies before the beginning, `answers_for.stale` when it has ended already.
pub struct EndAnswerFor {
    pub by: Permit<ManageTerritory>,
    pub line: AnswersForId,
    pub to: Date,
}

impl Command for EndAnswerFor {
    const KIND: &'static str = "answers_for.end";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (tenant, to) = (tx.tenant(), self.to.to_string());
        let (organisation, place, from) =
            tx.one::<(OrganisationId, PlaceId, String)>(&FIND_ANSWERS, args! { tenant: tenant, id: self.line }).await?;
        ensure(from <= to, Error::field("to", DATES))?;
        tx.change_one(&END_ANSWERS, args! { tenant: tenant, id: self.line, to: to }).await?.or(ANSWERS_STALE)?;
        tx.fact(AnswersForEnded { organisation, line: self.line, place, to })?;
        tx.bump_revision();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_credit_code_is_refused_at_its_field_beside_the_others() {
        let mut details = OrganisationDetails::named(OrganisationKind::PropertyCompany, "");
        details.credit_code = Some("91350100M000100Y44".into());
        details.contact_phone = Some("call me".into());
        let error = details.checked().unwrap_err();
        let found: Vec<(&str, &str)> = error.field_errors().iter().map(|field| (field.field.as_str(), field.code.as_str())).collect();
        assert_eq!(
            found,
            [("name", "field.missing"), ("credit_code", "identifier.check_character"), ("contact_phone", "organisation.phone")]
        );
    }

    #[test]
    fn what_was_typed_loosely_is_kept_tidily() {
        let mut details = OrganisationDetails::named(OrganisationKind::PropertyCompany, " 瑞港物业 ");
        details.credit_code = Some(" 91350100-m000100y43".into());
        details.contact_phone = Some("+86 138 1234 1234".into());
        let checked = details.checked().unwrap();
        assert_eq!((checked.name.as_str(), checked.short_name.as_str()), ("瑞港物业", "瑞港物业"));
        assert_eq!(checked.credit_code.as_deref(), Some("91350100M000100Y43"));
        assert_eq!(checked.contact_phone.as_deref(), Some("13812341234"));
    }
}
