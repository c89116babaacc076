//! Categories with their filing conditions, one line a condition: what is known gets a new version, local items are added.
//!
//! Lines of one category stand below one another; its own cells may be merged over them, or written on the first alone.

use super::applying::{Apply, Change, ChangeKind, Log, Undo, Work, Writes};
use super::reading::{Reader, Received, Written, yes_word};
use super::{About, Becomes, BoxFuture, Column, DIFFERS, Fresh, Kind, MISSING, Planned, Problem, TWICE};
use crate::categories::{AddLocalCategory, CategoryRule, ChangeCategory, LOCAL_CODE, RANK, SHARE, WithdrawCategory, limit_from};
use crate::category::{CategoryCode, CategoryKind, CategoryVersion, Reinspection};
use crate::condition::{Condition, Conditions};
use crate::directory::Directory;
use crate::organisation::CategoryVersionId;
use crate::received::{SheetId, SheetKind};
use crate::sheets::workbook::{Cell, Column as SheetColumn, Sheet, download, write};
use crate::sheets::{Titles, fold};
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::Desk;
use access::{Actor, Permit};
use axum::response::Response;
use kernel::calendar::LimitUnit;
use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::{Command, Pass, Write};
use web::Words;

/// Another line of the same category is wrong.
const WITH_WRONG: Code = Code::invalid("import_line.with_wrong");
/// This line belongs to the category of an earlier one.
const BELONGS: Code = Code::invalid("import_line.belongs");
/// There is no such class.
const NO_CLASS: Code = Code::invalid("import_line.no_class");

static TITLES: LazyLock<Titles> = LazyLock::new(|| Titles::read(include_str!("../../data/import_categories.csv")));

/// How many columns are about the category itself; the others are about one condition.
const OWN: usize = 8;

static ABOUT: About = About {
    kind: SheetKind::Categories,
    name: "imports-categories",
    help: "imports-categories-help",
    columns: &[
        Column::new("code", "import-column-category-code", 18).needed(),
        Column::new("name", "import-column-category-name", 24),
        Column::new("name_en", "import-column-name-en", 20),
        Column::new("share", "import-column-share", 12),
        Column::new("may_report", "import-column-may-report", 14),
        Column::new("common_rank", "import-column-common", 10),
        Column::new("synonyms", "import-column-synonyms", 26),
        Column::new("class", "import-column-class", 18),
        Column::new("filing", "import-column-filing", 34),
        Column::new("limit_value", "import-column-limit-value", 10),
        Column::new("limit_unit", "import-column-limit-unit", 14).chosen_from("import-names-limits"),
        Column::new("closing", "import-column-closing", 34),
        Column::new("photo", "import-column-photo", 10),
        Column::new("reinspect", "import-column-reinspect", 16).chosen_from("import-names-reinspect"),
    ],
    titles: &TITLES,
    wanted: &[&["code", "limit_value"], &["code", "filing"], &["code", "name"]],
    helps: &["import-help-category-code", "import-help-conditions", "import-help-merged", "import-help-limits", "import-help-versions"],
    batch: usize::MAX,
};

/// Units of a limit as forms name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit(&'static str);

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

const WORKING_HOURS: &str = "working_hours";

fn units() -> [Unit; 5] {
    let stored = [LimitUnit::UrgentHours, LimitUnit::WorkingMinutes, LimitUnit::WorkingDays, LimitUnit::NaturalDays].map(LimitUnit::as_str);
    [Unit(stored[0]), Unit(WORKING_HOURS), Unit(stored[1]), Unit(stored[2]), Unit(stored[3])]
}

/// What a category is to be, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    name_en: Option<String>,
    share: i64,
    may_report: bool,
    common_rank: Option<i64>,
    synonyms: Vec<String>,
    conditions: Vec<Condition>,
}

