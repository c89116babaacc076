//! Registers (台账): any list as it stands, as a sheet (XLSX) or on paper (PDF). Whoever takes one leaves a fact; numbers of
//! telephones and identity cards that somebody wrote into the words are masked.

use crate::circular_page::{list_query, name_of};
use crate::facts::RegisterTaken;
use crate::issuing::{self, Circular};
use crate::listing::{self, Filter, Kind, Line};
use crate::matter_page;
use crate::matters::{self, Matter};
use crate::office::Office;
use crate::summary::WEEKDAYS;
use crate::summary_page::percent;
use crate::verbs::{ListCirculars, ListMatters, TakeRegister};
use crate::views::{place_words, stage_words, unit_name};
use crate::worklist::{Asked, Meaning};
use access::Permit;
use access::http::Desk;
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contracts::CircularId;
use documents::{Printed, RegisterColumn};
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Error, Instant, Kind as ErrorKind, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Command, Paged, ToValue, Write};
use territory::sheets::workbook::{Cell, Column, Sheet, download, write};
use tokio::sync::Semaphore;
use web::PageContext;

kernel::id!(
    /// One register that somebody took.
    RegisterId,
);

/// The list is longer than one register holds.
pub const TOO_LONG: Code = Code::new(ErrorKind::TooLarge, "register.too_long");
/// Others take registers just now.
pub const BUSY: Code = Code::new(ErrorKind::Unavailable, "register.busy");

/// Most rows of a sheet: a street's cases of two months, and what a machine with a gigabyte makes without a care.
pub const MOST_IN_SHEET: usize = 20_000;
/// Most rows on paper, which is a hundred pages.
pub const MOST_ON_PAPER: usize = documents::paper::MOST_PROBLEMS;

/// A register of the most rows takes some tens of megabytes while it is made: so many are made at a time.
static TURNS: Semaphore = Semaphore::const_new(2);

store::text_enum! {
    /// What a register is made into.
    pub enum Form {
        Sheet = "xlsx",
        Paper = "pdf",
    }
}

impl Form {
    const fn most(self) -> usize {
        match self {
            Form::Sheet => MOST_IN_SHEET,
            Form::Paper => MOST_ON_PAPER,
        }
    }
}

/// Notes that somebody took a list out of the house.
pub struct Take {
    pub by: Permit<TakeRegister>,
    pub list: &'static str,
    pub form: Form,
    /// What the list was narrowed to: codes, ids and numbers.
    pub filter: Value,
    pub rows: i64,
}

impl Command for Take {
    const KIND: &'static str = "register.take";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let Take { list, form, filter, rows, .. } = self;
        let register = tx.new_id();
        tx.fact(RegisterTaken { register, list: (*list).to_owned(), form: form.to_string(), filter: filter.clone(), rows: *rows })
    }
}

/// A column: its title, its width in characters on a sheet, its share of a page; without one it stands on sheets alone.
pub struct Head(pub String, pub u16, pub u32);

/// A list made ready.
pub struct Register {
    pub list: &'static str,
    pub title: String,
    /// What it was narrowed to, in words.
    pub about: String,
    pub columns: Vec<Head>,
    pub rows: Vec<Vec<Cell>>,
    pub filter: Value,
}

impl Register {
    fn sheet(self) -> Sheet {
        let columns = self.columns.into_iter().map(|Head(title, width, _)| Column::new(title, width)).collect();
        Sheet { name: self.title, columns, rows: self.rows }
    }
}

fn words_of(cell: Cell) -> String {
    match cell {
        Cell::Text(text) => text,
        Cell::Number(number) => number.to_string(),
        Cell::Permille(permille) => percent(Some(permille)),
        Cell::Thousandths(n) => rules::Points(n).to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Time(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Cell::Empty | Cell::Above => String::new(),
    }
}

/// A turn to make one. Errors: `register.busy`.
pub fn turn() -> Result<tokio::sync::SemaphorePermit<'static>> {
    TURNS.try_acquire().map_err(|_| BUSY.into())
}

