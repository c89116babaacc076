//! Places by name and level: communities, grids, compounds, buildings, each below another of the same file or of the territory.

use super::applying::{Apply, Change, ChangeKind, Log, Undo, Work, Writes, held_by_role, undo_held};
use super::reading::{Reader, Received, Written};
use super::{About, Becomes, BoxFuture, Column, DIFFERS, Fresh, Kind, Planned, Problem, TWICE};
use crate::directory::PlaceInfo;
use crate::matching;
use crate::place::{Level, checked_code, path_end};
use crate::places::{ClosePlace, CreatePlace, EditPlace, HOUSEHOLDS, LEVEL, MAX_HOUSEHOLDS, PlaceDetails};
use crate::received::{SheetId, SheetKind};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet};
use crate::sheets::{Titles, fold};
use crate::table;
use crate::verbs::ManageTerritory;
use access::http::Desk;
use access::{Actor, Permit};
use kernel::coordinates::Point;
use kernel::ids::PlaceId;
use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Command, Pass, Write};

const UNKNOWN_PLACE: Code = Code::invalid("table_sheet.unknown_place");
const NEAR_PLACE: Code = Code::invalid("table_sheet.near_place");
const SEVERAL_PLACES: Code = Code::invalid("table_sheet.several_places");
/// The place above is itself wrong in this file.
const PARENT_WRONG: Code = Code::invalid("import_line.parent_wrong");

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../../data/import_places.csv")));

static ABOUT: About = About {
    kind: SheetKind::Places,
    name: "imports-places",
    help: "imports-places-help",
    columns: &[
        Column::new("name", "import-column-place-name", 24).needed(),
        Column::new("level", "import-column-level", 12).needed(),
        Column::new("parent", "import-column-parent", 30).chosen_from("table-names-places"),
        Column::new("code", "import-column-place-code", 18),
        Column::new("name_en", "import-column-name-en", 20),
        Column::new("households", "import-column-households", 10),
        Column::new("lng", "import-column-lng", 14),
        Column::new("lat", "import-column-lat", 14),
    ],
    titles: &TITLES,
    wanted: &[&["name", "level"]],
    helps: &["import-help-levels", "import-help-parent", "import-help-code", "import-help-position", "import-help-known"],
    batch: usize::MAX,
};

/// What a line says of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    name: String,
    code: Option<String>,
    name_en: Option<String>,
    lng_e7: Option<i32>,
    lat_e7: Option<i32>,
    households: Option<i64>,
}