impl Said {
    fn of(version: &CategoryVersion) -> Said {
        Said {
            name_en: version.name_en.clone(),
            share: version.sample_permille,
            may_report: version.may_report,
            common_rank: version.common_rank,
            synonyms: version.synonym_list().map(str::to_owned).collect(),
            conditions: version.filing_conditions(),
        }
    }
    fn new() -> Said {
        Said { name_en: None, share: 1000, may_report: false, common_rank: None, synonyms: Vec::new(), conditions: Vec::new() }
    }
    /// Errors: 500 without any condition.
    fn rule(&self) -> Result<CategoryRule> {
        let (first, further) = self.conditions.split_first().ok_or_else(|| Error::internal("a category without a condition"))?;
        Ok(CategoryRule {
            limit: first.limit(),
            photo_demanded: first.photo_demanded,
            reinspect: first.reinspect,
            sample_permille: self.share,
            common_rank: self.common_rank,
            may_report: self.may_report,
            filing: first.filing.clone(),
            closing: first.closing.clone(),
            further: further.to_vec(),
            synonyms: self.synonyms.clone(),
            name_en: self.name_en.clone(),
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Row {
    New { kind: CategoryKind, class: String, class_name: String, item: String, name: String, said: Said },
    Changed { current: CategoryVersionId, name: String, said: Said, was: Said },
}

pub struct Categories;

fn title(key: &str) -> String {
    Words::of(web::Lang::Chinese).t(key).into_owned()
}

/// The code of a line: `event-06-080`, with full-width digits too.
fn code_of(line: &Written) -> Option<CategoryCode> {
    CategoryCode::parse(&fold(line.get("code")))
}

/// Lines of one category: the first, and those below that say the same code or none.
fn groups(lines: &[Written]) -> Vec<&[Written]> {
    let mut groups = Vec::new();
    let mut from = 0;
    for at in 1..=lines.len() {
        let ends = lines.get(at).is_none_or(|line| {
            let code = fold(line.get("code"));
            !code.is_empty() && code != fold(lines[from].get("code"))
        });
        if ends {
            groups.push(&lines[from..at]);
            from = at;
        }
    }
    groups
}

fn condition(reader: &mut Reader<'_>, received: &Received, known: Option<&Condition>) -> Condition {
    let mut condition = known.cloned().unwrap_or(Condition {
        filing: String::new(),
        limit_unit: None,
        limit_value: None,
        closing: String::new(),
        photo_demanded: true,
        reinspect: Reinspection::OnSpot,
    });
    if received.has("filing") {
        reader.text("filing").clone_into(&mut condition.filing);
    }
    if received.has("closing") {
        reader.text("closing").clone_into(&mut condition.closing);
    }
    if received.has("limit_value") {
        let unit = reader.listed("limit_unit", &title("import-column-limit-unit"), "limit-unit-", &units());
        let value = fold(reader.text("limit_value"));
        if unit.is_none() && !value.is_empty() && reader.text("limit_unit").is_empty() {
            reader.say(Problem::new(MISSING, &[("column", title("import-column-limit-unit"))]));
        }
        let limit = limit_from(unit.filter(|_| !value.is_empty()).map_or("", |unit| unit.0), &value);
        condition = condition.clone().with_limit(reader.keep(&title("import-column-limit-value"), limit).flatten());
    }
    if let Some(photo) = reader.yes("photo", &title("import-column-photo")) {
        condition.photo_demanded = photo;
    }
    if let Some(reinspect) = reader.listed("reinspect", &title("import-column-reinspect"), "reinspect-", Reinspection::ALL) {
        condition.reinspect = reinspect;
    }
    condition
}

/// `12.5%` as 125 ‰.
fn share(reader: &mut Reader<'_>) -> Option<i64> {
    let text = fold(reader.text("share"));
    if text.is_empty() {
        return None;
    }
    let outcome = crate::pages::categories::permille(&text).map_err(|_| Error::field("share", SHARE));
    reader.keep(&title("import-column-share"), outcome)
}

fn said(reader: &mut Reader<'_>, received: &Received, known: Option<&CategoryVersion>) -> Said {
    let mut said = known.map_or_else(Said::new, Said::of);
    if received.has("name_en") {
        said.name_en =
            reader.keep(&title("import-column-name-en"), crate::fields::optional_name("name_en", reader.text("name_en"))).flatten();
    }
    if let Some(share) = share(reader) {
        said.share = share;
    }
    if let Some(may_report) = reader.yes("may_report", &title("import-column-may-report")) {
        said.may_report = may_report;
    }
    if received.has("common_rank") {
        said.common_rank = reader.number("common_rank", &title("import-column-common"));
        if said.common_rank.is_some_and(|rank| !(1..=999).contains(&rank)) {
            reader.say(Problem::new(RANK, &[]));
        }
    }
    if received.has("synonyms") {
        let words = reader.text("synonyms").split([',', '\u{ff0c}', '\u{3001}', ';', '\u{ff1b}', '|']);
        let mut kept: Vec<String> = Vec::new();
        for word in words.map(str::trim).filter(|word| !word.is_empty()) {
            if !kept.iter().any(|known| known == word) {
                kept.push(word.to_owned());
            }
        }
        said.synonyms = kept;
    }
    said
}

/// What becomes of the lines of one category.
fn group(directory: &Directory, received: &Received, lines: &[Written], seen: &mut HashMap<CategoryCode, u64>) -> Result<Vec<Planned>> {
    let mut reader = Reader::new(&lines[0]);
    let code = reader.needed("code", &title("import-column-category-code")).and_then(|_| code_of(&lines[0]));
    let Some(code) = code else {
        if reader.wrong.is_empty() {
            reader.say(Problem::new(CODE_FORM, &[]));
        }
        return Ok(wrong(lines, vec![reader.wrong]));
    };
    if let Some(before) = seen.insert(code.clone(), lines[0].line) {
        reader.say(Problem::new(TWICE, &[("line", before.to_string())]));
    }
    let known = directory.category_in_force(&code);
    let name = reader.text("name").to_owned();
    let class = directory.categories().find(|version| version.kind == code.kind && version.class_code == code.class);
    match known {
        Some(known) if !name.is_empty() && fold(&name) != fold(&known.name) => {
            reader.say(Problem::new(DIFFERS, &[("name", known.name.clone())]));
        }
        Some(_) => {}
        None => {
            if code.item.as_str() < "080" {
                reader.say(Problem::new(LOCAL_CODE, &[]));
            }
            if class.is_none() {
                reader.say(Problem::new(NO_CLASS, &[("class", format!("{}-{}", code.kind, code.class))]));
            }
            if name.is_empty() {
                reader.say(Problem::new(MISSING, &[("column", title("import-column-category-name"))]));
            }
            reader.keep(&title("import-column-category-name"), crate::fields::optional_name("name", &name));
        }
    }
    let mut said = said(&mut reader, received, known);
    let mut problems = vec![std::mem::take(&mut reader.wrong)];
    let about_conditions = ["filing", "limit_value", "closing", "photo", "reinspect"].iter().any(|column| received.has(column));
    if about_conditions || known.is_none() {
        let before = known.map(CategoryVersion::filing_conditions).unwrap_or_default();
        said.conditions.clear();
        for (at, line) in lines.iter().enumerate() {
            let mut reader = Reader::new(line);
            let condition = condition(&mut reader, received, before.get(at));
            said.conditions.push(condition);
            if at == 0 { problems[0].append(&mut reader.wrong) } else { problems.push(reader.wrong) }
        }
        if let Err(error) = Conditions::checked(&said.conditions) {
            let field = error.field_errors().first().map(|field| field.field.clone()).unwrap_or_default();
            let number = field.trim_start_matches(char::is_alphabetic).parse::<usize>().unwrap_or(1);
            let at = (number - 1).min(lines.len() - 1);
            problems[at].push(super::reading::problem_of(&error));
        }
    }
    problems.resize(lines.len(), Vec::new());
    if problems.iter().any(|wrong| !wrong.is_empty()) {
        return Ok(wrong(lines, problems));
    }
    let first = match (known, class) {
        (Some(known), _) if Said::of(known) == said => Planned::same(lines[0].line),
        (Some(known), _) => {
            let row = Row::Changed { current: known.id, name: known.name.clone(), said, was: Said::of(known) };
            Planned::writes(lines[0].line, Becomes::Changed, &row)?
        }
        (None, Some(class)) => {
            let CategoryCode { kind, class: of, item } = code;
            let row = Row::New { kind, class: of, class_name: class.class_name.clone(), item, name, said };
            Planned::writes(lines[0].line, Becomes::New, &row)?
        }
        (None, None) => Planned::wrong(lines[0].line, vec![Problem::new(NO_CLASS, &[("class", code.class)])]),
    };
    let below =
        |line: &Written| Planned { says: vec![Problem::new(BELONGS, &[("line", lines[0].line.to_string())])], ..Planned::same(line.line) };
    Ok(std::iter::once(first).chain(lines[1..].iter().map(below)).collect())
}

const CODE_FORM: Code = Code::invalid("import_line.category_code");

/// All lines of a category are wrong with one of them.
fn wrong(lines: &[Written], problems: Vec<Vec<Problem>>) -> Vec<Planned> {
    let mut problems = problems;
    problems.resize(lines.len(), Vec::new());
    let bad = lines.iter().zip(&problems).find(|(_, wrong)| !wrong.is_empty()).map_or(lines[0].line, |(line, _)| line.line);
    let one = |(line, wrong): (&Written, Vec<Problem>)| {
        let says = if wrong.is_empty() { vec![Problem::new(WITH_WRONG, &[("line", bad.to_string())])] } else { wrong };
        Planned::wrong(line.line, says)
    };
    lines.iter().zip(problems).map(one).collect()
}

impl Kind for Categories {
    fn about(&self) -> &'static About {
        &ABOUT
    }
    fn may(&self, actor: &Actor) -> bool {
        actor.can::<ManageTerritory>(&actor.tenant)
    }

    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>> {
        Box::pin(async move {
            let directory = crate::directory_of(desk).await?;
            let mut seen = HashMap::new();
            let mut plan = Vec::with_capacity(received.lines.len());
            for lines in groups(&received.lines) {
                plan.extend(group(&directory, received, lines, &mut seen)?);
            }
            Ok(plan)
        })
    }

    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>> {
        Box::pin(async move {
            let w = desk.page("imports-title").w;
            let sheet = |key: &str, rows| Sheet { name: w.t(key).into_owned(), columns: vec![SheetColumn::new(w.t(key), 30)], rows };
            let words =
                |prefix: &str, names: Vec<String>| names.iter().map(|name| vec![Cell::text(w.t(&format!("{prefix}{name}")))]).collect();
            Ok(vec![
                sheet("import-names-limits", words("limit-unit-", units().iter().map(ToString::to_string).collect())),
                sheet("import-names-reinspect", words("reinspect-", Reinspection::ALL.iter().map(ToString::to_string).collect())),
            ])
        })
    }

    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Apply { by, work, writes: Categories }).await?;
            Ok(Vec::new())
        })
    }

    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
            desk.app.store.run(pass, Undo { by, sheet, kind: SheetKind::Categories, writes: Categories }).await.map(drop)
        })
    }
}