/// Makes it, and notes that it was taken.
pub async fn taken(desk: &Desk, page: &PageContext, by: Permit<TakeRegister>, made: Register, form: Form) -> web::Result<Response> {
    let rows = i64::try_from(made.rows.len()).unwrap_or(i64::MAX);
    let take = Take { by, list: made.list, form, filter: made.filter.clone(), rows };
    let answer = print(desk, page, made, form).await?;
    desk.app.store.run(desk.own_pass(), take).await?;
    Ok(answer)
}

/// Makes it; whoever lets it go notes that it was taken.
pub async fn print(desk: &Desk, page: &PageContext, made: Register, form: Form) -> web::Result<Response> {
    ensure(made.rows.len() <= form.most(), TOO_LONG.err().arg("most", form.most()).arg("sheet", MOST_IN_SHEET))?;
    let day = page.now.to_timestamp().to_zoned_datetime(page.zone.clone()).date();
    let name = format!("{} {} {day}", page.tenant_name, made.title);
    let answer = match form {
        Form::Sheet => {
            let (now, zone) = (page.now, page.zone.clone());
            let work = move || write(now, &zone, &[made.sheet()]);
            download(&name, tokio::task::spawn_blocking(work).await.map_err(Error::internal)??)
        }
        Form::Paper => {
            let printed: Vec<bool> = made.columns.iter().map(|Head(.., share)| *share > 0).collect();
            let row =
                |row: Vec<Cell>| row.into_iter().zip(&printed).filter(|(_, printed)| **printed).map(|(cell, _)| words_of(cell)).collect();
            let parts = [("year", day.year().to_string()), ("month", day.month().to_string()), ("day", day.day().to_string())];
            let paper = documents::Register {
                tenant: page.tenant_name.clone(),
                office: desk.tenant.office_name(page)?,
                title: made.title,
                about: made.about,
                date: page.w.with("paper-date", &parts).into_owned(),
                rows: made.rows.into_iter().map(row).collect(),
                columns: made
                    .columns
                    .into_iter()
                    .filter(|Head(.., share)| *share > 0)
                    .map(|Head(title, _, share)| RegisterColumn { title, share })
                    .collect(),
                labels: documents::labels(|key| page.w.t(key).into_owned()),
                demo_banner: page.demo_banner.clone(),
            };
            let press = desk.app.press.clone();
            let pdf = tokio::task::spawn_blocking(move || press.pdf(&Printed::Register(paper))).await.map_err(Error::internal)??;
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                // RFC 8187 §3.2.1
                (header::CONTENT_DISPOSITION, format!("inline; filename*=UTF-8''{}.pdf", access::http::encode(&name))),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (headers, pdf).into_response()
        }
    };
    Ok(answer)
}

/// Digits that belong to a person, written together (`[11]`) or in the groups that people write them in: a mobile number, an
/// identity card with or without its last sign, a telephone with its area. House numbers, days and orders have other groups.
fn is_personal(groups: &[String]) -> bool {
    let lengths: Vec<usize> = groups.iter().map(String::len).collect();
    let first = groups.first().map_or("", String::as_str);
    let mobile = || matches!(first.as_bytes(), [b'1', b'3'..=b'9', ..]);
    match *lengths.as_slice() {
        [11] | [3, 4, 4] | [3, 8] | [7, 4] if mobile() => true,
        [10..=12] | [3 | 4, 7 | 8] | [3 | 4, 4, 4] | [3 | 4, 3, 4] if first.starts_with('0') => true,
        [15 | 17 | 18] | [6, 8, 3 | 4] => true,
        _ => false,
    }
}

