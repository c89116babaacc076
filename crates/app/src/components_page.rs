//! The page that shows every component in each of its states, by the same macros that pages call: what is changed in the
//! theme is looked at here first.

use access::http::Desk;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use cases::case_page::StepView;
use cases::steps::Stage;
use cases::views::{self, LineView};
use web::forms::{Choice, Filled};
use web::html::render;
use web::parts::{AreaView, LampView, OutlineView, PhotoView, ThreadView};
use web::{App, PageContext};

pub fn routes() -> Router<App> {
    Router::new().route("/t/{slug}/help/components", get(show))
}

/// One colour of the theme: its class and the key of its name.
const COLOURS: [(&str, &str); 11] = [
    ("paper", "components-colour-paper"),
    ("surface", "components-colour-surface"),
    ("line", "components-colour-line"),
    ("ink", "components-colour-ink"),
    ("ink-2", "components-colour-ink-2"),
    ("control", "components-colour-control"),
    ("indigo", "components-colour-indigo"),
    ("indigo-deep", "components-colour-indigo-deep"),
    ("vermilion", "components-colour-vermilion"),
    ("amber", "components-colour-amber"),
    ("jade", "components-colour-jade"),
];

/// Pictures of no place: a heap before, a lawn after.
const BEFORE: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 480 360'%3E%3Cpath fill='%23c9c1ae' d='M0 0h480v360H0z'/%3E%3Cpath fill='%23b5ac97' d='m60 216 60-96 66 96zM290 96h104v120H290z'/%3E%3Cpath fill='%238d8468' d='M0 216h480v144H0z'/%3E%3Cpath fill='%23645c47' d='m150 300 46-58 70 58zM240 312l34-40 44 40z'/%3E%3C/svg%3E";
const AFTER: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 480 360'%3E%3Cpath fill='%23cfdfd1' d='M0 0h480v360H0z'/%3E%3Cpath fill='%23b9cabb' d='m60 216 60-96 66 96zM290 96h104v120H290z'/%3E%3Cpath fill='%236f9b6d' d='M0 216h480v144H0z'/%3E%3C/svg%3E";

struct Swatch {
    class: &'static str,
    name: String,
}

/// A problem in one of its states.
struct State {
    number: i64,
    name: String,
    stage: String,
    lamp: LampView,
    thread: ThreadView,
}

/// What `cards::card` shows.
struct Card {
    line: LineView,
    thumb: Option<String>,
    what: String,
    rework_words: String,
    due: String,
    mine: bool,
}

struct Share {
    name: String,
    permille: i64,
    rate: String,
}

#[derive(askama::Template)]
#[template(path = "components_page.html")]
struct ComponentsPage {
    page: PageContext,
    here: String,
    swatches: Vec<Swatch>,
    states: Vec<State>,
    long: Vec<i64>,
    shares: Vec<Share>,
    lamps: Vec<LampView>,
    choices: Vec<Choice>,
    filled: Filled,
    wrong: Filled,
    before: PhotoView,
    after: PhotoView,
    photos: Vec<PhotoView>,
    no_photos: Vec<PhotoView>,
    steps: Vec<StepView>,
    cards: Vec<Card>,
    outline: OutlineView,
    no_fields: Vec<String>,
}

