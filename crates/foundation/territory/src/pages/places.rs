//! The place tree: browsing it, adding, renaming, moving and closing places, and taking in files of places and boundaries.

use super::outline::outline;
use super::uploads::Upload;
use super::{Choice, Filled, cached_json, may_manage, mendable, status_of, titled};
use crate::directory::{Directory, PlaceInfo};
use crate::import::{ImportPlaces, ImportReport, LineNote, PlaceFile};
use crate::place::{Level, PlaceKind};
use crate::places::{ClosePlace, CreatePlace, EditPlace, HOUSEHOLDS, MovePlace, PARENT_MISSING, PlaceDetails};
use crate::polygons::{ImportPolygons, PolygonFile, PolygonReport};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::coordinates::{Datum, Point};
use kernel::ids::{CommandId, PlaceId};
use kernel::{Error, Result, ensure};
use serde::{Deserialize, Serialize};
use web::PageContext;
use web::html::render;
use web::parts::OutlineView;

struct Line {
    href: String,
    name: String,
    level: String,
    code: String,
    compounds: usize,
    below: usize,
    households: String,
    bounded: bool,
}

struct Crumb {
    href: String,
    name: String,
}

#[derive(askama::Template)]
#[template(path = "places.html")]
struct PlacesPage {
    page: PageContext,
    asked: Asked,
    crumbs: Vec<Crumb>,
    here: Option<Here>,
    lines: Vec<Line>,
    outline: Option<OutlineView>,
    may_manage: bool,
    levels: Vec<Choice>,
    parents: Vec<Choice>,
    data: Vec<Choice>,
    add: Filled,
    edit: Filled,
    other: Filled,
    commands: [CommandId; 6],
}

/// The place that the page is about.
struct Here {
    id: PlaceId,
    name: String,
    level: String,
    code: String,
    urban_rural: String,
    former: String,
    version: i64,
    full_name: String,
    is_root: bool,
    has_code_level: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub at: String,
    pub q: String,
}

/// How many finds and choices a page lists.
const MOST: usize = 100;

/// Which of the page's forms came back.
enum Again {
    None,
    Add(Filled, Error),
    Edit(Filled, Error),
    Other(Filled, Error),
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show(&desk, asked, Again::None).await
}