/// Free words with numbers of telephones and identity cards masked in them, however they are written: `138-1234-5678`,
/// `１３８ １２３４ ５６７８`, `0532 86880000`.
pub fn masked(text: &str) -> String {
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10),
        _ => None,
    };
    // Groups of digits with their places; a group follows the one before where one sign alone parts them.
    let mut groups: Vec<(usize, usize, String, bool)> = Vec::new();
    let (mut gap, mut last) = (usize::MAX, 0);
    for (at, c) in text.char_indices() {
        let Some(value) = digit(c) else {
            gap = if gap == 0 && " -\u{2010}\u{2013}\u{3000}\u{ff0d}".contains(c) { 1 } else { usize::MAX };
            continue;
        };
        match groups.last_mut().filter(|_| gap == 0) {
            Some((_, end, digits, _)) => {
                *end = at + c.len_utf8();
                digits.push(value);
            }
            None => groups.push((at, at + c.len_utf8(), value.to_string(), gap == 1)),
        }
        gap = 0;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < groups.len() {
        let follow = groups[at + 1..].iter().take(2).take_while(|group| group.3).count();
        let digits = |count: usize| groups[at..=at + count].iter().map(|group| group.2.clone()).collect::<Vec<_>>();
        let Some(count) = (0..=follow).find(|count| is_personal(&digits(*count))) else {
            at += 1;
            continue;
        };
        let all = digits(count).concat();
        let kept = if all.len() >= 15 { 2 } else { 4 };
        out.push_str(&text[last..groups[at].0]);
        out.push_str(&all[..3]);
        out.push_str("****");
        out.push_str(&all[all.len() - kept..]);
        last = groups[at + count].1;
        at += count + 1;
    }
    out.push_str(&text[last..]);
    out
}

/// What a list is narrowed to, in words; nothing for one that is not.
pub fn narrowed(page: &PageContext, office: &Office, asked: &Asked, filter: &Filter) -> Vec<String> {
    let (w, directory) = (page.w, &office.directory);
    let text = |key: &str| w.t(key).into_owned();
    let mut said = Vec::new();
    said.extend(filter.kind.filter(|kind| *kind != Kind::Open).map(|kind| text(&format!("kind-{kind}"))));
    said.extend(filter.stage.map(|stage| stage_words(w, stage)));
    said.extend(filter.whose.map(|(whose, _)| text(&format!("whose-{whose}"))));
    said.extend(filter.outcome.map(|outcome| text(&format!("outcome-{outcome}"))));
    said.extend(filter.ask.map(|ask| text(&format!("tag-ask-{ask}"))));
    said.extend(filter.lamp.map(|lamp| text(&format!("lamp-{lamp}"))));
    said.extend(filter.flag.map(|flag| text(&format!("flag-{flag}"))));
    said.extend(filter.source.map(|source| text(&format!("source-{source}"))));
    let place = |id: Option<PlaceId>| id.and_then(|id| directory.place(id)).map(|place| place.name.clone());
    said.extend(place(filter.community));
    said.extend(place(filter.compound));
    said.extend(filter.unit.and_then(|id: OrganisationId| directory.organisation(id)).map(|unit| unit.name.clone()));
    said.extend(filter.category.and_then(|id| directory.category(id)).map(|category| category.name.clone()));
    said.extend(filter.without.map(|without| text(&format!("without-{without}"))));
    said.extend(filter.weekday.and_then(|day| WEEKDAYS.get(usize::try_from(day).unwrap_or(7))).map(|key| text(key)));
    said.extend(filter.hour.map(|hour| w.a("summary-hour", "hour", hour).into_owned()));
    if filter.from.is_some() || filter.to.is_some() {
        let days = match (filter.from, filter.to) {
            (_, None) => w.a("filter-since", "from", asked.from.clone()),
            (None, _) => w.a("filter-until", "to", asked.to.clone()),
            _ => w.a2("filter-period", "from", asked.from.clone(), "to", asked.to.clone()),
        };
        said.push(format!("{} {days}", text(&format!("dated-{}", filter.dated()))));
    }
    said
}

