//! Cases as pages show them: words, lamps and stitches, computed from state and clock.

use crate::case::{Case, NO_DUE};
use crate::listing::{Lamp, Line};
use crate::steps::{Holder, Stage};
use kernel::Instant;
use kernel::ids::{OrganisationId, PlaceId, Uuid};
use territory::Directory;
pub use web::parts::{LampView, ThreadView};
use web::{PageContext, Words};

/// The lamp of whoever holds the case now.
pub fn lamp(page: &PageContext, stage: Stage, due: Instant, yellow_at: Instant, late: bool) -> LampView {
    let w = page.w;
    let text = |key: &str| w.t(key).into_owned();
    match stage.holder() {
        Holder::Nobody if stage != Stage::Closed => LampView { kind: "n", text: stage_words(w, stage) },
        Holder::Nobody if late => LampView { kind: "y", text: text("lamp-closed-late") },
        Holder::Nobody => LampView { kind: "g", text: text("lamp-closed") },
        _ if due == NO_DUE => LampView { kind: "n", text: text("lamp-none") },
        holder => {
            let lamp = Lamp::of(due, yellow_at, page.now);
            let key = match (holder, lamp) {
                (Holder::Centre, Lamp::Red) => "lamp-centre-over",
                (Holder::Centre, _) => "lamp-centre-left",
                (Holder::Verifier, Lamp::Red) => "lamp-verifier-over",
                (Holder::Verifier, _) => "lamp-verifier-left",
                (Holder::Outside, Lamp::Red) => "lamp-outside-over",
                (Holder::Outside, _) => "lamp-outside-left",
                (_, Lamp::Red) => "lamp-unit-over",
                _ => "lamp-unit-left",
            };
            LampView { kind: lamp_kind(lamp), text: w.a(key, "span", page.span(&due)).into_owned() }
        }
    }
}

/// The class of a lamp.
pub const fn lamp_kind(lamp: Lamp) -> &'static str {
    match lamp {
        Lamp::Green => "g",
        Lamp::Yellow => "y",
        Lamp::Red => "x",
    }
}

pub fn thread(w: Words, stage: Stage, lamp: &LampView, rework: i64) -> ThreadView {
    let label =
        if rework > 0 { w.a2("thread-label-rework", "stage", stage_words(w, stage), "n", rework) } else { stage_words(w, stage).into() };
    ThreadView { done: stage.stitches(), lamp: lamp.kind, rework, label: label.into_owned() }
}

pub fn stage_words(w: Words, stage: Stage) -> String {
    w.t(&format!("stage-{stage}")).into_owned()
}

