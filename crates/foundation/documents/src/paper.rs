//! The papers of an inspection round, complete with their words: whoever fills one decides the language.

use kernel::Result;
use serde::Serialize;
use std::collections::BTreeMap;

/// The fixed words of a paper (headings, column titles), by key; filled from the language files.
pub type Labels = BTreeMap<&'static str, String>;

/// A picture on paper: JPEG bytes, and the line below it.
#[derive(Debug, Clone, Serialize)]
pub struct Photo {
    #[serde(skip)]
    pub jpeg: Vec<u8>,
    pub caption: String,
}

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub number: String,
    pub place: String,
    pub category: String,
    pub what: String,
    pub unit: String,
    pub deadline: String,
    pub photos: Vec<Photo>,
}

/// One community's problems.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    pub community: String,
    pub items: Vec<Item>,
}

/// 问题通报（第N期）.
#[derive(Debug, Clone, Serialize)]
pub struct Circular {
    pub office: String,
    pub title: String,
    pub intro: String,
    pub date: String,
    pub groups: Vec<Group>,
    pub labels: Labels,
    pub banner: Option<String>,
}

/// 整改通知单: one unit's part.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    pub office: String,
    pub title: String,
    pub number: String,
    pub unit: String,
    pub intro: String,
    pub date: String,
    pub items: Vec<Item>,
    /// Where the unit answers; printed as a QR code.
    pub link: String,
    pub labels: Labels,
    pub banner: Option<String>,
}

/// One problem of an answer sheet.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub item: Item,
    pub after: Vec<Photo>,
    pub done: String,
    pub done_at: String,
}

/// 整改反馈表: before and after, side by side.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerSheet {
    pub office: String,
    pub title: String,
    pub number: String,
    pub unit: String,
    pub date: String,
    pub answers: Vec<Answer>,
    pub labels: Labels,
    pub banner: Option<String>,
}

/// A paper to be set.
#[derive(Debug, Clone)]
pub enum Printed {
    Circular(Circular),
    Notice(Notice),
    AnswerSheet(AnswerSheet),
}

/// Typesetting, behind a port: only the composition root knows what stands behind. Slow; call it off the async threads.
pub trait Press: Send + Sync {
    /// A4 pages in the layout of GB/T 9704-2012.
    fn pdf(&self, paper: &Printed) -> Result<Vec<u8>>;
    /// One continuous picture of this width, for chat groups.
    fn png(&self, paper: &Printed, width_px: u32) -> Result<Vec<u8>>;
}
