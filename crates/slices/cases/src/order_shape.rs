//! What the tables of those outside look like (12345 热线、区平台): which of their headings is which of our fields, and which columns
//! and words the sheet of answers has. Each tenant's own, for each source; a sample until then.

use crate::kinds::{Satisfied, Solved};
use crate::steps::{Source, Stage};
use crate::verbs::SetCentreLimits;
use access::Permit;
use kernel::ids::Uuid;
use kernel::{Code, Error, Result, TenantId, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Command, Fact, Write};
use territory::received::SheetKind;
use territory::sheets::{Titles, fold};
use web::{Lang, Words};

/// The heading means another field already.
pub const HEADING_TWICE: Code = Code::invalid("order_shape.heading_twice");
pub const HEADING_LONG: Code = Code::invalid("order_shape.heading_long");
/// More headings, or columns, than a table of this kind has.
pub const TOO_MANY: Code = Code::invalid("order_shape.too_many");
/// Without its number no order is known again.
pub const NUMBER_NEEDED: Code = Code::invalid("order_shape.number_needed");
/// A column without a heading.
pub const HEADING_NEEDED: Code = Code::invalid("order_shape.heading_needed");
/// A heading, and nobody said what stands below it.
pub const FIELD_NEEDED: Code = Code::invalid("order_shape.field_needed");
/// A sheet without columns.
pub const NO_COLUMNS: Code = Code::invalid("order_shape.no_columns");

/// Characters of a heading.
pub const MOST_CHARS: usize = 40;
/// Headings that are tried for one field.
pub const MOST_HEADINGS: usize = 20;
/// Columns of a sheet of answers.
pub const MOST_COLUMNS: usize = 40;

/// The sources that hand out orders.
pub const SOURCES: [Source; 2] = [Source::Hotline, Source::DistrictPlatform];

/// The kind of import of a source.
pub const fn kind_of(source: Source) -> SheetKind {
    match source {
        Source::DistrictPlatform => SheetKind::PlatformOrders,
        _ => SheetKind::HotlineOrders,
    }
}

store::text_enum! {
    /// What a column of their table is here.
    pub enum Given {
        Number = "number",
        /// When it was handed to us.
        Received = "received",
        SignDue = "sign_due",
        CallDue = "call_due",
        AnswerDue = "answer_due",
        Caller = "caller",
        Phone = "phone",
        What = "what",
        Where = "where_words",
        Place = "place",
        Category = "category",
        CategoryCode = "category_code",
        Source = "source",
    }
}

store::text_enum! {
    /// What stands in a column of the sheet of answers.
    pub enum Told {
        OutsideNumber = "outside_number",
        Received = "received",
        SignedAt = "signed_at",
        CalledAt = "called_at",
        Community = "community",
        Where = "where_words",
        What = "what",
        Category = "category",
        Caller = "caller",
        Phone = "phone",
        Unit = "unit",
        /// The wording of the answer.
        Answer = "answer",
        AnsweredAt = "answered_at",
        CalledBackAt = "called_back_at",
        Solved = "solved",
        Satisfied = "satisfied",
        Stage = "stage",
        EndedAt = "ended_at",
        OurNumber = "our_number",
        /// The same words in every row.
        Fixed = "fixed",
    }
}

impl Told {
    /// Its width on a sheet, in characters.
    pub const fn width(self) -> u16 {
        match self {
            Told::What | Told::Answer => 48,
            Told::Where => 32,
            Told::Category | Told::Unit => 24,
            Told::OutsideNumber => 20,
            Told::Received | Told::SignedAt | Told::CalledAt | Told::AnsweredAt | Told::CalledBackAt | Told::EndedAt => 17,
            Told::Community | Told::Phone | Told::Fixed => 16,
            Told::Caller | Told::Solved | Told::Satisfied | Told::Stage | Told::OurNumber => 12,
        }
    }
}

/// For each field the headings that are tried for it, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns(pub BTreeMap<Given, Vec<String>>);