/// The same address as a register.
pub fn href(page: &PageContext, asked: &Asked, form: Form) -> String {
    let all = Asked { after: String::new(), ..asked.clone() };
    page.href(&format!("/cases/register.{form}{}", all.query_string()))
}

pub async fn cases_sheet(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    cases(desk, asked, Form::Sheet).await
}
pub async fn cases_paper(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    cases(desk, asked, Form::Paper).await
}

async fn cases(desk: Desk, asked: Asked, form: Form) -> web::Result<Response> {
    let by = desk.actor.permit_some::<TakeRegister>()?;
    let _turn = turn()?;
    let (office, page) = (Office::of(&desk).await?, desk.page("register-cases"));
    let filter = Filter { after: None, ..asked.filter(&Meaning { office: &office, me: desk.actor.account, now: page.now }) };
    let legs = office.legs(&by.reach(), &filter);
    let lines = listing::whole(&desk.app.store, by.tenant(), &filter, &legs, page.now, form.most()).await?;
    let mut circulars = BTreeMap::<CircularId, String>::new();
    for id in lines.iter().filter_map(|line| line.circular_id) {
        if let std::collections::btree_map::Entry::Vacant(free) = circulars.entry(id) {
            free.insert(name_of(page.w, &issuing::circular(&desk.app.store, by.tenant(), id).await?));
        }
    }
    let text = |key: &str| page.w.t(key).into_owned();
    let columns = [
        ("th-number", 10, 3),
        ("filter-stage", 10, 3),
        ("filter-source", 10, 0),
        ("th-outside", 14, 0),
        ("field-category", 22, 6),
        ("filter-community", 14, 0),
        ("th-place", 32, 11),
        ("th-what", 40, 10),
        ("th-unit", 22, 5),
        ("circular-th-name", 22, 0),
        ("th-reported", 17, 5),
        ("th-dispatched", 17, 0),
        ("th-unit-due", 17, 5),
        ("th-rectified", 17, 0),
        ("th-ended", 17, 5),
        ("th-rework", 8, 2),
        ("th-late", 8, 0),
    ];
    let made = Register {
        list: "cases",
        title: text("register-cases"),
        about: narrowed(&page, &office, &asked, &filter).join(" · "),
        columns: columns.into_iter().map(|(key, width, share)| Head(text(key), width, share)).collect(),
        rows: lines.iter().map(|line| case_row(&page, &office, &circulars, line)).collect(),
        filter: serde_json::to_value(&filter).map_err(Error::internal)?,
    };
    taken(&desk, &page, by, made, form).await
}

pub(crate) fn time(page: &PageContext, at: Option<Instant>) -> Cell {
    at.filter(|at| *at != crate::case::NO_DUE)
        .map_or(Cell::Empty, |at| Cell::Time(at.to_timestamp().to_zoned_datetime(page.zone.clone()).datetime()))
}

fn case_row(page: &PageContext, office: &Office, circulars: &BTreeMap<CircularId, String>, line: &Line) -> Vec<Cell> {
    let (w, directory) = (page.w, &office.directory);
    let community = line.community_id.and_then(|id| directory.place(id)).map(|place| place.name.clone());
    let dispatched = line.dispatched_at.is_some();
    vec![
        Cell::Number(line.number),
        Cell::text(stage_words(w, line.stage)),
        Cell::text(w.t(&format!("source-{}", line.source))),
        Cell::text(line.outside_number.clone().unwrap_or_default()),
        Cell::text(line.category_id.and_then(|id| directory.category(id)).map_or("", |category| category.name.as_str())),
        Cell::text(community.unwrap_or_default()),
        Cell::text(masked(&place_words(directory, line.place_id, &line.where_words))),
        Cell::text(masked(&line.what)),
        Cell::text(unit_name(directory, line.unit_id)),
        Cell::text(line.circular_id.and_then(|id| circulars.get(&id)).cloned().unwrap_or_default()),
        time(page, Some(line.reported_at)),
        time(page, line.dispatched_at),
        time(page, line.unit_due),
        time(page, line.rectified_at),
        time(page, line.ended_at),
        Cell::Number(line.rework),
        Cell::text(if dispatched && line.late { w.t("register-yes") } else { "".into() }),
    ]
}

