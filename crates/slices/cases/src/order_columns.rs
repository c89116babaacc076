//! The page on which an office says what the tables of those outside look like: what their headings mean, also as a file of theirs
//! has them, and which columns the sheet of answers gets.

use crate::case_forms::Choice;
use crate::case_steps::field_error;
use crate::order_shape::{
    self, AnswerColumn, Answers, Columns, FIELD_NEEDED, Given, HEADING_NEEDED, MOST_CHARS, NUMBER_NEEDED, SOURCES, SetAnswers, SetColumns,
    Told, kind_of,
};
use crate::register::masked;
use crate::steps::Source;
use crate::verbs::SetCentreLimits;
use access::Permit;
use access::http::{Desk, Submitted};
use access::personal::{self, Kind as _};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::CommandId;
use kernel::{Error, Kind as ErrorKind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use territory::imports::applying::import;
use territory::imports::reading::{HEADING, Received};
use territory::pages::uploads::Upload;
use territory::received;
use territory::sheets::{self, Titles};
use web::html::render;
use web::{PageContext, Words};

/// Empty rows below the columns that the sheet of answers has.
const SPARE: usize = 3;
/// Characters of an example.
const EXAMPLE: usize = 24;

/// One of our fields, and what it is called outside.
struct FieldView {
    name: &'static str,
    label: String,
    help: String,
    value: String,
    error: String,
}

/// A heading of a file, and what it is taken for.
struct FoundView {
    heading: String,
    example: String,
    choices: Vec<Choice>,
}

/// A column of the sheet of answers as it is filled in.
struct ColumnView {
    choices: Vec<Choice>,
    heading: String,
    text: String,
    position: String,
    error: String,
}

/// One of our values, and what it is called outside.
struct WordView {
    key: String,
    label: String,
    word: String,
    error: String,
}

#[derive(askama::Template)]
#[template(path = "order_columns.html")]
struct ColumnsPage {
    page: PageContext,
    source: Source,
    name: String,
    import_href: String,
    tabs: Vec<(String, String, bool)>,
    fields: Vec<FieldView>,
    fields_error: String,
    file_error: String,
    found: Vec<FoundView>,
    found_error: String,
    columns: Vec<ColumnView>,
    words: Vec<WordView>,
    columns_error: String,
    /// Which of the folds stand open: those with something to mend.
    fields_open: bool,
    answers_open: bool,
    commands: [CommandId; 4],
}

/// What is shown beside what is set.
#[derive(Default)]
struct Shown {
    fields: Option<ColumnsForm>,
    columns: Option<AnswersForm>,
    /// Headings with an example each, and what they are taken for.
    found: Vec<(String, String, Option<Given>)>,
    /// Which form an error belongs to.
    error: Option<(Part, Error)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fields,
    File,
    Found,
    Answers,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// An import whose headings are to be gone through.
    pub sheet: String,
}

fn source_of(text: &str) -> Result<Source> {
    text.parse().ok().filter(|source: &Source| source.orders()).ok_or_else(Error::not_found)
}

fn may(desk: &Desk) -> Result<Permit<SetCentreLimits>> {
    desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)
}