impl Columns {
    /// Headings as such platforms write them.
    pub fn sample() -> Columns {
        let mut columns = Columns(BTreeMap::new());
        for line in include_str!("../data/import_orders.csv").lines().skip(1) {
            if let Some((given, heading)) = line.trim().split_once(',').and_then(|(given, title)| Some((given.parse().ok()?, title))) {
                columns.0.entry(given).or_default().push(heading.to_owned());
            }
        }
        columns
    }

    /// What they are known by; our own names of the fields too, as the blank table and the sheet to mend have them.
    pub fn titles(&self) -> Titles {
        let theirs = self.0.iter().flat_map(|(given, headings)| headings.iter().map(|heading| (given.as_str(), heading.clone())));
        let own = [Lang::Chinese, Lang::English].map(Words::of);
        let own = own
            .iter()
            .flat_map(|w| Given::ALL.iter().map(move |given| (given.as_str(), w.t(&format!("order-column-{given}")).into_owned())));
        Titles::in_turn(theirs.chain(own))
    }

    /// A heading means this field from now on, after those that meant it before; or nothing.
    pub fn say(&mut self, heading: &str, given: Option<Given>) {
        let same = fold(heading);
        let there = given.and_then(|given| self.0.get(&given)).is_some_and(|known| known.iter().any(|known| fold(known) == same));
        for (known, headings) in &mut self.0 {
            if !(there && Some(*known) == given) {
                headings.retain(|known| fold(known) != same);
            }
        }
        if let Some(given) = given.filter(|_| !there) {
            self.0.entry(given).or_default().push(heading.trim().to_owned());
        }
    }

    /// Errors, at the field each: `order_shape.number_needed`, `order_shape.heading_twice`, `order_shape.heading_long`,
    /// `order_shape.too_many`.
    pub fn checked(&self) -> Result<()> {
        let mut wrong = Vec::new();
        let mut say = |given: Given, code: Code, args: &[(&str, String)]| {
            wrong.extend_from_slice(crate::case_steps::field_error(given.as_str(), code, args).field_errors());
        };
        let mut claimed: BTreeMap<String, Given> = BTreeMap::new();
        for (given, headings) in &self.0 {
            if headings.len() > MOST_HEADINGS {
                say(*given, TOO_MANY, &[("most", MOST_HEADINGS.to_string())]);
            }
            if let Some(code) = headings.iter().find_map(|heading| unsound(heading)) {
                say(*given, code, &[("most", MOST_CHARS.to_string())]);
            }
            for heading in headings {
                if claimed.insert(fold(heading), *given).is_some_and(|before| before != *given) {
                    say(*given, HEADING_TWICE, &[("heading", heading.clone())]);
                }
            }
        }
        if self.0.get(&Given::Number).is_none_or(Vec::is_empty) {
            say(Given::Number, NUMBER_NEEDED, &[]);
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
    }
}

/// What is wrong with a heading, or with the words of a fixed column.
pub fn unsound(text: &str) -> Option<Code> {
    if text.chars().count() > MOST_CHARS {
        return Some(HEADING_LONG);
    }
    territory::fields::optional_name("heading", text).is_err().then_some(territory::fields::NAME_CHARACTER)
}

/// Headings as they are typed into one field, each once.
pub fn headings(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for heading in text.split(['\u{3001}', ',', '\u{ff0c}', ';', '\u{ff1b}', '\n']).map(str::trim).filter(|heading| !heading.is_empty()) {
        if !found.iter().any(|known| fold(known) == fold(heading)) {
            found.push(heading.to_owned());
        }
    }
    found
}

/// A column of the sheet of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerColumn {
    pub told: Told,
    /// As those outside call it.
    pub heading: String,
    /// What stands in every row, where that is always the same.
    #[serde(default)]
    pub text: String,
}

/// What the sheet of answers looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// From left to right.
    pub columns: Vec<AnswerColumn>,
    /// What those outside call our values, by the keys of [`values`]; one that is not here has our own word.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

