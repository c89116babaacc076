//! The people of units and of the office itself, by phone number: each line becomes an invitation. No password stands in a table,
//! and no account comes into being before its owner has taken the invitation up. Roles on places are given by whoever gives roles,
//! and none of an administrator, a leader or a clerk.
//!
//! An import is shown to whoever brought it in and to whoever gives roles: others who invite have people of their own. Numbers
//! are masked on its page; names stand in full, as those of colleagues do everywhere.

use super::applying::{Apply, Change, Log, Undo, Work, Writes};
use super::reading::{Reader, Received};
use super::{About, Becomes, BoxFuture, Column, Fresh, Kind, MISSING, Planned, Problem, TWICE};
use crate::directory::Directory;
use crate::matching::{Found, Places, Units};
use crate::place::Level;
use crate::received::{SheetId, SheetKind};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet};
use crate::sheets::{Titles, fold};
use access::account::{InviteToUnit, ManageRoles};
use access::giving::SCOPE;
use access::http::Desk;
use access::invitation::{Invite, InviteOnPlace, Invites, ON_A_PLACE, Withdraw, WithdrawAny};
use access::personal::{self, Kind as _};
use access::scopes::{UnitChoice, invitable};
use access::{Actor, Permit, Role};
use kernel::identifiers::MobileNumber;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Command, Pass, Write};

const UNKNOWN_UNIT: Code = Code::invalid("table_sheet.unknown_unit");
const NEAR_UNIT: Code = Code::invalid("table_sheet.near_unit");
const SEVERAL_UNITS: Code = Code::invalid("table_sheet.several_units");
const UNKNOWN_PLACE: Code = Code::invalid("table_sheet.unknown_place");
const NEAR_PLACE: Code = Code::invalid("table_sheet.near_place");
const SEVERAL_PLACES: Code = Code::invalid("table_sheet.several_places");
/// Not a unit whose people this person may invite.
const OTHERS_UNIT: Code = Code::invalid("import_line.others_unit");
/// Not a role that this person may give.
const OTHERS_ROLE: Code = Code::invalid("import_line.others_role");
/// Not a place that roles are given on.
const NO_SCOPE: Code = Code::invalid("import_line.no_scope");

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../../data/import_accounts.csv")));

static ABOUT: About = About {
    kind: SheetKind::Accounts,
    name: "imports-accounts",
    help: "imports-accounts-help",
    columns: &[
        Column::new("name", "import-column-person", 14).needed(),
        Column::new("phone", "import-column-phone", 16).needed().masked(personal::Phone::mask),
        Column::new("unit", "import-column-unit", 32).chosen_from("table-names-units"),
        Column::new("place", "import-column-scope", 32).chosen_from("table-names-places"),
        Column::new("role", "import-column-role", 18).chosen_from("import-names-roles"),
    ],
    titles: &TITLES,
    wanted: &[&["phone", "unit"], &["phone", "place"]],
    helps: &["import-help-invited", "import-help-role", "import-help-scope", "import-help-phone"],
    batch: usize::MAX,
};

/// What somebody of a unit can be, and of the office on a place ([`ON_A_PLACE`]).
const ROLES: [Role; 4] = [Role::UnitHandler, Role::UnitHead, Role::Community, Role::Inspector];
/// Where roles are given, as an account's own page offers them.
const LEVELS: [Level; 4] = [Level::Community, Level::Area, Level::Grid, Level::Compound];