pub async fn get(desk: Desk, Path((_, source)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    may(&desk)?;
    let source = source_of(&source)?;
    let mut shown = Shown::default();
    if let Ok(id) = asked.sheet.parse() {
        let (store, tenant) = (&desk.app.store, desk.actor.tenant);
        import(store, tenant, kind_of(source), id).await?;
        let received = received::lines_if_kept::<Received>(store, tenant, id).await?.unwrap_or_default();
        let example =
            |key: &str| received.lines.iter().map(|line| line.get(key)).find(|text| !text.is_empty()).unwrap_or_default().to_owned();
        let titles = order_shape::columns(&desk.tenant.settings, source)?.titles();
        let known = received.columns.iter().map(|(key, title)| (title.clone(), example(key)));
        let unread = received.unread.iter().map(|title| (title.clone(), String::new()));
        shown.found = taken_for(&titles, known.chain(unread).collect());
    }
    show(&desk, source, shown)
}

/// What each heading means by now, with its example as it may be shown.
fn taken_for(titles: &Titles, found: Vec<(String, String)>) -> Vec<(String, String, Option<Given>)> {
    let one = |(heading, example): (String, String)| {
        let given: Option<Given> = titles.column(&heading).and_then(|column| column.parse().ok());
        let example = match given {
            Some(Given::Caller) => personal::PersonName::mask(&example),
            Some(Given::Phone) => personal::Phone::mask(&example),
            _ => masked(&sheets::narrow(&example)),
        };
        let cut: String = example.chars().take(EXAMPLE).collect();
        let example = if cut.len() < example.len() { format!("{cut}…") } else { cut };
        (heading, example, given)
    };
    found.into_iter().map(one).collect()
}

fn show(desk: &Desk, source: Source, shown: Shown) -> web::Result<Response> {
    let page = desk.page("order-shape-title");
    let w = page.w;
    let Shown { fields, columns, found, error } = shown;
    let status = error.as_ref().map_or(StatusCode::OK, |(_, error)| StatusCode::from_u16(error.kind().status()).unwrap_or_default());
    let errors_of = |part: Part| -> (BTreeMap<String, String>, String) {
        let Some((_, error)) = error.as_ref().filter(|(of, _)| *of == part) else { return Default::default() };
        let words = error.field_errors().iter().map(|field| {
            let args = if field.args.is_empty() { error.args() } else { &field.args };
            (field.field.clone(), w.error(&field.code, args).into_owned())
        });
        let general = if error.field_errors().is_empty() { w.error(error.code(), error.args()).into_owned() } else { String::new() };
        (words.collect(), general)
    };
    let of_part = |part: Part| error.as_ref().is_some_and(|(of, _)| *of == part);
    let (mut field_errors, fields_error) = errors_of(Part::Fields);
    let fields = match fields {
        Some(form) => form,
        None => ColumnsForm::of(&order_shape::columns(&desk.tenant.settings, source)?, w),
    };
    let field = |given: &Given| FieldView {
        name: given.as_str(),
        label: w.t(&format!("order-column-{given}")).into_owned(),
        help: if *given == Given::Number { w.t("order-shape-help-number").into_owned() } else { String::new() },
        value: fields.of_given(*given).to_owned(),
        error: field_errors.remove(given.as_str()).unwrap_or_default(),
    };
    let (file_errors, file_general) = errors_of(Part::File);
    let (found_errors, found_general) = errors_of(Part::Found);
    let found_view = |(heading, example, given): (String, String, Option<Given>)| FoundView {
        heading,
        example,
        choices: Given::ALL
            .iter()
            .map(|one| Choice { on: given == Some(*one), value: one.to_string(), label: w.t(&format!("order-column-{one}")).into_owned() })
            .collect(),
    };
    let (mut column_errors, columns_error) = errors_of(Part::Answers);
    let columns = match columns {
        Some(form) => form,
        None => AnswersForm::of(&order_shape::answers(&desk.tenant.settings, source)?),
    };
    let column = |at: usize| {
        let told: Option<Told> = AnswersForm::at(&columns.field, at).parse().ok();
        ColumnView {
            choices: Told::ALL
                .iter()
                .map(|one| Choice { on: told == Some(*one), value: one.to_string(), label: w.t(&format!("order-told-{one}")).into_owned() })
                .collect(),
            heading: AnswersForm::at(&columns.heading, at).to_owned(),
            text: AnswersForm::at(&columns.text, at).to_owned(),
            position: AnswersForm::at(&columns.position, at).to_owned(),
            error: column_errors.remove(&at.to_string()).unwrap_or_default(),
        }
    };
    let rows = (0..columns.rows()).map(column).collect();
    let word = |key: String| WordView {
        label: w.t(&key).into_owned(),
        word: columns.word(&key).to_owned(),
        error: column_errors.remove(&key).unwrap_or_default(),
        key,
    };
    let words = order_shape::values().map(word).collect();
    let new_id = || desk.app.world.new_id();
    let template = ColumnsPage {
        source,
        name: w.t(&format!("source-{source}")).into_owned(),
        import_href: page.href(&format!("/imports/{}", kind_of(source))),
        tabs: SOURCES
            .iter()
            .map(|one| (w.t(&format!("source-{one}")).into_owned(), page.href(&format!("/orders/columns/{one}")), *one == source))
            .collect(),
        fields: Given::ALL.iter().map(field).collect(),
        fields_error,
        file_error: file_errors.into_values().next().unwrap_or(file_general),
        found: found.into_iter().map(found_view).collect(),
        found_error: found_errors.into_values().next().unwrap_or(found_general),
        columns: rows,
        words,
        columns_error,
        fields_open: of_part(Part::Fields),
        answers_open: of_part(Part::Answers),
        commands: [new_id(), new_id(), new_id(), new_id()],
        page,
    };
    Ok(render(status, &template))
}

/// For each field the headings that are tried for it, as they are typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ColumnsForm {
    number: String,
    received: String,
    sign_due: String,
    call_due: String,
    answer_due: String,
    caller: String,
    phone: String,
    what: String,
    where_words: String,
    place: String,
    category: String,
    category_code: String,
    source: String,
}