async fn show(desk: Desk) -> web::Result<Response> {
    let page = desk.page("components-title");
    let w = page.w;
    let states = states(&page);
    let photo = |thumb: &str, key: &str, caption: String| PhotoView {
        video: false,
        id: String::new(),
        href: "#photos".to_owned(),
        thumb: thumb.to_owned(),
        caption,
        alt: w.t(key).into_owned(),
    };
    let before = photo(BEFORE, "photo-before", format!("{} · {}", page.at(&page.now.plus_seconds(-3 * 86_400)), w.t("photo-located")));
    let after = photo(AFTER, "photo-after", page.at(&page.now.plus_seconds(-7200)));
    let album = photo(BEFORE, "photo-before", w.t("photo-album").into_owned());
    let template = ComponentsPage {
        here: page.href("/help/components"),
        swatches: COLOURS.into_iter().map(|(class, key)| Swatch { class, name: w.t(key).into_owned() }).collect(),
        long: (1..=30).collect(),
        shares: [1000, 981, 640, 90, 0]
            .into_iter()
            .enumerate()
            .map(|(n, permille)| Share {
                name: w.a("components-line", "n", n as i64 + 1).into_owned(),
                permille,
                rate: format!("{}.{} %", permille / 10, permille % 10),
            })
            .collect(),
        lamps: states.iter().map(|state| state.lamp.clone()).collect(),
        choices: ["stage-dispatched", "stage-rectified", "stage-closed"]
            .into_iter()
            .enumerate()
            .map(|(n, key)| Choice { value: n.to_string(), label: w.t(key).into_owned(), on: n == 1 })
            .collect(),
        filled: Filled::default().with("where", w.t("field-where-example")).with("day", "2026-02-13").with("yes", "yes"),
        wrong: Filled::default()
            .with("where", "<script>")
            .wrong("where", w.t("error-field-missing"))
            .wrong("choice", w.t("error-field-missing"))
            .wrong("day", w.t("error-field-missing"))
            .wrong("file", w.t("error-attachment-not_an_image")),
        cards: cards(&page),
        steps: steps(&page, &before),
        photos: vec![before.clone(), album],
        no_photos: Vec::new(),
        outline: outline(&page),
        no_fields: Vec::new(),
        before,
        after,
        states,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// A problem in each state that its lamp and its thread can show.
fn states(page: &PageContext) -> Vec<State> {
    let (hour, day) = (3600, 86_400);
    // The key of the state's name, where the problem stands, the seconds to its deadline and to the lamp's turning, and
    // how often it came back.
    let list = [
        ("components-state-found", Stage::Reported, 5 * hour, 3 * hour, 0, false),
        ("components-state-filed", Stage::Filed, 3 * hour, hour, 0, false),
        ("components-state-in_time", Stage::Dispatched, 3 * day, 2 * day, 0, false),
        ("components-state-yellow", Stage::Dispatched, 5 * hour, -hour, 0, false),
        ("components-state-late", Stage::Dispatched, -5 * hour, -day, 0, false),
        ("components-state-returned", Stage::Dispatched, 2 * day, day, 1, false),
        ("components-state-waiting", Stage::Rectified, 6 * hour, 2 * hour, 0, false),
        ("components-state-closed", Stage::Closed, 0, 0, 0, false),
        ("components-state-closed_late", Stage::Closed, 0, 0, 1, true),
        ("components-state-declined", Stage::Declined, 0, 0, 0, false),
    ];
    let state = |(n, (key, stage, due, yellow, rework, late)): (usize, (&str, Stage, i64, i64, i64, bool))| {
        let lamp = views::lamp(page, stage, page.now.plus_seconds(due + 30), page.now.plus_seconds(yellow), late);
        State {
            number: n as i64 + 1,
            name: page.w.t(key).into_owned(),
            stage: views::stage_words(page.w, stage),
            thread: views::thread(page.w, stage, &lamp, rework),
            lamp,
        }
    };
    list.into_iter().enumerate().map(state).collect()
}

fn steps(page: &PageContext, photo: &PhotoView) -> Vec<StepView> {
    let w = page.w;
    let list = [
        ("now", "step-rectify", "role-unit_handler", -2 * 3600, "components-said", vec![photo.clone(), photo.clone()]),
        ("bad", "step-fail", "role-inspector", -86_400, "components-said", Vec::new()),
        ("done", "step-dispatch", "role-clerk", -3 * 86_400, "", Vec::new()),
        ("done", "step-report", "role-inspector", -4 * 86_400, "", vec![photo.clone()]),
    ];
    let step = |(kind, title, by, seconds, words, photos): (&'static str, &str, &str, i64, &str, Vec<PhotoView>)| {
        let at = page.now.plus_seconds(seconds);
        StepView {
            kind,
            title: w.t(title).into_owned(),
            by: w.t(by).into_owned(),
            at: page.at(&at),
            iso: page.iso(&at),
            words: if words.is_empty() { String::new() } else { w.t(words).into_owned() },
            detail: String::new(),
            photos,
        }
    };
    list.into_iter().map(step).collect()
}

fn cards(page: &PageContext) -> Vec<Card> {
    let w = page.w;
    let card = |(n, state): (usize, State)| {
        let late = state.lamp.kind == "x";
        Card {
            line: LineView {
                number: state.number,
                href: "#phone".to_owned(),
                category: w.t("components-problem").into_owned(),
                place: w.t("components-place").into_owned(),
                unit: String::new(),
                stage: state.stage,
                lamp: state.lamp,
                thread: state.thread,
                rework: i64::from(late),
                tags: Vec::new(),
                reported: page.at(&page.now.plus_seconds(-3 * 86_400)),
                photos: 1,
                source: String::new(),
                outside: String::new(),
                community: String::new(),
                version: 1,
                outer: None,
            },
            thumb: (n < 2).then(|| BEFORE.to_owned()),
            what: w.t("components-said").into_owned(),
            rework_words: if late { w.t("components-said").into_owned() } else { String::new() },
            due: page.at(&page.now.plus_seconds(5 * 3600)),
            mine: n < 2,
        }
    };
    states(page).into_iter().skip(3).take(4).filter(|state| state.thread.rework == 0).enumerate().map(card).collect()
}

fn outline(page: &PageContext) -> OutlineView {
    let area = |(n, path, x, y): (i64, &str, i64, i64)| AreaView {
        href: "#outline".to_owned(),
        name: page.w.a("components-line", "n", n).into_owned(),
        path: path.to_owned(),
        x,
        y,
    };
    let areas = [
        (1, "M20 40L380 12L420 230L70 290Z", 220, 140),
        (2, "M380 12L760 30L790 220L420 230Z", 590, 120),
        (3, "M70 290L420 230L470 480L130 560Z", 270, 390),
        (4, "M420 230L790 220L980 360L760 540L470 480Z", 680, 370),
    ];
    OutlineView {
        label: page.w.t("components-outline").into_owned(),
        view_box: "0 0 1000 580".to_owned(),
        ground: "M20 40L380 12L760 30L790 220L980 360L760 540L470 480L130 560L70 290Z".to_owned(),
        areas: areas.into_iter().map(area).collect(),
    }
}
