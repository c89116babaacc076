//! The month's evaluation bulletin (月度考评通报): what was scored, in sections with tables and typical problems.

use crate::labels::{numbered, word};
use crate::paper::check_photos;
use crate::{Error, Labels, Photo, RegisterColumn, Result};
use serde::Serialize;

/// Most sections of one bulletin; their numbers are written out.
pub const MOST_SECTIONS: usize = 20;
/// Most tables of one section.
pub const MOST_TABLES: usize = 20;
/// Most rows of all tables together.
pub const MOST_TABLE_ROWS: usize = 2_000;
/// Most columns of one table: with twelve, a column still holds two characters beside each other.
pub const MOST_TABLE_COLUMNS: usize = 12;
/// Most typical problems of all sections together.
pub const MOST_CASES: usize = 60;
/// Most paragraphs, corrections and attachments together.
pub const MOST_PARAGRAPHS: usize = 300;
/// Most bytes of the link: of a longer one the code at the foot of the page is too fine for a phone to read.
pub const MOST_LINK_BYTES: usize = 300;

/// Points of a row's height beyond which it may be broken: half of the type area of GB/T 9704-2012.
const TALL_ROW_PT: usize = 310;
/// Points of one line in a table.
const TABLE_LINE_PT: usize = 16;

/// Which of the two forms a bulletin has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BulletinForm {
    /// 工作通报（第N期）: what the office itself gives out.
    #[default]
    Working,
    /// 呈批稿: the draft for signature. Its document number, signatory and date stay blank, because the party and government office gives them.
    Signature,
}

/// A table of a section. Its number (表1) is the paper's.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulletinTable {
    /// Without its number; a table without a title has no number either.
    pub title: String,
    /// Said below it; may be empty.
    pub note: String,
    pub columns: Vec<RegisterColumn>,
    /// The columns, from 0, whose cells are figures and stand in the middle.
    pub numbers: Vec<usize>,
    /// A cell for each column.
    pub rows: Vec<Vec<String>>,
}

/// A typical problem, with its photos side by side.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulletinCase {
    /// Place and category, without a number.
    pub heading: String,
    /// The case number; may be empty.
    pub number: String,
    /// The responsible unit; may be empty.
    pub unit: String,
    /// What it was and what was done; may be empty.
    pub words: String,
    pub before: Option<Photo>,
    pub after: Option<Photo>,
}

/// A section: its paragraphs, then its tables, then its typical problems.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulletinSection {
    /// Without its number.
    pub heading: String,
    pub paragraphs: Vec<String>,
    pub tables: Vec<BulletinTable>,
    pub cases: Vec<BulletinCase>,
}

/// 月度考评通报: a month's evaluation. Every text is in the words of the reader; dates are already written out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bulletin {
    pub form: BulletinForm,
    /// The sub-district or town.
    pub tenant: String,
    /// The office that issues it, or drafts it.
    pub office: String,
    /// What stands in red at the head; empty for the tenant with the form's word (工作通报, 文件).
    pub head: String,
    /// 第N期, under the red head of a working bulletin.
    pub number: String,
    /// 发文机关代字, before the brackets of a draft's blank number; may be empty.
    pub letters: String,
    /// Empty for the first edition; else which it is (更正版（第2版）), under the number or, in a draft, under the title.
    pub edition: String,
    pub title: String,
    /// The month that was evaluated, below the title; may be empty.
    pub period: String,
    /// The date of issue, written out. A draft leaves it blank.
    pub date: String,
    /// 主送, with its colon; may be empty.
    pub addressees: String,
    /// What a corrected edition changes, in a frame before the body.
    pub corrections: Vec<String>,
    /// Paragraphs before the first section.
    pub intro: Vec<String>,
    pub sections: Vec<BulletinSection>,
    /// Paragraphs after the last section.
    pub closing: Vec<String>,
    /// 附件, by name; the paper numbers them where there are several.
    pub attachments: Vec<String>,
    /// 抄送, without its word; may be empty.
    pub copies: String,
    /// 核验码: by it the page behind the link tells whether the paper is as it was issued; may be empty.
    pub check_code: String,
    /// Said in small type under the check code: which signed head of the journal covers what was published; may be empty.
    pub sealed: String,
    /// Printed as a QR code beside the check code on the last page; may be empty.
    pub link: String,
    pub labels: Labels,
    /// Said on every page of the demo.
    pub demo_banner: Option<String>,
}