impl ColumnsForm {
    fn of(columns: &Columns, w: Words) -> ColumnsForm {
        let mut form = ColumnsForm::default();
        for (given, headings) in &columns.0 {
            form.of_given_mut(*given).push_str(&headings.join(&w.t("list-comma")));
        }
        form
    }
    fn of_given(&self, given: Given) -> &str {
        match given {
            Given::Number => &self.number,
            Given::Received => &self.received,
            Given::SignDue => &self.sign_due,
            Given::CallDue => &self.call_due,
            Given::AnswerDue => &self.answer_due,
            Given::Caller => &self.caller,
            Given::Phone => &self.phone,
            Given::What => &self.what,
            Given::Where => &self.where_words,
            Given::Place => &self.place,
            Given::Category => &self.category,
            Given::CategoryCode => &self.category_code,
            Given::Source => &self.source,
        }
    }
    fn of_given_mut(&mut self, given: Given) -> &mut String {
        match given {
            Given::Number => &mut self.number,
            Given::Received => &mut self.received,
            Given::SignDue => &mut self.sign_due,
            Given::CallDue => &mut self.call_due,
            Given::AnswerDue => &mut self.answer_due,
            Given::Caller => &mut self.caller,
            Given::Phone => &mut self.phone,
            Given::What => &mut self.what,
            Given::Where => &mut self.where_words,
            Given::Place => &mut self.place,
            Given::Category => &mut self.category,
            Given::CategoryCode => &mut self.category_code,
            Given::Source => &mut self.source,
        }
    }
    fn columns(&self) -> Columns {
        Columns(Given::ALL.iter().map(|given| (*given, order_shape::headings(self.of_given(*given)))).collect())
    }
}

/// What a form of this page could not be taken for is shown on it again.
fn again(desk: &Desk, source: Source, shown: Shown) -> web::Result<Response> {
    match &shown.error {
        Some((_, error)) if !matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict) => Err(error.clone().into()),
        _ => show(desk, source, shown),
    }
}

pub async fn set_columns(Path((_, source)): Path<(String, String)>, submitted: Submitted<ColumnsForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = may(desk)?;
    let source = source_of(&source)?;
    match desk.app.store.run(submitted.pass.clone(), SetColumns { by, source, columns: form.columns() }).await {
        Ok(_) => Ok(desk.done("done-order-columns", &format!("/orders/columns/{source}"))),
        Err(error) => again(desk, source, Shown { fields: Some(form.clone()), error: Some((Part::Fields, error)), ..Shown::default() }),
    }
}