pub async fn circulars_sheet(desk: Desk) -> web::Result<Response> {
    circulars(desk, Form::Sheet).await
}
pub async fn circulars_paper(desk: Desk) -> web::Result<Response> {
    circulars(desk, Form::Paper).await
}

async fn circulars(desk: Desk, form: Form) -> web::Result<Response> {
    let (by, may) = (desk.actor.permit_some::<TakeRegister>()?, desk.actor.permit_some::<ListCirculars>()?);
    let _turn = turn()?;
    let (page, office) = (desk.page("register-circulars"), Office::of(&desk).await?);
    let (store, tenant) = (&desk.app.store, by.tenant());
    let mut rows: Vec<Circular> = Vec::new();
    let mut after: Option<String> = None;
    // Each is looked up for its notices, so a sheet holds as many as a paper.
    while rows.len() <= MOST_ON_PAPER {
        let read = store.query::<Circular>(list_query(tenant, after.as_deref())).await?;
        let paged = Paged::cut(read, 30, |row| vec![row.opened_at.to_value(), row.id.to_value()]);
        rows.extend(paged.rows);
        after = paged.next;
        if after.is_none() {
            break;
        }
    }
    ensure(rows.len() <= MOST_ON_PAPER, TOO_LONG.err().arg("most", MOST_ON_PAPER).arg("sheet", MOST_ON_PAPER))?;
    let text = |key: &str| page.w.t(key).into_owned();
    let whole = may.reach().all;
    let mut cells = Vec::new();
    for row in &rows {
        let notices = if whole { issuing::notices(store, tenant, row.id).await? } else { Vec::new() };
        let count = |n: i64| if whole && row.number.is_some() { Cell::Number(n) } else { Cell::Empty };
        let units: std::collections::BTreeSet<_> =
            notices.iter().map(|notice| unit_name(&office.directory, Some(notice.unit_id))).collect();
        cells.push(vec![
            row.number.map_or(Cell::Empty, Cell::Number),
            Cell::text(row.title.clone()),
            Cell::text(text(&format!("circular-state-{}", row.state))),
            time(&page, Some(row.opened_at)),
            time(&page, row.issued_at),
            count(i64::try_from(notices.len()).unwrap_or(0)),
            count(i64::try_from(units.len()).unwrap_or(0)),
            count(notices.iter().map(|notice| notice.cases).sum()),
        ]);
    }
    let columns = [
        ("th-number", 8, 2),
        ("circular-th-name", 36, 8),
        ("circular-th-state", 10, 3),
        ("register-opened", 17, 4),
        ("register-issued", 17, 4),
        ("register-notices", 10, 2),
        ("register-units", 10, 2),
        ("register-problems", 10, 2),
    ];
    let made = Register {
        list: "circulars",
        title: text("register-circulars"),
        about: String::new(),
        columns: columns.into_iter().map(|(key, width, share)| Head(text(key), width, share)).collect(),
        rows: cells,
        filter: json!({}),
    };
    taken(&desk, &page, by, made, form).await
}

pub async fn matters_sheet(desk: Desk, Query(asked): Query<matter_page::Asked>) -> web::Result<Response> {
    matters(desk, asked, Form::Sheet).await
}
pub async fn matters_paper(desk: Desk, Query(asked): Query<matter_page::Asked>) -> web::Result<Response> {
    matters(desk, asked, Form::Paper).await
}