/// The values that a sheet of answers may call by other words.
pub fn values() -> impl Iterator<Item = String> {
    let solved = Solved::ALL.iter().map(|solved| format!("solved-{solved}"));
    let satisfied = Satisfied::ALL.iter().map(|satisfied| format!("satisfied-{satisfied}"));
    solved.chain(satisfied).chain(Stage::ALL.iter().map(|stage| format!("stage-{stage}")))
}

impl Answers {
    /// What a value is called on the sheet. It goes to an office outside, so whoever takes it reads it in no other language.
    pub fn word(&self, value: &str) -> String {
        self.words.get(value).cloned().unwrap_or_else(|| Words::of(Lang::Chinese).t(value).into_owned())
    }

    /// What such sheets usually have.
    pub fn sample() -> Answers {
        let usual = [
            Told::OutsideNumber,
            Told::SignedAt,
            Told::CalledAt,
            Told::Unit,
            Told::Answer,
            Told::AnsweredAt,
            Told::Solved,
            Told::Satisfied,
            Told::OurNumber,
        ];
        let w = Words::of(Lang::Chinese);
        let column = |told: Told| AnswerColumn { told, heading: w.t(&format!("order-told-{told}")).into_owned(), text: String::new() };
        Answers { columns: usual.into_iter().map(column).collect(), words: BTreeMap::new() }
    }
}

/// The names of these among a tenant's settings: each for itself, so that two who change two of them lose nothing.
const fn columns_setting(source: Source) -> &'static str {
    match source {
        Source::DistrictPlatform => "platform_order_columns",
        _ => "hotline_order_columns",
    }
}
const fn answers_setting(source: Source) -> &'static str {
    match source {
        Source::DistrictPlatform => "platform_answer_columns",
        _ => "hotline_answer_columns",
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    hotline_order_columns: Option<Columns>,
    platform_order_columns: Option<Columns>,
    hotline_answer_columns: Option<Answers>,
    platform_answer_columns: Option<Answers>,
}

/// What a tenant has set of a source's tables, from its settings; the sample where it has set nothing. Errors: 500 when they
/// can't be read.
pub fn columns(settings: &str, source: Source) -> Result<Columns> {
    let settings: Settings = serde_json::from_str(settings).map_err(Error::internal)?;
    let own = if source == Source::DistrictPlatform { settings.platform_order_columns } else { settings.hotline_order_columns };
    Ok(own.unwrap_or_else(Columns::sample))
}

/// As [`columns`], of the sheet of answers.
pub fn answers(settings: &str, source: Source) -> Result<Answers> {
    let settings: Settings = serde_json::from_str(settings).map_err(Error::internal)?;
    let own = if source == Source::DistrictPlatform { settings.platform_answer_columns } else { settings.hotline_answer_columns };
    Ok(own.unwrap_or_else(Answers::sample))
}

/// Says what the headings of a source's tables mean. Errors: those of [`Columns::checked`].
pub struct SetColumns {
    pub by: Permit<SetCentreLimits>,
    pub source: Source,
    pub columns: Columns,
}

/// Headings mean other fields now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderColumnsSet {
    pub tenant: TenantId,
    pub source: Source,
    /// SM3 of what was set, in hex.
    pub hash: String,
}

impl Fact for OrderColumnsSet {
    const KIND: &'static str = "centre.order_columns_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

fn hash(value: &impl Serialize) -> Result<String> {
    Ok(kernel::canonical::hex(&kernel::canonical::content_hash(kernel::canonical::to_canonical(value)?.as_bytes())))
}

impl Command for SetColumns {
    const KIND: &'static str = "centre.set_order_columns";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        self.columns.checked()?;
        access::settings::put(tx, columns_setting(self.source), &self.columns).await?;
        tx.fact(OrderColumnsSet { tenant: tx.tenant(), source: self.source, hash: hash(&self.columns)? })
    }
}

