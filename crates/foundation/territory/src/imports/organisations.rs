//! Organisations by name or credit code: companies, cooperatives, departments, merchants.
//!
//! A contact is taken in for organisations that are new; whom to ask for at a known one is changed on its own page, where the
//! old one is never shown.

use super::applying::{Apply, Change, ChangeKind, Log, Undo, Work, Writes, held_by_role, undo_held};
use super::reading::{Reader, Received};
use super::{About, Becomes, BoxFuture, Column, Fresh, Kind, Planned, Problem, TWICE};
use crate::organisation::{Organisation, OrganisationKind};
use crate::organisations::{CREDIT_CODE_TAKEN, CreateOrganisation, EditOrganisation, NAME_TAKEN, OrganisationDetails};
use crate::place::State;
use crate::received::{SheetId, SheetKind};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet};
use crate::sheets::{Titles, fold};
use crate::verbs::ManageTerritory;
use access::http::Desk;
use access::{Actor, Permit};
use kernel::ids::OrganisationId;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Command, Pass, Write};

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../../data/import_organisations.csv")));

static ABOUT: About = About {
    kind: SheetKind::Organisations,
    name: "imports-organisations",
    help: "imports-organisations-help",
    columns: &[
        Column::new("name", "import-column-unit-name", 32).needed(),
        Column::new("kind", "import-column-unit-kind", 18).needed().chosen_from("import-names-kinds"),
        Column::new("short_name", "import-column-short-name", 18),
        Column::new("name_en", "import-column-name-en", 20),
        Column::new("credit_code", "import-column-credit-code", 22),
        Column::new("contact", "import-column-contact", 12),
        Column::new("contact_phone", "import-column-contact-phone", 16),
    ],
    titles: &TITLES,
    wanted: &[&["name", "kind"]],
    helps: &["import-help-unit-name", "import-help-credit-code", "import-help-contact", "import-help-known"],
    batch: usize::MAX,
};

/// What a line says of an organisation; whom to ask for only of a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    kind: OrganisationKind,
    name: String,
    short_name: String,
    name_en: Option<String>,
    credit_code: Option<String>,
}