/// Reads the headings of a file of theirs, and proposes what each means. Nothing is kept.
pub async fn recognise(Path((_, source)): Path<(String, String)>, upload: Upload) -> web::Result<Response> {
    let desk = &upload.desk;
    may(desk)?;
    let source = source_of(&source)?;
    let outcome = async {
        let titles = order_shape::columns(&desk.tenant.settings, source)?.titles();
        let tables = sheets::read_apart(upload.file.clone()).await?;
        // The sheet of the file of which most is known; of those that nobody knows, the widest.
        let offered = tables.iter().map(|table| titles.offered(table));
        let known = |found: &Vec<(String, String)>| (found.iter().filter(|(title, _)| titles.column(title).is_some()).count(), found.len());
        let found = offered.max_by_key(known).filter(|found| !found.is_empty()).ok_or(HEADING)?;
        Ok::<_, Error>(taken_for(&titles, found))
    };
    match outcome.await {
        Ok(found) => show(desk, source, Shown { found, ..Shown::default() }),
        Err(error) => again(desk, source, Shown { error: Some((Part::File, error)), ..Shown::default() }),
    }
}

/// The headings of a file, each with what it means; one that means nothing is left out of the table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FoundForm {
    heading: Vec<String>,
    field: Vec<String>,
}

pub async fn recognised(Path((_, source)): Path<(String, String)>, submitted: Submitted<FoundForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = may(desk)?;
    let source = source_of(&source)?;
    let said: Vec<(&str, Option<Given>)> = form
        .heading
        .iter()
        .zip(&form.field)
        .map(|(heading, field)| (heading.trim(), field.parse().ok()))
        .filter(|(heading, _)| !heading.is_empty())
        .collect();
    let outcome = async {
        let mut columns = order_shape::columns(&desk.tenant.settings, source)?;
        for (heading, given) in &said {
            columns.say(heading, *given);
        }
        // A file without the number of its orders cannot be brought in, whatever else is known by then.
        kernel::ensure(said.iter().any(|(_, given)| *given == Some(Given::Number)), NUMBER_NEEDED)?;
        desk.app.store.run(submitted.pass.clone(), SetColumns { by, source, columns }).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-order-columns", &format!("/imports/{}", kind_of(source)))),
        Err(error) => {
            let found = said.iter().map(|(heading, given)| ((*heading).to_owned(), String::new(), *given)).collect();
            again(desk, source, Shown { found, error: Some((Part::Found, error)), ..Shown::default() })
        }
    }
}

/// The columns of the sheet of answers, row by row, and the words for our values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AnswersForm {
    field: Vec<String>,
    heading: Vec<String>,
    text: Vec<String>,
    position: Vec<String>,
    value: Vec<String>,
    word: Vec<String>,
}

impl AnswersForm {
    fn of(answers: &Answers) -> AnswersForm {
        let mut form = AnswersForm::default();
        for (at, column) in answers.columns.iter().enumerate() {
            form.field.push(column.told.to_string());
            form.heading.push(column.heading.clone());
            form.text.push(column.text.clone());
            form.position.push((at + 1).to_string());
        }
        (form.value, form.word) = answers.words.clone().into_iter().unzip();
        form
    }
    /// What a value is called; empty where it has our own word.
    fn word(&self, key: &str) -> &str {
        let at = self.value.iter().position(|value| value == key);
        at.map_or("", |at| AnswersForm::at(&self.word, at))
    }
    fn at(values: &[String], at: usize) -> &str {
        values.get(at).map_or("", |text| text.trim())
    }
    fn is_empty(&self, at: usize) -> bool {
        [&self.field, &self.heading, &self.text].into_iter().all(|values| AnswersForm::at(values, at).is_empty())
    }
    fn filled(&self) -> usize {
        let most = [&self.field, &self.heading, &self.text, &self.position].into_iter().map(Vec::len).max().unwrap_or(0);
        (0..most.min(order_shape::MOST_COLUMNS + SPARE)).rev().find(|at| !self.is_empty(*at)).map_or(0, |at| at + 1)
    }
    /// Rows that the page shows.
    fn rows(&self) -> usize {
        self.filled() + SPARE
    }