impl Writes for Categories {
    type Verb = ManageTerritory;
    /// A case keeps the version that it was filed under: going back is one more version, and stands in nobody's way.
    const HELD_BY_FACTS: bool = false;

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
                Row::New { kind, class, class_name, item, name, said } => {
                    let rule = said.rule()?;
                    let command = AddLocalCategory { by, kind, class_code: class, class_name, item_code: item, name: name.clone(), rule };
                    let id = command.run(tx).await?;
                    log.created(line.line, id.0, &name, 1);
                    Ok(())
                }
                Row::Changed { current, name, said, was } => {
                    let id = ChangeCategory { by, current, rule: said.rule()? }.run(tx).await?;
                    log.edited(id.0, &name, &was, 1)
                }
            }
        })
    }

    fn take_back<'a>(&'a self, by: &'a Permit<ManageTerritory>, tx: &'a mut Write<'_>, change: &'a Change) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let (by, current) = (by.clone(), CategoryVersionId(change.subject));
            match change.kind {
                ChangeKind::Created => WithdrawCategory { by, current }.run(tx).await,
                ChangeKind::Edited => ChangeCategory { by, current, rule: change.was::<Said>()?.rule()? }.run(tx).await.map(drop),
            }
        })
    }
}

/// All categories in force with their conditions, in a file that can be brought in again; what is the category's own is merged
/// over its conditions.
pub async fn export(desk: Desk) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(&desk).await?;
    let page = desk.page("categories-title");
    let w = page.w;
    let mut rows = Vec::new();
    for version in directory.categories() {
        let said = Said::of(version);
        for (at, condition) in said.conditions.iter().enumerate() {
            let own = if at == 0 { own_cells(w, version, &said) } else { vec![Cell::Above; OWN] };
            rows.push(own.into_iter().chain(condition_cells(w, condition)).collect());
        }
    }
    let columns = ABOUT.columns.iter().map(|column| SheetColumn::new(w.t(column.title), column.width)).collect();
    let sheet = Sheet { name: w.t("categories-title").into_owned(), columns, rows };
    let bytes = write(desk.app.world.now(), &page.zone, &[sheet])?;
    Ok(download(&w.t("categories-title"), bytes))
}