impl Said {
    fn of(known: &Organisation) -> Said {
        Said {
            kind: known.kind,
            name: known.name.clone(),
            short_name: known.short_name.clone(),
            name_en: known.name_en.clone(),
            credit_code: known.credit_code.clone(),
        }
    }
    fn details(&self, contact: Option<String>, contact_phone: Option<String>) -> OrganisationDetails {
        OrganisationDetails {
            kind: self.kind,
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            name_en: self.name_en.clone(),
            credit_code: self.credit_code.clone(),
            contact,
            contact_phone,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Row {
    New { said: Said, contact: Option<String>, phone: Option<String> },
    Changed { organisation: OrganisationId, version: i64, said: Said, was: Said },
}

pub struct Organisations;

fn title(key: &str) -> String {
    web::Words::of(web::Lang::Chinese).t(key).into_owned()
}

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

impl Kind for Organisations {
    fn about(&self) -> &'static About {
        &ABOUT
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can::<ManageTerritory>(&actor.tenant)
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let by_name: HashMap<String, &Organisation> = directory.organisations().map(|one| (fold(&one.name), one)).collect();
            let by_credit: HashMap<&str, &Organisation> =
                directory.organisations().filter_map(|one| Some((one.credit_code.as_deref()?, one))).collect();
            let (mut names, mut credits): (HashMap<String, u64>, HashMap<String, u64>) = (HashMap::new(), HashMap::new());
            let mut plan = Vec::with_capacity(received.lines.len());
            for line in &received.lines {
                let mut reader = Reader::new(line);
                let name = reader.needed("name", &title("import-column-unit-name")).unwrap_or("");
                let kind = match reader.needed("kind", &title("import-column-unit-kind")) {
                    Some(_) => reader.listed("kind", &title("import-column-unit-kind"), "organisation-kind-", OrganisationKind::ALL),
                    None => None,
                };
                let typed = OrganisationDetails {
                    kind: kind.unwrap_or(OrganisationKind::Other),
                    name: name.to_owned(),
                    short_name: reader.text("short_name").to_owned(),
                    name_en: filled(reader.text("name_en")),
                    credit_code: filled(&fold(reader.text("credit_code")).to_uppercase()),
                    contact: filled(reader.text("contact")),
                    contact_phone: filled(&fold(reader.text("contact_phone"))),
                };
                if let Err(error) = typed.checked() {
                    for field in error.field_errors().iter().filter(|field| field.field != "name" || !name.is_empty()) {
                        let known = ABOUT.columns.iter().find(|column| column.key == field.field);
                        let problem = Problem { code: field.code.clone(), args: field.args.clone() };
                        reader.say(known.map_or(problem.clone(), |column| problem.at(&title(column.title))));
                    }
                }
                let Ok(checked) = typed.checked() else {
                    plan.push(Planned::wrong(line.line, reader.wrong));
                    continue;
                };
                let credited = checked.credit_code.as_deref().and_then(|code| by_credit.get(code).copied());
                let known = by_name.get(&fold(&checked.name)).copied().or(credited);
                let mut said = Said {
                    kind: checked.kind,
                    name: checked.name.clone(),
                    short_name: checked.short_name.clone(),
                    name_en: checked.name_en.clone(),
                    credit_code: checked.credit_code.clone(),
                };
                if let Some(known) = known {
                    // What the table has no column for stays as it is; so does a short name that the line leaves out.
                    if !received.has("short_name") || reader.text("short_name").is_empty() {
                        said.short_name.clone_from(&known.short_name);
                    }
                    if !received.has("name_en") {
                        said.name_en.clone_from(&known.name_en);
                    }
                    if !received.has("credit_code") {
                        said.credit_code.clone_from(&known.credit_code);
                    }
                    if credited.is_some_and(|credited| credited.id != known.id) {
                        reader.say(Problem::new(CREDIT_CODE_TAKEN, &[]));
                    }
                    if fold(&known.name) != fold(&said.name) && by_name.contains_key(&fold(&said.name)) {
                        reader.say(Problem::new(NAME_TAKEN, &[]));
                    }
                }
                if let Some(before) = names.insert(fold(&said.name), line.line) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if let Some(before) = said.credit_code.clone().and_then(|code| credits.insert(code, line.line)) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if !reader.wrong.is_empty() {
                    plan.push(Planned::wrong(line.line, reader.wrong));
                    continue;
                }
                plan.push(match known {
                    None => {
                        let row = Row::New { said, contact: checked.contact, phone: checked.contact_phone };
                        Planned::writes(line.line, Becomes::New, &row)?
                    }
                    Some(known) if Said::of(known) == said => Planned::same(line.line),
                    Some(known) => {
                        let row = Row::Changed { organisation: known.id, version: known.version, said, was: Said::of(known) };
                        Planned::writes(line.line, Becomes::Changed, &row)?
                    }
                });
                let contact = !reader.text("contact").is_empty() || !reader.text("contact_phone").is_empty();
                if let (Some(known), Some(planned), true) = (known, plan.last_mut(), contact) {
                    planned.says.push(Problem::new(CONTACT_KEPT, &[("name", known.short_name.clone())]));
                }
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(async move {
            let w = desk.page("imports-title").w;
            Ok(vec![Sheet {
                name: w.t("import-names-kinds").into_owned(),
                columns: vec![SheetColumn::new(w.t("import-names-kinds"), 30)],
                rows: OrganisationKind::ALL.iter().map(|kind| vec![Cell::text(w.t(&format!("organisation-kind-{kind}")))]).collect(),
            }])
        })
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Apply { by, work, writes: Organisations }).await?;
            Ok(Vec::new())
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            undo_held(&desk.app.store, pass, Undo { by, sheet, kind: SheetKind::Organisations, writes: Organisations }).await
        })
    }
}

/// A known organisation keeps its contact.
const CONTACT_KEPT: kernel::Code = kernel::Code::invalid("import_line.contact_kept");

impl Writes for Organisations {
    type Verb = ManageTerritory;
    const HELD_BY_FACTS: bool = true;

    fn write<'a>(
        &'a self,
        by: &'a Permit<ManageTerritory>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = by.clone();
            match serde_json::from_value(line.row.clone()).map_err(Error::internal)? {
                Row::New { said, contact, phone } => {
                    let details = said.details(contact, phone);
                    let id = CreateOrganisation { by, details }.run(tx).await?;
                    log.created(line.line, id.0, &said.name, 1);
                    Ok(())
                }
                Row::Changed { organisation, version, said, was } => {
                    let details = said.details(None, None);
                    EditOrganisation { by, organisation, version, details, no_contact: false, state: State::Open }.run(tx).await?;
                    log.edited(organisation.0, &was.name, &was, version + 1)
                }
            }
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<ManageTerritory>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (by, organisation, version) = (by.clone(), OrganisationId(change.subject), change.version);
            let (details, state) = match change.kind {
                ChangeKind::Created => {
                    if access::giving::is_unit_scope(tx, organisation).await? {
                        return Err(held_by_role(change));
                    }
                    let known = crate::organisations::within(tx, organisation).await?;
                    (Said::of(&known).details(None, None), State::Closed)
                }
                ChangeKind::Edited => (change.was::<Said>()?.details(None, None), State::Open),
            };
            EditOrganisation { by, organisation, version, details, no_contact: state == State::Closed, state }.run(tx).await
        })
    }
}
