//! Imports: tables of any kind that people bring in. One machine reads, shows, applies and undoes them; a kind only says which
//! columns it has, what a line would change, and how that is written and taken back.

pub mod applying;
pub mod categories;
pub mod organisations;
pub mod people;
pub mod places;
pub mod reading;

use crate::received::{SheetId, SheetKind};
use crate::sheets::Titles;
use crate::sheets::workbook::Sheet;
use access::Actor;
use access::http::Desk;
use applying::Work;
use kernel::{Code, Error, Result};
use reading::Received;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use store::Pass;

pub use crate::table_sheet::Problem;

/// The line gives no value where one is needed.
pub const MISSING: Code = Code::invalid("import_line.missing");
/// A word of a list was expected, and this is none of them.
pub const NOT_LISTED: Code = Code::invalid("import_line.not_listed");
pub const NOT_A_NUMBER: Code = Code::invalid("import_line.not_a_number");
pub const NOT_A_DAY: Code = Code::invalid("import_line.not_a_day");
/// The same as an earlier line of the file.
pub const TWICE: Code = Code::invalid("import_line.twice");
/// What the line says of something known differs in what an import does not change.
pub const DIFFERS: Code = Code::invalid("import_line.differs");

/// A column of a kind's table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub key: &'static str,
    /// The key of its title.
    pub title: &'static str,
    pub width: u16,
    pub needed: bool,
    /// The key of the name of the sheet whose first column it is chosen from.
    pub from: Option<&'static str>,
    /// How it is shown where it names somebody.
    pub mask: Option<fn(&str) -> String>,
}

impl Column {
    pub const fn new(key: &'static str, title: &'static str, width: u16) -> Column {
        Column { key, title, width, needed: false, from: None, mask: None }
    }
    #[must_use]
    pub const fn needed(mut self) -> Column {
        self.needed = true;
        self
    }
    #[must_use]
    pub const fn masked(mut self, mask: fn(&str) -> String) -> Column {
        self.mask = Some(mask);
        self
    }
    #[must_use]
    pub const fn chosen_from(mut self, sheet: &'static str) -> Column {
        self.from = Some(sheet);
        self
    }
}

/// What stands fast about a kind.
pub struct About {
    pub kind: SheetKind,
    /// The key of its name: 地点、单位 …
    pub name: &'static str,
    /// The key of what it is about.
    pub help: &'static str,
    /// In the order of the blank table.
    pub columns: &'static [Column],
    pub titles: &'static std::sync::LazyLock<Titles>,
    /// Sets of columns of which a table must have one whole.
    pub wanted: &'static [&'static [&'static str]],
    /// Keys of what the blank table explains.
    pub helps: &'static [&'static str],
    /// Lines of one transaction.
    pub batch: usize,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    New,
    Changed,
    Same,
    Wrong,
}

/// A line, what becomes of it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub line: u64,
    pub becomes: Becomes,
    pub says: Vec<Problem>,
    /// What is written, as the kind reads it; nothing for lines that change nothing.
    pub row: serde_json::Value,
}

impl Planned {
    pub fn wrong(line: u64, says: Vec<Problem>) -> Planned {
        Planned { line, becomes: Becomes::Wrong, says, row: serde_json::Value::Null }
    }
    /// As [`Planned::same`], with what there is to say of it.
    pub fn known(line: u64, says: Problem) -> Planned {
        Planned { says: vec![says], ..Planned::same(line) }
    }
    /// With what there is to know of a line that is not wrong.
    #[must_use]
    pub fn saying(mut self, says: Vec<Problem>) -> Planned {
        self.says = says;
        self
    }
    pub fn same(line: u64) -> Planned {
        Planned { line, becomes: Becomes::Same, says: Vec::new(), row: serde_json::Value::Null }
    }
    /// Errors: 500 when the row cannot be written as JSON.
    pub fn writes(line: u64, becomes: Becomes, row: &impl Serialize) -> Result<Planned> {
        Ok(Planned { line, becomes, says: Vec::new(), row: serde_json::to_value(row).map_err(Error::internal)? })
    }
    pub fn changes(&self) -> bool {
        matches!(self.becomes, Becomes::New | Becomes::Changed)
    }
}

/// What says whether a plan is still the one that somebody looked at: SM3 of its content, in hex.
///
/// Errors: 500 when it cannot be written as JSON.
pub fn digest(plan: &[Planned]) -> Result<String> {
    Ok(kernel::canonical::hex(&kernel::canonical::content_hash(kernel::canonical::to_canonical(&plan)?.as_bytes())))
}

/// What an `async fn` of a trait object gives.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is shown once, right after an import was applied, and kept nowhere: to whom, and an address.
#[derive(Debug, Clone)]
pub struct Fresh {
    pub label: String,
    pub address: String,
}

/// One kind of thing that can be brought in.
pub trait Kind: Send + Sync {
    fn about(&self) -> &'static About;
    /// Whether somebody may bring it in: who may do the same on its own page.
    fn may(&self, actor: &Actor) -> bool;
    /// Whether somebody sees what others brought in, too; whoever does not gets 404 for all but their own.
    fn sees_all(&self, actor: &Actor) -> bool {
        self.may(actor)
    }
    /// Whether the tenant has it at all.
    fn has(&self, _: &Desk) -> Result<bool> {
        Ok(true)
    }
    /// What its columns are called in tables of this tenant.
    fn titles(&self, _: &Desk) -> Result<Cow<'static, Titles>> {
        Ok(Cow::Borrowed(self.about().titles))
    }
    /// The page on which a tenant says what the columns are called, where there is one.
    fn says_titles(&self) -> Option<&'static str> {
        None
    }
    /// The kinds that stand beside it, itself among them.
    fn beside(&self) -> &'static [SheetKind] {
        &[]
    }
    /// What each line would change now.
    fn plan<'a>(&'a self, desk: &'a Desk, received: &'a Received) -> BoxFuture<'a, Result<Vec<Planned>>>;
    /// The sheets of names that the blank table's columns are chosen from.
    fn names<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Vec<Sheet>>>;
    /// Writes one batch.
    fn apply<'a>(&'a self, desk: &'a Desk, pass: Pass, work: Work) -> BoxFuture<'a, Result<Vec<Fresh>>>;
    /// Takes all of it back.
    fn undo<'a>(&'a self, desk: &'a Desk, pass: Pass, sheet: SheetId) -> BoxFuture<'a, Result<()>>;
}

/// All kinds of the program, put into the application with `AppParts::with`.
pub struct Kinds(pub Vec<Arc<dyn Kind>>);

impl Kinds {
    /// Those of this crate.
    pub fn own() -> Vec<Arc<dyn Kind>> {
        vec![Arc::new(places::Places), Arc::new(organisations::Organisations), Arc::new(people::People), Arc::new(categories::Categories)]
    }
    pub fn find(&self, kind: SheetKind) -> Option<Arc<dyn Kind>> {
        self.0.iter().find(|one| one.about().kind == kind).map(Arc::clone)
    }
}