impl Said {
    fn of(place: &PlaceInfo) -> Said {
        Said {
            name: place.name.clone(),
            code: place.code.clone(),
            name_en: place.name_en.clone(),
            lng_e7: place.point.map(|point| point.lng_e7),
            lat_e7: place.point.map(|point| point.lat_e7),
            households: place.households,
        }
    }
    fn details(&self, kind: Option<crate::place::PlaceKind>) -> PlaceDetails {
        PlaceDetails {
            kind,
            code: self.code.clone(),
            name: self.name.clone(),
            name_en: self.name_en.clone(),
            point: self.lng_e7.zip(self.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok()),
            households: self.households,
            urban_rural: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Above {
    Known(PlaceId),
    Line(u64),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Row {
    New { above: Above, level: Level, said: Said },
    Changed { place: PlaceId, version: i64, kind: Option<crate::place::PlaceKind>, said: Said, was: Said },
}

/// A place of the file that is to be made.
struct Made {
    line: u64,
    level: Level,
}

pub struct Places;

impl Places {
    fn said(received: &Received, reader: &mut Reader<'_>, level: Option<Level>, known: Option<&PlaceInfo>, name: &str) -> Said {
        let mut said = known.map(Said::of).unwrap_or_default();
        name.clone_into(&mut said.name);
        if received.has("code") {
            let code = level.map_or(Ok(None), |level| checked_code(level, &fold(reader.text("code"))));
            said.code = reader.keep(&title("import-column-place-code"), code).flatten();
        }
        if received.has("name_en") {
            said.name_en =
                reader.keep(&title("import-column-name-en"), crate::fields::optional_name("name_en", reader.text("name_en"))).flatten();
        }
        if received.has("households") {
            said.households = reader.number("households", &title("import-column-households"));
            if said.households.is_some_and(|households| !(0..=MAX_HOUSEHOLDS).contains(&households)) {
                reader.say(Problem::new(HOUSEHOLDS, &[]));
            }
        }
        if received.has("lng") && received.has("lat") {
            let (lng, lat) = (fold(reader.text("lng")), fold(reader.text("lat")));
            let point = if lng.is_empty() && lat.is_empty() { Ok(None) } else { Point::parse(&lng, &lat).map(Some).map_err(Error::from) };
            let point = reader.keep(&title("import-column-lng"), point).flatten();
            (said.lng_e7, said.lat_e7) = (point.map(|point| point.lng_e7), point.map(|point| point.lat_e7));
        }
        said
    }
}

fn title(key: &str) -> String {
    web::Words::of(web::Lang::Chinese).t(key).into_owned()
}

impl Kind for Places {
    fn about(&self) -> &'static About {
        &ABOUT
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can::<ManageTerritory>(&actor.tenant)
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let ground = table::ground(&desk.app.store, desk.actor.tenant).await?;
            let places = matching::Places::new(&ground.places, &ground.former);
            let root = directory.root().ok_or_else(Error::not_found)?;
            // By what stands above and the name: places of the territory, then those of the file.
            let mut known: HashMap<(Above, String), PlaceId> = HashMap::new();
            for place in directory.places().iter().filter(|place| place.open) {
                if let Some(parent) = place.parent {
                    known.insert((Above::Known(parent), place.name.clone()), place.id);
                }
            }
            let mut made: HashMap<String, Vec<Made>> = HashMap::new();
            let mut wrong_names: std::collections::HashSet<String> = std::collections::HashSet::new();
            let mut seen: HashMap<(Above, String), u64> = HashMap::new();
            let mut codes: HashMap<String, u64> = HashMap::new();
            let mut plan = Vec::with_capacity(received.lines.len());
            for line in &received.lines {
                let mut reader = Reader::new(line);
                let name = reader.needed("name", &title("import-column-place-name")).map(str::to_owned);
                let name = name.and_then(|name| reader.keep(&title("import-column-place-name"), crate::fields::name("name", &name)));
                let level = match reader.needed("level", &title("import-column-level")) {
                    Some(_) => reader.listed("level", &title("import-column-level"), "level-", Level::ALL),
                    None => None,
                };
                let above = above(&mut reader, line, root.id, &places, &made, &wrong_names);
                let (Some(name), Some(level), Some(above)) = (name.clone(), level, above) else {
                    // What else is wrong with the line is said along with it.
                    let _rest = Places::said(received, &mut reader, level, None, name.as_deref().unwrap_or(""));
                    wrong_names.extend(name.map(|name| fold(&name)));
                    plan.push(Planned::wrong(line.line, reader.wrong));
                    continue;
                };
                let above_level = match above {
                    Above::Known(id) => directory.place(id).map(|place| place.level),
                    Above::Line(number) => made.values().flatten().find(|one| one.line == number).map(|one| one.level),
                };
                if above_level.is_some_and(|above| !level.may_stand_below(above)) {
                    reader.say(Problem::new(LEVEL, &[]));
                }
                let by_code = Some(fold(reader.text("code")))
                    .filter(|code| !code.is_empty())
                    .and_then(|code| directory.place_by_code(&code).map(|place| place.id));
                let place = known.get(&(above, name.clone())).copied().or(by_code).and_then(|id| directory.place(id));
                let said = Places::said(received, &mut reader, Some(level), place, &name);
                if let Some(before) = seen.insert((above, name.clone()), line.line) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if let Some(before) = said.code.clone().and_then(|code| codes.insert(code, line.line)) {
                    reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
                }
                if let Some(place) = place {
                    let elsewhere = place.parent.is_some_and(|parent| Above::Known(parent) != above);
                    if place.level != level || elsewhere {
                        reader.say(Problem::new(DIFFERS, &[("name", place.full_name.clone())]));
                    }
                }
                if let Some(other) = said
                    .code
                    .as_deref()
                    .and_then(|code| directory.place_by_code(code))
                    .filter(|other| place.is_none_or(|place| place.id != other.id))
                {
                    reader.say(Problem::new(crate::places::CODE_TAKEN, &[("name", other.full_name.clone())]));
                }
                if !reader.wrong.is_empty() {
                    wrong_names.insert(fold(&name));
                    plan.push(Planned::wrong(line.line, reader.wrong));
                    continue;
                }
                plan.push(match place {
                    None => {
                        made.entry(fold(&name)).or_default().push(Made { line: line.line, level });
                        Planned::writes(line.line, Becomes::New, &Row::New { above, level, said })?
                    }
                    Some(place) if Said::of(place) == said => Planned::same(line.line),
                    Some(place) => {
                        let row = Row::Changed { place: place.id, version: place.version, kind: place.kind, said, was: Said::of(place) };
                        Planned::writes(line.line, Becomes::Changed, &row)?
                    }
                });
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(async move {
            let page = desk.page("imports-title");
            let ground = table::ground(&desk.app.store, desk.actor.tenant).await?;
            let places = matching::Places::new(&ground.places, &ground.former);
            Ok(vec![Sheet {
                name: page.w.t("table-names-places").into_owned(),
                columns: vec![SheetColumn::new(page.w.t("table-names-places"), 40)],
                rows: ground.places.iter().filter_map(|place| Some(vec![Cell::text(places.written(place.id)?)])).collect(),
            }])
        })
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Apply { by, work, writes: Places }).await?;
            Ok(Vec::new())
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            undo_held(&desk.app.store, pass, Undo { by, sheet, kind: SheetKind::Places, writes: Places }).await
        })
    }
}

/// The place above: the root where nothing is said, a place of the territory, or a line before this one.
fn above(
    reader: &mut Reader<'_>,
    line: &Written,
    root: PlaceId,
    places: &matching::Places,
    made: &HashMap<String, Vec<Made>>,
    wrong: &std::collections::HashSet<String>,
) -> Option<Above> {
    let text = line.get("parent");
    if text.is_empty() {
        return Some(Above::Known(root));
    }
    if let Some([only]) = made.get(&fold(text)).map(Vec::as_slice) {
        return Some(Above::Line(only.line));
    }
    let found = places.find(text);
    if matches!(found, matching::Found::Unknown(_)) && wrong.contains(&fold(text)) {
        reader.say(Problem::new(PARENT_WRONG, &[("name", text.to_owned())]));
        return None;
    }
    reader.one(found, [UNKNOWN_PLACE, NEAR_PLACE, SEVERAL_PLACES]).map(Above::Known)
}

impl Writes for Places {
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
            match serde_json::from_value(line.row.clone()).map_err(Error::internal)? {
                Row::New { above, level, said } => {
                    let parent = match above {
                        Above::Known(id) => id,
                        Above::Line(number) => {
                            PlaceId(*log.made.get(&number).ok_or_else(|| Error::internal("a line below one that was not written"))?)
                        }
                    };
                    let details = said.details(None);
                    let id = CreatePlace { by: by.clone(), parent: Some(parent), level, details }.run(tx).await?;
                    log.created(line.line, id.0, &said.name, 1);
                    Ok(())
                }
                Row::Changed { place, version, kind, said, was } => {
                    EditPlace { by: by.clone(), place, version, details: said.details(kind) }.run(tx).await?;
                    log.edited(place.0, &was.name, &(kind, &was), version + 1)
                }
            }
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<ManageTerritory>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (by, place, version) = (by.clone(), PlaceId(change.subject), change.version);
            match change.kind {
                ChangeKind::Created => {
                    let known = crate::places::find(tx, place).await?;
                    if access::giving::is_scope(tx, &known.path, &path_end(&known.path)).await? {
                        return Err(held_by_role(change));
                    }
                    ClosePlace { by, place, version }.run(tx).await
                }
                ChangeKind::Edited => {
                    let (kind, was): (Option<crate::place::PlaceKind>, Said) = change.was()?;
                    EditPlace { by, place, version, details: was.details(kind) }.run(tx).await
                }
            }
        })
    }
}