/// Where a role holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Where {
    Unit(OrganisationId),
    Place(PlaceId),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    at: Where,
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
    fn sees_all(&self, actor: &Actor) -> bool {
        actor.can::<ManageRoles>(&actor.tenant)
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let ground = Ground::of(desk, &directory).await?;
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
                let to = ground.given(&mut reader);
                if let Some(before) = phone.clone().and_then(|phone| phones.insert(phone, line.line)) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                plan.push(match (phone, to) {
                    (Some(phone), Some((at, role))) if reader.wrong.is_empty() => {
                        Planned::writes(line.line, Becomes::New, &Row { at, role, name, phone, token: String::new() })?
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
            let directory = crate::directory_of(desk).await?;
            let ground = Ground::of(desk, &directory).await?;
            let sheet = |key: &str, rows| Sheet { name: w.t(key).into_owned(), columns: vec![SheetColumn::new(w.t(key), 40)], rows };
            Ok(vec![
                sheet("table-names-units", ground.mine.iter().map(|unit| vec![Cell::text(&unit.label)]).collect()),
                sheet("table-names-places", ground.scopes()),
                sheet("import-names-roles", ROLES.iter().map(|role| vec![Cell::text(w.t(&format!("role-{role}")))]).collect()),
            ])
        })
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, mut work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let place = |id: PlaceId| directory.place(id).map_or("", |place| place.full_name.as_str());
            let mut fresh = Vec::new();
            for line in work.rows.iter_mut().filter(|line| line.changes()) {
                let mut row: Row = serde_json::from_value(line.row.clone()).map_err(Error::internal)?;
                row.token = kernel::canonical::hex(&desk.app.world.entropy.bytes::<16>());
                let address = format!("{}/j/{}/{}", desk.app.public_url, desk.tenant.slug, row.token);
                let at = match row.at {
                    Where::Unit(unit) => directory.short_name(unit),
                    Where::Place(id) => place(id),
                };
                fresh.push(Fresh { label: format!("{} {at}", row.name).trim().to_owned(), address });
                line.row = serde_json::to_value(&row).map_err(Error::internal)?;
            }
            match desk.actor.permit::<ManageRoles>(&desk.actor.tenant) {
                Ok(by) => desk.app.store.run(pass, Apply { by, work, writes: Staff }).await.map(drop),
                Err(_) => {
                    let by = desk.actor.permit_some::<InviteToUnit>()?;
                    desk.app.store.run(pass, Apply { by, work, writes: People }).await.map(drop)
                }
            }?;
            Ok(fresh)
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let kind = SheetKind::Accounts;
            match desk.actor.permit::<ManageRoles>(&desk.actor.tenant) {
                Ok(by) => desk.app.store.run(pass, Undo { by, sheet, kind, writes: Staff }).await.map(drop),
                Err(_) => {
                    let by = desk.actor.permit_some::<InviteToUnit>()?;
                    desk.app.store.run(pass, Undo { by, sheet, kind, writes: People }).await.map(drop)
                }
            }
        })
    }
}

/// What lines are held against, and what whoever brings them in may give.
struct Ground<'a> {
    mine: Vec<UnitChoice>,
    units: Units<'a>,
    places: Places,
    /// The places that roles are given on, by their full names.
    scopes: Vec<(PlaceId, String)>,
    gives_roles: bool,
}