/// A section with the numbers that its paper gives.
#[derive(Debug, Clone)]
pub struct NumberedSection<'a> {
    /// 一、总体情况
    pub heading: String,
    /// 表1 各社区得分; empty where the table has no title.
    pub tables: Vec<(String, &'a BulletinTable)>,
    /// （一）the place and the category.
    pub cases: Vec<(String, &'a BulletinCase)>,
    pub section: &'a BulletinSection,
}

impl BulletinTable {
    /// How wide the columns are beside each other; none is narrower than a twentieth of the table, so that a character fits.
    pub fn shares(&self) -> Vec<u64> {
        let all: u64 = self.columns.iter().map(|column| u64::from(column.share)).sum();
        self.columns.iter().map(|column| u64::from(column.share).max(all.div_ceil(20)).max(1)).collect()
    }

    /// Characters of 10.5 pt that stand beside each other in each column, at least one.
    pub fn characters(&self) -> Vec<usize> {
        let shares = self.shares();
        let all: u64 = shares.iter().sum();
        // 156 mm of type hold 42; the cell's edges take the room of one.
        let fitting = |share: u64| usize::try_from((42 * share / all.max(1)).saturating_sub(1)).unwrap_or(1).max(1);
        shares.into_iter().map(fitting).collect()
    }

    /// Whether the row is so tall that it must be allowed to break: most rows stay whole, and one of half a page would leave a hole.
    pub fn is_tall(&self, row: &[String]) -> bool {
        let lines = row.iter().zip(self.characters()).map(|(cell, fitting)| cell.chars().count().div_ceil(fitting));
        lines.max().unwrap_or(0) * TABLE_LINE_PT > TALL_ROW_PT
    }
}

impl Bulletin {
    fn is_chinese(&self) -> bool {
        word(&self.labels, "paper-language") == "zh"
    }

    /// What stands in red at the head.
    pub fn red_head(&self) -> String {
        if !self.head.is_empty() {
            return self.head.clone();
        }
        let key = match self.form {
            BulletinForm::Working => "paper-bulletin",
            BulletinForm::Signature => "paper-bulletin_document",
        };
        [self.tenant.as_str(), word(&self.labels, key)].join(if self.is_chinese() { "" } else { " " })
    }

    /// The number of a draft, with nothing in its brackets.
    pub fn blank_number(&self) -> String {
        let letters = if self.letters.is_empty() { "\u{3000}\u{3000}" } else { &self.letters };
        word(&self.labels, "paper-bulletin_number_blank").replace("{n}", letters).trim_end().to_owned()
    }

    /// The date below the office's name.
    pub fn signed_on(&self) -> &str {
        match self.form {
            BulletinForm::Working => &self.date,
            BulletinForm::Signature => word(&self.labels, "paper-date_blank"),
        }
    }

    /// 附件, a line each, the first with the word; numbered where there are several.
    pub fn attachment_lines(&self) -> Vec<(String, String)> {
        let several = self.attachments.len() > 1;
        let line = |(i, name): (usize, &String)| {
            let first = match i {
                0 => format!("{}{}", word(&self.labels, "paper-attachments"), word(&self.labels, "paper-colon")),
                _ => String::new(),
            };
            (first, if several { format!("{}. {name}", i + 1) } else { name.clone() })
        };
        self.attachments.iter().enumerate().map(line).collect()
    }

    /// The sections with their numbers; tables are counted through the paper, typical problems within their section.
    pub fn numbered(&self) -> Vec<NumberedSection<'_>> {
        let mut table = 0;
        let mut titled = |one: &BulletinTable| match one.title.as_str() {
            "" => String::new(),
            title => {
                table += 1;
                format!("{} {title}", word(&self.labels, "paper-bulletin_table").replace("{n}", &table.to_string()))
            }
        };
        let level = |key: &'static str, i: usize, words: &str| format!("{}{words}", numbered(&self.labels, key, i + 1));
        let sections = self.sections.iter().enumerate();
        sections
            .map(|(i, section)| NumberedSection {
                heading: level("paper-bulletin_level_1", i, &section.heading),
                tables: section.tables.iter().map(|one| (titled(one), one)).collect(),
                cases: section.cases.iter().enumerate().map(|(i, one)| (level("paper-bulletin_level_2", i, &one.heading), one)).collect(),
                section,
            })
            .collect()
    }

    /// Rows of tables and typical problems.
    pub(crate) fn entries(&self) -> usize {
        let entries = |section: &BulletinSection| section.cases.len() + section.tables.iter().map(|table| table.rows.len()).sum::<usize>();
        self.sections.iter().map(entries).sum()
    }

    /// Refuses what can't be set; the texts are handed over to be measured with the others.
    pub(crate) fn check<'a>(&'a self, texts: &mut Vec<&'a str>) -> Result<()> {
        let within = |count: usize, limit: usize, error: fn(usize) -> Error| if count > limit { Err(error(limit)) } else { Ok(()) };
        within(self.sections.len(), MOST_SECTIONS, |limit| Error::TooManySections { limit })?;
        let (mut rows, mut cases) = (0, 0);
        let mut paragraphs = self.corrections.len() + self.intro.len() + self.closing.len() + self.attachments.len();
        for section in &self.sections {
            within(section.tables.len(), MOST_TABLES, |limit| Error::TooManyTables { limit })?;
            for table in &section.tables {
                rows += table.rows.len();
                within(rows, MOST_TABLE_ROWS, |limit| Error::TooManyTableRows { limit })?;
                within(table.columns.len(), MOST_TABLE_COLUMNS, |limit| Error::TooManyTableColumns { limit })?;
                if let Some(uneven) = table.rows.iter().position(|row| row.len() != table.columns.len()) {
                    return Err(Error::UnevenRow { table: table.title.clone(), row: uneven + 1 });
                }
                texts.extend([&table.title, &table.note].map(String::as_str));
                texts.extend(table.columns.iter().map(|column| column.title.as_str()));
                texts.extend(table.rows.iter().flatten().map(String::as_str));
            }
            cases += section.cases.len();
            within(cases, MOST_CASES, |limit| Error::TooManyCases { limit })?;
            for case in &section.cases {
                let BulletinCase { heading, number, unit, words, before, after } = case;
                texts.extend([heading, number, unit, words].map(String::as_str));
                for photo in [before, after].into_iter().flatten() {
                    texts.push(&photo.caption);
                    check_photos(number, std::slice::from_ref(photo))?;
                }
            }
            paragraphs += section.paragraphs.len();
            texts.push(&section.heading);
            texts.extend(section.paragraphs.iter().map(String::as_str));
        }
        within(paragraphs, MOST_PARAGRAPHS, |limit| Error::TooManyParagraphs { limit })?;
        within(self.link.len(), MOST_LINK_BYTES, |_| Error::LinkTooLong)?;
        let Bulletin { tenant, office, head, number, letters, edition, title, period, date, addressees, copies, .. } = self;
        texts.extend([tenant, office, head, number, letters, edition, title, period, date, addressees, copies].map(String::as_str));
        texts.extend([&self.check_code, &self.sealed].map(String::as_str));
        let Bulletin { corrections, intro, closing, attachments, .. } = self;
        texts.extend([corrections, intro, closing, attachments].into_iter().flatten().map(String::as_str));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{MOST_CHARS, Printed};
    use crate::samples;

    #[test]
    fn sections_tables_and_cases_are_numbered_by_the_paper() {
        let mut paper = samples::bulletin(BulletinForm::Working, 3, 2);
        paper.sections = vec![paper.sections[1].clone(), paper.sections[0].clone(), paper.sections[1].clone()];
        paper.sections[0].tables = vec![BulletinTable { title: String::new(), ..paper.sections[1].tables[0].clone() }];
        let say = |paper: &Bulletin| {
            let start = |text: &str| text.chars().take(3).collect::<String>();
            let part = |part: NumberedSection<'_>| {
                let mut said = vec![start(&part.heading)];
                said.extend(part.tables.iter().map(|(title, _)| start(title)));
                said.extend(part.cases.iter().map(|(heading, _)| start(heading)));
                said.join("|")
            };
            paper.numbered().into_iter().map(part).collect::<Vec<_>>().join(" / ")
        };
        assert_eq!(say(&paper), "一、典||（一）|（二） / 二、总|表1 |表2  / 三、典|（一）|（二）");
        paper.labels = samples::words("en");
        assert!(say(&paper).starts_with("1. ||(1)|(2) / 2. |Tab"), "{}", say(&paper));
    }

    #[test]
    fn numbers_are_written_out_to_ninety_nine() {
        let labels = samples::words("zh-CN");
        let said: Vec<String> = [1, 10, 11, 20, 35, 99].map(|n| numbered(&labels, "paper-bulletin_level_1", n)).into();
        assert_eq!(said.concat(), "一、十、十一、二十、三十五、九十九、");
    }

    #[test]
    fn a_draft_leaves_number_and_date_blank_whatever_it_was_given() {
        let working = samples::bulletin(BulletinForm::Working, 1, 0);
        let draft = Bulletin { form: BulletinForm::Signature, ..working.clone() };
        assert_eq!(working.signed_on(), working.date);
        assert!(!draft.signed_on().contains(|c: char| c.is_ascii_digit()));
        assert_eq!(Bulletin { letters: "示街".into(), ..draft.clone() }.blank_number(), "示街〔\u{3000}\u{3000}〕\u{3000}号");
        assert!(draft.blank_number().starts_with("\u{3000}\u{3000}〔"));
        assert_ne!(draft.red_head(), working.red_head());
        assert_eq!(Bulletin { head: "示例街道办事处文件".into(), ..draft }.red_head(), "示例街道办事处文件");
    }

    #[test]
    fn a_row_of_more_than_half_a_page_may_break_and_others_may_not() {
        let column = |share| RegisterColumn { title: String::new(), share };
        let table = BulletinTable { columns: vec![column(1), column(0), column(5)], ..BulletinTable::default() };
        let row = |chars: usize| ["", "", &"字".repeat(chars)].map(str::to_owned);
        assert!(!table.is_tall(&row(300)));
        assert!(table.is_tall(&row(1_000)));
        assert!(table.is_tall(&["字".repeat(200), String::new(), String::new()]), "a narrow column is full sooner");
        assert_eq!(table.shares(), [1, 1, 5]);
    }

    #[test]
    fn a_bulletin_that_cannot_be_set_is_refused_with_the_reason() {
        fn code(change: impl Fn(&mut Bulletin)) -> &'static str {
            let mut paper = samples::bulletin(BulletinForm::Working, 3, 2);
            change(&mut paper);
            Printed::Bulletin(paper).check().map_or_else(|error| error.code(), |()| "good")
        }
        fn first(paper: &mut Bulletin) -> &mut BulletinTable {
            &mut paper.sections[0].tables[0]
        }
        fn case(paper: &mut Bulletin) -> &mut BulletinCase {
            &mut paper.sections[1].cases[1]
        }
        assert_eq!(code(|_| ()), "good");
        let sections = |count| code(|paper| paper.sections = vec![BulletinSection::default(); count]);
        assert_eq!([sections(MOST_SECTIONS), sections(MOST_SECTIONS + 1)], ["good", "documents.too_many_sections"]);
        let tables = |count| code(|paper| paper.sections[1].tables = vec![BulletinTable::default(); count]);
        assert_eq!([tables(MOST_TABLES), tables(MOST_TABLES + 1)], ["good", "documents.too_many_tables"]);
        let rows = |count: usize| {
            code(|paper| {
                paper.sections[0].tables.truncate(2);
                let row = first(paper).rows[0].clone();
                first(paper).rows = vec![row; count - paper.sections[0].tables[1].rows.len()];
            })
        };
        assert_eq!([rows(MOST_TABLE_ROWS), rows(MOST_TABLE_ROWS + 1)], ["good", "documents.too_many_table_rows"]);
        let columns = |count| {
            let table = BulletinTable { columns: vec![RegisterColumn::default(); count], ..BulletinTable::default() };
            code(|paper| paper.sections[1].tables = vec![table.clone()])
        };
        assert_eq!([columns(MOST_TABLE_COLUMNS), columns(MOST_TABLE_COLUMNS + 1)], ["good", "documents.too_many_table_columns"]);
        let cases = |count| code(|paper| paper.sections[1].cases = vec![BulletinCase::default(); count]);
        assert_eq!([cases(MOST_CASES), cases(MOST_CASES + 1)], ["good", "documents.too_many_cases"]);
        let paragraphs = |count| code(|paper| paper.closing = vec![String::new(); count]);
        assert_eq!([paragraphs(MOST_PARAGRAPHS - 20), paragraphs(MOST_PARAGRAPHS + 1)], ["good", "documents.too_many_paragraphs"]);
        assert_eq!(code(|paper| drop(first(paper).rows[2].pop())), "documents.uneven_row");
        assert_eq!(code(|paper| first(paper).rows[2].push(String::new())), "documents.uneven_row");
        assert_eq!(code(|paper| case(paper).after = Some(Photo { jpeg: b"GIF89a".to_vec(), ..Photo::default() })), "documents.bad_photo");
        assert_eq!(code(|paper| case(paper).words = "字".repeat(MOST_CHARS)), "good");
        assert_eq!(code(|paper| case(paper).words = "字".repeat(MOST_CHARS + 1)), "documents.text_too_long");
        assert_eq!(code(|paper| first(paper).rows[1][0] = "字".repeat(MOST_CHARS + 1)), "documents.text_too_long");
        assert_eq!(code(|paper| paper.corrections = vec!["字".repeat(MOST_CHARS + 1)]), "documents.text_too_long");
        let link = |bytes| code(|paper| paper.link = "x".repeat(bytes));
        assert_eq!([link(MOST_LINK_BYTES), link(MOST_LINK_BYTES + 1)], ["good", "documents.link_too_long"]);
    }
}