    /// The columns in the order of their positions; one without stands where it was written. Errors: one for each row.
    fn checked(&self) -> Result<Answers> {
        let mut wrong = Vec::new();
        let mut columns: Vec<((u32, usize), AnswerColumn)> = Vec::new();
        let mut last = 0;
        for at in (0..self.filled()).filter(|at| !self.is_empty(*at)) {
            let (heading, text) = (AnswersForm::at(&self.heading, at), AnswersForm::at(&self.text, at));
            let told: Option<Told> = AnswersForm::at(&self.field, at).parse().ok();
            let code = match told {
                None => Some(FIELD_NEEDED),
                Some(_) if heading.is_empty() => Some(HEADING_NEEDED),
                Some(_) => [heading, text].into_iter().find_map(order_shape::unsound),
            };
            if let Some(code) = code {
                wrong.extend_from_slice(field_error(&at.to_string(), code, &[("most", MOST_CHARS.to_string())]).field_errors());
            }
            last = sheets::narrow(AnswersForm::at(&self.position, at)).parse().unwrap_or(last);
            if let Some(told) = told {
                let text = if told == Told::Fixed { text.to_owned() } else { String::new() };
                columns.push(((last, at), AnswerColumn { told, heading: heading.to_owned(), text }));
            }
        }
        let words: BTreeMap<String, String> = order_shape::values()
            .map(|key| (self.word(&key).to_owned(), key))
            .filter(|(word, _)| !word.is_empty())
            .map(|(word, key)| (key, word))
            .collect();
        for (key, word) in &words {
            if let Some(code) = order_shape::unsound(word) {
                wrong.extend_from_slice(field_error(key, code, &[("most", MOST_CHARS.to_string())]).field_errors());
            }
        }
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        columns.sort_by_key(|(position, _)| *position);
        Ok(Answers { columns: columns.into_iter().map(|(_, column)| column).collect(), words })
    }
}

pub async fn set_answers(Path((_, source)): Path<(String, String)>, submitted: Submitted<AnswersForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = may(desk)?;
    let source = source_of(&source)?;
    let outcome = async { desk.app.store.run(submitted.pass.clone(), SetAnswers { by, source, answers: form.checked()? }).await };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-answer-columns", &format!("/orders/columns/{source}"))),
        Err(error) => again(desk, source, Shown { columns: Some(form.clone()), error: Some((Part::Answers, error)), ..Shown::default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(rows: &[[&str; 4]]) -> AnswersForm {
        let column = |at: usize| rows.iter().map(|row| row[at].to_owned()).collect();
        AnswersForm { position: column(0), field: column(1), heading: column(2), text: column(3), ..AnswersForm::default() }
    }

    #[test]
    fn columns_stand_in_the_order_of_their_positions_and_empty_rows_are_none() {
        let rows =
            [["2", "unit", "承办单位", ""], ["１", "outside_number", "单号", "left"], ["", "", "", ""], ["", "fixed", "街道", "灵山卫"]];
        let mut form = form(&rows);
        (form.value, form.word) = (vec!["solved-yes".to_owned(), "stage-closed".to_owned()], vec![" 是 ".to_owned(), String::new()]);
        let answers = form.checked().unwrap();
        let shown: Vec<String> = answers.columns.iter().map(|one| format!("{}|{}|{}", one.told, one.heading, one.text)).collect();
        assert_eq!(shown, ["outside_number|单号|", "fixed|街道|灵山卫", "unit|承办单位|"]);
        assert_eq!(answers.words.iter().collect::<Vec<_>>(), [(&"solved-yes".to_owned(), &"是".to_owned())]);
        let saved = AnswersForm::of(&answers);
        assert_eq!((saved.checked().unwrap(), saved.rows()), (answers, 3 + SPARE));
    }

    #[test]
    fn every_row_that_is_wrong_is_named_at_once() {
        let rows = [["", "unit", "", ""], ["", "", "满意度", ""], ["", "what", "诉求", ""], ["", "fixed", "x", &"长".repeat(41)]];
        let mut form = form(&rows);
        (form.value, form.word) = (vec!["solved-no".to_owned()], vec!["长".repeat(41)]);
        let error = form.checked().unwrap_err();
        assert_eq!(error.field_errors().iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["0", "1", "3", "solved-no"]);
    }
}