/// One row of a list.
#[derive(Debug, Clone)]
pub struct LineView {
    pub number: i64,
    pub href: String,
    pub category: String,
    pub place: String,
    pub unit: String,
    pub stage: String,
    pub lamp: LampView,
    pub thread: ThreadView,
    pub rework: i64,
    /// What is to be known at a glance.
    pub tags: Vec<String>,
    pub reported: String,
    pub photos: i64,
    pub source: String,
    pub outside: String,
    pub community: String,
    pub version: i64,
    /// The outer clock that warns before ours: its words and its lamp's class.
    pub outer: Option<(String, &'static str)>,
}

pub fn line(page: &PageContext, directory: &Directory, line: &Line) -> LineView {
    let lamp = match line.hold_until.filter(|until| line.stage == Stage::Dispatched && *until > page.now) {
        Some(until) => LampView { kind: "n", text: page.w.a("lamp-held", "until", page.at(&until)).into_owned() },
        None => lamp(page, line.stage, line.due, line.yellow_at, line.late),
    };
    LineView {
        number: line.number,
        href: page.href(&format!("/cases/{}", line.number)),
        category: title(page.w, directory, line.category_id, line.stage, &line.what),
        place: place_words(directory, line.place_id, &line.where_words),
        unit: unit_name(directory, line.unit_id),
        stage: stage_words(page.w, line.stage),
        thread: thread(page.w, line.stage, &lamp, line.rework),
        lamp,
        rework: line.rework,
        tags: tags(page.w, line),
        reported: page.at(&line.reported_at),
        photos: line.photos,
        source: page.w.t(&format!("source-{}", line.source)).into_owned(),
        outside: line.outside_number.clone().unwrap_or_default(),
        community: line.community_id.and_then(|id| directory.place(id)).map(|place| place.name.clone()).unwrap_or_default(),
        version: line.version,
        // The earlier of the two clocks is the one to know of; ours stands in its own lamp.
        outer: line.outside_due.filter(|outer| !line.stage.open() || *outer < line.due).map(|outer| {
            let red = outer < page.now;
            let key = if red { "lamp-order-over" } else { "lamp-order-left" };
            (page.w.a(key, "span", page.span(&outer)).into_owned(), if red { "x" } else { "y" })
        }),
    }
}

fn tags(w: Words, line: &Line) -> Vec<String> {
    let rework = (line.rework > 0).then(|| w.a("tag-rework", "n", line.rework).into_owned());
    let ask = line.ask.map(|ask| w.t(&format!("tag-ask-{ask}")).into_owned());
    let supervised = (line.supervised_at.is_some() && line.stage.open()).then(|| w.t("tag-supervised").into_owned());
    let recurring = line.recurs_of.map(|_| w.t("tag-recurring").into_owned());
    [supervised, ask, rework, recurring].into_iter().flatten().collect()
}

/// The row of a case that was read whole.
pub fn line_of(page: &PageContext, directory: &Directory, case: &Case) -> LineView {
    line(page, directory, &as_line(case))
}

/// A case that was read whole as a list has it.
pub fn as_line(case: &Case) -> Line {
    Line {
        id: case.id,
        number: case.number,
        stage: case.stage,
        category_id: case.category_id,
        place_id: case.place_id,
        community_id: case.community_id,
        where_words: case.where_words.clone(),
        what: case.what.chars().take(60).collect(),
        unit_id: case.unit_id,
        due: case.due,
        yellow_at: case.yellow_at,
        reported_at: case.reported_at,
        dispatched_at: case.dispatched_at,
        ended_at: case.ended_at,
        rework: case.rework,
        late: case.late,
        ask: case.ask,
        asked_at: case.asked_at,
        hold_until: case.hold_until,
        supervised_at: case.supervised_at,
        recurs_of: case.recurs_of,
        outside_due: case.outside_due,
        source: case.source,
        outside_number: case.outside_number.clone(),
        photos: case.photos,
        version: case.version,
        circular_id: case.circular_id,
        unit_due: case.unit_due,
        rectified_at: case.rectified_at,
    }
}

/// The category's name. One that still has to be looked through says that it lacks one; a case of another system may go
/// without for ever, and is called by the beginning of its own words.
pub fn title(w: Words, directory: &Directory, category: Option<Uuid>, stage: Stage, what: &str) -> String {
    match category.and_then(|id| directory.category(id)) {
        Some(category) => category.name.clone(),
        None if stage == Stage::Reported || what.is_empty() => w.t("case-no-category").into_owned(),
        None => what.chars().take(60).collect(),
    }
}

pub fn unit_name(directory: &Directory, id: Option<OrganisationId>) -> String {
    id.and_then(|id| directory.organisation(id)).map(|unit| unit.name.clone()).unwrap_or_default()
}

/// The place's full name and the finder's words, parted by a space.
pub fn place_words(directory: &Directory, id: Option<PlaceId>, words: &str) -> String {
    let place = id.and_then(|id| directory.place(id)).map(|place| place.full_name.as_str()).unwrap_or_default();
    match (place.is_empty(), words.is_empty()) {
        (true, _) => words.to_owned(),
        (_, true) => place.to_owned(),
        _ => format!("{place} {words}"),
    }
}