/// Says which columns and words the sheet of answers to a source has. Errors: `order_shape.no_columns`, `order_shape.too_many`.
pub struct SetAnswers {
    pub by: Permit<SetCentreLimits>,
    pub source: Source,
    pub answers: Answers,
}

/// The sheet of answers has other columns or words now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerColumnsSet {
    pub tenant: TenantId,
    pub source: Source,
    pub columns: Vec<Told>,
    /// SM3 of what was set, in hex.
    pub hash: String,
}

impl Fact for AnswerColumnsSet {
    const KIND: &'static str = "centre.answer_columns_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

impl Command for SetAnswers {
    const KIND: &'static str = "centre.set_answer_columns";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        ensure(!self.answers.columns.is_empty(), NO_COLUMNS)?;
        ensure(self.answers.columns.len() <= MOST_COLUMNS, TOO_MANY.err().arg("most", MOST_COLUMNS))?;
        access::settings::put(tx, answers_setting(self.source), &self.answers).await?;
        let columns = self.answers.columns.iter().map(|column| column.told).collect();
        tx.fact(AnswerColumnsSet { tenant: tx.tenant(), source: self.source, columns, hash: hash(&self.answers)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_knows_the_usual_headings_and_contradicts_itself_nowhere() {
        let columns = Columns::sample();
        columns.checked().unwrap();
        let titles = columns.titles();
        for (heading, given) in [
            ("工单编号", "number"),
            (" 诉求 内容*", "what"),
            ("办结时限（工作日）", "answer_due"),
            ("承办社区", "place"),
            ("联系电话", "phone"),
        ] {
            assert_eq!(titles.column(heading), Some(given), "{heading}");
        }
        assert_eq!(titles.column("满意度"), None);
        assert_eq!(Given::ALL.iter().filter(|given| columns.0.contains_key(given)).count(), Given::ALL.len());
    }

    #[test]
    fn a_heading_means_one_field_and_the_last_word_holds() {
        let mut columns = Columns::sample();
        columns.say("来电 时间", Some(Given::AnswerDue));
        columns.say("单号", Some(Given::Number));
        columns.say("姓名", None);
        columns.checked().unwrap();
        let titles = columns.titles();
        assert_eq!((titles.column("来电时间"), titles.column("单号"), titles.column("姓名")), (Some("answer_due"), Some("number"), None));
        columns.0.entry(Given::What).or_default().push("单号".to_owned());
        columns.0.insert(Given::Caller, vec!["长".repeat(41)]);
        let wrong = columns.checked().unwrap_err();
        assert_eq!(wrong.field_errors().iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["caller", "what"]);
        let none = Columns(BTreeMap::new()).checked().unwrap_err();
        assert_eq!(none.field_errors()[0].code, NUMBER_NEEDED.name);
        assert_eq!(headings(" 工单编号、单号，工单 编号\n"), ["工单编号", "单号"]);
    }

    #[test]
    fn a_tenant_has_the_sample_until_it_sets_its_own() {
        assert_eq!(columns("{}", Source::Hotline).unwrap(), Columns::sample());
        let own = r#"{"platform_order_columns":{"number":["任务"]},"hotline_answer_columns":{"columns":[{"told":"fixed","heading":"承办单位","text":"街道"}],"words":{"solved-yes":"是"}}}"#;
        assert_eq!(columns(own, Source::DistrictPlatform).unwrap().0[&Given::Number], ["任务"]);
        assert_eq!(columns(own, Source::Hotline).unwrap(), Columns::sample());
        let hotline = answers(own, Source::Hotline).unwrap();
        assert_eq!(
            (hotline.columns[0].text.as_str(), hotline.word("solved-yes"), hotline.word("solved-no")),
            ("街道", "是".to_owned(), "未解决".to_owned())
        );
        assert_eq!(answers(own, Source::DistrictPlatform).unwrap(), Answers::sample());
    }
}
