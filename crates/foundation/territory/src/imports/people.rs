//! The people of units, by phone number: each line becomes an invitation. No password stands in a table, and no account comes
//! into being before its owner has taken the invitation up.

use super::applying::{Apply, Change, Log, Undo, Work, Writes};
use super::reading::{Reader, Received};
use super::{About, Becomes, BoxFuture, Column, Fresh, Kind, Planned, Problem, TWICE};
use crate::matching::{Found, Units};
use crate::received::{SheetId, SheetKind};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet};
use crate::sheets::{Titles, fold};
use access::account::InviteToUnit;
use access::http::Desk;
use access::invitation::{Invite, Withdraw};
use access::scopes::invitable;
use access::{Actor, Permit, Role};
use kernel::identifiers::MobileNumber;
use kernel::ids::OrganisationId;
use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Command, Pass, Write};

const UNKNOWN_UNIT: Code = Code::invalid("table_sheet.unknown_unit");
const NEAR_UNIT: Code = Code::invalid("table_sheet.near_unit");
const SEVERAL_UNITS: Code = Code::invalid("table_sheet.several_units");
/// Not a unit whose people this person may invite.
const OTHERS_UNIT: Code = Code::invalid("import_line.others_unit");

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../../data/import_accounts.csv")));

static ABOUT: About = About {
    kind: SheetKind::Accounts,
    name: "imports-accounts",
    help: "imports-accounts-help",
    columns: &[
        Column::new("name", "import-column-person", 14).needed(),
        Column::new("phone", "import-column-phone", 16).needed(),
        Column::new("unit", "import-column-unit", 32).needed().chosen_from("table-names-units"),
        Column::new("role", "import-column-role", 18).chosen_from("import-names-roles"),
    ],
    titles: &TITLES,
    wanted: &[&["phone", "unit"]],
    helps: &["import-help-invited", "import-help-role", "import-help-phone"],
    batch: usize::MAX,
};

/// What somebody of a unit can be.
const ROLES: [Role; 2] = [Role::UnitHandler, Role::UnitHead];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    unit: OrganisationId,
    role: Role,
    name: String,
    phone: String,
    /// Made right before it is written; only its hash is kept.
    #[serde(default)]
    token: String,
}

pub struct People;

fn title(key: &str) -> String {
    web::Words::of(web::Lang::Chinese).t(key).into_owned()
}

impl Kind for People {
    fn about(&self) -> &'static About {
        &ABOUT
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can_some::<InviteToUnit>()
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let mine = invitable(&desk.app, &desk.actor).await?;
            let units = Units::new(directory.all_organisations());
            let mut phones: HashMap<String, u64> = HashMap::new();
            let mut plan = Vec::with_capacity(received.lines.len());
            for line in &received.lines {
                let mut reader = Reader::new(line);
                let name = reader
                    .keep(&title("import-column-person"), crate::fields::optional_name("name", reader.text("name")))
                    .flatten()
                    .unwrap_or_default();
                let phone = reader.needed("phone", &title("import-column-phone")).map(fold);
                let phone = phone.and_then(|phone| {
                    let number = MobileNumber::parse(&phone).map(|number| number.reveal().to_owned());
                    reader.keep(&title("import-column-phone"), number.map_err(Error::from))
                });
                let unit = reader.needed("unit", &title("import-column-unit")).map(|text| units.find(text));
                let unit = match unit {
                    Some(Found::One(unit)) if !mine.iter().any(|one| one.id == unit) => {
                        reader.say(Problem::new(OTHERS_UNIT, &[]));
                        None
                    }
                    Some(found) => reader.one(found, [UNKNOWN_UNIT, NEAR_UNIT, SEVERAL_UNITS]),
                    None => None,
                };
                let meant =
                    crate::matching::meaning(reader.text("role")).and_then(|role| role.parse().ok()).filter(|role| ROLES.contains(role));
                let role = match meant {
                    Some(role) => role,
                    None => reader.listed("role", &title("import-column-role"), "role-", &ROLES).unwrap_or(Role::UnitHandler),
                };
                if let Some(before) = phone.clone().and_then(|phone| phones.insert(phone, line.line)) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                plan.push(match (phone, unit) {
                    (Some(phone), Some(unit)) if reader.wrong.is_empty() => {
                        Planned::writes(line.line, Becomes::New, &Row { unit, role, name, phone, token: String::new() })?
                    }
                    _ => Planned::wrong(line.line, reader.wrong),
                });
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(async move {
            let w = desk.page("imports-title").w;
            let mine = invitable(&desk.app, &desk.actor).await?;
            let sheet = |key: &str, rows| Sheet { name: w.t(key).into_owned(), columns: vec![SheetColumn::new(w.t(key), 40)], rows };
            Ok(vec![
                sheet("table-names-units", mine.iter().map(|unit| vec![Cell::text(&unit.label)]).collect()),
                sheet("import-names-roles", ROLES.iter().map(|role| vec![Cell::text(w.t(&format!("role-{role}")))]).collect()),
            ])
        })
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, mut work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit_some::<InviteToUnit>()?;
            let directory = crate::directory_of(desk).await?;
            let mut fresh = Vec::new();
            for line in work.rows.iter_mut().filter(|line| line.changes()) {
                let mut row: Row = serde_json::from_value(line.row.clone()).map_err(Error::internal)?;
                row.token = kernel::canonical::hex(&desk.app.world.entropy.bytes::<16>());
                let address = format!("{}/j/{}/{}", desk.app.public_url, desk.tenant.slug, row.token);
                fresh.push(Fresh { label: format!("{} {}", row.name, directory.short_name(row.unit)).trim().to_owned(), address });
                line.row = serde_json::to_value(&row).map_err(Error::internal)?;
            }
            desk.app.store.run(pass, Apply { by, work, writes: People }).await?;
            Ok(fresh)
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit_some::<InviteToUnit>()?;
            desk.app.store.run(pass, Undo { by, sheet, kind: SheetKind::Accounts, writes: People }).await.map(drop)
        })
    }
}

impl Writes for People {
    type Verb = InviteToUnit;
    /// An invitation that was taken up stands against it by itself.
    const HELD_BY_FACTS: bool = false;

    fn write<'a>(
        &'a self,
        by: &'a Permit<InviteToUnit>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Row { unit, role, phone, token, .. } = serde_json::from_value(line.row.clone()).map_err(Error::internal)?;
            let id = Invite { by: by.clone(), organisation: unit, role, phone, token }.run(tx).await?;
            // Whom it is for is nobody's to read afterwards.
            log.created(line.line, id, &line.line.to_string(), 1);
            Ok(())
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<InviteToUnit>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { Withdraw { by: by.clone(), invitation: change.subject }.run(tx).await })
    }
}