async fn show(desk: &Desk, asked: Asked, again: Again) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "places-title");
    let w = page.w;
    let boundaries = desk.app.get::<crate::Caches>().polygons(&desk.app.store, desk.tenant.id).await?;
    let here = if asked.at.is_empty() {
        directory.root()
    } else {
        Some(directory.place_or_404(asked.at.parse().map_err(|_| Error::not_found())?)?)
    };
    let line = |place: &PlaceInfo| Line {
        href: page.href(&format!("/places?at={}", place.id)),
        name: if asked.q.is_empty() { place.name.clone() } else { place.full_name.clone() },
        level: level_words(&page, place),
        code: place.code.clone().unwrap_or_default(),
        compounds: directory
            .subtree(place.id)
            .iter()
            .filter(|below| below.open && below.level == Level::Compound && below.id != place.id)
            .count(),
        below: directory.subtree(place.id).iter().filter(|below| below.open).count() - usize::from(place.open),
        households: place.households.map(|households| households.to_string()).unwrap_or_default(),
        bounded: boundaries.bounds(place.id),
    };
    let searched = !asked.q.trim().is_empty();
    let lines = match here {
        _ if searched => directory.find_by_name(&asked.q, MOST).into_iter().map(line).collect(),
        Some(here) => directory.children(here.id).map(line).collect(),
        None => Vec::new(),
    };
    let mut crumbs: Vec<Crumb> = here.map_or_else(Vec::new, |here| {
        let crumb = |place: &PlaceInfo| Crumb { href: page.href(&format!("/places?at={}", place.id)), name: place.name.clone() };
        directory.ancestors(here.id).into_iter().map(crumb).collect()
    });
    crumbs.reverse();
    let chosen = |again: &Again, name: &str| match again {
        Again::Add(filled, _) => filled.v(name).to_owned(),
        _ => String::new(),
    };
    let levels = here.map_or_else(Vec::new, |here| level_choices(&page, here.level, &chosen(&again, "level")));
    let parents = here.map_or_else(Vec::new, |here| parent_choices(&directory, here));
    let data = Datum::ALL
        .into_iter()
        .map(|datum| Choice { value: datum.as_str().to_owned(), label: w.t(&format!("datum-{}", datum.as_str())).into_owned(), on: false })
        .collect();
    let filled = here.map_or_else(Filled::default, filled_with);
    let (add, edit, other, error) = match again {
        Again::None => (Filled::default(), filled, Filled::default(), None),
        Again::Add(form, error) => (form, filled, Filled::default(), Some(error)),
        Again::Edit(form, error) => (Filled::default(), form, Filled::default(), Some(error)),
        Again::Other(form, error) => (Filled::default(), filled, form, Some(error)),
    };
    let status = [&add, &edit, &other]
        .into_iter()
        .map(|filled| status_of(filled, error.as_ref()))
        .find(|status| status.as_u16() != 200)
        .unwrap_or_default();
    let template = PlacesPage {
        crumbs,
        here: here.map(|here| Here {
            id: here.id,
            name: here.name.clone(),
            level: level_words(&page, here),
            code: here.code.clone().unwrap_or_default(),
            urban_rural: here.urban_rural.as_ref().map(|it| w.t(&format!("urban-rural-{it}")).into_owned()).unwrap_or_default(),
            former: if here.former.is_empty() {
                String::new()
            } else {
                w.a("place-former", "names", here.former.join(&w.t("list-comma"))).into_owned()
            },
            version: here.version,
            full_name: here.full_name.clone(),
            is_root: here.parent.is_none(),
            has_code_level: matches!(here.level, Level::District | Level::SubDistrict | Level::Community | Level::Grid),
        }),
        lines,
        outline: here.filter(|_| !searched).and_then(|here| outline(&page, &directory, &boundaries, here)),
        may_manage: may_manage(desk),
        levels,
        parents,
        data,
        add,
        edit,
        other,
        commands: std::array::from_fn(|_| desk.app.world.new_id()),
        asked,
        page,
    };
    Ok(render(status, &template))
}

fn level_words(page: &PageContext, place: &PlaceInfo) -> String {
    match place.kind {
        Some(kind) => page.w.t(&format!("place-kind-{kind}")).into_owned(),
        None => page.w.t(&format!("level-{}", place.level)).into_owned(),
    }
}

fn level_choices(page: &PageContext, above: Level, chosen: &str) -> Vec<Choice> {
    let below = Level::ALL.iter().filter(|level| level.may_stand_below(above));
    let choice = |level: &Level| Choice {
        value: level.as_str().to_owned(),
        label: page.w.t(&format!("level-{level}")).into_owned(),
        on: level.as_str() == chosen,
    };
    below.map(choice).collect()
}

/// Where a place may be hung: open places above its level and outside its own subtree.
fn parent_choices(directory: &Directory, here: &PlaceInfo) -> Vec<Choice> {
    let fits = |place: &&PlaceInfo| place.open && here.level.may_stand_below(place.level) && !place.path.starts_with(&here.path);
    let found = directory.places().iter().filter(fits).take(2_000);
    found.map(|place| Choice { value: place.id.to_string(), label: place.full_name.clone(), on: Some(place.id) == here.parent }).collect()
}

fn filled_with(place: &PlaceInfo) -> Filled {
    let text = |value: Option<String>| value.unwrap_or_default();
    let (lng, lat) = place.point.map_or_else(Default::default, |point| {
        let text = point.to_string();
        text.split_once(',').map(|(lng, lat)| (lng.to_owned(), lat.to_owned())).unwrap_or_default()
    });
    Filled::default()
        .with("name", place.name.clone())
        .with("name_en", text(place.name_en.clone()))
        .with("code", text(place.code.clone()))
        .with("households", text(place.households.map(|households| households.to_string())))
        .with("lng", lng)
        .with("lat", lat)
}