impl<'a> Ground<'a> {
    async fn of(desk: &Desk, directory: &'a Directory) -> Result<Ground<'a>> {
        let ground = crate::table::ground(&desk.app.store, desk.actor.tenant).await?;
        let places = Places::new(&ground.places, &ground.former);
        let scopes = directory.places().iter().filter(|place| place.open && LEVELS.contains(&place.level));
        let scopes = scopes.filter_map(|place| Some((place.id, places.written(place.id)?))).collect();
        Ok(Ground {
            mine: invitable(&desk.app, &desk.actor).await?,
            units: Units::new(directory.all_organisations()),
            scopes,
            places,
            gives_roles: desk.actor.can::<ManageRoles>(&desk.actor.tenant),
        })
    }

    /// For whoever gives roles, the names of places to choose from; for others none.
    fn scopes(&self) -> Vec<Vec<Cell>> {
        self.scopes.iter().filter(|_| self.gives_roles).map(|(_, name)| vec![Cell::text(name)]).collect()
    }

    /// The role of a line, and where it holds.
    fn given(&self, reader: &mut Reader<'_>) -> Option<(Where, Role)> {
        let (has_unit, has_place) = (!reader.text("unit").is_empty(), !reader.text("place").is_empty());
        let meant = crate::matching::meaning(reader.text("role")).and_then(|role| role.parse().ok()).filter(|role| ROLES.contains(role));
        let role = match meant.or_else(|| reader.listed("role", &title("import-column-role"), "role-", &ROLES)) {
            Some(role) => role,
            // What is not said is a unit's handler; what is said and means nothing was told.
            None if !reader.text("role").is_empty() => return None,
            None if has_place && !has_unit => {
                reader.say(Problem::new(MISSING, &[("column", title("import-column-role"))]));
                return None;
            }
            None => Role::UnitHandler,
        };
        if ON_A_PLACE.contains(&role) {
            return self.on_a_place(reader, role, has_unit);
        }
        if has_place {
            reader.say(Problem::new(SCOPE, &[]));
        }
        let text = reader.needed("unit", &title("import-column-unit"))?;
        let unit = match self.units.find(text) {
            Found::One(unit) if !self.mine.iter().any(|one| one.id == unit) => {
                reader.say(Problem::new(OTHERS_UNIT, &[]));
                return None;
            }
            found => reader.one(found, [UNKNOWN_UNIT, NEAR_UNIT, SEVERAL_UNITS])?,
        };
        Some((Where::Unit(unit), role))
    }

    fn on_a_place(&self, reader: &mut Reader<'_>, role: Role, has_unit: bool) -> Option<(Where, Role)> {
        if !self.gives_roles {
            reader.say(Problem::new(OTHERS_ROLE, &[]));
            return None;
        }
        if has_unit {
            reader.say(Problem::new(SCOPE, &[]));
        }
        let text = reader.needed("place", &title("import-column-scope"))?;
        let place = reader.one(self.places.find(text), [UNKNOWN_PLACE, NEAR_PLACE, SEVERAL_PLACES])?;
        if !self.scopes.iter().any(|(id, _)| *id == place) {
            reader.say(Problem::new(NO_SCOPE, &[]));
            return None;
        }
        Some((Where::Place(place), role))
    }
}

/// Invites into a unit; the invitation.
async fn into_unit<V: Invites>(by: &Permit<V>, tx: &mut Write<'_>, unit: OrganisationId, row: Row) -> Result<Uuid> {
    Invite { by: by.clone(), organisation: unit, role: row.role, phone: row.phone, token: row.token }.run(tx).await
}

fn row_of(line: &Planned) -> Result<Row> {
    serde_json::from_value(line.row.clone()).map_err(Error::internal)
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
            let row = row_of(line)?;
            let Where::Unit(unit) = row.at else { return Err(access::actor::FORBIDDEN.into()) };
            let id = into_unit(by, tx, unit, row).await?;
            // Whom it is for is nobody's to read afterwards.
            log.created(line.line, id, &line.line.to_string(), 1);
            Ok(())
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<InviteToUnit>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { Withdraw { by: by.clone(), invitation: change.subject }.run(tx).await })
    }
}

/// The same by whoever gives roles, and so with the office's own people.
pub struct Staff;

impl Writes for Staff {
    type Verb = ManageRoles;
    const HELD_BY_FACTS: bool = false;

    fn write<'a>(
        &'a self,
        by: &'a Permit<ManageRoles>,
        tx: &'a mut Write<'_>,
        line: &'a Planned,
        log: &'a mut Log,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let row = row_of(line)?;
            let id = match row.at {
                Where::Unit(unit) => into_unit(by, tx, unit, row).await?,
                Where::Place(place) => {
                    InviteOnPlace { by: by.clone(), place, role: row.role, phone: row.phone, token: row.token }.run(tx).await?
                }
            };
            log.created(line.line, id, &line.line.to_string(), 1);
            Ok(())
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<ManageRoles>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { WithdrawAny { by: by.clone(), invitation: change.subject }.run(tx).await })
    }
}