fn text(text: Option<&str>) -> Cell {
    text.filter(|text| !text.is_empty()).map_or(Cell::Empty, Cell::text)
}

fn own_cells(w: Words, version: &CategoryVersion, said: &Said) -> Vec<Cell> {
    vec![
        Cell::text(version.code().to_string()),
        Cell::text(&version.name),
        text(said.name_en.as_deref()),
        Cell::text(crate::pages::categories::percent(said.share)),
        Cell::text(yes_word(w, said.may_report)),
        said.common_rank.map_or(Cell::Empty, Cell::Number),
        text(Some(&said.synonyms.join("\u{3001}"))),
        Cell::text(&version.class_name),
    ]
}

fn condition_cells(w: Words, condition: &Condition) -> Vec<Cell> {
    let (unit, value) = condition.limit().map_or_else(Default::default, crate::pages::categories::in_form);
    vec![
        text(Some(&condition.filing)),
        value.parse().map_or(Cell::Empty, Cell::Number),
        if unit.is_empty() { Cell::Empty } else { Cell::text(w.t(&format!("limit-unit-{unit}"))) },
        text(Some(&condition.closing)),
        Cell::text(yes_word(w, condition.photo_demanded)),
        Cell::text(w.t(&format!("reinspect-{}", condition.reinspect))),
    ]
}