/// A place as the forms send it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaceForm {
    pub at: String,
    pub level: String,
    pub version: String,
    pub name: String,
    pub name_en: String,
    pub code: String,
    pub households: String,
    pub lng: String,
    pub lat: String,
}

impl PlaceForm {
    fn details(&self, kind: Option<PlaceKind>) -> Result<PlaceDetails> {
        let households = match self.households.trim() {
            "" => None,
            text => Some(text.parse::<i64>().map_err(|_| Error::field("households", HOUSEHOLDS))?),
        };
        let point = match (self.lng.trim(), self.lat.trim()) {
            ("", "") => None,
            (lng, lat) => Some(Point::parse(lng, lat).map_err(|error| crate::fields::at_field("lng", error.into()))?),
        };
        Ok(PlaceDetails {
            kind,
            code: Some(self.code.clone()).filter(|code| !code.trim().is_empty()),
            name: self.name.clone(),
            name_en: Some(self.name_en.clone()).filter(|name| !name.trim().is_empty()),
            point,
            households,
            urban_rural: None,
        })
    }
}

fn version(text: &str) -> Result<i64> {
    text.parse().map_err(|_| crate::places::STALE.err())
}

pub async fn add(submitted: Submitted<PlaceForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let outcome = async {
        let parent: PlaceId = form.at.parse().map_err(|_| Error::field("level", PARENT_MISSING))?;
        let level: Level = form.level.parse().map_err(|_| Error::field("level", crate::places::LEVEL))?;
        let command = CreatePlace { by, parent: Some(parent), level, details: form.details(None)? };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-place-added", &format!("/places?at={}", form.at))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, form, &error);
            show(desk, Asked { at: form.at.clone(), q: String::new() }, Again::Add(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn edit(Path((_, id)): Path<(String, String)>, submitted: Submitted<PlaceForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let place: PlaceId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let directory = crate::directory_of(desk).await?;
        let kind = directory.place_or_404(place)?.kind;
        desk.app
            .store
            .run(submitted.pass.clone(), EditPlace { by, place, version: version(&form.version)?, details: form.details(kind)? })
            .await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-place-edited", &format!("/places?at={place}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, form, &error);
            show(desk, Asked { at: id, q: String::new() }, Again::Edit(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HangForm {
    pub version: String,
    pub parent: String,
}

pub async fn hang(Path((_, id)): Path<(String, String)>, submitted: Submitted<HangForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let place: PlaceId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async {
        let parent: PlaceId = form.parent.parse().map_err(|_| Error::field("parent", PARENT_MISSING))?;
        desk.app.store.run(submitted.pass.clone(), MovePlace { by, place, version: version(&form.version)?, parent }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-place-moved", &format!("/places?at={place}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, form, &error);
            show(desk, Asked { at: id, q: String::new() }, Again::Other(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CloseForm {
    pub version: String,
}

pub async fn close(Path((_, id)): Path<(String, String)>, submitted: Submitted<CloseForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let place: PlaceId = id.parse().map_err(|_| Error::not_found())?;
    let outcome = async { desk.app.store.run(submitted.pass.clone(), ClosePlace { by, place, version: version(&form.version)? }).await };
    match outcome.await {
        Ok(_) => {
            let directory = crate::directory_of(desk).await?;
            let above = directory.place(place).and_then(|place| place.parent).map(|parent| parent.to_string()).unwrap_or_default();
            Ok(desk.done("done-place-closed", &format!("/places?at={above}")))
        }
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, form, &error);
            show(desk, Asked { at: id, q: String::new() }, Again::Other(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct NoteView {
    line: u64,
    text: String,
    words: String,
}

struct OtherNameView {
    line: u64,
    code: String,
    in_file: String,
    kept: String,
}

#[derive(askama::Template)]
#[template(path = "import_result.html")]
struct ImportResult {
    page: PageContext,
    back: String,
    /// Where boundaries are looked over; empty after another import.
    check: String,
    /// Label and count, in the order that they are shown.
    counts: Vec<(String, i64)>,
    rejected: Vec<NoteView>,
    different: Vec<OtherNameView>,
}

fn notes(page: &PageContext, lines: &[LineNote]) -> Vec<NoteView> {
    let words = |note: &LineNote| page.w.error(&note.code, &Default::default()).into_owned();
    lines.iter().map(|note| NoteView { line: note.line, text: note.text.clone(), words: words(note) }).collect()
}

pub async fn import(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let at = upload.field("at").to_owned();
    let outcome = async {
        let root: PlaceId = at.parse().map_err(|_| Error::not_found())?;
        let datum = Datum::parse(upload.field("datum")).unwrap_or(Datum::Cgcs2000);
        let file = PlaceFile::read(&upload.file).map_err(|error| crate::fields::at_field("places_file", error))?.in_datum(datum);
        desk.app.store.run(upload.pass.clone(), ImportPlaces { by, root, file }).await
    };
    match outcome.await {
        Ok(outcome) => {
            let page = titled(desk, "import-places-result");
            let ImportReport { created, unchanged, different, outside, rejected, different_lines, rejected_lines, .. } = outcome.out;
            let named =
                [("created", created), ("unchanged", unchanged), ("different", different), ("outside", outside), ("rejected", rejected)];
            let template = ImportResult {
                back: page.href(&format!("/places?at={at}")),
                check: String::new(),
                counts: named.into_iter().map(|(name, count)| (page.w.t(&format!("import-{name}")).into_owned(), count)).collect(),
                rejected: notes(&page, &rejected_lines),
                different: different_lines
                    .into_iter()
                    .map(|other| OtherNameView { line: other.line, code: other.code, in_file: other.in_file, kept: other.kept })
                    .collect(),
                page,
            };
            Ok(render(axum::http::StatusCode::OK, &template))
        }
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, &CloseForm::default(), &error);
            show(desk, Asked { at, q: String::new() }, Again::Other(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn boundaries(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let at = upload.field("at").to_owned();
    let outcome = async {
        let datum = Datum::parse(upload.field("datum")).unwrap_or(Datum::Cgcs2000);
        let directory = crate::directory_of(desk).await?;
        let file = PolygonFile::read(&upload.file, datum, &directory).map_err(|error| crate::fields::at_field("boundaries_file", error))?;
        ensure(!file.boundaries.is_empty() || !file.rejected.is_empty(), Error::field("boundaries_file", crate::polygons::NOT_GEOJSON))?;
        if file.boundaries.is_empty() {
            // Nothing to change: the reasons alone are the answer.
            let rejected = i64::try_from(file.rejected.len()).unwrap_or(0);
            return Ok(PolygonReport { taken: 0, rejected, rejected_lines: file.rejected.into_iter().take(200).collect() });
        }
        desk.app.store.run(upload.pass.clone(), ImportPolygons { by, file }).await.map(|outcome| outcome.out)
    };
    match outcome.await {
        Ok(PolygonReport { taken, rejected, rejected_lines }) => {
            let page = titled(desk, "import-boundaries-result");
            let faults = i64::try_from(crate::boundaries_of(desk).await?.faults.len()).unwrap_or(i64::MAX);
            let named = [("taken", taken), ("rejected", rejected), ("faults", faults)];
            let template = ImportResult {
                back: page.href(&format!("/places?at={at}")),
                check: page.href("/places/boundaries"),
                counts: named.into_iter().map(|(name, count)| (page.w.t(&format!("import-{name}")).into_owned(), count)).collect(),
                rejected: notes(&page, &rejected_lines),
                different: Vec::new(),
                page,
            };
            Ok(render(axum::http::StatusCode::OK, &template))
        }
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "places-title").w, &CloseForm::default(), &error);
            show(desk, Asked { at, q: String::new() }, Again::Other(filled, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Communities → compounds → buildings, for choosing by name.
pub async fn json(desk: Desk, headers: HeaderMap) -> web::Result<Response> {
    let directory = crate::directory_of(&desk).await?;
    cached_json(&headers, "places", directory.revision, || serde_json::to_string(&directory.tree()).map_err(super::json_error))
}
