//! A survey as a sheet: taken out with everybody who is in the league, filled elsewhere, and brought back into the form, where it is
//! looked through before it is entered.

use crate::entry::EntryKind;
use crate::entry_page::{Asked, EnterForm, Room, enterer, show};
use crate::league::MemberId;
use crate::reckoning::MONTH_NEEDED;
use crate::scheme_file::letters;
use crate::scheme_page::mendable;
use crate::scoring::first_of;
use crate::verbs::ReadEntry;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::{Code, Error, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use territory::pages::uploads::Upload;
use territory::sheets::{self, Row, Table, fold, workbook};
use web::Words;
use web::forms::Filled;
use web::language::Lang;

/// No sheet of the file has the three columns.
pub const HEADING: Code = Code::invalid("entry.heading");
/// Lines of it cannot be taken; each is named.
pub const SHEET_WRONG: Code = Code::invalid("entry.sheet_wrong");

/// Within how many rows of a sheet its heading stands.
const HEADING_WITHIN: usize = 20;
/// Lines that are named at once.
const MOST_NAMED: usize = 30;
const HEADS: [&str; 3] = ["evaluation-unit", "told-count-surveyed", "told-count-content"];

/// What came of a file.
#[derive(Default)]
pub struct Brought {
    /// The form of the file, with what is wrong with it.
    pub form: Filled,
    /// What is wrong, cell by cell.
    pub problems: Vec<String>,
    pub more: usize,
    /// Lines that stand in the form now.
    pub lines: usize,
}

/// What a line says of one: how many were asked and how many were content, as they were typed.
type Figures = (String, String);

/// The table with the three columns: the columns, and the rows under the heading.
fn found(tables: &[Table]) -> Option<([usize; 3], &[Row])> {
    let titles = HEADS.map(|key| [Lang::Chinese, Lang::English].map(|lang| fold(&Words::of(lang).t(key))));
    tables.iter().find_map(|table| {
        table.rows.iter().take(HEADING_WITHIN).enumerate().find_map(|(at, row)| {
            let column = |titles: &[String; 2]| row.cells.iter().position(|text| titles.contains(&fold(text)));
            let [Some(who), Some(asked), Some(content)] = [column(&titles[0]), column(&titles[1]), column(&titles[2])] else { return None };
            Some(([who, asked, content], &table.rows[at + 1..]))
        })
    })
}

/// The figures by member, or what is wrong with which cell. Lines that say nothing are left out.
fn read(w: Words, tables: &[Table], members: &[(MemberId, String)]) -> Result<Result<BTreeMap<MemberId, Figures>, Vec<String>>> {
    let (columns, rows) = found(tables).ok_or_else(|| Error::field("sheet", HEADING))?;
    let mut by_name: BTreeMap<String, Vec<MemberId>> = BTreeMap::new();
    for (id, name) in members {
        by_name.entry(fold(name)).or_default().push(*id);
    }
    let (mut figures, mut seen, mut problems) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for row in rows {
        let text = |nth: usize| row.cells.get(columns[nth]).map(|text| workbook::as_meant(text).trim().to_owned()).unwrap_or_default();
        let (name, asked, content) = (text(0), text(1), text(2));
        if asked.is_empty() && content.is_empty() {
            continue;
        }
        let mut wrong = |nth: usize, key: &str, said: &str| {
            let cell = format!("{}{}", letters(columns[nth]), row.line);
            problems.push(w.a2(key, "cell", cell, "text", said.to_owned()).into_owned());
        };
        let id = match by_name.get(&fold(&name)).map(Vec::as_slice) {
            Some([id]) => *id,
            Some(_) => {
                wrong(0, "entry-sheet-two", &name);
                continue;
            }
            None => {
                wrong(0, "entry-sheet-nobody", &name);
                continue;
            }
        };
        if !seen.insert(id) {
            wrong(0, "entry-sheet-again", &name);
        }
        let counted = |text: &str| crate::entry_page::number(text);
        match (counted(&asked), counted(&content)) {
            (None | Some(0), _) => wrong(1, "entry-sheet-number", &asked),
            (_, None) => wrong(2, "entry-sheet-number", &content),
            (Some(all), Some(some)) if some > all => wrong(2, "entry-sheet-more", &content),
            _ => {}
        }
        figures.insert(id, (asked, content));
    }
    Ok(if problems.is_empty() { Ok(figures) } else { Err(problems) })
}

/// The sheet to be filled: everybody who is in the league in the month.
pub async fn take(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadEntry>()?;
    enterer(&desk, EntryKind::Survey)?;
    let room = Room::of(&desk, &asked).await?;
    let page = desk.page("entries-title");
    let w = page.w;
    let empty = || workbook::Cell::Empty;
    let sheet = workbook::Sheet {
        name: w.t("entry-kind-survey").into_owned(),
        columns: HEADS.iter().zip([36, 14, 14]).map(|(key, width)| workbook::Column::new(w.t(key), width)).collect(),
        rows: room.members(&desk).await?.into_iter().map(|(_, name)| vec![workbook::Cell::text(name), empty(), empty()]).collect(),
    };
    let bytes = workbook::write(desk.app.world.now(), &page.zone, &[sheet])?;
    let league = room.league.as_ref().map(|league| league.name.clone()).unwrap_or_default();
    Ok(workbook::download(&format!("{} {league} {}", w.t("entry-kind-survey"), room.month), bytes))
}

/// Puts a file's figures into the form; nothing is entered before somebody has looked at it.
pub async fn bring(upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    desk.actor.permit_some::<ReadEntry>()?;
    enterer(desk, EntryKind::Survey)?;
    let (month, league) = (upload.field("month").to_owned(), upload.field("league").to_owned());
    first_of(&month).ok_or(MONTH_NEEDED)?;
    let asked = Asked { kind: EntryKind::Survey.to_string(), month, league };
    let room = Room::of(desk, &asked).await?;
    let members = room.members(desk).await?;
    let w = desk.page("entries-title").w;
    let mut brought = Brought::default();
    let outcome = async {
        ensure(!upload.file.is_empty(), Error::field("sheet", HEADING))?;
        let tables = sheets::read_apart(upload.file.clone()).await.map_err(|error| territory::fields::at_field("sheet", error))?;
        let figures = read(w, &tables, &members)?.map_err(|problems| {
            brought.more = problems.len().saturating_sub(MOST_NAMED);
            brought.problems = problems.into_iter().take(MOST_NAMED).collect();
            Error::field("sheet", SHEET_WRONG)
        })?;
        ensure(!figures.is_empty(), Error::field("sheet", HEADING))?;
        Ok::<_, Error>(figures)
    };
    match outcome.await {
        Ok(mut figures) => {
            brought.lines = figures.len();
            let lines = members.iter().map(|(id, _)| (id.to_string(), figures.remove(id).unwrap_or_default()));
            let mut typed = EnterForm::default();
            for (id, (asked, content)) in lines {
                typed.member.push(id);
                typed.asked.push(asked);
                typed.content.push(content);
            }
            show(desk, room, &typed, Filled::default(), brought, None).await
        }
        Err(error) if mendable(&error) => {
            brought.form = Filled::again(w, &serde_json::json!({}), &error);
            show(desk, room, &EnterForm::default(), Filled::default(), brought, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}