async fn matters(desk: Desk, asked: matter_page::Asked, form: Form) -> web::Result<Response> {
    let (by, may) = (desk.actor.permit_some::<TakeRegister>()?, desk.actor.permit_some::<ListMatters>()?);
    let _turn = turn()?;
    let (page, office) = (desk.page("register-matters"), Office::of(&desk).await?);
    let mut filter = matters::Filter { after: None, ..asked.filter(&office) };
    let reach = may.reach();
    let mut rows: Vec<Matter> = Vec::new();
    loop {
        let paged = matters::page(&desk.app.store, by.tenant(), &filter, &reach).await?;
        rows.extend(paged.rows);
        filter.after = paged.next;
        if filter.after.is_none() || rows.len() > form.most() {
            break;
        }
    }
    rows.sort_by_key(|row| row.number);
    let text = |key: &str| page.w.t(key).into_owned();
    let row = |row: &Matter| {
        vec![
            Cell::Number(row.number),
            Cell::text(masked(&row.title)),
            Cell::text(text(&format!("matter-origin-{}", row.origin))),
            Cell::text(text(&format!("matter-state-{}", row.state))),
            Cell::text(place_words(&office.directory, row.place_id, "")),
            Cell::text(masked(&row.what)),
            time(&page, Some(row.opened_at)),
            time(&page, row.ended_at),
        ]
    };
    let columns = [
        ("th-number", 8, 2),
        ("matter-title", 30, 6),
        ("matter-origin", 12, 3),
        ("matter-state", 12, 3),
        ("field-place", 24, 5),
        ("matter-what", 40, 8),
        ("matter-opened-at", 17, 4),
        ("matter-ended-at", 17, 4),
    ];
    let made = Register {
        list: "matters",
        title: text("register-matters"),
        about: asked.said(&page, &office).join(" · "),
        columns: columns.into_iter().map(|(key, width, share)| Head(text(key), width, share)).collect(),
        rows: rows.iter().map(row).collect(),
        filter: json!({
            "list": filter.list(), "state": filter.state, "from": filter.from, "to": filter.to,
            "of": filter.of.iter().map(|(part, of)| (part.to_string(), of.written())).collect::<BTreeMap<_, _>>(),
        }),
    };
    taken(&desk, &page, by, made, form).await
}

/// Sheets of figures, taken like a register.
pub async fn of_sheets(
    desk: &Desk,
    page: &PageContext,
    by: Permit<TakeRegister>,
    sheets: Vec<Sheet>,
    filter: Value,
) -> web::Result<Response> {
    let _turn = turn()?;
    let rows = sheets.iter().map(|sheet| sheet.rows.len()).sum::<usize>();
    let (now, zone) = (page.now, page.zone.clone());
    let bytes = tokio::task::spawn_blocking(move || write(now, &zone, &sheets)).await.map_err(Error::internal)??;
    let take = Take { by, list: "summary", form: Form::Sheet, filter, rows: i64::try_from(rows).unwrap_or(i64::MAX) };
    desk.app.store.run(desk.own_pass(), take).await?;
    let day = page.now.to_timestamp().to_zoned_datetime(page.zone.clone()).date();
    Ok(download(&format!("{} {} {day}", page.tenant_name, page.title), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_masked_in_words_and_those_of_houses_are_not() {
        let said = masked("联系人13812341234，身份证370211199001011234，3号楼1201室，编号20260213001");
        assert_eq!(said, "联系人138****1234，身份证370****34，3号楼1201室，编号20260213001");
        for (written, wanted) in [
            ("打138 1234 5678找我", "打138****5678找我"),
            ("138-1234-5678、13812345678", "138****5678、138****5678"),
            ("１３８　１２３４　５６７８", "138****5678"),
            ("座机0532-86880000", "座机053****0000"),
            ("86880000转3", "86880000转3"),
            ("370211 19900101 123X", "370****23X"),
            ("3-2-1101，2026-11-27 10:30", "3-2-1101，2026-11-27 10:30"),
            ("1301 2026 1127", "1301 2026 1127"),
            ("138 1234 56789", "138 1234 56789"),
        ] {
            assert_eq!(masked(written), wanted);
        }
        assert_eq!(masked("no digits"), "no digits");
    }
}
